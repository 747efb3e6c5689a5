// pages.md 2, 4, 5, 6, 8: a forgotten password
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, PASSWORD, authorizeUrl, base, callback, codeOf, forms, letter, makeClient, makePool, makeUser, request, tarn, unique, web } from './suite.mjs';

const NEW = 'Another-horse-8';
const page = (path, parameters = {}, client = web) => authorizeUrl(client, parameters).replace('/oauth2/authorize', path);
const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/&#39;|&#x27;/g, "'").replace(/&quot;|&#34;/g, '"').replace(/\s+/g, ' ');
const where = (answer) => new URL(answer.url).pathname;

async function forgot(username, client = web, browser = new Browser()) {
	const answer = await browser.submit(await browser.open(page('/forgotPassword', { state: 's' }, client)), { username });
	return { browser, answer };
}
const reset = (browser, answer, code, password = NEW, confirmPassword = password) =>
	browser.submit(answer, { code, password, confirmPassword });
const login = (username, password, client = web, browser = new Browser()) => browser.signIn(client, { username, password });
const wrong = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');

let hiding;
before(() => { hiding = makeClient('--prevent-user-existence-errors', 'ENABLED'); });

test('the login page links to the page of a forgotten password, with the whole request', async () => {
	const { text: html } = await new Browser().open(page('/login', { state: 'kept' }));
	assert.match(text(html), /Forgot your password\?/);
	const link = /href="(\/forgotPassword\?[^"]*)"/.exec(html)[1].replace(/&amp;/g, '&');
	assert.equal(new URL(link, base).searchParams.get('state'), 'kept');
});

test('the pages have the fields, names and ids of the classic pages', async () => {
	const user = makeUser();
	const first = await new Browser().open(page('/forgotPassword'));
	for (const name of ['_csrf', 'username', 'reset_my_password'])
		assert.ok(name in forms(first.text)[0].fields, name);
	assert.match(text(first.text), /Reset my password/);
	const { answer } = await forgot(user.email);
	const second = forms(answer.text)[0];
	assert.ok(second.action.startsWith('/confirmforgotPassword?'));
	for (const name of ['_csrf', 'username', 'code', 'password', 'confirmPassword', 'reset_password'])
		assert.ok(name in second.fields, name);
	for (const id of ['div-forgot-password-msg', 'text-code', 'forgot_password_code', 'new_password', 'confirm_password'])
		assert.match(answer.text, new RegExp(`id="${id}"`));
	assert.match(text(answer.text), /We have sent a password reset code by email to p\*\*\*@e\*\*\*\. Enter it below to reset your password\./);
});

test('the mailed code and a new password lead back to the login page, where the new one works and the old one does not', async () => {
	const user = makeUser(), { browser, answer } = await forgot(user.email);
	assert.equal(where(answer), '/confirmforgotPassword');
	const mail = await letter(user.email);
	assert.match(mail, /Subject: Your password reset code/);
	const done = await reset(browser, answer, codeOf(mail));
	assert.equal(where(done), '/login');
	assert.equal(new URL(done.url).searchParams.get('state'), 's');
	assert.ok((await login(user.email, NEW)).location.startsWith(callback(web)));
	assert.match(text((await login(user.email, user.password)).text), /Incorrect username or password\./);
});

test('a code works once, and a wrong one not at all', async () => {
	const user = makeUser(), { browser, answer } = await forgot(user.email);
	const code = codeOf(await letter(user.email));
	const refused = await reset(browser, answer, wrong(code));
	assert.match(text(refused.text), /Invalid verification code provided, please try again\./);
	const again = new Browser();
	again.cookies = new Map(browser.cookies);
	assert.equal(where(await reset(browser, refused, code)), '/login');
	assert.match(text((await reset(again, refused, code, 'Third-horse-9')).text), /Invalid code provided, please request a code again\./);
	assert.ok((await login(user.email, NEW)).location);
});

test('passwords that differ, or that the policy refuses, leave the code good', async () => {
	const user = makeUser(), { browser, answer } = await forgot(user.email);
	const code = codeOf(await letter(user.email));
	const differ = await reset(browser, answer, code, NEW, 'Another-horse-9');
	assert.match(text(differ.text), /Passwords do not match\./);
	const weak = await reset(browser, differ, code, 'short');
	assert.match(text(weak.text), /Password did not conform with policy: Password not long enough/);
	assert.equal(where(await reset(browser, weak, code)), '/login');
});

