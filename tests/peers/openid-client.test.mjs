// openid-client, a relying party in its users' hands: discovery, code with PKCE, userinfo, refresh,
// revocation, logout
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as client from 'openid-client';
import { Browser, PASSWORD, callback, clientId, clientSecret, demo, m2m, makeClient, makePool, makeUser, request, spa, web } from '../protocol/suite.mjs';

let user;
before(() => { user = makeUser(['Name=name,Value=Ada']); });

const insecure = { execute: [client.allowInsecureRequests] };	// http on loopback
const discover = (app, authentication) =>
	client.discovery(new URL(demo.issuer), clientId(app), clientSecret(app), authentication, insecure);

// To the callback and back with tokens, as an application does it.
async function signIn(config, app, more = {}, browser = new Browser()) {
	const verifier = client.randomPKCECodeVerifier(), state = client.randomState(), nonce = client.randomNonce();
	const start = client.buildAuthorizationUrl(config, { redirect_uri: callback(app), scope: 'openid email profile', state, nonce,
		code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more });
	let answer = await browser.open(start.href);
	if (answer.status === 200)
		answer = await browser.submit(answer, { username: user.email, password: user.password });
	const tokens = await client.authorizationCodeGrant(config, new URL(answer.location),
	    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
	return { tokens, browser };
}

for (const [name, app, authentication] of [
	['a client that proves itself in the header', () => web, () => client.ClientSecretBasic(clientSecret(web))],
	['a client that proves itself in the body', () => web, () => client.ClientSecretPost(clientSecret(web))],
	['a public client', () => spa, () => client.None()],
])
	test(`openid-client, ${name}: sign-in, userinfo, refresh, revocation`, async () => {
		const config = await discover(app(), authentication());
		client.enableNonRepudiationChecks(config);	// verifies the ID token's signature, too
		const { tokens } = await signIn(config, app());
		const claims = tokens.claims();
		assert.equal(claims.iss, demo.issuer);
		assert.equal(claims.aud, clientId(app()));
		assert.equal(claims.sub, user.sub);
		assert.equal(claims.email, user.email);
		assert.equal(claims.name, 'Ada');
		const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
		assert.equal(info.email, user.email);
		const next = await client.refreshTokenGrant(config, tokens.refresh_token);
		assert.notEqual(next.access_token, tokens.access_token);
		assert.equal(next.claims().sub, user.sub);
		assert.equal(next.claims().auth_time, claims.auth_time);
		await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: 'refresh_token' });
		await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
		await assert.rejects(client.fetchUserInfo(config, next.access_token, claims.sub));
	});

test('openid-client: signing out at the end_session_endpoint ends the session in the browser', async () => {
	const config = await discover(web);
	const { browser } = await signIn(config, web);
	const out = client.buildEndSessionUrl(config, { client_id: clientId(web), logout_uri: web.logout_urls[0] });
	assert.equal((await browser.fetch(out.href)).location, web.logout_urls[0]);
	const answer = await browser.open(client.buildAuthorizationUrl(config, { redirect_uri: callback(web), scope: 'openid' }).href);
	assert.equal(new URL(answer.url).pathname, '/login');
});

test('openid-client: refusals arrive as the errors they are', async () => {
	const config = await discover(web);
	const { tokens, browser } = await signIn(config, web);
	await assert.rejects(client.fetchUserInfo(config, `${tokens.access_token}x`, user.sub), (error) => error.cause.status === 401);
	const wrong = await client.discovery(new URL(demo.issuer), clientId(web), 'not-the-secret', undefined, insecure);
	await assert.rejects(client.refreshTokenGrant(wrong, tokens.refresh_token), { error: 'invalid_client' });
	const none = client.buildAuthorizationUrl(config, { redirect_uri: callback(web), scope: 'openid', prompt: 'none', state: 'x' });
	const refused = await new Browser().open(none.href);
	await assert.rejects(client.authorizationCodeGrant(config, new URL(refused.location), { expectedState: 'x' }), { error: 'login_required' });
	assert.ok((await browser.open(none.href)).location.includes('code='));
});

test('openid-client: client credentials', async () => {
	const config = await discover(m2m);
	const tokens = await client.clientCredentialsGrant(config, { scope: m2m.scopes[0] });
	assert.equal(tokens.token_type, 'bearer');
	assert.ok(tokens.expires_in > 0 && !tokens.refresh_token);
});


