// Bad days: a full disk, a read-only file system, a damaged page, a missing log, files of somebody
// else, another master key. The log says what to do; what can be read is read; nothing that was
// acknowledged is lost when the day is over. The disk of shim.c is full or read-only as a test says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { cgi } from '../protocol/cgi.mjs';
import { Installation, build, until } from '../protocol/installation.mjs';

const PASSWORD = 'Correct-horse-7', BACK = 'http://localhost:9/cb', email = 'bad@example.com';
const shim = join(build, 'tests/fault/shim.so');
let own, env, client, session, refreshToken;
const path = (name) => join(own.folder, name);
const set = (name) => writeFileSync(path(name), '');
const unset = (name) => rmSync(path(name));
const run = (program, options) => cgi({ conf: own.conf, host: 'localhost' }, program, { ...options, env });
const query = () => new URLSearchParams({ response_type: 'code', client_id: client.ClientId, redirect_uri: BACK, scope: 'openid' }).toString();
const post = (form) => run('token', { method: 'POST', form: { client_id: client.ClientId, ...form } });
const refreshes = async () => (await post({ grant_type: 'refresh_token', refresh_token: refreshToken })).status;

// The command with the same disk: { status, said } of both its outputs.
function tarn(...args) {
	const { status, stdout, stderr } = spawnSync(join(build, 'sbin/tarn'), ['--conf', own.conf, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
	return { status, said: stdout + stderr };
}
const clean = () => {
	const { status, said } = tarn('check');
	assert.equal(status, 0, said);
	assert.doesNotMatch(said, /level=error/);
};

async function signUp(username) {
	const csrf = crypto.randomUUID();
	const answer = await run('signup', { method: 'POST', query: query(), headers: { cookie: `XSRF-TOKEN=${csrf}` },
		form: { _csrf: csrf, username, password: PASSWORD } });
	return answer.status === 302 && /\/confirm\?/.test(answer.location);
}
const isThere = (username) => tarn('admin-get-user', '--user-pool-id', own.pool, '--username', username).status === 0;

beforeEach(async () => {
	assert.ok(existsSync(shim), `${shim} is built by make check`);
	own = await Installation.make({ log_level: 'warn', cache_megabytes: 4 });
	env = { LD_PRELOAD: shim, FAULT_DATA: path('data'), FAULT_FULL: path('full'), FAULT_READONLY: path('readonly') };
	client = (await own.tarn('create-user-pool-client', '--user-pool-id', own.pool, '--client-name', 'bad',
	    '--supported-identity-providers', 'COGNITO', '--callback-urls', BACK, '--allowed-o-auth-flows-user-pool-client',
	    '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid')).UserPoolClient;
	await own.tarn('admin-create-user', '--user-pool-id', own.pool, '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', email, '--password', PASSWORD, '--permanent');
	const csrf = crypto.randomUUID();
	const back = await run('login', { method: 'POST', query: query(), headers: { cookie: `XSRF-TOKEN=${csrf}` },
		form: { _csrf: csrf, username: email, password: PASSWORD } });
	const tokens = await post({ grant_type: 'authorization_code', code: new URL(back.location).searchParams.get('code'), redirect_uri: BACK });
	session = /cognito=[^;]+/.exec(back.headers['set-cookie'])[0];
	refreshToken = tokens.json.refresh_token;
});
afterEach(() => own.close());

// tarnd has made its first checkpoint, and keeps something back for a full disk.
const housekeeper = async () => {
	const tarnd = own.run('sbin/tarnd', { env: { ...process.env, ...env } });
	await until(() => existsSync(path('data/ballast')));
	return tarnd;
};

test('a full disk: reads are answered, writes are refused, and all goes on when there is room', async () => {
	const tarnd = await housekeeper();
	assert.ok(await signUp('before@example.com'));
	set('full');
	await until(() => /no checkpoint is made: the disk of the store is full: free some space/.test(own.log));
	assert.equal(await refreshes(), 200);
	assert.equal(await signUp('during@example.com'), false);
	assert.match(own.log, /nothing is written: the disk of the store is full: free some space/);
	assert.match((await run('authorize', { query: query(), headers: { cookie: session } })).location, /[?&]error=server_error/);
	assert.match(tarn('check').said, /nothing can be checked: the disk of the store is full/);
	assert.equal(await refreshes(), 200);
	unset('full');
	assert.ok(await signUp('after@example.com'));
	assert.deepEqual(['before', 'during', 'after'].map((name) => isThere(`${name}@example.com`)), [true, false, true]);
	tarnd.kill('SIGTERM');
	assert.equal(await tarnd.ended, 0);
	clean();
});

test('a full disk and a crash: the ballast is given up for the recovery, and there again later', async () => {
	let tarnd = await housekeeper();
	assert.ok(await signUp('before@example.com'));
	set('full');
	tarnd.kill('SIGKILL');
	await tarnd.ended;
	rmSync(path('run'), { recursive: true });
	assert.equal(await refreshes(), 200);
	assert.match(own.log, /the disk is full: \S+ballast was deleted to recover/);
	assert.equal(existsSync(path('data/ballast')), false);
	unset('full');
	tarnd = await housekeeper();
	tarnd.kill('SIGTERM');
	await tarnd.ended;
	assert.ok(isThere('before@example.com'));
	clean();
});

test('a read-only file system: reads are answered, writes are refused, and all goes on afterwards', async () => {
	const tarnd = await housekeeper();
	assert.ok(await signUp('before@example.com'));
	set('readonly');
	assert.equal(await refreshes(), 200);
	assert.equal(await signUp('during@example.com'), false);
	assert.match(own.log, /nothing is written: the file system of the store is read-only/);
	await until(() => /no checkpoint is made: the file system of the store is read-only/.test(own.log));
	assert.equal(await refreshes(), 200);
	unset('readonly');
	assert.ok(await signUp('after@example.com'));
	assert.deepEqual(['before', 'during', 'after'].map((name) => isThere(`${name}@example.com`)), [true, false, true]);
	tarnd.kill('SIGTERM');
	assert.equal(await tarnd.ended, 0);
	clean();
});

test('a damaged page: who is on it gets an error, everybody else an answer, and tarn check names the file', async () => {
	for (let i = 0; i < 40; i++)
		assert.equal(tarn('admin-create-user', '--user-pool-id', own.pool, '--username', `page-${i}@example.com`, '--message-action', 'SUPPRESS').status, 0);
	clean();
	rmSync(path('run'), { recursive: true });
	// A page that is full of people and holds nothing else. Some of them have moved to another one.
	const bytes = readFileSync(path('data/lasting.db')), pages = [...Array(bytes.length / 4096).keys()];
	const people = (page) => [...bytes.toString('latin1', page * 4096, page * 4096 + 4096).matchAll(/"email","Value":"(page-\d+@example\.com)"/g)].map(([, name]) => name);
	const worst = pages.sort((a, b) => people(b).length - people(a).length)[0], lost = people(worst);
	assert.ok(lost.length > 2, JSON.stringify(lost));
	bytes.write('XXXX', bytes.indexOf('"email","Value":"page', worst * 4096) + 17);
	writeFileSync(path('data/lasting.db'), bytes);
	const missed = [];
	for (let i = 0; i < 40; i++) {
		const name = `page-${i}@example.com`, { status, said } = tarn('admin-get-user', '--user-pool-id', own.pool, '--username', name);
		if (status === 0)
			continue;
		missed.push(name);
		assert.match(said, /cannot read the store: if this comes again, tarn check says what is damaged/);
	}
	assert.ok(missed.length > 0);
	assert.deepEqual(missed.filter((name) => !lost.includes(name)), []);
	const wrote = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => signUp(`after-${i}@example.com`)));
	assert.ok(wrote.includes(true));	// who falls on that page has bad luck
	const { status, said } = tarn('check');
	assert.notEqual(status, 0);
	assert.match(said, /lasting\.db is damaged: restore a backup \(tarn restore\)/);
});

