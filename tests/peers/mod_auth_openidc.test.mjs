// Apache's mod_auth_openidc as the relying party: code with PKCE, userinfo, refresh, logout
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../protocol/installation.mjs';
import { Browser, claims, clientId, clientSecret, demo, makeClient, makeUser, base } from '../protocol/suite.mjs';

const MODULES = process.env.APACHE_MODULES ?? '/usr/lib/apache2/modules';
const folder = mkdtempSync(join(tmpdir(), 'tarn-rp-'));
let apache, origin, user, registered;

const conf = (port, client) => `
ServerRoot "${folder}"
ServerName localhost
Listen 127.0.0.1:${port}
PidFile "${folder}/pid"
DefaultRuntimeDir "${folder}"
Mutex file:${folder} default
ErrorLog "${folder}/error.log"
LogLevel warn auth_openidc:info
${process.getuid() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'alias', 'dir', 'headers', 'rewrite', 'auth_openidc']
		.map((name) => `LoadModule ${name}_module "${MODULES}/mod_${name}.so"`).join('\n')}
DocumentRoot "${folder}/www"
<Directory "${folder}/www">
	Require all granted
</Directory>

OIDCProviderMetadataURL ${demo.issuer}/.well-known/openid-configuration
# Tarn's end_session_endpoint takes client_id and logout_uri.
OIDCProviderEndSessionEndpoint "${base}/logout?client_id=${clientId(client)}&logout_uri=${encodeURIComponent(`http://localhost:${port}/bye.html`)}"
OIDCClientID ${clientId(client)}
OIDCClientSecret ${clientSecret(client)}
OIDCRedirectURI http://localhost:${port}/app/callback
OIDCScope "openid email profile"
OIDCPKCEMethod S256
OIDCCryptoPassphrase ${'x'.repeat(32)}
OIDCCookieSameSite On
OIDCPassClaimsAs environment
OIDCRefreshAccessTokenBeforeExpiry 3600
OIDCUserInfoRefreshInterval 1
OIDCInfoHook iat access_token access_token_expires id_token userinfo refresh_token exp timeout session
<Location /app/>
	AuthType openid-connect
	Require valid-user
</Location>
<Location /app/who.html>
	Header set X-Remote-User "expr=%{REMOTE_USER}"
	Header set X-Claim-Name "%{OIDC_CLAIM_name}e"
