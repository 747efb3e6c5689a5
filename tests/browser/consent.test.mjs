// RFC 7591, OpenID Connect Core 3.1.2.4: a client that registered itself, and the person who is asked about it,
// in Chromium, with JavaScript and without
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, relyingParty, visitor } from './chromium.mjs';
import { PASSWORD, authorizeUrl, base, pkce, request, tarn, token, unique } from '../protocol/suite.mjs';

// A pool of its own at the suite's address, where the shared one has the suite's name.
const home = base.replace('//localhost', '//127.0.0.1'), domain = new URL(home).host;
let browser, party, pool, client;
before(async () => {
	[browser, party] = await Promise.all([launch(), relyingParty()]);
	pool = tarn('create-user-pool', '--pool-name', unique('consent'), '--dcr-configuration', 'EnableStatus=Enabled,OpenDcrEnabled=true').UserPool.Id;
	const on = (operation, ...args) => tarn(operation, '--user-pool-id', pool, ...args);
	on('create-user-pool-domain', '--domain', domain);
	on('admin-create-user', '--username', 'ada', '--message-action', 'SUPPRESS');
	on('admin-set-user-password', '--username', 'ada', '--password', PASSWORD, '--permanent');
	const { json } = await request(`${home}/oauth2/register`, { method: 'POST', headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ client_name: 'Reader', redirect_uris: [`${party.origin}/callback`], token_endpoint_auth_method: 'none' }) });
	client = { ClientId: json.client_id, CallbackURLs: json.redirect_uris };
});
after(async () => {
	tarn('delete-user-pool-domain', '--user-pool-id', pool, '--domain', domain);
	tarn('delete-user-pool', '--user-pool-id', pool);
	await Promise.all([browser.close(), party.close()]);
});

for (const javaScriptEnabled of [true, false])
	describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
		// From the application to the question.
		const asked = async (more) => {
			const somebody = await visitor(browser, { javaScriptEnabled, origins: [home, party.origin] });
			await somebody.page.goto(authorizeUrl(client, { scope: 'openid email', state: 'kept', ...more }, home));
			await somebody.page.fill('#signInFormUsername', 'ada');
			await somebody.page.fill('#signInFormPassword', PASSWORD);
			await somebody.page.click('[name=signInSubmitButton]');
			assert.equal(await somebody.page.locator('h1').innerText(), 'Continue to Reader?');
			return somebody;
		};
		const arrived = async (page) => {
			await page.waitForURL((to) => to.href.startsWith(`${party.origin}/callback`));
			return new URL(page.url()).searchParams;
		};

		test('who continues arrives with a code that is good', async () => {
			const { verifier, challenge } = pkce();
			const { page, close } = await asked({ code_challenge: challenge, code_challenge_method: 'S256' });
			assert.match(await page.locator('.notice').innerText(), new RegExp(`${party.origin}/callback`));
			await page.click('[value=approve]');
			const answer = await arrived(page);
			assert.equal(answer.get('state'), 'kept');
			const tokens = await token(client, { grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: client.CallbackURLs[0],
				code_verifier: verifier }, {}, home);
			assert.equal(tokens.status, 200, tokens.text);
			await close();
		});

		test('who refuses arrives with the refusal', async () => {
			const { page, close } = await asked({ code_challenge: pkce().challenge, code_challenge_method: 'S256' });
			await page.click('[value=deny]');
			const answer = await arrived(page);
			assert.deepEqual([answer.get('error'), answer.get('state'), answer.get('code')], ['access_denied', 'kept', null]);
			await close();
		});
	});
