// cgi - one request to a program as plain CGI (RFC 3875): variables, a body, an answer with a Status
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './installation.mjs';

const PATHS = { authorize: '/oauth2/authorize', login: '/login', signup: '/signup', token: '/oauth2/token', userinfo: '/oauth2/userInfo',
	revoke: '/oauth2/revoke' };

// at: { conf, host }. exit: the status of the program, or the signal it died of; status is 500 where
// it said nothing, as a web server would answer.
export function cgi(at, program, { method = 'GET', query = '', form, headers = {}, env = {} } = {}) {
	const body = form ? new URLSearchParams(form).toString() : '';
	const all = { GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1', REQUEST_METHOD: method, QUERY_STRING: query,
		REQUEST_URI: `${PATHS[program]}${query && `?${query}`}`, SCRIPT_NAME: PATHS[program], REMOTE_ADDR: '127.0.0.1',
		HTTP_HOST: at.host, TARN_CONF: at.conf, ...(form ? { CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: String(body.length) } : {}),
		...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value])), ...env };
	return new Promise((done, reject) => {
		const child = spawn(join(build, 'cgi-bin', program), { env: all, stdio: ['pipe', 'pipe', 'inherit'] });
		let text = '';
		child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
		child.on('error', reject).on('close', (status, signal) => {
			const [head, ...rest] = text.split('\r\n\r\n'), fields = {};
			for (const line of head.split('\r\n'))
				fields[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
			const content = rest.join('\r\n\r\n');
			done({ exit: signal ?? status, status: text ? Number(/^\d+/.exec(fields.status ?? '200')[0]) : 500, headers: fields,
				location: fields.location, text: content, get json() { return JSON.parse(content); } });
		});
		child.stdin.on('error', () => {});	// a program that cannot start reads nothing
		child.stdin.end(body);
	});
}
