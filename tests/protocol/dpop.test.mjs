// RFC 9449: proofs at /oauth2/token, /oauth2/par and /oauth2/userInfo, and what is bound by them
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { Browser, authorizeUrl, base, basic, callback, claims, clientId, code, m2m, makeClient, makeUser, pkce, request, spa,
	token, web } from './suite.mjs';

let user, mine, theirs;
before(async () => {
	user = makeUser();
	[mine, theirs] = [await makeKey(), await makeKey()];
});

async function makeKey(alg = 'ES256') {
	const pair = await generateKeyPair(alg, { extractable: true });
	const jwk = await exportJWK(pair.publicKey);
	return { alg, jwk, privateKey: pair.privateKey, jwkWithPrivate: await exportJWK(pair.privateKey),
		jkt: await calculateJwkThumbprint(jwk) };
}

const TOKEN = `${base}/oauth2/token`, USERINFO = `${base}/oauth2/userInfo`, PAR = `${base}/oauth2/par`;
const hash = (text) => createHash('sha256').update(text).digest('base64url');
const now = () => Math.floor(Date.now() / 1000);

// A proof by that key; `said` changes its claims, `head` its header (undefined takes away).
async function proof(key, htm, htu, said = {}, head = {}) {
	const drop = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
	return new SignJWT(drop({ jti: randomUUID(), htm, htu, iat: now(), ...said }))
		.setProtectedHeader(drop({ typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk, ...head })).sign(key.privateKey);
}
const atToken = (key, said, head) => proof(key, 'POST', TOKEN, said, head);
const atUserinfo = (key, access, said, head) => proof(key, 'GET', USERINFO, { ath: hash(access), ...said }, head);

async function exchange(client, headers, parameters = {}, browser) {
	const { verifier, challenge } = pkce();
	const value = await code(client, user, { code_challenge: challenge, code_challenge_method: 'S256', scope: 'openid', ...parameters }, browser);
	return token(client, { grant_type: 'authorization_code', code: value, redirect_uri: callback(client), code_verifier: verifier }, headers);
}
async function bound(client = spa, key = mine) {
	const answer = await exchange(client, { dpop: await atToken(key) });
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}
const userinfo = (access, dpop, scheme = 'DPoP', method = 'GET') => request(USERINFO, { method,
	headers: { authorization: `${scheme} ${access}`, ...(dpop ? { dpop } : {}) } });
const refresh = async (client, refresh_token, key) => token(client, { grant_type: 'refresh_token', refresh_token },
    key ? { dpop: await atToken(key) } : {});

function refused(answer, status, error) {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.json.error, error);
}
function challenged(answer, error) {
	refused(answer, 401, error);
	assert.match(answer.headers['www-authenticate'], new RegExp(`^DPoP error="${error}", error_description="[^"]*", algs="([A-Z]\\w+ )*ES256\\b`));
}

test('a proof at the token endpoint binds the access token to its key', async () => {
	const answer = await bound();
	assert.equal(answer.token_type, 'DPoP');
	assert.deepEqual(claims(answer.access_token).cnf, { jkt: mine.jkt });
	assert.equal(claims(answer.id_token).cnf, undefined);
});

test('without a proof nothing is bound and nothing changes', async () => {
	const { json } = await exchange(spa, {});
	assert.equal(json.token_type, 'Bearer');
	assert.equal(claims(json.access_token).cnf, undefined);
	assert.equal((await userinfo(json.access_token, undefined, 'Bearer')).status, 200);
	assert.equal((await refresh(spa, json.refresh_token)).json.token_type, 'Bearer');
});

for (const alg of ['ES256', 'RS256', 'PS256', 'EdDSA'])
	test(`userInfo answers a bound token with a proof by its key (${alg})`, async () => {
		const key = await makeKey(alg), { access_token } = await bound(web, key);
		for (const scheme of ['DPoP', 'dpop']) {
			const answer = await userinfo(access_token, await atUserinfo(key, access_token), scheme);
			assert.equal(answer.status, 200, answer.text);
			assert.equal(answer.json.sub, user.sub);
		}
		const posted = await userinfo(access_token, await proof(key, 'POST', USERINFO, { ath: hash(access_token) }), 'DPoP', 'POST');
		assert.equal(posted.status, 200, posted.text);
	});

