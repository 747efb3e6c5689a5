// oauth.md 1, 7, 8: discovery, key sets, headers
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as jose from 'jose';
import { Browser, authorizeUrl, base, claims, demo, makeClient, makePool, makeUser, part, pool, request, tarn, tarnRaw, token, tokens,
	web } from './suite.mjs';
import { Installation, until } from './installation.mjs';

const path = new URL(demo.issuer).pathname;

test('the document of a real pool, members in alphabetical order', async () => {
	const answer = await request(`${path}/.well-known/openid-configuration`);
	assert.equal(answer.status, 200);
	assert.match(answer.headers['content-type'], /^application\/json/);
	assert.deepEqual(answer.json, {
		authorization_endpoint: `${base}/oauth2/authorize`,
		end_session_endpoint: `${base}/logout`,
		id_token_signing_alg_values_supported: ['RS256'],
		issuer: demo.issuer,
		jwks_uri: `${demo.issuer}/.well-known/jwks.json`,
		response_types_supported: ['code', 'token'],
		revocation_endpoint: `${base}/oauth2/revoke`,
		scopes_supported: ['openid', 'email', 'phone', 'profile'],
		subject_types_supported: ['public'],
		token_endpoint: `${base}/oauth2/token`,
		token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
		userinfo_endpoint: `${base}/oauth2/userInfo`,
	});
	assert.deepEqual(Object.keys(answer.json), Object.keys(answer.json).sort());
	assert.equal(answer.text.trim(), JSON.stringify(answer.json));
});

test('the same at the root of the domain', async () => {
	for (const name of ['openid-configuration', 'jwks.json']) {
		const [a, b] = [await request(`/.well-known/${name}`), await request(`${path}/.well-known/${name}`)];
		assert.equal(a.status, 200);
		assert.equal(a.text, b.text);
	}
});

test('any origin may read both', async () => {
	for (const name of ['openid-configuration', 'jwks.json']) {
		const answer = await request(`${path}/.well-known/${name}`);
		assert.equal(answer.headers['access-control-allow-origin'], '*');
		assert.match(answer.headers['cache-control'], /public, max-age=\d+/);
	}
});

