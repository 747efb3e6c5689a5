// Backups: taken while the store is written to, added to, restored elsewhere and to a moment, and
// what is refused. Who could sign in before can do so afterwards.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation, until } from './installation.mjs';
import { serve } from './site.mjs';
import { Browser, PASSWORD, claims, request, token, tokens } from './suite.mjs';

const ada = { email: 'ada@example.com', password: PASSWORD };
let own, site, at;		// at: the installation that the site shows

const refusal = (promise) => promise.then(() => assert.fail('it was not refused'), (error) => {
	assert.equal(error.code, 254, error.stderr);
	return error.stderr;
});
const person = async (email) => {
	await own.tarn('admin-create-user', '--user-pool-id', own.pool, '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
};
const people = async (where) => (await where.tarn('list-users', '--user-pool-id', own.pool)).Users
	.map((user) => user.Attributes.find((a) => a.Name === 'email').Value).sort();
const path = (name) => join(own.folder, name);
const sound = async (where) => assert.equal(await where.tarn('check'), null);

// An empty installation with the master key of the first, so that it opens its secrets.
function elsewhere(t, settings = {}) {
	const other = new Installation({ issuer_base: own.settings.issuer_base, ...settings });
	cpSync(path('master.key'), join(other.folder, 'master.key'));
	mkdirSync(join(other.folder, 'data'));
	t.after(() => other.close());
	return other;
}

before(async () => {
	site = await serve(() => at);
	at = own = await Installation.make({ log_archive: 'archive', issuer_base: 'http://localhost:9' }, site.host);
	await person(ada.email);
	await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', ada.email, '--password', PASSWORD, '--permanent');
});
after(async () => {
	await site.close();
	await own.close();
});

test('a backup taken under load restores to a sound store in which everything acknowledged before it is, and one can sign in', async (t) => {
	const { refresh_token: before } = await tokens(own.client, ada, { scope: 'openid' }, new Browser(site.home));
	const written = [];
	let stop = false;
	const writers = [0, 1].map(async (w) => {
		for (let i = 0; !stop; i++) {
			await person(`w${w}-${i}@example.com`);
			written.push(`w${w}-${i}@example.com`);
		}
	});
	await until(() => written.length > 3);
	const acknowledged = [...written];
	await own.tarn('backup', path('load'));
	stop = true;
	await Promise.all(writers);
	const other = elsewhere(t);
	try {
		await other.tarn('restore', path('load'));
		await sound(other);
		const there = await people(other);
		assert.deepEqual(acknowledged.filter((email) => !there.includes(email)), []);
		at = other;
		const { access_token: access } = await tokens(own.client, ada, { scope: 'openid' }, new Browser(site.home));
		assert.equal((await request(`${site.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${access}` } })).json.email, ada.email);
		assert.equal((await token(own.client, { grant_type: 'refresh_token', refresh_token: before }, {}, site.home)).status, 200);
		const published = JSON.parse(readFileSync(join(other.folder, 'publish', own.pool, '.well-known/jwks.json'), 'utf8'));
		assert.ok(published.keys.some((key) => key.kid === JSON.parse(Buffer.from(access.split('.')[0], 'base64url')).kid));
	} finally {
		at = own;
		}
});

test('a backup that is there already gets only the logs since, and restores to the later store', async (t) => {
	await own.tarn('backup', path('twice'));
	const when = statSync(join(path('twice'), 'lasting.db')).mtimeMs;
	await person('later@example.com');
	await own.tarn('backup', path('twice'));
	assert.equal(statSync(join(path('twice'), 'lasting.db')).mtimeMs, when);
	const other = elsewhere(t);
	await other.tarn('restore', path('twice'));
	assert.ok((await people(other)).includes('later@example.com'));
	await sound(other);
});

test('a restored store has a history of its own: an earlier backup does not take its log', async (t) => {
	const other = elsewhere(t);
	await other.tarn('restore', path('twice'));
	assert.match(await refusal(other.tarn('backup', path('twice'))), /another store, or of this one before it was restored/);
	await other.tarn('backup', join(other.folder, 'fresh'));
});

