// pages.md 2, 3, 5, 8: what people do, in Chromium, with JavaScript and without
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, relyingParty, visitor } from './chromium.mjs';
import { PASSWORD, authorizeUrl, base, callback, clientId, codeOf, letter, makeUser, pkce, tarn, token, unique } from '../protocol/suite.mjs';

let browser, party;
before(async () => { [browser, party] = await Promise.all([launch(), relyingParty()]); });
after(async () => { await browser.close(); await party.close(); });

const url = (parameters) => authorizeUrl(party.client, { scope: 'openid email', ...parameters });
const arrived = (page) => page.waitForURL((to) => to.href.startsWith(`${party.origin}/callback`));
const problem = (page) => page.locator('#loginErrorMessage');

async function signIn(page, { email, password }) {
	await page.fill('#signInFormUsername', email);
	await page.fill('#signInFormPassword', password);
	await page.click('[name=signInSubmitButton]');
}

// From the sign-up page to the page that asks for the code.
async function signUp(page, email) {
	await page.goto(url({ state: 'seven seas & ümläut' }));
	await page.click('text=Sign up');
	await page.fill('#signUpFormUsername', email);
	await page.fill('#signUpFormPassword', PASSWORD);
	await page.click('[name=signUpButton]');
	await page.waitForURL((to) => to.pathname === '/confirm');
}

