// pages.md 12: the languages. Every page and every mail is read in a language whose sentences stand
// between marks: what is outside of the marks, and was not typed or named by somebody, is in C or in
// a template, where no language reaches it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation, freePort, root, until } from './installation.mjs';
import { Browser, PASSWORD, authorizeUrl, forms, request, tokens } from './suite.mjs';

const totp = (secret, steps) => execFileSync('oathtool', ['--totp', '--base32', secret, '--now', `@${Math.floor(Date.now() / 1000) + 30 * steps}`],
    { encoding: 'utf8' }).trim();
const secretOf = (page) => /id="secretKey"[^>]*>([A-Z2-7]+)</.exec(page.text)[1];

// A sentence that is nothing but its value stays: whoever gives the value gives the words.
const marked = (sentences) => Object.fromEntries(Object.entries(sentences).map(([key, sentence]) =>
	[key, key === 'direction' || sentence === '%s' ? sentence : `⟦${sentence}⟧`]));
const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#34;': '"' };

// What people are shown or told, line by line.
function shown(html) {
	const bare = html.replace(/<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1>/g, '');
	const told = [...bare.matchAll(/\b(?:placeholder|aria-label|title|alt)="([^"]*)"/g), ...bare.matchAll(/type="submit"[^>]* value="([^"]*)"/g)];
	return [bare.replace(/<[^>]+>/g, '\n'), ...told.map(([, value]) => value)].join('\n')
		.replace(/&[a-z#0-9]+;/g, (entity) => entities[entity] ?? entity);
}

function unmarked(text, values) {
	for (let before; before !== text;)
		text = (before = text).replace(/⟦[^⟦⟧]*⟧/g, '');
	for (const value of values)
		text = text.replaceAll(value, '');
	return text.split('\n').filter((line) => /\p{L}/u.test(line));
}

let own, port, templates;
const seen = new Set();	// the templates that were shown
const names = ['Harbour', 'Reader', 'XXXX-XXXX'];	// of the pool, of its clients; the form of a device's code

// Whatever comes to this browser is looked at.
class Reader extends Browser {
	constructor(home) {
		super(home);
		this.values = [...names];
	}

	async fetch(url, options = {}) {
		const answer = await super.fetch(url, { ...options, headers: { 'accept-language': 'xx', ...options.headers } });
		if (!/^text\/html/.test(answer.headers['content-type'] ?? ''))
			return answer;
		assert.match(answer.text, /<html lang="xx" dir="rtl">/, `${url} ${answer.text}`);
		assert.deepEqual(unmarked(shown(answer.text), this.values), [], answer.url);
		for (const [, name] of answer.text.matchAll(/<!--template (\w+)-->/g))
			seen.add(name);
		return answer;
	}
}

// The newest letter to somebody, as it is read: looked at like the pages.
async function letter(to, after = 0) {
	const folder = join(own.folder, 'mail/new');
	const found = await until(() => {
		const all = (existsSync(folder) ? readdirSync(folder) : []).map((name) => readFileSync(join(folder, name), 'utf8'))
			.filter((text) => text.includes(`<${to}>`) || text.includes(`To: ${to}`));
		return all.length > after && all;
	});
	const text = found.map(decoded).find((each) => !letter.read.has(each));
	letter.read.add(text);
	assert.deepEqual(unmarked(text.replace(/template mail-\w+|https?:\S+/g, ''), [...names, to, 'Temporary-1']), [], text);
	for (const [, name] of text.matchAll(/template (mail-\w+)/g))
		seen.add(name);
	return text;
}
letter.read = new Set();

// The subject and the text of a letter.
function decoded(letter) {
	const quoted = (s) => Buffer.from(s.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, n) => String.fromCharCode(parseInt(n, 16))), 'latin1');
	const [head, ...rest] = letter.replace(/\r\n/g, '\n').split('\n\n');
	const subject = /^Subject: (.*(?:\n[ \t].*)*)/m.exec(head)[1].replace(/\?=\s+=\?/g, '?==?');
	const words = subject.replace(/=\?utf-8\?(b|q)\?([^?]*)\?=/gi, (_, how, s) =>
		(how.toLowerCase() === 'b' ? Buffer.from(s, 'base64') : quoted(s.replaceAll('_', ' '))).toString('latin1'));
	const body = rest.join('\n\n');
	const text = /^Content-Transfer-Encoding: *base64/im.test(head) ? Buffer.from(body, 'base64') :
	    /quoted-printable/i.test(head) ? quoted(Buffer.from(body).toString('latin1')) : Buffer.from(body);
	return `${Buffer.from(words, 'latin1')}\n\n${text}`;
}
const codeOf = (text) => /\b\d{6}\b/.exec(text)[0];
const wrong = (code) => String((Number(code) + 1) % 1000000).padStart(6, '0');

