// RFC 8628: the page where a person types the code of a device, in Chromium, with JavaScript and without
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, visitor } from './chromium.mjs';
import { PASSWORD, base, clientId, codeOf, letter, makeClient, makeUser, request, token, unique } from '../protocol/suite.mjs';

let browser, tv;
before(async () => {
	browser = await launch();
	tv = makeClient('--allowed-o-auth-flows', 'device_code');
});
after(() => browser.close());

const offer = async () => (await request('/oauth2/device_authorization', { method: 'POST', form: { client_id: clientId(tv), scope: 'openid email' } })).json;
const poll = ({ device_code }) => token(tv, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code });
const heading = (page) => page.locator('h1').innerText();

async function signIn(page, { email, password }) {
	await page.fill('#signInFormUsername', email);
	await page.fill('#signInFormPassword', password);
	await page.click('[name=signInSubmitButton]');
}

for (const javaScriptEnabled of [true, false])
	describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		const somebody = () => visitor(browser, { javaScriptEnabled });

		test('the code typed, signed in, approved: the device has tokens', async () => {
			const given = await offer(), user = makeUser(), { page, close } = await somebody();
			await page.goto(given.verification_uri);
			await page.fill('#user_code', given.user_code.toLowerCase());
			await page.click('[name=continue]');
			await signIn(page, user);
			assert.equal(await heading(page), 'Is this your device?');
			assert.equal(await page.locator('p.code').innerText(), given.user_code);
			await page.click('[value=approve]');
			assert.equal(await heading(page), 'Your device is connected');
			assert.equal((await poll(given)).status, 200);
			await close();
		});

		test('the link with the code in it, and a person who refuses', async () => {
			const given = await offer(), user = makeUser(), { page, close } = await somebody();
			await page.goto(given.verification_uri_complete);
			assert.equal(await page.inputValue('#user_code'), given.user_code);
			await page.click('[name=continue]');
			await signIn(page, user);
			await page.click('[value=deny]');
			assert.equal(await heading(page), 'You refused');
			assert.equal((await poll(given)).json.error, 'access_denied');
			await close();
		});

		test('somebody new signs up on the way and comes to the question', async () => {
			const given = await offer(), email = `${unique('device')}@example.com`, { page, close } = await somebody();
			await page.goto(given.verification_uri_complete);
			await page.click('[name=continue]');
			await page.click('text=Sign up');
			await page.fill('#signUpFormUsername', email);
			await page.fill('#signUpFormPassword', PASSWORD);
			await page.click('[name=signUpButton]');
			await page.fill('#verification_code', codeOf(await letter(email)));
			await page.click('button[name=confirm]');
			assert.equal(await heading(page), 'Is this your device?');
			await page.click('[value=approve]');
			assert.equal((await poll(given)).status, 200);
			await close();
		});

		test('a wrong code is said, beside the field that has it', async () => {
			const { page, close } = await somebody();
			await page.goto(`${base}/device`);
			await page.fill('#user_code', 'BBBB-BBBB');
			await page.click('[name=continue]');
			assert.match(await page.locator('[role=alert]').innerText(), /The code is wrong/);
			assert.equal(await page.inputValue('#user_code'), 'BBBB-BBBB');
			assert.equal(await page.getAttribute('#user_code', 'aria-describedby'), 'loginErrorMessage');
			await close();
		});
	});

test('the whole way by keyboard alone', async () => {
	const given = await offer(), user = makeUser(), { page, close } = await visitor(browser);
	await page.goto(given.verification_uri);
	await page.waitForFunction(() => document.activeElement.id === 'user_code');
	await page.keyboard.type(given.user_code);
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.activeElement.id === 'signInFormUsername');
	await page.keyboard.type(user.email);
	await page.keyboard.press('Tab');
	await page.keyboard.type(user.password);
	await page.keyboard.press('Enter');
	await page.waitForURL((to) => to.pathname === '/device');
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.value), 'approve');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.querySelector('h1').textContent === 'Your device is connected');
	assert.equal((await poll(given)).status, 200);
	await close();
});
