// pages.md 6, 8, 9; triggers.md 11: codes by text message, and the gateway that sends them
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation, freePort, until } from './installation.mjs';
import { Browser, PASSWORD, authorizeUrl, callback, claims, token } from './suite.mjs';

const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const where = (answer) => new URL(answer.url).pathname;
const NEW = 'Another-horse-8';

// A gateway that keeps what it gets, and answers what `answer` says; and an installation that uses it.
let gateway, elsewhere, own, home, serial = 1000;
let answer = (response) => response.end('{}');
const heard = [], strayed = [];
const listen = async (handler) => {
	const server = http.createServer(handler);
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return server;
};
const address = (server) => `http://127.0.0.1:${server.address().port}`;

before(async () => {
	gateway = await listen((call, response) => {
		let body = '';
		call.on('data', (piece) => { body += piece; });
		call.on('end', () => {
			heard.push({ method: call.method, path: call.url, headers: call.headers, ...JSON.parse(body) });
			answer(response);
		});
	});
	elsewhere = await listen((call, response) => { strayed.push(call.url); response.end(); });
	const port = await freePort();
	home = `http://localhost:${port}`;
	own = await Installation.make({ sms: `${address(gateway)}/send`, sms_from: 'Tarn', sms_token_file: 'token', issuer_base: home }, `localhost:${port}`);
	writeFileSync(join(own.folder, 'token'), 'gateway-secret\n', { mode: 0o600 });
	own.pool = (await own.tarn('create-user-pool', '--pool-name', 'phones', '--auto-verified-attributes', 'email', 'phone_number',
	    '--account-recovery-setting', 'RecoveryMechanisms=[{Priority=1,Name=verified_phone_number},{Priority=2,Name=verified_email}]')).UserPool.Id;
	await own.tarn('delete-user-pool-domain', '--domain', `localhost:${port}`, '--user-pool-id', (await own.tarn('list-user-pools', '--max-results', '9')).UserPools.find((each) => each.Name === 'own').Id);
	await own.tarn('create-user-pool-domain', '--user-pool-id', own.pool, '--domain', `localhost:${port}`);
	own.client = (await on('create-user-pool-client', '--client-name', 'phones', '--supported-identity-providers', 'COGNITO',
	    '--callback-urls', 'http://localhost:9/cb', '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code',
	    '--allowed-o-auth-scopes', 'openid', 'phone', '--prevent-user-existence-errors', 'ENABLED')).UserPoolClient;
	await own.serve(port);
	own.run('sbin/tarnd');
});
after(async () => {
	await own?.close();
	for (const server of [gateway, elsewhere]) {
		server?.closeAllConnections();
		server?.close();
	}
});

const on = (operation, ...args) => own.tarn(operation, '--user-pool-id', own.pool, ...args);
const got = (phone) => heard.filter((call) => call.to === phone);
const message = (phone, nth = 0, seconds = 20) => until(() => got(phone)[nth], seconds);
const mailed = (to) => {
	const folder = join(own.folder, 'mail/new');
	return existsSync(folder) && readdirSync(folder).some((name) => readFileSync(join(folder, name), 'utf8').includes(`To: ${to}`));
};
const codeOf = ({ text: words }) => /\b\d{6}\b/.exec(words)[0];
const wrong = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');
const page = (path) => authorizeUrl(own.client, {}, home).replace('/oauth2/authorize', path);

async function person(...attributes) {
	const username = `p${serial}`, phone = `+1555000${serial++}`;
	await on('admin-create-user', '--username', username, '--message-action', 'SUPPRESS', '--user-attributes',
	    `Name=phone_number,Value=${phone}`, 'Name=phone_number_verified,Value=true', ...attributes);
	await on('admin-set-user-password', '--username', username, '--password', PASSWORD, '--permanent');
	return { username, phone, password: PASSWORD };
}
const invite = (phone) => on('admin-create-user', '--username', `p${phone.slice(1)}`, '--user-attributes', `Name=phone_number,Value=${phone}`);

