// RFC 7591, RFC 7592: clients register and manage themselves, where the user pool lets them
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Installation, build } from './installation.mjs';
import { Browser, authorizeUrl, basic, claims, forms, makePool, part, pkce, request, token } from './suite.mjs';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code', callback = 'http://localhost:9/cb';
let open, changing, closed, guarded;	// a source registers twenty times an hour with each
const dcr = (pool, settings) => pool.tarn('update-user-pool', '--dcr-configuration', JSON.stringify(settings));
before(() => {
	[open, changing, closed, guarded] = [makePool(), makePool(), makePool(), makePool()];
	dcr(open, { EnableStatus: 'Enabled', OpenDcrEnabled: true, OpenDcrGrantTypes: ['code', 'client_credentials', 'device_code'],
		AllowedScopes: ['openid', 'email', 'https://api.example/read'] });
	open.tarn('create-resource-server', '--identifier', 'https://api.example', '--name', 'API', '--scopes', 'ScopeName=read,ScopeDescription=R', 'ScopeName=write,ScopeDescription=W');
	dcr(changing, { EnableStatus: 'Enabled', OpenDcrEnabled: true, AllowedScopes: ['openid', 'email'] });
	dcr(guarded, { EnableStatus: 'Enabled' });
});
after(() => { for (const pool of [open, changing, closed, guarded]) pool.drop(); });

const call = (url, method, body, bearer, headers = {}) => request(url, { method, ...(body === undefined ? {} :
    { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), ...headers } });
const register = (pool, body = { redirect_uris: [callback] }, bearer, headers) => call(`${pool.home}/oauth2/register`, 'POST', body, bearer, headers);
async function registered(pool, body, bearer) {
	const answer = await register(pool, body, bearer);
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}
const manage = (client, method, body, bearer = client.registration_access_token) => call(client.registration_client_uri, method, body, bearer);
const asClient = (client) => ({ ClientId: client.client_id, ClientSecret: client.client_secret, CallbackURLs: client.redirect_uris });

function person(pool) {
	const name = `p-${Math.random().toString(36).slice(2)}`;
	pool.tarn('admin-create-user', '--username', name, '--message-action', 'SUPPRESS', '--user-attributes', `Name=email,Value=${name}@example.com`);
	pool.tarn('admin-set-user-password', '--username', name, '--password', 'Correct-horse-7', '--permanent');
	return { username: name, password: 'Correct-horse-7' };
}

async function signIn(pool, client, more = {}) {
	const { verifier, challenge } = pkce();
	const browser = new Browser(pool.home);
	const asked = await browser.signIn(asClient(client), person(pool), { code_challenge: challenge, code_challenge_method: 'S256', ...more });
	const answer = await browser.submit(asked, { decision: 'approve' });
	const code = new URL(answer.location).searchParams.get('code');
	return token(asClient(client), { grant_type: 'authorization_code', code, redirect_uri: client.redirect_uris[0], code_verifier: verifier }, {}, pool.home);
}

test('a client registers, and signs somebody in', async () => {
	const client = await registered(open, { client_name: 'A reader', redirect_uris: [callback], scope: 'openid email' });
	assert.match(client.client_id, /^[0-9a-z]{26}$/);
	assert.ok(client.client_secret.length >= 24);
	assert.equal(client.client_secret_expires_at, 0);
	assert.ok(Math.abs(client.client_id_issued_at - Date.now() / 1000) < 60);
	assert.equal(client.registration_client_uri, `${open.home}/oauth2/register/${client.client_id}`);
	assert.match(client.registration_access_token, /^[\w-]{43}$/);
	assert.deepEqual([client.client_name, client.scope, client.token_endpoint_auth_method], ['A reader', 'openid email', 'client_secret_basic']);
	assert.deepEqual(client.grant_types, ['authorization_code', 'refresh_token']);
	assert.deepEqual(client.response_types, ['code']);
	const { json, status } = await signIn(open, client);
	assert.equal(status, 200, json.error);
	assert.equal(claims(json.id_token).aud, client.client_id);
	assert.equal(part(json.access_token, 0).typ, 'at+jwt');	// the standard dialect
});

