// oauth.md 3, 4, 11; pages.md 3, 5, 6; RFC 7662, 9126, 9449: what ends by itself, and when. An installation of its own whose
// clock is put ahead.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { Installation, freePort, until } from './installation.mjs';
import { Browser, PASSWORD, authorizeUrl, code, codeOf, request, token, tokens } from './suite.mjs';

const MINUTE = 60, HOUR = 3600, DAY = 86400;
let own, port, home, client;
const on = (operation, ...args) => own.tarn(operation, '--user-pool-id', own.pool, ...args);
const browser = () => new Browser(home);
const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

const makeClient = async (...more) => (await on('create-user-pool-client', '--client-name', 'c', '--supported-identity-providers',
    'COGNITO', '--callback-urls', 'http://localhost:9/cb', '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code',
    '--allowed-o-auth-scopes', 'openid', 'email', ...more)).UserPoolClient;

async function makeUser(email) {
	await on('admin-create-user', '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	await on('admin-set-user-password', '--username', email, '--password', PASSWORD, '--permanent');
	return { email, password: PASSWORD };
}

// The code of the newest letter to somebody.
const mailed = (email) => until(() => {
	const folder = join(own.folder, 'mail/new');
	const letters = (existsSync(folder) ? readdirSync(folder) : []).map((name) => readFileSync(join(folder, name), 'utf8'));
	const found = letters.filter((letter) => letter.includes(email)).at(-1);
	return found && codeOf(found);
});

const refresh = (client, refresh_token) => token(client, { grant_type: 'refresh_token', refresh_token }, {}, home);
const userInfo = async (access) => (await request(`${home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${access}` } })).status;
const refused = (answer, error) => assert.deepEqual([answer.status, answer.json.error], [400, error], answer.text);

before(async () => {
	port = await freePort();
	home = `http://localhost:${port}`;
	own = await Installation.make({ issuer_base: home, limit_source: 0 }, `localhost:${port}`);
	client = await makeClient();
	await own.serve(port);
});
after(() => own.close());

test('a code is good for five minutes', async () => {
	const user = await makeUser('code@example.com');
	const redeem = (value) => token(client, { grant_type: 'authorization_code', code: value, redirect_uri: 'http://localhost:9/cb' }, {}, home);
	const [early, late] = [await code(client, user, {}, browser()), await code(client, user, {}, browser())];
	await own.serve(port, 4 * MINUTE);
	assert.equal((await redeem(early)).status, 200);
	await own.serve(port, 5 * MINUTE);
	refused(await redeem(late), 'invalid_grant');
});

test('an access token is dead once it expired, its refresh token is not', async () => {
	await own.serve(port);
	const { access_token, refresh_token } = await tokens(client, await makeUser('access@example.com'), {}, browser());
	await own.serve(port, 50 * MINUTE);
	assert.equal(await userInfo(access_token), 200);
	await own.serve(port, HOUR + 1);
	assert.equal(await userInfo(access_token), 401);
	const again = await refresh(client, refresh_token);
	assert.equal(again.status, 200);
	assert.equal(await userInfo(again.json.access_token), 200);
});

test('a refresh token lives as its client says, thirty days by default; using it does not lengthen that', async () => {
	await own.serve(port);
	const short = await makeClient('--refresh-token-validity', '2', '--token-validity-units', 'RefreshToken=hours');
	const user = await makeUser('refresh@example.com');
	const brief = (await tokens(short, user, {}, browser())).refresh_token, usual = (await tokens(client, user, {}, browser())).refresh_token;
	await own.serve(port, 1.5 * HOUR);
	assert.equal((await refresh(short, brief)).status, 200);
	await own.serve(port, 2.1 * HOUR);
	refused(await refresh(short, brief), 'invalid_grant');
	await own.serve(port, 29 * DAY);
	assert.equal((await refresh(client, usual)).status, 200);
	await own.serve(port, 30 * DAY + MINUTE);
	refused(await refresh(client, usual), 'invalid_grant');
});

test('rotation: the last refresh token dies when the first would have', async () => {
	await own.serve(port);
	const rotating = await makeClient('--refresh-token-validity', '2', '--token-validity-units', 'RefreshToken=hours',
	    '--refresh-token-rotation', 'Feature=ENABLED,RetryGracePeriodSeconds=0', '--explicit-auth-flows', 'ALLOW_USER_SRP_AUTH');
	const first = (await tokens(rotating, await makeUser('rotation@example.com'), {}, browser())).refresh_token;
	await own.serve(port, 1.5 * HOUR);
	const second = (await refresh(rotating, first)).json.refresh_token;
	await own.serve(port, 1.9 * HOUR);
	const third = (await refresh(rotating, second)).json.refresh_token;
	assert.ok(third);
	await own.serve(port, 2.1 * HOUR);
	refused(await refresh(rotating, third), 'invalid_grant');
});

test('the browser session lasts an hour from the sign-in, however often it serves', async () => {
	await own.serve(port);
	const user = await makeUser('session@example.com'), tab = browser();
	await tab.signIn(client, user);
	const served = async () => new URL((await tab.fetch(authorizeUrl(client, {}, home))).location);
	await own.serve(port, 55 * MINUTE);
	assert.ok((await served()).searchParams.get('code'));
	await own.serve(port, HOUR + 1);
	assert.equal((await served()).pathname, '/login');
});

test('a temporary password is good for seven days', async () => {
	await own.serve(port);
	const invite = (email) => on('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS');
	await invite('early@example.com');
	await invite('late@example.com');
	const attempt = (email) => browser().signIn(client, { email, password: 'Temporary-1' });
	await own.serve(port, 6 * DAY);
	assert.equal(new URL((await attempt('early@example.com')).url).pathname, '/changePassword');
	await own.serve(port, 7 * DAY + MINUTE);
	assert.match(text((await attempt('late@example.com')).text), /Temporary password has expired and must be reset by an administrator\./);
});

