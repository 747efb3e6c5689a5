// pages.md 2, 3, 5, 6, 7, 8: the pages without a screen
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, PASSWORD, authorizeUrl, base, callback, clientId, codeOf, demo, forms, letter, makeClient, makePool, makeUser, request, tarn,
	unique, web } from './suite.mjs';

let user;
before(() => { user = makeUser(); });

const page = (path, parameters = {}, client = web) => authorizeUrl(client, parameters).replace('/oauth2/authorize', path);
const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/&#39;|&#x27;/g, "'").replace(/&quot;|&#34;/g, '"').replace(/\s+/g, ' ');

async function login(fields, client = web, browser = new Browser()) {
	return browser.submit(await browser.open(page('/login', {}, client)), fields);
}

// Sign-up as far as the page that asks for the code.
async function signUp(email = `${unique('new')}@example.com`, password = PASSWORD, browser = new Browser(), client = web) {
	const answer = await browser.submit(await browser.open(page('/signup', { state: 's' }, client)),
	    { username: email, password });
	return { email, password, browser, answer };
}

test('the login page has the form names, ids and fields of the classic pages', async () => {
	const { text: html } = await new Browser().open(page('/login'));
	const form = forms(html).find((f) => f.name === 'cognitoSignInForm');
	assert.equal(form.method.toLowerCase(), 'post');
	assert.ok(form.action.startsWith('/login?'));
	for (const name of ['_csrf', 'username', 'password', 'signInSubmitButton'])
		assert.ok(name in form.fields, name);
	assert.match(html, /id="signInFormUsername"/);
	assert.match(html, /id="signInFormPassword"/);
	assert.match(html, /action="\/login\?[^"]*&amp;/);
});

test('/login may be opened directly with the authorize parameters; wrong ones are refused alike', async () => {
	assert.equal((await request(page('/login'))).status, 200);
	assert.match((await request(page('/login', { redirect_uri: 'https://evil.example/' }))).location, /\/error\?error=redirect_mismatch/);
	assert.match((await request(page('/login', { scope: 'nonsense' }))).location, /error=invalid_scope/);
});

test('a right password leads back with a code, a session cookie and a new form token', async () => {
	const browser = new Browser();
	const form = await browser.open(page('/login', { state: 'z' }));
	const before = browser.cookies.get('XSRF-TOKEN');
	const answer = await browser.submit(form, { username: user.email, password: user.password });
	assert.equal(answer.status, 302);
	assert.ok(answer.location.startsWith(`${callback(web)}?code=`));
	assert.equal(new URL(answer.location).searchParams.get('state'), 'z');
	assert.ok(browser.cookies.get('cognito'));
	assert.notEqual(browser.cookies.get('XSRF-TOKEN'), before);
});

test('wrong password: the page again, 200, with the message, the name kept and the password not', async () => {
	const answer = await login({ username: user.email, password: 'Wrong-password-1' });
	assert.equal(answer.status, 200);
	assert.match(text(answer.text), /Incorrect username or password\./);
	assert.ok(answer.text.includes(user.email));
	assert.ok(!answer.text.includes('Wrong-password-1'));
	assert.match(answer.text, /id="loginErrorMessage"/);
});

test('unknown user: disclosed with LEGACY, not with ENABLED', async () => {
	const [legacy, enabled] = [makeClient('--prevent-user-existence-errors', 'LEGACY'), makeClient('--prevent-user-existence-errors', 'ENABLED')];
	assert.match(text((await login({ username: 'nobody@example.com', password: PASSWORD }, legacy)).text), /User does not exist\./);
	const hidden = text((await login({ username: 'nobody@example.com', password: PASSWORD }, enabled)).text);
	assert.match(hidden, /Incorrect username or password\./);
	const known = text((await login({ username: user.email, password: 'Wrong-password-1' }, enabled)).text);
	assert.equal(hidden.replace('nobody@example.com', ''), known.replace(user.email, ''));
});

