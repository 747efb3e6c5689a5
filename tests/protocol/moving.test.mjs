// Leaving and coming back: everything exported from one installation and imported into another one
// with another master key, and nobody notices
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation } from './installation.mjs';
import { serve } from './site.mjs';
import { Browser, PASSWORD, callback, clientSecret, request, token, tokens } from './suite.mjs';

const ada = { email: 'ada@example.com', password: PASSWORD };
let own, site, at, secret;		// at: the installation that the site shows

const path = (name) => join(own.folder, name);
const refusal = (promise) => promise.then(() => assert.fail('it was not refused'), (error) => {
	assert.equal(error.code, 254, error.stderr);
	return error.stderr;
});
async function elsewhere(t) {
	const other = new Installation({ issuer_base: own.settings.issuer_base });
	t.after(() => other.close());
	await other.tarn('init');
	return other;
}
const importInto = (other, ...more) => other.tarn('import', path('sealed'), '--passphrase-file', path('passphrase'), ...more);

before(async () => {
	site = await serve(() => at);
	at = own = await Installation.make({}, site.host);
	await own.tarn('admin-create-user', '--user-pool-id', own.pool, '--username', ada.email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${ada.email}`, 'Name=email_verified,Value=true');
	await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', ada.email, '--password', PASSWORD, '--permanent');
	await own.tarn('create-group', '--user-pool-id', own.pool, '--group-name', 'staff');
	await own.tarn('admin-add-user-to-group', '--user-pool-id', own.pool, '--username', ada.email, '--group-name', 'staff');
	({ UserPoolClient: secret } = await own.tarn('create-user-pool-client', '--user-pool-id', own.pool, '--client-name', 'secret', '--generate-secret',
	    '--supported-identity-providers', 'COGNITO', '--callback-urls', 'http://localhost:9/cb',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid', 'email'));
	writeFileSync(path('passphrase'), 'correct horse battery staple\n');
});
after(async () => {
	await site.close();
	await own.close();
});

test('a user with password, session, refresh token and access token goes on elsewhere, under another master key', async (t) => {
	const browser = new Browser(site.home);
	const before = await tokens(secret, ada, { scope: 'openid email' }, browser);
	const { Records } = await own.tarn('export', path('sealed'), '--with-secrets', '--passphrase-file', path('passphrase'));
	assert.ok(Records > 10);
	const other = await elsewhere(t);
	await importInto(other);
	assert.equal(await other.tarn('check'), null);
	assert.notEqual(readFileSync(path('master.key'), 'utf8'), readFileSync(join(other.folder, 'master.key'), 'utf8'));
	at = other;
	t.after(() => { at = own; });
	const info = await request(`${site.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${before.access_token}` } });
	assert.equal(info.json.email, ada.email);
	const refreshed = await token(secret, { grant_type: 'refresh_token', refresh_token: before.refresh_token }, {}, site.home);
	assert.equal(refreshed.status, 200, refreshed.text);
	const again = await browser.open(`/oauth2/authorize?response_type=code&prompt=none&client_id=${secret.ClientId}&redirect_uri=${encodeURIComponent(callback(secret))}`);
	assert.ok(new URL(again.location).searchParams.get('code'), again.location);
	await tokens(secret, ada, { scope: 'openid' }, new Browser(site.home));
	const published = readFileSync(join(other.folder, 'publish', own.pool, '.well-known/jwks.json'), 'utf8');
	assert.equal(published, readFileSync(path(`publish/${own.pool}/.well-known/jwks.json`), 'utf8'));
});

test('an archive is its owner\'s alone, also where somebody laid a file in its way', async () => {
	writeFileSync(path('mine.new'), 'open to all', { mode: 0o644 });
	await own.tarn('export', path('mine'), '--with-secrets', '--passphrase-file', path('passphrase'));
	assert.equal(statSync(path('mine')).mode & 0o777, 0o600);
});

test('an export empties no folder that a link in its way leads to', async () => {
	mkdirSync(path('precious'));
	writeFileSync(path('precious/file'), 'x');
	symlinkSync(path('precious'), path('linked.copy'));
	await assert.rejects(own.tarn('export', path('linked')));
	assert.equal(readFileSync(path('precious/file'), 'utf8'), 'x');
});

test('a second import changes nothing; another record in the way is refused before anything is written', async (t) => {
	const other = await elsewhere(t);
	const { Records } = await importInto(other);
	assert.deepEqual(await importInto(other), { Records, AlreadyThere: Records, NewSecrets: 0 });
	await other.tarn('delete-group', '--user-pool-id', own.pool, '--group-name', 'staff');
	await other.tarn('update-user-pool-client', '--user-pool-id', own.pool, '--client-id', secret.ClientId, '--client-name', 'changed');
	const said = await refusal(importInto(other));
	assert.match(said, /client .* is there with another content/);
	assert.match(said, /nothing is written/);
	assert.equal((await other.tarn('list-groups', '--user-pool-id', own.pool)).Groups.length, 0);
	await importInto(other, '--replace');
	assert.equal((await other.tarn('list-groups', '--user-pool-id', own.pool)).Groups.length, 1);
	assert.equal((await other.tarn('describe-user-pool-client', '--user-pool-id', own.pool, '--client-id', secret.ClientId)).UserPoolClient.ClientName, 'secret');
	assert.equal(await other.tarn('check'), null);
});

test('a sealed archive shows nothing, and opens with its passphrase alone', async (t) => {
	const text = readFileSync(path('sealed'), 'latin1');
	assert.ok(!text.includes(own.pool) && !text.includes('"ada') && !text.includes('"Kind'));
	assert.equal(statSync(path('sealed')).mode & 0o777, 0o600);
	const other = await elsewhere(t);
	assert.match(await refusal(other.tarn('import', path('sealed'))), /--passphrase-file is needed/);
	writeFileSync(path('guess'), 'incorrect horse\n');
	assert.match(await refusal(other.tarn('import', path('sealed'), '--passphrase-file', path('guess'))), /does not open/);
	assert.equal((await other.tarn('list-user-pools', '--max-results', '10')).UserPools.length, 0);
});

test('an archive without secrets has none; importing it makes new keys and client secrets, and says so', async (t) => {
	await own.tarn('export', path('plain'));
	const lines = readFileSync(path('plain'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	assert.equal(lines[0].Format, 1);
	const kinds = new Set(lines.slice(1, -1).map((line) => line.Kind));
	for (const kind of ['key', 'credential', 'session', 'refresh', 'family'])
		assert.ok(!kinds.has(kind), kind);
	assert.ok(kinds.has('user') && kinds.has('member'));
	assert.ok(!/Sealed|"Hash"/.test(readFileSync(path('plain'), 'utf8')));
	const other = await elsewhere(t);
	assert.equal((await other.tarn('import', path('plain'))).NewSecrets, 1);
	assert.equal(await other.tarn('check'), null);
	const there = (await other.tarn('describe-user-pool-client', '--user-pool-id', own.pool, '--client-id', secret.ClientId)).UserPoolClient;
	assert.match(clientSecret(there), /^[0-9a-z]{52}$/);
	assert.notEqual(clientSecret(there), clientSecret(secret));
	assert.equal((await other.tarn('import', path('plain'))).NewSecrets, 0);
});

test('an archive that is cut off, or whose records lead nowhere, is refused whole', async (t) => {
	const other = await elsewhere(t), text = readFileSync(path('plain'), 'utf8');
	writeFileSync(path('cut'), text.split('\n').slice(0, -2).join('\n') + '\n');
	assert.match(await refusal(other.tarn('import', path('cut'))), /last line is missing/);
	writeFileSync(path('edited'), text.replace('"staff"', '"stuff"'));
	assert.match(await refusal(other.tarn('import', path('edited'))), /there is no group|was changed/);
	assert.equal((await other.tarn('list-user-pools', '--max-results', '10')).UserPools.length, 0);
	assert.match(await refusal(own.tarn('export', path('plain'))), /is there already/);
});