test('a public client gets no secret, and must use PKCE', async () => {
	const client = await registered(open, { redirect_uris: [callback], token_endpoint_auth_method: 'none' });
	assert.equal('client_secret' in client, false);
	assert.equal('client_secret_expires_at' in client, false);
	assert.equal(open.tarn('describe-user-pool-client', '--client-id', client.client_id).UserPoolClient.PkceRequired, true);
	assert.equal((await signIn(open, client)).status, 200);
});

test('a person is asked before a client that registered itself learns who that is', async () => {
	const client = await registered(open, { client_name: 'Reader', redirect_uris: [callback], token_endpoint_auth_method: 'none' });
	const browser = new Browser(open.home), challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256', state: 's', scope: 'openid email' };
	const asked = await browser.signIn(asClient(client), person(open), challenge);
	assert.match(asked.text, /Continue to Reader\?/);
	assert.ok(asked.text.includes(callback));
	assert.match(asked.text, /see your email address/);
	const again = await browser.open(authorizeUrl(asClient(client), challenge, open.home));	// with a session: no code either
	assert.equal(new URL(again.url).pathname, '/consent');
	const denied = new URL((await browser.submit(again, { decision: 'deny' })).location);
	assert.deepEqual([...denied.searchParams].sort(), [['error', 'access_denied'], ['iss', claims((await signIn(open, client)).json.access_token).iss], ['state', 's']]);
	const silent = await browser.open(authorizeUrl(asClient(client), { ...challenge, prompt: 'none' }, open.home));
	assert.equal(new URL(silent.location).searchParams.get('error'), 'consent_required');
	const [{ action, fields }] = forms(again.text);
	const forged = await browser.fetch(action, { method: 'POST', form: { ...fields, _csrf: crypto.randomUUID(), decision: 'approve' } });
	assert.match(forged.location, /\/error/);
	const stranger = await new Browser(open.home).open(again.url);
	assert.equal(new URL(stranger.url).pathname, '/login');
	assert.ok((await browser.submit(again, { decision: 'approve' })).location.includes('code='));
});

test('the client of an administrator asks nobody', async () => {
	const made = open.client(), browser = new Browser(open.home), query = { scope: 'openid' };
	assert.ok((await browser.signIn(made, person(open), query)).location.includes('code='));
	const straight = await browser.open(authorizeUrl(made, query, open.home).replace('/oauth2/authorize', '/consent'));
	assert.ok(straight.location.includes('code='));
});

test('machines, devices and clients with keys of their own register too', async () => {
	const machine = await registered(open, { grant_types: ['client_credentials'], scope: 'https://api.example/read' });
	const { json } = await token(asClient(machine), { grant_type: 'client_credentials' }, {}, open.home);
	assert.equal(claims(json.access_token).scope, 'https://api.example/read');
	const tv = await registered(open, { grant_types: [DEVICE], token_endpoint_auth_method: 'none' });
	assert.equal((await request(`${open.home}/oauth2/device_authorization`, { method: 'POST', form: { client_id: tv.client_id } })).status, 200);
	const jwks = { keys: [{ ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'k' }] };
	const own = await registered(open, { redirect_uris: [callback], token_endpoint_auth_method: 'private_key_jwt', jwks });
	assert.deepEqual(own.jwks, jwks);
	assert.equal('client_secret' in own, false);
});

test('what nothing acts on is kept and said again; what is unknown is passed over', async () => {
	const said = { client_uri: 'https://app.example/', logo_uri: 'https://app.example/logo.png', tos_uri: 'https://app.example/tos',
		policy_uri: 'https://app.example/privacy', contacts: ['root@app.example'], software_id: 'reader', software_version: '1.2' };
	const client = await registered(open, { redirect_uris: [callback], ...said, 'client_name#de': 'Leser', invented: { a: [1] },
		backchannel_logout_uri: 'https://intranet.example/' });
	for (const [name, value] of Object.entries(said))
		assert.deepEqual(client[name], value);
	assert.equal('invented' in client, false);
	assert.equal('backchannel_logout_uri' in client, false);	// the server would call it
	assert.equal('BackchannelLogoutURI' in open.tarn('describe-user-pool-client', '--client-id', client.client_id).UserPoolClient, false);
});

