// openid-client and oauth4webapi with clients of the standard dialect, in a pool that speaks it:
// complete discovery, iss, form_post, signed assertions, every algorithm, typed access tokens
// (RFC 9068), fewer scopes, OpenID's sign-out
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exportJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { until } from '../protocol/installation.mjs';
import { Browser, PASSWORD, callback, clientId, demo, forms, makePool, part, request, unique } from '../protocol/suite.mjs';

let pool, issuer, user;
before(() => {
	pool = makePool('--dialect', 'standard', '--username-attributes', 'email');
	issuer = new URL(demo.issuer.replace(/[^/]+$/, pool.id));
	const email = `${unique('p')}@example.com`;
	pool.tarn('admin-create-user', '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	pool.tarn('admin-set-user-password', '--username', email, '--password', PASSWORD, '--permanent');
	user = { email, password: PASSWORD };
});
after(() => pool.drop());

// The pool's host is in no name server: what the clients ask goes to the suite by address.
async function reach(url, { method = 'GET', headers = {}, body } = {}) {
	const answer = await request(String(url), { method, headers: Object.fromEntries(new Headers(headers)), body: body && String(body) });
	const known = new Headers();
	for (const [name, value] of Object.entries(answer.headers))
		known.set(name, String(value));
	return new Response([204, 304].includes(answer.status) ? null : answer.text, { status: answer.status, headers: known });
}

async function configure(app, authentication, metadata) {
	const config = await client.discovery(issuer, clientId(app), metadata, authentication,
	    { execute: [client.allowInsecureRequests], [client.customFetch]: reach });
	config[client.customFetch] = reach;
	return config;
}

async function signIn(config, app, more = {}) {
	const browser = new Browser(pool.home), verifier = client.randomPKCECodeVerifier(), state = client.randomState(), nonce = client.randomNonce();
	const start = client.buildAuthorizationUrl(config, { redirect_uri: callback(app), scope: 'openid email', state, nonce,
		code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more });
	const answer = await browser.submit(await browser.open(start.href), { username: user.email, password: user.password });
	let landed;
	if (answer.status === 200) {
		const [form] = forms(answer.text);
		landed = new Request(form.action, { method: 'POST', body: new URLSearchParams(form.fields) });
	} else {
		landed = new URL(answer.location);
	}
	const tokens = await client.authorizationCodeGrant(config, landed,
	    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
	return { tokens, browser };
}

for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'])
	test(`openid-client, ${algorithm}: assertion, form_post, tokens, fewer scopes, userinfo, sign-out`, async () => {
		const pair = await client.randomDPoPKeyPair(algorithm === 'EdDSA' ? 'Ed25519' : algorithm, { extractable: true });
		const jwk = { ...await exportJWK(pair.publicKey), kid: 'one' };
		const app = pool.client('--signing-algorithm', algorithm, '--token-endpoint-auth-method', 'private_key_jwt',
		    '--jwks', JSON.stringify({ keys: [jwk] }), '--logout-urls', 'http://localhost:9/bye', '--pkce-required');
		const config = await configure(app, client.PrivateKeyJwt({ key: pair.privateKey, kid: 'one' }),
		    { id_token_signed_response_alg: algorithm });
		assert.equal(config.serverMetadata().authorization_response_iss_parameter_supported, true);
		await until(async () => (await (await reach(config.serverMetadata().jwks_uri)).json()).keys.some(({ alg }) => alg === algorithm));
		const { tokens, browser } = await signIn(config, app, { response_mode: 'form_post' });
		assert.equal(part(tokens.id_token, 0).alg, algorithm);
		assert.equal(tokens.scope, 'openid email');
		const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
		assert.equal(info.email_verified, true);
		const next = await client.refreshTokenGrant(config, tokens.refresh_token, { scope: 'openid' });
		assert.equal(next.scope, 'openid');
		const out = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: 'http://localhost:9/bye', state: 's' });
		assert.equal((await browser.fetch(out.href)).location, 'http://localhost:9/bye?state=s');
	});

test('oauth4webapi: an access token is one of RFC 9068, and an answer without iss is refused', async () => {
	const app = pool.client(), config = await configure(app, client.None()), server = config.serverMetadata();
	const { tokens } = await signIn(config, app);
	const call = new Request('https://api.example/', { headers: { authorization: `Bearer ${tokens.access_token}` } });
	const claims = await oauth.validateJwtAccessToken(server, call, issuer.href, { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: reach });
	assert.deepEqual([claims.client_id, claims.scope], [clientId(app), 'openid email']);
	const { location } = await new Browser(pool.home).fetch(client.buildAuthorizationUrl(config, { redirect_uri: callback(app), prompt: 'none', state: 's' }).href);
	const seen = new URL(location);
	const check = (url) => oauth.validateAuthResponse(server, { client_id: clientId(app) }, url, 's');
	assert.throws(() => check(seen), { error: 'login_required' });
	seen.searchParams.delete('iss');
	assert.throws(() => check(seen), /iss/);
});

test('oauth4webapi: a wrong secret is answered with a challenge', async () => {
	const app = pool.client('--generate-secret'), server = (await configure(app, client.None())).serverMetadata();
	const known = { client_id: clientId(app) };
	const response = await oauth.genericTokenEndpointRequest(server, known, oauth.ClientSecretBasic('wrong'), 'refresh_token',
	    { refresh_token: 'x' }, { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: reach });
	assert.equal(response.status, 401);
	await assert.rejects(oauth.processGenericTokenEndpointResponse(server, known, response), (error) =>
		error instanceof oauth.WWWAuthenticateChallengeError && error.cause[0].scheme === 'basic');
});
