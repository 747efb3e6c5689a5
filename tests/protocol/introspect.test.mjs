// RFC 7662: /oauth2/introspect
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { basic, claims, clientId, clientSecret, m2m, makeClient, makeUser, pool, request, spa, tarn, token, tokens, unique,
	web } from './suite.mjs';

let user;
before(() => { user = makeUser(); });

const ask = (form, headers = {}) => request('/oauth2/introspect', { method: 'POST', form, headers });
const by = async (client, value) => {
	const answer = await ask({ token: value }, { authorization: basic(client) });
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const INACTIVE = { active: false };
const machineToken = async (client = m2m) => (await token(client, { grant_type: 'client_credentials' })).json.access_token;

test('a client is told everything its own access token says', async () => {
	const { access_token } = await tokens(web, user);
	assert.deepEqual(await by(web, access_token), { active: true, ...claims(access_token), token_type: 'Bearer' });
});

test('a client is told of its own refresh token', async () => {
	const { access_token, refresh_token } = await tokens(web, user);
	const said = await by(web, refresh_token), { sub, username, scope, iss, auth_time } = claims(access_token);
	assert.deepEqual({ ...said, iat: 0, exp: 0 },
	    { active: true, client_id: clientId(web), sub, username, scope, iss, auth_time, token_use: 'refresh', iat: 0, exp: 0 });
	assert.equal(said.exp - said.iat, 30 * 86400);
});

test('a machine is told of its own token', async () => {
	const value = await machineToken();
	assert.deepEqual(await by(m2m, value), { active: true, ...claims(value), token_type: 'Bearer' });
});

test('the secret may be in the body', async () => {
	const { access_token } = await tokens(web, user);
	const answer = await ask({ token: access_token, client_id: clientId(web), client_secret: clientSecret(web) });
	assert.equal(answer.json.active, true);
});

test('a hint, right, wrong or unknown, changes nothing', async () => {
	const { access_token, refresh_token } = await tokens(web, user);
	for (const token_type_hint of ['access_token', 'refresh_token', 'urn:x'])
		for (const value of [access_token, refresh_token])
			assert.equal((await ask({ token: value, token_type_hint }, { authorization: basic(web) })).json.active, true);
});

test('what is not alive is inactive, with no reason', async () => {
	const { access_token, refresh_token, id_token } = await tokens(web, user);
	const [head, payload, signature] = access_token.split('.');
	for (const value of ['garbage', 'a.b.c', id_token, `${head}.${payload}.`, `${head}.${signature}.${payload}`, `${access_token}x`,
		`${refresh_token}x`])
		assert.deepEqual(await by(web, value), INACTIVE, value.slice(0, 20));
});

test('revocation shows at once, at the access tokens too', async () => {
	const { access_token, refresh_token } = await tokens(web, user);
	await request('/oauth2/revoke', { method: 'POST', form: { token: refresh_token }, headers: { authorization: basic(web) } });
	assert.deepEqual(await by(web, access_token), INACTIVE);
	assert.deepEqual(await by(web, refresh_token), INACTIVE);
});

for (const [what, operation] of [['signed out everywhere', 'admin-user-global-sign-out'], ['disabled', 'admin-disable-user'],
	['deleted', 'admin-delete-user']])
	test(`tokens of a person who was ${what} are inactive`, async () => {
		const person = makeUser(), { access_token, refresh_token } = await tokens(web, person);
		assert.equal((await by(web, access_token)).active, true);
		tarn(operation, '--username', person.username);
		assert.deepEqual(await by(web, access_token), INACTIVE);
		assert.deepEqual(await by(web, refresh_token), INACTIVE);
	});

test("another client's tokens are as inactive as garbage", async () => {
	const { access_token, refresh_token } = await tokens(web, user), other = makeClient('--generate-secret');
	assert.deepEqual(await by(other, access_token), INACTIVE);
	assert.deepEqual(await by(other, refresh_token), INACTIVE);
	assert.deepEqual(await by(web, await machineToken()), INACTIVE);
});

test("a resource server's client is told of the tokens for it, and of no scope but its own", async () => {
	const [mine, theirs] = [`https://${unique('mine')}.example`, `https://${unique('theirs')}.example`];
	for (const id of [mine, theirs])
		tarn('create-resource-server', '--identifier', id, '--name', 'api', '--scopes', 'ScopeName=read,ScopeDescription=r',
		    'ScopeName=write,ScopeDescription=w', 'ScopeName=introspect,ScopeDescription=i');
	const api = (id) => tarn('create-user-pool-client', '--client-name', 'api', '--generate-secret',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'client_credentials',
	    '--allowed-o-auth-scopes', `${id}/introspect`).UserPoolClient;
	const app = makeClient('--allowed-o-auth-scopes', 'openid', `${mine}/read`, `${mine}/write`, `${theirs}/read`);
	const { access_token, refresh_token } = await tokens(app, user);
	const said = await by(api(mine), access_token);
	assert.equal(said.active, true);
	assert.equal(said.sub, user.sub);
	assert.deepEqual(said.scope.split(' ').sort(), [`${mine}/read`, `${mine}/write`]);
	assert.equal((await by(api(theirs), access_token)).scope, `${theirs}/read`);
	assert.deepEqual(await by(api(mine), refresh_token), INACTIVE);
	// By its audience alone.
	const plain = makeClient(), bound = await tokens(plain, user, { resource: mine });
	assert.deepEqual([(await by(api(mine), bound.access_token)).aud, await by(api(theirs), bound.access_token)], [mine, INACTIVE]);
});

test('tokens of another pool are inactive', async () => {
	const { access_token } = await tokens(web, user);
	const forged = access_token.split('.');
	forged[1] = Buffer.from(JSON.stringify({ ...claims(access_token), iss: claims(access_token).iss.replace(pool, 'us-east-1_x') })).toString('base64url');
	assert.deepEqual(await by(web, forged.join('.')), INACTIVE);
});

for (const [what, form, headers, status, error] of [
	['no token', () => ({}), () => ({ authorization: basic(web) }), 400, 'invalid_request'],
	['two tokens', () => [['token', 'a'], ['token', 'b']], () => ({ authorization: basic(web) }), 400, 'invalid_request'],
	['wrong credentials', () => ({ token: 'x', client_id: clientId(web), client_secret: 'no' }), () => ({}), 401, 'invalid_client'],
	['no credentials', () => ({ token: 'x' }), () => ({}), 400, 'invalid_request'],
	['a public client', () => ({ token: 'x', client_id: clientId(spa) }), () => ({}), 401, 'invalid_client'],
])
	test(`refused: ${what}`, async () => {
		const answer = await ask(form(), headers());
		assert.equal(answer.status, status, answer.text);
		assert.equal(answer.json.error, error);
		assert.ok(!('active' in answer.json));
	});

test('nobody asks by GET', async () => {
	assert.equal((await request('/oauth2/introspect?token=x', { headers: { authorization: basic(web) } })).status, 405);
});
