// The n-th call of the store, write, sync and allocation of a request fails, or the program dies in
// it, for n = 1, 2, 3 … until the request has no n-th one. Each time: what was acknowledged is there,
// what was not is there whole or not at all, and the client got an answer that says so. Of some there
// are thousands: after the fiftieth n grows by a fifth, unless TARN_NTH_ALL is set.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cgi } from '../protocol/cgi.mjs';
import { Installation, build } from '../protocol/installation.mjs';

const PASSWORD = 'Correct-horse-7', email = 'nth@example.com', BACK = 'http://localhost:9/cb';
const shim = join(build, 'tests/fault/shim.so');
let own, client, session, serial = 0;
const at = () => ({ conf: own.conf, host: 'localhost' });
const plain = (program, options) => cgi(at(), program, options);
const cookies = (headers) => ({ cookie: headers });

before(async () => {
	assert.ok(existsSync(shim), `${shim} is built by make check`);
	own = await Installation.make({ log_level: 'info' });
	({ UserPoolClient: client } = await own.tarn('create-user-pool-client', '--user-pool-id', own.pool, '--client-name', 'nth',
	    '--supported-identity-providers', 'COGNITO', '--callback-urls', BACK, '--allowed-o-auth-flows-user-pool-client',
	    '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid',
	    '--refresh-token-rotation', 'Feature=ENABLED,RetryGracePeriodSeconds=0'));
	await own.tarn('admin-create-user', '--user-pool-id', own.pool, '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	await own.tarn('admin-set-user-password', '--user-pool-id', own.pool, '--username', email, '--password', PASSWORD, '--permanent');
	const csrf = crypto.randomUUID();
	const back = await plain('login', { method: 'POST', query: query(), headers: cookies(`XSRF-TOKEN=${csrf}`),
		form: { _csrf: csrf, username: email, password: PASSWORD } });
	session = /cognito=[^;]+/.exec(back.headers['set-cookie'])?.[0];
	assert.ok(session, back.text);
});
after(() => own.close());

const query = () => new URLSearchParams({ response_type: 'code', client_id: client.ClientId, redirect_uri: BACK, scope: 'openid' }).toString();

async function code() {
	const sent = await plain('authorize', { query: query(), headers: cookies(session) });
	return new URL(sent.location).searchParams.get('code');
}

const exchange = (text, options) => plain('token', { method: 'POST', ...options,
	form: { grant_type: 'authorization_code', client_id: client.ClientId, code: text, redirect_uri: BACK } });
const refresh = (text, options) => plain('token', { method: 'POST', ...options,
	form: { grant_type: 'refresh_token', client_id: client.ClientId, refresh_token: text } });
const revoke = (text, options) => plain('revoke', { method: 'POST', ...options, form: { client_id: client.ClientId, token: text } });
const good = ({ status, text }) => status === 200 && /access_token/.test(text);
const gone = ({ status, text }) => status === 400 && /invalid_grant/.test(text);

// What is done, and what must be so afterwards. make: what the request needs; act: the request; was:
// whether an answer acknowledges it; holds: false if the store does not have what was acknowledged.
const operations = {
	// Makes the checkpoint that web programs leave to tarnd. First, while there is little to look at.
	'tarn check': {
		make: () => 'the store',
		act(_, { env }) {
			const { status, signal, stdout } = spawnSync(join(build, 'sbin/tarn'), ['--conf', own.conf, 'check'],
			    { env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
			return { exit: signal ?? 0, status: status === 0 ? 200 : 500, text: stdout };
		},
		was: ({ status }) => status === 200,
		holds: async () => (await own.tarn('check')) === null,
	},
	'sign-up': {
		make: () => `nth-${serial++}@example.com`,
		act(name, options) {
			const csrf = crypto.randomUUID();
			return plain('signup', { method: 'POST', query: query(), headers: cookies(`XSRF-TOKEN=${csrf}`), ...options,
				form: { _csrf: csrf, username: name, password: PASSWORD } });
		},
		was: ({ status, location }) => status === 302 && /\/confirm\?/.test(location),
		async holds(name, acknowledged) {
			const again = await operations['sign-up'].act(name);
			return /already exists/.test(again.text) || (!acknowledged && operations['sign-up'].was(again));
		},
	},
	'code exchange': {
		make: code, act: exchange, was: good,
		async holds(text, acknowledged, answer) {
			if (acknowledged)
				return gone(await exchange(text)) && good(await refresh(answer.json.refresh_token));
			const again = await exchange(text);
			return good(again) || gone(again);
		},
	},
	refresh: {
		make: async () => (await exchange(await code())).json.refresh_token, act: refresh, was: good,
		async holds(text, acknowledged, answer) {
			if (acknowledged)
				return gone(await refresh(text)) && good(await refresh(answer.json.refresh_token));
			const again = await refresh(text);
			return good(again) || gone(again);
		},
	},
	revoke: {
		make: async () => (await exchange(await code())).json.refresh_token, act: revoke, was: ({ status, exit }) => status === 200 && exit === 0,
		async holds(text, acknowledged) {
			const again = await refresh(text);
			return gone(again) || (!acknowledged && good(again));
		},
	},
};

// The same when nobody had the store open, and its shared memory is gone: the program recovers it.
operations['code exchange after a reboot'] = { ...operations['code exchange'],
	async make() {
		const text = await code();
		rmSync(join(own.folder, 'run'), { recursive: true });
		return text;
	} };

// An answer that says that it went wrong, or, of a program that died, none at all.
const says = ({ status, location }) => status >= 500 || (status === 302 && /[?&]error=server_error/.test(location));

// One run; false when the request has no n-th event of that kind.
async function run(name, kind, n, how) {
	const { make, act, was, holds } = operations[name], what = await make(), mark = join(own.folder, 'mark');
	const before = `${name}, ${kind} ${n}, ${how}:`;
	assert.ok(what, `${before} nothing to do it with`);
	rmSync(mark, { force: true });
	const answer = await act(what, { env: { LD_PRELOAD: shim, FAULT: `${kind}:${n}:${how}`, FAULT_MARK: mark } });
	const struck = existsSync(mark), acknowledged = was(answer);
	const said = `${before} exit ${answer.exit}, ${answer.status} ${answer.location ?? ''} ${answer.text}`;
	assert.ok(acknowledged || (struck && says(answer)), said);
	if (how === 'kill' && struck)
		assert.equal(answer.exit, 'SIGKILL', said);
	else if (kind !== 'alloc')
		assert.equal(answer.exit, 0, said);
	assert.ok(await holds(what, acknowledged, answer), said);
	return struck;
}

const kinds = { store: ['fail', 'kill'], write: ['fail', 'kill'], sync: ['fail', 'kill'], alloc: ['fail'] };
const next = (n) => n < 50 || process.env.TARN_NTH_ALL ? n + 1 : Math.ceil(n * 1.2);

for (const name of Object.keys(operations))
	for (const kind of Object.keys(kinds))
		for (const how of kinds[kind])
			test(`${name}: the n-th ${kind} ${how}s`, async (t) => {
				let n = 1;
				while (await run(name, kind, n, how))
					n = next(n);
				t.diagnostic(`fewer than ${n}`);
				assert.ok(n > 1, `no ${kind} at all`);
			});

test('nothing is wrong in the store afterwards', async () => {
	assert.equal(await own.tarn('check'), null);
});
