// The power is cut: of what was written only that is left which was synced before. A library that all
// programs are run with (shim.c) keeps that worst disk beside the real one. It is looked at again and
// again while people sign up, sign in, refresh and revoke; each time what was acknowledged until then
// and is promised to last must be on it, and no code may come back that was redeemed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cgi } from '../protocol/cgi.mjs';
import { Installation, build } from '../protocol/installation.mjs';

const PASSWORD = 'Correct-horse-7', BACK = 'http://localhost:9/cb', CUTS = 8, HOST = 'localhost';
const shim = join(build, 'tests/fault/shim.so');
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let own, client, session, env, stop = false, serial = 0;
const ledger = { people: [], redeemed: [], tokens: [], revoking: new Set(), revoked: [] }, cuts = [];

const query = () => new URLSearchParams({ response_type: 'code', client_id: client.ClientId, redirect_uri: BACK, scope: 'openid' }).toString();
const on = (conf) => (program, options) => cgi({ conf, host: HOST }, program, { ...options, env });
const post = (run, form) => run('token', { method: 'POST', form: { client_id: client.ClientId, ...form } });
const exchange = (run, code) => post(run, { grant_type: 'authorization_code', code, redirect_uri: BACK });
const refresh = (run, refresh_token) => post(run, { grant_type: 'refresh_token', refresh_token });

const lives = {
	async signsUp(run) {
		const csrf = crypto.randomUUID(), username = `power-${serial++}@example.com`;
		const answer = await run('signup', { method: 'POST', query: query(), headers: { cookie: `XSRF-TOKEN=${csrf}` },
			form: { _csrf: csrf, username, password: PASSWORD } });
		assert.equal(answer.status, 302, answer.text);
		ledger.people.push(username);
	},
	async signsIn(run) {
		const sent = await run('authorize', { query: query(), headers: { cookie: session } });
		const code = new URL(sent.location).searchParams.get('code'), answer = await exchange(run, code);
		assert.equal(answer.status, 200, answer.text);
		ledger.redeemed.push(code);
		ledger.tokens.push(answer.json.refresh_token);
	},
	async revokes(run) {
		const token = ledger.tokens.find((one) => !ledger.revoking.has(one));
		if (!token || ledger.tokens.length < 4 * ledger.revoking.size)
			return sleep(20);
		ledger.revoking.add(token);
		const answer = await run('revoke', { method: 'POST', form: { client_id: client.ClientId, token } });
		assert.equal(answer.status, 200, answer.text);
		ledger.revoked.push(token);
	},
};

// What was acknowledged before, then the disk, then what was begun by then.
function cut() {
	const folder = join(own.folder, `cut-${cuts.length}`), known = { people: [...ledger.people],
		redeemed: [...ledger.redeemed], tokens: [...ledger.tokens], revoked: [...ledger.revoked] };
	mkdirSync(folder);
	const copied = spawnSync('flock', [join(own.folder, 'shadow.lock'), 'cp', '-a', join(own.folder, 'shadow'), join(folder, 'data')]);
	assert.equal(copied.status, 0, String(copied.stderr));
	cuts.push({ folder, known, revoking: new Set(ledger.revoking) });
}

before(async () => {
	assert.ok(existsSync(shim), `${shim} is built by make check`);
	own = await Installation.make({ log_level: 'info' });
	({ UserPoolClient: client } = await own.tarn('create-user-pool-client', '--user-pool-id', own.pool, '--client-name', 'power',
	    '--supported-identity-providers', 'COGNITO', '--callback-urls', BACK, '--allowed-o-auth-flows-user-pool-client',
	    '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid'));
	await own.tarn('admin-create-user', '--user-pool-id', own.pool, '--username', 'power@example.com', '--message-action', 'SUPPRESS',
	    '--user-attributes', 'Name=email,Value=power@example.com', 'Name=email_verified,Value=true');
	await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', 'power@example.com', '--password', PASSWORD, '--permanent');
	await own.tarn('check');	// a checkpoint: all of it is on disk
	cpSync(join(own.folder, 'data'), join(own.folder, 'shadow'), { recursive: true });
	env = { LD_PRELOAD: shim, FAULT_DATA: join(own.folder, 'data'), FAULT_SHADOW: join(own.folder, 'shadow') };
	own.run('sbin/tarnd', { env: { ...process.env, ...env } });
	const run = on(own.conf), csrf = crypto.randomUUID();
	const back = await run('login', { method: 'POST', query: query(), headers: { cookie: `XSRF-TOKEN=${csrf}` },
		form: { _csrf: csrf, username: 'power@example.com', password: PASSWORD } });
	session = /cognito=[^;]+/.exec(back.headers['set-cookie'])?.[0];
	assert.ok(session, back.text);
	const living = ['signsUp', 'signsIn', 'signsIn', 'revokes'].map(async (name) => {
		while (!stop)
			await lives[name](run);
	});
	for (let i = 0; i < CUTS; i++) {
		await sleep(500 + Math.random() * 1500);
		cut();
	}
	stop = true;
	await Promise.all(living);
});
after(() => own.close());

// A store that is nothing but what was left, in an installation that is otherwise the same.
function restored(folder) {
	const conf = join(folder, 'tarn.conf');
	writeFileSync(conf, readFileSync(own.conf, 'utf8').replace(/^data = .*$/m, 'data = data').replace(/^run = .*$/m, 'run = run')
		.replace(/^master_key = .*$/m, `master_key = ${join(own.folder, 'master.key')}`));
	env = {};
	return { run: on(conf), tarn: (...args) => spawnSync(join(build, 'sbin/tarn'), ['--conf', conf, ...args], { encoding: 'utf8' }) };
}

test('something was acknowledged before each cut', (t) => {
	t.diagnostic(JSON.stringify(cuts.map(({ known }) => Object.values(known).map((list) => list.length))));
	assert.ok(cuts.at(-1).known.people.length > 3 && cuts.at(-1).known.redeemed.length > 3 && cuts.at(-1).known.revoked.length > 0);
});

for (let i = 0; i < CUTS; i++)
	test(`cut ${i + 1}: what was acknowledged and is to last is there, and no redeemed code came back`, async () => {
		const { folder, known, revoking } = cuts[i], { run, tarn } = restored(folder);
		const { status, stdout } = tarn('check');
		assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
		for (const username of known.people.slice(-12))
			assert.equal(tarn('admin-get-user', '--user-pool-id', own.pool, '--username', username).status, 0, `${username} is lost`);
		for (const code of known.redeemed.slice(-12))
			assert.match((await exchange(run, code)).text, /invalid_grant/, 'a redeemed code came back');
		for (const token of known.revoked.slice(-12))
			assert.match((await refresh(run, token)).text, /invalid_grant/, 'a revocation is lost');
		for (const token of known.tokens.filter((one) => !revoking.has(one)).slice(-12))
			assert.match((await refresh(run, token)).text, /access_token/, 'a refresh token is lost');
	});
