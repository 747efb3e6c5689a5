// Authlib, a relying party in Python: code with PKCE, verified ID token, userInfo, refresh,
// revocation; client_credentials
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Browser, callback, claims, clientId, clientSecret, demo, m2m, makeUser, spa, web } from '../protocol/suite.mjs';

const program = fileURLToPath(new URL('authlib_rp.py', import.meta.url));
let user;
before(() => { user = makeUser(['Name=name,Value=Ada']); });

const ask = (app, method, scope) => ({ issuer: demo.issuer, client_id: clientId(app), client_secret: clientSecret(app), method, scope });

// What the relying party says last. The browser goes where it is told to in between.
async function relyingParty(first) {
	const child = spawn('/usr/bin/python3', [program],		// Debian's, which has Debian's Authlib
	    { stdio: ['pipe', 'pipe', 'inherit'] });
	const say = (what) => child.stdin.write(`${JSON.stringify(what)}\n`);
	child.stdin.on('error', () => {});	// it has ended; its status tells
	const ended = new Promise((done) => child.on('close', done));
	let last;
	say(first);
	for await (const line of createInterface(child.stdout)) {
		last = JSON.parse(line);
		if (!last.visit)
			continue;
		const browser = new Browser(), page = await browser.open(last.visit);
		const back = await browser.submit(page, { username: user.email, password: user.password });
		say({ back: back.location });
	}
	assert.equal(await ended, 0);
	return last;
}

for (const [name, app, method] of [
	['a client that proves itself in the header', web, 'client_secret_basic'],
	['a client that proves itself in the body', web, 'client_secret_post'],
	['a public client', spa, 'none'],
])
	test(`Authlib, ${name}: sign-in, verified ID token, userInfo, refresh, revocation`, async () => {
		const said = await relyingParty({ ...ask(app, method, 'openid email profile'), redirect_uri: callback(app) });
		assert.equal(said.claims.sub, user.sub);
		assert.equal(said.claims.email, user.email);
		assert.equal(said.info.name, 'Ada');
		assert.equal(claims(said.refreshed).sub, user.sub);
		assert.match(said.again, /invalid_grant/);
	});

test('Authlib: a machine gets a token for the scopes it asks for', async () => {
	const [scope] = m2m.scopes;
	const { token } = await relyingParty(ask(m2m, 'client_secret_basic', scope));
	assert.equal(claims(token.access_token).scope, scope);
	assert.equal(claims(token.access_token).client_id, clientId(m2m));
});
