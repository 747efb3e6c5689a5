// private_key_jwt: RFC 7521, RFC 7523, OpenID Connect Core 9
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createHmac, randomUUID } from 'node:crypto';
import * as jose from 'jose';
import { base, basic, clientId, code, callback, demo, makeClient, request, tarn, makeUser } from './suite.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const endpoint = `${base}/oauth2/token`;
const pairs = {}, jwks = { keys: [] };
let client, stranger;

const machine = ['--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes', 'https://api.example.com/read'];

before(async () => {
	for (const [algorithm, kid] of [['RS256', 'r'], ['PS256', 'p'], ['ES256', 'e'], ['EdDSA', 'd']]) {
		pairs[algorithm] = await jose.generateKeyPair(algorithm, { extractable: true });
		jwks.keys.push({ ...await jose.exportJWK(pairs[algorithm].publicKey), kid, alg: algorithm, use: 'sig' });
	}
	stranger = await jose.generateKeyPair('ES256');
	client = makeClient(...machine, '--jwks', JSON.stringify(jwks), '--token-endpoint-auth-method', 'private_key_jwt');
});

const now = () => Math.floor(Date.now() / 1000);
const claimsOf = (id, more) => ({ iss: id, sub: id, aud: demo.issuer, exp: now() + 60, iat: now(), jti: randomUUID(), ...more });
const sign = (more = {}, { algorithm = 'ES256', head = {}, key = pairs[algorithm].privateKey, id = clientId(client) } = {}) =>
	new jose.SignJWT(claimsOf(id, more)).setProtectedHeader({ alg: algorithm, ...head }).sign(key);
const ask = (client_assertion, more = {}, headers = {}) => request('/oauth2/token', { method: 'POST', headers,
	form: { grant_type: 'client_credentials', client_assertion, client_assertion_type: ASSERTION_TYPE, ...more } });
const granted = (answer) => assert.equal(answer.status, 200, answer.text);
const refused = (answer, error = 'invalid_client') => assert.deepEqual([answer.status, answer.json.error], [400, error]);
const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'])
	test(`${algorithm}: a client proves itself with a key of its set`, async () => {
		granted(await ask(await sign({}, { algorithm })));
		granted(await ask(await sign({}, { algorithm, head: { kid: jwks.keys.find(({ alg }) => alg === algorithm).kid } })));
	});

test('the audience is the issuer or the token endpoint, in a list too, and nobody else', async () => {
	for (const aud of [endpoint, [demo.issuer], [demo.issuer, endpoint]])
		granted(await ask(await sign({ aud })));
	for (const aud of [undefined, base, 'https://evil.example', [], [demo.issuer, 'https://evil.example'], `${endpoint}/`, { a: 1 }])
		refused(await ask(await sign({ aud })));
});

test('an assertion is good once', async () => {
	const assertion = await sign();
	granted(await ask(assertion));
	refused(await ask(assertion));
	const same = { jti: randomUUID() };
	granted(await ask(await sign(same)));
	refused(await ask(await sign({ ...same, exp: now() + 90 })));
});

