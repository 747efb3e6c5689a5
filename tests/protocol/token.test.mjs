// oauth.md 3: /oauth2/token
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, basic, callback, claims, clientId, clientSecret, code, m2m, makeClient, makeUser, pkce,
	request, spa, tarn, token, tokens, unique, web } from './suite.mjs';

let user;
before(() => { user = makeUser(); });

function refused(answer, error, description) {
	assert.equal(answer.status, 400, answer.text);
	assert.match(answer.headers['content-type'], /^application\/json;charset=UTF-8$/i);
	assert.deepEqual(answer.json, description ? { error, error_description: description } : { error });
	assert.match(answer.headers['cache-control'], /no-store/);
}

const exchange = (client, value, more = {}) => token(client, { grant_type: 'authorization_code',
	code: value, redirect_uri: callback(client), ...more });

test('a code becomes ID, access and refresh token', async () => {
	const answer = await exchange(web, await code(web, user));
	assert.equal(answer.status, 200, answer.text);
	assert.match(answer.headers['content-type'], /^application\/json;charset=UTF-8$/i);
	assert.deepEqual(Object.keys(answer.json).sort(),
	    ['access_token', 'expires_in', 'id_token', 'refresh_token', 'token_type']);
	assert.equal(answer.json.token_type, 'Bearer');
	assert.equal(answer.json.expires_in, 3600);
});

test('the answer sets a form token that nobody needs, as the original does', async () => {
	const answer = await token(m2m, { grant_type: 'client_credentials' });
	assert.equal(answer.status, 200, answer.text);
	assert.match(answer.headers['set-cookie'].join(), /^XSRF-TOKEN=[0-9a-f-]{36}; Path=\/;(?: Secure;)? HttpOnly; SameSite=Lax$/);
});

test('a refresh token is opaque: 256 random bits, no JWT, of the characters that the API allows', async () => {
	const [a, b] = [await tokens(web, user), await tokens(web, user)];
	for (const { refresh_token } of [a, b]) {
		assert.match(refresh_token, /^[A-Za-z0-9_-]{43}$/);
		assert.match(refresh_token, /^[A-Za-z0-9-_=.]+$/);
	}
	assert.notEqual(a.refresh_token, b.refresh_token);
});

test('without openid there is no ID token', async () => {
	const client = makeClient('--allowed-o-auth-scopes', 'openid', 'aws.cognito.signin.user.admin');
	const answer = await exchange(client, await code(client, user, { scope: 'aws.cognito.signin.user.admin' }));
	assert.equal(answer.status, 200);
	assert.equal('id_token' in answer.json, false);
});

test('a code works once', async () => {
	const value = await code(web, user);
	assert.equal((await exchange(web, value)).status, 200);
	refused(await exchange(web, value), 'invalid_grant');
});

test('of many who redeem one code at once, one wins', async () => {
	const value = await code(web, user);
	const answers = await Promise.all(Array.from({ length: 16 }, () => exchange(web, value)));
	assert.equal(answers.filter((a) => a.status === 200).length, 1);
	assert.equal(answers.filter((a) => a.status === 400 && a.json.error === 'invalid_grant').length, 15);
});

test('refused: an unknown code', async () => {
	refused(await exchange(web, '00000000-0000-4000-8000-000000000000'), 'invalid_grant');
});

test("refused: another client's code, which stays good for its owner", async () => {
	const value = await code(web, user);
	const other = makeClient('--generate-secret');
	refused(await exchange(other, value, { redirect_uri: callback(web) }), 'invalid_grant');
	assert.equal((await exchange(web, value)).status, 200);
});

test('refused: another redirect_uri than at authorize', async () => {
	refused(await exchange(web, await code(web, user), { redirect_uri: 'https://evil.example/' }),
	    'unauthorized_client', 'invalid_redirect');
});

test('refused: no redirect_uri, no code, no grant_type', async () => {
	refused(await token(web, { grant_type: 'authorization_code', code: 'x' }), 'invalid_request');
	refused(await token(web, { grant_type: 'authorization_code', redirect_uri: callback(web) }), 'invalid_request');
	refused(await token(web, { code: 'x' }), 'invalid_request');
});

