// RFC 9126: /oauth2/par, and request_uri at authorize and at the pages behind it
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, base, basic, callback, clientId, clientSecret, makeClient, makeUser, pkce, request, spa,
	token, web } from './suite.mjs';

let user, strict;
before(() => {
	user = makeUser();
	strict = makeClient('--pushed-requests-required', '--generate-secret');
});

const post = (form, headers = {}) => request('/oauth2/par', { method: 'POST', form, headers });
const authentication = (client) => clientSecret(client) ? { authorization: basic(client) } : {};
const push = (client, more = {}) => post({ response_type: 'code', client_id: clientId(client),
	redirect_uri: callback(client), scope: 'openid', state: 'pushed', ...more }, authentication(client));
const named = async (client, more) => {
	const answer = await push(client, more);
	assert.equal(answer.status, 201, answer.text);
	return answer.json.request_uri;
};
const start = (client, request_uri, more = {}) => {
	const url = new URL('/oauth2/authorize', base);
	url.search = new URLSearchParams({ client_id: clientId(client), request_uri, ...more });
	return url.href;
};
const sign = (browser, page) => browser.submit(page, { username: user.email, password: user.password });
const refusedAtHome = (answer, error) => {
	assert.equal(answer.status, 400, answer.text);
	assert.equal(new URL(answer.url).pathname, '/error');
	assert.equal(new URL(answer.url).searchParams.get('error'), error);
};

test('a pushed request gets a name nobody guesses, for 90 seconds', async () => {
	const answer = await push(web);
	assert.equal(answer.status, 201);
	assert.match(answer.headers['content-type'], /^application\/json/);
	assert.match(answer.headers['cache-control'], /no-store/);
	assert.deepEqual(Object.keys(answer.json), ['request_uri', 'expires_in']);
	assert.match(answer.json.request_uri, /^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}$/);
	assert.equal(answer.json.expires_in, 90);
	assert.notEqual((await push(web)).json.request_uri, answer.json.request_uri);
});

for (const [what, client] of [['confidential', web], ['public', spa]])
	test(`a ${what} client signs somebody in with a pushed request, and exchanges the code`, async () => {
		const { verifier, challenge } = pkce(), browser = new Browser();
		const uri = await named(client, { code_challenge: challenge, code_challenge_method: 'S256' });
		const page = await browser.open(start(client, uri));
		assert.equal(page.status, 200);
		const back = new URL((await sign(browser, page)).location);
		assert.equal(back.origin + back.pathname, callback(client));
		assert.equal(back.searchParams.get('state'), 'pushed');
		const answer = await token(client, { grant_type: 'authorization_code', code: back.searchParams.get('code'),
			redirect_uri: callback(client), code_verifier: verifier });
		assert.equal(answer.status, 200, answer.text);
	});

test('the URLs of the pages carry client_id and request_uri alone', async () => {
	const uri = await named(web, { nonce: 'n', login_hint: 'hinted@example.com' }), browser = new Browser();
	const answer = await browser.fetch(start(web, uri));
	const at = new URL(answer.location);
	assert.equal(at.pathname, '/login');
	assert.deepEqual([...at.searchParams], [['client_id', clientId(web)], ['request_uri', uri]]);
	const page = await browser.fetch(answer.location);
	assert.ok(page.text.includes('hinted@example.com'));
	for (const [, link] of page.text.matchAll(/(?:href|action)="([^"]*)"/g))
		assert.ok(!/redirect_uri|nonce|scope/.test(link), link);
});

test('a pushed language is that of the pages', async () => {
	const page = await new Browser().open(start(web, await named(web, { lang: 'de' })));
	assert.match(page.text, /<html[^>]*lang="de"/);
});

test('nothing in the URL changes what was pushed', async () => {
	const browser = new Browser();
	const page = await browser.open(start(web, await named(web), { state: 'url', response_type: 'token',
		redirect_uri: 'https://evil.example/', scope: 'openid email profile', nonce: 'url' }));
	const back = new URL((await sign(browser, page)).location);
	assert.equal(back.origin + back.pathname, callback(web));
	assert.equal(back.searchParams.get('state'), 'pushed');
	const { json } = await token(web, { grant_type: 'authorization_code', code: back.searchParams.get('code'),
		redirect_uri: callback(web) });
	assert.equal(JSON.parse(Buffer.from(json.access_token.split('.')[1], 'base64url')).scope, 'openid');
	assert.equal(JSON.parse(Buffer.from(json.id_token.split('.')[1], 'base64url')).nonce, undefined);
});

test('a request is good for one code', async () => {
	const uri = await named(web), browser = new Browser(), late = new Browser();
	const page = await browser.open(start(web, uri)), other = await late.open(start(web, uri));
	assert.equal((await browser.open(start(web, uri))).status, 200, 'somebody reloads');
	assert.ok((await sign(browser, page)).location.includes('code='));
	refusedAtHome(await browser.open(start(web, uri)), 'invalid_request_uri');
	refusedAtHome(await sign(late, other), 'invalid_request_uri');
});

