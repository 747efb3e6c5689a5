// site - an installation as a web site: each request to a program is one process of plain CGI (RFC
// 3875). Slow, but nothing to set up and nothing that stays open between two requests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { join } from 'node:path';
import { build } from './installation.mjs';

const PROGRAMS = { '/oauth2/authorize': 'authorize', '/login': 'login', '/oauth2/token': 'token', '/oauth2/userInfo': 'userinfo',
	'/oauth2/par': 'par' };

function answer(own, request, response) {
	const url = new URL(request.url, 'http://site'), program = PROGRAMS[url.pathname];
	if (!program)
		return response.writeHead(404).end();
	const env = { GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1', REQUEST_METHOD: request.method, QUERY_STRING: url.search.slice(1),
		REQUEST_URI: request.url, SCRIPT_NAME: url.pathname, REMOTE_ADDR: '127.0.0.1', TARN_CONF: own.conf,
		CONTENT_TYPE: request.headers['content-type'] ?? '', CONTENT_LENGTH: request.headers['content-length'] ?? '',
		...Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value])) };
	const child = spawn(join(build, 'cgi-bin', program), { env, stdio: ['pipe', 'pipe', 'inherit'] });
	const parts = [];
	child.stdout.on('data', (part) => parts.push(part));
	child.on('close', () => {
		const text = Buffer.concat(parts).toString('utf8'), end = text.indexOf('\r\n\r\n');
		const fields = text.slice(0, Math.max(end, 0)).split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
		const status = Number(/^\d+/.exec(fields.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200')[0]);
		response.writeHead(end < 0 ? 502 : status, fields.filter(([name]) => name && name.toLowerCase() !== 'status').flat());
		response.end(text.slice(end + 4));
	});
	child.stdin.on('error', () => {});
	request.pipe(child.stdin);
}

// Serves whatever installation `of()` answers at the moment. Its address; close() ends it.
export async function serve(of) {
	const server = http.createServer((request, response) => answer(of(), request, response)).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { home: `http://localhost:${server.address().port}`, host: `localhost:${server.address().port}`,
		close: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }) };
}
