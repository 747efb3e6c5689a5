// pages.md 9, idp-api.md 12: second factors. Codes come from oathtool, as an app would show them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Browser, PASSWORD, authorizeUrl, callback, claims, codeOf, forms, letter, makePool, token, unique } from './suite.mjs';

const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/&#39;|&#x27;/g, "'").replace(/&quot;|&#34;/g, '"').replace(/\s+/g, ' ');
const where = (answer) => new URL(answer.url).pathname;
const secretOf = (page) => /<code id="secretKey"[^>]*>([A-Z2-7]{52})<\/code>/.exec(page.text)[1];

// The code of a time; the next step's where the present one was used already.
const totp = (secret, steps = 0) => execFileSync('oathtool', ['--totp', '--base32', secret, '--now', `@${Math.floor(Date.now() / 1000) + 30 * steps}`],
    { encoding: 'utf8' }).trim();
const wrong = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');

// Two pools: once a pool has codes by mail on, it keeps them.
let pool, client, pools = [];
before(() => {
	pools = ['app', 'mail'].map(() => makePool('--username-attributes', 'email', '--account-recovery-setting',
	    'RecoveryMechanisms=[{Priority=1,Name=verified_phone_number}]'));
	[pool] = pools;
	client = pool.client();
	set('ON', { totp: true });
});
after(() => pools.forEach((each) => each.drop()));

function set(mode, { totp = false, email = false } = {}) {
	pool.tarn('set-user-pool-mfa-config', '--mfa-configuration', mode,
	    '--software-token-mfa-configuration', `Enabled=${totp}`,
	    ...(email ? ['--email-mfa-configuration', JSON.stringify({ Message: 'Your code is {####}.', Subject: 'Code' })] : []));
}

