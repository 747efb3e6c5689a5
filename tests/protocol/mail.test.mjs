// Letters over SMTP: what a relay is told, and what becomes of a letter that it does not take
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { Installation, until } from './installation.mjs';

const PASSWORD = 'relay, p4ssword';

// A relay that keeps what it is given. answer(letter) may refuse: an error with a responseCode.
async function relay({ answer = () => {}, ...options } = {}) {
	const letters = [], server = new SMTPServer({ disableReverseLookup: true, logger: false, authOptional: true, ...options,
		onAuth: ({ method, username, password }, session, done) =>
			username === 'tarn' && password === PASSWORD ? done(null, { user: `${username} by ${method}` }) : done(new Error('no')),
		async onData(stream, session, done) {
			let text = '';
			for await (const part of stream.setEncoding('utf8'))
				text += part;
			const letter = { text, at: Date.now(), secure: session.secure, user: session.user,
				from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((r) => r.address),
				id: /^Message-I[Dd]: *(\S+)/m.exec(text)?.[1] };
			letters.push(letter);
			done(await answer(letter, letters.length));
		} });
	server.on('error', () => {});	// what clients do is looked at where it matters
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.server.address();
	return { letters, port, url: `smtp://localhost:${port}`, close: () => new Promise((done) => server.close(done)) };
}

const refusal = (responseCode) => Object.assign(new Error('not now'), { responseCode });
const decoded = ({ text }) => {
	const [head, ...body] = text.split(/\r?\n\r?\n/);
	const rest = body.join('\n\n');
	return /^Content-Transfer-Encoding: *base64/im.test(head) ? Buffer.from(rest, 'base64').toString() :
	    /quoted-printable/i.test(head) ? rest.replace(/=\r?\n/g, '').replace(/((?:=[0-9A-F]{2})+)/g,
		(s) => Buffer.from(s.replaceAll('=', ''), 'hex').toString()) : rest;
};