test('with archived logs a backup restores to any second after it', async (t) => {
	const d = own.run('sbin/tarnd');
	await own.tarn('backup', path('base'));
	await person('kept@example.com');
	await new Promise((done) => setTimeout(done, 1100));
	const moment = `${new Date().toISOString().slice(0, 19)}Z`;
	await new Promise((done) => setTimeout(done, 1100));
	await person('mistake@example.com');
	const { Lineage } = JSON.parse(readFileSync(join(path('base'), 'manifest.json'), 'utf8'));
	const archived = () => readdirSync(join(path('archive'), Lineage)).map((name) => readFileSync(join(path('archive'), Lineage, name))).join('');
	await until(() => archived().includes('mistake@example.com'));
	d.kill('SIGTERM');
	await d.ended;
	for (const [time, mistake] of [[moment, false], ['latest', true]]) {
		const other = elsewhere(t, { log_archive: path('archive') });
		await other.tarn('restore', path('base'), '--until', time);
		const there = await people(other);
		assert.ok(there.includes('kept@example.com'));
		assert.equal(there.includes('mistake@example.com'), mistake, time);
		await sound(other);
		}
});

test('a store in use, or in the way, is not restored over', async (t) => {
	const other = elsewhere(t);
	await other.tarn('restore', path('base'));
	assert.match(await refusal(other.tarn('restore', path('base'))), /there is a store in .*--replace/);
	const d = other.run('sbin/tarnd');
	await until(() => spawnSync('flock', ['-n', join(other.folder, 'data/lock'), 'true']).status === 1);
	assert.match(await refusal(other.tarn('restore', path('base'), '--replace')), /in use: stop the programs first/);
	d.kill('SIGTERM');
	await d.ended;
	await other.tarn('restore', path('base'), '--replace');
	await sound(other);
});

test('a damaged backup, and one whose master key is another, leave the store that is there alone', async (t) => {
	const other = elsewhere(t);
	await other.tarn('restore', path('twice'));
	cpSync(path('base'), join(other.folder, 'damaged'), { recursive: true });
	const file = join(other.folder, 'damaged/lasting.db'), bytes = readFileSync(file);
	bytes[5000] ^= 1;
	writeFileSync(file, bytes);
	assert.match(await refusal(other.tarn('restore', join(other.folder, 'damaged'), '--replace')), /lasting\.db is damaged/);
	truncateSync(file, 4096);
	assert.match(await refusal(other.tarn('restore', join(other.folder, 'damaged'), '--replace')), /lasting\.db is damaged/);
	rmSync(join(other.folder, 'master.key'));
	await Installation.make().then(async (stranger) => {
		cpSync(join(stranger.folder, 'master.key'), join(other.folder, 'master.key'));
		await stranger.close();
	});
	assert.match(await refusal(other.tarn('restore', path('base'), '--replace')), /not the master key of this backup/);
	assert.ok((await people(other)).includes('later@example.com'));
});

test('a backup does not go where it would be lost with the store, nor over anything else', async (t) => {
	assert.match(await refusal(own.tarn('backup', path('data/backup'))), /is in .*data/);
	assert.ok(!existsSync(path('data/backup')));
	mkdirSync(path('full'));
	writeFileSync(path('full/letter'), 'dear');
	assert.match(await refusal(own.tarn('backup', path('full'))), /is not empty/);
	assert.deepEqual(readdirSync(path('full')), ['letter']);
	assert.match(await refusal(own.tarn('backup', path('nowhere/deep'))), /cannot make/);
});

test('the master key goes along only if it is asked for, and is installed where there is none', async (t) => {
	assert.ok(!existsSync(join(path('base'), 'master.key')));
	await own.tarn('backup', path('whole'), '--with-master-key');
	assert.equal(statSync(join(path('whole'), 'master.key')).mode & 0o777, 0o600);
	const other = elsewhere(t);
	rmSync(join(other.folder, 'master.key'));
	await other.tarn('restore', path('whole'));
	assert.equal(statSync(join(other.folder, 'master.key')).mode & 0o777, 0o600);
	await sound(other);
});
