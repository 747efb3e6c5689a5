// oauth.md 2: /oauth2/authorize
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, base, callback, claims, clientId, makeClient, makeUser, pkce, request,
	spa, tarn, tokens, unique, web } from './suite.mjs';

let user, implicit;

before(() => {
	user = makeUser();
	implicit = makeClient('--allowed-o-auth-flows', 'implicit');
});

// What went back to the client: the query of a redirect to its callback.
function back(answer, client = web) {
	assert.equal(answer.status, 302, answer.text);
	const url = new URL(answer.location);
	assert.equal(url.origin + url.pathname, callback(client));
	return url.searchParams;
}

// Refusals that show the error page: 302 to /error with exactly that query, then 400 there.
async function errorPage(url, query) {
	const browser = new Browser();
	const answer = await browser.fetch(url);
	assert.equal(answer.status, 302, answer.text);
	assert.equal(answer.location, `${base}/error?${query}`);
	const page = await browser.fetch(answer.location);
	assert.equal(page.status, 400);
	assert.match(page.text, /An error was encountered with the requested page\./);
}

test('a browser without session is sent to the login page with every parameter', async () => {
	const answer = await request(authorizeUrl(web, { state: 'a b&c', nonce: 'n', scope: 'openid email',
		lang: 'de', login_hint: 'x@example.com' }));
	assert.equal(answer.status, 302);
	const url = new URL(answer.location);
	assert.equal(url.origin + url.pathname, `${base}/login`);
	const q = url.searchParams;
	assert.deepEqual([q.get('client_id'), q.get('redirect_uri'), q.get('response_type'), q.get('state'),
		q.get('nonce'), q.get('scope'), q.get('lang'), q.get('login_hint')],
	[clientId(web), callback(web), 'code', 'a b&c', 'n', 'openid email', 'de', 'x@example.com']);
});

test('it sets XSRF-TOKEN and clears csrf-state and csrf-state-legacy', async () => {
	const cookies = (await request(authorizeUrl(web))).headers['set-cookie'];
	assert.ok(cookies.some((c) => /^XSRF-TOKEN=[0-9a-f-]{36}; Path=\/;.*HttpOnly; SameSite=Lax/.test(c)), cookies);
	assert.ok(cookies.some((c) => /^csrf-state=""?;.*(Expires|Max-Age)/.test(c)), cookies);
	assert.ok(cookies.some((c) => /^csrf-state-legacy=""?;.*(Expires|Max-Age)/.test(c)), cookies);
});

test('/authorize without /oauth2 is the same endpoint', async () => {
	const answer = await request(authorizeUrl(web).replace('/oauth2', ''));
	assert.ok(answer.location.startsWith(`${base}/login?`));
});

test('a code is a lower-case UUID and state comes back as sent', async () => {
	const state = '{"a":"ü/+ %2B"}' + 'x'.repeat(4096);
	const q = back(await new Browser().signIn(web, user, { state }));
	assert.match(q.get('code'), /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
	assert.equal(q.get('state'), state);
});

test('an address of 8 kB is taken, and the login page has all of it', async () => {
	const state = 'x'.repeat(8000 - authorizeUrl(web, { state: 'x' }).length + 1);
	assert.equal(authorizeUrl(web, { state }).length, 8000);
	const page = await new Browser().open(authorizeUrl(web, { state }));
	assert.equal(page.status, 200);
	assert.equal(new URL(page.url).searchParams.get('state'), state);
});

test('state is absent if it was not sent', async () => {
	assert.equal(back(await new Browser().signIn(web, user)).has('state'), false);
});

test('a redirect_uri with a query of its own gets the code behind it', async () => {
	const client = makeClient('--callback-urls', 'http://localhost:9/cb?x=1');
	const answer = await new Browser().signIn(client, user);
	assert.match(answer.location, /^http:\/\/localhost:9\/cb\?x=1&code=[0-9a-f-]+$/);
});

test('a session answers at once, with state exactly as sent, and the cookie is not renewed', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	const answer = await browser.fetch(authorizeUrl(web, { state: '%7B%22a%22%3A1%7D' }));
	const q = back(answer);
	assert.ok(q.get('code'));
	assert.equal(q.get('state'), '%7B%22a%22%3A1%7D');
	assert.equal((answer.headers['set-cookie'] ?? []).some((c) => c.startsWith('cognito=')), false);
});

test('the session serves every client of the pool', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	const { challenge } = pkce();
	const answer = await browser.fetch(authorizeUrl(spa, { code_challenge: challenge,
		code_challenge_method: 'S256' }));
	assert.ok(back(answer, spa).get('code'));
});

