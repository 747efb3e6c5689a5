// oauth.md 9, 10, 11: what is in the tokens, by scope and client settings
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, claims, clientId, demo, makeClient, makePool, makeUser, request, tarn, tokens, unique, web } from './suite.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
let user;
before(() => { user = makeUser(['Name=name,Value=Grace Hopper', 'Name=phone_number,Value=+12065550101',
	'Name=address,Value=1 Main St', 'Name=updated_at,Value=1700000000']); });

test('the ID token has exactly the claims of the contract', async () => {
	const start = Math.floor(Date.now() / 1000);
	const id = claims((await tokens(web, user, { nonce: 'n-1', scope: 'openid email' })).id_token);
	assert.deepEqual(Object.keys(id).sort(), ['acr', 'amr', 'at_hash', 'aud', 'auth_time', 'cognito:username',
		'email', 'email_verified', 'event_id', 'exp', 'iat', 'iss', 'jti', 'nonce', 'origin_jti', 'sub', 'token_use']);
	assert.deepEqual([id.iss, id.aud, id.token_use, id.sub, id['cognito:username'], id.nonce],
		[demo.issuer, clientId(web), 'id', user.sub, user.username, 'n-1']);
	for (const name of ['sub', 'jti', 'origin_jti', 'event_id'])
		assert.match(id[name], UUID);
	for (const name of ['exp', 'iat', 'auth_time'])
		assert.ok(Number.isInteger(id[name]) && id[name] >= start - 1);
	assert.equal(id.exp - id.iat, 3600);
});

test('without a nonce there is none', async () => {
	assert.equal('nonce' in claims((await tokens(web, user)).id_token), false);
});

test('the access token has exactly the claims of the contract', async () => {
	const { access_token, id_token } = await tokens(web, user, { scope: 'openid email' });
	const a = claims(access_token), id = claims(id_token);
	assert.deepEqual(Object.keys(a).sort(), ['acr', 'amr', 'auth_time', 'client_id', 'event_id', 'exp', 'iat', 'iss', 'jti',
		'origin_jti', 'scope', 'sub', 'token_use', 'username', 'version']);
	assert.deepEqual([a.token_use, a.client_id, a.username, a.version, a.scope], ['access', clientId(web), user.username, 2, 'openid email']);
	assert.deepEqual([a.event_id, a.origin_jti, a.auth_time], [id.event_id, id.origin_jti, id.auth_time]);
	assert.notEqual(a.jti, id.jti);
});

test('verified flags are booleans in the ID token, updated_at a number, address an object', async () => {
	const client = makeClient('--allowed-o-auth-scopes', 'openid', 'phone', 'profile', 'email');
	const id = claims((await tokens(client, user, { scope: 'openid' })).id_token);
	assert.equal(id.email_verified, true);
	assert.equal(id.updated_at, 1700000000);
	assert.deepEqual(id.address, { formatted: '1 Main St' });
	assert.equal('phone_number_verified' in id, false);	// never set
	assert.equal(id.phone_number, '+12065550101');
});

for (const [scope, wanted] of [
	['openid email', ['email', 'email_verified']],
	['openid phone', ['phone_number']],
	['openid profile', ['name', 'updated_at']],
	['openid', ['address', 'email', 'email_verified', 'name', 'phone_number', 'updated_at']],
])
	test(`scope ${scope} opens ${wanted.join(', ')}`, async () => {
		const client = makeClient('--allowed-o-auth-scopes', 'openid', 'phone', 'profile', 'email');
		const id = claims((await tokens(client, user, { scope })).id_token);
		const all = ['address', 'email', 'email_verified', 'name', 'phone_number', 'phone_number_verified', 'updated_at'];
		assert.deepEqual(all.filter((name) => name in id), wanted);
	});

test('groups are an array in both tokens, lowest precedence first; roles and the preferred one in the ID token', async () => {
	const someone = makeUser();
	const role = (n) => `arn:aws:iam::123456789012:role/${n}`;
	const [a, b, c] = ['a', 'b', 'c'].map((n) => unique(n));
	tarn('create-group', '--group-name', a, '--precedence', '5', '--role-arn', role('five'));
	tarn('create-group', '--group-name', b, '--precedence', '1', '--role-arn', role('one'));
	tarn('create-group', '--group-name', c);
	for (const group of [a, b, c])
		tarn('admin-add-user-to-group', '--username', someone.email, '--group-name', group);
	const { id_token, access_token } = await tokens(web, someone);
	const id = claims(id_token), access = claims(access_token);
	assert.deepEqual([...id['cognito:groups']].sort(), [a, b, c].sort());
	assert.deepEqual([...access['cognito:groups']].sort(), [a, b, c].sort());
	assert.deepEqual([...id['cognito:roles']].sort(), [role('five'), role('one')].sort());
	assert.equal(id['cognito:preferred_role'], role('one'));
	assert.equal('cognito:roles' in access, false);
	tarn('update-group', '--group-name', a, '--precedence', '1', '--role-arn', role('five'));
	assert.equal('cognito:preferred_role' in claims((await tokens(web, someone)).id_token), false);
	tarn('delete-group', '--group-name', b);
	assert.deepEqual([...claims((await tokens(web, someone)).id_token)['cognito:groups']].sort(), [a, c].sort());
});