test('disabled user', async () => {
	const someone = makeUser();
	tarn('admin-disable-user', '--username', someone.email);
	const client = makeClient('--prevent-user-existence-errors', 'LEGACY');
	assert.match(text((await login({ username: someone.email, password: PASSWORD }, client)).text), /User is disabled\./);
});

test('lock-out after five failures, one second, then the right password opens', async () => {
	const someone = makeUser();
	const browser = new Browser();
	for (let i = 0; i < 5; i++)
		assert.match(text((await login({ username: someone.email, password: 'Wrong-password-1' }, web, browser)).text), /Incorrect/);
	assert.match(text((await login({ username: someone.email, password: PASSWORD }, web, browser)).text), /Password attempts exceeded/);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	assert.equal((await login({ username: someone.email, password: PASSWORD }, web, browser)).status, 302);
});

test('failures that come all at once are all counted', async () => {
	const someone = makeUser();
	const answers = await Promise.all(Array.from({ length: 12 }, () => login({ username: someone.email, password: 'Wrong-password-1' })));
	assert.ok(answers.some((a) => /Password attempts exceeded/.test(a.text)), 'no attempt was locked out');
});

test('a POST without, with another and with an invented form token', async () => {
	const browser = new Browser();
	const first = await browser.open(page('/login'));
	const fields = { username: user.email, password: user.password };
	const { _csrf, ...without } = forms(first.text)[0].fields;
	const bare = await browser.fetch(page('/login'), { method: 'POST', form: { ...without, ...fields } });
	assert.match(bare.location, /\/error\?/);
	const wrong = await browser.fetch(page('/login'), { method: 'POST', form: { ...fields, _csrf: crypto.randomUUID() } });
	assert.match(wrong.location, /\/error\?/);
	const invented = crypto.randomUUID();
	const own = await request(page('/login'), { method: 'POST', headers: { cookie: `XSRF-TOKEN=${invented}` }, form: { ...fields, _csrf: invented } });
	assert.ok(own.location.startsWith(callback(web)), own.location);
	const managed = await request(page('/login'), { method: 'POST', headers: { cookie: `XSRF-TOKEN=${invented}` },
		form: { csrf: JSON.stringify(invented), username: JSON.stringify(user.email), password: JSON.stringify(user.password) } });
	assert.ok(managed.location.startsWith(callback(web)), managed.location);
});

test('two tabs both work', async () => {
	const browser = new Browser();
	const one = await browser.open(page('/login')), two = await browser.open(page('/login'));
	assert.equal((await browser.submit(one, { username: user.email, password: 'Wrong-password-1' })).status, 200);
	assert.equal((await browser.submit(two, { username: user.email, password: user.password })).status, 302);
});

test('nothing typed is ever markup', async () => {
	const evil = '"><script>alert(1)</script>@example.com';
	const answer = await login({ username: evil, password: 'x' });
	assert.doesNotMatch(answer.text, /<script>alert/);
	const error = await request(`/error?error=${encodeURIComponent('<script>alert(1)</script>')}`);
	assert.equal(error.status, 400);
	assert.doesNotMatch(error.text, /alert\(1\)/);
});

test('lang chooses the language and is kept in a cookie; an unknown one is English', async () => {
	const browser = new Browser();
	const german = await browser.open(page('/login', { lang: 'de' }));
	assert.match(german.text, /<html[^>]*lang="de"/);
	assert.equal(browser.cookies.get('lang'), 'de');
	assert.match((await browser.open(page('/login'))).text, /<html[^>]*lang="de"/);
	assert.match((await new Browser().open(page('/login', { lang: 'xx' }))).text, /<html[^>]*lang="en"/);
	assert.match((await new Browser().fetch(page('/login'), { headers: { 'accept-language': 'fr;q=0.2, de;q=0.9' } })).text, /<html[^>]*lang="de"/);
});