test('PKCE: the verifier of the challenge is accepted', async () => {
	const { verifier, challenge } = pkce();
	const value = await code(spa, user, { code_challenge: challenge, code_challenge_method: 'S256' });
	assert.equal((await exchange(spa, value, { code_verifier: verifier })).status, 200);
});

test('PKCE: the example of RFC 7636 appendix B', async () => {
	const value = await code(spa, user, { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
		code_challenge_method: 'S256' });
	assert.equal((await exchange(spa, value,
	    { code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' })).status, 200);
});

test('PKCE: a 128-character verifier, as Amplify sends, is accepted', async () => {
	const { createHash } = await import('node:crypto');
	const verifier = 'aZ09-._~'.repeat(16);
	const challenge = createHash('sha256').update(verifier).digest('base64url');
	const value = await code(spa, user, { code_challenge: challenge, code_challenge_method: 'S256' });
	assert.equal((await exchange(spa, value, { code_verifier: verifier })).status, 200);
});

test('PKCE refused: a wrong, an absent and an uncalled-for verifier', async () => {
	const { challenge } = pkce(), asked = { code_challenge: challenge, code_challenge_method: 'S256' };
	refused(await exchange(spa, await code(spa, user, asked), { code_verifier: pkce().verifier }), 'invalid_grant');
	refused(await exchange(spa, await code(spa, user, asked)), 'invalid_grant');
	refused(await exchange(spa, await code(spa, user), { code_verifier: pkce().verifier }), 'invalid_grant');
});

test('a code that failed its proof is spent', async () => {
	const { verifier, challenge } = pkce();
	const value = await code(spa, user, { code_challenge: challenge, code_challenge_method: 'S256' });
	refused(await exchange(spa, value, { code_verifier: pkce().verifier }), 'invalid_grant');
	refused(await exchange(spa, value, { code_verifier: verifier }), 'invalid_grant');
});

test('the secret may be in the body, and client_id beside Basic', async () => {
	const inBody = await request('/oauth2/token', { method: 'POST', form: { grant_type: 'authorization_code',
		code: await code(web, user), redirect_uri: callback(web), client_id: clientId(web),
		client_secret: clientSecret(web) } });
	assert.equal(inBody.status, 200, inBody.text);
	assert.equal((await exchange(web, await code(web, user), { client_id: clientId(web) })).status, 200);
});

test('parameters in the query are accepted', async () => {
	const query = new URLSearchParams({ grant_type: 'authorization_code', code: await code(web, user),
		redirect_uri: callback(web) });
	const answer = await request(`/oauth2/token?${query}`, { method: 'POST',
		headers: { authorization: basic(web), 'content-type': 'application/x-www-form-urlencoded' } });
	assert.equal(answer.status, 200, answer.text);
});

for (const [what, form, headers] of [
	['an unknown client', { client_id: 'nobody' }, {}],
	['no secret where there is one', { client_id: () => clientId(web) }, {}],
	['a wrong secret in the body', { client_id: () => clientId(web), client_secret: 'x'.repeat(48) }, {}],
	['a wrong secret by Basic', {}, { authorization: () => `Basic ${Buffer.from(`${clientId(web)}:no`).toString('base64')}` }],
	['an Authorization header that is not Basic', {}, { authorization: () => 'Digest a=b' }],
	['Basic that is not base64', {}, { authorization: () => 'Basic ***' }],
])
	test(`invalid_client is 400: ${what}`, async () => {
		const real = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, typeof v === 'function' ? v() : v]));
		refused(await request('/oauth2/token', { method: 'POST', headers: real(headers),
			form: { grant_type: 'refresh_token', refresh_token: 'x', ...real(form) } }), 'invalid_client');
	});

test('refused: no client at all, and two ways to authenticate at once', async () => {
	refused(await request('/oauth2/token', { method: 'POST', form: { grant_type: 'refresh_token', refresh_token: 'x' } }),
	    'invalid_request');
	refused(await token(web, { grant_type: 'refresh_token', refresh_token: 'x', client_secret: clientSecret(web) }),
	    'invalid_request');
});

test('either of two live secrets is valid, and a deleted one is not', async () => {
	const client = makeClient('--generate-secret');
	const added = tarn('add-user-pool-client-secret', '--client-id', client.ClientId).ClientSecretDescriptor;
	const tried = async (secret) => (await request('/oauth2/token', { method: 'POST', form: { grant_type: 'refresh_token',
		refresh_token: 'x', client_id: client.ClientId, client_secret: secret } })).json.error;
	assert.equal(await tried(client.ClientSecret), 'invalid_grant');
	assert.equal(await tried(added.ClientSecretValue), 'invalid_grant');
	tarn('delete-user-pool-client-secret', '--client-id', client.ClientId, '--client-secret-id', added.ClientSecretId);
	assert.equal(await tried(added.ClientSecretValue), 'invalid_client');
});

test('unsupported_grant_type for anything else', async () => {
	for (const grant_type of ['password', 'implicit', 'Authorization_code'])
		refused(await token(web, { grant_type }), 'unsupported_grant_type');
});

test('unauthorized_client where the grant is not enabled', async () => {
	refused(await token(web, { grant_type: 'client_credentials' }), 'unauthorized_client');
	refused(await token(m2m, { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://a.example/' }),
	    'unauthorized_client');
});

test('invalid_grant where the client may not read all that a scope implies', async () => {
	const client = makeClient('--read-attributes', 'email');
	const value = await code(client, user, { scope: 'openid email' });
	refused(await exchange(client, value), 'invalid_grant');
});

test('a refresh token gives new ID and access tokens, again and again, and no new refresh token', async () => {
	const first = await tokens(web, user);
	for (let i = 0; i < 2; i++) {
		const answer = await token(web, { grant_type: 'refresh_token', refresh_token: first.refresh_token });
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(Object.keys(answer.json).sort(), ['access_token', 'expires_in', 'id_token', 'token_type']);
	}
});

test('refresh keeps auth_time, origin_jti and scope; jti and event_id are new', async () => {
	const first = await tokens(web, user, { scope: 'openid email', nonce: 'once' });
	const again = (await token(web, { grant_type: 'refresh_token', refresh_token: first.refresh_token })).json;
	const [a, b] = [claims(first.access_token), claims(again.access_token)];
	assert.deepEqual([b.auth_time, b.origin_jti, b.scope, b.sub], [a.auth_time, a.origin_jti, a.scope, a.sub]);
	assert.notEqual(a.jti, b.jti);
	assert.notEqual(a.event_id, b.event_id);
});

test('refresh ignores a scope, and reads attributes and groups afresh', async () => {
	const someone = makeUser(['Name=name,Value=Before']);
	const first = await tokens(web, someone);
	tarn('admin-update-user-attributes', '--username', someone.email, '--user-attributes', 'Name=name,Value=After');
	const again = (await token(web, { grant_type: 'refresh_token', refresh_token: first.refresh_token, scope: 'openid' })).json;
	assert.equal(claims(first.id_token).name, 'Before');
	assert.equal(claims(again.id_token).name, 'After');
	assert.equal(claims(again.access_token).scope, claims(first.access_token).scope);
});

test('resource is kept across refresh', async () => {
	const first = await tokens(web, user, { resource: 'https://api.example.com' });
	const again = (await token(web, { grant_type: 'refresh_token', refresh_token: first.refresh_token })).json;
	assert.equal(claims(again.access_token).aud, 'https://api.example.com');
});

test('refused: a refresh token of another client, an unknown one, none', async () => {
	const { refresh_token } = await tokens(web, user);
	refused(await token(spa, { grant_type: 'refresh_token', refresh_token }), 'invalid_grant');
	refused(await token(web, { grant_type: 'refresh_token', refresh_token: 'unknown' }), 'invalid_grant');
	refused(await token(web, { grant_type: 'refresh_token' }), 'invalid_request');
});

test('refused: code and refresh token of someone who was disabled, and enabling does not revive', async () => {
	const someone = makeUser();
	const { refresh_token } = await tokens(web, someone);
	const value = await code(web, someone);
	tarn('admin-disable-user', '--username', someone.email);
	refused(await exchange(web, value), 'invalid_grant');
	refused(await token(web, { grant_type: 'refresh_token', refresh_token }), 'invalid_grant');
	tarn('admin-enable-user', '--username', someone.email);
	refused(await token(web, { grant_type: 'refresh_token', refresh_token }), 'invalid_grant');
});

test('refused: tokens of someone who was deleted', async () => {
	const someone = makeUser();
	const { refresh_token } = await tokens(web, someone);
	tarn('admin-delete-user', '--username', someone.email);
	refused(await token(web, { grant_type: 'refresh_token', refresh_token }), 'invalid_grant');
});

test('global sign-out ends every refresh token', async () => {
	const someone = makeUser();
	const { refresh_token } = await tokens(web, someone);
	tarn('admin-user-global-sign-out', '--username', someone.email);
	refused(await token(web, { grant_type: 'refresh_token', refresh_token }), 'invalid_grant');
});

test('the expiry is that of the client settings', async () => {
	const client = makeClient('--access-token-validity', '10', '--id-token-validity', '20',
	    '--token-validity-units', 'AccessToken=minutes,IdToken=minutes');
	const answer = await tokens(client, user);
	assert.equal(answer.expires_in, 600);
	const [a, i] = [claims(answer.access_token), claims(answer.id_token)];
	assert.deepEqual([a.exp - a.iat, i.exp - i.iat], [600, 1200]);
});

test('client_credentials: all custom scopes by default, those asked for otherwise', async () => {
	const all = await token(m2m, { grant_type: 'client_credentials' });
	assert.equal(all.status, 200, all.text);
	assert.deepEqual(Object.keys(all.json).sort(), ['access_token', 'expires_in', 'token_type']);
	const c = claims(all.json.access_token);
	assert.deepEqual(c.scope.split(' ').sort(), ['https://api.example.com/read', 'https://api.example.com/write']);
	const one = await token(m2m, { grant_type: 'client_credentials', scope: 'https://api.example.com/read' });
	assert.equal(claims(one.json.access_token).scope, 'https://api.example.com/read');
});

test('client_credentials: the claims of a machine', async () => {
	const { access_token } = (await token(m2m, { grant_type: 'client_credentials' })).json;
	const c = claims(access_token);
	assert.deepEqual(Object.keys(c).sort(),
	    ['auth_time', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub', 'token_use', 'version']);
	assert.deepEqual([c.sub, c.client_id, c.token_use, c.version, c.auth_time],
	    [clientId(m2m), clientId(m2m), 'access', 2, c.iat]);
});

test('client_credentials refused: reserved and foreign scopes', async () => {
	for (const scope of ['openid', 'https://api.example.com/delete', 'https://other.example/read'])
		refused(await token(m2m, { grant_type: 'client_credentials', scope }), 'invalid_scope');
});

test('aws_client_metadata is an object of texts, with every grant', async () => {
	const { refresh_token } = await tokens(web, user);
	const grants = [[m2m, () => ({ grant_type: 'client_credentials' })], [web, () => ({ grant_type: 'refresh_token', refresh_token })],
		[web, async () => ({ grant_type: 'authorization_code', code: await code(web, user), redirect_uri: callback(web) })]];
	for (const [client, grant] of grants)
		for (const good of ['{"environment":"dev","empty":""}', '{}', '{"\\u00e4":"\\ud83d\\ude00"}'])
			assert.equal((await token(client, { ...await grant(), aws_client_metadata: good })).status, 200, good);
	for (const bad of ['x', '"a"', '["a"]', 'null', '{"a":1}', '{"a":null}', '{"a":{"b":"c"}}', '{"a":["b"]}', '{"a":"b","a":"c"}', '{"a":"b"',
		'{"a":"b"} x', '{"a":'.repeat(100), `{"a":"${'x'.repeat(8192)}"}`])
		for (const [client, grant] of grants.slice(0, 2))
			refused(await token(client, { ...await grant(), aws_client_metadata: bad }), 'invalid_request');
});

test('client_credentials: a scope that left its resource server is left out, and comes back with it', async () => {
	const identifier = `https://${unique('api')}.example`, server = ['--identifier', identifier, '--name', 'inactive'];
	tarn('create-resource-server', ...server, '--scopes', 'ScopeName=a,ScopeDescription=a', 'ScopeName=b,ScopeDescription=b');
	const client = makeClient('--generate-secret', '--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes', `${identifier}/a`, `${identifier}/b`);
	const scopes = async (more) => {
		const answer = await token(client, { grant_type: 'client_credentials', ...more });
		assert.equal(answer.status, 200, answer.text);
		return claims(answer.json.access_token).scope.split(' ').filter(Boolean);
	};
	assert.deepEqual(await scopes(), [`${identifier}/a`, `${identifier}/b`]);
	tarn('update-resource-server', ...server, '--scopes', 'ScopeName=a,ScopeDescription=a');
	assert.deepEqual(await scopes(), [`${identifier}/a`]);
	assert.deepEqual(await scopes({ scope: `${identifier}/a ${identifier}/b` }), [`${identifier}/a`]);
	tarn('update-resource-server', ...server, '--scopes', 'ScopeName=a,ScopeDescription=a', 'ScopeName=b,ScopeDescription=b');
	assert.deepEqual(await scopes(), [`${identifier}/a`, `${identifier}/b`]);
	tarn('delete-user-pool-client', '--client-id', client.ClientId);
	tarn('delete-resource-server', '--identifier', identifier);
});

test('client_credentials: the life is that of the access token in the client settings', async () => {
	const client = makeClient('--generate-secret', '--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes',
	    'https://api.example.com/read', '--access-token-validity', '10', '--token-validity-units', 'AccessToken=minutes');
	const { expires_in, access_token } = (await token(client, { grant_type: 'client_credentials' })).json;
	assert.deepEqual([expires_in, claims(access_token).exp - claims(access_token).iat], [600, 600]);
});

test('a client with a secret sends it with every grant', async () => {
	const { refresh_token } = await tokens(web, user);
	const bare = (client, form) => request('/oauth2/token', { method: 'POST', form: { client_id: clientId(client), ...form } });
	refused(await bare(web, { grant_type: 'refresh_token', refresh_token }), 'invalid_client');
	refused(await bare(m2m, { grant_type: 'client_credentials' }), 'invalid_client');
	const value = await code(web, user);
	refused(await bare(web, { grant_type: 'authorization_code', code: value, redirect_uri: callback(web) }), 'invalid_client');
	assert.equal((await exchange(web, value)).status, 200);	// who could not prove anything did not spend it
});

test('refused: client_id of the body is not that of the header', async () => {
	refused(await token(web, { grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId(spa) }), 'invalid_request');
});

test('a public client needs no secret, and Basic with an empty one is as good', async () => {
	const empty = `Basic ${Buffer.from(`${clientId(spa)}:`).toString('base64')}`;
	assert.equal((await exchange(spa, await code(spa, user))).status, 200);
	const answer = await request('/oauth2/token', { method: 'POST', headers: { authorization: empty },
		form: { grant_type: 'authorization_code', code: await code(spa, user), redirect_uri: callback(spa) } });
	assert.equal(answer.status, 200, answer.text);
});

test('the scope of the code counts, one beside it is ignored', async () => {
	const value = await code(web, user, { scope: 'openid email' });
	const answer = await exchange(web, value, { scope: 'openid' });
	assert.equal(claims(answer.json.access_token).scope, 'openid email');
});

test('refused: a code that comes again; the tokens of the first time stay good', async () => {
	const value = await code(web, user);
	const first = (await exchange(web, value)).json;
	refused(await exchange(web, value), 'invalid_grant');
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${first.access_token}` } })).status, 200);
	assert.equal((await token(web, { grant_type: 'refresh_token', refresh_token: first.refresh_token })).status, 200);
});

test('a client for which OAuth is off gets nothing, whatever flows it names', async () => {
	const client = makeClient('--generate-secret', '--no-allowed-o-auth-flows-user-pool-client');
	refused(await token(client, { grant_type: 'refresh_token', refresh_token: 'x' }), 'unauthorized_client');
	refused(await token(client, { grant_type: 'authorization_code', code: 'x', redirect_uri: callback(client) }), 'unauthorized_client');
	const machine = makeClient('--generate-secret', '--no-allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'client_credentials',
	    '--allowed-o-auth-scopes', 'https://api.example.com/read');
	refused(await token(machine, { grant_type: 'client_credentials' }), 'unauthorized_client');
});

for (const [scope, read] of [['phone', ['phone_number']], ['profile', ['name', 'email', 'email_verified']], ['email', ['email_verified']]])
	test(`invalid_grant where the client may not read all that ${scope} implies, at refresh too`, async () => {
		const client = makeClient('--allowed-o-auth-scopes', 'openid', scope);
		const { refresh_token } = await tokens(client, user, { scope: `openid ${scope}` });
		tarn('update-user-pool-client', '--client-id', client.ClientId, '--supported-identity-providers', 'COGNITO', '--callback-urls', callback(client),
		    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid', scope, '--read-attributes', ...read);
		refused(await token(client, { grant_type: 'refresh_token', refresh_token }), 'invalid_grant');
		refused(await exchange(client, await code(client, user, { scope: `openid ${scope}` })), 'invalid_grant');
		assert.equal((await exchange(client, await code(client, user, { scope: 'openid' }))).status, 200);
	});

test('invalid_client is without a challenge', async () => {
	const answer = await token(web, { grant_type: 'refresh_token' }, { authorization: 'Basic eDp5' });
	refused(answer, 'invalid_client');
	assert.equal('www-authenticate' in answer.headers, false);
});

test('refresh reads groups afresh, and gives both tokens a new expiry', async () => {
	const someone = makeUser(), group = unique('late');
	const first = await tokens(web, someone);
	tarn('create-group', '--group-name', group);
	tarn('admin-add-user-to-group', '--username', someone.email, '--group-name', group);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	const again = (await token(web, { grant_type: 'refresh_token', refresh_token: first.refresh_token })).json;
	for (const kind of ['id_token', 'access_token']) {
		const [a, b] = [claims(first[kind]), claims(again[kind])];
		assert.deepEqual(b['cognito:groups'], [group]);
		assert.ok(b.exp > a.exp && b.iat > a.iat, kind);
		assert.equal(b.exp - b.iat, 3600);
		assert.deepEqual([b.acr, b.amr, b.auth_time], [a.acr, a.amr, a.auth_time]);
	}
	tarn('delete-group', '--group-name', group);
});

test('a refresh has nothing to say to the browser session', async () => {
	const browser = new Browser();
	const { refresh_token } = await tokens(web, user, {}, browser);
	const held = browser.cookies.get('cognito');
	const answer = await browser.fetch('/oauth2/token', { method: 'POST', headers: { authorization: basic(web) },
		form: { grant_type: 'refresh_token', refresh_token } });
	assert.equal(answer.status, 200);
	assert.doesNotMatch(answer.headers['set-cookie'].join(), /cognito=/);
	assert.equal(browser.cookies.get('cognito'), held);
});

test('rotation: a reused token is refused, and nothing else dies of it', async () => {
	const client = rotating(0);
	const first = await tokens(client, user);
	const second = (await refresh(client, first.refresh_token)).json;
	refused(await refresh(client, first.refresh_token), 'invalid_grant');
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${second.access_token}` } })).status, 200);
	assert.equal((await refresh(client, second.refresh_token)).status, 200);
});