test('a bound token is not good as a bearer token, with a proof or without', async () => {
	const { access_token } = await bound();
	challenged(await userinfo(access_token, undefined, 'Bearer'), 'invalid_token');
	challenged(await userinfo(access_token, await atUserinfo(mine, access_token), 'Bearer'), 'invalid_token');
});

test('a bound token needs a proof, and by its own key', async () => {
	const { access_token } = await bound();
	challenged(await userinfo(access_token), 'invalid_dpop_proof');
	challenged(await userinfo(access_token, await atUserinfo(theirs, access_token)), 'invalid_token');
});

test('a token that is bound to nothing is not good with a proof', async () => {
	const { json } = await exchange(spa, {});
	challenged(await userinfo(json.access_token, await atUserinfo(mine, json.access_token)), 'invalid_token');
});

test('a bad token is told by the scheme it came with', async () => {
	challenged(await userinfo('nonsense', await atUserinfo(mine, 'nonsense')), 'invalid_token');
});

test('a proof is good once, at each endpoint, and of many at once one is', async () => {
	const { access_token } = await bound(), shown = await atUserinfo(mine, access_token);
	const answers = await Promise.all(Array.from({ length: 16 }, () => userinfo(access_token, shown)));
	assert.equal(answers.filter(({ status }) => status === 200).length, 1);
	for (const answer of answers.filter(({ status }) => status !== 200))
		challenged(answer, 'invalid_dpop_proof');
	const once = await atToken(mine);
	const ask = () => token(m2m, { grant_type: 'client_credentials' }, { dpop: once });
	assert.equal((await ask()).status, 200);
	refused(await ask(), 400, 'invalid_dpop_proof');
});

test("the same jti by another key is another proof: nobody uses up somebody else's", async () => {
	const jti = randomUUID();
	for (const key of [mine, theirs])
		assert.equal((await token(m2m, { grant_type: 'client_credentials' }, { dpop: await atToken(key, { jti }) })).status, 200);
});

test('a proof for a resource names its access token', async () => {
	const { access_token } = await bound();
	for (const ath of [undefined, hash('another'), access_token, ''])
		challenged(await userinfo(access_token, await atUserinfo(mine, access_token, { ath })), 'invalid_dpop_proof');
});

test('the address is compared without query, fragment and the spelling of the host', async () => {
	const { port } = new URL(base);
	for (const htu of [`${TOKEN}?x=y`, `${TOKEN}#z`, `http://LOCALHOST:${port}/oauth2/token`, `HTTP://localhost:${port}/oauth2/token`]) {
		const answer = await token(m2m, { grant_type: 'client_credentials' }, { dpop: await atToken(mine, { htu }) });
		assert.equal(answer.status, 200, htu);
	}
});

const padded = (n) => 'x'.repeat(n);
const deep = (n) => JSON.parse('{"a":'.repeat(n) + '1' + '}'.repeat(n));
for (const [what, make] of [
	['for GET', () => atToken(mine, { htm: 'GET' })],
	['for post, in lower case', () => atToken(mine, { htm: 'post' })],
	['for no method', () => atToken(mine, { htm: undefined })],
	['for another path', () => atToken(mine, { htu: USERINFO })],
	['for another host', () => atToken(mine, { htu: 'http://localhost:1/oauth2/token' })],
	['for another scheme', () => atToken(mine, { htu: TOKEN.replace('http:', 'https:') })],
	['for a host with a user in front', () => atToken(mine, { htu: TOKEN.replace('//', '//x@') })],
	['for a relative address', () => atToken(mine, { htu: '/oauth2/token' })],
	['for no address', () => atToken(mine, { htu: undefined })],
	['for a longer path', () => atToken(mine, { htu: `${TOKEN}/x` })],
	['from six minutes ago', () => atToken(mine, { iat: now() - 360 })],
	['from six minutes ahead', () => atToken(mine, { iat: now() + 360 })],
	['from no time', () => atToken(mine, { iat: undefined })],
	['with a text for a time', () => atToken(mine, { iat: String(now()) })],
	['without jti', () => atToken(mine, { jti: undefined })],
	['with an empty jti', () => atToken(mine, { jti: '' })],
	['with a jti of 257 characters', () => atToken(mine, { jti: padded(257) })],
	['with a number for a jti', () => atToken(mine, { jti: 7 })],
	['of the type JWT', () => atToken(mine, {}, { typ: 'JWT' })],
	['of no type', () => atToken(mine, {}, { typ: undefined })],
	['without a key', () => atToken(mine, {}, { jwk: undefined })],
	["with somebody else's key", () => atToken(mine, {}, { jwk: theirs.jwk })],
	['with its private key', () => atToken(mine, {}, { jwk: mine.jwkWithPrivate })],
	['with a key that is for encryption', () => atToken(mine, {}, { jwk: { ...mine.jwk, use: 'enc' } })],
	['with a key off the curve', () => atToken(mine, {}, { jwk: { ...mine.jwk, y: mine.jwk.x } })],
	['with JSON 40 levels deep', () => atToken(mine, { deep: deep(40) })],
	['with a key kid that is no text', () => atToken(mine, {}, { kid: undefined, jwk: { ...mine.jwk, kty: 7 } })],
	['with crit', async () => resigned(mine, { typ: 'dpop+jwt', alg: 'ES256', jwk: mine.jwk, crit: ['exp'], exp: 1 })],
	['with a member twice', async () => raw(mine, `{"typ":"dpop+jwt","alg":"ES256","alg":"ES256","jwk":${JSON.stringify(mine.jwk)}}`)],
	['by the algorithm none', async () => unsigned({ typ: 'dpop+jwt', alg: 'none', jwk: mine.jwk })],
	['by a symmetric key', async () => symmetric()],
	['with a signature that is changed', async () => (await atToken(mine)).replace(/.{4}$/, 'AAAA')],
	['that is no JWT', async () => 'nonsense'],
	['that are two', async () => `${await atToken(mine)}, ${await atToken(mine)}`],
])
	test(`refused at the token endpoint: a proof ${what}`, async () => {
		const answer = await token(m2m, { grant_type: 'client_credentials' }, { dpop: await make() });
		refused(answer, 400, 'invalid_dpop_proof');
		assert.equal(answer.json.access_token, undefined);
	});