test('sign-up: code by mail, confirmed, signed in', async () => {
	const { email, browser, answer } = await signUp();
	assert.equal(new URL(answer.url).pathname, '/confirm');
	assert.match(text(answer.text), /\S\*\*\*@e\*\*\*/);
	assert.ok(!answer.text.includes(email) || forms(answer.text).length > 0);
	const form = forms(answer.text).find((f) => f.action.startsWith('/confirm'));
	assert.ok('code' in form.fields && '_csrf' in form.fields);
	assert.match(answer.text, /id="verification_code"/);
	const back = await browser.submit(answer, { code: codeOf(await letter(email)) }, '/confirm');
	assert.equal(back.status, 302, back.text);
	assert.ok(back.location.startsWith(`${callback(web)}?code=`), back.location);
	assert.equal(new URL(back.location).searchParams.get('state'), 's');
	const stored = tarn('admin-get-user', '--username', email);
	assert.equal(stored.UserStatus, 'CONFIRMED');
	assert.equal(stored.UserAttributes.find((a) => a.Name === 'email_verified').Value, 'true');
	assert.match(stored.Username, /^[0-9a-f-]{36}$/);
});

test('the letter does not come twice, and its code is not in any log', async () => {
	const { email } = await signUp();
	await letter(email);
	await new Promise((resolve) => setTimeout(resolve, 700));
	await assert.rejects(letter(email, { after: 1, seconds: 0.2 }));
});

test('wrong code, then a new one; the old is dead', async () => {
	const { email, browser, answer } = await signUp();
	const first = codeOf(await letter(email));
	const wrong = await browser.submit(answer, { code: first === '000000' ? '111111' : '000000' }, '/confirm');
	assert.equal(wrong.status, 200);
	assert.match(text(wrong.text), /Invalid verification code provided, please try again\./);
	const again = await browser.submit(wrong, {}, '/resendcode');
	assert.equal(new URL(again.url).pathname, '/confirm');
	const second = codeOf(await letter(email, { after: 1 }));
	if (first !== second)
		assert.match(text((await browser.submit(again, { code: first }, '/confirm')).text), /Invalid verification code/);
	assert.equal((await browser.submit(again, { code: second }, '/confirm')).status, 302);
});

test('resending has a limit', async () => {
	const { browser, answer } = await signUp();
	let last = answer;
	for (let i = 0; i < 6; i++)
		last = await browser.submit(last, {}, '/resendcode');
	assert.match(text(last.text), /Attempt limit exceeded, please try after some time\./);
});

test('someone who never confirmed signs in and is asked for the code', async () => {
	const { email, password } = await signUp();
	const value = codeOf(await letter(email));
	const browser = new Browser();
	const answer = await login({ username: email, password }, web, browser);
	assert.equal(new URL(answer.url).pathname, '/confirm', answer.text);
	const back = await browser.submit(answer, { code: value }, '/confirm');
	assert.ok(back.location.startsWith(callback(web)), back.location);
});

test('without the browser that signed up there is no confirmation page', async () => {
	assert.ok((await request(page('/confirm'))).location.startsWith(`${base}/login?`));
});

for (const [password, message] of [
	['Ab1!', 'Password not long enough'], ['correct-horse-7', 'Password must have uppercase characters'],
	['CORRECT-HORSE-7', 'Password must have lowercase characters'], ['Correct-horse-x', 'Password must have numeric characters'],
	['Correcthorse7', 'Password must have symbol characters'],
])
	test(`refused at sign-up: ${message}`, async () => {
		const { answer } = await signUp(undefined, password);
		assert.equal(answer.status, 200);
		assert.ok(text(answer.text).includes(`Password did not conform with policy: ${message}`), text(answer.text));
	});

test('refused at sign-up: a name that is no e-mail address, and one that is taken', async () => {
	assert.match(text((await signUp('plain')).answer.text), /Username should be an email\.|Invalid email address format\./);
	assert.match(text((await signUp(user.email)).answer.text), /An account with the given email already exists\./);
});

