// What an attacker would try, or an unlucky day bring: each of these once worked.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { Browser, PASSWORD, authorizeUrl, base, makeClient, makeUser, request, tarn, tokens, unique, web } from './suite.mjs';

const ENABLED = ['--prevent-user-existence-errors', 'ENABLED'];
const userInfo = async (grant) => (await request('/oauth2/userInfo',
    { headers: { authorization: `Bearer ${grant.access_token}` } })).status;
const query = (client) => new URL(authorizeUrl(client)).search;

test('a temporary password that an administrator replaced does not choose the new one', async () => {
	const email = `${unique('invited')}@example.com`;
	tarn('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`);
	const finder = new Browser();
	const form = await finder.submit(await finder.open(authorizeUrl(web)), { username: email, password: 'Temporary-1' });
	assert.equal(new URL(form.url).pathname, '/changePassword');
	tarn('admin-set-user-password', '--username', email, '--password', 'Temporary-2', '--no-permanent');
	const answer = await finder.submit(form, { new_password: 'Mine-now-1', confirm_password: 'Mine-now-1' });
	assert.equal(new URL(answer.url).pathname, '/login', answer.location);
	assert.equal(tarn('admin-get-user', '--username', email).UserStatus, 'FORCE_CHANGE_PASSWORD');
});

test('where users are hidden, confirmation says of nobody whether he is there', async () => {
	const client = makeClient(...ENABLED);
	const [there, disabled] = [makeUser().email, makeUser().email];
	tarn('admin-disable-user', '--username', disabled);
	const nobody = `${unique('person')}@example.com`;
	const browser = new Browser();
	await browser.open(`/login${query(client)}`);
	const ask = async (path, username) => {
		const answer = await browser.fetch(path + query(client),
		    { method: 'POST', form: { _csrf: browser.cookies.get('XSRF-TOKEN'), username, code: '123456' } });
		browser.cookies.delete('page-data');
		return [answer.status, answer.location, answer.text.replaceAll(username, '')].join('\n');
	};
	for (const path of ['/confirm', '/resendcode']) {
		const unknown = await ask(path, nobody);
		assert.doesNotMatch(unknown, /\/error/);
		assert.equal(await ask(path, there), unknown, `${path} of a confirmed user`);
		assert.equal(await ask(path, disabled), unknown, `${path} of a disabled user`);
	}
	for (let i = 0; i < 15; i++)	// and its limit is the same
		await ask('/confirm', there);
	assert.match(await ask('/confirm', there), /Attempt limit exceeded/);
});

for (const [what, ...settings] of [['a client'], ['a client that cannot revoke', '--no-enable-token-revocation']])
	test(`${what}: signing out everywhere ends tokens, not those that the browser's session leads to later`, async () => {
		const client = makeClient(...settings);
		const [user, browser] = [makeUser(), new Browser()];
		const before = await tokens(client, user, {}, browser);
		assert.equal(await userInfo(before), 200);
		await new Promise((resolve) => setTimeout(resolve, 1100));
		tarn('admin-user-global-sign-out', '--username', user.email);
		assert.equal(await userInfo(before), 401);
		await new Promise((resolve) => setTimeout(resolve, 1100));
		const after = await tokens(client, user, {}, browser);
		assert.equal(await userInfo(after), 200);
		assert.equal(await userInfo(before), 401);
	});

for (const [what, header] of [['of a known length', 'Content-Length: 60000'], ['in chunks', 'Transfer-Encoding: chunked']])
	test(`clients that stop in the middle of a body ${what} keep nobody waiting`, async () => {
		const { hostname, port, host } = new URL(base);
		const stalled = await Promise.all(Array.from({ length: 12 }, () => new Promise((resolve, reject) => {
			const socket = net.connect({ host: hostname === 'localhost' ? '127.0.0.1' : hostname, port }, () => {
				socket.write(`POST /oauth2/token HTTP/1.1\r\nHost: ${host}\r\n` +
				    `Content-Type: application/x-www-form-urlencoded\r\n${header}\r\n\r\n5\r\ngrant\r\n`, () => resolve(socket));
			}).on('error', reject);
		})));
		await new Promise((resolve) => setTimeout(resolve, 300));
		const begin = Date.now();
		const answer = await request('/oauth2/token', { method: 'POST', form: { client_id: 'nobody', grant_type: 'x' } });
		const took = Date.now() - begin;
		for (const socket of stalled)
			socket.destroy();
		assert.equal(answer.status, 400);
		assert.ok(took < 3000, `${took} ms`);
	});
