// Tokens signed with a client's own algorithm (RFC 7518 3.3 to 3.5, RFC 8037)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as jose from 'jose';
import { until } from './installation.mjs';
import { Browser, PASSWORD, demo, makePool, part, request, tarnRaw, token, tokens, unique } from './suite.mjs';

let pool, issuer, user;
before(() => {
	pool = makePool('--username-attributes', 'email');
	issuer = demo.issuer.replace(/[^/]+$/, pool.id);
	pool.tarn('create-resource-server', '--identifier', 'https://api.example', '--name', 'api', '--scopes', 'ScopeName=read,ScopeDescription=r');
	user = { email: `${unique('p')}@example.com`, password: PASSWORD };
	pool.tarn('admin-create-user', '--username', user.email, '--message-action', 'SUPPRESS', '--user-attributes', `Name=email,Value=${user.email}`);
	pool.tarn('admin-set-user-password', '--username', user.email, '--password', PASSWORD, '--permanent');
});
after(() => pool.drop());

const path = () => new URL(issuer).pathname;
const keySet = async () => (await request(`${path()}/.well-known/jwks.json`)).json;
const algorithms = async () => [...new Set((await keySet()).keys.map(({ alg }) => alg))].sort();
const grant = (client) => tokens(client, user, {}, new Browser(pool.home));
const info = (jwt) => request(`${pool.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${jwt}` } });

// A web server may hold what it knows of a file for a second or two.
const setWith = (jwt) => until(async () => {
	const set = await keySet();
	return set.keys.some(({ kid }) => kid === part(jwt, 0).kid) && set;
});

test('a pool has keys of an algorithm when a client first asks', async () => {
	assert.deepEqual(await algorithms(), ['RS256']);
	const client = pool.client();
	assert.equal((await keySet()).keys.length, 2);
	pool.tarn('update-user-pool-client', '--client-id', client.ClientId, '--signing-algorithm', 'EdDSA');
	await until(async () => (await algorithms()).join() === 'EdDSA,RS256');
	pool.client('--signing-algorithm', 'EdDSA');
	assert.equal((await keySet()).keys.length, 4);
	const document = (await request(`${path()}/.well-known/openid-configuration`)).json;
	assert.deepEqual(document.id_token_signing_alg_values_supported, ['RS256', 'EdDSA']);
});

for (const [algorithm, type] of [['RS256', 'RSA'], ['PS256', 'RSA'], ['ES256', 'EC'], ['EdDSA', 'OKP']])
	test(`${algorithm}: tokens verify with the key set, and userInfo takes them`, async () => {
		const { id_token, access_token } = await grant(pool.client('--signing-algorithm', algorithm));
		const set = await setWith(id_token);
		for (const jwt of [id_token, access_token]) {
			assert.equal(part(jwt, 0).alg, algorithm);
			const key = set.keys.find(({ kid }) => kid === part(jwt, 0).kid);
			assert.deepEqual([key.alg, key.kty, key.use], [algorithm, type, 'sig']);
			await jose.jwtVerify(jwt, jose.createLocalJWKSet(set), { issuer, algorithms: [algorithm] });
		}
		assert.notEqual(part(id_token, 0).kid, part(access_token, 0).kid);
		assert.equal((await info(access_token)).status, 200);
	});

test('a machine\'s token is signed with it too', async () => {
	const client = pool.client('--signing-algorithm', 'ES256', '--generate-secret', '--allowed-o-auth-flows', 'client_credentials',
	    '--allowed-o-auth-scopes', 'https://api.example/read');
	const { access_token } = (await token(client, { grant_type: 'client_credentials' }, {}, pool.home)).json;
	await jose.jwtVerify(access_token, jose.createLocalJWKSet(await setWith(access_token)), { algorithms: ['ES256'] });
});

test('rotation, and a change of the pool\'s algorithm, replace the keys of every algorithm; what they signed stays good', async () => {
	const client = pool.client('--signing-algorithm', 'RS256');
	const jwts = [(await grant(client)).access_token];
	tarnRaw('keys', 'rotate', '--user-pool-id', pool.id, '--now');
	jwts.push((await grant(client)).access_token);
	pool.tarn('update-user-pool', '--signing-algorithm', 'ES256');
	jwts.push((await grant(client)).access_token);
	for (const jwt of jwts) {
		assert.equal(part(jwt, 0).alg, 'RS256');
		await jose.jwtVerify(jwt, jose.createLocalJWKSet(await setWith(jwt)), { issuer });
		assert.equal((await info(jwt)).status, 200);
	}
	const plain = (await grant(pool.client())).access_token;
	assert.equal(part(plain, 0).alg, 'ES256');
});
