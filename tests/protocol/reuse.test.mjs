// What comes twice was stolen: codes (RFC 6749 4.1.2) and rotated refresh tokens (RFC 9700 4.14.2);
// and clients that have to send a challenge (RFC 7636 4.4.1)
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, authorizeUrl, callback, code, makeClient, makeUser, request, token, tokens } from './suite.mjs';

const rotation = (seconds) => ['--refresh-token-rotation', `Feature=ENABLED,RetryGracePeriodSeconds=${seconds}`];
let user;
before(() => { user = makeUser(); });

const info = async (access_token) => (await request('/oauth2/userInfo', { headers: { authorization: `Bearer ${access_token}` } })).status;
const refresh = (client, refresh_token) => token(client, { grant_type: 'refresh_token', refresh_token });
const redeem = (client, value) => token(client, { grant_type: 'authorization_code', code: value, redirect_uri: callback(client) });
const refused = (answer) => assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant']);

// Whether the setting says so, or the dialect.
for (const [name, options, ends] of [
	['cognito', [], false], ['both', ['--dialect', 'both'], false], ['standard', ['--dialect', 'standard'], true],
	['cognito with --reuse-ends-family', ['--reuse-ends-family'], true],
	['standard with --no-reuse-ends-family', ['--dialect', 'standard', '--no-reuse-ends-family'], false]]) {
	const living = ends ? 401 : 200;

	test(`${name}: a code that comes again is refused${ends ? ', and its family ends' : ''}`, async () => {
		const client = makeClient(...options);
		const value = await code(client, user);
		const first = (await redeem(client, value)).json;
		assert.equal(await info(first.access_token), 200);
		refused(await redeem(client, value));
		assert.equal(await info(first.access_token), living);
		assert.equal((await refresh(client, first.refresh_token)).status, ends ? 400 : 200);
		refused(await redeem(client, value));
	});

	test(`${name}: a rotated token that comes again is refused${ends ? ', and its family ends' : ''}`, async () => {
		const client = makeClient(...options, ...rotation(0));
		const first = await tokens(client, user);
		const second = (await refresh(client, first.refresh_token)).json;
		refused(await refresh(client, first.refresh_token));
		assert.equal(await info(second.access_token), living);
		assert.equal((await refresh(client, second.refresh_token)).status, ends ? 400 : 200);
	});
}

test('within its grace a rotated token is no stolen one', async () => {
	const client = makeClient('--dialect', 'standard', ...rotation(2));
	const first = await tokens(client, user);
	const second = (await refresh(client, first.refresh_token)).json;
	const third = (await refresh(client, first.refresh_token)).json;
	assert.equal(await info(third.access_token), 200);
	await new Promise((resolve) => setTimeout(resolve, 2200));
	assert.equal((await refresh(client, third.refresh_token)).status, 200);
	refused(await refresh(client, first.refresh_token));
	for (const { access_token } of [first, second, third])
		assert.equal(await info(access_token), 401);
});

test('somebody else\'s client ends no family', async () => {
	const mine = makeClient('--dialect', 'standard', ...rotation(0)), other = makeClient('--dialect', 'standard');
	const value = await code(mine, user);
	const first = (await redeem(mine, value)).json;
	refused(await redeem(other, value));
	const second = (await refresh(mine, first.refresh_token)).json;
	refused(await refresh(other, first.refresh_token));
	assert.equal(await info(second.access_token), 200);
});

test('a client that has to send a challenge gets no code without one', async () => {
	const client = makeClient('--pkce-required');
	const answer = await new Browser().fetch(authorizeUrl(client));
	assert.equal(new URL(answer.location).searchParams.get('error'), 'invalid_request');
	assert.ok((await tokens(client, user)).access_token);
});