function person() {
	const email = `${unique('two')}@example.com`;
	pool.tarn('admin-create-user', '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`);
	pool.tarn('admin-set-user-password', '--username', email, '--password', PASSWORD, '--permanent');
	return { email, password: PASSWORD };
}

const visitor = () => new Browser(pool.home);
const signIn = (user, browser = visitor(), parameters = {}) => browser.signIn(client, user, parameters);

// Somebody with an app, and what the app knows.
async function enrolled(browser = visitor()) {
	const user = person(), page = await signIn(user, browser);
	assert.equal(where(page), '/mfa/setup', page.text);
	const secret = secretOf(page);
	const back = await browser.submit(page, { authentication_code: totp(secret, -1), device_name: 'My phone' });
	assert.ok(back.location?.startsWith(callback(client)), back.text);
	return { ...user, secret, back };
}

async function tokensOf(back) {
	const answer = await token(client, { grant_type: 'authorization_code', code: new URL(back.location).searchParams.get('code'),
		redirect_uri: callback(client) }, {}, pool.home);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}

test('a pool asks for second factors only where it has one on', () => {
	assert.throws(() => pool.tarn('set-user-pool-mfa-config', '--mfa-configuration', 'OPTIONAL', '--software-token-mfa-configuration', 'Enabled=false'),
	    /SMS configuration and Auto verification for phone_number are required when MFA is required\/optional/);
	const config = pool.tarn('get-user-pool-mfa-config');
	assert.deepEqual(config, { MfaConfiguration: 'ON', SoftwareTokenMfaConfiguration: { Enabled: true } });
});

test('an update of the pool keeps the factors it has', () => {
	pool.tarn('update-user-pool', '--mfa-configuration', 'ON', '--account-recovery-setting', 'RecoveryMechanisms=[{Priority=1,Name=verified_phone_number}]');
	assert.equal(pool.tarn('get-user-pool-mfa-config').SoftwareTokenMfaConfiguration.Enabled, true);
});

test('MFA ON, nothing registered: an app is set up, and its code signs in at level 4 with pwd, otp and mfa', async () => {
	const { back, email } = await enrolled();
	const { id_token: id, access_token: access } = await tokensOf(back);
	for (const token of [id, access]) {
		assert.equal(claims(token).acr, 'urn:cognito:loa:4');
		assert.deepEqual(claims(token).amr.toSorted(), ['mfa', 'otp', 'pwd']);
	}
	assert.deepEqual(pool.tarn('admin-get-user', '--username', email).UserMFASettingList, ['SOFTWARE_TOKEN_MFA']);
});

test('the set-up page has a QR code, the secret in text and the fields of the contract', async () => {
	const page = await signIn(person());
	const [form] = forms(page.text);
	for (const name of ['_csrf', 'authentication_code', 'device_name'])
		assert.ok(name in form.fields, name);
	assert.match(page.text, /id="totpCodeInput"/);
	assert.match(page.text, /<svg class="qr" viewBox="0 0 (\d+) \1"/);
	assert.match(text(page.text), /Show secret key/);
});

test('a wrong code registers nothing', async () => {
	const user = person(), browser = visitor(), page = await signIn(user, browser);
	const refused = await browser.submit(page, { authentication_code: wrong(totp(secretOf(page))) });
	assert.match(text(refused.text), /Code mismatch/);
	assert.equal(secretOf(refused), secretOf(page));
	assert.equal(pool.tarn('admin-get-user', '--username', user.email).UserMFASettingList, undefined);
});

test('from then on the code is asked for; a wrong one is refused, the right one signs in once', async () => {
	const user = await enrolled(), browser = visitor(), page = await signIn(user, browser);
	assert.equal(where(page), '/mfa');
	assert.match(text(page.text), /Enter the code that your authenticator app shows: My phone/);
	const code = totp(user.secret), refused = await browser.submit(page, { authentication_code: wrong(code) });
	assert.match(text(refused.text), /Invalid code received for user/);
	assert.ok((await browser.submit(refused, { authentication_code: code })).location.startsWith(callback(client)));
	const other = visitor(), again = await signIn(user, other);
	assert.match(text((await other.submit(again, { authentication_code: code })).text), /Invalid code provided, please request a code again\./);
});

test('of many who come with one code at once, one is signed in', async () => {
	const user = await enrolled();
	const doors = await Promise.all([...Array(8)].map(async () => {
		const browser = visitor();
		return { browser, page: await signIn(user, browser) };
	}));
	const code = totp(user.secret);
	const answers = await Promise.all(doors.map(({ browser, page }) => browser.submit(page, { authentication_code: code })));
	assert.equal(answers.filter((answer) => answer.location).length, 1);
});

test('wrong codes lock like wrong passwords', async () => {
	const user = await enrolled(), browser = visitor();
	let page = await signIn(user, browser);
	for (let i = 0; i < 8; i++)
		page = await browser.submit(page, { authentication_code: wrong(totp(user.secret)) });
	assert.match(text((await browser.submit(page, { authentication_code: totp(user.secret) })).text), /Password attempts exceeded/);
});

test('the password alone opens nothing: no session, no code, and the page is of no use to another browser', async () => {
	const user = await enrolled(), browser = visitor(), page = await signIn(user, browser);
	assert.equal(browser.cookies.has('cognito'), false);
	assert.equal(where(await browser.open(authorizeUrl(client, {}, pool.home))), '/login');
	const stranger = visitor();
	await stranger.open(authorizeUrl(client, {}, pool.home));
	const answer = await stranger.fetch(forms(page.text)[0].action, { method: 'POST',
		form: { _csrf: stranger.cookies.get('XSRF-TOKEN'), authentication_code: totp(user.secret) } });
	assert.equal(new URL(answer.location).pathname, '/login');
});

test('MFA OPTIONAL: nobody is asked who has no factor on, and who has is asked', async () => {
	const user = await enrolled();
	set('OPTIONAL', { totp: true });
	try {
		assert.ok((await signIn(person())).location.startsWith(callback(client)));
		assert.equal(where(await signIn(user)), '/mfa');
		pool.tarn('admin-set-user-mfa-preference', '--username', user.email, '--software-token-mfa-settings', 'Enabled=false');
		assert.ok((await signIn(user)).location.startsWith(callback(client)));
		pool.tarn('admin-set-user-mfa-preference', '--username', user.email, '--software-token-mfa-settings', 'Enabled=true,PreferredMfa=true');
		assert.equal(where(await signIn(user)), '/mfa');
		assert.equal(pool.tarn('admin-get-user', '--username', user.email).PreferredMfaSetting, 'SOFTWARE_TOKEN_MFA');
	} finally {
		set('ON', { totp: true });
	}
});

test('MFA OFF: nobody is asked', async () => {
	const user = await enrolled();
	set('OFF', { totp: true });
	try {
		assert.ok((await signIn(user)).location.startsWith(callback(client)));
	} finally {
		set('ON', { totp: true });
	}
});

test('an app that was never verified cannot be turned on', () => {
	const { email } = person();
	assert.throws(() => pool.tarn('admin-set-user-mfa-preference', '--username', email, '--software-token-mfa-settings', 'Enabled=true'),
	    /User has not verified software token mfa/);
});

test('acr_values: a session of a password alone is not good enough for level 4 where the user has an app', async () => {
	const user = await enrolled();
	set('OPTIONAL', { totp: true });
	try {
		const browser = visitor();
		pool.tarn('admin-set-user-mfa-preference', '--username', user.email, '--software-token-mfa-settings', 'Enabled=false');
		assert.ok((await signIn(user, browser)).location);
		const ask = authorizeUrl(client, { acr_values: 'urn:cognito:loa:4' }, pool.home);
		assert.ok((await browser.open(ask)).location, 'out of reach: not asked for');
		pool.tarn('admin-set-user-mfa-preference', '--username', user.email, '--software-token-mfa-settings', 'Enabled=true');
		assert.equal(where(await browser.open(ask)), '/login');
	} finally {
		set('ON', { totp: true });
	}
});

test('a temporary password, then the app, then the client', async () => {
	const email = `${unique('invited')}@example.com`, browser = visitor();
	pool.tarn('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`);
	const change = await signIn({ email, password: 'Temporary-1' }, browser);
	assert.equal(where(change), '/changePassword');
	const page = await browser.submit(change, { new_password: PASSWORD, confirm_password: PASSWORD });
	assert.equal(where(page), '/mfa/setup');
	const back = await browser.submit(page, { authentication_code: totp(secretOf(page)) });
	assert.ok(back.location?.startsWith(callback(client)), back.text);
});

test('a user who is deleted takes his app along', async () => {
	const user = await enrolled();
	pool.tarn('admin-delete-user', '--username', user.email);
	assert.match(text((await signIn(user)).text), /User does not exist\./);
});

test('a set-up page that was left open does not put its app in the place of one registered since', async () => {
	const user = person(), [left, other] = [visitor(), visitor()];
	const page = await signIn(user, left), second = await signIn(user, other), secret = secretOf(second);
	assert.ok((await other.submit(second, { authentication_code: totp(secret, -1) })).location?.startsWith(callback(client)));
	assert.equal(where(await left.submit(page, { authentication_code: totp(secretOf(page)) })), '/login');
	const again = visitor();
	assert.ok((await again.submit(await signIn(user, again), { authentication_code: totp(secret) })).location);
});

test('a new password shuts out whoever came as far as the second factor with the old one', async () => {
	const user = person(), browser = visitor(), page = await signIn(user, browser);
	pool.tarn('admin-set-user-password', '--username', user.email, '--password', `${PASSWORD}x`, '--permanent');
	assert.equal(where(await browser.submit(page, { authentication_code: totp(secretOf(page)) })), '/login');
	assert.equal(pool.tarn('admin-get-user', '--username', user.email).UserMFASettingList, undefined);
});

test('a choice: the app or a mail; the mailed code signs in at level 3 and proves the address', async () => {
	[, pool] = pools;
	client = pool.client();
	set('ON', { totp: true });
	const user = await enrolled();
	set('ON', { totp: true, email: true });
	const browser = visitor(), choice = await signIn(user, browser);
	assert.equal(where(choice), '/mfa');
	assert.match(text(choice.text), /Authenticator app .*Email/);
	const page = await browser.submit(choice, { mfa_method: 'EMAIL_OTP' });
	assert.match(text(page.text), /We have sent a code by email to t\*\*\*@e\*\*\*/);
	const back = await browser.submit(page, { authentication_code: codeOf(await letter(user.email)) });
	assert.ok(back.location?.startsWith(callback(client)), back.text);
	const { id_token: id } = await tokensOf(back);
	assert.equal(claims(id).acr, 'urn:cognito:loa:3');
	assert.deepEqual(claims(id).amr.toSorted(), ['email_otp', 'mfa', 'pwd']);
	assert.equal(claims(id).email_verified, true);
	const other = visitor(), again = await signIn(user, other);
	const app = await other.submit(await other.submit(again, { mfa_method: 'SOFTWARE_TOKEN_MFA' }), { authentication_code: totp(user.secret) });
	assert.ok(app.location, app.text);
});

// A pool where e-mail addresses are aliases and codes go by mail, which nobody else uses.
async function withAliases(mode, run) {
	const own = makePool('--alias-attributes', 'email', '--auto-verified-attributes', 'email', '--account-recovery-setting',
	    'RecoveryMechanisms=[{Priority=1,Name=verified_phone_number},{Priority=2,Name=verified_email}]');
	try {
		own.tarn('set-user-pool-mfa-config', '--mfa-configuration', mode, '--software-token-mfa-configuration', 'Enabled=false',
		    '--email-mfa-configuration', JSON.stringify({ Message: 'Your code is {####}.', Subject: 'Code' }));
		await run(own, own.client('--prevent-user-existence-errors', 'LEGACY'));
	} finally {
		own.drop();
	}
}

function named(own, username, email, verified, ...more) {
	own.tarn('admin-create-user', '--username', username, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, `Name=email_verified,Value=${verified}`, ...more);
	own.tarn('admin-set-user-password', '--username', username, '--password', PASSWORD, '--permanent');
	return { username, password: PASSWORD };
}

test('a password is not reset by the mailbox that the second factor goes to', () => withAliases('ON', async (own, app) => {
	const forget = async (username) => {
		const browser = new Browser(own.home), url = new URL(authorizeUrl(app, {}, own.home));
		url.pathname = '/forgotPassword';
		return browser.submit(await browser.open(url.href), { username });
	};
	// Both proven: the telephone is the channel, and so the mail is the second factor, or the other way
	// round where the person chose text messages.
	const phone = `+1555${String(Date.now()).slice(-7)}`;
	named(own, 'both', `${unique('both')}@example.com`, true, `Name=phone_number,Value=${phone}`, 'Name=phone_number_verified,Value=true');
	assert.match(text((await forget('both')).text), new RegExp(`by text message to \\+\\*{7}${phone.slice(-4)}\\.`));
	assert.match(await letter(`${phone}@sms.invalid`), /Your password reset code is \d{6}/);
	own.tarn('set-user-pool-mfa-config', '--mfa-configuration', 'ON', '--sms-mfa-configuration', '{}');
	own.tarn('admin-set-user-mfa-preference', '--username', 'both', '--sms-mfa-settings', 'Enabled=true,PreferredMfa=true');
	assert.match(text((await forget('both')).text), /by email to b\*\*\*@e\*\*\*/);
	named(own, 'mail', `${unique('mail')}@example.com`, true);
	assert.equal(where(await forget('mail')), '/confirmforgotPassword', 'the mail is the channel, and so no second factor');
	own.tarn('admin-set-user-mfa-preference', '--username', 'mail', '--email-mfa-settings', 'Enabled=true');
	assert.match(text((await forget('mail')).text), /Cannot reset password/);
}));

test('a mailed code signs in where the address is another user\'s name, and does not prove it', () => withAliases('OPTIONAL', async (own, app) => {
	const email = `${unique('shared')}@example.com`, browser = new Browser(own.home);
	named(own, 'first', email, true);
	const user = named(own, 'second', email, false);
	own.tarn('admin-set-user-mfa-preference', '--username', 'second', '--email-mfa-settings', 'Enabled=true');
	const page = await browser.signIn(app, user);
	const back = await browser.submit(page, { authentication_code: codeOf(await letter(email)) });
	assert.ok(new URL(back.location).searchParams.has('code'), back.location);
	const verified = own.tarn('admin-get-user', '--username', 'second').UserAttributes.find((each) => each.Name === 'email_verified');
	assert.equal(verified.Value, 'false');
}));

test('strangers who sign up with an address use up no codes of its owner, and do not learn that there is one', () => withAliases('OPTIONAL', async (own, app) => {
	const email = `${unique('owner')}@example.com`, user = named(own, 'owner', email, true);
	own.tarn('admin-set-user-mfa-preference', '--username', 'owner', '--email-mfa-settings', 'Enabled=true');
	const stranger = new Browser(own.home), url = new URL(authorizeUrl(app, {}, own.home));
	url.pathname = '/signup';
	let answer;
	for (let i = 0; i < 21; i++)
		answer = await stranger.submit(await stranger.open(url.href), { username: `stranger${i}`, 'requiredAttributes[email]': email, password: PASSWORD });
	assert.match(text(answer.text), /exceeded/i);
	assert.equal(where(await new Browser(own.home).signIn(app, user)), '/mfa');
	const held = `${unique('held')}@example.com`, hiding = own.client('--prevent-user-existence-errors', 'ENABLED');
	named(own, 'held', held, true);
	own.tarn('set-user-pool-mfa-config', '--mfa-configuration', 'OFF');
	for (let i = 0; i < 21; i++)
		await stranger.submit(await stranger.open(url.href), { username: `other${i}`, 'requiredAttributes[email]': held, password: PASSWORD });
	const forgot = new URL(authorizeUrl(hiding, {}, own.home));
	forgot.pathname = '/forgotPassword';
	assert.equal(where(await stranger.submit(await stranger.open(forgot.href), { username: held })), '/confirmforgotPassword');
}));