test('of many who show one at once, one is answered', async () => {
	const assertion = await sign();
	const answers = await Promise.all(Array.from({ length: 8 }, () => ask(assertion)));
	assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test('claims that are missing, of others, of the past or far off are refused', async () => {
	for (const more of [{ iss: 'x' }, { sub: 'x' }, { iss: undefined }, { exp: undefined }, { exp: now() - 1 }, { exp: now() + 7200 },
		{ jti: undefined }, { jti: '' }, { jti: 'x'.repeat(256) }, { nbf: now() + 600 }, { iat: now() + 600 }])
		refused(await ask(await sign(more)));
});

test('another\'s key, whatever the header brings along', async () => {
	const jwk = await jose.exportJWK(stranger.publicKey);
	for (const head of [{}, { kid: 'e' }, { jwk }, { jku: 'https://evil.example/jwks.json' }, { x5u: 'https://evil.example/x' },
		{ x5c: ['AAAA'] }, { jwk, kid: 'e' }])
		refused(await ask(await sign({}, { key: stranger.privateKey, head })));
});

test('none, HMAC under the public key, another algorithm than the key\'s, crit, and other types', async () => {
	const claims = claimsOf(clientId(client));
	for (const alg of ['none', 'None', '']) {
		refused(await ask(`${encoded({ alg })}.${encoded(claims)}.`));
		refused(await ask(`${encoded({ alg, kid: 'r' })}.${encoded(claims)}.AAAA`));
	}
	for (const secret of [jwks.keys[0].n, await jose.exportSPKI(pairs.RS256.publicKey)]) {
		const text = `${encoded({ alg: 'HS256', kid: 'r' })}.${encoded(claims)}`;
		refused(await ask(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`));
	}
	refused(await ask(await sign({}, { algorithm: 'PS256', key: await jose.importJWK(await jose.exportJWK(pairs.RS256.privateKey), 'PS256') })));
	refused(await ask(await new jose.SignJWT(claims).setProtectedHeader({ alg: 'ES256', crit: ['x'], x: 1 })
		.sign(pairs.ES256.privateKey, { crit: { x: true } })));
	for (const typ of ['at+jwt', 'dpop+jwt', 'logout+jwt'])
		refused(await ask(await sign({}, { head: { typ } })));
	for (const typ of ['JWT', 'client-authentication+jwt'])
		granted(await ask(await sign({}, { head: { typ } })));
});

test('members that come twice, deep and large JSON are not read', async () => {
	const id = clientId(client);
	const tail = async (text) => {
		const signature = await new jose.CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'ES256' }).sign(pairs.ES256.privateKey);
		return ask(signature);
	};
	const good = JSON.stringify(claimsOf(id));
	granted(await tail(good));
	refused(await tail(`${JSON.stringify(claimsOf(id)).slice(0, -1)},"sub":"${id}"}`));
	refused(await tail(`${JSON.stringify(claimsOf(id)).slice(0, -1)},"deep":${'['.repeat(64)}${']'.repeat(64)}}`));
	refused(await tail(JSON.stringify(claimsOf(id, { big: 'x'.repeat(8000) }))), 'invalid_request');
	refused(await ask('x.y'));
	refused(await ask('e30.e30.AA'));
});

test('client_id may go along, and is the client\'s', async () => {
	granted(await ask(await sign(), { client_id: clientId(client) }));
	refused(await ask(await sign(), { client_id: clientId(makeClient()) }));
});

test('one way at a time, and of the right type', async () => {
	refused(await ask(await sign(), { client_secret: 'x' }), 'invalid_request');
	refused(await ask(await sign(), {}, { authorization: basic({ client_id: clientId(client), client_secret: 'x' }) }), 'invalid_request');
	refused(await ask(await sign(), { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }), 'invalid_request');
});

test('a method that is set is the only one', async () => {
	const options = (method) => makeClient(...machine, '--generate-secret', '--jwks', JSON.stringify(jwks),
	    ...(method ? ['--token-endpoint-auth-method', method] : []));
	const ways = {
		client_secret_basic: (c) => request('/oauth2/token', { method: 'POST', headers: { authorization: basic(c) }, form: { grant_type: 'client_credentials' } }),
		client_secret_post: (c) => request('/oauth2/token', { method: 'POST',
			form: { grant_type: 'client_credentials', client_id: clientId(c), client_secret: c.ClientSecret } }),
		private_key_jwt: async (c) => ask(await sign({}, { id: clientId(c) })),
		none: (c) => request('/oauth2/token', { method: 'POST', form: { grant_type: 'client_credentials', client_id: clientId(c) } }),
	};
	for (const method of [undefined, 'client_secret_basic', 'client_secret_post', 'private_key_jwt']) {
		const made = options(method);
		for (const [way, run] of Object.entries(ways)) {
			const good = way !== 'none' && (method === undefined || way === method);
			assert.equal((await run(made)).status, good ? 200 : 400, `${method}: ${way}`);
		}
	}
});

test('a client with keys and no secret is no public one', async () => {
	const made = makeClient('--jwks', JSON.stringify(jwks)), user = makeUser();
	const form = { grant_type: 'authorization_code', redirect_uri: callback(made) };
	refused(await request('/oauth2/token', { method: 'POST', form: { ...form, code: await code(made, user), client_id: clientId(made) } }));
	granted(await ask(await sign({}, { id: clientId(made) }), { ...form, code: await code(made, user) }));
});

test('it works at revocation and introspection', async () => {
	for (const path of ['/oauth2/revoke', '/oauth2/introspect']) {
		const form = { token: 'x', client_assertion_type: ASSERTION_TYPE };
		granted(await request(path, { method: 'POST', form: { ...form, client_assertion: await sign() } }));
		assert.equal((await request(path, { method: 'POST', form: { ...form, client_assertion: await sign({ sub: 'x' }) } })).status, 401);
	}
});

test('a client is given only keys that it can use, none private, and a method that fits', async () => {
	const make = (...options) => () => makeClient('--jwks', JSON.stringify(options[0]), ...options.slice(1));
	const secret = await jose.exportJWK(pairs.ES256.privateKey);
	for (const bad of [{}, { keys: [] }, { keys: [{}] }, { keys: [secret] }, { keys: [{ kty: 'oct', k: 'AAAA' }] }, { keys: [1] },
		{ keys: Array(9).fill(jwks.keys[0]) }, []])
		assert.throws(make(bad), /Jwks/);
	assert.throws(() => makeClient('--token-endpoint-auth-method', 'private_key_jwt'), /needs Jwks/);
	assert.throws(() => makeClient('--token-endpoint-auth-method', 'client_secret_basic'), /need a client secret/);
	assert.throws(() => makeClient('--generate-secret', '--token-endpoint-auth-method', 'none'), /without a secret/);
	assert.equal(tarn('describe-user-pool-client', '--client-id', clientId(client)).UserPoolClient.TokenEndpointAuthMethod, 'private_key_jwt');
});
