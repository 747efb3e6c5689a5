// Programs, their supervisors, tarnd and the web server's workers are killed at random, one by one
// and sometimes all at once, while people sign up, sign in, refresh and revoke. What was acknowledged
// is kept in a ledger and must be there afterwards; what was not may be either way. TARN_KILLS says
// how many are to be killed, TARN_KILL_MS how long to wait between two on average.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../protocol/installation.mjs';
import { Browser, PASSWORD, authorizeUrl, callback, clientId, demo, makeClient, makeUser, request, tarn, token, tokens, unique }
	from '../protocol/suite.mjs';
import { below, processes } from './processes.mjs';

const KILLS = Number(process.env.TARN_KILLS ?? 1000), EVERY = Number(process.env.TARN_KILL_MS ?? 60);
const state = dirname(demo.tarn.conf);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const oneOf = (list) => list[Math.floor(Math.random() * list.length)];

// tarn serve and the web server, which others start; what tarn serve starts to watch the programs;
// and the rest.
function suite() {
	const all = processes(), kept = all.filter(({ command }) =>
		command.includes(`sbin/tarn serve --conf ${state}/`) || command.includes(` ${state}/web/`));
	const roots = kept.filter(({ parent }) => !kept.some(({ pid }) => pid === parent)), victims = below(roots.map(({ pid }) => pid), all);
	const is = ({ name, command }) => name === 'tarn' && command.includes(' serve ');
	return { guardian: roots.find(is), web: roots.find((root) => !is(root)),
		supervisor: victims.find(is), workers: victims.filter((victim) => !is(victim)) };
}

let first, client, rotating, stop = false;
const ledger = { people: [], refresh: [], rotated: [], spent: [], revoked: [], codes: [] };
const tally = { good: 0, lost: 0, slowest: 0, second: 0, still: 0, lag: 0, killed: 0, blows: {}, wrong: [] };

// Blows, each with what it killed. A web server asks again when a program died before it answered:
// a good answer to the first asking can so look like a refusal, but only then.
const blows = [];
const struck = (name, since) => blows.some((blow) => blow.at >= since - 1000 && (blow.names.includes(name) || blow.names.includes('tarn')));

// One step of somebody's life. Lost: the connection broke or the answer is a 5xx.
let answered = Date.now();
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
		const now = Date.now();
		tally.slowest = Math.max(tally.slowest, now - start);
		tally.second += now - start > 1000;
		tally.still = Math.max(tally.still, now - answered);
		answered = now;
	}
}

const lives = {
	async refreshes(mine) {
		const answer = await step(() => token(client, { grant_type: 'refresh_token', refresh_token: mine.refresh_token }));
		if (answer && answer.status !== 200)
			tally.wrong.push(`a good refresh token: ${answer.status} ${answer.text}`);
	},

	// Each token once, without grace. Whose answer was lost does not know whether it is spent.
	async rotates(mine) {
		if (!mine.refresh_token)
			return lives.begins(mine);
		const start = Date.now(), old = mine.refresh_token;
		const answer = await step(() => token(rotating, { grant_type: 'refresh_token', refresh_token: old }));
		if (answer?.status === 200) {
			mine.refresh_token = answer.json.refresh_token;
			ledger.spent.push(old);
		} else if (answer) {
			if (!mine.doubtful && !struck('token', start))
				tally.wrong.push(`a token that was never used: ${answer.status} ${answer.text}`);
			mine.refresh_token = null;
		}
		mine.doubtful = !answer;
	},

	async begins(mine) {
		const got = await signIn(rotating, mine.user);
		mine.refresh_token = got.find((answer) => answer.status === 200)?.json.refresh_token;
		mine.doubtful = false;
	},

	async signsIn({ user }) {
		const good = await signIn(client, user);
		for (const answer of good)
			ledger.refresh.push(answer.json.refresh_token);
	},

	async signsUp() {
		const email = `${unique('storm')}@example.com`, browser = new Browser(), start = Date.now();
		const url = authorizeUrl(client).replace('/oauth2/authorize', '/signup');
		const page = await step(() => browser.fetch(url));
		if (page?.status !== 200)
			return;
		const form = { _csrf: browser.cookies.get('XSRF-TOKEN'), username: email, password: PASSWORD };
		const answer = await step(() => browser.fetch(url, { method: 'POST', form }));
		if (answer?.status === 302)
			ledger.people.push(email);
		else if (answer && !(/already exists/.test(answer.text) && struck('signup', start)))
			tally.wrong.push(`sign-up: ${answer.status} ${answer.location ?? answer.text.slice(0, 200)}`);
	},

	async revokes() {
		const mine = ledger.refresh.length > 3 && ledger.refresh.shift();
		if (!mine)
			return sleep(50);
		const answer = await step(() => request('/oauth2/revoke', { method: 'POST', form: { client_id: clientId(client), token: mine } }));
		if (answer?.status === 200)
			ledger.revoked.push(mine);
	},
};

