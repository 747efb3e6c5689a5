// oauth.md 4: /oauth2/userInfo
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, basic, m2m, makeClient, makePool, makeUser, part, request, tarn, token, tokens, unique, web } from './suite.mjs';

let user, grant;
before(async () => {
	user = makeUser(['Name=name,Value=Ada Lovelace', 'Name=phone_number,Value=+12065550100']);
	grant = await tokens(web, user);
});

const info = (access, options = {}) => request('/oauth2/userInfo',
    { ...options, headers: { authorization: `Bearer ${access}`, ...options.headers } });

function refused(answer, status, error, description) {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.headers['www-authenticate'], `error="${error}", error_description="${description}"`);
	assert.deepEqual(answer.json, { error, error_description: description });
}
const dead = (answer) => refused(answer, 401, 'invalid_token',
    'Access token is expired, disabled, or deleted, or the user has globally signed out.');
const bad = (answer) => refused(answer, 400, 'invalid_request', 'Bad OAuth2 request at UserInfo Endpoint');

test('answers what the scopes open, every value as text', async () => {
	const answer = await info(grant.access_token);
	assert.equal(answer.status, 200);
	assert.match(answer.headers['content-type'], /^application\/json;charset=UTF-8$/i);
	assert.deepEqual(answer.json, { sub: user.sub, email: user.email, email_verified: 'true',
		name: 'Ada Lovelace', username: user.username });
});

test('openid alone opens every readable attribute', async () => {
	const { access_token } = await tokens(web, user, { scope: 'openid' });
	assert.deepEqual((await info(access_token)).json, { sub: user.sub, email: user.email, email_verified: 'true',
		name: 'Ada Lovelace', phone_number: '+12065550100', username: user.username });
});

test('openid with email opens email alone', async () => {
	const { access_token } = await tokens(web, user, { scope: 'openid email' });
	assert.deepEqual((await info(access_token)).json, { sub: user.sub, email: user.email, email_verified: 'true',
		username: user.username });
});

test('profile opens the standard attributes and the custom ones, phone the number and its flag', async () => {
	const pool = makePool('--schema', 'Name=team,AttributeDataType=String,Mutable=true');
	const standard = { name: 'A', family_name: 'B', given_name: 'C', middle_name: 'D', nickname: 'E', preferred_username: 'ff', profile: 'https://a.example/',
		picture: 'https://b.example/', website: 'https://c.example/', gender: 'G', birthdate: '1815-12-10', zoneinfo: 'Europe/London', locale: 'en-GB',
		updated_at: '1700000000' };
	const all = { ...standard, 'custom:team': 'blue', email: 'a@example.com', phone_number: '+12065550100', phone_number_verified: 'false', address: '1 Main St' };
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS', '--user-attributes',
	    JSON.stringify(Object.entries(all).map(([Name, Value]) => ({ Name, Value }))));
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', 'Correct-horse-7', '--permanent');
	const client = pool.client('--read-attributes', ...Object.keys(all), 'email_verified');
	const opened = async (scope) => {
		const { access_token } = await tokens(client, { username: 'ada', password: 'Correct-horse-7' }, { scope }, new Browser(pool.home));
		const { sub, username, ...rest } = (await request(`${pool.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${access_token}` } })).json;
		assert.deepEqual([typeof sub, username], ['string', 'ada']);
		return rest;
	};
	assert.deepEqual(await opened('openid profile'), { ...standard, 'custom:team': 'blue' });
	assert.deepEqual(await opened('openid phone'), { phone_number: '+12065550100', phone_number_verified: 'false' });
	assert.deepEqual(await opened('openid'), all);
	pool.drop();
});

test('aws.cognito.signin.user.admin and custom scopes open nothing, groups are not there', async () => {
	const someone = makeUser(), group = unique('info');
	tarn('create-group', '--group-name', group);
	tarn('admin-add-user-to-group', '--username', someone.email, '--group-name', group);
	const client = makeClient('--allowed-o-auth-scopes', 'openid', 'email', 'aws.cognito.signin.user.admin', 'https://api.example.com/read');
	const { access_token } = await tokens(client, someone);
	assert.deepEqual((await info(access_token)).json, { sub: someone.sub, email: someone.email, email_verified: 'true', username: someone.username });
	tarn('delete-group', '--group-name', group);
});

