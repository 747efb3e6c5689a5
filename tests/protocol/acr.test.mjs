// oauth.md 2, 9: acr_values, max_age, and the claims acr and amr
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, callback, claims, makeClient, makePool, makeUser, tarn, token, tokens, unique, web } from './suite.mjs';

let user;
before(() => { user = makeUser(); });

const level = (n) => `urn:cognito:loa:${n}`;
const levels = (names) => JSON.stringify(Object.fromEntries(Object.entries(names).map(([n, AcrValue]) => [n, { AcrValue }])));
const strength = (jwt) => [claims(jwt).acr, claims(jwt).amr];

// Somebody of a pool of its own signs in there.
async function signInAt(pool, parameters) {
	const client = pool.client(), name = unique('ada'), password = 'Correct-horse-7';
	pool.tarn('admin-create-user', '--username', name, '--message-action', 'SUPPRESS');
	pool.tarn('admin-set-user-password', '--username', name, '--password', password, '--permanent');
	return tokens(client, { username: name, password }, parameters, new Browser(pool.home));
}

test('a password is level 1 and method pwd, in both tokens, asked for or not', async () => {
	for (const parameters of [{}, { acr_values: level(1) }]) {
		const { id_token, access_token } = await tokens(web, user, parameters);
		assert.deepEqual(strength(id_token), [level(1), ['pwd']]);
		assert.deepEqual(strength(access_token), [level(1), ['pwd']]);
	}
});

test('implicit tokens have both claims too', async () => {
	const implicit = makeClient('--allowed-o-auth-flows', 'implicit');
	const answer = await new Browser().signIn(implicit, user, { response_type: 'token' });
	const f = new URLSearchParams(new URL(answer.location).hash.slice(1));
	assert.deepEqual(strength(f.get('id_token')), [level(1), ['pwd']]);
	assert.deepEqual(strength(f.get('access_token')), [level(1), ['pwd']]);
});

test('a machine has neither', async () => {
	const { m2m } = await import('./suite.mjs');
	const claimed = claims((await token(m2m, { grant_type: 'client_credentials' })).json.access_token);
	assert.deepEqual([claimed.acr, claimed.amr], [undefined, undefined]);
});

test('a session keeps how it began: acr and amr without a new sign-in', async () => {
	const browser = new Browser();
	const first = await tokens(web, user, {}, browser);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	const { access_token } = await tokens(web, user, {}, browser);
	assert.deepEqual(strength(access_token), [level(1), ['pwd']]);
	assert.equal(claims(access_token).auth_time, claims(first.access_token).auth_time);
	assert.ok(claims(access_token).iat > claims(first.access_token).iat);
});

test('a session that is older than max_age does not serve prompt=none', async () => {
	const browser = new Browser();
	await browser.signIn(web, user);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	const answer = await browser.fetch(authorizeUrl(web, { max_age: '0', prompt: 'none', state: 's' }));
	assert.equal(answer.location, `${callback(web)}?error=login_required&state=s`);
});

test('levels out of reach and unknown ones are passed over: nobody is asked for more than he has', async () => {
	for (const acr_values of [`${level(4)} ${level(1)}`, level(4), 'urn:nobody:knows', `x ${level(2)}`, `  ${level(1)}  "`, '\\']) {
		const browser = new Browser();
		const { id_token } = await tokens(web, user, { acr_values }, browser);
		assert.deepEqual(strength(id_token), [level(1), ['pwd']]);
		const again = await browser.fetch(authorizeUrl(web, { acr_values }));
		assert.ok(again.location.startsWith(`${callback(web)}?code=`), again.location);
	}
});

test('refresh keeps acr and amr, even if the pool renames its levels meanwhile', async () => {
	const pool = makePool();
	const client = pool.client(), password = 'Correct-horse-7';
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', password, '--permanent');
	const first = await tokens(client, { username: 'ada', password }, {}, new Browser(pool.home));
	pool.tarn('update-user-pool', '--acr-configuration', levels({ Level1: 'urn:example:low' }));
	const again = await token(client, { grant_type: 'refresh_token', refresh_token: first.refresh_token }, {}, pool.home);
	assert.deepEqual(strength(again.json.access_token), [level(1), ['pwd']]);
	assert.deepEqual(strength(again.json.id_token), [level(1), ['pwd']]);
	pool.drop();
});

test('a pool gives its levels names of its own, and shows all four', async () => {
	const pool = makePool('--acr-configuration', levels({ Level1: 'urn:example:low', Level4: 'urn:example:high' }));
	assert.deepEqual(pool.tarn('describe-user-pool').UserPool.AcrConfiguration, {
		Level1: { AcrValue: 'urn:example:low' }, Level2: { AcrValue: level(2) },
		Level3: { AcrValue: level(3) }, Level4: { AcrValue: 'urn:example:high' } });
	assert.deepEqual(strength((await signInAt(pool, { acr_values: 'urn:example:low' })).id_token), ['urn:example:low', ['pwd']]);
	pool.drop();
});

test('on the LITE tier acr_values is ignored without an error', async () => {
	const pool = makePool('--user-pool-tier', 'LITE');
	assert.deepEqual(strength((await signInAt(pool, { acr_values: level(4) })).id_token), [level(1), ['pwd']]);
	pool.drop();
});

for (const [what, names, sentence] of [
	['two levels of one name', { Level1: 'urn:x', Level2: 'urn:x' }, /InvalidParameterException.*unique/],
	['the default name of another level', { Level1: level(4) }, /InvalidParameterException.*unique/],
	['a level that there is not', { Level5: 'urn:x' }, /InvalidParameterException/],
	['a blank in a name', { Level1: 'a b' }, /InvalidParameterException/],
	['a quotation mark in a name', { Level1: 'a"b' }, /InvalidParameterException/],
	['a backslash in a name', { Level1: 'a\\b' }, /InvalidParameterException/],
	['a name of 65 characters', { Level1: 'x'.repeat(65) }, /InvalidParameterException/],
])
	test(`refused when a pool is made: ${what}`, () => {
		assert.throws(() => tarn('create-user-pool', '--pool-name', 'x', '--acr-configuration', levels(names)), sentence);
	});

test('refused when a pool is made: names of levels on the LITE tier', () => {
	assert.throws(() => tarn('create-user-pool', '--pool-name', 'x', '--user-pool-tier', 'LITE',
	    '--acr-configuration', levels({ Level1: 'urn:x' })), /FeatureUnavailableInTierException/);
});