// A pool with one client, and how to act on it.
let pools = 0;
async function makePool(settings = [], clientSettings = []) {
	const { UserPool: { Id: id } } = await own.tarn('create-user-pool', '--pool-name', 'Harbour', ...settings);
	const host = `pool${pools++}.localhost:${port}`, home = `http://${host}`;
	const on = (operation, ...args) => own.tarn(operation, '--user-pool-id', id, ...args);
	await on('create-user-pool-domain', '--domain', host);
	const { UserPoolClient: client } = await on('create-user-pool-client', '--client-name', 'Reader', '--supported-identity-providers', 'COGNITO',
	    '--callback-urls', 'http://localhost:9/cb', '--logout-urls', 'http://localhost:9/bye',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code', 'device_code',
	    '--allowed-o-auth-scopes', 'openid', 'email', 'profile', 'phone', 'aws.cognito.signin.user.admin', ...clientSettings);
	return { on, client, home, page: (path) => authorizeUrl(client, {}, home).replace('/oauth2/authorize', path),
		async person(email, ...attributes) {
			await on('admin-create-user', '--username', email, '--message-action', 'SUPPRESS',
			    '--user-attributes', `Name=email,Value=${email}`, ...attributes);
			await on('admin-set-user-password', '--username', email, '--password', PASSWORD, '--permanent');
			return { email, password: PASSWORD };
		} };
}

before(async () => {
	own = new Installation();
	templates = join(own.folder, 'templates');
	cpSync(join(root, 'templates'), templates, { recursive: true });
	const english = JSON.parse(readFileSync(join(templates, 'lang/en.json'), 'utf8'));
	writeFileSync(join(templates, 'lang/xx.json'), JSON.stringify({ ...marked(english), direction: 'rtl' }));
	for (const name of readdirSync(templates).filter((file) => /\.(html|txt)$/.test(file))) {
		const word = `template ${name.replace(/\.\w+$/, '')}`;
		writeFileSync(join(templates, name), `${readFileSync(join(templates, name), 'utf8')}${name.endsWith('.txt') ? `\n${word}\n` : `<!--${word}-->\n`}`);
	}
	own.set({ templates });
	port = await freePort();
	await own.tarn('init');
	await own.serve(port);
	own.run('sbin/tarnd');
});
after(() => own.close());

test('sign-in, sign-up with attributes and confirmation by code', async () => {
	const attribute = (name, more = {}) => JSON.stringify({ Name: name, AttributeDataType: 'String', Mutable: true, Required: true, ...more });
	const standard = ['address', 'birthdate', 'email', 'family_name', 'gender', 'given_name', 'locale', 'middle_name', 'name', 'nickname',
		'phone_number', 'picture', 'preferred_username', 'profile', 'website', 'zoneinfo'];
	const pool = await makePool(['--auto-verified-attributes', 'email', '--schema', ...standard.map((name) => attribute(name))]);
	const browser = new Reader(pool.home), email = 'new@example.com';
	await browser.submit(await browser.open(pool.page('/login')), { username: 'nobody', password: 'x' });
	const form = await browser.open(pool.page('/signup'));
	const values = Object.fromEntries(standard.map((name) => [`requiredAttributes[${name}]`, 'ada']));
	const all = { username: 'ada', password: PASSWORD, ...values, 'requiredAttributes[email]': email, 'requiredAttributes[phone_number]': '+12125551234',
		'requiredAttributes[birthdate]': '1990-01-01', 'requiredAttributes[locale]': 'xx', 'requiredAttributes[website]': 'https://example.com/',
		'requiredAttributes[picture]': 'https://example.com/', 'requiredAttributes[profile]': 'https://example.com/' };
	for (const change of [{ password: 'x' }, { password: `${PASSWORD} ` }, { password: 'UPPERCASE-1' }, { 'requiredAttributes[email]': 'x' },
		{ 'requiredAttributes[phone_number]': 'x' }, { 'requiredAttributes[name]': '' }])
		assert.match((await browser.submit(form, { ...all, ...change })).text, /loginErrorMessage/, JSON.stringify(change));
	const confirm = await browser.submit(form, all);
	const code = codeOf(await letter(email));
	assert.match((await browser.submit(confirm, { code: wrong(code) }, '/confirm?')).text, /loginErrorMessage/);
	await browser.submit(confirm, {}, '/resendcode');
	const again = codeOf(await letter(email, 1));
	assert.ok((await browser.submit(confirm, { code: again }, '/confirm?')).location);
});

