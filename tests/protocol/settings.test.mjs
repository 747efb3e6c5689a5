// oauth.md 10, 11, 13: what resource servers, clients, pools and people may be, and how many
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Installation } from './installation.mjs';
import { Browser, PASSWORD, authorizeUrl, claims, clientSecret, makeClient, makePool, tarn, token, tokens, unique } from './suite.mjs';

let pool;
before(() => { pool = makePool('--schema', 'Name=team,AttributeDataType=String,Mutable=true', 'Name=badge,AttributeDataType=String,Mutable=false'); });
after(() => pool.drop());

const invalid = /An error occurred \((InvalidParameter|InvalidOAuthFlow|ScopeDoesNotExist)Exception\)|Parameter validation failed|ValidationException/;
const x = (n) => 'x'.repeat(n);
const list = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const client = (...more) => pool.tarn('create-user-pool-client', '--client-name', 'c', ...more).UserPoolClient;
const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

// Values that are taken, and values that are not, for one option of creating a client.
for (const [option, good, bad] of [
	['--client-name', [['a'], ['A b+c=d,e.f@g-h_i'], [x(128)]], [[''], [x(129)], ['a/b'], ['a\tb!']]],
	['--refresh-token-validity', [['1'], ['3650'], ['0']], [['3651'], ['-1']]],
	['--access-token-validity', [['1'], ['24']], [['25'], ['-1']]],
	['--id-token-validity', [['1'], ['24']], [['25'], ['-1']]],
	['--auth-session-validity', [['3'], ['15']], [['2'], ['16']]],
	['--callback-urls', [['https://a.example/'], ['myapp://x'], ['http://localhost:1/'], ['http://127.0.0.1/'], ['http://[::1]:9/cb'], [`https://a.example/${x(1006)}`],
		list(100, (i) => `https://a.example/${i}`)], [[`https://a.example/${x(1007)}`], list(101, (i) => `https://a.example/${i}`), ['https://a.example/ b']]],
	['--logout-urls', [['https://a.example/bye'], list(100, (i) => `https://a.example/${i}`)], [list(101, (i) => `https://a.example/${i}`)]],
	['--allowed-o-auth-scopes', [['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']], [list(51, (i) => `openid${i}`), ['not a scope'], [x(257)]]],
	['--allowed-o-auth-flows', [['code'], ['implicit'], ['code', 'implicit']], [['password'], ['implicit', 'client_credentials']]],
	['--supported-identity-providers', [['COGNITO']], [['Nobody'], [x(33)]]],
	['--prevent-user-existence-errors', [['LEGACY'], ['ENABLED']], [['MAYBE']]],
	['--client-secret', [[x(24)], [x(64)]], [[x(23)], [x(65)], ['with-a-hyphen-and-24-letters']]],
	['--refresh-token-rotation', [['Feature=ENABLED,RetryGracePeriodSeconds=0'], ['Feature=ENABLED,RetryGracePeriodSeconds=60'], ['Feature=DISABLED']],
		[['Feature=ENABLED,RetryGracePeriodSeconds=61'], ['Feature=ENABLED,RetryGracePeriodSeconds=-1']]],
	['--read-attributes', [['email', 'custom:team']], [['nothing'], ['custom:none']]],
	['--write-attributes', [['email', 'custom:team']], [['nothing']]],
])
	test(`client setting ${option}: the range of the contract, and nothing outside of it`, () => {
		for (const value of good) {
			const made = pool.tarn('create-user-pool-client', ...(option === '--client-name' ? [] : ['--client-name', 'c']), option, ...value).UserPoolClient;
			assert.ok(made.ClientId);
			pool.tarn('delete-user-pool-client', '--client-id', made.ClientId);
		}
		for (const value of bad)
			assert.throws(() => pool.tarn('create-user-pool-client', ...(option === '--client-name' ? [] : ['--client-name', 'c']), option, ...value),
			    invalid, `${option} ${value.join(' ').slice(0, 60)}`);
	});

