// ARCHITECTURE, "Dialects": what each says differently on the wire
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, base, basic, callback, claims, clientId, code, demo, forms, makeClient, makePool, makeUser, part,
	pkce, request, token, tokens } from './suite.mjs';

const dialects = ['cognito', 'both', 'standard'];
const since = (first) => Object.fromEntries(dialects.map((d) => [d, dialects.indexOf(d) >= dialects.indexOf(first)]));
const clients = {}, implicit = {}, machines = {};
let user;

before(() => {
	user = makeUser();
	for (const dialect of dialects) {
		clients[dialect] = makeClient('--dialect', dialect, '--generate-secret');
		implicit[dialect] = makeClient('--dialect', dialect, '--allowed-o-auth-flows', 'implicit');
		machines[dialect] = makeClient('--dialect', dialect, '--generate-secret', '--allowed-o-auth-flows', 'client_credentials',
		    '--allowed-o-auth-scopes', 'https://api.example.com/read', 'https://api.example.com/write');
	}
});

// One test for each dialect: what(dialect, whether it departs there).
function each(sentence, first, what) {
	for (const dialect of dialects)
		test(`${dialect}: ${since(first)[dialect] ? '' : 'not '}${sentence}`, () => what(dialect, since(first)[dialect]));
}

const parameters = (answer) => {
	const url = new URL(answer.location);
	return { query: Object.fromEntries(url.searchParams), fragment: Object.fromEntries(new URLSearchParams(url.hash.slice(1))) };
};
const ask = (client, more) => new Browser().fetch(authorizeUrl(client, more));

each('iss in the authorization response, successful or not', 'both', async (dialect, departs) => {
	const expected = departs ? demo.issuer : undefined;
	const answer = await new Browser().signIn(clients[dialect], user, { state: 's' });
	assert.equal(parameters(answer).query.iss, expected);
	assert.equal(parameters(await ask(clients[dialect], { prompt: 'none' })).query.iss, expected);
});

each('scope in the token answer', 'both', async (dialect, departs) => {
	const answer = await tokens(clients[dialect], user, { scope: 'openid email' });
	assert.equal(answer.scope, departs ? 'openid email' : undefined);
	const machine = (await token(machines[dialect], { grant_type: 'client_credentials', scope: 'https://api.example.com/read' })).json;
	assert.equal(machine.scope, departs ? 'https://api.example.com/read' : undefined);
	const again = (await token(clients[dialect], { grant_type: 'refresh_token', refresh_token: answer.refresh_token })).json;
	assert.equal(again.scope, departs ? 'openid email' : undefined);
});

each('401 and a challenge for invalid_client', 'standard', async (dialect, departs) => {
	for (const headers of [{ authorization: `Basic ${Buffer.from(`${clientId(clients[dialect])}:wrong`).toString('base64')}` }, {}]) {
		const answer = await request('/oauth2/token', { method: 'POST', headers,
			form: { grant_type: 'authorization_code', code: 'x', redirect_uri: 'x', client_id: clientId(clients[dialect]) } });
		assert.deepEqual(answer.json, { error: 'invalid_client' });
		assert.equal(answer.status, departs ? 401 : 400);
		assert.equal(answer.headers['www-authenticate'], departs ? 'Basic realm="Tarn", charset="UTF-8"' : undefined);
	}
});

test('of a client that nobody knows, the pool\'s dialect decides', async () => {
	const pool = makePool('--dialect', 'standard');
	const answer = await request(`${pool.home}/oauth2/token`, { method: 'POST', form: { grant_type: 'refresh_token', client_id: 'nobody' } });
	assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
	pool.drop();
});

each('errors of the implicit grant in the fragment', 'standard', async (dialect, departs) => {
	const { query, fragment } = parameters(await ask(implicit[dialect], { response_type: 'token', prompt: 'none', state: 's' }));
	const [said, silent] = departs ? [fragment, query] : [query, fragment];
	assert.deepEqual([said.error, said.state], ['login_required', 's']);
	assert.deepEqual(silent, {});
});

each('a refresh that asks for fewer scopes gets fewer, and all of them again later', 'standard', async (dialect, departs) => {
	const { refresh_token } = await tokens(clients[dialect], user, { scope: 'openid email profile' });
	const refresh = (more) => token(clients[dialect], { grant_type: 'refresh_token', refresh_token, ...more });
	const narrow = claims((await refresh({ scope: 'openid email' })).json.access_token);
	assert.equal(narrow.scope, departs ? 'openid email' : 'openid email profile');
	const wide = await refresh({ scope: 'openid phone' });
	assert.deepEqual([wide.status, wide.json.error], departs ? [400, 'invalid_scope'] : [200, undefined]);
	assert.equal(claims((await refresh()).json.access_token).scope, 'openid email profile');
});