test('a sign-up code is good for a day', async () => {
	await own.serve(port);
	const begin = async (email) => {
		const tab = browser();
		const page = await tab.open(authorizeUrl(client, {}, home).replace('/oauth2/authorize', '/signup'));
		await tab.submit(page, { username: email, password: PASSWORD });
		return mailed(email);
	};
	const early = await begin('early-code@example.com'), late = await begin('late-code@example.com');
	const confirm = async (email, value) => {
		const tab = browser();
		const page = await tab.signIn(client, { email, password: PASSWORD });
		assert.equal(new URL(page.url).pathname, '/confirm');
		return tab.submit(page, { code: value }, '/confirm');
	};
	await own.serve(port, 23 * HOUR);
	assert.equal((await confirm('early-code@example.com', early)).status, 302);
	await own.serve(port, DAY + MINUTE);
	assert.match(text((await confirm('late-code@example.com', late)).text), /Invalid code provided, please request a code again\./);
});

test('failures are forgotten after a quarter of an hour', async () => {
	await own.serve(port);
	const user = await makeUser('locked@example.com');
	const attempt = (password) => browser().signIn(client, { ...user, password });
	for (let i = 0; i < 5; i++)
		await attempt('Wrong-password-1');
	assert.match(text((await attempt(PASSWORD)).text), /Password attempts exceeded/);
	await own.serve(port, 15 * MINUTE + 1);
	for (let i = 0; i < 4; i++)
		assert.match(text((await attempt('Wrong-password-1')).text), /Incorrect username or password\./);
	assert.equal((await attempt(PASSWORD)).status, 302);
});

test('a pushed request waits 90 seconds for its browser, and then an hour for its person', async () => {
	await own.serve(port);
	const user = await makeUser('pushed@example.com');
	const start = async () => {
		const answer = await request(`${home}/oauth2/par`, { method: 'POST', form: { response_type: 'code', client_id: client.ClientId,
			redirect_uri: 'http://localhost:9/cb', scope: 'openid' } });
		return `${home}/oauth2/authorize?${new URLSearchParams({ client_id: client.ClientId, request_uri: answer.json.request_uri })}`;
	};
	const [never, slow, tooSlow] = [await start(), await start(), await start()], [one, two] = [browser(), browser()];
	await own.serve(port, 80);
	const [slowPage, tooSlowPage] = [await one.open(slow), await two.open(tooSlow)];
	assert.deepEqual([slowPage.status, tooSlowPage.status], [200, 200]);
	await own.serve(port, 100);
	assert.match((await browser().open(never)).url, /\/error\?error=invalid_request_uri/);
	const sign = (who, page) => who.submit(page, { username: user.email, password: user.password });
	await own.serve(port, 59 * MINUTE);
	assert.match((await sign(one, slowPage)).location, /^http:\/\/localhost:9\/cb\?code=/);
	await own.serve(port, 62 * MINUTE);
	assert.match((await sign(two, tooSlowPage)).url, /\/error\?error=invalid_request_uri/);
});

test('to introspection a token that expired is as inactive as any other', async () => {
	await own.serve(port);
	const api = await makeClient('--generate-secret');
	const { access_token, refresh_token } = await tokens(api, await makeUser('introspected@example.com'), {}, browser());
	const ask = async (value) => (await request(`${home}/oauth2/introspect`, { method: 'POST', form: { token: value,
		client_id: api.ClientId, client_secret: api.ClientSecret } })).json;
	await own.serve(port, 50 * MINUTE);
	assert.equal((await ask(access_token)).active, true);
	await own.serve(port, HOUR + 1);
	assert.deepEqual(await ask(access_token), { active: false });
	assert.equal((await ask(refresh_token)).active, true);
	await own.serve(port, 30 * DAY + MINUTE);
	assert.deepEqual(await ask(refresh_token), { active: false });
});

test('a nonce for proofs is good for as long as its setting says, and nobody makes one', async () => {
	own.set({ dpop_nonce_seconds: 60 });
	const { publicKey, privateKey } = await generateKeyPair('ES256'), jwk = await exportJWK(publicKey);
	// Behind the proof there is a code that nobody gave: invalid_grant says that the proof was right.
	const ask = async (nonce, ahead) => token(client, { grant_type: 'authorization_code', code: 'x', redirect_uri: 'x' },
	    { dpop: await new SignJWT({ jti: crypto.randomUUID(), htm: 'POST', htu: `${home}/oauth2/token`, nonce,
		iat: Math.floor(Date.now() / 1000) + ahead }).setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk }).sign(privateKey) }, home);
	await own.serve(port);
	const told = await ask(undefined, 0), nonce = told.headers['dpop-nonce'];
	refused(told, 'use_dpop_nonce');
	refused(await ask(nonce, 0), 'invalid_grant');
	refused(await ask(nonce, 0), 'invalid_grant');	// not for once: the jti is
	const [seconds, code] = nonce.split('.');
	for (const made of [`${Number(seconds) + 1}.${code}`, `${seconds}.${code.replace(/^./, (c) => c === 'A' ? 'B' : 'A')}`, seconds, code, 'x', ''])
		refused(await ask(made, 0), 'use_dpop_nonce');
	await own.serve(port, 70);
	const late = await ask(nonce, 70);
	refused(late, 'use_dpop_nonce');
	refused(await ask(late.headers['dpop-nonce'], 70), 'invalid_grant');
	own.set({ dpop_nonce_seconds: 0 });
});
