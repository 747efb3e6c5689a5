// Signing keys: what is published is what signs, whoever else publishes at that moment
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation } from './installation.mjs';

let own;
before(async () => { own = await Installation.make(); });
after(() => own.close());

const published = () => JSON.parse(readFileSync(join(own.folder, 'publish', own.pool, '.well-known/jwks.json'), 'utf8'))
	.keys.map((key) => key.kid);
const list = async () => (await own.tarn('keys', 'list', '--user-pool-id', own.pool)).Keys;
const signing = async () => (await list()).filter((key) => key.Signs).map((key) => key.Kid).sort();
const rotate = (...more) => own.tarn('keys', 'rotate', '--user-pool-id', own.pool, ...more);

test('a rotation publishes two new keys, and for ten minutes the present ones go on signing', async () => {
	const before = await signing(), begun = Date.now();
	await rotate();
	const keys = await list();
	assert.equal(keys.length, 4);
	assert.deepEqual(await signing(), before);
	assert.deepEqual(published().sort(), keys.map((key) => key.Kid).sort());
	for (const key of keys.filter((k) => k.Signs)) {
		const left = Date.parse(key.Retired) - begun;
		assert.ok(left >= 600000 && left < 660000, key.Retired);
	}
	assert.ok(keys.filter((key) => !key.Signs).every((key) => key.Retired === undefined));
	assert.deepEqual(await own.tarn('check'), null);
});

test('nobody rotates keys that are being rotated, unless at once', async () => {
	const before = await signing();
	await assert.rejects(rotate(), /has new keys already, which sign from 20.*--now/s);
	await rotate('--now');
	const now = await signing(), all = await list();
	assert.equal(now.length, 2);
	assert.ok(now.every((kid) => !before.includes(kid)));
	assert.equal(all.length, 6);
	assert.ok(all.every((key) => key.Signs ? !key.Retired : Date.parse(key.Retired) <= Date.now()));
	assert.deepEqual(published().sort(), all.map((key) => key.Kid).sort());
	assert.deepEqual(await own.tarn('check'), null);
});

test('a retired key that was stolen can be dropped at once, one that signs cannot', async () => {
	await rotate('--now');
	const drop = (kid) => own.tarn('keys', 'drop', '--user-pool-id', own.pool, '--kid', kid);
	const all = await list(), retired = all.filter((key) => key.Retired).map((key) => key.Kid);
	for (const kid of retired)
		await drop(kid);
	assert.deepEqual(published().sort(), await signing());
	for (const kid of await signing())
		await assert.rejects(drop(kid), /is not retired/);
	await assert.rejects(drop(retired[0]), /has no key/);
	await rotate();
	for (const { Kid } of await list())	// neither those that still sign nor those that are to
		await assert.rejects(drop(Kid), /is not retired/);
	assert.deepEqual(await own.tarn('check'), null);
});

test('who publishes waits for who is publishing: an old key set is never put back over a new one', async () => {
	const holder = spawn('flock', [join(own.folder, 'publish'), 'sh', '-c', 'echo held && sleep 1'], { stdio: ['ignore', 'pipe', 'inherit'] });
	await once(holder.stdout, 'data');
	let held = true;
	holder.on('exit', () => { held = false; });
	await own.tarn('publish');
	assert.equal(held, false);
});
