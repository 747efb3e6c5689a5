// The demonstration's relying party, as somebody who has just run tools/demo meets it
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, visitor } from './chromium.mjs';
import { PASSWORD, base, clientId, codeOf, demo, letter, spa, unique } from '../protocol/suite.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const home = (page) => page.waitForURL(`${base}/demo/`);
const cell = (page, title, name) => page.locator('section', { has: page.locator('h2', { hasText: title }) })
	.locator('tr', { has: page.locator('th', { hasText: new RegExp(`^${name}$`) }) }).locator('td');

test('the first address that is printed leads to a relying party; signing up there ends with tokens shown', async () => {
	const email = `${unique('demo')}@example.com`;
	const { page, close } = await visitor(browser);
	await page.goto(base);
	await home(page);
	await page.click('#sign-in');
	await page.click('text=Sign up');
	await page.fill('#signUpFormUsername', email);
	await page.fill('#signUpFormPassword', PASSWORD);
	await page.click('[name=signUpButton]');
	await page.fill('#verification_code', codeOf(await letter(email)));
	await page.click('button[name=confirm]');
	await home(page);
	await page.locator('#message', { hasText: 'Signed in.' }).waitFor();
	assert.equal(await cell(page, 'ID token', 'email').innerText(), email);
	assert.equal(await cell(page, 'ID token', 'aud').innerText(), clientId(spa));
	assert.equal(await cell(page, 'ID token', 'email_verified').innerText(), 'true');
	assert.equal(await cell(page, 'Access token', 'token_use').innerText(), 'access');
	await close();
});

test('the printed user signs in, refreshes, asks userInfo and signs out', async () => {
	const { page, close } = await visitor(browser);
	await page.goto(base);
	await page.click('#sign-in');
	await page.fill('#signInFormUsername', demo.user.username);
	await page.fill('#signInFormPassword', demo.user.password);
	await page.click('[name=signInSubmitButton]');
	await page.locator('#message', { hasText: 'Signed in.' }).waitFor();
	const before = await cell(page, 'Access token', 'jti').innerText();
	await page.click('#refresh');
	await page.locator('#message', { hasText: 'exchanged' }).waitFor();
	assert.notEqual(await cell(page, 'Access token', 'jti').innerText(), before);
	await page.click('#userinfo');
	await page.locator('#message', { hasText: 'userInfo answered' }).waitFor();
	assert.equal(await cell(page, 'userInfo', 'email').innerText(), demo.user.username);
	await page.click('#sign-out');
	await home(page);
	await page.locator('#sign-in').waitFor();
	await page.click('#sign-in');
	await page.waitForURL((to) => to.pathname === '/login');
	await close();
});