test('client settings: units, from seconds to days, and the bounds in any of them', () => {
	const units = (name, unit, value) => client(`--${name}-token-validity`, value, '--token-validity-units',
	    `${{ access: 'AccessToken', id: 'IdToken', refresh: 'RefreshToken' }[name]}=${unit}`);
	for (const [name, unit, value] of [['access', 'seconds', '300'], ['access', 'minutes', '5'], ['access', 'hours', '24'], ['access', 'days', '1'],
		['id', 'seconds', '86400'], ['id', 'minutes', '1440'], ['refresh', 'minutes', '60'], ['refresh', 'seconds', '315360000'], ['refresh', 'hours', '1']])
		assert.ok(units(name, unit, value).ClientId, `${name} ${value} ${unit}`);
	for (const [name, unit, value] of [['access', 'seconds', '299'], ['access', 'minutes', '1441'], ['access', 'days', '2'], ['id', 'seconds', '299'],
		['refresh', 'minutes', '59'], ['refresh', 'seconds', '315360001'], ['access', 'weeks', '1']])
		assert.throws(() => units(name, unit, value), invalid, `${name} ${value} ${unit}`);
});

test('client settings: the defaults', () => {
	const made = client(), secret = client('--generate-secret');
	assert.match(made.ClientId, /^[0-9a-z]{25,26}$/);
	assert.match(secret.ClientSecret, /^[0-9a-z]{48,52}$/);
	assert.deepEqual([made.RefreshTokenValidity, made.AuthSessionValidity, made.EnableTokenRevocation, made.AllowedOAuthFlowsUserPoolClient, 'ClientSecret' in made],
	    [30, 3, true, false, false]);
	assert.ok([undefined, 'LEGACY'].includes(made.PreventUserExistenceErrors));
	assert.equal(client('--refresh-token-validity', '0').RefreshTokenValidity, 30);
});

test('access and ID tokens of an hour are the default', async () => {
	const one = makeClient();
	const person = { email: `${unique('p')}@example.com`, password: PASSWORD };
	tarn('admin-create-user', '--username', person.email, '--message-action', 'SUPPRESS', '--user-attributes', `Name=email,Value=${person.email}`);
	tarn('admin-set-user-password', '--username', person.email, '--password', PASSWORD, '--permanent');
	const got = await tokens(one, person, { scope: 'openid' });
	for (const kind of ['access_token', 'id_token'])
		assert.equal(claims(got[kind]).exp - claims(got[kind]).iat, 3600);
});

test('a secret of the administrator\'s own is the one that counts, and a client has two at most', async () => {
	const own = `${x(20)}Own${Date.now()}`, made = makeClient('--client-secret', own);
	assert.equal(clientSecret(made), own);
	assert.equal((await token(made, { grant_type: 'refresh_token', refresh_token: 'x' })).json.error, 'invalid_grant');
	const second = tarn('add-user-pool-client-secret', '--client-id', made.ClientId).ClientSecretDescriptor;
	assert.throws(() => tarn('add-user-pool-client-secret', '--client-id', made.ClientId), /LimitExceededException/);
	for (const secret of [own, second.ClientSecretValue])
		assert.equal((await token({ ...made, ClientSecret: secret }, { grant_type: 'refresh_token', refresh_token: 'x' })).json.error, 'invalid_grant');
	const { ClientSecrets } = tarn('list-user-pool-client-secrets', '--client-id', made.ClientId);
	const first = ClientSecrets.find((s) => s.ClientSecretId !== second.ClientSecretId).ClientSecretId;
	tarn('delete-user-pool-client-secret', '--client-id', made.ClientId, '--client-secret-id', first);
	assert.equal((await token(made, { grant_type: 'refresh_token', refresh_token: 'x' })).json.error, 'invalid_client');
	assert.throws(() => tarn('delete-user-pool-client-secret', '--client-id', made.ClientId, '--client-secret-id', second.ClientSecretId), invalid);
});