test('confirmation by link', async () => {
	const pool = await makePool(['--username-attributes', 'email', 'phone_number', '--auto-verified-attributes', 'email',
	    '--verification-message-template', JSON.stringify({ DefaultEmailOption: 'CONFIRM_WITH_LINK' })]);
	const browser = new Reader(pool.home), email = 'linked@example.com';
	const form = await browser.open(pool.page('/signup'));
	assert.match((await browser.submit(form, { username: 'x', password: PASSWORD })).text, /loginErrorMessage/);
	const sent = await browser.submit(form, { username: email, password: PASSWORD });
	const link = /https?:\S+/.exec(await letter(email))[0];
	await browser.submit(sent, {}, '/resendcode');
	await letter(email, 1);
	const { pathname, search } = new URL(link);
	await browser.open(pathname + search);
	await browser.open(`${pathname}?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(search)), confirmation_code: '000000' })}`);
});

test('an invitation, and the password that takes the place of the temporary one', async () => {
	const pool = await makePool(['--username-attributes', 'email']), email = 'invited@example.com';
	await pool.on('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=locale,Value=xx');
	assert.match(await letter(email), /Temporary-1/);
	const browser = new Reader(pool.home), change = await browser.signIn(pool.client, { email, password: 'Temporary-1' });
	assert.match((await browser.submit(change, { new_password: PASSWORD, confirm_password: 'x' })).text, /loginErrorMessage/);
	assert.ok((await browser.submit(change, { new_password: PASSWORD, confirm_password: PASSWORD })).location);
});

test('a forgotten password', async () => {
	const pool = await makePool(['--username-attributes', 'email']), email = 'forgetful@example.com', browser = new Reader(pool.home);
	await pool.person(email, 'Name=email_verified,Value=true');
	await pool.person('lost@example.com');
	const form = await browser.open(pool.page('/forgotPassword'));
	assert.match((await browser.submit(form, { username: 'lost@example.com' })).text, /loginErrorMessage/);
	const reset = await browser.submit(form, { username: email });
	const code = codeOf(await letter(email)), password = 'Another-horse-8';
	assert.match((await browser.submit(reset, { code: wrong(code), password, confirmPassword: password })).text, /loginErrorMessage/);
	assert.match((await browser.submit(reset, { code, password, confirmPassword: 'x' })).text, /loginErrorMessage/);
	await browser.submit(reset, { code, password, confirmPassword: password });
});

test('second factors', async () => {
	const pool = await makePool(['--username-attributes', 'email', '--account-recovery-setting', 'RecoveryMechanisms=[{Priority=1,Name=verified_phone_number}]']);
	const email = 'two@example.com', browser = new Reader(pool.home);
	await pool.on('set-user-pool-mfa-config', '--mfa-configuration', 'ON', '--software-token-mfa-configuration', 'Enabled=true');
	const user = await pool.person(email);
	await assert.rejects(browser.signIn(pool.client, user), /[A-Z2-7]{52}/, 'a value that was not expected is found');
	browser.values.push(/[A-Z2-7]{52}/g);
	const setup = await browser.signIn(pool.client, user), secret = secretOf(setup);
	assert.match((await browser.submit(setup, { authentication_code: '000000' })).text, /loginErrorMessage/);
	assert.ok((await browser.submit(setup, { authentication_code: totp(secret, -1), device_name: 'Reader' })).location);
	await new Reader(pool.home).signIn(pool.client, user);
	await pool.on('set-user-pool-mfa-config', '--mfa-configuration', 'ON', '--software-token-mfa-configuration', 'Enabled=true',
	    '--email-mfa-configuration', '{}');
	const other = new Reader(pool.home), choice = await other.signIn(pool.client, user);
	const page = await other.submit(choice, { mfa_method: 'EMAIL_OTP' });
	assert.match((await other.submit(page, { authentication_code: '000000' })).text, /loginErrorMessage/);
	await letter(email);
});