test('who does not say how it proves itself may send its secret either way, who does in that way alone', async () => {
	const ask = (client, form, headers = {}) => request(`${open.home}/oauth2/token`, { method: 'POST', headers, form: { grant_type: 'client_credentials', ...form } });
	const body = { grant_types: ['client_credentials'], scope: 'https://api.example/read' };
	for (const [more, post] of [[{}, 200], [{ token_endpoint_auth_method: 'client_secret_basic' }, 401]]) {
		const client = await registered(open, { ...body, ...more });
		assert.equal(client.token_endpoint_auth_method, 'client_secret_basic');
		assert.equal((await ask(client, {}, { authorization: basic(asClient(client)) })).status, 200);
		assert.equal((await ask(client, { client_id: client.client_id, client_secret: client.client_secret })).status, post);
	}
});

test('with its token a client sees, changes and removes itself', async () => {
	const client = await registered(open, { client_name: 'One', redirect_uris: [callback], software_version: '1' });
	assert.deepEqual((await manage(client, 'GET')).json, client);
	const changed = await manage(client, 'PUT', { client_id: client.client_id, client_secret: client.client_secret, client_name: 'Two', redirect_uris: [`${callback}2`] });
	assert.equal(changed.status, 200, changed.text);
	assert.deepEqual([changed.json.client_name, changed.json.redirect_uris, changed.json.software_version], ['Two', [`${callback}2`], undefined]);
	assert.equal(changed.json.client_secret, client.client_secret);
	assert.deepEqual((await manage(client, 'GET')).json, changed.json);
	const gone = await manage(client, 'DELETE');
	assert.equal(gone.status, 204);
	assert.equal(gone.text, '');
	assert.equal((await manage(client, 'GET')).status, 401);
	assert.throws(() => open.tarn('describe-user-pool-client', '--client-id', client.client_id), /ResourceNotFoundException/);
});

test('a client that becomes public loses its secret, and gets a new one when it changes back', async () => {
	const client = await registered(open);
	const body = { client_id: client.client_id, redirect_uris: [callback] };
	const bare = (await manage(client, 'PUT', { ...body, token_endpoint_auth_method: 'none' })).json;
	assert.equal('client_secret' in bare, false);
	const again = (await manage(client, 'PUT', body)).json;
	assert.notEqual(again.client_secret, client.client_secret);
	assert.ok(again.client_secret);
});

for (const [what, body] of [
	['another client_id', (client) => ({ client_id: 'other', redirect_uris: [callback] })],
	['no client_id', () => ({ redirect_uris: [callback] })],
	['a wrong secret', (client) => ({ client_id: client.client_id, client_secret: 'wrong', redirect_uris: [callback] })],
	['its registration access token', (client) => ({ client_id: client.client_id, registration_access_token: client.registration_access_token, redirect_uris: [callback] })],
	['a grant it did not register with', (client) => ({ client_id: client.client_id, grant_types: ['client_credentials'] })],
	['a scope beyond what the pool allows', (client) => ({ client_id: client.client_id, redirect_uris: [callback], scope: 'openid phone' })],
])
	test(`a change is refused: ${what}`, async () => {
		const client = await registered(changing), answer = await manage(client, 'PUT', body(client));
		assert.equal(answer.status, 400, answer.text);
		assert.equal(answer.json.error, 'invalid_client_metadata');
		assert.deepEqual((await manage(client, 'GET')).json, client);
	});

test("a client is not there for who has no token, or another's", async () => {
	const [one, two] = [await registered(open), await registered(open)];
	for (const method of ['GET', 'PUT', 'DELETE'])
		for (const [url, bearer] of [[one.registration_client_uri, two.registration_access_token], [one.registration_client_uri, undefined],
			[`${open.home}/oauth2/register/nobody`, one.registration_access_token], [`${open.home}/oauth2/register/a%20b`, one.registration_access_token]]) {
			const answer = await call(url, method, method === 'PUT' ? { client_id: one.client_id, redirect_uris: [callback] } : undefined, bearer);
			assert.equal(answer.status, 401, `${method} ${url}`);
			assert.equal(answer.json.error, 'invalid_token');
			assert.match(answer.headers['www-authenticate'], /^Bearer error="invalid_token"/);
		}
	assert.equal((await manage(one, 'GET')).status, 200);
});

