// OpenID Connect Back-Channel Logout 1.0
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import * as jose from 'jose';
import { until } from './installation.mjs';
import { Browser, claims, clientId, code, demo, letter, makeClient, makeUser, part, request, tarn, token, tokens } from './suite.mjs';

// A relying party that keeps what it is told, and answers what `answer` says.
let server, address, answer = (response) => response.end();
const heard = [];
before(async () => {
	server = http.createServer((call, response) => {
		let text = '';
		call.on('data', (piece) => { text += piece; });
		call.on('end', () => {
			heard.push({ path: call.url, method: call.method, type: call.headers['content-type'], form: new URLSearchParams(text) });
			answer(response, call);
		});
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	address = `http://127.0.0.1:${server.address().port}`;
});
after(() => { server.closeAllConnections(); server.close(); });

const told = (path) => heard.filter((call) => call.path === path);
const listener = (path, ...more) => makeClient('--backchannel-logout-uri', `${address}${path}`, ...more);
const jwks = async () => jose.createLocalJWKSet((await request(`${new URL(demo.issuer).pathname}/.well-known/jwks.json`)).json);
const signOut = (browser, client) => browser.fetch(`/logout?${new URLSearchParams({ client_id: clientId(client), logout_uri: client.LogoutURLs[0] })}`);

test('every client that a browser signed in to, and that asked for it, is told once', async () => {
	const user = makeUser(), browser = new Browser();
	const first = listener('/first'), second = listener('/second'), deaf = makeClient(), never = listener('/never');
	const sids = [];
	for (const client of [first, second, deaf, first]) {
		const { id_token } = await tokens(client, user, {}, browser);
		sids.push(claims(id_token).sid);
	}
	assert.ok(sids[0] && sids[0] === sids[1] && sids[1] === sids[3]);
	assert.equal(sids[2], undefined);
	await signOut(browser, deaf);
	await until(() => told('/first').length && told('/second').length);
	await new Promise((done) => setTimeout(done, 600));
	assert.deepEqual([told('/first').length, told('/second').length, told('/never').length], [1, 1, 0]);
	for (const [client, path] of [[first, '/first'], [second, '/second']]) {
		const [call] = told(path), jwt = call.form.get('logout_token');
		assert.deepEqual([call.method, call.type], ['POST', 'application/x-www-form-urlencoded']);
		const { payload, protectedHeader } = await jose.jwtVerify(jwt, await jwks(), { issuer: demo.issuer, audience: clientId(client), typ: 'logout+jwt' });
		assert.equal(protectedHeader.typ, 'logout+jwt');
		assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
		assert.deepEqual([payload.sub, payload.sid, payload.nonce], [user.sub, sids[0], undefined]);
		assert.ok(payload.jti && payload.exp - payload.iat <= 120);
	}
	assert.ok(never.ClientId);
});

test('the ID tokens of a refresh, and of the implicit grant, carry sid too', async () => {
	const user = makeUser(), client = listener('/refresh', '--allowed-o-auth-flows', 'code', 'implicit'), browser = new Browser();
	const { id_token, refresh_token } = await tokens(client, user, {}, browser);
	const again = (await token(client, { grant_type: 'refresh_token', refresh_token })).json.id_token;
	assert.equal(claims(again).sid, claims(id_token).sid);
	const { location } = await browser.signIn(client, user, { response_type: 'token' });
	assert.equal(claims(new URLSearchParams(new URL(location).hash.slice(1)).get('id_token')).sid, claims(id_token).sid);
});

test('a logout token is signed as the client\'s tokens are, and is no access token', async () => {
	const user = makeUser(), client = listener('/signed', '--dialect', 'standard'), browser = new Browser();
	const { id_token } = await tokens(client, user, {}, browser);
	await browser.fetch(`/logout?${new URLSearchParams({ id_token_hint: id_token })}`);
	const jwt = (await until(() => told('/signed')[0])).form.get('logout_token');
	assert.equal(part(jwt, 0).kid, part(id_token, 0).kid);
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${jwt}` } })).status, 401);
	const page = await (async () => {
		const again = new Browser();
		await tokens(client, user, {}, again);
		return again.fetch(`/logout?${new URLSearchParams({ client_id: clientId(client), id_token_hint: jwt })}`);
	})();
	assert.match(page.text, /Sign out\?/);
});

test('who says no is not asked again; a slow one holds up no mail', async () => {
	const user = makeUser();
	const waiting = [];
	answer = (response, { url }) => {
		if (url.startsWith('/slow'))
			waiting.push(response);
		else
			response.writeHead(url === '/no' ? 400 : url === '/away' ? 302 : 200, { location: `${address}/elsewhere` }).end();
	};
	const slow = Array.from({ length: 5 }, (_, i) => listener(`/slow${i}`)), no = listener('/no'), away = listener('/away');
	const browser = new Browser();
	for (const client of [no, away])
		await code(client, user, {}, browser);
	await signOut(browser, no);
	await until(() => told('/no').length && told('/away').length);
	assert.equal(told('/elsewhere').length, 0);
	const second = new Browser();
	for (const client of slow)
		await code(client, user, {}, second);
	await signOut(second, slow[0]);
	await until(() => waiting.length >= 4);
	const email = `while-slow-${Date.now()}@example.com`;
	tarn('admin-create-user', '--username', email, '--user-attributes', `Name=email,Value=${email}`);
	await letter(email, { seconds: 4 });
	for (const response of waiting)
		response.end();
	await until(() => told('/slow4').length + told('/slow0').length > 1);
	for (const response of waiting)
		response.end();
	answer = (response) => response.end();
	assert.equal(told('/no').length, 1);
});

test('an address to be told at is https, or http on this machine', () => {
	for (const uri of ['ftp://x', 'com.example.app:/x', 'http://rp.example/x', 'https://rp.example/#x', 'javascript:alert(1)'])
		assert.throws(() => makeClient('--backchannel-logout-uri', uri), /BackchannelLogoutURI/);
	assert.equal(makeClient('--backchannel-logout-uri', 'https://rp.example/x').BackchannelLogoutURI, 'https://rp.example/x');
});
