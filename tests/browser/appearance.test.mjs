// Every page in every language, on a phone by day and on a desk by night, in English also the other
// way round: nothing sticks out sideways, what can be touched is large enough, text can be told from
// its ground. Pictures, of each language those on a phone, go to the folder that TARN_SHOTS names, or
// to tests/shots.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, visitor } from './chromium.mjs';
import { PASSWORD, authorizeUrl, base, codeOf, letter, makeClient, makePool, makeUser, request, tarn, unique } from '../protocol/suite.mjs';

const tests = fileURLToPath(new URL('..', import.meta.url));
const shots = process.env.TARN_SHOTS ?? join(tests, 'shots');
const languages = readdirSync(join(tests, '../templates/lang')).map((name) => name.replace('.json', ''));
let browser, client, pool, guarded;
before(async () => {
	mkdirSync(shots, { recursive: true });
	browser = await launch();
	client = makeClient('--callback-urls', `${base}/demo/`);
	pool = makePool();
	pool.tarn('set-user-pool-mfa-config', '--mfa-configuration', 'ON', '--software-token-mfa-configuration', 'Enabled=true');
	guarded = pool.client();
});
after(async () => {
	await browser.close();
	pool.drop();
});

const open = (page, path, parameters = {}) =>
	page.goto(authorizeUrl(client, { redirect_uri: `${base}/demo/`, ...parameters }).replace('/oauth2/authorize', path));

async function enter(page, email, password) {
	await page.fill('#signInFormUsername', email);
	await page.fill('#signInFormPassword', password);
	await page.click('[name=signInSubmitButton]');
}

async function signUp(page, lang, email = `${unique('a-rather-long-name-for-a-mailbox')}@example.com`) {
	await open(page, '/signup', { lang });
	await page.fill('#signUpFormUsername', email);
	await page.fill('#signUpFormPassword', PASSWORD);
	await page.click('[name=signUpButton]');
	return email;
}

// To the question that the device page asks.
async function ask(page, lang) {
	const tv = makeClient('--allowed-o-auth-flows', 'device_code'), user = makeUser();
	const { json } = await request('/oauth2/device_authorization', { method: 'POST', form: { client_id: tv.ClientId } });
	await page.goto(`${json.verification_uri_complete}&lang=${lang}`);
	await page.click('[name=continue]');
	await enter(page, user.email, user.password);
}

// How each page is reached. A name that is long without a gap is the hardest for a narrow screen.
const pages = {
	login: (page, lang) => open(page, '/login', { lang }),
	'login-problem': async (page, lang) => {
		await open(page, '/login', { lang });
		await enter(page, `${'wide'.repeat(30)}@example.com`, 'x');
	},
	signup: (page, lang) => open(page, '/signup', { lang }),
	'signup-problem': (page, lang) => signUp(page, lang, makeUser().email),
	confirm: (page, lang) => signUp(page, lang),
	'confirm-problem': async (page, lang) => {
		const right = codeOf(await letter(await signUp(page, lang)));
		await page.fill('#verification_code', right === '123456' ? '654321' : '123456');
		await page.click('button[name=confirm]');
	},
	'confirm-again': async (page, lang) => {
		await signUp(page, lang);
		await page.click('button[name=resend]');
	},
	'change-password': async (page, lang) => {
		const email = `${unique('invited')}@example.com`;
		tarn('admin-create-user', '--username', email, '--temporary-password', 'Temporary-1', '--message-action', 'SUPPRESS',
		    '--user-attributes', `Name=email,Value=${email}`);
		await open(page, '/login', { lang });
		await enter(page, email, 'Temporary-1');
	},
	forgot: (page, lang) => open(page, '/forgotPassword', { lang }),
	reset: async (page, lang) => {
		await open(page, '/forgotPassword', { lang });
		await page.fill('#username', makeUser().email);
		await page.click('[name=reset_my_password]');
	},
	'mfa-setup': async (page, lang) => {
		const email = `${unique('two')}@example.com`;
		pool.tarn('admin-create-user', '--username', email, '--message-action', 'SUPPRESS');
		pool.tarn('admin-set-user-password', '--username', email, '--password', PASSWORD, '--permanent');
		await page.goto(authorizeUrl(guarded, { lang }, pool.home).replace('/oauth2/authorize', '/login'));
		await enter(page, email, PASSWORD);
		await page.click('summary');
	},
	device: (page, lang) => page.goto(`${base}/device?lang=${lang}`),
	'device-problem': async (page, lang) => {	// a wrong code too many looks the same
		await page.goto(`${pool.home}/device?lang=${lang}`);
		await page.fill('#user_code', 'BBBB-BBBB');
		await page.click('[name=continue]');
	},
	'device-question': (page, lang) => ask(page, lang),
	'device-approved': async (page, lang) => {
		await ask(page, lang);
		await page.click('[value=approve]');
	},
	'device-denied': async (page, lang) => {
		await ask(page, lang);
		await page.click('[value=deny]');
	},
	error: (page, lang) => open(page, '/oauth2/authorize', { lang, redirect_uri: 'https://elsewhere.example/' }),
	demo: (page) => page.goto(`${base}/demo/`),
};

