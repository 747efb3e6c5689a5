// RFC 8693: a token for a narrower one; RFC 8707: a machine's token for one resource
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { basic, claims, clientId, makeClient, makeUser, part, request, spa, tarn, token, tokens, unique } from './suite.mjs';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange', ACCESS = 'urn:ietf:params:oauth:token-type:access_token';
const orders = `https://${unique('orders')}.example`, billing = `https://${unique('billing')}.example`;
let user, app, api, stranger, held;
before(async () => {
	for (const identifier of [orders, billing])
		tarn('create-resource-server', '--identifier', identifier, '--name', 'API', '--scopes', 'ScopeName=read,ScopeDescription=R', 'ScopeName=write,ScopeDescription=W');
	user = makeUser();
	const exchanging = (...scopes) => makeClient('--generate-secret', '--allowed-o-auth-flows', 'token_exchange', '--allowed-o-auth-scopes', ...scopes);
	app = makeClient('--generate-secret', '--allowed-o-auth-flows', 'code', 'token_exchange',
	    '--allowed-o-auth-scopes', 'openid', 'email', `${orders}/read`, `${orders}/write`, `${billing}/read`);
	api = exchanging('openid', `${orders}/read`, `${billing}/read`, `${billing}/write`);
	stranger = exchanging('openid', 'email', `${billing}/write`);
	held = await tokens(app, user);
});

const exchange = (client, form = {}) => token(client, { grant_type: GRANT, subject_token: held.access_token, subject_token_type: ACCESS, ...form });
const words = (jwt) => claims(jwt).scope.split(' ').sort();
const userInfo = (jwt) => request('/oauth2/userInfo', { headers: { authorization: `Bearer ${jwt}` } });
async function good(answer) {
	const { status, json, text } = await answer;
	assert.equal(status, 200, text);
	assert.equal(json.issued_token_type, ACCESS);
	assert.equal(json.token_type, 'Bearer');
	assert.equal('refresh_token' in json || 'id_token' in json, false);
	assert.equal(json.scope, claims(json.access_token).scope);
	return json;
}

test('a client gets a token of fewer scopes for its own, of the same person and family', async () => {
	const json = await good(exchange(app, { scope: `openid ${orders}/read` }));
	const [old, now] = [claims(held.access_token), claims(json.access_token)];
	assert.deepEqual(words(json.access_token), [`${orders}/read`, 'openid'].sort());
	for (const name of ['sub', 'username', 'client_id', 'origin_jti', 'auth_time', 'iss', 'amr'])
		assert.deepEqual(now[name], old[name], name);
	assert.notEqual(now.jti, old.jti);
	assert.equal('act' in now || 'aud' in now, false);
	assert.equal((await userInfo(json.access_token)).status, 200);
});

test('an API gets one for the next API, and is named as who acts', async () => {
	const json = await good(exchange(api, { resource: billing }));
	const now = claims(json.access_token);
	assert.equal(now.aud, billing);
	assert.equal(now.client_id, clientId(api));
	assert.deepEqual(now.act, { sub: clientId(api) });
	assert.equal(now.sub, user.sub);
	assert.deepEqual(words(json.access_token), [`${billing}/read`]);
	assert.deepEqual((await good(exchange(api, { audience: billing }))).scope, json.scope);
});

test('the dialect of the answer is that of who exchanges, not of who had the token', async () => {
	const strict = makeClient('--generate-secret', '--dialect', 'standard', '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', `${orders}/read`);
	const { access_token } = await tokens(strict, user);
	assert.equal(part(access_token, 0).typ, 'at+jwt');
	assert.equal('typ' in part((await good(exchange(api, { subject_token: access_token }))).access_token, 0), false);
});

test('who acted before stays inside of who acts now', async () => {
	const first = await good(exchange(api));
	const second = await good(exchange(app, { subject_token: first.access_token }));
	assert.deepEqual(claims(second.access_token).act, { sub: clientId(app), act: { sub: clientId(api) } });
	let last = second.access_token;
	for (const client of [api, app])
		last = (await good(exchange(client, { subject_token: last }))).access_token;
	assert.equal((await exchange(api, { subject_token: last })).json.error, 'invalid_request');
});

test('of a token that is not its own an API gets custom scopes alone, and only those it has', async () => {
	const json = await good(exchange(api));
	assert.deepEqual(words(json.access_token), [`${billing}/read`, `${orders}/read`].sort());
	assert.equal((await exchange(api, { scope: 'openid' })).json.error, 'invalid_scope');
	assert.equal((await exchange(api, { scope: `${billing}/write` })).json.error, 'invalid_scope');	// the token lacks it
	assert.equal((await exchange(api, { scope: `${orders}/write` })).json.error, 'invalid_scope');	// the client lacks it
	assert.equal((await userInfo(json.access_token)).status, 401);
});

test('the new token does not outlive the old', async () => {
	const short = makeClient('--generate-secret', '--allowed-o-auth-scopes', 'openid', `${orders}/read`, '--access-token-validity', '5', '--token-validity-units', 'AccessToken=minutes');
	const { access_token } = await tokens(short, user);
	const json = await good(exchange(api, { subject_token: access_token }));
	assert.equal(claims(json.access_token).exp, claims(access_token).exp);
	assert.ok(json.expires_in <= 300 && json.expires_in > 290);
});