for (const javaScriptEnabled of [true, false])
	describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		const somebody = (options) => visitor(browser, { javaScriptEnabled, origins: [party.origin], ...options });

		test('sign-up, the mailed code, confirmed, back at the relying party, tokens', async () => {
			const email = `${unique('journey')}@example.com`, { verifier, challenge } = pkce();
			const { page, close } = await somebody();
			await page.goto(url({ state: 'seven seas & ümläut', code_challenge: challenge, code_challenge_method: 'S256' }));
			await page.click('text=Sign up');
			await page.fill('#signUpFormUsername', email);
			await page.fill('#signUpFormPassword', PASSWORD);
			await page.click('[name=signUpButton]');
			await page.waitForURL((to) => to.pathname === '/confirm');
			await page.fill('#verification_code', codeOf(await letter(email)));
			await page.click('button[name=confirm]');
			await arrived(page);
			const query = new URL(page.url()).searchParams;
			assert.equal(query.get('state'), 'seven seas & ümläut');
			const answer = await token(party.client, { grant_type: 'authorization_code', code: query.get('code'),
				redirect_uri: callback(party.client), code_verifier: verifier });
			assert.equal(answer.status, 200, answer.text);
			assert.ok(answer.json.id_token && answer.json.refresh_token);
			await close();
		});

		test('a wrong password is said, and the right one then opens', async () => {
			const user = makeUser();
			const { page, close } = await somebody();
			await page.goto(url());
			await signIn(page, { ...user, password: 'Wrong-password-1' });
			assert.equal(await problem(page).innerText(), 'Incorrect username or password.');
			assert.equal(await page.inputValue('#signInFormUsername'), user.email);
			assert.equal(await page.inputValue('#signInFormPassword'), '');
			await signIn(page, user);
			await arrived(page);
			await close();
		});

		test('who is signed in meets no page; who signs out does', async () => {
			const user = makeUser();
			const { page, close } = await somebody();
			await page.goto(url());
			await signIn(page, user);
			await arrived(page);
			const seen = [];
			page.on('response', (answer) => { if (answer.request().isNavigationRequest()) seen.push(answer.status()); });
			await page.goto(url({ state: 'again' }));
			assert.equal(new URL(page.url()).searchParams.get('state'), 'again');
			assert.deepEqual(seen, [302, 200]);
			await page.goto(`${base}/logout?${new URLSearchParams({ client_id: clientId(party.client), logout_uri: `${party.origin}/bye` })}`);
			assert.equal(page.url(), `${party.origin}/bye`);
			await page.goto(url());
			assert.equal(new URL(page.url()).pathname, '/login');
			await close();
		});

		test('a wrong code is said; a new code comes, and opens', async () => {
			const email = `${unique('journey')}@example.com`;
			const { page, close } = await somebody();
			await signUp(page, email);
			const first = codeOf(await letter(email));
			await page.fill('#verification_code', first === '000000' ? '111111' : '000000');
			await page.click('button[name=confirm]');
			assert.equal(await problem(page).innerText(), 'Invalid verification code provided, please try again.');
			await page.click('text=Send a new code');
			assert.match(await page.locator('[role=status]').innerText(), /A new code is on its way/);
			await page.fill('#verification_code', codeOf(await letter(email, { after: 1 })));
			await page.click('button[name=confirm]');
			await arrived(page);
			assert.equal(new URL(page.url()).searchParams.get('state'), 'seven seas & ümläut');
			await close();
		});

		test('who left before confirming is asked for the code at sign-in', async () => {
			const email = `${unique('journey')}@example.com`;
			const first = await somebody();
			await signUp(first.page, email);
			await first.close();
			const { page, close } = await somebody();
			await page.goto(url());
			await signIn(page, { email, password: PASSWORD });
			await page.waitForURL((to) => to.pathname === '/confirm');
			await page.fill('#verification_code', codeOf(await letter(email)));
			await page.click('button[name=confirm]');
			await arrived(page);
			await close();
		});

		test('a temporary password is exchanged for an own one', async () => {
			const email = `${unique('journey')}@example.com`;
			tarn('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
			    '--user-attributes', `Name=email,Value=${email}`);
			const { page, close } = await somebody();
			await page.goto(url({ state: 'kept' }));
			await signIn(page, { email, password: 'Temporary-1' });
			await page.waitForURL((to) => to.pathname === '/changePassword');
			await page.fill('#new_password', PASSWORD);
			await page.fill('#confirm_password', `${PASSWORD}x`);
			await page.click('[name=reset_password]');
			assert.equal(await problem(page).innerText(), 'Passwords do not match.');
			await page.fill('#new_password', 'short');
			await page.fill('#confirm_password', 'short');
			await page.click('[name=reset_password]');
			assert.match(await problem(page).innerText(), /Password not long enough/);
			await page.fill('#new_password', PASSWORD);
			await page.fill('#confirm_password', PASSWORD);
			await page.click('[name=reset_password]');
			await arrived(page);
			assert.equal(new URL(page.url()).searchParams.get('state'), 'kept');
			await close();
		});

		test('a forgotten password is replaced with a mailed code; the new one signs in', async () => {
			const user = makeUser();
			const { page, close } = await somebody();
			await page.goto(url({ state: 'kept' }));
			await page.click('text=Forgot your password?');
			await page.fill('#username', user.email);
			await page.click('[name=reset_my_password]');
			await page.fill('#forgot_password_code', codeOf(await letter(user.email)));
			await page.fill('#new_password', 'Another-horse-8');
			await page.fill('#confirm_password', 'Another-horse-8');
			await page.click('[name=reset_password]');
			await page.waitForURL((to) => to.pathname === '/login');
			await signIn(page, { email: user.email, password: 'Another-horse-8' });
			await arrived(page);
			assert.equal(new URL(page.url()).searchParams.get('state'), 'kept');
			await close();
		});

		test('an address that is not registered ends at the error page, not there', async () => {
			const { page, close } = await somebody({ expected: /status of 400/ });
			const answer = await page.goto(url({ redirect_uri: 'https://elsewhere.example/' }));
			assert.equal(answer.status(), 400);
			assert.equal(new URL(page.url()).pathname, '/error');
			assert.match(await page.locator('[role=alert]').innerText(), /An error was encountered with the requested page\./);
			await close();
		});

		test('the back button after signing in harms nobody', async () => {
			const user = makeUser();
			const { page, close } = await somebody({ expected: /status of 400/ });
			await page.goto(url());
			await signIn(page, user);
			await arrived(page);
			await page.goBack();
			assert.equal(new URL(page.url()).pathname, '/login');
			await signIn(page, user);
			await arrived(page);
			await close();
		});
	});

test('the whole way by keyboard alone', async () => {
	const user = makeUser();
	const { page, close } = await visitor(browser, { origins: [party.origin] });
	await page.goto(url());
	await page.waitForFunction(() => document.activeElement.id === 'signInFormUsername');
	await page.keyboard.type(user.email);
	await page.keyboard.press('Tab');
	await page.keyboard.type(user.password);
	await page.keyboard.press('Enter');
	await arrived(page);
	await close();
});

test('the cookies are out of reach of scripts and of other sites', async () => {
	const user = makeUser();
	const { context, page, close } = await visitor(browser, { origins: [party.origin] });
	await page.goto(url());
	assert.equal(await page.evaluate(() => document.cookie), '');
	await signIn(page, user);
	await arrived(page);
	for (const cookie of await context.cookies(base)) {
		assert.equal(cookie.httpOnly, true, cookie.name);
		assert.equal(cookie.sameSite, 'Lax', cookie.name);
		assert.equal(cookie.domain, 'localhost', cookie.name);
	}
	await close();
});
