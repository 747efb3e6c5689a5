// oauth.md 13, 15: requests a second. An installation of its own, small limits, behind lighttpd.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Installation, freePort } from './installation.mjs';

let own, port, machine, scope = 'https://api.example.com/read';

// One request; from: what the proxy in front of the web server says of whom it comes.
function request(path, { method = 'GET', from, form, headers = {}, host = `localhost:${port}` } = {}) {
	const body = form && new URLSearchParams(form).toString();
	return new Promise((resolve, reject) => {
		const call = http.request({ host: '127.0.0.1', port, path, method, agent: false, headers: { host,
			...(from ? { 'x-forwarded-for': from } : {}),
			...(body ? { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length } : {}), ...headers } },
		(answer) => {
			let text = '';
			answer.setEncoding('utf8').on('data', (part) => { text += part; })
				.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
		});
		call.on('error', reject).end(body);
	});
}

// The programs anew, with these limits and no others.
async function limits(some, trusted = '127.0.0.1') {
	own.set({ limit_source: 0, limit_client: 0, limit_domain: 0, limit_machine: 0, limit_sign_in: 0, limit_share: 100,
		trusted_proxies: trusted, ...some });
	await own.serve(port);
	await new Promise((resolve) => setTimeout(resolve, 1100));	// what earlier tests took is there again
}

const many = async (n, call) => (await Promise.all(Array.from({ length: n }, (_, i) => call(i))));
const count = (answers, status) => answers.filter((a) => a.status === status).length;
const refresh = (more = {}) => request('/oauth2/token', { method: 'POST',
	form: { grant_type: 'refresh_token', refresh_token: 'x', client_id: own.client.ClientId }, ...more });
const loginPath = () => `/login?client_id=${own.client.ClientId}&response_type=code&redirect_uri=http://localhost:9/cb&scope=openid`;

before(async () => {
	port = await freePort();
	own = await Installation.make({ issuer_base: `http://localhost:${port}` }, `localhost:${port}`);
	const on = ['--user-pool-id', own.pool];
	await own.tarn('create-resource-server', ...on, '--identifier', 'https://api.example.com', '--name', 'api',
	    '--scopes', 'ScopeName=read,ScopeDescription=r');
	({ UserPoolClient: machine } = await own.tarn('create-user-pool-client', ...on, '--client-name', 'm', '--generate-secret',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'client_credentials', '--allowed-o-auth-scopes', scope));
});
after(() => own.close());

test('a source over its limit gets 429, with what is left in the headers, and other sources do not', async () => {
	await limits({ limit_source: 5 });
	const answers = await many(60, () => refresh({ from: '198.51.100.1' }));
	const refused = answers.filter((a) => a.status === 429);
	assert.ok(refused.length >= 20, `${refused.length} of 60 refused`);
	assert.ok(count(answers, 400) >= 5);
	for (const { headers, text } of refused) {
		assert.deepEqual(JSON.parse(text).error, 'too_many_requests');
		assert.equal(headers['ratelimit-policy'], '"source";q=5;w=1');
		assert.equal(headers.ratelimit, '"source";r=0;t=1');
		assert.equal(headers['retry-after'], '1');
		assert.equal(headers['access-control-allow-origin'], '*');
		assert.match(headers['access-control-expose-headers'], /RateLimit.*Retry-After/);
		assert.match(headers['cache-control'], /no-store/);
	}
	const other = await refresh({ from: '198.51.100.2' });
	assert.equal(other.status, 400);
	assert.equal(other.headers['ratelimit-policy'], '"source";q=5;w=1');
	assert.match(other.headers.ratelimit, /^"source";r=\d+;t=1$/);
	assert.equal('retry-after' in other.headers, false);
});

test('after a moment the source is served again', async () => {
	await limits({ limit_source: 5 });
	assert.ok(count(await many(30, () => refresh({ from: '198.51.100.3' })), 429) > 0);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	assert.equal((await refresh({ from: '198.51.100.3' })).status, 400);
});

test('X-Forwarded-For of a stranger changes nothing', async () => {
	await limits({ limit_source: 5 }, '203.0.113.0/24');
	const answers = await many(60, (i) => refresh({ from: `198.51.100.${i}` }));
	assert.ok(count(answers, 429) > 0);
	await limits({ limit_source: 5 }, '127.0.0.1');
	assert.equal(count(await many(60, (i) => refresh({ from: `198.51.100.${i}` })), 429), 0);
	assert.ok(count(await many(60, (i) => refresh({ from: `192.0.2.${i}, 198.51.100.99` })), 429) > 0, 'the left part counts');
});

test('a page that is over the limit is a page with status 429, and leads nowhere', async () => {
	await limits({ limit_source: 3 });
	const answers = await many(20, () => request(loginPath(), { from: '198.51.100.4' }));
	const refused = answers.find((a) => a.status === 429);
	assert.match(refused.headers['content-type'], /^text\/html/);
	assert.match(refused.text, /Too many requests\. Please try again in a moment\./);
	assert.equal('location' in refused.headers, false);
	assert.equal(refused.headers['retry-after'], '1');
	const authorize = await many(20, () => request(loginPath().replace('/login', '/oauth2/authorize'), { from: '198.51.100.5' }));
	assert.deepEqual([...new Set(authorize.map((a) => a.status))].sort(), [302, 429]);
});

