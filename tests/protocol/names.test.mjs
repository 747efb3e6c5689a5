// pages.md 5, 7, 8: who may sign in with what; oauth.md 9, 11: attributes of a pool's own
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, PASSWORD, authorizeUrl, claims, codeOf, letter, makePool, request, tokens, unique } from './suite.mjs';

const text = (html) => html.replace(/<[^>]+>/g, ' ').replace(/&#39;/g, "'").replace(/\s+/g, ' ');
const person = (username) => ({ username, password: PASSWORD });

// Signs in and says what happened: "code", or the text of the page.
async function outcome(pool, client, username, password = PASSWORD) {
	const answer = await new Browser(pool.home).signIn(client, { username, password });
	return answer.status === 302 && answer.location.startsWith('http://localhost:9/cb?code=') ? 'code' : text(answer.text);
}

async function signUp(pool, client, fields, browser = new Browser(pool.home)) {
	const page = await browser.open(authorizeUrl(client, {}, pool.home).replace('/oauth2/authorize', '/signup'));
	return browser.submit(page, { password: PASSWORD, ...fields });
}

function make(pool, username, ...attributes) {
	pool.tarn('admin-create-user', '--username', username, '--message-action', 'SUPPRESS',
	    ...(attributes.length ? ['--user-attributes', ...attributes] : []));
	pool.tarn('admin-set-user-password', '--username', username, '--password', PASSWORD, '--permanent');
}

test('a pool of plain usernames: case counts, an address does not lead in', async () => {
	const pool = makePool(), client = pool.client();
	make(pool, 'Ada', 'Name=email,Value=ada@example.com', 'Name=email_verified,Value=true');
	assert.equal(await outcome(pool, client, 'Ada'), 'code');
	assert.match(await outcome(pool, client, 'ada'), /User does not exist\./);
	assert.match(await outcome(pool, client, 'ada@example.com'), /User does not exist\./);
	const taken = await signUp(pool, client, { username: 'Ada' });
	assert.match(text(taken.text), /User already exists/);
	assert.equal(claims((await tokens(client, person('Ada'), {}, new Browser(pool.home))).id_token)['cognito:username'], 'Ada');
	pool.drop();
});

test('a pool that ignores case', async () => {
	const pool = makePool('--username-configuration', 'CaseSensitive=false'), client = pool.client();
	make(pool, 'Ada');
	assert.equal(await outcome(pool, client, 'aDA'), 'code');
	assert.equal(pool.tarn('admin-get-user', '--username', 'ADA').Username, 'ada');
	assert.match(text((await signUp(pool, client, { username: 'ADA' })).text), /User already exists/);
	pool.drop();
});

test('aliases lead in once verified, and the username looks like neither', async () => {
	const pool = makePool('--alias-attributes', 'email', 'phone_number', 'preferred_username'), client = pool.client();
	make(pool, 'ada', 'Name=email,Value=ada@example.com', 'Name=email_verified,Value=true',
	    'Name=phone_number,Value=+12065550100', 'Name=preferred_username,Value=countess');
	for (const name of ['ada', 'ada@example.com', 'countess'])
		assert.equal(await outcome(pool, client, name), 'code', name);
	assert.match(await outcome(pool, client, '+12065550100'), /User does not exist\./);	// not verified
	assert.match(text((await signUp(pool, client, { username: 'x@example.com' })).text),
	    /Username cannot be of email format, since user pool is configured for email alias\./);
	pool.drop();
});

test('an alias that somebody else proved is a conflict only when it is confirmed', async () => {
	const pool = makePool('--alias-attributes', 'email', '--auto-verified-attributes', 'email'), client = pool.client();
	const email = `${unique('alias')}@example.com`, browser = new Browser(pool.home);
	make(pool, 'first', `Name=email,Value=${email}`, 'Name=email_verified,Value=true');
	const answer = await signUp(pool, client, { username: 'second', 'requiredAttributes[email]': email }, browser);
	assert.equal(new URL(answer.url).pathname, '/confirm', text(answer.text));
	const conflict = await browser.submit(answer, { code: codeOf(await letter(email)) }, '/confirm');
	assert.match(text(conflict.text), /An account with the email already exists\./);
	assert.equal(await outcome(pool, client, email), 'code');
	pool.drop();
});

test('telephone numbers as usernames', async () => {
	const pool = makePool('--username-attributes', 'phone_number'), client = pool.client();
	make(pool, '+12065550123');
	assert.equal(await outcome(pool, client, '+12065550123'), 'code');
	assert.match(text((await signUp(pool, client, { username: 'ada' })).text), /Username should be a phone number\.|Invalid phone number format\./);
	pool.drop();
});

test('required attributes are asked for, refused when absent or malformed, and kept', async () => {
	const pool = makePool('--auto-verified-attributes', 'email', '--schema', 'Name=email,Required=true',
	    'Name=given_name,Required=true', 'Name=birthdate,Required=true'), client = pool.client();
	const browser = new Browser(pool.home), email = `${unique('required')}@example.com`;
	const page = await browser.open(authorizeUrl(client, {}, pool.home).replace('/oauth2/authorize', '/signup'));
	for (const name of ['email', 'given_name', 'birthdate'])
		assert.ok(page.text.includes(`name="requiredAttributes[${name}]"`), name);
	const all = { username: 'ada', 'requiredAttributes[email]': email, 'requiredAttributes[given_name]': 'Ada',
		'requiredAttributes[birthdate]': '1815-12-10' };
	const absent = await browser.submit(page, { ...all, password: PASSWORD, 'requiredAttributes[given_name]': '' });
	assert.match(text(absent.text), /Attributes did not conform to the schema: given_name: The attribute is required/);
	const bad = await browser.submit(page, { ...all, password: PASSWORD, 'requiredAttributes[email]': 'nowhere' });
	assert.match(text(bad.text), /Invalid email address format\./);
	const sent = await browser.submit(page, { ...all, password: PASSWORD });
	assert.equal(new URL(sent.url).pathname, '/confirm', text(sent.text));
	const stored = pool.tarn('admin-get-user', '--username', 'ada').UserAttributes;
	assert.equal(stored.find((a) => a.Name === 'given_name').Value, 'Ada');
	pool.drop();
});

test('an attribute that the client may not write is refused at sign-up', async () => {
	const pool = makePool('--auto-verified-attributes', 'email'), client = pool.client('--write-attributes', 'name');
	const answer = await signUp(pool, client, { username: 'ada', 'requiredAttributes[email]': 'ada@example.com' });
	assert.match(text(answer.text), /A client attempted to write unauthorized attribute/);
	pool.drop();
});

test('sign-up without automatic verification: the person exists, the page is the error page', async () => {
	const pool = makePool(), client = pool.client();
	const answer = await signUp(pool, client, { username: 'ada' });
	assert.equal(answer.status, 400);
	assert.match(text(answer.text), /An error was encountered with the requested page\./);
	assert.equal(pool.tarn('admin-get-user', '--username', 'ada').UserStatus, 'UNCONFIRMED');
	assert.match(await outcome(pool, client, 'ada'), /Confirm your account|User is not confirmed\./);
	pool.tarn('admin-confirm-sign-up', '--username', 'ada');
	assert.equal(await outcome(pool, client, 'ada'), 'code');
	pool.drop();
});

test('custom attributes are text in tokens and at userInfo, whatever their type', async () => {
	const pool = makePool('--schema', 'Name=level,AttributeDataType=Number,Mutable=true', 'Name=vip,AttributeDataType=Boolean,Mutable=true',
	    'Name=team,AttributeDataType=String,Mutable=true');
	const reading = pool.client('--read-attributes', 'email', 'custom:level', 'custom:vip', 'custom:team');
	const plain = pool.client();
	make(pool, 'ada', 'Name=custom:level,Value=7', 'Name=custom:vip,Value=true', 'Name=custom:team,Value=blue');
	const wanted = { 'custom:level': '7', 'custom:vip': 'true', 'custom:team': 'blue' };
	const custom = (o) => Object.fromEntries(Object.entries(o).filter(([name]) => name.startsWith('custom:')));
	const got = await tokens(reading, person('ada'), { scope: 'openid' }, new Browser(pool.home));
	assert.deepEqual(custom(claims(got.id_token)), wanted);
	const info = await request(`${pool.home}/oauth2/userInfo`, { headers: { authorization: `Bearer ${got.access_token}` } });
	assert.deepEqual(custom(info.json), wanted);
	const none = await tokens(plain, person('ada'), { scope: 'openid' }, new Browser(pool.home));
	assert.deepEqual(custom(claims(none.id_token)), {});	// not among the default read permissions
	pool.drop();
});

test('a password may have blanks inside, none at its ends', async () => {
	const pool = makePool('--auto-verified-attributes', 'email'), client = pool.client();
	const fields = (username) => ({ username, 'requiredAttributes[email]': `${username}@example.com` });
	const good = await signUp(pool, client, { ...fields(unique('a')), password: 'Correct horse 7!' });
	assert.equal(new URL(good.url).pathname, '/confirm', text(good.text));
	for (const password of [' Correct-horse-7', 'Correct-horse-7 '])
		assert.equal(new URL((await signUp(pool, client, { ...fields(unique('b')), password })).url).pathname, '/signup');
	pool.drop();
});

test('the policy of the pool is the one that counts', async () => {
	const pool = makePool('--auto-verified-attributes', 'email', '--policies', JSON.stringify({ PasswordPolicy: { MinimumLength: 6,
		RequireUppercase: false, RequireLowercase: false, RequireNumbers: false, RequireSymbols: false } })), client = pool.client();
	const fields = { username: unique('c'), 'requiredAttributes[email]': 'c@example.com' };
	assert.match(text((await signUp(pool, client, { ...fields, password: 'abcde' })).text), /Password not long enough/);
	assert.equal(new URL((await signUp(pool, client, { ...fields, password: 'abcdef' })).url).pathname, '/confirm');
	pool.drop();
});