test('sign-up: where e-mail and phone are verified, the phone alone gets a code, and the code verifies it', async () => {
	const browser = new Browser(home), phone = `+1555000${serial++}`;
	const sent = await browser.submit(await browser.open(page('/signup')), { username: 'alice', 'requiredAttributes[email]': 'alice@example.com',
		'requiredAttributes[phone_number]': phone, password: PASSWORD });
	assert.equal(where(sent), '/confirm', sent.text);
	assert.match(text(sent.text), new RegExp(`We have sent a code by text message to \\+\\*{7}${phone.slice(-4)}\\.`));
	const call = await message(phone);
	assert.deepEqual([call.method, call.path, call.headers['content-type'], call.headers.authorization, call.from],
	    ['POST', '/send', 'application/json', 'Bearer gateway-secret', 'Tarn']);
	assert.match(call.text, /^Your verification code is \d{6}$/);
	assert.match(text((await browser.submit(sent, { code: wrong(codeOf(call)) })).text), /Invalid verification code provided/);
	const back = await browser.submit(sent, { code: codeOf(call) });
	assert.ok(back.location?.startsWith(callback(own.client)), back.text);
	const { UserAttributes } = await on('admin-get-user', '--username', 'alice');
	const value = (name) => UserAttributes.find((each) => each.Name === name)?.Value;
	assert.deepEqual([value('phone_number_verified'), value('email_verified') ?? 'false'], ['true', 'false']);
});

test('recovery: the code goes to the verified phone, which the pool puts first', async () => {
	const user = await person(), browser = new Browser(home);
	const sent = await browser.submit(await browser.open(page('/forgotPassword')), { username: user.username });
	assert.match(text(sent.text), new RegExp(`by text message to \\+\\*{7}${user.phone.slice(-4)}\\.`));
	const done = await browser.submit(sent, { code: codeOf(await message(user.phone)), password: NEW, confirmPassword: NEW });
	assert.equal(where(done), '/login');
	const back = await new Browser(home).signIn(own.client, { ...user, password: NEW });
	assert.ok(back.location?.startsWith(callback(own.client)));
});

test('recovery: a name that nobody has is told of a number too, always the same, and nothing is sent', async () => {
	const before = heard.length, masks = [];
	for (let i = 0; i < 2; i++) {
		const browser = new Browser(home);
		const sent = await browser.submit(await browser.open(page('/forgotPassword')), { username: 'nobody-at-all' });
		masks.push(/by text message to (\+\*{7}\d{4})\./.exec(text(sent.text))[1]);
	}
	assert.equal(masks[0], masks[1]);
	await message((await person().then(async (user) => { await on('admin-reset-user-password', '--username', user.username); return user; })).phone);
	assert.equal(heard.length, before + 1);
});

test('second factor: a code by text message, at level 3 with sms in amr, in the words of the pool', async () => {
	const user = await person();
	await on('update-user-pool', '--auto-verified-attributes', 'email', 'phone_number', '--account-recovery-setting', 'RecoveryMechanisms=[{Priority=1,Name=verified_email}]');
	await on('set-user-pool-mfa-config', '--mfa-configuration', 'OPTIONAL', '--sms-mfa-configuration', JSON.stringify({ SmsAuthenticationMessage: 'Type {####} now' }));
	await on('admin-set-user-mfa-preference', '--username', user.username, '--sms-mfa-settings', 'Enabled=true,PreferredMfa=true');
	const browser = new Browser(home), asked = await browser.signIn(own.client, user);
	assert.equal(where(asked), '/mfa', asked.text);
	assert.match(text(asked.text), new RegExp(`by text message to \\+\\*{7}${user.phone.slice(-4)}\\.`));
	const first = await message(user.phone);
	assert.equal(first.text, `Type ${codeOf(first)} now`);
	const again = await browser.submit(asked, { mfa_method: 'SMS_MFA' });
	const second = await message(user.phone, 1);
	const missed = await browser.submit(again, { authentication_code: wrong(codeOf(second)) });
	assert.equal(where(missed), '/mfa');
	const back = await browser.submit(missed, { authentication_code: codeOf(second) });
	assert.ok(back.location?.startsWith(callback(own.client)), back.text);
	const tokens = await token(own.client, { grant_type: 'authorization_code', code: new URL(back.location).searchParams.get('code'),
		redirect_uri: callback(own.client) }, {}, home);
	assert.deepEqual(claims(tokens.json.id_token).amr.toSorted(), ['mfa', 'pwd', 'sms']);
	assert.equal(claims(tokens.json.id_token).acr, 'urn:cognito:loa:3');
	await on('set-user-pool-mfa-config', '--mfa-configuration', 'OFF');
});

