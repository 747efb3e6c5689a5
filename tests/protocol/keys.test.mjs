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
const active = async () => (await own.tarn('keys', 'list', '--user-pool-id', own.pool)).Keys.filter((key) => !key.Retired).map((key) => key.Kid);

test('a rotation makes two new keys, retires two, and publishes all four', async () => {
	const before = await active();
	await own.tarn('keys', 'rotate', '--user-pool-id', own.pool);
	const now = await active();
	assert.equal(now.length, 2);
	assert.ok(now.every((kid) => !before.includes(kid)));
	assert.deepEqual(published().sort(), [...before, ...now].sort());
});

test('who publishes waits for who is publishing: an old key set is never put back over a new one', async () => {
	const holder = spawn('flock', [join(own.folder, 'publish'), 'sh', '-c', 'echo held && sleep 1'], { stdio: ['ignore', 'pipe', 'inherit'] });
	await once(holder.stdout, 'data');
	let held = true;
	holder.on('exit', () => { held = false; });
	await own.tarn('publish');
	assert.equal(held, false);
});