// A JWS by hand: jose would not make these.
async function raw(key, head) {
	const said = JSON.stringify({ jti: randomUUID(), htm: 'POST', htu: TOKEN, iat: now() });
	const text = [head, said].map((part) => Buffer.from(part).toString('base64url')).join('.');
	const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, Buffer.from(text));
	return `${text}.${Buffer.from(signature).toString('base64url')}`;
}
const resigned = (key, head) => raw(key, JSON.stringify(head));
const unsigned = async (head) => `${(await resigned(mine, head)).replace(/[^.]*$/, '')}AAAA`;
function symmetric() {
	const k = new Uint8Array(32);
	return new SignJWT({ jti: randomUUID(), htm: 'POST', htu: TOKEN, iat: now() })
		.setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: Buffer.from(k).toString('base64url') } }).sign(k);
}

test('refused at the token endpoint: a proof of more than 4 kB', async () => {
	const answer = await token(m2m, { grant_type: 'client_credentials' }, { dpop: await atToken(mine, { fill: padded(4000) }) });
	refused(answer, 400, 'invalid_request');
});

test('a code is bound to the key that the request named', async () => {
	const right = await exchange(spa, { dpop: await atToken(mine) }, { dpop_jkt: mine.jkt });
	assert.equal(right.json.token_type, 'DPoP');
	for (const headers of [{ dpop: await atToken(theirs) }, {}])
		refused(await exchange(spa, headers, { dpop_jkt: mine.jkt }), 400, 'invalid_grant');
});

test("a public client's refresh token is bound to the key", async () => {
	const { refresh_token } = await bound(spa);
	refused(await refresh(spa, refresh_token), 400, 'invalid_grant');
	refused(await refresh(spa, refresh_token, theirs), 400, 'invalid_grant');
	const { json } = await refresh(spa, refresh_token, mine);
	assert.equal(json.token_type, 'DPoP');
	assert.deepEqual(claims(json.access_token).cnf, { jkt: mine.jkt });
});

test('it is so after a rotation', async () => {
	const app = makeClient('--refresh-token-rotation', 'Feature=ENABLED,RetryGracePeriodSeconds=0', '--explicit-auth-flows', 'ALLOW_USER_SRP_AUTH');
	const { refresh_token } = (await exchange(app, { dpop: await atToken(mine) })).json;
	const next = (await refresh(app, refresh_token, mine)).json.refresh_token;
	refused(await refresh(app, next), 400, 'invalid_grant');
	assert.equal((await refresh(app, next, mine)).status, 200);
});

test("a confidential client's refresh token is bound to its secret, and takes any key", async () => {
	const { refresh_token } = await bound(web);
	assert.deepEqual(claims((await refresh(web, refresh_token, theirs)).json.access_token).cnf, { jkt: theirs.jkt });
	assert.equal((await refresh(web, refresh_token)).json.token_type, 'Bearer');
});

