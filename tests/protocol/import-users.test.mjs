// tarn import-users: people from elsewhere with the hashes they had, who then sign in
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation, until } from './installation.mjs';
import { serve } from './site.mjs';
import { Browser, claims, tokens } from './suite.mjs';

// Of "Wonderland-1865", made elsewhere with m=8192, t=1.
const HASH = '$argon2id$v=19$m=8192,t=1,p=1$joSaT9F1P+8LNAdV1hKwgw$wmMma9sryuxEl42fE4m7iLUy2bkKCYhp/okejiKm8RI';
let own, site;

const importLines = async (lines, where = own) => {
	const file = join(where.folder, 'users');
	writeFileSync(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
	try {
		return { ...await where.tarn('import-users', '--user-pool-id', where.pool, file), said: '' };
	} catch (error) {
		assert.equal(error.code, 254, error.stderr);
		return { ...JSON.parse(error.stdout), said: error.stderr };
	}
};
const get = (username) => own.tarn('admin-get-user', '--user-pool-id', own.pool, '--username', username);

before(async () => {
	site = await serve(() => own);
	own = await Installation.make({}, site.host);
	await own.tarn('create-group', '--user-pool-id', own.pool, '--group-name', 'staff');
});
after(async () => {
	await site.close();
	await own.close();
});

test('a user with a hash from elsewhere signs in with his password, and keeps his sub and groups', async () => {
	const sub = '3f6c9a52-3b0a-4c6e-8f57-0d2e4a7b9c11';
	const { Users, said } = await importLines([{ Username: 'ada@example.com', UserAttributes: [{ Name: 'email_verified', Value: 'true' }, { Name: 'name', Value: 'Ada' }],
		PasswordHash: HASH, Groups: ['staff'], Sub: sub, UserCreateDate: 1700000000 }]);
	assert.equal(Users, 1, said);
	const { id_token: id } = await tokens(own.client, { email: 'ada@example.com', password: 'Wonderland-1865' }, { scope: 'openid email' }, new Browser(site.home));
	assert.equal(claims(id).sub, sub);
	assert.deepEqual(claims(id)['cognito:groups'], ['staff']);
	assert.equal(await own.tarn('check'), null);
});

test('the state follows from the password: confirmed, to be changed, to be reset', async () => {
	await importLines([{ Username: 'a@example.com', PasswordHash: HASH }, { Username: 'b@example.com', PasswordHash: HASH, Temporary: true },
		{ Username: 'c@example.com' }, { Username: 'd@example.com', Enabled: false }]);
	assert.equal((await get('a@example.com')).UserStatus, 'CONFIRMED');
	assert.equal((await get('b@example.com')).UserStatus, 'FORCE_CHANGE_PASSWORD');
	assert.equal((await get('c@example.com')).UserStatus, 'RESET_REQUIRED');
	assert.equal((await get('d@example.com')).Enabled, false);
});

test('a wrong line is named and passed over; the others are imported', async () => {
	const { Users, Refused, said } = await importLines([{ Username: 'e@example.com' }, '{', { Username: 'nobody' }, { Username: 'f@example.com', PasswordHash: 'plain' },
		{ Username: 'f@example.com', PasswordHash: '$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g' },
		{ Username: 'f@example.com', Groups: ['nowhere'] }, { Username: 'f@example.com', UserAttributes: [{ Name: 'custom:none', Value: '1' }] }, { Username: 'g@example.com' }]);
	assert.equal(Users, 2);
	assert.equal(Refused, 6);
	for (const n of [2, 3, 4, 5, 6, 7])
		assert.match(said, new RegExp(`line ${n}: .`));
	await get('g@example.com');
	await assert.rejects(get('f@example.com'));
});

test('who is there already, in the store or on a line before, stays as he is', async () => {
	const lines = [{ Username: 'twice@example.com', UserAttributes: [{ Name: 'name', Value: 'first' }] },
		{ Username: 'twice@example.com', UserAttributes: [{ Name: 'name', Value: 'second' }] }];
	assert.deepEqual(await importLines(lines), { Users: 1, AlreadyThere: 1, Refused: 0, said: '' });
	assert.deepEqual(await importLines(lines), { Users: 0, AlreadyThere: 2, Refused: 0, said: '' });
	assert.equal((await get('twice@example.com')).UserAttributes.find((a) => a.Name === 'name').Value, 'first');
	assert.equal(await own.tarn('check'), null);
});

test('an archive of logs has every log that the store removed meanwhile', async (t) => {
	const busy = await Installation.make({ log_archive: 'archive' });
	t.after(() => busy.close());
	await busy.tarn('backup', join(busy.folder, 'base'));
	const d = busy.run('sbin/tarnd');
	const { Users } = await importLines(Array.from({ length: 8000 }, (_, i) => ({ Username: `u${i}@example.com`, PasswordHash: HASH })), busy);
	assert.equal(Users, 8000);
	const logs = (folder) => readdirSync(join(busy.folder, folder)).filter((name) => name.startsWith('log.')).sort();
	await until(() => logs('data/log')[0] !== 'log.0000000001', 30);
	d.kill('SIGTERM');
	await d.ended;
	await busy.tarn('backup', join(busy.folder, 'base'), '--with-master-key');
	assert.equal(logs('base/log')[0], 'log.0000000001');
	const other = new Installation();
	t.after(() => other.close());
	mkdirSync(join(other.folder, 'data'));
	await other.tarn('restore', join(busy.folder, 'base'));
	await other.tarn('admin-get-user', '--user-pool-id', busy.pool, '--username', 'u7999@example.com');
	assert.equal(await other.tarn('check'), null);
});