test('invitation: by text message where there is a number, and by both where both are asked for', async () => {
	const phone = `+1555000${serial++}`;
	await invite(phone);
	assert.match((await message(phone)).text, new RegExp(`^Your username is p${phone.slice(1)} and temporary password is \\S+$`));
	const both = `+1555000${serial++}`;
	await on('admin-create-user', '--username', 'both', '--desired-delivery-mediums', 'SMS', 'EMAIL', '--user-attributes',
	    `Name=phone_number,Value=${both}`, 'Name=email,Value=both@example.com');
	await message(both);
	await until(() => mailed('both@example.com'));
	await assert.rejects(on('admin-create-user', '--username', 'mailed', '--desired-delivery-mediums', 'SMS', '--user-attributes', 'Name=email,Value=m@example.com'),
	    /User has no phone_number attribute to deliver the message to/);
});

test('a gateway that fails or knows no token gets the message again, with the same id; one that will never take it does not', async () => {
	const phones = [`+1555000${serial++}`, `+1555000${serial++}`, `+1555000${serial++}`];
	for (const [i, status] of [500, 422, 401].entries()) {
		answer = (response) => { response.statusCode = status; response.end(); };
		await invite(phones[i]);
		await message(phones[i]);
	}
	await until(() => (own.log.match(/answered (500|422|401)/g) ?? []).length >= 3);
	answer = (response) => response.end();
	await message(phones[0], 1, 60);
	await message(phones[2], 1, 60);
	assert.equal(got(phones[0])[0].id, got(phones[0])[1].id);
	assert.equal(got(phones[1]).length, 1);
	assert.doesNotMatch(own.log, /gateway-secret/);
});

test('a redirect is not followed: the token goes nowhere else', async () => {
	const phone = `+1555000${serial++}`;
	answer = (response) => { response.writeHead(307, { location: address(elsewhere) }); response.end(); };
	await invite(phone);
	await message(phone);
	await until(() => /answered 307/.test(own.log));
	answer = (response) => response.end();
	assert.deepEqual(strayed, []);
});

test('a slow gateway holds up no mail', async () => {
	const phone = `+1555000${serial++}`;
	let held;
	answer = (response) => { held = response; };
	await invite(phone);
	await message(phone);
	await on('admin-create-user', '--username', 'quick', '--user-attributes', 'Name=email,Value=quick@example.com');
	await until(() => mailed('quick@example.com'), 10);
	assert.ok(!held.writableEnded);
	held.end();
	answer = (response) => response.end();
});

test('without the setting there are no text messages: no factor, no channel, no invitation', async () => {
	const bare = await Installation.make({ sms: '' });
	try {
		const run = (operation, ...args) => bare.tarn(operation, '--user-pool-id', bare.pool, ...args);
		await assert.rejects(run('set-user-pool-mfa-config', '--mfa-configuration', 'OPTIONAL', '--sms-mfa-configuration', '{}'), /Text messages are not available/);
		await assert.rejects(run('admin-create-user', '--username', 'a@example.com', '--desired-delivery-mediums', 'SMS', '--user-attributes',
		    'Name=phone_number,Value=+15550001234', 'Name=email,Value=a@example.com'), /SMS is not available on this server/);
		await assert.rejects(bare.tarn('create-user-pool', '--pool-name', 'x', '--mfa-configuration', 'ON', '--sms-configuration', 'SnsCallerArn=arn:aws:iam::1:role/x'),
		    /SMS configuration and Auto verification/);
	} finally {
		await bare.close();
	}
});
