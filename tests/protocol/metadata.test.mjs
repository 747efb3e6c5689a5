// What a pool says of itself beyond the original: OpenID Connect Discovery 1.0, RFC 8414
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { until } from './installation.mjs';
import { base, demo, makePool, request } from './suite.mjs';

const pools = {};
before(() => {
	for (const dialect of ['cognito', 'both', 'standard'])
		pools[dialect] = makePool('--dialect', dialect);
});
after(() => Object.values(pools).forEach((pool) => pool.drop()));

const issuerOf = (pool) => demo.issuer.replace(/[^/]+$/, pool.id);
const pathOf = (pool) => new URL(issuerOf(pool)).pathname;
const openid = async (pool) => (await request(`${pathOf(pool)}/.well-known/openid-configuration`)).json;
const metadata = async (pool) => (await request(`${pathOf(pool)}/.well-known/oauth-authorization-server`)).json;

test('RFC 8414 metadata is at the issuer, before its path, and at the domain\'s root, for any origin', async () => {
	for (const pool of Object.values(pools)) {
		const texts = [];
		for (const url of [`${pathOf(pool)}/.well-known/oauth-authorization-server`,
			`/.well-known/oauth-authorization-server${pathOf(pool)}`, `${pool.home}/.well-known/oauth-authorization-server`]) {
			const answer = await request(url);
			assert.equal(answer.status, 200, url);
			assert.match(answer.headers['content-type'], /^application\/json/);
			assert.equal(answer.headers['access-control-allow-origin'], '*', url);
			texts.push(answer.text);
		}
		assert.equal(new Set(texts).size, 1);
		assert.equal(JSON.parse(texts[0]).issuer, issuerOf(pool));
	}
});

test('openid-configuration is the original\'s in the cognito dialect, and complete in the others', async () => {
	assert.equal(Object.keys(await openid(pools.cognito)).length, 12);
	for (const dialect of ['both', 'standard'])
		assert.deepEqual(await openid(pools[dialect]), await metadata(pools[dialect]));
});

test('what is promised is what the pool\'s clients get', async () => {
	assert.equal((await metadata(pools.cognito)).authorization_response_iss_parameter_supported, undefined);
	assert.deepEqual((await metadata(pools.cognito)).response_modes_supported, ['query', 'fragment']);
	const full = await metadata(pools.both);
	assert.equal(full.authorization_response_iss_parameter_supported, true);
	assert.deepEqual(full.response_modes_supported, ['query', 'fragment', 'form_post']);
});

test('every endpoint that is named answers, and nothing is named twice', async () => {
	const full = await metadata(pools.standard);
	for (const [name, url] of Object.entries(full).filter(([key]) => key.endsWith('_endpoint'))) {
		const answer = await request(url);
		assert.ok(![404, 500, 502, 503].includes(answer.status), `${name}: ${answer.status}`);
	}
	assert.equal((await request(new URL(full.jwks_uri).pathname)).status, 200);
	assert.deepEqual(Object.keys(full), Object.keys(full).sort());
	assert.deepEqual(full.code_challenge_methods_supported, ['S256']);
	assert.ok(full.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
	assert.ok(full.dpop_signing_alg_values_supported.includes('ES256'));
	assert.deepEqual(full.acr_values_supported, [1, 2, 3, 4].map((n) => `urn:cognito:loa:${n}`));
	assert.equal(full.request_uri_parameter_supported, false);
});

test('oauth4webapi finds the server either way', async () => {
	const issuer = new URL(issuerOf(pools.standard));
	for (const algorithm of ['oidc', 'oauth2']) {
		const response = await oauth.discoveryRequest(issuer, { algorithm, [oauth.allowInsecureRequests]: true });
		const found = await oauth.processDiscoveryResponse(issuer, response);
		assert.equal(found.token_endpoint, `${pools.standard.home}/oauth2/token`);
	}
});

test('a pool that goes takes its documents along', async () => {
	const pool = makePool(), path = pathOf(pool);
	const there = async () => (await request(`/.well-known/oauth-authorization-server${path}`)).status;
	assert.equal(await there(), 200);
	pool.drop();
	await until(async () => await there() === 404);
	assert.equal((await request(`${base}/.well-known/oauth-authorization-server`)).status, 200);
});