each('access tokens of the profile of RFC 9068', 'standard', async (dialect, departs) => {
	const person = (await tokens(clients[dialect], user)).access_token;
	const machine = (await token(machines[dialect], { grant_type: 'client_credentials' })).json.access_token;
	for (const jwt of [person, machine]) {
		assert.equal(part(jwt, 0).typ, departs ? 'at+jwt' : undefined);
		assert.equal(claims(jwt).aud, departs ? demo.issuer : undefined);
		for (const name of ['iss', 'exp', 'sub', 'client_id', 'iat', 'jti'])
			assert.ok(claims(jwt)[name] !== undefined, name);
	}
	const bound = (await tokens(clients[dialect], user, { resource: 'https://api.example.com' })).access_token;
	assert.equal(claims(bound).aud, 'https://api.example.com');
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${person}` } })).status, 200);
});

each('userInfo answers booleans and numbers', 'standard', async (dialect, departs) => {
	const someone = makeUser(['Name=updated_at,Value=1700000000']);
	const { access_token } = await tokens(clients[dialect], someone);
	const { json } = await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${access_token}` } });
	assert.equal(json.email_verified, departs ? true : 'true');
	assert.equal(json.updated_at, departs ? 1700000000 : '1700000000');
});

each('userInfo takes the token in a form', 'both', async (dialect, departs) => {
	const { access_token } = await tokens(clients[dialect], user);
	const form = { access_token };
	const answer = await request('/oauth2/userInfo', { method: 'POST', form });
	assert.equal(answer.status, departs ? 200 : 400);
	assert.equal((await request('/oauth2/userInfo', { method: 'POST', headers: { authorization: `Bearer ${access_token}` } })).status, 200);
	const twice = await request('/oauth2/userInfo', { method: 'POST', form, headers: { authorization: `Bearer ${access_token}` } });
	assert.notEqual(twice.status, 500);
});

