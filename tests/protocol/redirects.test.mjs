// No redirect ever leaves for an address that nobody registered: thousands of registered addresses,
// each changed in a way that has fooled some comparison before (RFC 9700 4.1)
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { randomInt } from 'node:crypto';
import { Browser, authorizeUrl, base, forms, makeClient, makeUser } from './suite.mjs';

const registered = ['https://app.example/cb', 'https://app.example:8443/cb?x=1', 'http://localhost:3000/cb', 'http://127.0.0.1/cb',
	'http://[::1]:4000/cb/', 'com.example.app:/cb', 'com.example.app://host/cb', 'https://app.example/a/b;c=d?e=f&g=%2f'];
const farewells = ['https://app.example/bye', 'https://app.example/bye?x=1', 'http://localhost:3000/bye'];
const ROUNDS = 1500;

// Addresses as everybody reads them, to compare with: a port of a loopback address may differ.
const plain = (url) => url.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d+)?(?=[/?]|$)/, '$1');
const known = (url, list, loopback) => list.includes(url) || (loopback && list.map(plain).includes(plain(url)) && /^http:\/\/(127\.0\.0\.1|\[::1\])/.test(url));

const pick = (list) => list[randomInt(list.length)];
const odd = ['@', '\\', '//', '/', '.', '..', '%2f', '%2e', '%00', '%0d%0a', '#', '?', '&', ';', ':', '*', ' ', '\t', '\u0000', '\u2024', '\uff0e',
	'\u3002', '\u212a', '\u00df', 'evil.example', '@evil.example', '.evil.example', ':443', ':80', ':1', 'x', '[', ']', '+', '|', '<', '"', "'"];
const changes = [
	(s) => { const at = randomInt(s.length + 1); return s.slice(0, at) + pick(odd) + s.slice(at); },
	(s) => { const at = randomInt(s.length); return s.slice(0, at) + s.slice(at + 1 + randomInt(3)); },
	(s) => { const at = randomInt(s.length); return s.slice(0, at) + s[at].toUpperCase() + s.slice(at + 1); },
	(s) => { const at = randomInt(s.length); return `${s.slice(0, at)}%${s.charCodeAt(at).toString(16)}${s.slice(at + 1)}`; },
	(s) => s.replace(/:\/\/[^/?#]*/, `://${pick(['evil.example', 'app.example.evil.example', 'evil.example@app.example', 'app.example@evil.example',
		'127.0.0.1.evil.example', '127.0.0.1:80@evil.example', '[::1].evil.example', '127.1', '0x7f.1', 'localhost.', '[::ffff:127.0.0.1]'])}`),
	(s) => s.replace(/^[a-z.]+:/, pick(['http:', 'https:', 'javascript:', 'data:', 'HTTPS:', '//', '', 'com.example.app.evil:'])),
	(s) => s.replace(/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?/, `$1:${pick(['1', '65535', '65536', '0', '00', '-1', '80 ', '8o', '999999', ''])}`),
	(s) => `${s}${pick(['/', '/..', '/../..', '?', '#', '&', '%20', '\\@evil.example', '?a=b', '#https://evil.example', ';x', '.'])}`,
	(s) => s + pick(registered),
	(s) => s.split('').reverse().join(''),
];
const mutate = (s) => {
	for (let n = 1 + randomInt(3); n > 0 && s !== ''; n--)
		s = pick(changes)(s);
	return s;
};

const clients = {};
let browser;
before(async () => {
	const options = ['--callback-urls', ...registered, '--logout-urls', ...farewells];
	for (const dialect of ['cognito', 'standard'])
		clients[dialect] = makeClient('--dialect', dialect, ...options);
	const user = makeUser();
	browser = new Browser();
	await browser.signIn(clients.cognito, user, { redirect_uri: registered[0] });
	assert.ok(browser.cookies.has('cognito'));
});

// Where an answer leads, without what was added to it; null: it stays here.
function leaves(answer) {
	if (answer.status === 200) {
		const to = forms(answer.text).map(({ action }) => action).filter((action) => action && !action.startsWith('/'));
		return to[0] ?? null;
	}
	if (answer.status === 400 && answer.location === undefined)	// the web server itself will not have it
		return null;
	assert.equal(answer.status, 302, answer.text);
	return answer.location.startsWith(`${base}/`) ? null : answer.location;
}
const sent = (url, asked) => url === asked || [`${asked}?`, `${asked}&`, `${asked}#`].some((begin) => url.startsWith(begin));

for (const dialect of ['cognito', 'standard'])
	for (const [kind, parameters] of [['a code', {}], ['an error', { prompt: 'none', response_type: 'nonsense' }],
		['a form', { response_mode: 'form_post' }]])
		test(`${dialect}: ${kind} goes to registered addresses alone`, async () => {
			let went = 0;
			for (let i = 0; i < ROUNDS / 3; i++) {
				const asked = i % 10 === 0 ? pick(registered) : mutate(pick(registered));
				const to = leaves(await browser.fetch(authorizeUrl(clients[dialect], { redirect_uri: asked, ...parameters })));
				if (to === null) {
					assert.ok(!registered.includes(asked), `${asked} is registered`);
					continue;
				}
				went++;
				assert.ok(sent(to, asked), `asked for ${asked}, went to ${to}`);
				assert.ok(known(asked, registered, dialect === 'standard'), `${asked} is not registered, and went to ${to}`);
			}
			assert.ok(went > 0);
		});

test('nor does a sign-out, by either name', async () => {
	let went = 0;
	for (let i = 0; i < ROUNDS; i++) {
		const asked = i % 10 === 0 ? pick(farewells) : mutate(pick(farewells));
		const [dialect, name] = i % 2 === 0 ? ['cognito', 'logout_uri'] : ['standard', 'post_logout_redirect_uri'];
		const query = new URLSearchParams({ client_id: clients[dialect].ClientId, [name]: asked, state: 's' });
		const to = leaves(await new Browser().fetch(`/logout?${query}`));
		if (to === null)
			continue;
		went++;
		assert.ok(farewells.includes(asked), `${asked} is not registered, and went to ${to}`);
		assert.equal(to, dialect === 'cognito' ? asked : `${asked}${asked.includes('?') ? '&' : '?'}state=s`);
	}
	assert.ok(went >= farewells.length);
});

test('a redirect_uri that comes twice, or in a form, is not looked at', async () => {
	const url = `${authorizeUrl(clients.standard, { redirect_uri: registered[0] })}&redirect_uri=${encodeURIComponent('https://evil.example/')}`;
	for (const options of [{}, { method: 'POST', form: { redirect_uri: 'https://evil.example/' } }]) {
		const { location } = await browser.fetch(url, options);
		assert.ok(!location || !location.startsWith('https://evil.example'), location);
	}
});