test('a flag that nobody ever set is not there', async () => {
	const bare = makeUser(['Name=phone_number,Value=+12065550109']);
	const { access_token } = await tokens(makeClient('--allowed-o-auth-scopes', 'openid', 'phone'), bare, { scope: 'openid phone' });
	assert.deepEqual((await info(access_token)).json, { sub: bare.sub, phone_number: '+12065550109', username: bare.username });
});

test('what the client may not read is left out silently', async () => {
	const client = makeClient('--read-attributes', 'email', 'email_verified');
	const { access_token } = await tokens(client, user, { scope: 'openid' });
	assert.deepEqual((await info(access_token)).json, { sub: user.sub, email: user.email, email_verified: 'true',
		username: user.username });
});

test('the scheme matches in any case, and POST is like GET', async () => {
	assert.equal((await request('/oauth2/userInfo', { headers: { authorization: `bearer ${grant.access_token}` } })).status, 200);
	assert.equal((await info(grant.access_token, { method: 'POST' })).status, 200);
});

test('400 without, and with a malformed header', async () => {
	bad(await request('/oauth2/userInfo'));
	bad(await request('/oauth2/userInfo', { headers: { authorization: basic(web) } }));
	bad(await request('/oauth2/userInfo', { headers: { authorization: 'Bearer' } }));
	bad(await request('/oauth2/userInfo', { headers: { authorization: 'Bearer a b' } }));
	bad(await request(`/oauth2/userInfo?access_token=${grant.access_token}`));
});

test('401 for what is no access token of this pool', async () => {
	const [head, body, signature] = grant.access_token.split('.');
	dead(await info('garbage'));
	dead(await info(grant.id_token));
	dead(await info(grant.refresh_token));
	dead(await info(`${head}.${body}.${signature.slice(0, -4)}AAAA`));
	dead(await info(`${head}.${Buffer.from(JSON.stringify({ ...part(grant.access_token, 1), sub: 'x' })).toString('base64url')}.${signature}`));
	const none = Buffer.from(JSON.stringify({ ...part(grant.access_token, 0), alg: 'none' })).toString('base64url');
	dead(await info(`${none}.${body}.`));
	dead(await info(`${none}.${body}.${signature}`));
	const machine = (await token(m2m, { grant_type: 'client_credentials' })).json;
	dead(await info(machine.access_token));
});

test('401 for a token without openid', async () => {
	const client = makeClient('--allowed-o-auth-scopes', 'aws.cognito.signin.user.admin');
	const { access_token } = await tokens(client, user);
	refused(await info(access_token), 401, 'invalid_token', 'Access token does not contain openid scope');
});

test('401 after revocation, global sign-out, disabling and deletion', async () => {
	const someone = makeUser();
	let { access_token, refresh_token } = await tokens(web, someone);
	assert.equal((await info(access_token)).status, 200);
	await request('/oauth2/revoke', { method: 'POST', headers: { authorization: basic(web) }, form: { token: refresh_token } });
	dead(await info(access_token));
	({ access_token } = await tokens(web, someone));
	tarn('admin-user-global-sign-out', '--username', someone.email);
	dead(await info(access_token));
	await new Promise((resolve) => setTimeout(resolve, 1100));	// auth_time counts seconds
	({ access_token } = await tokens(web, someone));
	assert.equal((await info(access_token)).status, 200);
	tarn('admin-disable-user', '--username', someone.email);
	dead(await info(access_token));
	tarn('admin-enable-user', '--username', someone.email);
	dead(await info(access_token));
	tarn('admin-delete-user', '--username', someone.email);
	dead(await info(access_token));
});

test('401 for a token of another pool, even on the same host', async () => {
	const pool = tarn('create-user-pool', '--pool-name', 'other').UserPool;
	assert.ok(pool.Id);
	const forged = { ...part(grant.access_token, 1), iss: part(grant.access_token, 1).iss.replace(/[^/]+$/, pool.Id) };
	const [head, , signature] = grant.access_token.split('.');
	dead(await info(`${head}.${Buffer.from(JSON.stringify(forged)).toString('base64url')}.${signature}`));
	tarn('delete-user-pool', '--user-pool-id', pool.Id);
});

test('the path has a capital I', async () => {
	assert.equal((await request('/oauth2/userinfo')).status, 404);
});
