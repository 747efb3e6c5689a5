// oauth.md 12, 15: which answers other origins may read, and the preflights of their browsers
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { authorizeUrl, basic, callback, clientId, code, makeUser, pkce, request, spa, token, web } from './suite.mjs';

const origin = 'https://app.example';
let user;
before(() => { user = makeUser(); });

const preflight = (path, method, headers) => request(path, { method: 'OPTIONS',
	headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers } });
const list = (value) => value.split(/,\s*/).map((name) => name.toLowerCase());

for (const [path, method] of [['/oauth2/token', 'POST'], ['/oauth2/revoke', 'POST'], ['/oauth2/userInfo', 'GET']])
	test(`preflight of ${method} ${path}: any origin, the method, the headers asked for, no credentials`, async () => {
		for (const asked of ['content-type,x-amz-user-agent', 'authorization', 'authorization, content-type, x-of-tomorrow']) {
			const { status, headers, text } = await preflight(path, method, asked);
			assert.equal(status, 204);
			assert.equal(text, '');
			assert.equal(headers['access-control-allow-origin'], '*');
			assert.ok(list(headers['access-control-allow-methods']).includes(method.toLowerCase()));
			for (const name of list(asked))
				assert.ok(list(headers['access-control-allow-headers']).includes(name), name);
			assert.match(headers['access-control-max-age'], /^[1-9]\d*$/);
			assert.equal('access-control-allow-credentials' in headers, false);
		}
	});

test('a preflight that names no headers is told those that Amplify sends', async () => {
	const { headers } = await request('/oauth2/token', { method: 'OPTIONS', headers: { origin } });
	for (const name of ['authorization', 'content-type', 'x-amz-user-agent'])
		assert.ok(list(headers['access-control-allow-headers']).includes(name), name);
});

test('a preflight cannot smuggle a header into the answer', async () => {
	const { status, headers } = await preflight('/oauth2/token', 'POST', 'a\tb');
	assert.equal(status, 204);
	assert.doesNotMatch(headers['access-control-allow-headers'], /\t/);
});

test('the code grant as Amplify does it: cross-origin, x-amz-user-agent, 128 characters of verifier', async () => {
	const { createHash } = await import('node:crypto');
	const code_verifier = 'abcdABCD0123-._~'.repeat(8);
	const value = await code(spa, user, { code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
		code_challenge_method: 'S256' });
	const answer = await token(spa, { grant_type: 'authorization_code', code: value, redirect_uri: callback(spa), code_verifier },
	    { origin, 'x-amz-user-agent': 'aws-amplify/6.0.0 auth/4' });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.headers['access-control-allow-origin'], '*');
	for (const member of ['access_token', 'id_token', 'refresh_token', 'token_type', 'expires_in'])
		assert.ok(answer.json[member], member);
});

test('refusals of the three can be read too', async () => {
	for (const answer of [await token(web, { grant_type: 'x' }, { origin }),
		await request('/oauth2/revoke', { method: 'POST', form: { token: 'x', client_id: 'nobody' }, headers: { origin } }),
		await request('/oauth2/userInfo', { headers: { origin } }), await request('/oauth2/token', { headers: { origin } })]) {
		assert.ok(answer.status >= 400);
		assert.equal(answer.headers['access-control-allow-origin'], '*');
	}
});

for (const path of ['/oauth2/authorize', '/login', '/signup', '/confirm', '/changePassword', '/logout', '/error'])
	test(`no other origin reads ${path}, and its preflight is refused`, async () => {
		const url = authorizeUrl(web).replace('/oauth2/authorize', path);
		assert.equal('access-control-allow-origin' in (await request(url, { headers: { origin } })).headers, false);
		const { status, headers } = await preflight(path, 'GET', 'x-amz-user-agent');
		assert.equal(status, 405);
		assert.equal('access-control-allow-origin' in headers, false);
	});