test('a missing log: nothing is touched, the log says what to do, and all is well with the files in their place', async () => {
	rmSync(path('run'), { recursive: true });
	const before = readFileSync(path('data/lasting.db'));
	renameSync(path('data/log'), path('elsewhere'));
	assert.equal(await refreshes(), 500);
	assert.match(own.log, /the log is missing: put the files back into \S+\/data\/log, or restore a backup \(tarn restore\)/);
	assert.notEqual(tarn('check').status, 0);
	assert.deepEqual(readFileSync(path('data/lasting.db')), before);
	for (const name of readdirSync(path('elsewhere')))
		cpSync(join(path('elsewhere'), name), path(`data/log/${name}`));
	assert.equal(await refreshes(), 200);
	clean();
});

test('files of somebody else: the log names the file and whose it should be', () => {
	const prefix = process.getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
	rmSync(path('run'), { recursive: true });
	chmodSync(own.folder, 0o777);
	for (const name of ['tarn.conf', 'log', 'master.key'])
		chmodSync(path(name), 0o666);
	chmodSync(path('data/lock'), 0);
	chmodSync(path('data'), 0o755);
	const [command, ...args] = [...prefix, join(build, 'sbin/tarn'), '--conf', own.conf, 'list-user-pools', '--max-results', '1'];
	const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
	assert.notEqual(status, 0);
	assert.match(stderr, /cannot open \S+\/data\/lock: Permission denied: it belongs to the user whom the programs run as/);
});

test('too little shared memory: refused at once, with how much is needed', () => {
	const small = mkdtempSync('/dev/shm/tarn-bad-');
	try {
		rmSync(path('run'), { recursive: true });
		own.set({ run: small, cache_megabytes: 65536 });
		const { status, said } = tarn('list-user-pools', '--max-results', '1');
		assert.notEqual(status, 0);
		assert.match(said, /its shared memory may need \d+ MB, and \S+ has \d+: mount a larger one, or lower cache_megabytes/);
		own.set({ cache_megabytes: 4 });
		assert.equal(tarn('list-user-pools', '--max-results', '1').status, 0);
	} finally {
		rmSync(small, { recursive: true });
	}
});

test('another master key: what needs no secret goes on, the log and tarn check say which key is missing', async () => {
	const key = readFileSync(path('master.key'));
	const before = own.log.length;
	writeFileSync(path('master.key'), `other ${Buffer.alloc(32, 7).toString('base64')}\n`);
	assert.equal((await run('authorize', { query: query(), headers: { cookie: session } })).status, 302);
	assert.equal(await refreshes(), 500);
	assert.match(own.log.slice(before), /cannot open signing key \S+ of pool \S+: is this the master key/);
	const { status, said } = tarn('check');
	assert.equal(status, 1);
	assert.match(said, /master_key \S+: it does not open what is sealed in the store/);
	writeFileSync(path('master.key'), key);
	assert.equal(await refreshes(), 200);
	clean();
});
