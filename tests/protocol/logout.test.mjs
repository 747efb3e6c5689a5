// oauth.md 6: /logout
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, base, callback, clientId, makeClient, makeUser, web } from './suite.mjs';

let user, client;
before(() => { user = makeUser(); client = makeClient(); });

const logout = (parameters) => `/logout?${new URLSearchParams(parameters)}`;
const signOut = () => client.LogoutURLs[0];

async function signedIn() {
	const browser = new Browser();
	await browser.signIn(client, user);
	return browser;
}

async function assertSignedOut(browser, cookie) {
	assert.equal(browser.cookies.has('cognito'), false);
	browser.cookies.set('cognito', cookie);		// nor does a kept copy of the cookie help
	const answer = await browser.fetch(authorizeUrl(client));
	assert.ok(answer.location.startsWith(`${base}/login?`), answer.location);
}

async function errorPage(browser, url, query) {
	const answer = await browser.fetch(url);
	assert.equal(answer.status, 302);
	assert.equal(answer.location, `${base}/error?${query}`);
	return browser.fetch(answer.location);
}

test('logout_uri: there, with nothing appended, and signed out', async () => {
	const browser = await signedIn(), cookie = browser.cookies.get('cognito');
	const answer = await browser.fetch(logout({ client_id: client.ClientId, logout_uri: signOut(), state: 'x' }));
	assert.equal(answer.status, 302);
	assert.equal(answer.location, signOut());
	await assertSignedOut(browser, cookie);
});

test('beside a logout_uri everything else is ignored, wrong as it may be', async () => {
	const browser = await signedIn(), cookie = browser.cookies.get('cognito');
	const answer = await browser.fetch(logout({ client_id: client.ClientId, logout_uri: signOut(), max_age: 'soon',
		response_type: 'nonsense', code_challenge: '!', redirect_uri: 'https://evil.example/', scope: '"' }));
	assert.equal(answer.location, signOut());
	await assertSignedOut(browser, cookie);
});

test('logout_uri may be the login page with a request of another client, where it is a callback URL', async () => {
	const there = `${base}/login?client_id=${clientId(web)}&response_type=code&redirect_uri=${encodeURIComponent(callback(web))}`;
	const one = makeClient('--callback-urls', 'http://localhost:9/cb', there, 'https://evil.example/login?x=y');
	const browser = new Browser();
	await browser.signIn(one, user);
	const answer = await browser.fetch(logout({ client_id: one.ClientId, logout_uri: there }));
	assert.equal(answer.location, there);
	assert.match((await browser.fetch(there)).text, /cognitoSignInForm/);
	await errorPage(browser, logout({ client_id: one.ClientId, logout_uri: `${there}&x=y` }),
	    `error=redirect_mismatch&client_id=${one.ClientId}`);
	await errorPage(browser, logout({ client_id: one.ClientId, logout_uri: 'https://evil.example/login?x=y' }),
	    `error=redirect_mismatch&client_id=${one.ClientId}`);
});

test('redirect_uri: scope, state and nonce as sent, and no identity provider', async () => {
	const code = await new Browser().fetch(logout({ client_id: client.ClientId, redirect_uri: callback(client),
		response_type: 'code', scope: 'openid', state: 'a b', nonce: 'n', identity_provider: 'Google', idp_identifier: 'x' }));
	const q = new URL(code.location).searchParams;
	assert.deepEqual(Object.fromEntries(q), { client_id: client.ClientId, response_type: 'code',
		redirect_uri: callback(client), scope: 'openid', state: 'a b', nonce: 'n' });
});

test('redirect_uri without response_type: told to the client, and signed out all the same', async () => {
	const browser = await signedIn(), cookie = browser.cookies.get('cognito');
	const answer = await browser.fetch(logout({ client_id: client.ClientId, redirect_uri: callback(client), state: 's' }));
	assert.equal(answer.location, `${callback(client)}?error=invalid_request&state=s`);
	await assertSignedOut(browser, cookie);
});

test('logout_uri wins over redirect_uri', async () => {
	const answer = await new Browser().fetch(logout({ client_id: client.ClientId, logout_uri: signOut(),
		redirect_uri: callback(client), response_type: 'code' }));
	assert.equal(answer.location, signOut());
});

test('redirect_uri: to the login page with those parameters, scopes written out', async () => {
	const browser = await signedIn(), cookie = browser.cookies.get('cognito');
	const answer = await browser.fetch(logout({ client_id: client.ClientId, redirect_uri: callback(client),
		response_type: 'code', state: 's' }));
	const url = new URL(answer.location);
	assert.equal(url.origin + url.pathname, `${base}/login`);
	const q = url.searchParams;
	assert.deepEqual([q.get('client_id'), q.get('redirect_uri'), q.get('response_type'), q.get('state')],
		[client.ClientId, callback(client), 'code', 's']);
	assert.deepEqual(q.get('scope').split(' ').sort(), ['email', 'openid', 'profile']);
	await assertSignedOut(browser, cookie);
});

test('neither URI: the error page, and signed out all the same', async () => {
	const browser = await signedIn(), cookie = browser.cookies.get('cognito');
	const page = await errorPage(browser, logout({ client_id: client.ClientId, state: 'a b' }),
	    `client_id=${client.ClientId}&state=a+b`);
	assert.equal(page.status, 400);
	assert.match(page.text, /Required String parameter (&#39;|&#x27;|&apos;|')redirect_uri(&#39;|&#x27;|&apos;|') is not present/);
	await assertSignedOut(browser, cookie);
});

test('an unregistered URI: the error page, and signed out all the same', async () => {
	for (const wrong of [{ logout_uri: 'https://evil.example/' }, { logout_uri: `${signOut()}/` },
		{ redirect_uri: 'https://evil.example/', response_type: 'code' }]) {
		const browser = await signedIn(), cookie = browser.cookies.get('cognito');
		await errorPage(browser, logout({ client_id: client.ClientId, ...wrong }),
		    `error=redirect_mismatch&client_id=${client.ClientId}`);
		await assertSignedOut(browser, cookie);
	}
});

test('a callback URL is no sign-out URL', async () => {
	await errorPage(new Browser(), logout({ client_id: client.ClientId, logout_uri: callback(client) }),
	    `error=redirect_mismatch&client_id=${client.ClientId}`);
});

test('no client_id, and an unknown one: the error page', async () => {
	await errorPage(new Browser(), logout({ logout_uri: signOut() }), 'error=Required+parameters+missing');
	await errorPage(new Browser(), logout({ client_id: 'nobody', logout_uri: signOut() }), 'error=invalid_request');
});

test('post_logout_redirect_uri is not understood', async () => {
	await errorPage(new Browser(), logout({ client_id: client.ClientId, post_logout_redirect_uri: signOut() }),
	    `client_id=${client.ClientId}`);
});

test('tokens live on', async () => {
	const { tokens, token } = await import('./suite.mjs');
	const browser = new Browser();
	const { refresh_token } = await tokens(web, user, {}, browser);
	await browser.fetch(logout({ client_id: clientId(web), logout_uri: web.logout_urls[0] }));
	assert.equal((await token(web, { grant_type: 'refresh_token', refresh_token })).status, 200);
});