describe('letters over SMTP', { concurrency: true }, () => {
	let keys, authority;
	before(() => {
		const own = new Installation();	// a folder for a certificate authority
		authority = own;
		const path = (name) => join(own.folder, name);
		const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
		openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		    '-addext', 'subjectAltName=DNS:localhost', '-keyout', path('key.pem'), '-out', path('cert.pem'));
		keys = { key: readFileSync(path('key.pem')), cert: readFileSync(path('cert.pem')) };
	});
	after(() => authority.close());

	// A relay, an installation that uses it, tarnd beside it, and what is done with them.
	async function using(options, settings, act, daemon = {}) {
		const server = await relay(options);
		const own = await Installation.make({ mail: server.url, ...settings });
		try {
			if (settings.mail_user) {
				writeFileSync(join(own.folder, 'password'), `${PASSWORD}\n`);
				chmodSync(join(own.folder, 'password'), 0o600);
			}
			await act(own, server, daemon === null ? null : own.run('sbin/tarnd', daemon));
		} finally {
			await own.close();
			await server.close();
		}
	}

	test('an invitation arrives: envelope, headers, name and temporary password', async () => {
		await using({ disabledCommands: ['STARTTLS', 'AUTH'] }, {}, async (own, server) => {
			await own.invite('ada@example.com');
			const [letter] = await until(() => server.letters.length && server.letters);
			assert.equal(letter.from, 'tarn@example.com');
			assert.deepEqual(letter.to, ['ada@example.com']);
			for (const header of [/^From: .*tarn@example\.com/m, /^To: .*ada@example\.com/m, /^Subject: /m, /^Date: /m, /^Message-I[Dd]: <[^<>@\s]+@[^<>@\s]+>\r?$/m, /^MIME-Version: 1\.0/m])
				assert.match(letter.text, header);
			assert.match(decoded(letter), /ada@example\.com/);
			assert.match(decoded(letter), /Temporary-1/);
			assert.doesNotMatch(own.log, /Temporary-1/);
			await until(() => /is delivered/.test(own.log));
			await new Promise((done) => setTimeout(done, 700));
			assert.equal(server.letters.length, 1);
		});
	});

	test('STARTTLS is used where it is offered', async () => {
		await using({ ...keys, disabledCommands: ['AUTH'] }, {}, async (own, server) => {
			await own.invite('tls@example.com');
			const [letter] = await until(() => server.letters.length && server.letters);
			assert.equal(letter.secure, true);
		});
	});

	test('with mail_tls = required nothing is said to a relay without TLS, or with a certificate nobody vouches for', async () => {
		for (const options of [{ disabledCommands: ['STARTTLS', 'AUTH'] }, { ...keys, disabledCommands: ['AUTH'] }])
			await using(options, { mail_tls: 'required' }, async (own, server) => {
				await own.invite('tls@example.com');
				await until(() => /level=warn.*try 1/.test(own.log));
				assert.equal(server.letters.length, 0);
			});
	});

	test('a password is not sent to a relay whose certificate nobody vouches for', async () => {
		const asked = [];
		await using({ ...keys, onAuth: (auth, session, done) => { asked.push(auth); done(new Error('no')); } },
		    { mail_user: 'tarn', mail_password_file: 'password' }, async (own, server) => {
			await own.invite('auth@example.com');
			await until(() => /level=warn.*try 1/.test(own.log));
			assert.deepEqual([asked, server.letters], [[], []]);
		});
	});

	// The system's list of authorities is replaced in a mount name space of tarnd's own.
	const list = '/etc/ssl/certs/ca-certificates.crt', unshare = ['unshare', '--mount', ...(process.getuid() === 0 ? [] : ['--map-root-user'])];
	const may = spawnSync(unshare[0], [...unshare.slice(1), 'mount', '--bind', '/etc/hostname', list]).status === 0;

	test('STARTTLS and AUTH with a relay that is vouched for', { skip: may ? false : 'this machine allows no mount name space' }, async () => {
		const prefix = [...unshare, 'sh', '-c', `mount --bind "$0" ${list} && exec "$@"`, join(authority.folder, 'cert.pem')];
		await using({ ...keys, authOptional: false }, { mail_user: 'tarn', mail_password_file: 'password', mail_tls: 'required' }, async (own, server) => {
			await own.invite('auth@example.com');
			const [letter] = await until(() => server.letters.length && server.letters);
			assert.equal(letter.secure, true);
			assert.match(letter.user, /^tarn by /);
			assert.ok(!own.log.includes(PASSWORD));
		}, { prefix });
	});

	test('AUTH in the clear only where TLS is switched off', async () => {
		await using({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, authOptional: false },
		    { mail_user: 'tarn', mail_password_file: 'password', mail_tls: 'off' }, async (own, server) => {
			await own.invite('auth@example.com');
			const [letter] = await until(() => server.letters.length && server.letters);
			assert.match(letter.user, /^tarn by /);
		});
	});

	test('a 4xx answer: tried again after half a minute, with the same Message-ID', async () => {
		await using({ disabledCommands: ['STARTTLS', 'AUTH'], answer: (letter, n) => (n === 1 ? refusal(451) : undefined) }, {}, async (own, server) => {
			await own.invite('later@example.com');
			await until(() => server.letters.length === 2, 45);
			const [first, second] = server.letters;
			assert.equal(first.id, second.id);
			assert.ok(second.at - first.at >= 29000, `${second.at - first.at} ms`);
			assert.match(own.log, /level=warn.*451/);
			await until(() => /is delivered/.test(own.log));
		});
	});

	test('a 5xx answer: given up at once, and said; the next letter goes on', async () => {
		await using({ disabledCommands: ['STARTTLS', 'AUTH'], answer: ({ to }) => (to[0].startsWith('never') ? refusal(550) : undefined) }, {}, async (own, server) => {
			await own.invite('never@example.com');
			await own.invite('always@example.com');
			await until(() => /level=error.*550/.test(own.log) && /is delivered/.test(own.log));
			assert.equal(server.letters.length, 2);
		});
	});

	test('a relay that hangs on one letter does not hold up the others', async () => {
		let free;
		const freed = new Promise((done) => { free = done; });
		await using({ disabledCommands: ['STARTTLS', 'AUTH'], answer: async ({ to }) => { if (to[0].startsWith('slow')) await freed; } }, {}, async (own, server) => {
			await own.invite('slow@example.com');
			await until(() => server.letters.length === 1);
			await own.invite('quick@example.com');
			await until(() => /is delivered/.test(own.log));
			free();
			await until(() => own.log.match(/is delivered/g)?.length === 2);
		});
	});

	test('letters outlive tarnd: written while it is not there, delivered when it is; killed at the relay, sent again as the same', async () => {
		let free;
		const freed = new Promise((done) => { free = done; });
		await using({ disabledCommands: ['STARTTLS', 'AUTH'], answer: (letter, n) => (n === 1 ? freed : undefined) }, {}, async (own, server) => {
			await own.invite('patient@example.com');
			await new Promise((done) => setTimeout(done, 300));
			assert.equal(server.letters.length, 0);
			const first = own.run('sbin/tarnd');
			await until(() => server.letters.length === 1);
			first.kill('SIGKILL');
			assert.equal(await first.ended, 'SIGKILL');
			own.run('sbin/tarnd');
			await until(() => server.letters.length === 2 && /is delivered/.test(own.log));
			free();
			assert.equal(server.letters[0].id, server.letters[1].id);
		}, null);
	});

	test('SIGTERM lets a delivery end', async () => {
		let free;
		const freed = new Promise((done) => { free = done; });
		await using({ disabledCommands: ['STARTTLS', 'AUTH'], answer: () => freed }, {}, async (own, server, daemon) => {
			await own.invite('under-way@example.com');
			await until(() => server.letters.length === 1);
			daemon.kill('SIGTERM');
			await new Promise((done) => setTimeout(done, 300));
			free();
			assert.equal(await daemon.ended, 0);
			assert.match(own.log, /is delivered/);
		});
	});
});
