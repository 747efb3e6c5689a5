// oauth4webapi, which checks every answer against the letter of the specifications
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { base, Browser, callback, claims, clientId, clientSecret, demo, m2m, makeClient, makePool, makeUser, request, spa, web } from '../protocol/suite.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };	// http on loopback
const issuer = new URL(demo.issuer);
let server, user;
before(async () => {
	user = makeUser();
	server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});

const app = (client) => ({ client_id: clientId(client) });
const proof = (client) => clientSecret(client) ? oauth.ClientSecretBasic(clientSecret(client)) : oauth.None();

async function signIn(client) {
	const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState(), nonce = oauth.generateRandomNonce();
	const url = new URL(server.authorization_endpoint);
	url.search = new URLSearchParams({ client_id: clientId(client), redirect_uri: callback(client), response_type: 'code',
		scope: 'openid email', state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
	const browser = new Browser();
	const answer = await browser.submit(await browser.open(url.href), { username: user.email, password: user.password });
	const parameters = oauth.validateAuthResponse(server, app(client), new URL(answer.location), state);
	const response = await oauth.authorizationCodeGrantRequest(server, app(client), proof(client), parameters, callback(client), verifier, insecure);
	const tokens = await oauth.processAuthorizationCodeResponse(server, app(client), response, { expectedNonce: nonce, requireIdToken: true });
	await oauth.validateApplicationLevelSignature(server, response, insecure);
	return tokens;
}

for (const [name, client] of [['confidential', web], ['public', spa]])
	test(`oauth4webapi, ${name} client: sign-in, userinfo, refresh, revocation`, async () => {
		const tokens = await signIn(client);
		const { sub } = oauth.getValidatedIdTokenClaims(tokens);
		assert.equal(sub, user.sub);
		const info = await oauth.processUserInfoResponse(server, app(client), sub,
		    await oauth.userInfoRequest(server, app(client), tokens.access_token, insecure));
		assert.equal(info.email, user.email);
		const again = async () => oauth.processRefreshTokenResponse(server, app(client),
		    await oauth.refreshTokenGrantRequest(server, app(client), proof(client), tokens.refresh_token, insecure));
		const next = await again();
		assert.equal(oauth.getValidatedIdTokenClaims(next).sub, sub);
		await oauth.processRevocationResponse(await oauth.revocationRequest(server, app(client), proof(client), tokens.refresh_token, insecure));
		await assert.rejects(again(), { error: 'invalid_grant', status: 400 });
	});

test('oauth4webapi: client credentials, and scopes nobody granted', async () => {
	const ask = async (scope) => oauth.processClientCredentialsResponse(server, app(m2m),
	    await oauth.clientCredentialsGrantRequest(server, app(m2m), proof(m2m), { scope }, insecure));
	const tokens = await ask(m2m.scopes.join(' '));
	assert.deepEqual(claims(tokens.access_token).scope.split(' ').sort(), [...m2m.scopes].sort());
	assert.equal(claims(tokens.access_token).sub, clientId(m2m));
	await assert.rejects(ask('openid'), { error: 'invalid_scope' });
});

test('oauth4webapi: a bearer token that is none is refused', async () => {
	const response = await oauth.userInfoRequest(server, app(web), 'nonsense', insecure);
	await assert.rejects(oauth.processUserInfoResponse(server, app(web), user.sub, response), (error) => error.cause.status === 401);
});

test('oauth4webapi: everything discovery names is below the issuer or the domain', () => {
	for (const [name, value] of Object.entries(server))
		if (name.endsWith('_endpoint') || name === 'jwks_uri')
			assert.ok(value.startsWith(`${base}/`), `${name}: ${value}`);
});

test('oauth4webapi: the device grant, from the two codes to tokens', async () => {
	const tv = makeClient('--allowed-o-auth-flows', 'device_code'), browser = new Browser();
	const full = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' }));
	const given = await oauth.processDeviceAuthorizationResponse(full, app(tv),
	    await oauth.deviceAuthorizationRequest(full, app(tv), oauth.None(), new URLSearchParams({ scope: 'openid email' }), insecure));
	const poll = async () => oauth.processDeviceCodeResponse(full, app(tv),
	    await oauth.deviceCodeGrantRequest(full, app(tv), oauth.None(), given.device_code, insecure));
	await assert.rejects(poll(), { error: 'authorization_pending' });
	await assert.rejects(poll(), { error: 'slow_down' });
	let page = await browser.submit(await browser.fetch(given.verification_uri_complete), {});
	page = await browser.submit(page, { username: user.email, password: user.password });
	await browser.submit(await browser.fetch(page.location), { decision: 'approve' });
	assert.equal(oauth.getValidatedIdTokenClaims(await poll()).sub, user.sub);
	await assert.rejects(poll(), { error: 'invalid_grant' });
});

test('oauth4webapi: a client registers itself', async (t) => {
	const own = makePool('--dcr-configuration', 'EnableStatus=Enabled,OpenDcrEnabled=true');
	t.after(() => own.drop());
	const there = new URL(`${issuer.origin}/${own.id}`);
	const full = await oauth.processDiscoveryResponse(there, await oauth.discoveryRequest(there, { ...insecure, algorithm: 'oauth2' }));
	assert.equal(full.registration_endpoint, `${own.home}/oauth2/register`);
	const customFetch = async (url, { method, headers, body }) => {
		const answer = await request(url, { method, headers, body });
		return new Response(answer.text, { status: answer.status, headers: { 'content-type': answer.headers['content-type'] } });
	};
	const response = await oauth.dynamicClientRegistrationRequest(full, { redirect_uris: ['http://localhost:9/cb'], token_endpoint_auth_method: 'none' },
	    { ...insecure, [oauth.customFetch]: customFetch });
	const client = await oauth.processDynamicClientRegistrationResponse(response);
	assert.equal(client.token_endpoint_auth_method, 'none');
	assert.ok(client.client_id && client.registration_access_token && !client.client_secret);
});

test('oauth4webapi: an API exchanges the token it was called with', async () => {
	const api = makeClient('--generate-secret', '--allowed-o-auth-flows', 'code', 'token_exchange'), kind = 'urn:ietf:params:oauth:token-type:access_token';
	const { access_token: subject } = await signIn(api);
	const narrow = await oauth.processGenericTokenEndpointResponse(server, app(api), await oauth.genericTokenEndpointRequest(server, app(api), proof(api),
	    'urn:ietf:params:oauth:grant-type:token-exchange', { scope: 'openid', subject_token: subject, subject_token_type: kind }, insecure));
	assert.deepEqual([narrow.scope, narrow.issued_token_type], ['openid', kind]);
	assert.equal(claims(narrow.access_token).origin_jti, claims(subject).origin_jti);
});
