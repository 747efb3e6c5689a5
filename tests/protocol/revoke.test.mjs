// oauth.md 5: /oauth2/revoke
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { Browser, authorizeUrl, basic, claims, clientId, clientSecret, demo, makeClient, makeUser, request, spa, tarn, token, tokens,
	web } from './suite.mjs';

let user;
before(() => { user = makeUser(); });

const revoke = (form, headers = {}) => request('/oauth2/revoke', { method: 'POST', form, headers });
const byBasic = (value) => revoke({ token: value }, { authorization: basic(web) });
const refresh = (client, refresh_token) => token(client, { grant_type: 'refresh_token', refresh_token });

function emptyOk(answer) {
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.text, '');
}

test('a revoked refresh token is dead, and so are its access tokens', async () => {
	const { refresh_token, access_token } = await tokens(web, user);
	const later = (await refresh(web, refresh_token)).json.access_token;
	assert.equal(claims(later).origin_jti, claims(access_token).origin_jti);
	emptyOk(await byBasic(refresh_token));
	assert.equal((await refresh(web, refresh_token)).json.error, 'invalid_grant');
	for (const access of [access_token, later])
		assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${access}` } })).status, 401);
});

test('revoking again, or what nobody knows, is 200', async () => {
	const { refresh_token } = await tokens(web, user);
	emptyOk(await byBasic(refresh_token));
	emptyOk(await byBasic(refresh_token));
	emptyOk(await byBasic('garbage'));
});

test('other refresh tokens of the person live on', async () => {
	const [one, two] = [await tokens(web, user), await tokens(web, user)];
	emptyOk(await byBasic(one.refresh_token));
	assert.equal((await refresh(web, two.refresh_token)).status, 200);
});

test("another client's token is left alone", async () => {
	const { refresh_token } = await tokens(web, user);
	emptyOk(await revoke({ token: refresh_token, client_id: clientId(spa) }));
	assert.equal((await refresh(web, refresh_token)).status, 200);
});

test('a public client names itself in the body, a secret may be there too', async () => {
	const { refresh_token } = await tokens(spa, user);
	emptyOk(await revoke({ token: refresh_token, client_id: clientId(spa) }));
	assert.equal((await refresh(spa, refresh_token)).json.error, 'invalid_grant');
	emptyOk(await revoke({ token: 'x', client_id: clientId(web), client_secret: clientSecret(web) }));
});

test('Basic and client_id may come together, a secret in one place only', async () => {
	emptyOk(await revoke({ token: 'x', client_id: clientId(web) }, { authorization: basic(web) }));
	assert.equal((await revoke({ token: 'x', client_secret: clientSecret(web) }, { authorization: basic(web) })).json.error, 'invalid_request');
});

test('a rotated token that was revoked does not come back when revocation is turned off', async () => {
	const client = makeClient('--generate-secret');
	const { refresh_token, access_token } = await tokens(client, user);
	emptyOk(await revoke({ token: refresh_token }, { authorization: basic(client) }));
	tarn('update-user-pool-client', '--client-id', client.ClientId, '--no-enable-token-revocation', '--supported-identity-providers', 'COGNITO',
	    '--callback-urls', 'http://localhost:9/cb', '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code',
	    '--allowed-o-auth-scopes', 'openid', 'email', 'profile');
	assert.equal((await refresh(client, refresh_token)).json.error, 'invalid_grant');
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${access_token}` } })).status, 401);
});

test('the ID token goes on verifying offline', async () => {
	const { refresh_token, id_token, access_token } = await tokens(web, user);
	emptyOk(await byBasic(refresh_token));
	const { keys } = await (await fetch(`${demo.issuer}/.well-known/jwks.json`)).json();
	for (const token of [id_token, access_token])
		await jwtVerify(token, createLocalJWKSet({ keys }), { issuer: demo.issuer });
});

test('the browser session survives', async () => {
	const browser = new Browser();
	const { refresh_token } = await tokens(web, user, {}, browser);
	emptyOk(await byBasic(refresh_token));
	const answer = await browser.fetch(authorizeUrl(web));
	assert.ok(new URL(answer.location).searchParams.get('code'));
});

for (const [what, form, headers, status, error] of [
	['no token', () => ({}), () => ({ authorization: basic(web) }), 400, 'invalid_request'],
	['wrong credentials', () => ({ token: 'x', client_id: clientId(web), client_secret: 'no' }), () => ({}), 401, 'invalid_client'],
	['no secret where there is one', () => ({ token: 'x', client_id: clientId(web) }), () => ({}), 401, 'invalid_client'],
	['an unknown client', () => ({ token: 'x', client_id: 'nobody' }), () => ({}), 401, 'invalid_client'],
])
	test(`refused: ${what}`, async () => {
		const answer = await revoke(form(), headers());
		assert.equal(answer.status, status, answer.text);
		assert.equal(answer.json.error, error);
	});

test('refused: an access token and an ID token', async () => {
	const { access_token, id_token } = await tokens(web, user);
	for (const value of [access_token, id_token]) {
		const answer = await byBasic(value);
		assert.equal(answer.status, 400);
		assert.equal(answer.json.error, 'unsupported_token_type');
	}
});

test('refused where revocation is off, and such tokens have no origin_jti', async () => {
	const client = makeClient('--generate-secret', '--no-enable-token-revocation');
	const { refresh_token, access_token } = await tokens(client, user);
	assert.equal('origin_jti' in claims(access_token), false);
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${access_token}` } })).status, 200);
	const answer = await revoke({ token: refresh_token }, { authorization: basic(client) });
	assert.equal(answer.status, 400);
	assert.equal(answer.json.error, 'invalid_request');
});

test('GET is 405 with an empty body', async () => {
	const { status, text, headers } = await request('/oauth2/revoke');
	assert.deepEqual([status, text, headers.allow], [405, '', 'POST']);
});