for (const [option, good, bad] of [
	['--identifier', ['a', 'https://api.example.com/v1', '!#[]~', x(256)], ['', x(257), 'a b', 'a"b', 'a\\b', 'ä']],
	['--name', ['a', 'A b+c=d,e.f@g-h_i', x(256)], ['', x(257), 'a/b']],
])
	test(`resource server ${option}: the form of the contract`, () => {
		const create = (value) => pool.tarn('create-resource-server', ...(option === '--identifier' ? ['--name', 'n'] : ['--identifier', 'rs']), option, value);
		for (const value of good) {
			const { Identifier } = create(value).ResourceServer;
			pool.tarn('delete-resource-server', '--identifier', Identifier);
		}
		for (const value of bad)
			assert.throws(() => create(value), invalid, `${option} ${value.slice(0, 40)}`);
	});

test('scopes: a hundred, names without slash, blank or quote, descriptions', () => {
	const create = (...scopes) => pool.tarn('create-resource-server', '--identifier', 'scopes', '--name', 'n', '--scopes', JSON.stringify(scopes));
	const scope = (ScopeName, ScopeDescription = 'd') => ({ ScopeName, ScopeDescription });
	for (const good of [list(100, (i) => scope(`s${i}`)), [scope('!#.:~[]')], [scope(x(256), x(256))], []]) {
		create(...good);
		pool.tarn('delete-resource-server', '--identifier', 'scopes');
	}
	for (const bad of [list(101, (i) => scope(`s${i}`)), [scope('a/b')], [scope('a b')], [scope('a"b')], [scope('')], [scope(x(257))], [scope('a', '')], [scope('a', x(257))],
		[scope('a'), scope('a')]])
		assert.throws(() => create(...bad), invalid, JSON.stringify(bad).slice(0, 60));
});

test('25 resource servers of a pool, and no more', () => {
	for (let i = 0; i < 25; i++)
		pool.tarn('create-resource-server', '--identifier', `rs${i}`, '--name', 'n');
	assert.throws(() => pool.tarn('create-resource-server', '--identifier', 'rs25', '--name', 'n'), /LimitExceededException/);
	pool.tarn('delete-resource-server', '--identifier', 'rs0');
	pool.tarn('create-resource-server', '--identifier', 'rs25', '--name', 'n');
	for (let i = 1; i <= 25; i++)
		pool.tarn('delete-resource-server', '--identifier', `rs${i}`);
});

test('a user in a hundred groups, and in no more', () => {
	pool.tarn('admin-create-user', '--username', 'joiner', '--message-action', 'SUPPRESS');
	for (let i = 0; i <= 100; i++)
		pool.tarn('create-group', '--group-name', `g${i}`);
	const join = (i) => pool.tarn('admin-add-user-to-group', '--username', 'joiner', '--group-name', `g${i}`);
	for (let i = 0; i < 100; i++)
		join(i);
	assert.throws(() => join(100), invalid);
	join(99);		// he is in it already
	pool.tarn('admin-delete-user', '--username', 'joiner');
});

test('user and group names: 1 to 128 characters, none of them a blank', () => {
	for (const good of ['a', 'ä', '日本', 'a|b<c>&', x(128)]) {
		pool.tarn('admin-create-user', '--username', good, '--message-action', 'SUPPRESS');
		pool.tarn('admin-delete-user', '--username', good);
		pool.tarn('create-group', '--group-name', good);
		pool.tarn('delete-group', '--group-name', good);
	}
	for (const bad of ['', 'a b', 'a\tb', x(129)]) {
		assert.throws(() => pool.tarn('admin-create-user', '--username', bad, '--message-action', 'SUPPRESS'), invalid, bad);
		assert.throws(() => pool.tarn('create-group', '--group-name', bad), invalid, bad);
	}
});

test('passwords have 256 characters at most', () => {
	pool.tarn('admin-create-user', '--username', 'long', '--message-action', 'SUPPRESS');
	const set = (password) => pool.tarn('admin-set-user-password', '--username', 'long', '--permanent', '--password', password);
	set(`Aa1!${x(252)}`);
	assert.throws(() => set(`Aa1!${x(253)}`), /An error occurred/);
	pool.tarn('admin-delete-user', '--username', 'long');
});