// From authorize to tokens; the code is redeemed by two at once, and once more.
async function signIn(as, user) {
	const browser = new Browser();
	const page = await step(() => browser.open(authorizeUrl(as)));
	if (page?.status !== 200)
		return [];
	const back = await step(() => browser.submit(page, { username: user.email, password: user.password }));
	const code = back?.location?.startsWith(callback(as)) && new URL(back.location).searchParams.get('code');
	if (!code)
		return [];
	const redeem = () => step(() => token(as, { grant_type: 'authorization_code', code, redirect_uri: callback(as) }));
	const good = [...await Promise.all([redeem(), redeem()]), await redeem()].filter((answer) => answer?.status === 200);
	ledger.codes.push(good.length);
	return good;
}

async function live(name, context) {
	for (let lost; !stop; lost = tally.lost) {
		await lives[name](context);
		if (tally.lost > lost)
			await sleep(50);	// as a client does that means well
	}
	return context;
}

// How late this process itself is: what a busy machine adds to every figure.
async function lag() {
	while (!stop) {
		const start = Date.now();
		await sleep(10);
		tally.lag = Math.max(tally.lag, Date.now() - start - 10);
	}
}

// What a killed process of the web server had started and nobody will end: mod_fcgid's programs.
const orphans = new Map();

function endOrphans() {
	for (const { pid, parent, command } of processes())
		if (orphans.get(pid)?.command === command && orphans.get(pid).parent !== parent)
			process.kill(pid, 'SIGTERM');
}

// Mostly one worker; now and then what watches over them, or what watches over that, or everything;
// each of these at least once.
const sure = [['supervisor', 0.25], ['guardian', 0.5], ['all', 0.75]];

function choose() {
	const { guardian, supervisor, workers } = suite(), dice = Math.random() * 1000;
	const targets = { guardian: [guardian], supervisor: [supervisor],
		all: [guardian, supervisor, ...workers.filter(({ name }) => !/nginx|apache/.test(name))] };
	const special = tally.killed > KILLS * sure[0]?.[1] ? sure.shift()[0] :
	    dice < 4 ? 'all' : dice < 12 ? 'guardian' : dice < 25 ? 'supervisor' : null;
	if (special)
		return [special, targets[special]];
	const victim = oneOf(workers);
	for (const { pid, command } of workers.filter(({ parent }) => parent === victim?.pid))
		orphans.set(pid, { command, parent: victim.pid });
	return [victim?.name, [victim]];
}

async function kill() {
	while (tally.killed < KILLS) {
		await sleep(Math.random() * 2 * EVERY);
		const [name, victims] = choose(), alive = victims.filter(Boolean);
		if (name === undefined || !alive.length)
			continue;
		blows.push({ at: Date.now(), names: alive.map((victim) => victim.name) });
		for (const { pid } of alive)
			try {
				process.kill(pid, 'SIGKILL');
				tally.killed++;
			} catch (error) {
				if (error.code !== 'ESRCH')
					throw error;
			}
		tally.blows[name] = (tally.blows[name] ?? 0) + 1;
	}
	stop = true;
}

before(async () => {
	first = suite();
	const user = makeUser(), other = makeUser();
	client = makeClient();
	rotating = makeClient('--refresh-token-rotation', 'Feature=ENABLED,RetryGracePeriodSeconds=0');
	const context = { user, refresh_token: (await tokens(client, user)).refresh_token };
	const chains = [{ user: other }, { user: other }];
	const start = Date.now();
	await Promise.all([kill(), lag(), live('refreshes', context), ...chains.map((chain) => live('rotates', chain)),
		live('signsIn', context), live('signsIn', context), live('signsUp', context), live('revokes', context)]);
	tally.seconds = (Date.now() - start) / 1000;
	ledger.refresh.push(context.refresh_token);
	ledger.rotated = chains.filter((chain) => chain.refresh_token && !chain.doubtful).map((chain) => chain.refresh_token);
	endOrphans();
	await sleep(1500);	// a program that was killed young rests for a moment
});

