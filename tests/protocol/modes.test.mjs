// One installation, its programs run in every way there is: plain CGI by environment and standard
// input, plain CGI of a web server, a web server that starts them itself (descriptor 0 listens), a
// socket that a program opens, workers of its own. Sign-in goes through all of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { below } from '../fault/processes.mjs';
import { cgi as plainCgi } from './cgi.mjs';
import { Installation, build, freePort, until } from './installation.mjs';
import { PASSWORD, authorizeUrl, claims, clientId, request, token } from './suite.mjs';

const email = 'modes@example.com';
let own, port, origin;

before(async () => {
	port = await freePort();
	origin = `http://localhost:${port}`;
	own = await Installation.make({}, `localhost:${port}`);
	await own.tarn('admin-create-user', '--user-pool-id', own.pool, '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', email, '--password', PASSWORD, '--permanent');
});
after(() => own.close());

const cgi = (program, { conf = own.conf, ...options } = {}) => plainCgi({ conf, host: `localhost:${port}` }, program, options);

test('plain CGI: authorize, login, token and userInfo, each a process for one request', async () => {
	const query = new URL(authorizeUrl(own.client, { scope: 'openid email', state: 's' })).search.slice(1);
	const sent = await cgi('authorize', { query });
	assert.equal(sent.status, 302);
	assert.equal(new URL(sent.location).pathname, '/login');
	const page = await cgi('login', { query });
	assert.equal(page.status, 200);
	assert.match(page.text, /name="cognitoSignInForm"/);
	const invented = crypto.randomUUID();
	const back = await cgi('login', { method: 'POST', query, headers: { cookie: `XSRF-TOKEN=${invented}` },
		form: { _csrf: invented, username: email, password: PASSWORD } });
	assert.equal(back.status, 302, back.text);
	const code = new URL(back.location).searchParams.get('code');
	const form = { grant_type: 'authorization_code', client_id: clientId(own.client), code, redirect_uri: own.client.CallbackURLs[0] };
	const { json, exit } = await cgi('token', { method: 'POST', form });
	assert.equal(exit, 0);
	assert.equal(claims(json.id_token).email, email);
	const info = await cgi('userinfo', { headers: { authorization: `Bearer ${json.access_token}` } });
	assert.equal(info.status, 200);
	assert.equal(info.json.email, email);
	assert.equal((await cgi('token', { method: 'POST', form })).json.error, 'invalid_grant');
});

test('plain CGI: half a body is refused', async () => {
	const child = spawn(join(build, 'cgi-bin/token'), { stdio: ['pipe', 'pipe', 'inherit'], env: { REQUEST_METHOD: 'POST', REQUEST_URI: '/oauth2/token',
		HTTP_HOST: `localhost:${port}`, TARN_CONF: own.conf, CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: '1000' } });
	let text = '';
	child.stdout.on('data', (part) => { text += part; });
	child.stdin.on('error', () => {});	// it may end before it has read
	child.stdin.end('grant_type=refresh_token');
	await new Promise((done) => child.on('close', done));
	assert.doesNotMatch(text, /^Status: 200/m);
});

// Settings with one that cannot work.
function broken(name, value) {
	const path = join(own.folder, `broken-${name}.conf`);
	const lines = readFileSync(own.conf, 'utf8').split('\n').filter((line) => line && !line.startsWith(`${name} `));
	writeFileSync(path, [...lines, `${name} = ${value}`, ''].join('\n'));
	return path;
}

