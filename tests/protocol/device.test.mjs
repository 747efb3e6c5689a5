// RFC 8628: a device asks for two codes, a person types one of them elsewhere, the device gets tokens
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, base, basic, claims, clientId, forms, makeClient, makePool, makeUser, request, tarn, token } from './suite.mjs';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const WITH = ['--allowed-o-auth-flows', 'device_code', 'code'];
let user, tv, box;
before(() => {
	user = makeUser();
	tv = makeClient(...WITH);
	box = makeClient(...WITH, '--generate-secret');
});

const ask = (client, form = {}, headers = {}, home = base) => request(new URL('/oauth2/device_authorization', home).href,
    { method: 'POST', headers: { ...(client.ClientSecret ? { authorization: basic(client) } : {}), ...headers },
	form: { ...(client.ClientSecret ? {} : { client_id: clientId(client) }), ...form } });
const offer = async (client = tv, form = { scope: 'openid email' }) => {
	const answer = await ask(client, form);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const poll = (client, device_code) => token(client, { grant_type: GRANT, device_code });

// Types a code, signs in if asked to, and comes to the question, or to wherever it leads.
async function enter(user_code, browser = new Browser(), who = user) {
	let page = await browser.submit(await browser.fetch('/device'), { user_code });
	if (forms(page.text).some((form) => form.name === 'cognitoSignInForm'))
		page = await browser.submit(page, { username: who.email, password: who.password });
	return page.status === 302 ? browser.fetch(page.location) : page;
}
const decide = async (page, browser, decision) => browser.submit(page, { decision });
async function approve(user_code, browser = new Browser(), who = user) {
	const page = await decide(await enter(user_code, browser, who), browser, 'approve');
	assert.match(page.text, /Your device is connected/, page.text);
}
const problem = (page) => /id="loginErrorMessage"[^>]*>([^<]*)</.exec(page.text)?.[1];

test('a device gets its codes and the addresses of the page', async () => {
	const given = await offer();
	assert.match(given.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
	assert.match(given.device_code, /^[\w-]{43}$/);
	assert.equal(given.verification_uri, `${base}/device`);
	assert.equal(given.verification_uri_complete, `${base}/device?user_code=${given.user_code}`);
	assert.equal(given.expires_in, 600);
	assert.equal(given.interval, 5);
});

for (const [what, client] of [['public', () => tv], ['confidential', () => box]])
	test(`a ${what} client's device gets tokens once the person has approved`, async () => {
		const given = await offer(client());
		assert.equal((await poll(client(), given.device_code)).json.error, 'authorization_pending');
		await approve(given.user_code);
		const { json, status } = await poll(client(), given.device_code);
		assert.equal(status, 200, json.error);
		assert.equal(claims(json.id_token).sub, user.sub);
		assert.equal(claims(json.id_token).aud, clientId(client()));
		assert.equal(claims(json.access_token).scope, 'openid email');
		const again = await token(client(), { grant_type: 'refresh_token', refresh_token: json.refresh_token });
		assert.equal(again.status, 200, again.text);
	});

test('a device code is good for one answer: of 32 polls at once one gets tokens', async () => {
	const given = await offer();
	await approve(given.user_code);
	const answers = await Promise.all(Array.from({ length: 32 }, () => poll(tv, given.device_code)));
	assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(31).fill(400)]);
	for (const { status, json } of answers)
		assert.equal(status === 200 || json.error === 'invalid_grant', true, json.error);
});

test('who polls before the interval is over is told to slow down, by five seconds more each time', async () => {
	const given = await offer();
	assert.equal((await poll(tv, given.device_code)).json.error, 'authorization_pending');
	assert.equal((await poll(tv, given.device_code)).json.error, 'slow_down');
	assert.equal((await poll(tv, given.device_code)).json.error, 'slow_down');
	await new Promise((resolve) => setTimeout(resolve, 5500));	// the first interval is no longer enough
	assert.equal((await poll(tv, given.device_code)).json.error, 'slow_down');
	await approve(given.user_code);
	assert.equal((await poll(tv, given.device_code)).status, 200);
});

