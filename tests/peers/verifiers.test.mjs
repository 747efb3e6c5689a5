// What resource servers verify tokens with: aws-jwt-verify (its generic verifier, with our issuer)
// and jose
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { JwtVerifier } from 'aws-jwt-verify';
import { JwtInvalidAudienceError, JwtInvalidIssuerError, JwtInvalidSignatureError } from 'aws-jwt-verify/error';
import * as jose from 'jose';
import { clientId, demo, m2m, makeUser, request, spa, tarnRaw, tokens, web } from '../protocol/suite.mjs';

let user, mine, jwks;
before(async () => {
	user = makeUser();
	mine = await tokens(web, user);
	jwks = (await request(`${demo.issuer}/.well-known/jwks.json`)).json;
});

// A web server may serve a file for a moment longer than it is there.
async function published(kid) {
	for (let i = 0; i < 30; i++) {
		const { keys } = (await request(`${demo.issuer}/.well-known/jwks.json`)).json;
		if (keys.some((key) => key.kid === kid))
			return;
		await new Promise((done) => setTimeout(done, 100));
	}
	assert.fail(`${kid} is not published`);
}

// The verifier fetches keys over https alone, so they are handed to it.
function verifier(properties = {}) {
	const made = JwtVerifier.create({ issuer: demo.issuer, audience: null, jwksUri: `${demo.issuer}/.well-known/jwks.json`, ...properties });
	made.cacheJwks(jwks);
	return made;
}

test('aws-jwt-verify accepts an ID token for its audience', async () => {
	const payload = await verifier({ audience: clientId(web) }).verify(mine.id_token);
	assert.equal(payload.sub, user.sub);
	assert.equal(payload.token_use, 'id');
});

test('aws-jwt-verify accepts an access token, with the scope and the client that are asked for', async () => {
	const payload = await verifier({ customJwtCheck: ({ payload: { token_use, client_id, scope } }) => {
		if (token_use !== 'access' || client_id !== clientId(web) || !scope.split(' ').includes('openid'))
			throw new Error('another token');
	} }).verify(mine.access_token);
	assert.equal(payload.username, user.username);
});

test('aws-jwt-verify refuses another audience, another issuer and a changed token', async () => {
	await assert.rejects(verifier({ audience: clientId(spa) }).verify(mine.id_token), JwtInvalidAudienceError);
	await assert.rejects(verifier({ issuer: `${demo.issuer}x` }).verify(mine.id_token), JwtInvalidIssuerError);
	const [head, body, signature] = mine.id_token.split('.');
	const other = { ...JSON.parse(Buffer.from(body, 'base64url')), sub: 'somebody-else' };
	const forged = [head, Buffer.from(JSON.stringify(other)).toString('base64url'), signature].join('.');
	await assert.rejects(verifier({ audience: clientId(web) }).verify(forged), JwtInvalidSignatureError);
	const bare = [Buffer.from('{"alg":"none"}').toString('base64url'), body, ''].join('.');
	await assert.rejects(verifier({ audience: clientId(web) }).verify(bare));
});

test('aws-jwt-verify does not take one token for the other: they are signed by different keys', async () => {
	const kid = (jwt) => jose.decodeProtectedHeader(jwt).kid;
	assert.notEqual(kid(mine.id_token), kid(mine.access_token));
	const only = verifier();
	only.cacheJwks({ keys: jwks.keys.filter((key) => key.kid === kid(mine.access_token)) });
	await only.verify(mine.access_token);
	await assert.rejects(only.verify(mine.id_token));
});

test('aws-jwt-verify accepts the access token of a machine', async () => {
	const answer = await request('/oauth2/token', { method: 'POST', form: { grant_type: 'client_credentials',
		client_id: m2m.client_id, client_secret: m2m.client_secret } });
	const payload = await verifier().verify(answer.json.access_token);
	assert.equal(payload.client_id, clientId(m2m));
});

test('jose verifies with the published key set, over the wire', async () => {
	const keys = jose.createRemoteJWKSet(new URL(`${demo.issuer}/.well-known/jwks.json`));
	const { payload, protectedHeader } = await jose.jwtVerify(mine.id_token, keys,
	    { issuer: demo.issuer, audience: clientId(web), algorithms: ['RS256'], requiredClaims: ['exp', 'iat', 'auth_time', 'at_hash'] });
	assert.equal(payload['cognito:username'], user.username);
	assert.equal(protectedHeader.alg, 'RS256');
	await jose.jwtVerify(mine.access_token, keys, { issuer: demo.issuer });
	await assert.rejects(jose.jwtVerify(mine.id_token, keys, { audience: clientId(spa) }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
	await assert.rejects(jose.jwtVerify(`${mine.id_token.slice(0, -8)}AAAAAAAA`, keys), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
});

test('jose: tokens of before a rotation of keys stay good, new ones have new keys', async () => {
	const old = mine.access_token;
	tarnRaw('keys', 'rotate', '--user-pool-id', demo.user_pool_id, '--now');
	const fresh = await tokens(web, user);
	await published(jose.decodeProtectedHeader(fresh.id_token).kid);
	const keys = jose.createRemoteJWKSet(new URL(`${demo.issuer}/.well-known/jwks.json`));
	assert.notEqual(jose.decodeProtectedHeader(old).kid, jose.decodeProtectedHeader(fresh.access_token).kid);
	for (const jwt of [old, fresh.access_token, fresh.id_token])
		await jose.jwtVerify(jwt, keys, { issuer: demo.issuer });
});

test('jose: a key of the set is enough to verify, and gives nothing away', () => {
	for (const key of jwks.keys)
		assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
});