test('a machine binds its tokens too', async () => {
	const { json } = await token(m2m, { grant_type: 'client_credentials' }, { dpop: await atToken(mine) });
	assert.equal(json.token_type, 'DPoP');
	assert.deepEqual(claims(json.access_token).cnf, { jkt: mine.jkt });
});

test('a client with DpopRequired gets no token without a proof, and none from authorize', async () => {
	const app = makeClient('--dpop-required', '--allowed-o-auth-flows', 'code', 'implicit');
	refused(await exchange(app, {}), 400, 'invalid_dpop_proof');
	assert.equal((await exchange(app, { dpop: await atToken(mine) })).json.token_type, 'DPoP');
	const answer = await new Browser().fetch(authorizeUrl(app, { response_type: 'token' }));
	assert.match(answer.location, /error=unauthorized_client/);
});

test('a pushed request binds its code by dpop_jkt, or by a proof', async () => {
	const push = (more, headers = {}) => request(PAR, { method: 'POST', headers, form: { response_type: 'code', client_id: clientId(spa),
		redirect_uri: callback(spa), scope: 'openid', ...more } });
	const byProof = async () => ({ dpop: await proof(mine, 'POST', PAR) });
	refused(await push({ dpop_jkt: theirs.jkt }, await byProof()), 400, 'invalid_dpop_proof');
	refused(await push({}, { dpop: await atToken(mine) }), 400, 'invalid_dpop_proof');
	for (const [more, headers] of [[{ dpop_jkt: mine.jkt }, {}], [{}, await byProof()], [{ dpop_jkt: mine.jkt }, await byProof()]]) {
		const codes = [];
		for (let i = 0; i < 2; i++) {
			const pushed = await push(more, i && headers.dpop ? await byProof() : headers);
			assert.equal(pushed.status, 201, pushed.text);
			const browser = new Browser();
			const page = await browser.open(`/oauth2/authorize?client_id=${clientId(spa)}&request_uri=${encodeURIComponent(pushed.json.request_uri)}`);
			const answer = await browser.submit(page, { username: user.email, password: user.password });
			codes.push(new URL(answer.location).searchParams.get('code'));
		}
		const redeem = (value, dpop) => token(spa, { grant_type: 'authorization_code', code: value, redirect_uri: callback(spa) }, { dpop });
		refused(await redeem(codes[0], await atToken(theirs)), 400, 'invalid_grant');
		assert.equal((await redeem(codes[1], await atToken(mine))).status, 200);
	}
});

test('an exchange does not take the key off a token, and with a proof puts one on', async () => {
	const app = makeClient('--generate-secret', '--allowed-o-auth-flows', 'code', 'token_exchange');
	const swap = async (subject_token) => token(app, { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token,
		subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' }, { dpop: await atToken(theirs) });
	refused(await swap((await exchange(app, { dpop: await atToken(mine) })).json.access_token), 400, 'invalid_request');
	const { json } = await swap((await exchange(app, {})).json.access_token);
	assert.equal(json.token_type, 'DPoP');
	assert.deepEqual(claims(json.access_token).cnf, { jkt: theirs.jkt });
	assert.equal((await userinfo(json.access_token, await atUserinfo(theirs, json.access_token))).status, 200);
});

test('introspection tells the key', async () => {
	const ask = async (client, value) => (await request('/oauth2/introspect', { method: 'POST', form: { token: value },
		headers: { authorization: basic(client) } })).json;
	const { access_token, refresh_token } = await bound(web);
	const said = await ask(web, access_token);
	assert.deepEqual([said.active, said.token_type, said.cnf], [true, 'DPoP', { jkt: mine.jkt }]);
	assert.equal((await ask(web, refresh_token)).cnf, undefined);
});

test('a script of another origin may send proofs, and read challenges and nonces', async () => {
	const preflight = await request(USERINFO, { method: 'OPTIONS', headers: { origin: 'https://app.example',
		'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization,dpop' } });
	assert.match(preflight.headers['access-control-allow-headers'], /\bdpop\b/i);
	const answer = await userinfo('x', undefined, 'DPoP');
	for (const name of ['DPoP-Nonce', 'WWW-Authenticate'])
		assert.ok(answer.headers['access-control-expose-headers'].split(/,\s*/).includes(name), name);
});
