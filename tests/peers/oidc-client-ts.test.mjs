// oidc-client-ts in Chromium, as a single-page application uses it: sign-in by redirect, userInfo,
// refresh, silent renewal by the session, revocation, logout
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { launch, visitor } from '../browser/chromium.mjs';
import { base, clientId, demo, makeClient, makeUser } from '../protocol/suite.mjs';

const library = readFileSync(new URL('../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url));
const page = '<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><script src="/oidc.js"></script><h1>App</h1>';
let browser, server, origin, app, user;

before(async () => {
	server = http.createServer((request, answer) => {
		const script = request.url === '/oidc.js';
		answer.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
		answer.end(script ? library : page);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://localhost:${server.address().port}`;
	app = makeClient('--callback-urls', `${origin}/callback`, '--logout-urls', `${origin}/bye`);
	user = makeUser(['Name=name,Value=Ada']);
	browser = await launch();
});
after(async () => {
	await browser?.close();
	server.closeAllConnections();
	server.close();
});

// Runs in the page: a UserManager with the application's settings, as `manager`.
const start = (of) => of.evaluate((settings) => {
	window.manager = new oidc.UserManager({ ...settings,
		userStore: new oidc.WebStorageStateStore({ store: sessionStorage }) });
}, { authority: demo.issuer, client_id: clientId(app), redirect_uri: `${origin}/callback`,
	scope: 'openid email profile', loadUserInfo: true, automaticSilentRenew: false });

const shown = ({ profile, access_token: access, refresh_token: refresh }) => ({ profile, access, refresh });

test('oidc-client-ts: sign-in by redirect, userInfo, refresh, revocation and logout', async () => {
	const { page: tab, close } = await visitor(browser, { origins: [origin], expected: /401/ });
	await tab.goto(origin);
	await start(tab);
	await tab.evaluate(() => { void manager.signinRedirect({ state: 'where I was' }); });
	await tab.fill('#signInFormUsername', user.email);
	await tab.fill('#signInFormPassword', user.password);
	await tab.click('[name=signInSubmitButton]');
	await tab.waitForURL(`${origin}/callback?**`);
	await start(tab);
	const first = shown(await tab.evaluate(() => manager.signinRedirectCallback()));
	assert.equal(first.profile.sub, user.sub);
	assert.equal(first.profile.name, 'Ada');
	const renewed = shown(await tab.evaluate(() => manager.signinSilent()));
	assert.notEqual(renewed.access, first.access);
	assert.equal(renewed.profile.sub, user.sub);
	await tab.evaluate(() => manager.revokeTokens(['refresh_token']));
	const dead = await tab.evaluate((call) => fetch(call.url, { headers: call.headers }).then((a) => a.status),
	    { url: `${base}/oauth2/userInfo`, headers: { authorization: `Bearer ${renewed.access}` } });
	assert.equal(dead, 401);
	await tab.evaluate((query) => { void manager.signoutRedirect({ extraQueryParams: query }); },
	    { client_id: clientId(app), logout_uri: `${origin}/bye` });
	await tab.waitForURL(`${origin}/bye`);
	await tab.goto(origin);
	await start(tab);
	await tab.evaluate(() => { void manager.signinRedirect(); });
	await tab.waitForURL((to) => to.pathname === '/login');
	await close();
});