test('attribute values have 2048 characters at most', () => {
	const make = (value) => pool.tarn('admin-create-user', '--username', 'valued', '--message-action', 'SUPPRESS', '--user-attributes', `Name=custom:team,Value=${value}`);
	assert.throws(() => make(x(2049)), /An error occurred/);
	make(x(2048));
	pool.tarn('admin-delete-user', '--username', 'valued');
});

test('custom attributes: fifty of them, names of twenty characters, four types', () => {
	const create = (...schema) => tarn('create-user-pool', '--pool-name', 'schema', '--schema', JSON.stringify(schema)).UserPool;
	const attribute = (Name, AttributeDataType = 'String') => ({ Name, AttributeDataType });
	for (const good of [list(50, (i) => attribute(`a${i}`)), [attribute(x(20))], ['String', 'Number', 'DateTime', 'Boolean'].map((t) => attribute(t, t))]) {
		const made = create(...good);
		assert.ok(made.SchemaAttributes.some((a) => a.Name === `custom:${good[0].Name}`));
		tarn('delete-user-pool', '--user-pool-id', made.Id);
	}
	for (const bad of [list(51, (i) => attribute(`a${i}`)), [attribute(x(21))], [attribute('a', 'Money')], [attribute('a b')]])
		assert.throws(() => create(...bad), invalid, JSON.stringify(bad).slice(0, 60));
	const full = create(...list(50, (i) => attribute(`a${i}`)));
	assert.throws(() => tarn('add-custom-attributes', '--user-pool-id', full.Id, '--custom-attributes', JSON.stringify([attribute('more')])), /An error occurred/);
	tarn('delete-user-pool', '--user-pool-id', full.Id);
});

test('an immutable attribute is written when a user is made, and never again', () => {
	pool.tarn('admin-create-user', '--username', 'badge', '--message-action', 'SUPPRESS', '--user-attributes', 'Name=custom:badge,Value=7');
	assert.throws(() => pool.tarn('admin-update-user-attributes', '--username', 'badge', '--user-attributes', 'Name=custom:badge,Value=8'), invalid);
	assert.equal(pool.tarn('admin-get-user', '--username', 'badge').UserAttributes.find((a) => a.Name === 'custom:badge').Value, '7');
	pool.tarn('admin-delete-user', '--username', 'badge');
});

test('whoever writes needs permission: required attributes always have it, verified flags never', async () => {
	const own = makePool('--auto-verified-attributes', 'email', '--schema', 'Name=email,Required=true', 'Name=given_name,Required=true');
	assert.throws(() => own.client('--write-attributes', 'email'), invalid);
	const writing = own.client('--write-attributes', 'email', 'given_name');
	const signUp = async (more) => {
		const browser = new Browser(own.home);
		const page = await browser.open(authorizeUrl(writing, {}, own.home).replace('/oauth2/authorize', '/signup'));
		return browser.submit(page, { username: unique('w'), password: PASSWORD, 'requiredAttributes[email]': `${unique('w')}@example.com`,
			'requiredAttributes[given_name]': 'W', ...more });
	};
	assert.equal(new URL((await signUp({})).url).pathname, '/confirm');
	for (const name of ['email_verified', 'phone_number_verified', 'nickname'])
		assert.match(text((await signUp({ [`requiredAttributes[${name}]`]: 'true' })).text), /A client attempted to write unauthorized attribute/, name);
	own.drop();
});

test('domain prefixes: letters, digits, hyphens inside, and no name of the original', async () => {
	const own = await Installation.make({ prefix_domain: 'auth.example.com' });
	const on = (operation, prefix) => own.tarn(operation, '--user-pool-id', own.pool, '--domain', prefix);
	for (const good of ['a', '0', 'a-b', 'a--9', x(63)]) {
		await on('create-user-pool-domain', good);
		await on('delete-user-pool-domain', good);
	}
	for (const bad of ['-a', 'a-', 'A', 'a_b', x(64), 'my-aws-pool', 'amazon', 'xcognitox', ''])
		await assert.rejects(on('create-user-pool-domain', bad), invalid, bad);
	assert.match(own.pool, /^[\w-]+_[0-9a-zA-Z]+$/);
	assert.ok(own.pool.length <= 55);
	await own.close();
});