// What is wrong with the page as it is shown, in sentences.
const faults = () => {
	const found = [];
	const visible = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
	if (document.documentElement.scrollWidth > innerWidth)
		found.push(`${document.documentElement.scrollWidth} px wide on ${innerWidth}`);
	for (const e of document.querySelectorAll('body *'))
		if (visible(e) && (e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5))
			found.push(`<${e.localName}> ${e.id || e.className} sticks out`);
	for (const e of document.querySelectorAll('input:not([type=hidden]), button, a.btn'))
		if (visible(e) && !e.classList.contains('link') && e.getBoundingClientRect().height < 24)
			found.push(`<${e.localName}> ${e.name || e.id} is ${e.getBoundingClientRect().height} px high`);
	for (const e of document.querySelectorAll('input:not([type=hidden]):not([type=submit])'))
		if (visible(e) && (e.labels?.length ?? 0) === 0)
			found.push(`<input> ${e.name} has no label`);
	// WCAG 2.2, 1.4.3: 4.5 to 1, 3 to 1 where it is large.
	const rgb = (s) => { const n = s.match(/[\d.]+/g).map(Number); return { c: n.slice(0, 3), a: n[3] ?? 1 }; };
	const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const { c, a } = rgb(getComputedStyle(e).backgroundColor);
			if (a > 0)
				return c;
		}
		return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
	};
	for (const e of document.querySelectorAll('body *')) {
		const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || (e.localName === 'input' && e.type !== 'hidden');
		const style = getComputedStyle(e);
		if (!own || !visible(e) || !/^rgb/.test(style.color))
			continue;
		const [x, y] = [light(rgb(style.color).c), light(ground(e))].sort((p, q) => q - p);
		const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
		if ((x + 0.05) / (y + 0.05) < (large ? 3 : 4.5))
			found.push(`<${e.localName}> ${e.className} "${e.textContent.trim().slice(0, 20)}": contrast ${((x + 0.05) / (y + 0.05)).toFixed(2)}`);
	}
	return found;
};

const looks = [[360, 'light'], [1280, 'dark'], [1280, 'light'], [360, 'dark']];

for (const [name, reach] of Object.entries(pages))
	test(`${name}, phone and desk, light and dark`, async () => {
		const { context, page, close } = await visitor(browser, { expected: /status of 4(00|29)/, origins: [pool.home], reducedMotion: 'reduce' });
		for (const lang of name === 'demo' ? ['en'] : languages) {
			await context.clearCookies();
			await reach(page, lang);
			assert.equal(await page.locator('html').getAttribute('lang'), lang);
			for (const [width, colorScheme] of lang === 'en' ? looks : looks.slice(0, 2)) {
				await page.setViewportSize({ width, height: width < 500 ? 740 : 800 });
				await page.emulateMedia({ colorScheme });
				const picture = `${name}-${lang}-${width}-${colorScheme}`;
				if (lang === 'en' || width === 360)
					await page.screenshot({ path: join(shots, `${picture}.png`), fullPage: true });
				assert.deepEqual(await page.evaluate(faults), [], picture);
			}
		}
		await close();
	});