test('openid-client: refresh tokens that rotate', async () => {
	const app = makeClient('--refresh-token-rotation', 'Feature=ENABLED,RetryGracePeriodSeconds=0', '--explicit-auth-flows', 'ALLOW_USER_SRP_AUTH');
	const config = await discover(app, client.None());
	const { tokens } = await signIn(config, app);
	const next = await client.refreshTokenGrant(config, tokens.refresh_token);
	assert.ok(next.refresh_token && next.refresh_token !== tokens.refresh_token);
	await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
	await client.refreshTokenGrant(config, next.refresh_token);
});

// Over the suite's own request, so that hosts that no resolver knows are found.
const customFetch = async (url, { method, headers, body }) => {
	const answer = await request(url, { method, headers, body: body === undefined || body === null ? undefined : String(body) });
	return new Response([204, 304].includes(answer.status) ? null : answer.text, { status: answer.status, headers:
	    Object.entries(answer.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one])) });
};

test('openid-client: a device asks, a person approves elsewhere, the device polls and has tokens', async () => {
	const tv = makeClient('--allowed-o-auth-flows', 'device_code');
	const config = await client.discovery(new URL(demo.issuer), clientId(tv), undefined, client.None(), { ...insecure, algorithm: 'oauth2' });
	const given = await client.initiateDeviceAuthorization(config, { scope: 'openid email' });
	const browser = new Browser();
	let page = await browser.submit(await browser.fetch(given.verification_uri_complete), {});
	page = await browser.submit(page, { username: user.email, password: user.password });
	await browser.submit(await browser.fetch(page.location), { decision: 'approve' });
	const tokens = await client.pollDeviceAuthorizationGrant(config, given);
	assert.equal(tokens.claims().sub, user.sub);
	assert.equal((await client.fetchUserInfo(config, tokens.access_token, user.sub)).email, user.email);
});

test('openid-client: an API exchanges the token it was called with', async () => {
	const app = makeClient('--generate-secret', '--allowed-o-auth-flows', 'code', 'token_exchange');
	const config = await client.discovery(new URL(demo.issuer), clientId(app), clientSecret(app), undefined, insecure);
	const { tokens } = await signIn(config, app);
	const narrow = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', { scope: 'openid',
		subject_token: tokens.access_token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' });
	assert.deepEqual([narrow.scope, narrow.issued_token_type], ['openid', 'urn:ietf:params:oauth:token-type:access_token']);
	assert.deepEqual(Object.keys(await client.fetchUserInfo(config, narrow.access_token, user.sub)).includes('sub'), true);
});

test('openid-client: a client that nobody made registers itself, and signs somebody in', async (t) => {
	const own = makePool('--dcr-configuration', 'EnableStatus=Enabled');
	t.after(() => own.drop());
	const options = { ...insecure, algorithm: 'oauth2', [client.customFetch]: customFetch };
	const issuer = new URL(`${new URL(demo.issuer).origin}/${own.id}`), callback = 'http://localhost:9/cb';
	await assert.rejects(client.dynamicClientRegistration(issuer, { redirect_uris: [callback] }, undefined, options));
	const { InitialAccessToken: initialAccessToken } = own.tarn('create-initial-access-token');
	const config = await client.dynamicClientRegistration(issuer, { client_name: 'Registered', redirect_uris: [callback] }, undefined,
	    { ...options, initialAccessToken });
	config.timeout = 30;
	const metadata = config.clientMetadata();
	assert.equal(metadata.client_name, 'Registered');
	own.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	own.tarn('admin-set-user-password', '--username', 'ada', '--password', PASSWORD, '--permanent');
	const verifier = client.randomPKCECodeVerifier();
	const start = client.buildAuthorizationUrl(config, { redirect_uri: callback, scope: 'openid',
		code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
	const browser = new Browser(own.home);
	const asked = await browser.submit(await browser.open(start.href), { username: 'ada', password: PASSWORD });
	const answer = await browser.submit(asked, { decision: 'approve' });
	const tokens = await client.authorizationCodeGrant(config, new URL(answer.location), { pkceCodeVerifier: verifier, idTokenExpected: true });
	assert.equal(tokens.claims().aud, metadata.client_id);
});