test('only the newest code is good', async () => {
	const user = makeUser(), first = await forgot(user.email);
	const old = codeOf(await letter(user.email));
	const { browser, answer } = await forgot(user.email);
	const code = codeOf(await letter(user.email, { after: 1 }));
	if (old !== code)
		assert.match(text((await reset(first.browser, first.answer, old)).text), /Invalid verification code provided/);
	assert.equal(where(await reset(browser, answer, code)), '/login');
});

test('five codes within the hour are enough, for one user and for a name that nobody has', async () => {
	for (const [name, client] of [[makeUser().email, web], [`${unique('nobody')}@example.com`, hiding]]) {
		for (let i = 0; i < 5; i++)
			assert.equal(where((await forgot(name, client)).answer), '/confirmforgotPassword');
		assert.match(text((await forgot(name, client)).answer.text), /Attempt limit exceeded, please try after some time\./);
	}
});

test('fifteen wrong codes within the hour are enough; then the right one is refused too', async () => {
	const user = makeUser(), { browser, answer } = await forgot(user.email);
	const code = codeOf(await letter(user.email));
	for (let i = 0; i < 15; i++)
		assert.match(text((await reset(browser, answer, wrong(code))).text), /Invalid verification code provided/);
	assert.match(text((await reset(browser, answer, code)).text), /Attempt limit exceeded/);
	assert.ok((await login(user.email, user.password)).location, 'the old password still works');
});

test('a name that nobody has: told so, or hidden behind the same pages, as the client chooses', async () => {
	const name = `${unique('nobody')}@example.com`, known = makeUser();
	assert.match(text((await forgot(name)).answer.text), /Username\/client id combination not found\./);
	const { browser, answer } = await forgot(name, hiding);
	const same = await forgot(known.email, hiding);
	assert.equal(where(answer), '/confirmforgotPassword');
	assert.match(text(answer.text), /n\*\*\*@e\*\*\*/);
	assert.equal(text(answer.text).replace(name, '').replace('n***', ''), text(same.answer.text).replace(known.email, '').replace('p***', ''));
	const a = await reset(browser, answer, '000000'), b = await reset(same.browser, same.answer, wrong(codeOf(await letter(known.email))));
	assert.equal(a.status, b.status);
	for (const refused of [a, b])
		assert.match(text(refused.text), /Invalid verification code provided, please try again\./);
});

test('nobody without a proven address can reset, and where users are hidden nobody is told', async () => {
	const user = makeUser();
	tarn('admin-update-user-attributes', '--username', user.email, '--user-attributes', 'Name=email_verified,Value=false');
	assert.match(text((await forgot(user.email)).answer.text),
	    /Cannot reset password for the user as there is no registered\/verified email or phone_number/);
	assert.equal(where((await forgot(user.email, hiding)).answer), '/confirmforgotPassword');
});

