// installation - an installation of a test's own, beside the suite that runs: a folder, settings, a
// store, one pool with one client. TARN_BUILD names the folder of the build; build/ without it.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = resolve(fileURLToPath(import.meta.url), '../../..');
export const build = process.env.TARN_BUILD ?? join(root, 'build');

export class Installation {
	folder = mkdtempSync(join(tmpdir(), 'tarn-own-'));
	conf = join(this.folder, 'tarn.conf');
	children = new Set();

	constructor(settings = {}) {
		const all = { data: 'data', run: 'run', publish: 'publish', templates: join(root, 'templates'),
			master_key: 'master.key', issuer_base: 'http://localhost:9', scheme: 'http', log: 'log', log_level: 'debug',
			mail: 'maildir:mail', mail_from: 'tarn@example.com', workers: 1, argon2_kibibytes: 8192, argon2_passes: 1, ...settings };
		this.set(all);
	}

	static async make(settings, domain = 'localhost') {
		const own = new Installation(settings);
		await own.fill(domain);
		return own;
	}

	async fill(domain) {
		await this.tarn('init');
		({ UserPool: { Id: this.pool } } = await this.tarn('create-user-pool', '--pool-name', 'own', '--username-attributes', 'email',
		    '--auto-verified-attributes', 'email'));
		await this.tarn('create-user-pool-domain', '--user-pool-id', this.pool, '--domain', domain);
		({ UserPoolClient: this.client } = await this.tarn('create-user-pool-client', '--user-pool-id', this.pool, '--client-name', 'own',
		    '--supported-identity-providers', 'COGNITO', '--callback-urls', 'http://localhost:9/cb',
		    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code',
		    '--allowed-o-auth-scopes', 'openid', 'email'));
	}

	set(settings) {
		this.settings = { ...this.settings, ...settings };
		writeFileSync(this.conf, Object.entries(this.settings).map(([name, value]) => `${name} = ${value}\n`).join(''));
	}

	async tarn(...args) {
		const { stdout } = await promisify(execFile)(join(build, 'sbin/tarn'), ['--conf', this.conf, ...args]);
		return JSON.parse(stdout || 'null');
	}

	// One person who is invited: a letter in the outbox.
	async invite(email) {
		await this.tarn('admin-create-user', '--user-pool-id', this.pool, '--username', email, '--temporary-password', 'Temporary-1',
		    '--user-attributes', `Name=email,Value=${email}`);
	}

	// A child that does not outlive this process. prefix: a command that runs it.
	run(program, { args = [], prefix = [], ...options } = {}) {
		const [command, ...rest] = [...prefix, join(build, program), '--conf', this.conf, ...args];
		const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...rest], { stdio: ['ignore', 'inherit', 'inherit'], ...options });
		this.children.add(child);
		child.ended = new Promise((done) => child.on('exit', (code, signal) => {
			this.children.delete(child);
			done(signal ?? code);
		}));
		return child;
	}

	// The suite behind lighttpd on that port; again, and what ran before ends. shift: seconds by which
	// its time of day is ahead.
	async serve(port, shift = 0) {
		await this.stop();
		const programs = readdirSync(join(build, 'cgi-bin')).filter((name) => !name.includes('.')).map((name) => join(build, 'cgi-bin', name));
		const conf = (template, to) => writeFileSync(join(this.folder, to), execFileSync(join(root, 'conf/make-conf'),
		    [join(root, 'conf', template), ...programs], { env: { ...process.env, RUN: join(this.folder, 'run'), PORT: String(port),
			PUBLISH: join(this.folder, 'publish'), HTDOCS: join(root, 'htdocs'), LOG: this.folder, ISSUER_PATH: '', DEMO: '',
			SITE: join(this.folder, 'site.conf') } }));
		conf('lighttpd.conf.in', 'site.conf');
		conf('demo/lighttpd.conf.in', 'lighttpd.conf');
		this.run('sbin/tarn', { args: ['serve', '--programs', join(build, 'cgi-bin')], env: shift === 0 ? process.env :
			{ ...process.env, LD_PRELOAD: this.clock(), TARN_SHIFT: String(shift), 
				ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0` } });
		const web = spawn('setpriv', ['--pdeathsig', 'TERM', 'lighttpd', '-D', '-f', join(this.folder, 'lighttpd.conf')],
		    { stdio: ['ignore', 'ignore', 'inherit'] });
		this.children.add(web);
		web.ended = new Promise((done) => web.on('exit', () => done(this.children.delete(web))));
		await until(async () => (await fetch(`http://127.0.0.1:${port}/error`).catch(() => ({}))).status === 400);
	}

	// A library that puts the time of day ahead.
	clock() {
		const library = join(this.folder, 'shift.so');
		if (!existsSync(library))
			execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(root, 'tests/protocol/shift.c')]);
		return library;
	}

	async stop() {
		for (const child of [...this.children]) {
			child.kill('SIGTERM');
			await child.ended;
		}
	}

	// Empty until a program wrote its first line.
	get log() {
		const path = join(this.folder, 'log');
		return existsSync(path) ? readFileSync(path, 'utf8') : '';
	}

	async close() {
		await this.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

// Until it is so; what it says then.
export async function until(what, seconds = 20) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const value = await what();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`not within ${seconds} s: ${what}`);
		await new Promise((done) => setTimeout(done, 50));
	}
}

// A port of this machine that nobody uses now. Not one of those that the kernel gives away: somebody's
// connection could have it before it is used.
export async function freePort() {
	for (;;) {
		const port = 20000 + Math.floor(Math.random() * 12000), server = createServer();
		const free = await new Promise((done) => server.on('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)));
		if (!free)
			continue;
		await new Promise((done) => server.close(done));
		return port;
	}
}