test('a person who refuses is an access_denied, and the code is used up', async () => {
	const given = await offer(), browser = new Browser();
	const page = await decide(await enter(given.user_code, browser), browser, 'deny');
	assert.match(page.text, /You refused/);
	assert.equal((await poll(tv, given.device_code)).json.error, 'access_denied');
	assert.equal((await poll(tv, given.device_code)).json.error, 'access_denied');
	assert.match(problem(await enter(given.user_code, browser)), /wrong/);
});

test('case, blanks and dashes of a typed code do not count', async () => {
	const given = await offer();
	const page = await enter(` ${given.user_code.toLowerCase().replace('-', ' - ')} `);
	assert.ok(page.text.includes(given.user_code), page.text);
	assert.match(page.text, /Is this your device\?/);
});

test('the question names the application, the account and what is asked for', async () => {
	const given = await offer(tv, { scope: 'openid email' });
	const page = await enter(given.user_code);
	assert.ok(page.text.includes(`${tv.ClientName} wants to sign you in`), page.text);
	assert.ok(page.text.includes(user.email));
	assert.match(page.text, /see your email address/);
	assert.doesNotMatch(page.text, /see your phone number/);
});

test('the complete address spares the typing, never the question', async () => {
	const given = await offer(), browser = new Browser();
	let page = await browser.fetch(given.verification_uri_complete);
	assert.equal(forms(page.text)[0].fields.user_code, given.user_code);
	page = await browser.submit(page, {});
	page = await browser.submit(page, { username: user.email, password: user.password });
	page = await browser.fetch(page.location);
	assert.match(page.text, /Is this your device\?/);
	const second = await offer();
	page = await browser.fetch(second.verification_uri_complete);	// signed in by now
	assert.match(page.text, /Is this your device\?/);
	for (const { device_code } of [given, second])
		assert.equal((await poll(tv, device_code)).json.error, 'authorization_pending');
});

test('who is not signed in goes to the login page and comes back to the question, and nowhere else', async () => {
	const given = await offer(), browser = new Browser();
	const start = await browser.fetch('/device');
	const [form] = forms(start.text);
	const sent = await browser.fetch(form.action, { method: 'POST', form: { ...form.fields, user_code: given.user_code } });
	assert.equal(sent.status, 302);
	assert.deepEqual([...new URL(sent.location).searchParams], [['client_id', clientId(tv)], ['user_code', given.user_code]]);
	const elsewhere = `${sent.location}&redirect_uri=https%3A%2F%2Felsewhere.example%2F`;
	const page = await browser.fetch(elsewhere);
	const back = await browser.submit(page, { username: user.email, password: user.password });
	assert.equal(back.location, `${base}/device?user_code=${given.user_code}`);
	assert.match((await browser.fetch(back.location)).text, /Is this your device\?/);
});

test('somebody new can sign up on the way', async () => {
	const given = await offer();
	const page = await new Browser().open(`/login?client_id=${clientId(tv)}&user_code=${given.user_code}`);
	const link = /href="(\/signup[^"]*)"/.exec(page.text)[1];
	assert.match(link, /user_code=/);
});

test('an answer needs the form token, and somebody who is signed in', async () => {
	const given = await offer(), browser = new Browser();
	const page = await enter(given.user_code, browser);
	const forged = await browser.fetch('/device', { method: 'POST', form: { user_code: given.user_code, decision: 'approve' } });
	assert.match(forged.location, /\/error\?error=invalid_request/);
	const stranger = new Browser();
	const other = await stranger.submit(await stranger.fetch('/device'), { user_code: given.user_code, decision: 'approve' });
	assert.match(other.text, /cognitoSignInForm/);
	assert.equal((await poll(tv, given.device_code)).json.error, 'authorization_pending');
	assert.match((await decide(page, browser, 'maybe')).text, /Is this your device\?/);
});