test('a disabled user, and one with a temporary password, cannot reset', async () => {
	const off = makeUser(), email = `${unique('invited')}@example.com`;
	tarn('admin-disable-user', '--username', off.email);
	assert.match(text((await forgot(off.email)).answer.text), /User is disabled\./);
	tarn('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	assert.match(text((await forgot(email)).answer.text), /User password cannot be reset in the current state\./);
});

test('admin-reset-user-password: the right password leads to the reset page, and the mailed code on from there', async () => {
	const user = makeUser();
	tarn('admin-reset-user-password', '--username', user.email);
	assert.equal(tarn('admin-get-user', '--username', user.email).UserStatus, 'RESET_REQUIRED');
	const code = codeOf(await letter(user.email)), browser = new Browser();
	const sent = await login(user.email, user.password, web, browser);
	assert.equal(where(sent), '/forgotPassword');
	assert.match(text(sent.text), /Password reset required for the user/);
	assert.match(code, /^\d{6}$/);
	const asked = await browser.submit(sent, { username: user.email });
	const done = await reset(browser, asked, codeOf(await letter(user.email, { after: 1 })));
	assert.equal(where(done), '/login');
	assert.equal(tarn('admin-get-user', '--username', user.email).UserStatus, 'CONFIRMED');
	assert.ok((await login(user.email, NEW)).location);
});

test('a lock-out ends with the new password', async () => {
	const user = makeUser();
	for (let i = 0; i < 8; i++)
		await login(user.email, 'Wrong-horse-1');
	assert.match(text((await login(user.email, user.password)).text), /Password attempts exceeded/);
	const { browser, answer } = await forgot(user.email);
	assert.equal(where(await reset(browser, answer, codeOf(await letter(user.email)))), '/login');
	assert.ok((await login(user.email, NEW)).location);
});

test('AccountRecoverySetting admin_only: no link, and whoever comes is sent to the administrator', async () => {
	const pool = makePool('--username-attributes', 'email', '--account-recovery-setting',
	    'RecoveryMechanisms=[{Priority=1,Name=admin_only}]'), client = pool.client(), browser = new Browser(pool.home);
	const at = (path) => authorizeUrl(client, {}, pool.home).replace('/oauth2/authorize', path);
	assert.doesNotMatch((await browser.open(at('/login'))).text, /forgotPassword/);
	const refused = await browser.submit(await browser.open(at('/forgotPassword')), { username: 'a@example.com' });
	assert.match(text(refused.text), /Contact administrator to reset password\./);
	pool.drop();
});

test('without the page before, there is no page to enter a code on, in either spelling', async () => {
	for (const path of ['/confirmforgotPassword', '/confirmForgotPassword'])
		assert.ok((await request(page(path))).location.startsWith(`${base}/forgotPassword?`));
});

test('a form without its token changes nothing', async () => {
	const answer = await request(page('/forgotPassword'), { method: 'POST', form: { username: makeUser().email } });
	assert.equal(new URL(answer.location, base).pathname, '/error');
});

test('old refresh tokens and sessions outlive a new password, as in the original', async () => {
	const user = makeUser(), session = new Browser();
	assert.ok((await session.signIn(web, user)).location);
	const { browser, answer } = await forgot(user.email);
	await reset(browser, answer, codeOf(await letter(user.email)), PASSWORD.replace('7', '8'));
	assert.ok((await session.open(authorizeUrl(web))).location.startsWith(callback(web)));
});

test('a pool that remembers two passwords takes neither again, from an administrator, on the reset page and after a temporary one', async () => {
	const pool = makePool('--username-attributes', 'email', '--auto-verified-attributes', 'email', '--policies',
	    'PasswordPolicy={MinimumLength=8,PasswordHistorySize=2}'), client = pool.client(), email = `${unique('again')}@example.com`;
	const [A, B, C, D] = ['Horse-battery-1', 'Horse-battery-2', 'Horse-battery-3', 'Horse-battery-4'];
	const set = (password, how = '--permanent') => pool.tarn('admin-set-user-password', '--username', email, '--password', password, how);
	const refused = /PasswordHistoryPolicyViolationException.*Password has previously been used/;
	pool.tarn('admin-create-user', '--username', email, '--message-action', 'SUPPRESS', '--user-attributes', `Name=email,Value=${email}`,
	    'Name=email_verified,Value=true');
	set(A);
	assert.throws(() => set(A), refused);
	set(B);
	assert.throws(() => set(A), refused);
	assert.throws(() => set(B), refused);

	const browser = new Browser(pool.home), at = (path) => authorizeUrl(client, {}, pool.home).replace('/oauth2/authorize', path);
	let answer = await browser.submit(await browser.open(at('/forgotPassword')), { username: email });
	const code = codeOf(await letter(email));
	for (const old of [A, B]) {
		answer = await reset(browser, answer, code, old);
		assert.match(text(answer.text), /Password has previously been used/);
	}
	assert.equal(where(await reset(browser, answer, code, C)), '/login');
	assert.throws(() => set(B), refused);
	set(A);		// the third last by now

	set(D, '--no-permanent');
	answer = await browser.submit(await browser.open(at('/login')), { username: email, password: D });
	assert.equal(where(answer), '/changePassword');
	for (const old of [A, D]) {
		answer = await browser.submit(answer, { new_password: old, confirm_password: old });
		assert.match(text(answer.text), /Password has previously been used/);
	}
	answer = await browser.submit(answer, { new_password: C, confirm_password: C });
	assert.match(answer.location, /[?&]code=/);
	pool.drop();
});

test('a pool that remembers none takes the same password again', () => {
	const user = makeUser();
	for (let i = 0; i < 2; i++)
		tarn('admin-set-user-password', '--username', user.email, '--password', user.password, '--permanent');
});