test('refused: a body that is not a form', async () => {
	refused(await request('/oauth2/token', { method: 'POST', body: '{"grant_type":"refresh_token"}',
		headers: { 'content-type': 'application/json', authorization: basic(web) } }), 'invalid_request');
});

test('refused: a repeated parameter, a megabyte, bytes that are not UTF-8, a NUL', async () => {
	const send = (body) => request('/oauth2/token', { method: 'POST', body,
		headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(web) } });
	refused(await send('grant_type=refresh_token&grant_type=refresh_token&refresh_token=x'), 'invalid_request');
	refused(await send(`grant_type=refresh_token&refresh_token=${'x'.repeat(900 * 1024)}`), 'invalid_request');
	refused(await send('grant_type=refresh_token&refresh_token=%ff%fe'), 'invalid_request');
	refused(await send('grant_type=refresh_token&refresh_token=a%00b'), 'invalid_request');
	refused(await send('grant_type=%zz'), 'invalid_request');
});

for (const method of ['GET', 'PUT', 'DELETE'])
	test(`${method} is 405 with an empty body`, async () => {
		const { status, text, headers } = await request('/oauth2/token', { method });
		assert.deepEqual([status, text, headers.allow], [405, '', 'POST']);
	});

test('an unexpected browser cookie does not matter', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	const answer = await browser.fetch('/oauth2/token', { method: 'POST', headers: { authorization: basic(web) },
		form: { grant_type: 'refresh_token', refresh_token: 'x' } });
	refused(answer, 'invalid_grant');
});