test('server_error: told to the client where the way back is known, shown as a page where it is not', async () => {
	const { UserPoolClient: client } = await own.tarn('create-user-pool-client', '--user-pool-id', own.pool, '--client-name', 'implicit',
	    '--callback-urls', 'http://localhost:9/cb', '--allowed-o-auth-flows', 'implicit', 'code', '--allowed-o-auth-scopes', 'openid',
	    '--allowed-o-auth-flows-user-pool-client', '--supported-identity-providers', 'COGNITO');
	const query = new URL(authorizeUrl(client, { response_type: 'token', state: 'kept' })).search.slice(1);
	const invented = crypto.randomUUID();
	const signedIn = await cgi('login', { method: 'POST', query, headers: { cookie: `XSRF-TOKEN=${invented}` },
		form: { _csrf: invented, username: email, password: PASSWORD } });
	assert.match(signedIn.location, /#id_token=/);
	const unsealed = broken('master_key', join(own.folder, 'nowhere.key'));
	const told = await cgi('login', { method: 'POST', query, headers: { cookie: `XSRF-TOKEN=${invented}` }, conf: unsealed,
		form: { _csrf: invented, username: email, password: PASSWORD } });
	assert.equal(told.status, 302);
	assert.equal(told.location, 'http://localhost:9/cb?error=server_error&state=kept');
	assert.equal('set-cookie' in told.headers && /cognito=/.test(told.headers['set-cookie']), false);
	const shown = await cgi('authorize', { query, conf: broken('data', join(own.folder, 'nowhere')) });
	assert.equal(shown.status, 302);
	assert.match(shown.location, /\/error\?error=server_error$/);
	const json = await cgi('token', { method: 'POST', conf: unsealed, form: { grant_type: 'authorization_code',
		client_id: clientId(client), code: 'x', redirect_uri: 'http://localhost:9/cb' } });
	assert.equal(json.json.error, 'invalid_grant');		// needs no key
});

test('behind one lighttpd: plain CGI, a program it starts, a socket a program opens', async () => {
	const path = (name) => join(own.folder, name), loginPort = await freePort();
	mkdirSync(path('www'));
	writeFileSync(path('lighttpd.conf'), `
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${path('www')}"
server.errorlog = "${path('error.log')}"
server.modules = ( "mod_fastcgi", "mod_cgi", "mod_alias", "mod_setenv" )
setenv.set-environment = ( "TARN_CONF" => "${own.conf}" )
$HTTP["url"] == "/oauth2/authorize" {
	alias.url = ( "/oauth2/authorize" => "${join(build, 'cgi-bin/authorize')}" )
	cgi.assign = ( "" => "" )
}
$HTTP["url"] == "/oauth2/token" {
	fastcgi.server = ( "/" => (( "socket" => "${path('t')}", "bin-path" => "${join(build, 'cgi-bin/token')} --conf ${own.conf}",
		"max-procs" => 2, "check-local" => "disable" )) )
}
$HTTP["url"] == "/oauth2/userInfo" {
	fastcgi.server = ( "/" => (( "socket" => "${path('u')}", "check-local" => "disable" )) )
}
$HTTP["url"] == "/login" {
	fastcgi.server = ( "/" => (( "host" => "127.0.0.1", "port" => ${loginPort}, "check-local" => "disable" )) )
}
`);
	own.run('cgi-bin/userinfo', { args: ['--socket', path('u'), '--workers', '2'] });
	const login = own.run('cgi-bin/login', { args: ['--socket', `127.0.0.1:${loginPort}`] });
	const web = spawn('setpriv', ['--pdeathsig', 'TERM', 'lighttpd', '-D', '-f', path('lighttpd.conf')],
	    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
	const webEnded = new Promise((done) => web.on('exit', done));
	try {
		for (const path of ['/oauth2/userInfo', '/login'])
			await until(async () => (await request(`${origin}${path}`).catch(() => ({ status: 503 }))).status !== 503);
		const query = new URL(authorizeUrl(own.client, { scope: 'openid email' })).search;
		const sent = await request(`${origin}/oauth2/authorize${query}`);
		assert.equal(sent.status, 302, sent.text);
		assert.equal(new URL(sent.location).pathname, '/login');
		const invented = crypto.randomUUID();
		const back = await request(`${origin}/login${query}`, { method: 'POST', headers: { cookie: `XSRF-TOKEN=${invented}` },
			form: { _csrf: invented, username: email, password: PASSWORD } });
		assert.equal(back.status, 302, back.text);
		const answer = await request(`${origin}/oauth2/token`, { method: 'POST', form: { grant_type: 'authorization_code',
			client_id: clientId(own.client), code: new URL(back.location).searchParams.get('code'), redirect_uri: own.client.CallbackURLs[0] } });
		assert.equal(answer.status, 200, answer.text);
		const info = await request(`${origin}/oauth2/userInfo`, { headers: { authorization: `Bearer ${answer.json.access_token}` } });
		assert.equal(info.json.email, email);
		login.kill('SIGTERM');
		assert.equal(await login.ended, 0);
	} finally {
		web.kill('SIGTERM');
		await webEnded;
	}
});

test('workers that a program keeps itself: one is killed, the next request is answered', async () => {
	const parentOf = (pid) => { try { return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]); } catch { return 0; } };
	const program = own.run('cgi-bin/userinfo', { args: ['--socket', join(own.folder, 'w'), '--workers', '2'] });
	const workers = () => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === program.pid).map(Number);
	await until(() => workers().length === 2);
	const [first, second] = workers();
	process.kill(first, 'SIGKILL');
	await until(() => workers().length === 2 && !workers().includes(first));
	assert.ok(workers().includes(second));
	program.kill('SIGTERM');
	assert.equal(await program.ended, 0);
	assert.deepEqual(workers(), []);
});

test('tarn serve: a second one beside it is refused; one that was killed is taken over from', async () => {
	const serve = () => own.run('sbin/tarn', { args: ['serve', '--programs', join(build, 'cgi-bin'), '--only', 'userinfo'] });
	const socket = join(own.folder, 'run/userinfo.sock');
	const answers = () => new Promise((done) => {
		const call = net.connect(socket, () => { call.destroy(); done(true); }).on('error', () => done(false));
	});
	const works = ({ pid }) => until(() => below([pid]).some(({ name }) => name === 'userinfo'));
	const first = serve();
	await works(first);
	assert.notEqual(await serve().ended, 0);
	assert.match(own.log, /tarn serve runs already/);
	assert.equal(await answers(), true);
	first.kill('SIGKILL');
	assert.equal(await first.ended, 'SIGKILL');
	const second = serve();
	await works(second);
	assert.equal(await answers(), true);
	second.kill('SIGTERM');
	assert.equal(await second.ended, 0);
	assert.equal(await answers(), false);
});
