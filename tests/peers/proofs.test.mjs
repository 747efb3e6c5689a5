// openid-client and oauth4webapi with what the original lacks: pushed requests (RFC 9126), proofs of
// possession with nonces and without (RFC 9449), introspection (RFC 7662)
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { exportJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { Installation } from '../protocol/installation.mjs';
import { serve } from '../protocol/site.mjs';
import { Browser, PASSWORD, base, callback, claims, clientId, clientSecret, demo, makeClient, makeUser, spa, web } from '../protocol/suite.mjs';

let user;
before(() => { user = makeUser(); });

const insecure = { execute: [client.allowInsecureRequests] };	// http on loopback

// By the document of RFC 8414, which names all endpoints in every dialect.
function configure(app, how = clientSecret(app) ? client.ClientSecretBasic(clientSecret(app)) : client.None()) {
	return client.discovery(new URL(demo.issuer), clientId(app), clientSecret(app), how, { ...insecure, algorithm: 'oauth2' });
}

// Pushed, signed in on the pages, exchanged; with a handle every step with a proof.
async function signIn(config, app, DPoP, who = user, browser = new Browser()) {
	const verifier = client.randomPKCECodeVerifier(), state = client.randomState(), nonce = client.randomNonce();
	const start = await client.buildAuthorizationUrlWithPAR(config, { redirect_uri: callback(app), scope: 'openid email', state, nonce,
		response_type: 'code', code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }, { DPoP });
	assert.deepEqual([...start.searchParams.keys()].sort(), ['client_id', 'request_uri']);
	const answer = await browser.submit(await browser.open(start.href), { username: who.email, password: who.password });
	return client.authorizationCodeGrant(config, new URL(answer.location),
	    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }, undefined, { DPoP });
}

for (const [name, app] of [['confidential', () => web], ['public', () => spa],
	['that must push and prove', () => makeClient('--pushed-requests-required', '--dpop-required', '--generate-secret')]])
	for (const alg of ['ES256', 'Ed25519'])
		test(`openid-client, a client ${name}, ${alg}: pushed request, bound tokens, userinfo, refresh, introspection`, async () => {
			const one = app(), config = await configure(one);
			const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg));
			const tokens = await signIn(config, one, DPoP);
			assert.equal(tokens.token_type, 'dpop');
			const { jkt } = claims(tokens.access_token).cnf;
			const info = await client.fetchUserInfo(config, tokens.access_token, user.sub, { DPoP });
			assert.equal(info.email, user.email);
			await assert.rejects(client.fetchUserInfo(config, tokens.access_token, user.sub));
			const next = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
			assert.deepEqual(claims(next.access_token).cnf, { jkt });
			if (!clientSecret(one))
				return void await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
			const said = await client.tokenIntrospection(config, next.access_token);
			assert.deepEqual([said.active, said.cnf, said.sub], [true, { jkt }, user.sub]);
			assert.deepEqual(await client.tokenIntrospection(config, 'nonsense'), { active: false });
		});

test('openid-client, a client that signs: pushed request and introspection, said to the issuer or the endpoint', async () => {
	const pair = await client.randomDPoPKeyPair('PS256'), kid = 'one';
	const app = makeClient('--token-endpoint-auth-method', 'private_key_jwt', '--pushed-requests-required',
	    '--jwks', JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid }] }));
	for (const aud of [demo.issuer, `${base}/oauth2/par`, `${base}/oauth2/token`]) {
		const config = await configure(app, client.PrivateKeyJwt({ key: pair.privateKey, kid },
		    { [client.modifyAssertion]: (_, claims) => { claims.aud = aud; } }));
		const start = () => client.buildAuthorizationUrlWithPAR(config, { redirect_uri: callback(app), scope: 'openid', response_type: 'code' });
		assert.equal((await new Browser().open((await start()).href)).status, 200);
	}
	const config = await configure(app, client.PrivateKeyJwt({ key: pair.privateKey, kid }));
	const tokens = await signIn(config, app);
	assert.equal((await client.tokenIntrospection(config, tokens.refresh_token)).active, true);
});