const rotating = (grace) => makeClient('--refresh-token-rotation', `Feature=ENABLED,RetryGracePeriodSeconds=${grace}`,
    '--explicit-auth-flows', 'ALLOW_USER_SRP_AUTH');
const refresh = (client, refresh_token) => token(client, { grant_type: 'refresh_token', refresh_token });

test('rotation: every refresh gives a new refresh token, and the old one dies at once', async () => {
	const client = rotating(0);
	const first = await tokens(client, user);
	const second = await refresh(client, first.refresh_token);
	assert.equal(second.status, 200, second.text);
	assert.deepEqual(Object.keys(second.json).sort(), ['access_token', 'expires_in', 'id_token', 'refresh_token', 'token_type']);
	assert.notEqual(second.json.refresh_token, first.refresh_token);
	assert.equal(claims(second.json.access_token).origin_jti, claims(first.access_token).origin_jti);
	refused(await refresh(client, first.refresh_token), 'invalid_grant');
	assert.equal((await refresh(client, second.json.refresh_token)).status, 200);
});

test('rotation: of many who come with one token at once, one wins', async () => {
	const client = rotating(0);
	const { refresh_token } = await tokens(client, user);
	const answers = await Promise.all(Array.from({ length: 12 }, () => refresh(client, refresh_token)));
	assert.equal(answers.filter((a) => a.status === 200).length, 1);
});

test('rotation: the old token lives on for its grace period', async () => {
	const client = rotating(1);
	const { refresh_token } = await tokens(client, user);
	assert.equal((await refresh(client, refresh_token)).status, 200);
	assert.equal((await refresh(client, refresh_token)).status, 200);
	await new Promise((resolve) => setTimeout(resolve, 1200));
	refused(await refresh(client, refresh_token), 'invalid_grant');
});

test('rotation: revoking the newest ends all that came of the first', async () => {
	const client = rotating(60);
	const first = await tokens(client, user);
	const second = (await refresh(client, first.refresh_token)).json;
	await request('/oauth2/revoke', { method: 'POST', form: { token: second.refresh_token, client_id: clientId(client) } });
	refused(await refresh(client, first.refresh_token), 'invalid_grant');
	refused(await refresh(client, second.refresh_token), 'invalid_grant');
});

test('every answer sets an XSRF-TOKEN cookie of no use', async () => {
	const { headers } = await token(web, { grant_type: 'refresh_token', refresh_token: 'x' });
	assert.match(headers['set-cookie'].join(), /^XSRF-TOKEN=[0-9a-f-]{36}; Path=\/;.*HttpOnly; SameSite=Lax/);
});