test('an e-mail address is the same in any case where the pool ignores case', async () => {
	const mixed = tarn('describe-user-pool').UserPool.UsernameConfiguration?.CaseSensitive === false;
	const answer = await login({ username: user.email.toUpperCase(), password: user.password });
	assert.equal(answer.status, mixed ? 302 : 200);
});

test('the password rules of the pool are on the sign-up page', async () => {
	const shown = text((await new Browser().open(page('/signup'))).text);
	for (const rule of ['Password must contain a lower case letter', 'Password must contain an upper case letter',
		'Password must contain a number', 'Password must contain a special character', 'Password must contain at least 8 characters'])
		assert.ok(shown.includes(rule), rule);
});

test('a temporary password asks for a new one first', async () => {
	const email = `${unique('invited')}@example.com`;
	tarn('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`);
	const browser = new Browser();
	const form = await login({ username: email, password: 'Temporary-1' }, web, browser);
	assert.equal(new URL(form.url).pathname, '/changePassword');
	const differ = await browser.submit(form, { new_password: 'Something-new-1', confirm_password: 'Something-else-1' });
	assert.match(text(differ.text), /Passwords do not match\./);
	const back = await browser.submit(form, { new_password: 'Something-new-1', confirm_password: 'Something-new-1' });
	assert.ok(back.location?.startsWith(callback(web)), back.text);
	assert.equal((await login({ username: email, password: 'Something-new-1' })).status, 302);
	assert.equal((await login({ username: email, password: 'Temporary-1' })).status, 200);
});

test('/changePassword without a proven temporary password leads to the login page', async () => {
	const answer = await request(page('/changePassword'));
	assert.ok(answer.location.startsWith(`${base}/login?`));
});

test('/confirmUser confirms by link, with and without a trailing slash, once', async () => {
	const pool = tarn('create-user-pool', '--pool-name', 'link', '--auto-verified-attributes', 'email', '--username-attributes', 'email',
	    '--verification-message-template', JSON.stringify({ DefaultEmailOption: 'CONFIRM_WITH_LINK' })).UserPool;
	const host = `${unique('link')}.example.test`;
	tarn('create-user-pool-domain', '--user-pool-id', pool.Id, '--domain', host);
	const client = tarn('create-user-pool-client', '--user-pool-id', pool.Id, '--client-name', 'c', '--callback-urls', 'http://localhost:9/cb',
	    '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid', '--allowed-o-auth-flows-user-pool-client',
	    '--supported-identity-providers', 'COGNITO').UserPoolClient;
	const email = `${unique('link')}@example.com`, invented = crypto.randomUUID(), headers = { host, cookie: `XSRF-TOKEN=${invented}` };
	const answer = await request(page('/signup', {}, client), { method: 'POST', headers,
		form: { _csrf: invented, username: email, password: PASSWORD } });
	assert.match(answer.location, /\/confirm\?/);
	const mail = (await letter(email)).replace(/=\r?\n/g, '').replace(/=3D/g, '=');
	const link = /https?:\/\/[^\s"<>]*\/confirmUser\/?\?[^\s"<>]*/.exec(mail)[0].replace(/&amp;/g, '&');
	assert.equal(new URL(link).host, host);
	const confirmed = await request(new URL(link).pathname + new URL(link).search, { headers: { host } });
	assert.equal(confirmed.status, 200, confirmed.text);
	assert.match(text(confirmed.text), /Your registration has been confirmed!/);
	const again = await request(`/confirmUser/${new URL(link).search}`, { headers: { host } });
	assert.equal(again.status, 400);
	tarn('delete-user-pool-domain', '--domain', host, '--user-pool-id', pool.Id);
	tarn('delete-user-pool', '--user-pool-id', pool.Id);
});

test('where only administrators make users there is no sign-up', async () => {
	const pool = tarn('create-user-pool', '--pool-name', 'closed', '--admin-create-user-config', 'AllowAdminCreateUserOnly=true').UserPool;
	const host = `${unique('closed')}.example.test`;
	tarn('create-user-pool-domain', '--user-pool-id', pool.Id, '--domain', host);
	const client = tarn('create-user-pool-client', '--user-pool-id', pool.Id, '--client-name', 'c', '--callback-urls', 'http://localhost:9/cb',
	    '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid', '--allowed-o-auth-flows-user-pool-client',
	    '--supported-identity-providers', 'COGNITO').UserPoolClient;
	const html = (await request(page('/login', {}, client), { headers: { host } })).text;
	assert.doesNotMatch(html, /href="\/signup/);
	assert.equal((await request(page('/signup', {}, client), { headers: { host } })).status, 302);
	tarn('delete-user-pool-domain', '--domain', host, '--user-pool-id', pool.Id);
	tarn('delete-user-pool', '--user-pool-id', pool.Id);
});

test('the error page is 400 with the words of the contract', async () => {
	const answer = await request('/error?error=redirect_mismatch&client_id=x');
	assert.equal(answer.status, 400);
	assert.match(answer.text, /An error was encountered with the requested page\./);
});

test('rubbish does not fell anything', async () => {
	for (const body of ['', '&&&&', '=', '%', '_csrf', 'a='.repeat(1000), '\x00\x01\xff', `username=${'x'.repeat(60000)}`]) {
		const answer = await request(page('/login'), { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
		assert.ok([302, 400].includes(answer.status), `${answer.status}`);
	}
	const long = await request(`/login?client_id=${clientId(web)}&state=${'x'.repeat(30000)}`);
	assert.ok([302, 400, 414, 431].includes(long.status), `${long.status}`);
	assert.equal((await request(page('/login'))).status, 200);
});

// pages.md 2: the fields of each form.
const field = (html, name) => new RegExp(`<(?:input|button)\\b[^>]*name="${name.replace(/[[\]]/g, '\\$&')}"[^>]*>`).exec(html)?.[0];

test('every form is posted to its own path with the whole request, and has the fields of the classic pages', async () => {
	const { answer } = await signUp();
	const temporary = `${unique('fields')}@example.com`;
	tarn('admin-create-user', '--username', temporary, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${temporary}`);
	const pages = [
		['/login', await new Browser().open(page('/login', { state: 'a&b' })), ['_csrf', 'username', 'password', 'cognitoAsfData', 'signInSubmitButton']],
		['/signup', await new Browser().open(page('/signup', { state: 'a&b' })), ['_csrf', 'username', 'password', 'cognitoAsfData', 'signUpButton']],
		['/confirm', answer, ['_csrf', 'username', 'sub', 'destination', 'deliveryMedium', 'code', 'cognitoAsfData', 'confirm']],
		['/resendcode', answer, ['_csrf', 'username', 'sub', 'destination', 'deliveryMedium']],
		['/changePassword', await login({ username: temporary, password: 'Temporary-1' }), ['_csrf', 'new_password', 'confirm_password', 'reset_password']],
	];
	for (const [path, shown, names] of pages) {
		assert.equal(shown.status, 200, path);
		const form = forms(shown.text).find((f) => f.action.startsWith(`${path}?`));
		assert.equal(form.method, 'post', path);
		assert.match(form.action, new RegExp(`client_id=${clientId(web)}.*redirect_uri=`));
		for (const name of names)
			assert.ok(name in form.fields, `${path}: ${name}`);
	}
	const confirm = forms(answer.text).find((f) => f.action.startsWith('/confirm?')).fields;
	assert.deepEqual([confirm.confirm, confirm.code, confirm.deliveryMedium, confirm.cognitoAsfData], ['', '', 'EMAIL', '']);
	assert.match(confirm.destination, /^.\*\*\*@e\*\*\*$/);
	assert.match(confirm.sub, /^[0-9a-f-]{36}$/);
	assert.match(pages[0][1].text, /state=a%26b/);
});

test('the sign-up page asks for no second password, and has the words of the classic page', async () => {
	const { text: html } = await new Browser().open(page('/signup'));
	assert.equal([...html.matchAll(/type="password"/g)].length, 1);
	assert.match(html, /<form name="signupform" class="cognito-asf"/);
	assert.match(text(html), /Sign up with a new account/);
	assert.match(text(html), /Already have an account\? Sign in/);
	assert.match(field(html, 'username'), /type="email"[^>]*placeholder="name@host\.com"/);
});

test('cognitoAsfData may be empty, absent or anything', async () => {
	for (const more of [{}, { cognitoAsfData: '' }, { cognitoAsfData: Buffer.alloc(6000, 'ä').toString('base64') }])
		assert.equal((await login({ username: user.email, password: user.password, ...more })).status, 302);
});

test('a form that comes in another encoding is refused', async () => {
	const invented = crypto.randomUUID();
	const answer = await request(page('/login'), { method: 'POST', headers: { cookie: `XSRF-TOKEN=${invented}`, 'content-type': 'application/json' },
		body: JSON.stringify({ _csrf: invented, username: user.email, password: user.password }) });
	assert.match(answer.location, /\/error\?/);
});

test('without COGNITO among its providers a client has no sign-in and no sign-up here', async () => {
	const none = tarn('create-user-pool-client', '--client-name', 'none', '--callback-urls', 'http://localhost:9/cb',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code', '--allowed-o-auth-scopes', 'openid').UserPoolClient;
	const invented = crypto.randomUUID();
	for (const path of ['/login', '/signup'])
		for (const options of [{}, { method: 'POST', headers: { cookie: `XSRF-TOKEN=${invented}` },
			form: { _csrf: invented, username: user.email, password: user.password } }]) {
			const answer = await request(page(path, {}, none), options);
			assert.equal(answer.status, 302, path);
			assert.doesNotMatch(answer.location, /code=/);
			assert.match(answer.location, /error/);
		}
});

test('a code with blanks, or longer than any, is a wrong one', async () => {
	const { browser, answer } = await signUp();
	const wrong = await browser.submit(answer, { code: '12 34' }, '/confirm');
	assert.match(text(wrong.text), /Invalid (verification code provided, please try again|code provided)/);
	const long = await browser.submit(answer, { code: 'x'.repeat(2049) }, '/confirm');
	assert.ok(long.status >= 400 || /error/.test(long.location ?? long.url), `${long.status}`);
});

test('/resendcode is only ever posted to', async () => {
	assert.equal((await request(page('/resendcode'))).status, 405);
});

test('/confirmUser takes the parameters of the request beside its own', async () => {
	const answer = await request(`/confirmUser/?client_id=${clientId(web)}&user_name=nobody&confirmation_code=123456&redirect_uri=${
		encodeURIComponent(callback(web))}&response_type=code`);
	assert.equal(answer.status, 400);
	assert.match(text(answer.text), /Your registration could not be confirmed/);
});

// pages.md 3: cookies and the session.
test('the cookies of the pages are for this host alone, out of reach of scripts and of other sites', async () => {
	const lines = async (url) => Object.fromEntries(((await request(url)).headers['set-cookie'] ?? []).map((line) => [line.split('=')[0], line]));
	const shown = await lines(page('/login', { lang: 'de' }));
	assert.match(shown['XSRF-TOKEN'], /^XSRF-TOKEN=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}; Path=\/; (Secure; )?HttpOnly; SameSite=Lax$/);
	assert.match(shown.lang, /^lang=de; Path=\/; (Secure; )?HttpOnly; SameSite=Lax$/);
	assert.equal('cognito' in shown || 'page-data' in shown || 'cognito-fl' in shown, false);
	assert.notEqual((await lines(page('/login')))['XSRF-TOKEN'].slice(0, 47), shown['XSRF-TOKEN'].slice(0, 47));
});

test('the session outlives a new password, new attributes, a refresh and a sign-out everywhere; /logout ends it', async () => {
	const someone = makeUser(), browser = new Browser();
	await browser.signIn(web, someone);
	const held = browser.cookies.get('cognito');
	const served = async () => new URL((await browser.fetch(authorizeUrl(web))).location);
	tarn('admin-set-user-password', '--username', someone.email, '--password', 'Another-horse-8', '--permanent');
	tarn('admin-update-user-attributes', '--username', someone.email, '--user-attributes', 'Name=name,Value=New');
	tarn('admin-user-global-sign-out', '--username', someone.email);
	assert.ok((await served()).searchParams.get('code'));
	assert.equal(browser.cookies.get('cognito'), held);
	await browser.fetch(`/logout?client_id=${clientId(web)}`);
	assert.equal(browser.cookies.has('cognito'), false);
	browser.cookies.set('cognito', held);	// a copy is of no use
	assert.equal((await served()).pathname, '/login');
});

// pages.md 5: messages.
test('addresses and numbers that are none, and names that must be one of them', async () => {
	for (const [settings, cases] of [
		[['--username-attributes', 'email', 'phone_number', '--auto-verified-attributes', 'email'],
			[[{ username: 'plain' }, /Username should be either an email or a phone number\./]]],
		[['--username-attributes', 'phone_number'], [[{ username: 'plain' }, /Username should be a phone number\.|Invalid phone number format\./]]],
		[['--auto-verified-attributes', 'email', '--schema', 'Name=phone_number,Required=true'], [
			[{ username: 'a', 'requiredAttributes[email]': 'a@example.com', 'requiredAttributes[phone_number]': '555' }, /Invalid phone number format\./],
			[{ username: 'a', 'requiredAttributes[email]': 'nowhere', 'requiredAttributes[phone_number]': '+12065550100' }, /Invalid email address format\./]]],
		[['--alias-attributes', 'phone_number', '--auto-verified-attributes', 'email'],
			[[{ username: '+12065550100', 'requiredAttributes[email]': 'a@example.com' }, /Username cannot be of phone number format/]]],
	]) {
		const own = makePool(...settings), client = own.client();
		for (const [fields, message] of cases) {
			const browser = new Browser(own.home);
			const shown = await browser.open(authorizeUrl(client, {}, own.home).replace('/oauth2/authorize', '/signup'));
			const answer = await browser.submit(shown, { password: PASSWORD, ...fields });
			assert.equal(answer.status, 200);
			assert.match(text(answer.text), message);
		}
		own.drop();
	}
});

test('a telephone number that is taken', async () => {
	const own = makePool('--username-attributes', 'phone_number'), client = own.client();
	own.tarn('admin-create-user', '--username', '+12065550177', '--message-action', 'SUPPRESS');
	const browser = new Browser(own.home);
	const shown = await browser.open(authorizeUrl(client, {}, own.home).replace('/oauth2/authorize', '/signup'));
	assert.match(text((await browser.submit(shown, { username: '+12065550177', password: PASSWORD })).text),
	    /An account with the given phone_number already exists\./);
	own.drop();
});

test('where users are hidden, a name that is taken is told all the same, at sign-up', async () => {
	const hidden = makeClient('--prevent-user-existence-errors', 'ENABLED');
	assert.match(text((await signUp(user.email, PASSWORD, new Browser(), hidden)).answer.text), /An account with the given email already exists\./);
});

test('where users are hidden, a wrong password says nothing of a reset, a disabled or an unconfirmed user', async () => {
	const hidden = makeClient('--prevent-user-existence-errors', 'ENABLED');
	const [reset, disabled] = [makeUser().email, makeUser().email], { email: unconfirmed } = await signUp();
	tarn('admin-reset-user-password', '--username', reset);
	tarn('admin-disable-user', '--username', disabled);
	for (const username of [reset, disabled, unconfirmed, 'nobody@example.com'])
		assert.match(text((await login({ username, password: 'Wrong-password-1' }, hidden)).text), /Incorrect username or password\./, username);
});