test('oauth4webapi: pushed request, bound tokens, userinfo and introspection, to the letter', async () => {
	const insecure = { [oauth.allowInsecureRequests]: true }, issuer = new URL(demo.issuer), app = { client_id: clientId(web) };
	const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' }));
	assert.ok(server.dpop_signing_alg_values_supported.includes('PS256'));
	const proof = oauth.ClientSecretBasic(clientSecret(web)), state = oauth.generateRandomState(), verifier = oauth.generateRandomCodeVerifier();
	const DPoP = oauth.DPoP(app, await oauth.generateKeyPair('PS256')), browser = new Browser();
	const pushed = await oauth.processPushedAuthorizationResponse(server, app, await oauth.pushedAuthorizationRequest(server, app, proof, {
		response_type: 'code', redirect_uri: callback(web), scope: 'openid', state, code_challenge_method: 'S256',
		code_challenge: await oauth.calculatePKCECodeChallenge(verifier) }, { ...insecure, DPoP }));
	assert.equal(pushed.expires_in, 90);
	const page = await browser.open(`${server.authorization_endpoint}?${new URLSearchParams({ ...app, request_uri: pushed.request_uri })}`);
	const answer = await browser.submit(page, { username: user.email, password: user.password });
	const parameters = oauth.validateAuthResponse(server, app, new URL(answer.location), state);
	const tokens = await oauth.processAuthorizationCodeResponse(server, app, await oauth.authorizationCodeGrantRequest(server, app, proof,
	    parameters, callback(web), verifier, { ...insecure, DPoP }));
	assert.equal(tokens.token_type, 'dpop');
	const info = await oauth.processUserInfoResponse(server, app, user.sub,
	    await oauth.userInfoRequest(server, app, tokens.access_token, { ...insecure, DPoP }));
	assert.equal(info.sub, user.sub);
	const said = await oauth.processIntrospectionResponse(server, app,
	    await oauth.introspectionRequest(server, app, proof, tokens.access_token, insecure));
	assert.deepEqual([said.active, said.client_id, said.token_type], [true, clientId(web), 'DPoP']);
	const refused = await oauth.userInfoRequest(server, app, tokens.access_token, insecure);
	await assert.rejects(oauth.processUserInfoResponse(server, app, user.sub, refused), (error) =>
		error.cause.some(({ scheme, parameters: { error: name } }) => scheme === 'dpop' && name === 'invalid_token'));
});

test('where the settings ask for nonces, clients are told them, at every endpoint, and come again', async () => {
	let own;
	const site = await serve(() => own);
	try {
		own = await Installation.make({ dpop_nonce_seconds: 60 }, site.host);
		const person = { email: 'ada@example.com', password: PASSWORD };
		await own.invite(person.email);
		await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', person.email, '--password', PASSWORD, '--permanent');
		const at = (name) => `${site.home}/oauth2/${name}`, issuer = `http://localhost:9/${own.pool}`;
		const config = new client.Configuration({ issuer, authorization_endpoint: at('authorize'), token_endpoint: at('token'),
			userinfo_endpoint: at('userInfo'), pushed_authorization_request_endpoint: at('par') }, own.client.ClientId, undefined, client.None());
		client.allowInsecureRequests(config);
		const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
		let told = 0;
		config[client.customFetch] = async (url, options) => {
			const answer = await fetch(url, options);
			told += [400, 401].includes(answer.status);
			assert.match(answer.headers.get('dpop-nonce') ?? '', /^\d+\.[\w-]{43}$/);
			return answer;
		};
		const tokens = await signIn(config, own.client, DPoP, person, new Browser(site.home));
		assert.equal(told, 1, 'once; the nonce of the answer serves the next request');
		const { sub } = tokens.claims();
		assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).email, person.email);
		const fresh = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
		await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub, { DPoP: fresh }));
		assert.match(own.log, /code=use_dpop_nonce/);
		assert.equal((await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })).token_type, 'dpop');
	} finally {
		await own?.close();
		await site.close();
	}
});
