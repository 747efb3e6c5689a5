// Programs, tarnd and the web server's workers are killed at random while people sign up, sign in,
// refresh and revoke. What was acknowledged is kept in a ledger and must be there afterwards; what
// was not may be either way. TARN_KILL_SECONDS says for how long.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { Browser, PASSWORD, authorizeUrl, callback, clientId, demo, makeClient, makeUser, request, tarn, token, tokens, unique }
	from '../protocol/suite.mjs';

const SECONDS = Number(process.env.TARN_KILL_SECONDS ?? 12);
const state = dirname(demo.tarn.conf);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// All processes: { pid, parent, command }.
function processes() {
	const found = [];
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
		try {
			const [, rest] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')), fields = rest.split(' ');
			if (fields[0] !== 'Z')
				found.push({ pid: Number(pid), parent: Number(fields[1]),
					command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') });
		} catch { /* it has ended */ }
	return found;
}

// The supervisor and the web server, which stay, and what they keep alive, which does not.
function family() {
	const all = processes(), kept = all.filter(({ command }) =>
		command.includes(`sbin/tarn serve --conf ${state}/`) || command.includes(` ${state}/web/`));
	const roots = kept.filter(({ parent }) => !kept.some(({ pid }) => pid === parent));
	const below = (parents) => {
		const children = all.filter(({ parent }) => parents.includes(parent)).filter(({ pid }) => !parents.includes(pid));
		return children.length ? [...children, ...below(children.map(({ pid }) => pid))] : [];
	};
	return { roots, victims: below(roots.map(({ pid }) => pid)) };
}

let first, client, stop = false;
const ledger = { people: [], refresh: [], revoked: [], codes: [] };
const tally = { good: 0, lost: 0, slowest: 0, wrong: [] };

// One step of somebody's life. Lost: the connection broke or the answer is a 5xx.
async function step(act) {
	const start = Date.now();
	try {
		const answer = await act();
		tally[answer.status >= 500 ? 'lost' : 'good']++;
		return answer.status >= 500 ? null : answer;
	} catch (error) {
		if (!/ECONNRESET|ECONNREFUSED|EPIPE|socket hang up|aborted|no form/.test(error.message + error.code))
			throw error;
		tally.lost++;
		return null;
	} finally {
		tally.slowest = Math.max(tally.slowest, Date.now() - start);
	}
}

const lives = {
	async refreshes(mine) {
		const answer = await step(() => token(client, { grant_type: 'refresh_token', refresh_token: mine.refresh_token }));
		if (answer && answer.status !== 200)
			tally.wrong.push(`a good refresh token: ${answer.status} ${answer.text}`);
	},

	async signsIn({ user }) {
		const browser = new Browser();
		const page = await step(() => browser.open(authorizeUrl(client)));
		if (page?.status !== 200)
			return;
		const back = await step(() => browser.submit(page, { username: user.email, password: user.password }));
		const code = back?.location?.startsWith(callback(client)) && new URL(back.location).searchParams.get('code');
		if (!code)
			return;
		const redeem = () => step(() => token(client, { grant_type: 'authorization_code', code, redirect_uri: callback(client) }));
		const answers = [...await Promise.all([redeem(), redeem()]), await redeem()].filter((answer) => answer?.status === 200);
		ledger.codes.push(answers.length);
		for (const answer of answers)
			ledger.refresh.push(answer.json.refresh_token);
	},

	async signsUp() {
		const email = `${unique('storm')}@example.com`, browser = new Browser();
		const url = authorizeUrl(client).replace('/oauth2/authorize', '/signup');
		const page = await step(() => browser.fetch(url));
		if (page?.status !== 200)
			return;
		const form = { _csrf: browser.cookies.get('XSRF-TOKEN'), username: email, password: PASSWORD };
		const answer = await step(() => browser.fetch(url, { method: 'POST', form }));
		if (answer?.status === 302)
			ledger.people.push(email);
		else if (answer && !/already exists/.test(answer.text))	// the web server may ask twice
			tally.wrong.push(`sign-up: ${answer.status} ${answer.location ?? answer.text.slice(0, 200)}`);
	},

	async revokes() {
		const mine = ledger.refresh.pop();
		if (!mine)
			return sleep(50);
		const answer = await step(() => request('/oauth2/revoke', { method: 'POST', form: { client_id: clientId(client), token: mine } }));
		if (answer?.status === 200)
			ledger.revoked.push(mine);
	},
};

async function live(name, context) {
	while (!stop)
		await lives[name](context);
}

// What a killed process of the web server had started and nobody will end: mod_fcgid's programs.
const orphans = new Map();

function endOrphans() {
	for (const { pid, parent, command } of processes())
		if (orphans.get(pid)?.command === command && orphans.get(pid).parent !== parent)
			process.kill(pid, 'SIGTERM');
}

async function kill() {
	const killed = new Map();
	while (!stop) {
		await sleep(20 + Math.random() * 120);
		const { victims } = family();
		const victim = victims[Math.floor(Math.random() * victims.length)];
		if (!victim)
			continue;
		for (const { pid, command } of victims.filter(({ parent }) => parent === victim.pid))
			orphans.set(pid, { command, parent: victim.pid });
		try {
			process.kill(victim.pid, 'SIGKILL');
		} catch (error) {
			if (error.code !== 'ESRCH')
				throw error;
		}
		const name = victim.command.split(' ')[0].split('/').at(-1);
		killed.set(name, (killed.get(name) ?? 0) + 1);
	}
	return killed;
}

before(async () => {
	first = family();
	const user = makeUser();
	client = makeClient();
	const context = { user, refresh_token: (await tokens(client, user)).refresh_token };
	const end = sleep(SECONDS * 1000).then(() => { stop = true; });
	const [killed] = await Promise.all([kill(), live('refreshes', context), live('refreshes', context), live('signsIn', context),
		live('signsIn', context), live('signsUp', context), live('revokes', context), end]);
	ledger.refresh.push(context.refresh_token);
	tally.killed = Object.fromEntries(killed);
	endOrphans();
	await sleep(1500);	// a program that was killed young rests for half a second
});

test('it was a storm: processes were killed, and work was done meanwhile', (t) => {
	t.diagnostic(JSON.stringify({ ...tally, people: ledger.people.length, codes: ledger.codes.length, revoked: ledger.revoked.length }));
	assert.ok(Object.values(tally.killed).reduce((a, b) => a + b) > 3 * SECONDS, JSON.stringify(tally.killed));
	assert.ok(ledger.people.length > 3 && ledger.codes.length > 3 && ledger.revoked.length > 0, JSON.stringify(ledger.codes));
});

test('the others went on: most answers were good, and none took long', () => {
	assert.ok(tally.good > 4 * tally.lost, `${tally.good} good, ${tally.lost} lost`);
	assert.ok(tally.slowest < 5000, `${tally.slowest} ms`);
});

test('nobody was told that something good is bad', () => {
	assert.deepEqual(tally.wrong, []);
});

test('the supervisor and the web server are those of before; everything runs again', async () => {
	const now = family();
	assert.deepEqual(now.roots.map(({ pid }) => pid), first.roots.map(({ pid }) => pid));
	const names = ({ victims }) => victims.map(({ command }) => command.split(' ')[0]).filter((name) => name.startsWith('/')).sort();
	if (now.roots.some(({ command }) => command.includes('serve') && !command.includes('--only')))
		assert.deepEqual(names(now), names(first));
	for (let i = 0; i < 20; i++)
		assert.equal((await request('/oauth2/userInfo')).status, 400);
});

test('every acknowledged sign-up is there', () => {
	for (const email of ledger.people)
		assert.equal(tarn('admin-get-user', '--username', email).UserStatus, 'UNCONFIRMED', email);
});

test('every acknowledged sign-up has its letter', async () => {
	// One whose sender was killed is tried again after half a minute.
	const until = Date.now() + 45000, folder = join(demo.mail, 'new');
	let missing = ledger.people;
	while (missing.length > 0 && Date.now() < until) {
		await sleep(200);
		const letters = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
		missing = missing.filter((email) => !letters.includes(email));
	}
	assert.deepEqual(missing, []);
});

test('no code was redeemed twice', () => {
	assert.deepEqual(ledger.codes.filter((n) => n > 1), []);
	assert.ok(ledger.codes.filter((n) => n === 1).length > ledger.codes.length / 2, JSON.stringify(ledger.codes));
});

test('every acknowledged refresh token works, every acknowledged revocation holds', async () => {
	const tryWith = (refresh_token) => token(client, { grant_type: 'refresh_token', refresh_token });
	for (const refresh_token of ledger.refresh)
		assert.equal((await tryWith(refresh_token)).status, 200);
	for (const refresh_token of ledger.revoked)
		assert.match((await tryWith(refresh_token)).text, /invalid_grant/);
});

test('nothing is wrong in the store', () => {
	const { status, stdout } = spawnSync(demo.tarn.command, ['--conf', demo.tarn.conf, 'check'], { encoding: 'utf8' });
	assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
});