test('custom attributes are text, and only for clients that may read them', async () => {
	const pool = makePool('--schema', 'Name=level,AttributeDataType=Number,Mutable=true', 'Name=vip,AttributeDataType=Boolean,Mutable=true',
	    'Name=team,AttributeDataType=String,Mutable=true');
	assert.ok(pool.tarn('describe-user-pool').UserPool.SchemaAttributes.some((s) => s.Name === 'custom:level'));
	const ada = { username: 'ada', password: 'Correct-horse-7' };
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS', '--user-attributes',
	    'Name=custom:level,Value=7', 'Name=custom:vip,Value=true', 'Name=custom:team,Value=ares');
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', ada.password, '--permanent');
	const custom = async (client, scope) => Object.fromEntries(Object.entries(claims((await tokens(client, ada, { scope },
	    new Browser(pool.home))).id_token)).filter(([name]) => name.startsWith('custom:')));
	const standard = ['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website',
		'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at', 'email', 'email_verified'];
	const reader = pool.client('--read-attributes', ...standard, 'custom:level', 'custom:vip');
	assert.deepEqual(await custom(reader, 'openid profile'), { 'custom:level': '7', 'custom:vip': 'true' });
	assert.deepEqual(await custom(reader, 'openid'), { 'custom:level': '7', 'custom:vip': 'true' });
	assert.deepEqual(await custom(reader, 'openid email'), {});
	assert.deepEqual(await custom(pool.client(), 'openid profile'), {});	// by default none is readable
	pool.drop();
});

test('where addresses are names, the username is the sub; elsewhere it is the name', async () => {
	const id = claims((await tokens(web, user)).id_token);
	assert.equal(id['cognito:username'], id.sub);
	const pool = makePool(), password = 'Correct-horse-7';
	pool.tarn('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	pool.tarn('admin-set-user-password', '--username', 'ada', '--password', password, '--permanent');
	const { id_token, access_token } = await tokens(pool.client(), { username: 'ada', password }, {}, new Browser(pool.home));
	assert.deepEqual([claims(id_token)['cognito:username'], claims(access_token).username], ['ada', 'ada']);
	assert.match(claims(id_token).sub, UUID);
	pool.drop();
});

test('jti and origin_jti are there while revocation or rotation is on', async () => {
	const traced = async (...settings) => {
		const { id_token, access_token } = await tokens(makeClient(...settings), user);
		return [id_token, access_token].map((jwt) => ['jti', 'origin_jti'].filter((name) => name in claims(jwt)));
	};
	const both = ['jti', 'origin_jti'];
	assert.deepEqual(await traced(), [both, both]);
	assert.deepEqual(await traced('--no-enable-token-revocation', '--explicit-auth-flows', 'ALLOW_USER_SRP_AUTH',
	    '--refresh-token-rotation', 'Feature=ENABLED,RetryGracePeriodSeconds=0'), [both, both]);
	assert.deepEqual(await traced('--no-enable-token-revocation'), [[], []]);
});

test('the ID token is limited to what the client may read', async () => {
	const client = makeClient('--read-attributes', 'email', 'email_verified', 'name');
	const id = claims((await tokens(client, user, { scope: 'openid' })).id_token);
	assert.equal(id.name, 'Grace Hopper');
	assert.equal('phone_number' in id, false);
});

test('a client without OAuth gets nothing', async () => {
	const client = makeClient('--no-allowed-o-auth-flows-user-pool-client');
	const answer = await request(authorizeUrl(client));
	assert.match(answer.location, /error=unauthorized_client/);
});

const clientErrors = [
	['a callback with a fragment', ['--callback-urls', 'https://a.example/#x']],
	['plain http outside of localhost', ['--callback-urls', 'http://a.example/']],
	['javascript:', ['--callback-urls', 'javascript:alert(1)']],
	['data:', ['--callback-urls', 'data:text/html,x']],
	['a relative callback', ['--callback-urls', '/cb']],
	['a sign-out URL that is none', ['--logout-urls', 'ftp']],
	['a default that is not in the list', ['--default-redirect-uri', 'https://b.example/']],
	['client_credentials with code', ['--generate-secret', '--allowed-o-auth-flows', 'code', 'client_credentials']],
	['client_credentials without a secret', ['--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes', 'https://api.example.com/read']],
	['an undefined scope', ['--allowed-o-auth-scopes', 'https://nowhere.example/read']],
	['an access token of four minutes', ['--access-token-validity', '4', '--token-validity-units', 'AccessToken=minutes']],
	['an access token of two days', ['--access-token-validity', '2', '--token-validity-units', 'AccessToken=days']],
];
for (const [what, args] of clientErrors)
	test(`refused when a client is made: ${what}`, () => {
		assert.throws(() => makeClient(...args), /An error occurred \((InvalidParameter|InvalidOAuthFlow|ScopeDoesNotExist)Exception\)/);
	});

test('the session ends after the time the contract gives, not sliding', async () => {
	const browser = new Browser();
	const answer = await browser.open(authorizeUrl(web));
	const back = await browser.submit(answer, { username: user.email, password: user.password });
	const cookie = back.headers['set-cookie'].find((c) => c.startsWith('cognito='));
	assert.match(cookie, /^cognito="[^"]+";/);
	for (const attribute of ['Version=1', 'Domain=localhost', 'Max-Age=3600', 'Path=/', 'HttpOnly', 'SameSite=Lax'])
		assert.ok(cookie.includes(attribute), `${attribute} in ${cookie}`);
	assert.match(cookie, /Expires=/);
});