test('what ends the family ends the exchanged token: revocation, signing out everywhere, the first client gone', async () => {
	const first = makeClient('--generate-secret', '--allowed-o-auth-flows', 'code', 'token_exchange');
	for (const end of [
		(set) => request('/oauth2/revoke', { method: 'POST', form: { token: set.refresh_token }, headers: { authorization: basic(first) } }),
		(set, who) => tarn('admin-user-global-sign-out', '--username', who.username),
		() => tarn('delete-user-pool-client', '--client-id', clientId(first)),
	]) {
		const who = makeUser(), set = await tokens(first, who, { scope: 'openid' });
		const json = await good(exchange(first, { subject_token: set.access_token, scope: 'openid' }));
		assert.equal((await userInfo(json.access_token)).status, 200);
		await end(set, who);
		assert.equal((await userInfo(json.access_token)).status, 401);
		assert.notEqual((await exchange(app, { subject_token: json.access_token })).status, 200);
	}
});

test('an exchanged token of an API dies with the client of its family', async () => {
	const first = makeClient('--generate-secret', '--allowed-o-auth-scopes', `${orders}/read`);
	const set = await tokens(first, user, { scope: `${orders}/read` });
	const json = await good(exchange(api, { subject_token: set.access_token }));
	await good(exchange(api, { subject_token: json.access_token }));
	tarn('delete-user-pool-client', '--client-id', clientId(first));
	assert.equal((await exchange(api, { subject_token: json.access_token })).json.error, 'invalid_request');
});

const machine = () => makeClient('--generate-secret', '--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes', `${orders}/read`, `${billing}/read`);
for (const [what, client, form, error] of [
	['no subject_token', () => app, { subject_token: undefined }, 'invalid_request'],
	['no subject_token_type', () => app, { subject_token_type: '' }, 'invalid_request'],
	['an ID token by its type', () => app, { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 'invalid_request'],
	['an ID token in disguise', () => app, () => ({ subject_token: held.id_token }), 'invalid_request'],
	['garbage', () => app, { subject_token: 'a.b.c' }, 'invalid_request'],
	['a wrong signature', () => app, () => ({ subject_token: `${held.access_token.slice(0, -8)}AAAAAAAA` }), 'invalid_request'],
	['a refresh token', () => app, () => ({ subject_token: held.refresh_token }), 'invalid_request'],
	["a machine's token", () => api, async () => ({ subject_token: (await token(machine(), { grant_type: 'client_credentials' })).json.access_token }), 'invalid_request'],
	['another kind of token wanted', () => app, { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
	['an actor token', () => app, { actor_token: 'x' }, 'invalid_request'],
	['a token that was never for the client', () => stranger, async () => ({ subject_token: (await tokens(makeClient('--generate-secret'), user)).access_token }), 'invalid_request'],
	['a resource that the client has no scope of', () => api, { resource: 'https://elsewhere.example' }, 'invalid_target'],
	['a resource that the token has no scope of', () => stranger, { resource: billing, scope: undefined }, 'invalid_target'],
	['resource and audience that differ', () => api, { resource: billing, audience: orders }, 'invalid_target'],
	['two resources', () => api, [['resource', orders], ['resource', billing]], 'invalid_request'],
	['a scope that was not granted', () => app, { scope: `${billing}/write` }, 'invalid_scope'],
	['a client without the flow', () => makeClient('--generate-secret'), {}, 'unsupported_grant_type'],
	['the same in the standard dialect', () => makeClient('--generate-secret', '--dialect', 'standard'), {}, 'unauthorized_client'],
	['a public client', () => spa, {}, 'unsupported_grant_type'],
])
	test(`refused: ${what}`, async () => {
		const who = client(), more = typeof form === 'function' ? await form() : form;
		const all = Object.entries({ grant_type: GRANT, subject_token: held.access_token, subject_token_type: ACCESS, ...(Array.isArray(more) ? {} : more) })
			.filter(([, value]) => value !== undefined);
		const answer = await request('/oauth2/token', { method: 'POST', form: [...all, ...(Array.isArray(more) ? more : []),
			...(who.ClientSecret ? [] : [['client_id', clientId(who)]])],
			headers: who.ClientSecret ? { authorization: basic(who) } : {} });
		assert.equal(answer.json.error, error, answer.text);
		assert.equal(answer.status, 400);
	});

test('a public client cannot be given the flow', () => {
	assert.throws(() => makeClient('--allowed-o-auth-flows', 'token_exchange'), /InvalidOAuthFlowException/);
});

const credentials = (client, form) => token(client, { grant_type: 'client_credentials', ...form });
test('a machine names the one resource its token is for', async () => {
	const client = makeClient('--generate-secret', '--dialect', 'both', '--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes', `${orders}/read`, `${billing}/read`);
	const { json } = await credentials(client, { resource: orders });
	assert.equal(claims(json.access_token).aud, orders);
	assert.equal(claims(json.access_token).scope, `${orders}/read`);
	assert.equal((await credentials(client, { resource: 'https://elsewhere.example' })).json.error, 'invalid_target');
	assert.equal((await credentials(client, { resource: orders, scope: `${billing}/read` })).json.error, 'invalid_target');
	assert.equal('aud' in claims((await credentials(client, {})).json.access_token), false);
});

test('a machine of the original passes its resource over (oauth.md 2: users only)', async () => {
	const { json } = await credentials(machine(), { resource: orders });
	assert.equal('aud' in claims(json.access_token), false);
	assert.deepEqual(words(json.access_token), [`${billing}/read`, `${orders}/read`].sort());
	assert.equal('typ' in part(json.access_token, 0), false);
});