</Location>
`;

// A page of the application; Chromium is not needed for it.
function ask(jar, path, headers = {}) {
	const url = new URL(path, origin);
	return new Promise((resolve, reject) => {
		const call = http.get({ host: '127.0.0.1', port: url.port, path: url.pathname + url.search,
			headers: { host: url.host, accept: 'text/html', cookie: [...jar].map(([n, v]) => `${n}=${v}`).join('; '), ...headers } },
		(answer) => {
			let text = '';
			answer.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => {
				for (const line of answer.headers['set-cookie'] ?? []) {
					const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
					if (value === '' || /1970/.test(line)) jar.delete(name); else jar.set(name, value);
				}
				resolve({ status: answer.statusCode, headers: answer.headers, location: answer.headers.location, text });
			});
		});
		call.on('error', reject);
	});
}

const logged = () => readFileSync(join(folder, 'error.log'), 'utf8');

// Everything from the application's page to the same page, signed in.
async function signIn(jar = new Map(), browser = new Browser()) {
	const sent = await ask(jar, '/app/who.html');
	assert.equal(sent.status, 302, sent.text);
	let answer = await browser.open(sent.location);
	if (answer.status === 200)
		answer = await browser.submit(answer, { username: user.email, password: user.password });
	assert.ok(answer.location.startsWith(`${origin}/app/callback?`), answer.location);
	const back = await ask(jar, answer.location);
	assert.equal(back.status, 302, `${back.text}\n${logged()}`);
	assert.equal(back.location, `${origin}/app/who.html`);
	return { jar, browser, sent };
}

const info = async (jar) => JSON.parse((await ask(jar, '/app/callback?info=json')).text);

before(async () => {
	const port = await freePort();
	origin = `http://localhost:${port}`;
	user = makeUser(['Name=name,Value=Ada']);
	const client = registered = makeClient('--generate-secret', '--callback-urls', `${origin}/app/callback`, '--logout-urls', `${origin}/bye.html`,
	    '--access-token-validity', '5', '--token-validity-units', 'AccessToken=minutes',
	    '--backchannel-logout-uri', `${origin}/app/callback?logout=backchannel`);
	chmodSync(folder, 0o755);
	mkdirSync(join(folder, 'www/app'), { recursive: true });
	writeFileSync(join(folder, 'www/app/who.html'), 'hello');
	writeFileSync(join(folder, 'www/bye.html'), 'bye');
	writeFileSync(join(folder, 'apache.conf'), conf(port, client));
	const said = openSync(join(folder, 'error.log'), 'a');
	apache = spawn('setpriv', ['--pdeathsig', 'TERM', 'apache2', '-D', 'FOREGROUND', '-f', join(folder, 'apache.conf')],
	    { stdio: ['ignore', said, said], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
	for (let i = 0; ; i++) {
		const answer = await ask(new Map(), '/bye.html').catch(() => null);
		if (answer?.status === 200)
			break;
		if (i === 200 || apache.exitCode !== null)
			throw new Error(`Apache does not start: ${logged()}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
});
after(async () => {
	if (apache && apache.exitCode === null && apache.signalCode === null) {
		apache.kill('SIGTERM');
		await new Promise((resolve) => apache.on('exit', resolve));
	}
	rmSync(folder, { recursive: true, force: true });
});

test('mod_auth_openidc: code with PKCE, claims and userinfo', async () => {
	const { jar, sent } = await signIn();
	const asked = new URL(sent.location).searchParams;
	assert.equal(asked.get('code_challenge_method'), 'S256');
	assert.ok(asked.get('nonce') && asked.get('state'));
	const page = await ask(jar, '/app/who.html');
	assert.equal(page.status, 200);
	assert.equal(page.headers['x-remote-user'], `${user.sub}@${demo.issuer}`);
	assert.equal(page.headers['x-claim-name'], 'Ada');
	const known = await info(jar);
	assert.equal(known.id_token.email, user.email);
	assert.equal(known.userinfo.email, user.email);
	assert.equal(known.userinfo.sub, user.sub);
	assert.ok(known.access_token && known.refresh_token);
	assert.doesNotMatch(logged(), /\[auth_openidc:error\]/);
});

test('mod_auth_openidc: the access token is refreshed', async () => {
	const { jar } = await signIn();
	const before = await info(jar);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	await ask(jar, '/app/who.html');	// expires within the hour that is asked for: refreshed before the page
	const after = await info(jar);
	assert.notEqual(after.access_token, before.access_token);
	assert.equal(claims(after.access_token).sub, claims(before.access_token).sub);
	assert.notEqual(claims(after.access_token).jti, claims(before.access_token).jti);
	assert.doesNotMatch(logged(), /\[auth_openidc:error\]/);
});

test('mod_auth_openidc: its logout ends the session here, too', async () => {
	const { jar, browser } = await signIn();
	const out = await ask(jar, `/app/callback?logout=${encodeURIComponent(`${origin}/bye.html`)}`);
	assert.equal(out.status, 302);
	assert.ok(out.location.startsWith(`${base}/logout?`), out.location);
	assert.equal((await browser.fetch(out.location)).location, `${origin}/bye.html`);
	const again = await ask(jar, '/app/who.html');
	assert.equal(again.status, 302);
	assert.equal(new URL((await browser.open(again.location)).url).pathname, '/login');
});

test('mod_auth_openidc: who is signed in here needs no page there', async () => {
	const { browser } = await signIn();
	const jar = new Map();
	const sent = await ask(jar, '/app/who.html');
	const answer = await browser.open(sent.location);
	assert.equal(answer.status, 302);
	assert.equal((await ask(jar, answer.location)).location, `${origin}/app/who.html`);
});

test('mod_auth_openidc: a sign-out elsewhere ends its session, behind the browser\'s back', async () => {
	const { jar, browser } = await signIn();
	assert.equal((await ask(jar, '/app/who.html')).status, 200);
	const out = new URL('/logout', base);
	out.searchParams.set('client_id', clientId(registered));
	out.searchParams.set('logout_uri', `${origin}/bye.html`);
	assert.equal((await browser.fetch(out.href)).location, `${origin}/bye.html`);
	const until = Date.now() + 20000;
	while ((await ask(new Map(jar), '/app/who.html')).status === 200) {
		assert.ok(Date.now() < until, logged());
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.doesNotMatch(logged(), /\[auth_openidc:error\]/);
});