test('of many browsers that bring it, one gets a code', async () => {
	const browser = new Browser();
	assert.ok((await browser.signIn(web, user)).location);
	const uri = await named(web);
	const answers = await Promise.all(Array.from({ length: 16 }, () => browser.fetch(start(web, uri))));
	assert.equal(answers.filter(({ location }) => location.includes('code=')).length, 1);
	assert.equal(answers.filter(({ location }) => location.includes('/error?error=invalid_request_uri')).length, 15);
});

test('prompt=none is pushed as well', async () => {
	const answer = await new Browser().fetch(start(web, await named(web, { prompt: 'none' })));
	assert.equal(new URL(answer.location).searchParams.get('error'), 'login_required');
	assert.equal(new URL(answer.location).searchParams.get('state'), 'pushed');
});

test("another client's name, an unknown one, an address and nothing are refused, on the error page", async () => {
	const uri = await named(web), browser = new Browser();
	for (const value of [`${uri}x`, uri.slice(0, -1), 'urn:ietf:params:oauth:request_uri:x', 'https://client.example/request.jwt'])
		refusedAtHome(await browser.open(start(web, value)), 'invalid_request_uri');
	refusedAtHome(await browser.open(start(spa, uri)), 'invalid_request_uri');
	refusedAtHome(await browser.open(`/oauth2/authorize?request_uri=${encodeURIComponent(uri)}`), 'invalid_request_uri');
	assert.equal((await browser.open(start(web, uri))).status, 200, 'and none of that spoils it');
});

test('a client that must push is refused a plain request, and served a pushed one', async () => {
	const browser = new Browser(), refused = await browser.fetch(authorizeUrl(strict, { state: 'plain' }));
	const back = new URL(refused.location);
	assert.equal(back.origin + back.pathname, callback(strict));
	assert.equal(back.searchParams.get('error'), 'invalid_request');
	assert.equal(back.searchParams.get('state'), 'plain');
	const login = await browser.fetch(authorizeUrl(strict, {}).replace('/oauth2/authorize', '/login'));
	assert.equal(new URL(login.location).searchParams.get('error'), 'invalid_request');
	const answer = await sign(browser, await browser.open(start(strict, await named(strict))));
	assert.ok(answer.location.includes('code='));
});

test('a client that proves itself in the header need not name itself again', async () => {
	const answer = await push(web, { client_id: '' });
	assert.equal(answer.status, 201, answer.text);
	assert.equal((await new Browser().open(start(web, answer.json.request_uri))).status, 200);
});

test('a long state and a long nonce pass through', async () => {
	const state = 'x'.repeat(4096), browser = new Browser();
	const page = await browser.open(start(web, await named(web, { state, nonce: 'n'.repeat(2048) })));
	assert.equal(new URL((await sign(browser, page)).location).searchParams.get('state'), state);
});

for (const [what, form, status, error] of [
	['no response_type', { response_type: '' }, 400, 'invalid_request'],
	['an unknown response_type', { response_type: 'id_token' }, 400, 'invalid_request'],
	['a flow the client lacks', { response_type: 'token' }, 400, 'unauthorized_client'],
	['an unregistered redirect_uri', { redirect_uri: 'https://evil.example/' }, 400, 'invalid_request'],
	['a scope the client lacks', { scope: 'openid phone' }, 400, 'invalid_scope'],
	['code_challenge_method=plain', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 400, 'invalid_request'],
	['a request_uri in what is pushed', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 400, 'invalid_request'],
	['a state that is too long', { state: 'x'.repeat(8193) }, 400, 'invalid_request'],
	['another client_id than the one that proves itself', { client_id: clientId(spa) }, 400, 'invalid_request'],
])
	test(`refused when pushed: ${what}`, async () => {
		const answer = await push(web, form);
		assert.equal(answer.status, status, answer.text);
		assert.equal(answer.json.error, error);
		assert.equal(answer.location, undefined);
	});

test('refused when pushed: a parameter that comes twice', async () => {
	const answer = await post([['response_type', 'code'], ['client_id', clientId(web)], ['redirect_uri', callback(web)],
		['scope', 'openid'], ['scope', 'email']], authentication(web));
	assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
});

test('refused when pushed: wrong credentials, and none', async () => {
	const body = { response_type: 'code', client_id: clientId(web), redirect_uri: callback(web) };
	for (const more of [{}, { client_secret: 'wrong' }]) {
		const answer = await post({ ...body, ...more });
		assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
	}
});

test('nobody pushes by GET', async () => {
	assert.equal((await request(`/oauth2/par?client_id=${clientId(spa)}`)).status, 405);
});