test('userInfo over the limit is 429 without a challenge', async () => {
	await limits({ limit_source: 3 });
	const answers = await many(20, () => request('/oauth2/userInfo', { from: '198.51.100.6' }));
	const refused = answers.find((a) => a.status === 429);
	assert.equal('www-authenticate' in refused.headers, false);
	assert.equal(JSON.parse(refused.text).error, 'too_many_requests');
});

test('all requests to a domain are limited together', async () => {
	await limits({ limit_domain: 5 });
	const answers = await many(60, (i) => refresh({ from: `198.51.100.${i}` }));
	assert.ok(count(answers, 400) >= 5 && count(answers, 429) >= 20, `${count(answers, 429)} refused`);
	assert.equal(answers.find((a) => a.status === 429).headers['ratelimit-policy'], '"domain";q=5;w=1');
	await limits({ limit_domain: 100, limit_source: 30, limit_share: 10 });	// what a source may take of it is limit_source alone
	const alone = await many(200, () => refresh({ from: '198.51.100.1' }));
	assert.ok(count(alone, 400) >= 30, `${count(alone, 400)} served`);
	assert.equal(alone.find((a) => a.status === 429).headers['ratelimit-policy'], '"source";q=30;w=1');
});

test('all requests of a client are limited together, another client is not hindered', async () => {
	await limits({ limit_client: 5 });
	const answers = await many(60, (i) => refresh({ from: `198.51.100.${i}` }));
	assert.ok(count(answers, 400) >= 5 && count(answers, 429) >= 20);
	assert.equal(answers.find((a) => a.status === 429).headers['ratelimit-policy'], '"client";q=5;w=1');
	const basic = `Basic ${Buffer.from(`${machine.ClientId}:${machine.ClientSecret}`).toString('base64')}`;
	assert.equal((await request('/oauth2/token', { method: 'POST', headers: { authorization: basic },
		form: { grant_type: 'client_credentials' } })).status, 200);
	const pages = await many(40, (i) => request(loginPath(), { from: `198.51.100.${i}` }));
	assert.ok(count(pages, 429) > 0, 'its pages count too');
});

test('who does not know the secret spends nothing of the client, and one source not all of a public one', async () => {
	await limits({ limit_client: 5 });
	const form = { grant_type: 'client_credentials', client_id: machine.ClientId };
	const wrong = await many(60, () => request('/oauth2/token', { method: 'POST', form: { ...form, client_secret: 'wrong' } }));
	assert.equal(count(wrong, 429), 0);
	assert.equal((await request('/oauth2/token', { method: 'POST', form: { ...form, client_secret: machine.ClientSecret } })).status, 200);
	await limits({ limit_client: 10, limit_share: 50 });
	assert.ok(count(await many(60, () => refresh({ from: '198.51.100.7' })), 429) > 0);
	assert.equal((await refresh({ from: '198.51.100.8' })).status, 400);
});

test('client_credentials of the installation are limited together', async () => {
	await limits({ limit_machine: 5 });
	const answers = await many(40, () => request('/oauth2/token', { method: 'POST', form: { grant_type: 'client_credentials',
		client_id: machine.ClientId, client_secret: machine.ClientSecret } }));
	assert.ok(count(answers, 200) >= 5 && count(answers, 429) >= 10);
	assert.equal(answers.find((a) => a.status === 429).headers['ratelimit-policy'], '"machine";q=5;w=1');
	assert.equal((await refresh()).status, 400);
});

test('every password that is checked counts; codes have an allowance of their own', async () => {
	await limits({ limit_sign_in: 2 });
	const invented = crypto.randomUUID();
	const submit = (i) => request(loginPath(), { method: 'POST', from: `198.51.100.${i}`, headers: { cookie: `XSRF-TOKEN=${invented}` },
		form: { _csrf: invented, username: 'nobody@example.com', password: 'Wrong-password-1' } });
	const answers = await many(30, submit);
	const refused = answers.filter((a) => a.status === 429);
	assert.ok(refused.length > 0 && count(answers, 200) >= 2);
	assert.match(refused[0].text, /Too many requests\. Please try again in a moment\.[\s\S]*name="password"/);	// the form stays
	assert.equal(refused[0].headers['ratelimit-policy'], '"sign-in";q=2;w=1');
	assert.equal((await request(loginPath())).status, 200);
	const redeem = () => request('/oauth2/token', { method: 'POST', form: { grant_type: 'authorization_code', code: 'x',
		redirect_uri: 'http://localhost:9/cb', client_id: own.client.ClientId } });
	const first = await redeem();
	assert.equal(first.status, 400);
	assert.equal(JSON.parse(first.text).error, 'invalid_grant');
	const more = await many(30, redeem);
	assert.equal(more.find((a) => a.status === 429).headers['ratelimit-policy'], '"code";q=2;w=1');
});

test('without limits there are no headers of limits', async () => {
	await limits({});
	const answers = await many(60, () => refresh());
	assert.equal(count(answers, 400), 60);
	assert.equal('ratelimit' in answers[0].headers, false);
});