test('ten wrong codes, and the eleventh is not looked up, the right one neither', async () => {
	const who = makeUser(), given = await offer(), browser = new Browser();
	await enter(given.user_code, browser, who);
	for (let i = 0; i < 10; i++)
		assert.match(problem(await enter(`BBBB-BBB${'BCDFGHJKLM'[i]}`, browser, who)), /code is wrong/);
	assert.match(problem(await enter(given.user_code, browser, who)), /too many wrong codes/);
	assert.match((await enter(given.user_code, new Browser(), user)).text, /Is this your device\?/);
});

test('who is not signed in has ten wrong codes too', async () => {
	const other = makePool();
	after(() => other.drop());
	const { json } = await ask(other.client(...WITH), {}, {}, other.home), browser = new Browser(other.home);
	const [form] = forms((await browser.fetch('/device')).text);
	const type = (user_code) => browser.fetch(form.action, { method: 'POST', form: { ...form.fields, user_code } });
	for (let i = 0; i < 10; i++)
		assert.match(problem(await type(`BBBB-BBB${'BCDFGHJKLM'[i]}`)), /code is wrong/);
	const late = await type(json.user_code);
	assert.equal(late.status, 429);
	assert.match(problem(late), /too many wrong codes/);
});

test('signing out everywhere and disabling undo an approval', async () => {
	for (const undo of ['admin-user-global-sign-out', 'admin-disable-user']) {
		const who = makeUser(), given = await offer();
		await approve(given.user_code, new Browser(), who);
		tarn(undo, '--username', who.username);
		assert.equal((await poll(tv, given.device_code)).json.error, 'invalid_grant');
	}
});

test("another client's device code is unknown, and stays good for its own", async () => {
	const given = await offer();
	await approve(given.user_code);
	assert.equal((await poll(box, given.device_code)).json.error, 'invalid_grant');
	assert.equal((await poll(tv, given.device_code)).status, 200);
});

for (const [what, client, form, headers, status, error] of [
	['a client without the flow', () => makeClient(), {}, {}, 400, 'unauthorized_client'],
	['an unknown client', () => ({ ClientId: 'nobody' }), {}, {}, 401, 'invalid_client'],
	['a wrong secret', () => box, {}, { authorization: basic({ ClientId: 'x', ClientSecret: 'y' }) }, 401, 'invalid_client'],
	['a scope the client lacks', () => tv, { scope: 'openid phone' }, {}, 400, 'invalid_scope'],
	['a scope that is none', () => tv, { scope: 'open"id' }, {}, 400, 'invalid_request'],
])
	test(`refused: ${what}`, async () => {
		const answer = await ask(client(), form, headers);
		assert.equal(answer.status, status, answer.text);
		assert.equal(answer.json.error, error);
	});

test('refused at the token endpoint: no code, an unknown one, a client without the flow', async () => {
	assert.equal((await token(tv, { grant_type: GRANT })).json.error, 'invalid_request');
	assert.equal((await poll(tv, 'nothing')).json.error, 'invalid_grant');
	assert.equal((await poll(makeClient(), 'nothing')).json.error, 'unsupported_grant_type');	// as of a real pool
	assert.equal((await poll(makeClient('--dialect', 'standard'), 'nothing')).json.error, 'unauthorized_client');
});

test('client_credentials goes with no flow of a person, this one neither', () => {
	assert.throws(() => makeClient('--generate-secret', '--allowed-o-auth-flows', 'client_credentials', 'device_code'), /InvalidOAuthFlowException/);
});

test('codes of one pool are unknown to another', async () => {
	const other = makePool();
	after(() => other.drop());
	const client = other.client(...WITH);
	const { json } = await ask(client, {}, {}, other.home);
	assert.equal(json.verification_uri, `${other.home}/device`);
	assert.match(problem(await enter(json.user_code)), /code is wrong/);
	assert.equal((await poll(tv, json.device_code)).json.error, 'invalid_grant');
});

test('/oauth2/device_authorization is for POST', async () => {
	assert.equal((await request('/oauth2/device_authorization')).status, 405);
});
