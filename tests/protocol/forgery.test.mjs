// RFC 7515, RFC 8725: tokens that somebody made or changed, at every endpoint that takes one
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, basic, demo, makeClient, makeUser, part, request, tokens } from './suite.mjs';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const thief = generateKeyPairSync('rsa', { modulusLength: 2048 }), curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stolen = { sub: '00000000-0000-4000-8000-000000000000', username: 'somebody else' };

let client, browser, grant, keys;
before(async () => {
	client = makeClient('--generate-secret', '--dialect', 'standard');
	browser = new Browser();
	grant = await tokens(client, makeUser(), {}, browser);
	keys = (await request(`${demo.issuer}/.well-known/jwks.json`)).json.keys;
});

const by = (head, claims, signer) => {
	const text = `${encode(head)}.${encode(claims)}`;
	return `${text}.${signer(text)}`;
};
const thiefs = (text) => sign('sha256', Buffer.from(text), thief.privateKey).toString('base64url');
const hmac = (secret) => (text) => createHmac('sha256', secret).update(text).digest('base64url');
const jwk = { ...thief.publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };

// What it is, and how it is made of a good token's text, header, claims and of the key that signed it.
for (const [what, forge] of [
	['changed, the signature kept', (t, head, claims) => `${encode(head)}.${encode({ ...claims, ...stolen })}.${t.split('.')[2]}`],
	['cut off its signature', (t) => t.slice(0, t.lastIndexOf('.') + 1)],
	['alg none', (t, head, claims) => by({ ...head, alg: 'none' }, claims, () => '')],
	['alg None, in another spelling', (t, head, claims) => by({ ...head, alg: 'nOnE' }, claims, () => '')],
	['HS256 keyed with the modulus', (t, head, claims, key) => by({ ...head, alg: 'HS256' }, claims, hmac(Buffer.from(key.n, 'base64url')))],
	['HS256 keyed with the JWK', (t, head, claims, key) => by({ ...head, alg: 'HS256' }, claims, hmac(JSON.stringify(key)))],
	['HS256 keyed with the public key in PEM', (t, head, claims, key) => by({ ...head, alg: 'HS256' }, claims,
	    hmac(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })))],
	['ES256 under an RSA kid', (t, head, claims) => by({ ...head, alg: 'ES256' }, claims, (text) =>
	    sign('sha256', Buffer.from(text), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'))],
	['another key under the same kid', (t, head, claims) => by(head, claims, thiefs)],
	['a kid that nobody knows', (t, head, claims) => by({ ...head, kid: 'x' }, claims, thiefs)],
	['no kid', (t, { kid, ...head }, claims) => by(head, claims, thiefs)],
	['a key embedded as jwk', (t, head, claims) => by({ ...head, jwk }, claims, thiefs)],
	['a key embedded as jwk, without a kid', (t, { kid, ...head }, claims) => by({ ...head, jwk }, claims, thiefs)],
	['a key to be fetched from jku', (t, head, claims) => by({ ...head, kid: 'x', jku: 'http://127.0.0.1:9/jwks.json' }, claims, thiefs)],
	['a certificate in x5c', (t, head, claims) => by({ ...head, x5c: [thief.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }, claims, thiefs)],
	['crit', (t, head, claims) => by({ ...head, crit: ['exp'], exp: 1 }, claims, thiefs)],
	['alg twice', (t, head, claims) => by(`${JSON.stringify(head).slice(0, -1)},"alg":"none"}`, claims, () => '')],
	['a claim twice', (t, head, claims) => by(head, `${JSON.stringify(claims).slice(0, -1)},"sub":"${stolen.sub}"}`, thiefs)],
	['another typ', (t, head, claims) => by({ ...head, typ: 'logout+jwt' }, claims, thiefs)],
	['deep', (t, head, claims) => by(head, `${JSON.stringify(claims).slice(0, -1)},"a":${'['.repeat(200)}${']'.repeat(200)}}`, thiefs)],
	['oversized', (t, head, claims) => by(head, { ...claims, a: 'x'.repeat(13000) }, thiefs)],
	['in the JSON serialization', (t) => JSON.stringify(Object.fromEntries(t.split('.').map((v, i) => [['protected', 'payload', 'signature'][i], v])))],
	['in five parts, as if encrypted', (t) => `${t}.AA.AA`],
]) {
	const forged = (good) => forge(good, part(good, 0), part(good, 1), keys.find(({ kid }) => kid === part(good, 0).kid));

	test(`userInfo and introspection take no access token that is ${what}`, async () => {
		const token = forged(grant.access_token);
		const info = await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${token}` } });
		assert.ok(info.status >= 400 && info.status < 500, `${info.status} ${info.text}`);
		const said = await request('/oauth2/introspect', { method: 'POST', form: { token }, headers: { authorization: basic(client) } });
		assert.ok(said.json.active === false || said.json.error === 'invalid_request', said.text);
	});

	test(`nobody is signed out by an ID token that is ${what}`, async () => {
		const answer = await browser.fetch(`/logout?${new URLSearchParams({ id_token_hint: forged(grant.id_token), client_id: client.ClientId,
			post_logout_redirect_uri: client.LogoutURLs[0] })}`);
		assert.notEqual(answer.location, client.LogoutURLs[0]);
		const { location } = await browser.fetch(authorizeUrl(client, { prompt: 'none' }));
		assert.ok(new URL(location).searchParams.has('code'), location);
	});
}

test('the tokens that all of these were made of are good', async () => {
	const info = await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${grant.access_token}` } });
	assert.equal(info.status, 200);
	const answer = await browser.fetch(`/logout?${new URLSearchParams({ id_token_hint: grant.id_token, post_logout_redirect_uri: client.LogoutURLs[0] })}`);
	assert.equal(answer.location, client.LogoutURLs[0]);
});