test('a device is connected, or refused', async () => {
	const pool = await makePool(['--username-attributes', 'email']), browser = new Reader(pool.home);
	const user = await pool.person('viewer@example.com');
	assert.match((await browser.submit(await browser.fetch('/device'), { user_code: 'BBBB-BBBB' })).text, /loginErrorMessage/);
	for (const decision of ['approve', 'deny']) {
		const { json } = await request(`${pool.home}/oauth2/device_authorization`, { method: 'POST', form: { client_id: pool.client.ClientId } });
		browser.values.push(json.user_code);
		let page = await browser.submit(await browser.fetch('/device'), { user_code: json.user_code });
		if (forms(page.text).some((form) => form.name === 'cognitoSignInForm'))
			page = await browser.submit(page, { username: user.email, password: PASSWORD });
		if (page.status === 302)
			page = await browser.fetch(page.location);
		await browser.submit(page, { decision });
	}
});

test('a client that registered itself', async () => {
	const pool = await makePool(['--username-attributes', 'email', '--dcr-configuration', 'EnableStatus=Enabled,OpenDcrEnabled=true']);
	const user = await pool.person('asked@example.com');
	const { json: client } = await request(`${pool.home}/oauth2/register`, { method: 'POST', headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ client_name: 'Reader', redirect_uris: ['http://localhost:9/cb'] }) });
	await new Reader(pool.home).signIn({ ...client, callback_urls: client.redirect_uris }, user, { scope: 'openid email' });
});

test('sign-out, the answer by form, and errors', async () => {
	const pool = await makePool(['--username-attributes', 'email'], ['--dialect', 'standard']), browser = new Reader(pool.home);
	const user = await pool.person('leaving@example.com');
	const { id_token } = await tokens(pool.client, user, {}, browser);
	await browser.fetch(authorizeUrl(pool.client, { response_mode: 'form_post', prompt: 'none' }, pool.home));
	const question = await browser.fetch(`/logout?${new URLSearchParams({ client_id: pool.client.ClientId, post_logout_redirect_uri: 'http://localhost:9/bye' })}`);
	assert.equal(forms(question.text).length, 1);
	await browser.fetch(`/logout?${new URLSearchParams({ id_token_hint: id_token })}`);
	for (const error of ['redirect_mismatch', 'Required parameters missing', 'server_error', 'anything'])
		await browser.fetch(`/error?${new URLSearchParams({ error })}`);
	await browser.fetch(`/error?${new URLSearchParams({ client_id: pool.client.ClientId })}`);
});

// A new template is to be reached by a journey above.
test('every page and every mail was looked at', () => {
	const missing = readdirSync(templates).filter((name) => /\.(html|txt)$/.test(name)).map((name) => name.replace(/\.\w+$/, '')).filter((name) => !seen.has(name));
	assert.deepEqual(missing, []);
});

test('a language that is dropped into the folder is spoken, and the words of one that is changed', async () => {
	const pool = await makePool(['--username-attributes', 'email']);
	const path = (code) => join(templates, 'lang', `${code}.json`);
	const german = JSON.parse(readFileSync(path('de'), 'utf8')), heading = (page) => /<h1>([^<]*)</.exec(page.text)[1];
	writeFileSync(path('gsw'), JSON.stringify({ ...german, login_heading: 'Aamälde' }));
	writeFileSync(path('de-AT'), JSON.stringify({ login_forgot: 'Kennwort verschusselt?' }));
	writeFileSync(path('de'), JSON.stringify({ ...german, login_heading: 'Willkommen' }));
	await own.serve(port);
	const open = (accept) => new Browser(pool.home).fetch(pool.page('/login'), { headers: { 'accept-language': accept } });
	assert.equal(heading(await open('gsw-CH,de;q=0.5')), 'Aamälde');
	assert.equal(heading(await open('de-CH')), 'Willkommen');
	const austrian = await open('de-AT');
	assert.equal(heading(austrian), 'Willkommen');
	assert.match(austrian.text, /Kennwort verschusselt\?/);
});