test('it was a storm: processes were killed, and work was done meanwhile', (t) => {
	t.diagnostic(JSON.stringify({ ...tally, people: ledger.people.length, codes: ledger.codes.length,
		revoked: ledger.revoked.length, spent: ledger.spent.length }));
	assert.ok(tally.killed >= KILLS);
	for (const name of ['supervisor', 'guardian', 'all', ...(KILLS < 500 ? [] : ['token', 'login', 'signup', 'revoke', 'tarnd'])])
		assert.ok(tally.blows[name] > 0 || !first.workers.some((worker) => worker.name === name), name);
	assert.ok(ledger.people.length > 3 && ledger.codes.length > 3 && ledger.revoked.length > 0 && ledger.spent.length > 3,
	    JSON.stringify(tally));
});

test('the others went on: most answers were good', () => {
	// In a short storm the three blows at everything weigh more.
	assert.ok(tally.good > (KILLS < 500 ? 1 : 3) * tally.lost, `${tally.good} good, ${tally.lost} lost`);
});

// Most within a second; the figures are in the report. What fails here is a hang, not a busy machine.
test('nobody hung', () => {
	const most = 5000 + 4 * tally.lag;
	assert.ok(tally.slowest < most, `an answer took ${tally.slowest} ms, ${tally.lag} of lag`);
	assert.ok(tally.still < most, `nothing was answered for ${tally.still} ms, ${tally.lag} of lag`);
	assert.ok(tally.second <= 10 + (tally.good + tally.lost) / 100, `${tally.second} answers took longer than a second`);
});

test('nobody was told that something good is bad', () => {
	assert.deepEqual(tally.wrong, []);
});

test('everything runs again, without a hand', async () => {
	const programs = ({ guardian, workers }) => (guardian.command.includes('--only') ? [] : workers.map(({ name }) => name).sort());
	// Beside them there are, now and then, processes of tarnd that send a letter.
	const now = await until(() => {
		const found = suite();
		return found.guardian && found.supervisor && isDeepStrictEqual(programs(found), programs(first)) && found;
	});
	assert.equal(now.web?.pid, first.web?.pid);
	for (let i = 0; i < 20; i++)
		assert.equal((await request('/oauth2/userInfo')).status, 400);
});

test('every acknowledged sign-up is there', () => {
	for (const email of ledger.people)
		assert.equal(tarn('admin-get-user', '--username', email).UserStatus, 'UNCONFIRMED', email);
});

test('every acknowledged sign-up has its letter', async () => {
	// One whose sender was killed is tried again after half a minute.
	const until = Date.now() + 45000, folder = join(demo.mail, 'new'), read = new Set();
	const missing = new Set(ledger.people);
	while (missing.size > 0 && Date.now() < until) {
		await sleep(200);
		for (const name of readdirSync(folder).filter((name) => !read.has(name))) {
			read.add(name);
			for (const [email] of readFileSync(join(folder, name), 'utf8').matchAll(/storm-[\w-]+@example\.com/g))
				missing.delete(email);
		}
	}
	assert.deepEqual([...missing], []);
});

test('no code was redeemed twice', () => {
	assert.deepEqual(ledger.codes.filter((n) => n > 1), []);
	assert.ok(ledger.codes.filter((n) => n === 1).length > ledger.codes.length / 2, JSON.stringify(ledger.codes));
});

test('every acknowledged refresh token works, every acknowledged revocation and rotation holds', async () => {
	const answer = async (as, refresh_token) => (await token(as, { grant_type: 'refresh_token', refresh_token })).text;
	for (const refresh_token of ledger.refresh)
		assert.match(await answer(client, refresh_token), /access_token/);
	for (const refresh_token of ledger.revoked)
		assert.match(await answer(client, refresh_token), /invalid_grant/);
	for (const refresh_token of ledger.spent)
		assert.match(await answer(rotating, refresh_token), /invalid_grant/);
	for (const refresh_token of ledger.rotated)
		assert.match(await answer(rotating, refresh_token), /access_token/);
});

test('nothing is wrong in the store', () => {
	const { status, stdout } = spawnSync(demo.tarn.command, ['--conf', demo.tarn.conf, 'check'], { encoding: 'utf8' });
	assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
});