each('bearer challenges name their scheme', 'standard', async (dialect, departs) => {
	const client = makeClient('--dialect', dialect, '--allowed-o-auth-scopes', 'aws.cognito.signin.user.admin');
	const { access_token } = await tokens(client, user);
	const answer = await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${access_token}` } });
	assert.match(answer.headers['www-authenticate'], departs ? /^Bearer error="insufficient_scope"/ : /^error="invalid_token"/);
	assert.equal(answer.status, departs ? 403 : 401);
});

test('a standard pool answers a request without a token 401 and the schemes there are', async () => {
	const pool = makePool('--dialect', 'standard');
	const answer = await request(`${pool.home}/oauth2/userInfo`);
	assert.equal(answer.status, 401);
	assert.match(answer.headers['www-authenticate'], /^Bearer, DPoP algs="[\w ]+"$/);
	const bad = await request(`${pool.home}/oauth2/userInfo`, { headers: { authorization: 'Bearer garbage' } });
	assert.match(bad.headers['www-authenticate'], /^Bearer error="invalid_token"/);
	pool.drop();
});

each('response_mode is understood', 'both', async (dialect, departs) => {
	const fragment = await new Browser().signIn(clients[dialect], user, { response_mode: 'fragment' });
	assert.ok(parameters(fragment)[departs ? 'fragment' : 'query'].code);
	const query = await new Browser().signIn(clients[dialect], user, { response_mode: 'query' });
	assert.ok(parameters(query).query.code);
	const unknown = await ask(clients[dialect], { response_mode: 'web_message' });
	if (departs)
		assert.equal(parameters(unknown).query.error, 'invalid_request');
	else
		assert.ok(unknown.location.startsWith(`${base}/login?`));
});

for (const dialect of ['both', 'standard'])
	test(`${dialect}: form_post brings the answer by a form of a page without inline scripts`, async () => {
		const { verifier, challenge } = pkce();
		const page = await new Browser().signIn(clients[dialect], user, { response_mode: 'form_post', state: 'a"><b>',
			code_challenge: challenge, code_challenge_method: 'S256' });
		assert.equal(page.status, 200);
		const [form] = forms(page.text);
		assert.deepEqual([form.method, form.action], ['post', callback(clients[dialect])]);
		assert.equal(form.fields.state, 'a"><b>');
		assert.equal(form.fields.iss, demo.issuer);
		assert.match(page.text, /<button type="submit"/);
		assert.doesNotMatch(page.text, /<script(?! src="\/form_post\.js"><\/script>)|onload=/);
		assert.match(page.headers['content-security-policy'], /script-src 'self';.*form-action 'self' http: https:/);
		assert.match(page.headers['cache-control'], /no-store/);
		const answer = await token(clients[dialect], { grant_type: 'authorization_code', code: form.fields.code,
			redirect_uri: callback(clients[dialect]), code_verifier: verifier });
		assert.equal(answer.status, 200);
		assert.equal((await request('/form_post.js')).status, 200);
	});

test('form_post brings errors and tokens too, and nothing to an app\'s own scheme', async () => {
	const error = await ask(clients.standard, { response_mode: 'form_post', prompt: 'none' });
	assert.equal(forms(error.text)[0].fields.error, 'login_required');
	const page = await new Browser().signIn(implicit.both, user, { response_type: 'token', response_mode: 'form_post' });
	assert.equal(forms(page.text)[0].fields.token_type, 'Bearer');
	const native = makeClient('--dialect', 'standard', '--callback-urls', 'com.example.app:/cb');
	assert.equal(parameters(await ask(native, { response_mode: 'form_post' })).query.error, 'invalid_request');
});

test('tokens never travel in a query', async () => {
	const { query, fragment } = parameters(await ask(implicit.standard, { response_type: 'token', response_mode: 'query' }));
	assert.deepEqual([query.error, fragment.error], [undefined, 'invalid_request']);
});

for (const host of ['127.0.0.1', '[::1]'])
	each(`a callback at ${host} on any port`, 'both', async (dialect, departs) => {
		for (const registered of [`http://${host}/cb?x=1`, `http://${host}:4000/cb?x=1`]) {
			const client = makeClient('--dialect', dialect, '--callback-urls', registered);
			const wanted = `http://${host}:51423/cb?x=1`;
			if (!departs) {
				assert.match((await ask(client, { redirect_uri: wanted })).location, /\/error\?error=redirect_mismatch/);
				continue;
			}
			const answer = await new Browser().signIn(client, user, { redirect_uri: wanted });
			assert.ok(answer.location.startsWith(`${wanted}&code=`), answer.location);
			const redeem = (redirect_uri, value) => token(client, { grant_type: 'authorization_code', code: value, redirect_uri });
			assert.equal((await redeem(wanted, parameters(answer).query.code)).status, 200);
			const other = await code(client, user, { redirect_uri: wanted });
			assert.equal((await redeem(registered, other)).json.error_description, 'invalid_redirect');
		}
	});

test('no dialect takes another port of localhost, another path, host or scheme', async () => {
	const client = makeClient('--dialect', 'standard', '--callback-urls', 'http://localhost:4000/cb', 'http://127.0.0.1/cb',
	    'https://127.0.0.1/tls');
	for (const redirect_uri of ['http://localhost:4001/cb', 'http://127.0.0.1:1/cb/', 'http://127.0.0.1:1/cb?x', 'http://[::1]:1/cb',
		'https://127.0.0.1:1/cb', 'https://127.0.0.1:1/tls', 'http://127.0.0.1:1@evil.example/cb', 'http://127.0.0.1:99999/cb',
		'http://127.0.0.1:/cb', 'http://127.0.0.2:1/cb', 'http://127.1:1/cb', 'HTTP://127.0.0.1:1/cb', 'http://127.0.0.1.evil.example:1/cb']) {
		const answer = await ask(client, { redirect_uri });
		assert.ok(answer.location.startsWith(`${base}/error?error=redirect_mismatch`), redirect_uri);
	}
});

test('a client of a standard pool speaks standard unless it says otherwise', async () => {
	const pool = makePool('--dialect', 'standard');
	assert.equal(pool.client().Dialect, 'standard');
	assert.equal(pool.client('--dialect', 'cognito').Dialect, 'cognito');
	pool.drop();
});

test('Basic credentials still answer in the cognito dialect without a challenge at revoke', async () => {
	const answer = await request('/oauth2/revoke', { method: 'POST', headers: { authorization: basic({ ...clients.cognito, ClientSecret: 'x' }) },
		form: { token: 'x' } });
	assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, undefined]);
});
