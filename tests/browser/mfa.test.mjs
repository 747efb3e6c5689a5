// pages.md 9 in Chromium: an app is set up from the QR code that a camera would see, and asked for
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { launch, relyingParty, visitor } from './chromium.mjs';
import { PASSWORD, authorizeUrl, makePool, unique } from '../protocol/suite.mjs';

const shots = process.env.TARN_SHOTS ?? fileURLToPath(new URL('../shots', import.meta.url));
const totp = (secret, steps) => execFileSync('oathtool', ['--totp', '--base32', secret, '--now', `@${Math.floor(Date.now() / 1000) + 30 * steps}`],
    { encoding: 'utf8' }).trim();
let browser, party, pool, client;

before(async () => {
	mkdirSync(shots, { recursive: true });
	[browser, party] = await Promise.all([launch(), relyingParty()]);
	pool = makePool('--username-attributes', 'email');
	pool.tarn('set-user-pool-mfa-config', '--mfa-configuration', 'ON', '--software-token-mfa-configuration', 'Enabled=true');
	client = pool.client('--callback-urls', `${party.origin}/callback`);
});
after(async () => {
	await browser.close();
	await party.close();
	pool.drop();
});

async function signIn(page, email) {
	await page.goto(authorizeUrl(client, { state: 'kept' }, pool.home));
	await page.fill('#signInFormUsername', email);
	await page.fill('#signInFormPassword', PASSWORD);
	await page.click('[name=signInSubmitButton]');
}

for (const javaScriptEnabled of [true, false])
	describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		test('a camera reads the QR code; the app signs in, and is asked for the next time', async () => {
			const email = `${unique('two')}@example.com`, picture = join(shots, 'mfa-setup.png');
			pool.tarn('admin-create-user', '--username', email, '--message-action', 'SUPPRESS', '--user-attributes', `Name=email,Value=${email}`);
			pool.tarn('admin-set-user-password', '--username', email, '--password', PASSWORD, '--permanent');
			const somebody = () => visitor(browser, { javaScriptEnabled, origins: [party.origin, pool.home], colorScheme: 'dark' });
			const { page, close } = await somebody();
			await signIn(page, email);
			await page.locator('svg.qr').screenshot({ path: picture });
			const read = new URL(execFileSync('zbarimg', ['--quiet', '--raw', picture], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim());
			const secret = read.searchParams.get('secret');
			assert.ok(decodeURIComponent(read.pathname).endsWith(`:${email}`), read.href);
			await page.click('summary');
			assert.equal(await page.locator('#secretKey').innerText(), secret);
			await page.screenshot({ path: join(shots, 'mfa-setup-page.png'), fullPage: true });
			await page.fill('#totpCodeInput', totp(secret, -1));
			await page.click('[name=signInSubmitButton]');
			await page.waitForURL((to) => to.href.startsWith(`${party.origin}/callback`));
			assert.equal(new URL(page.url()).searchParams.get('state'), 'kept');
			await close();
			const next = await somebody();
			await signIn(next.page, email);
			await next.page.screenshot({ path: join(shots, 'mfa.png'), fullPage: true });
			await next.page.fill('#totpCodeInput', totp(secret, 0));
			await next.page.click('[name=signInSubmitButton]');
			await next.page.waitForURL((to) => to.href.startsWith(`${party.origin}/callback`));
			await next.close();
		});
	});