test('implicit with openid answers tokens in the fragment, and no refresh token', async () => {
	const answer = await new Browser().signIn(implicit, user, { response_type: 'token', state: 's', nonce: 'n1' });
	assert.equal(answer.status, 302);
	const url = new URL(answer.location);
	assert.equal(url.search, '');
	const f = new URLSearchParams(url.hash.slice(1));
	assert.deepEqual([f.get('token_type'), f.get('expires_in'), f.get('state'), f.has('refresh_token')],
		['Bearer', '3600', 's', false]);
	assert.equal(claims(f.get('id_token')).nonce, 'n1');
	assert.equal(claims(f.get('access_token')).token_use, 'access');
});

test('implicit without openid answers no ID token', async () => {
	const client = makeClient('--allowed-o-auth-flows', 'implicit', '--allowed-o-auth-scopes',
	    'openid', 'aws.cognito.signin.user.admin');
	const answer = await new Browser().signIn(client, user,
	    { response_type: 'token', scope: 'aws.cognito.signin.user.admin' });
	const f = new URLSearchParams(new URL(answer.location).hash.slice(1));
	assert.equal(f.has('id_token'), false);
	assert.ok(f.get('access_token'));
});

test('an implicit access token serves at userInfo', async () => {
	const answer = await new Browser().signIn(implicit, user, { response_type: 'token' });
	const f = new URLSearchParams(new URL(answer.location).hash.slice(1));
	const info = await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${f.get('access_token')}` } });
	assert.equal(info.json.sub, user.sub);
});

const toClient = [
	['response_type missing', { response_type: undefined }, 'invalid_request'],
	['response_type=id_token', { response_type: 'id_token' }, 'invalid_request'],
	['response_type=code token (hybrid)', { response_type: 'code token' }, 'invalid_request'],
	['challenge without method', { code_challenge: pkce().challenge }, 'invalid_request'],
	['method without challenge', { code_challenge_method: 'S256' }, 'invalid_request'],
	['method plain', { code_challenge: pkce().challenge, code_challenge_method: 'plain' }, 'invalid_request'],
	['challenge of the wrong form', { code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
	['max_age that is no number', { max_age: 'soon' }, 'invalid_request'],
	['max_age below zero', { max_age: '-1' }, 'invalid_request'],
	['resource that is no URL', { resource: 'not a url' }, 'invalid_request'],
	['the implicit grant not enabled', { response_type: 'token' }, 'unauthorized_client'],
	['an unknown scope', { scope: 'openid nonsense' }, 'invalid_scope'],
	['a scope that the client lacks', { scope: 'openid phone' }, 'invalid_scope'],
	['a malformed scope', { scope: 'open"id' }, /invalid_scope|invalid_request/],
	['email without openid', { scope: 'email' }, 'invalid_scope'],
	['profile without openid', { scope: 'profile' }, 'invalid_scope'],
	['prompt=none without a session', { prompt: 'none' }, 'login_required'],
	['prompt=none with another prompt', { prompt: 'none login' }, 'invalid_request'],
];
for (const [what, parameters, error] of toClient)
	test(`sent to the client: ${what}`, async () => {
		const q = back(await request(authorizeUrl(web, { state: 'kept', ...parameters })));
		if (error instanceof RegExp)
			assert.match(q.get('error'), error);
		else
			assert.equal(q.get('error'), error);
		assert.equal(q.get('state'), 'kept');
	});

test('errors of response_type=token are in the query too', async () => {
	const answer = await request(authorizeUrl(implicit, { response_type: 'token', prompt: 'none', state: 's' }));
	const url = new URL(answer.location);
	assert.equal(url.hash, '');
	assert.equal(url.searchParams.get('error'), 'login_required');
});

test('shown as a page: redirect_uri that is not registered', () =>
	errorPage(authorizeUrl(web, { redirect_uri: 'https://evil.example/' }), `error=redirect_mismatch&client_id=${clientId(web)}`));
test('shown as a page: redirect_uri that differs by a slash', () =>
	errorPage(authorizeUrl(web, { redirect_uri: `${callback(web)}/` }), `error=redirect_mismatch&client_id=${clientId(web)}`));
test('shown as a page: redirect_uri with another case', () =>
	errorPage(authorizeUrl(web, { redirect_uri: callback(web).toUpperCase() }), `error=redirect_mismatch&client_id=${clientId(web)}`));
test('shown as a page: redirect_uri on another port', () => {
	const client = makeClient('--callback-urls', 'http://localhost:9001/cb');
	return errorPage(authorizeUrl(client, { redirect_uri: 'http://localhost:9002/cb' }),
	    `error=redirect_mismatch&client_id=${client.ClientId}`);
});
test('shown as a page: no client_id', () =>
	errorPage(authorizeUrl(web, { client_id: undefined }), 'error=Required+parameters+missing'));
test('shown as a page: no redirect_uri where there are several callbacks', () => {
	const client = makeClient('--callback-urls', 'http://localhost:9/a', 'http://localhost:9/b');
	return errorPage(authorizeUrl(client, { redirect_uri: undefined }), 'error=Required+parameters+missing');
});
test('shown as a page: an unknown client', () =>
	errorPage(authorizeUrl(web, { client_id: 'nobody' }), 'error=invalid_request'));
test('shown as a page: an identity provider that the client lacks', () =>
	errorPage(authorizeUrl(web, { identity_provider: 'Google' }), 'error=invalid_request'));
test('shown as a page: an idp_identifier that nobody has', () =>
	errorPage(authorizeUrl(web, { idp_identifier: 'example.com' }), 'error=invalid_request'));
test('shown as a page: a redirect_uri given twice', async () => {
	const answer = await request(`${authorizeUrl(web)}&redirect_uri=https%3A%2F%2Fevil.example%2F`);
	assert.equal(answer.status, 302);
	assert.ok(answer.location.startsWith(`${base}/error?`) || answer.location.startsWith(`${callback(web)}?error=invalid_request`), answer.location);
});

test('identity_provider counts, not idp_identifier beside it', async () => {
	const answer = await request(authorizeUrl(web, { identity_provider: 'COGNITO', idp_identifier: 'nobody.example' }));
	assert.ok(answer.location.startsWith(`${base}/login?`), answer.location);
	await errorPage(authorizeUrl(web, { identity_provider: 'Nobody', idp_identifier: 'COGNITO' }), 'error=invalid_request');
});

test('sent to the client: a client without any identity provider', async () => {
	const client = tarn('create-user-pool-client', '--client-name', 'none', '--callback-urls', 'http://localhost:9/cb',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid').UserPoolClient;
	assert.equal(back(await request(authorizeUrl(client)), client).get('error'), 'unauthorized_client');
});

for (const resource of ['https://api.example.com', 'https://api.example.com/v1?x=y', 'http://localhost:3000/api', 'my-api://orders'])
	test(`resource may be ${resource}, registered or not`, async () => {
		assert.equal(claims((await tokens(web, user, { resource })).access_token).aud, resource);
	});
for (const resource of ['http://api.example.com', 'https://api.example.com/#part', '/orders', 'api.example.com'])
	test(`sent to the client: resource ${resource}`, async () => {
		assert.equal(back(await request(authorizeUrl(web, { resource }))).get('error'), 'invalid_request');
	});

test('sent to the client: two resources', async () => {
	const answer = await request(`${authorizeUrl(web, { resource: 'https://a.example' })}&resource=https%3A%2F%2Fb.example`);
	assert.equal(back(answer).get('error'), 'invalid_request');
});

for (const uri of ['http://127.0.0.1:9/cb', 'http://[::1]:9/cb', 'https://app.example.com/cb?x=y', 'com.example.app:/cb'])
	test(`a callback may be ${uri}`, async () => {
		const client = makeClient('--callback-urls', uri);
		const answer = await new Browser().signIn(client, user);
		assert.ok(answer.location.startsWith(`${uri}${uri.includes('?') ? '&' : '?'}code=`), answer.location);
	});

test('redirect_uri may be left out where there is one callback', async () => {
	const client = makeClient();
	const answer = await new Browser().signIn(client, user, { redirect_uri: undefined });
	assert.ok(back(answer, client).get('code'));
});

test('redirect_uri may be left out where there is a DefaultRedirectURI', async () => {
	const client = makeClient('--callback-urls', 'http://localhost:9/a', 'http://localhost:9/b',
	    '--default-redirect-uri', 'http://localhost:9/b');
	const answer = await new Browser().signIn(client, user, { redirect_uri: undefined });
	assert.match(answer.location, /^http:\/\/localhost:9\/b\?code=/);
});

test('a custom scheme may be registered', async () => {
	const client = makeClient('--callback-urls', 'myapp://callback');
	const answer = await new Browser().signIn(client, user);
	assert.match(answer.location, /^myapp:\/\/callback\?code=/);
});

test('scope left out means every scope of the client', async () => {
	const client = makeClient();
	const { access_token } = await tokens(client, user);
	assert.deepEqual(claims(access_token).scope.split(' ').sort(), ['email', 'openid', 'profile']);
});

test('prompt=login asks again despite a session, and replaces the cookie', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	const old = browser.cookies.get('cognito');
	const page = await browser.open(authorizeUrl(web, { prompt: 'login' }));
	assert.equal(page.status, 200);
	assert.match(page.text, /cognitoSignInForm/);
	await browser.submit(page, { username: user.email, password: user.password });
	assert.notEqual(browser.cookies.get('cognito'), old);
});

test('prompt=login beside another prompt asks again', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	for (const prompt of ['login consent', 'select_account login']) {
		const answer = await browser.fetch(authorizeUrl(web, { prompt }));
		assert.ok(answer.location.startsWith(`${base}/login?`), answer.location);
		assert.equal(new URL(answer.location).searchParams.get('prompt'), prompt);
	}
});

test('prompt=login leaves the old session alive', async () => {
	const browser = new Browser(), other = new Browser();
	await browser.signIn(web, user);
	other.cookies.set('cognito', browser.cookies.get('cognito'));
	await browser.signIn(web, user, { prompt: 'login' });
	for (const each of [browser, other])
		assert.ok(back(await each.fetch(authorizeUrl(web))).get('code'));
});

test('prompt=none with a session answers a code', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	assert.ok(back(await browser.fetch(authorizeUrl(web, { prompt: 'none' }))).get('code'));
});

for (const prompt of ['select_account', 'consent', 'select_account consent'])
	test(`prompt=${prompt} has no effect here`, async () => {
		const browser = new Browser();
		await browser.signIn(web, user);
		assert.ok(back(await browser.fetch(authorizeUrl(web, { prompt }))).get('code'));
	});

test('max_age=0 asks again, a large one does not', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	const again = await browser.fetch(authorizeUrl(web, { max_age: '0' }));
	assert.ok(again.location.startsWith(`${base}/login?`));
	assert.ok(back(await browser.fetch(authorizeUrl(web, { max_age: '3600' }))).get('code'));
});

test('login_hint fills in the name', async () => {
	const page = await new Browser().open(authorizeUrl(web, { login_hint: 'hint@example.com"><b>' }));
	assert.match(page.text, /value="hint@example\.com&(quot|#34);&gt;&lt;b&gt;"/);
});

test('identity_provider=COGNITO shows the login page', async () => {
	const answer = await request(authorizeUrl(web, { identity_provider: 'COGNITO' }));
	assert.ok(answer.location.startsWith(`${base}/login?`));
});

test('resource becomes the aud of the access token', async () => {
	const { access_token } = await tokens(web, user, { resource: 'https://api.example.com' });
	assert.equal(claims(access_token).aud, 'https://api.example.com');
});

test('POST is refused with 405', async () => {
	const answer = await request('/oauth2/authorize', { method: 'POST', form: { client_id: clientId(web) } });
	assert.equal(answer.status, 405);
	assert.equal(answer.text, '');
});

test('pages and redirects allow no other origin', async () => {
	const answer = await request(authorizeUrl(web), { headers: { origin: 'https://a.example' } });
	assert.equal(answer.headers['access-control-allow-origin'], undefined);
});

test('a scope deleted from its resource server is left out, and comes back with it', async () => {
	const identifier = unique('https://rs.example.com/');
	tarn('create-resource-server', '--identifier', identifier, '--name', 'rs',
	    '--scopes', 'ScopeName=read,ScopeDescription=r', 'ScopeName=write,ScopeDescription=w');
	const client = makeClient('--allowed-o-auth-scopes', 'openid', `${identifier}/read`, `${identifier}/write`);
	const scopes = async () => claims((await tokens(client, user)).access_token).scope.split(' ').sort();
	const both = [`${identifier}/read`, `${identifier}/write`, 'openid'].sort();
	const asked = async () => claims((await tokens(client, user, { scope: both.join(' ') })).access_token).scope.split(' ').sort();
	const update = (...names) => tarn('update-resource-server', '--identifier', identifier, '--name', 'rs',
	    '--scopes', ...names.map((name) => `ScopeName=${name},ScopeDescription=d`));
	assert.deepEqual(await scopes(), both);
	update('read');
	assert.deepEqual(await scopes(), [`${identifier}/read`, 'openid'].sort());
	assert.deepEqual(await asked(), [`${identifier}/read`, 'openid'].sort());
	update('read', 'write');
	assert.deepEqual(await scopes(), both);
	tarn('delete-resource-server', '--identifier', identifier);
	assert.deepEqual(await asked(), ['openid']);
});