const refused = async (answer, error, status = 400) => {
	const got = await answer;
	assert.equal(got.status, status, got.text);
	assert.equal(got.json.error, error, got.text);
};
for (const [what, body, error] of [
	['no redirect URI', {}, 'invalid_redirect_uri'],
	['a redirect URI with a fragment', { redirect_uris: ['https://a.example/#x'] }, 'invalid_redirect_uri'],
	['plain http elsewhere than on this machine', { redirect_uris: ['http://a.example/'] }, 'invalid_redirect_uri'],
	['a script for a redirect URI', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
	['a relative redirect URI', { redirect_uris: ['/cb'] }, 'invalid_redirect_uri'],
	['redirect URIs that are no list', { redirect_uris: callback }, 'invalid_client_metadata'],
	['twenty-one redirect URIs', { redirect_uris: Array.from({ length: 21 }, (_, i) => `${callback}${i}`) }, 'invalid_client_metadata'],
	['a name that is a number', { redirect_uris: [callback], client_name: 1 }, 'invalid_client_metadata'],
	['a name with markup', { redirect_uris: [callback], client_name: '<b>Bank</b>' }, 'invalid_client_metadata'],
	['a name of 129 letters', { redirect_uris: [callback], client_name: 'x'.repeat(129) }, 'invalid_client_metadata'],
	['a software_version without end', { redirect_uris: [callback], software_version: '1'.repeat(65) }, 'invalid_client_metadata'],
	['a scope that the pool does not give away', { redirect_uris: [callback], scope: 'openid https://api.example/write' }, 'invalid_client_metadata'],
	['a grant type that the pool does not give away', { redirect_uris: [callback], grant_types: ['implicit'] }, 'invalid_client_metadata'],
	['an unknown grant type', { grant_types: ['password'] }, 'invalid_client_metadata'],
	['a refresh token alone', { grant_types: ['refresh_token'] }, 'invalid_client_metadata'],
	['a machine that is a person too', { redirect_uris: [callback], grant_types: ['client_credentials', 'authorization_code'] }, 'invalid_client_metadata'],
	['a public machine', { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }, 'invalid_client_metadata'],
	['a response type without its grant', { redirect_uris: [callback], response_types: ['token'] }, 'invalid_client_metadata'],
	['an unknown way to prove itself', { redirect_uris: [callback], token_endpoint_auth_method: 'tls_client_auth' }, 'invalid_client_metadata'],
	['keys that are needed and not there', { redirect_uris: [callback], token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
	['keys that are none', { redirect_uris: [callback], token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }, 'invalid_client_metadata'],
	['keys somewhere else', { redirect_uris: [callback], jwks_uri: 'https://a.example/jwks' }, 'invalid_client_metadata'],
	['a list', [], 'invalid_client_metadata'],
	['no JSON', '{', 'invalid_client_metadata'],
	['a member twice', `{"redirect_uris":["${callback}"],"redirect_uris":["${callback}2"]}`, 'invalid_client_metadata'],
	['JSON without bottom', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'invalid_client_metadata'],
	['seventeen thousand bytes', { redirect_uris: [callback], invented: 'x'.repeat(17000) }, 'invalid_client_metadata'],
])
	test(`a registration is refused: ${what}`, () => refused(register(open, body), error));

test('a registration is refused: a form', () => refused(register(open, `redirect_uris=${callback}`, undefined, { 'content-type': 'application/x-www-form-urlencoded' }), 'invalid_client_metadata'));

test('by default nobody registers', () => refused(register(closed), 'access_denied', 403));

test('where the door is not open, an initial access token opens it as often as it says', async () => {
	await refused(register(guarded), 'invalid_token', 401);
	await refused(register(guarded, undefined, 'x'.repeat(43)), 'invalid_token', 401);
	const { InitialAccessToken, ExpirationDate } = guarded.tarn('create-initial-access-token', '--uses', '2', '--validity-days', '1');
	assert.ok(Math.abs(new Date(ExpirationDate) - Date.now() - 86400000) < 60000);
	await refused(register(guarded, { redirect_uris: ['nonsense'] }, InitialAccessToken), 'invalid_redirect_uri');	// takes no use
	const answers = await Promise.all(Array.from({ length: 6 }, () => register(guarded, undefined, InitialAccessToken)));
	assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 401, 401, 401, 401]);
	await refused(register(guarded, undefined, InitialAccessToken), 'invalid_token', 401);
	const taken = guarded.tarn('create-initial-access-token').InitialAccessToken;
	guarded.tarn('delete-initial-access-token', '--initial-access-token', taken);
	await refused(register(guarded, undefined, taken), 'invalid_token', 401);
	await refused(register(closed, undefined, taken), 'access_denied', 403);
});

test('list-user-pool-clients tells those that registered from those that were made', async () => {
	const pool = makePool();
	after(() => pool.drop());
	dcr(pool, { EnableStatus: 'Enabled', OpenDcrEnabled: true });
	const made = pool.client().ClientId, { client_id } = await registered(pool);
	const list = (...more) => pool.tarn('list-user-pool-clients', ...more).UserPoolClients.map(({ ClientId }) => ClientId).sort();
	assert.deepEqual(list('--client-type', 'DCR'), [client_id]);
	assert.deepEqual(list('--client-type', 'REGULAR'), [made]);
	assert.deepEqual(list(), [made, client_id].sort());
	assert.equal(pool.tarn('describe-user-pool-client', '--client-id', client_id).UserPoolClient.ClientType, 'DCR');
	assert.throws(() => pool.tarn('add-user-pool-client-secret', '--client-id', client_id), /InvalidParameterException/);
});

test('an administrator who deletes a client deletes its registration', async () => {
	const client = await registered(open);
	open.tarn('delete-user-pool-client', '--client-id', client.client_id);
	assert.equal((await manage(client, 'GET')).status, 401);
});

test('GET on the door is 405, and POST on a client', async () => {
	const door = await request(`${open.home}/oauth2/register`);
	assert.deepEqual([door.status, door.headers.allow], [405, 'POST']);
	const client = await registered(open), answer = await call(client.registration_client_uri, 'POST', {});
	assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET, PUT, DELETE']);
	assert.equal((await request(`${open.home}/oauth2/register/a/b`)).status, 404);
});

// One request to the program as plain CGI: for settings of another installation.
const cgi = (own, body) => new Promise((done) => {
	const text = JSON.stringify(body);
	const child = spawn(join(build, 'cgi-bin/register'), { stdio: ['pipe', 'pipe', 'inherit'], env: { REQUEST_METHOD: 'POST', REQUEST_URI: '/oauth2/register',
		HTTP_HOST: 'localhost', REMOTE_ADDR: '192.0.2.1', TARN_CONF: own.conf, CONTENT_TYPE: 'application/json', CONTENT_LENGTH: String(text.length) } });
	let out = '';
	child.stdout.setEncoding('utf8').on('data', (piece) => { out += piece; });
	child.on('close', () => done(Number(/^Status: (\d+)/m.exec(out)[1])));
	child.stdin.end(text);
});

for (const [what, settings, statuses] of [
	['a source registers so many in an hour, and no more', { registrations_per_hour: 2 }, [201, 201, 429]],
	['a user pool has so many that registered, and no more', { registered_clients: 3 }, [201, 201, 201, 429]],
])
	test(what, async () => {
		const own = await Installation.make(settings);
		try {
			await own.tarn('update-user-pool', '--user-pool-id', own.pool, '--dcr-configuration', 'EnableStatus=Enabled,OpenDcrEnabled=true');
			for (const status of statuses)
				assert.equal(await cgi(own, { redirect_uris: [callback] }), status);
			assert.equal(await cgi(own, {}), 400);	// what is wrong is said first
		} finally {
			await own.close();
		}
	});
