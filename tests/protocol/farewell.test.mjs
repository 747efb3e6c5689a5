// OpenID Connect RP-Initiated Logout 1.0
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, base, forms, makeClient, makeUser, tokens } from './suite.mjs';

let user, other, client;
before(() => {
	user = makeUser();
	other = makeUser();
	client = makeClient('--dialect', 'standard');
});

const farewell = (parameters) => `/logout?${new URLSearchParams(parameters)}`;
const last = () => client.LogoutURLs[0];

async function signedIn(who = user) {
	const browser = new Browser();
	const { id_token } = await tokens(client, who, {}, browser);
	return { browser, id_token };
}
const isSignedIn = async (browser) => {
	const { location } = await browser.fetch(authorizeUrl(client, { prompt: 'none' }));
	return new URL(location).searchParams.has('code');
};

test('an ID token of who is signed in ends the session at once, and leads on with the state', async () => {
	for (const more of [{}, { client_id: client.ClientId }]) {
		const { browser, id_token } = await signedIn();
		const answer = await browser.fetch(farewell({ id_token_hint: id_token, post_logout_redirect_uri: last(), state: 'a&b', ...more }));
		assert.equal(answer.location, `${last()}?state=a%26b`);
		assert.equal(await isSignedIn(browser), false);
	}
});

test('POST is like GET', async () => {
	const { browser, id_token } = await signedIn();
	const answer = await browser.fetch('/logout', { method: 'POST', form: { id_token_hint: id_token, post_logout_redirect_uri: last(), state: 's' } });
	assert.equal(answer.location, `${last()}?state=s`);
	assert.equal(await isSignedIn(browser), false);
});

test('without state nothing is appended, without an address a page says so', async () => {
	let { browser, id_token } = await signedIn();
	assert.equal((await browser.fetch(farewell({ id_token_hint: id_token, post_logout_redirect_uri: last() }))).location, last());
	({ browser, id_token } = await signedIn());
	const page = await browser.fetch(farewell({ id_token_hint: id_token }));
	assert.match(page.text, /You are signed out/);
	assert.equal(await isSignedIn(browser), false);
});

for (const [name, hint] of [['no hint', () => undefined], ['another person\'s hint', async () => (await signedIn(other)).id_token],
	['an access token', async () => (await tokens(client, user)).access_token], ['garbage', () => 'x'],
	['a hint with a changed signature', async () => (await signedIn()).id_token.slice(0, -6) + 'AAAAAA']])
	test(`${name}: the person is asked first, and stays signed in until the answer`, async () => {
		const { browser } = await signedIn(), id_token_hint = await hint();
		const page = await browser.fetch(farewell({ client_id: client.ClientId, post_logout_redirect_uri: last(), state: 's',
			...(id_token_hint ? { id_token_hint } : {}) }));
		assert.equal(page.status, 200, page.location);
		assert.equal(await isSignedIn(browser), true);
		const [form] = forms(page.text);
		const forged = await browser.fetch(form.action, { method: 'POST', form: { ...form.fields, _csrf: 'x' } });
		assert.match(forged.location, /\/error\?/);
		assert.equal(await isSignedIn(browser), true);
		const answer = await browser.fetch(form.action, { method: 'POST', form: form.fields });
		assert.equal(answer.location, `${last()}?state=s`);
		assert.equal(await isSignedIn(browser), false);
	});

test('who is not signed in is not asked', async () => {
	const answer = await new Browser().fetch(farewell({ client_id: client.ClientId, post_logout_redirect_uri: last() }));
	assert.equal(answer.location, last());
});

test('an address that is not registered, or of nobody, is never gone to, and ends nothing', async () => {
	const { browser, id_token } = await signedIn();
	for (const [parameters, error] of [
		[{ id_token_hint: id_token, post_logout_redirect_uri: 'https://evil.example/' }, 'redirect_mismatch'],
		[{ id_token_hint: id_token, post_logout_redirect_uri: `${last()}/` }, 'redirect_mismatch'],
		[{ id_token_hint: id_token, post_logout_redirect_uri: client.CallbackURLs[0] }, 'redirect_mismatch'],
		[{ client_id: client.ClientId, post_logout_redirect_uri: 'https://evil.example/' }, 'redirect_mismatch']]) {
		const { location } = await browser.fetch(farewell(parameters));
		assert.ok(location.startsWith(`${base}/error?`) && location.includes(`error=${error}`), location);
		assert.equal(await isSignedIn(browser), true);
	}
});

test('a hint is one for its client alone', async () => {
	const { browser, id_token } = await signedIn(), second = makeClient('--dialect', 'standard');
	const page = await browser.fetch(farewell({ id_token_hint: id_token, client_id: second.ClientId, post_logout_redirect_uri: second.LogoutURLs[0] }));
	assert.equal(page.status, 200);
	assert.equal(await isSignedIn(browser), true);
});

test('ui_locales chooses the language of the question', async () => {
	const { browser } = await signedIn();
	const page = await browser.fetch(farewell({ client_id: client.ClientId, ui_locales: 'xx de en' }), { headers: { 'accept-language': 'en' } });
	assert.match(page.text, /lang="de"/);
});

test('Cognito\'s own parameters win', async () => {
	const { browser } = await signedIn();
	const answer = await browser.fetch(farewell({ client_id: client.ClientId, logout_uri: last(), post_logout_redirect_uri: 'https://evil.example/', state: 's' }));
	assert.equal(answer.location, last());
	assert.equal(await isSignedIn(browser), false);
});