test('two RSA keys of 2048 bits with exactly the members of the contract', async () => {
	const { keys } = (await request(`${path}/.well-known/jwks.json`)).json;
	assert.ok(keys.length >= 2);
	for (const key of keys) {
		assert.deepEqual(Object.keys(key), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
		assert.deepEqual([key.alg, key.e, key.kty, key.use], ['RS256', 'AQAB', 'RSA', 'sig']);
		assert.match(key.kid, /^[A-Za-z0-9+/]{43}=$/);
		assert.equal(Buffer.from(key.n, 'base64url').length, 256);
		assert.doesNotMatch(key.n, /=/);
	}
});

test('ID and access token are signed with different keys, the header is kid, alg and nothing else', async () => {
	const { id_token, access_token } = await tokens(web, makeUser());
	const heads = [id_token, access_token].map((jwt) => Buffer.from(jwt.split('.')[0], 'base64url').toString());
	for (const head of heads)
		assert.match(head, /^\{"kid":"[A-Za-z0-9+\\/]+=","alg":"RS256"\}$/);
	assert.doesNotMatch(heads.join(''), /[^\\]\//);		// every slash of a kid is written \/
	assert.notEqual(part(id_token, 0).kid, part(access_token, 0).kid);
});

test('the signatures verify with the published keys', async () => {
	const jwks = jose.createLocalJWKSet((await request(`${path}/.well-known/jwks.json`)).json);
	const { id_token, access_token } = await tokens(web, makeUser());
	for (const jwt of [id_token, access_token])
		await jose.jwtVerify(jwt, jwks, { issuer: demo.issuer });
});

test('at_hash is that of the access token', async () => {
	const { id_token, access_token } = await tokens(web, makeUser());
	assert.equal(claims(id_token).at_hash,
	    createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url'));
});

test('keys rotate at once: new ones sign, old ones go on verifying', async () => {
	const user = makeUser();
	const before = await tokens(web, user);
	tarnRaw('keys', 'rotate', '--user-pool-id', pool, '--now');
	const after = await tokens(web, user);
	assert.notEqual(part(before.access_token, 0).kid, part(after.access_token, 0).kid);
	const until = Date.now() + 10000;
	for (;;) {	// published by the housekeeper or the command
		const keys = (await request(`${path}/.well-known/jwks.json`)).json;
		const kids = keys.keys.map((k) => k.kid);
		if (kids.includes(part(after.access_token, 0).kid)) {
			const jwks = jose.createLocalJWKSet(keys);
			for (const jwt of [before.id_token, before.access_token, after.id_token, after.access_token])
				await jose.jwtVerify(jwt, jwks, { issuer: demo.issuer });
			break;
		}
		assert.ok(Date.now() < until, 'the new key was not published');
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${before.access_token}` } })).status, 200);
});

test('keys that rotate are published first, and sign when their time has come', async () => {
	const pool = makePool(), client = pool.client(), password = 'Correct-horse-7';
	const soon = `${demo.tarn.conf}.soon`;
	writeFileSync(soon, `${readFileSync(demo.tarn.conf, 'utf8').replace(/^key_ahead_seconds.*/m, '')}\nkey_ahead_seconds = 2\n`);
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', password, '--permanent');
	const first = await tokens(client, { username: 'ada', password }, {}, new Browser(pool.home));
	const kids = async () => {
		const { access_token, id_token } = (await token(client, { grant_type: 'refresh_token',
			refresh_token: first.refresh_token }, {}, pool.home)).json;
		return [part(id_token, 0).kid, part(access_token, 0).kid];
	};
	const old = await kids(), rotated = Date.now();
	execFileSync(demo.tarn.command, ['--conf', soon, 'keys', 'rotate', '--user-pool-id', pool.id]);
	rmSync(soon);
	const published = (await request(`/${pool.id}/.well-known/jwks.json`)).json.keys.map((k) => k.kid);
	assert.equal(published.length, 4);
	if (Date.now() - rotated < 2000)
		assert.deepEqual(await kids(), old);
	await new Promise((resolve) => setTimeout(resolve, 2100 - (Date.now() - rotated)));
	const fresh = await kids();
	assert.ok(fresh.every((kid) => published.includes(kid) && !old.includes(kid)));
	assert.equal((await request('/oauth2/userInfo', { headers: { host: new URL(pool.home).host,
		authorization: `Bearer ${first.access_token}` } })).status, 200);
	for (const kid of old)		// stolen: nothing that it signed is good any more
		tarnRaw('keys', 'drop', '--user-pool-id', pool.id, '--kid', kid);
	assert.equal((await request('/oauth2/userInfo', { headers: { host: new URL(pool.home).host,
		authorization: `Bearer ${first.access_token}` } })).status, 401);
	pool.drop();
});

test('a pool may sign with ES256', async () => {
	const pool = makePool('--signing-algorithm', 'ES256'), client = pool.client();
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', 'Correct-horse-7', '--permanent');
	const { id_token, access_token } = await tokens(client, { username: 'ada', password: 'Correct-horse-7' }, {}, new Browser(pool.home));
	const issuer = claims(id_token).iss;
	const { keys } = (await request(`${new URL(issuer).pathname}/.well-known/jwks.json`)).json;
	assert.deepEqual(keys.map((k) => [k.alg, k.crv, k.kty, k.use]), Array(2).fill(['ES256', 'P-256', 'EC', 'sig']));
	for (const jwt of [id_token, access_token]) {
		assert.equal(part(jwt, 0).alg, 'ES256');
		await jose.jwtVerify(jwt, jose.createLocalJWKSet({ keys }), { issuer });
	}
	const info = await request(`${pool.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${access_token}` } });
	assert.equal(info.json.username, 'ada');
	assert.deepEqual((await request(`${new URL(issuer).pathname}/.well-known/openid-configuration`)).json.id_token_signing_alg_values_supported, ['ES256']);
	pool.drop();
});

test('a pool without a domain has its endpoints below the issuer, without /oauth2', async () => {
	const { Id } = tarn('create-user-pool', '--pool-name', 'homeless').UserPool;
	const document = (await request(`/${Id}/.well-known/openid-configuration`)).json;
	const issuer = demo.issuer.replace(pool, Id);
	assert.deepEqual([document.issuer, document.jwks_uri], [issuer, `${issuer}/.well-known/jwks.json`]);
	assert.deepEqual([document.authorization_endpoint, document.token_endpoint, document.userinfo_endpoint, document.revocation_endpoint, document.end_session_endpoint],
		['authorize', 'token', 'userInfo', 'revoke', 'logout'].map((name) => `${issuer}/${name}`));
	tarn('delete-user-pool', '--user-pool-id', Id);
	const gone = async () => (await request(`/${Id}/.well-known/openid-configuration`)).status === 404;
	for (let i = 0; !(await gone()) && i < 50; i++)		// web servers look at files again after a second or so
		await new Promise((resolve) => setTimeout(resolve, 100));
	assert.ok(await gone());
});

test('IssuerConfiguration UPDATED: discovery, jwks_uri and iss have the other form of the issuer', async () => {
	const pool = makePool('--issuer-configuration', 'Type=UPDATED'), client = pool.client(), password = 'Correct-horse-7';
	const original = demo.issuer.slice(0, demo.issuer.lastIndexOf('/')) + `/${pool.id}`;
	const issuer = original.replace('://', '://issuer-');
	const host = new URL(issuer).host;
	const document = (await request(`/${pool.id}/.well-known/openid-configuration`, { headers: { host } })).json;
	assert.deepEqual([document.issuer, document.jwks_uri], [issuer, `${issuer}/.well-known/jwks.json`]);
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', password, '--permanent');
	const { id_token, access_token } = await tokens(client, { username: 'ada', password }, {}, new Browser(pool.home));
	const jwks = jose.createLocalJWKSet((await request(new URL(document.jwks_uri).pathname, { headers: { host } })).json);
	for (const jwt of [id_token, access_token])
		await jose.jwtVerify(jwt, jwks, { issuer });
	const info = await request(`${pool.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${access_token}` } });
	assert.equal(info.json.username, 'ada');
	pool.tarn('update-user-pool', '--issuer-configuration', 'Type=ORIGINAL');
	await until(async () => (await request(`/${pool.id}/.well-known/openid-configuration`)).json.issuer === original);
	pool.drop();
});

test('a pool with a prefix domain and a custom one shows the custom one alone', async () => {
	const own = await Installation.make({ prefix_domain: 'auth.example.com' }, 'login.example.org');
	const endpoints = () => JSON.parse(readFileSync(join(own.folder, 'publish', own.pool, '.well-known/openid-configuration'), 'utf8'));
	for (const prefix of ['aaa', 'zzz']) {
		await own.tarn('create-user-pool-domain', '--user-pool-id', own.pool, '--domain', prefix);
		assert.match(JSON.stringify(endpoints()), /login\.example\.org/);
		assert.doesNotMatch(JSON.stringify(endpoints()), /auth\.example\.com/);
		await own.tarn('delete-user-pool-domain', '--user-pool-id', own.pool, '--domain', prefix);
	}
	await own.tarn('create-user-pool-domain', '--user-pool-id', own.pool, '--domain', 'people');
	await own.tarn('delete-user-pool-domain', '--user-pool-id', own.pool, '--domain', 'login.example.org');
	assert.equal(endpoints().token_endpoint, 'http://people.auth.example.com/oauth2/token');
	await own.close();
});

const everywhere = {
	'cache-control': /no-cache, no-store, max-age=0, must-revalidate/, 'pragma': /no-cache/, 'expires': /^0$/,
	'x-content-type-options': /nosniff/, 'x-xss-protection': /1; mode=block/, 'x-frame-options': /DENY/,
	'x-amz-cognito-request-id': /^[0-9a-f-]{36}$/,
};
for (const [what, call] of [
	['authorize', () => request(authorizeUrl(web))],
	['the login page', () => new Browser().open(authorizeUrl(web))],
	['token', () => request('/oauth2/token', { method: 'POST', form: { grant_type: 'x' } })],
	['userInfo', () => request('/oauth2/userInfo')],
	['revoke', () => request('/oauth2/revoke', { method: 'POST', form: { token: 'x' } })],
	['logout', () => request('/logout')],
	['error', () => request('/error')],
])
	test(`common headers: ${what}`, async () => {
		const { headers } = await call();
		for (const [name, form] of Object.entries(everywhere))
			assert.match(headers[name] ?? `(no ${name})`, form);
	});

for (const [method, target] of [
	['POST', '/oauth2/authorize'], ['GET', '/oauth2/token'], ['PUT', '/oauth2/token'], ['GET', '/oauth2/revoke'], ['POST', '/logout'],
	['DELETE', '/oauth2/userInfo'], ['PUT', '/login'], ['POST', '/error'],
])
	test(`${method} ${target} is 405 with an empty body`, async () => {
		const answer = await request(target, { method });
		assert.deepEqual([answer.status, answer.text], [405, '']);
	});

test('a page has a strict policy: no inline script, no frame, no foreign source', async () => {
	const { headers } = await new Browser().open(authorizeUrl(web));
	const policy = headers['content-security-policy'];
	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /frame-ancestors 'none'/);
	assert.doesNotMatch(policy, /unsafe/);
	assert.equal(headers['referrer-policy'], 'no-referrer');
});

test('preflights are answered for the three endpoints of apps', async () => {
	for (const target of ['/oauth2/token', '/oauth2/revoke', '/oauth2/userInfo']) {
		const answer = await request(target, { method: 'OPTIONS', headers: { origin: 'https://a.example',
			'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-amz-user-agent' } });
		assert.equal(answer.status, 204);
		assert.equal(answer.headers['access-control-allow-origin'], '*');
		assert.match(answer.headers['access-control-allow-methods'], /POST/);
		assert.equal(answer.headers['access-control-allow-headers'], 'content-type,x-amz-user-agent');
		const real = await request(target, { method: 'POST', headers: { origin: 'https://a.example' }, form: { a: 'b' } });
		assert.equal(real.headers['access-control-allow-origin'], '*');
	}
});

test('a host that no pool has is refused without being echoed', async () => {
	const answer = await request(authorizeUrl(web), { headers: { host: 'stranger.example' } });
	assert.equal(answer.status === 302 ? /^\/error/.test(answer.location) : answer.status >= 400, true);
	assert.doesNotMatch(JSON.stringify(answer.headers) + answer.text, /stranger/);
});

test('an unknown path is 404', async () => {
	assert.equal((await request('/oauth2/nothing')).status, 404);
});

test('two pools live in one installation, each on its host', async () => {
	const other = tarn('create-user-pool', '--pool-name', 'second').UserPool;
	tarn('create-user-pool-domain', '--domain', 'second.example.test', '--user-pool-id', other.Id);
	const client = tarn('create-user-pool-client', '--user-pool-id', other.Id, '--client-name', 'c',
	    '--callback-urls', 'http://localhost:9/cb', '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid',
	    '--allowed-o-auth-flows-user-pool-client', '--supported-identity-providers', 'COGNITO').UserPoolClient;
	const there = await request(authorizeUrl(client), { headers: { host: 'second.example.test' } });
	assert.match(there.location, /^https?:\/\/second\.example\.test\/login\?/);
	const here = await request(authorizeUrl(client));
	assert.match(here.location, /\/error\?error=invalid_request/);
	const strange = await request(authorizeUrl(makeClient()), { headers: { host: 'second.example.test' } });
	assert.match(strange.location, /\/error\?error=invalid_request/);
	tarn('delete-user-pool-domain', '--domain', 'second.example.test', '--user-pool-id', other.Id);
	tarn('delete-user-pool', '--user-pool-id', other.Id);
});
