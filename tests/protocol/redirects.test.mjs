// RFC 9700 4.1: whatever address a request names, a redirect leaves for a registered one or for our own
// pages. Registered addresses are changed at random, the same way in every run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, makeClient, request } from './suite.mjs';

const callbacks = ['https://app.example.com/cb', 'https://app.example.com/cb?x=y', 'http://localhost:9/cb', 'http://127.0.0.1:9/cb',
	'http://[::1]:9/cb', 'com.example.app:/cb'];
const signOuts = ['https://app.example.com/bye', 'http://localhost:9/bye'];
const marks = [...':/?#[]@\\%.;,&=+ \t\r\n-_~<>|"\'aZ09é', '\u0000', '\u2028', '//', '/..', '%2e', '%00', '%0d%0a', '@evil.example', '.evil.example',
	'https://evil.example/', '//evil.example', '\\\\evil.example', 'javascript:', '127.0.0.1', 'localhost', ':80', '＠', '。'];

function dice(seed) {
	return (sides) => {		// mulberry32
		seed = (seed + 0x6d2b79f5) | 0;
		let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % sides;
	};
}

// One to three changes: something put in, put in place, taken out, the case turned, a tail of another.
function mutate(roll, address, all) {
	for (let changes = roll(4); changes > 0; changes--) {
		const at = roll(address.length + 1), mark = marks[roll(marks.length)], other = all[roll(all.length)];
		address = [
			() => address.slice(0, at) + mark + address.slice(at),
			() => address.slice(0, at) + mark + address.slice(at + 1),
			() => address.slice(0, at) + address.slice(at + 1),
			() => address.slice(0, at) + address.slice(at).toUpperCase(),
			() => address.slice(0, at) + other.slice(roll(other.length)),
		][roll(5)]();
	}
	return address;
}

const onThisMachine = /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?\/cb[?&#]/;
const leadsTo = (location, address) => location.startsWith(address) && '?&#'.includes(location[address.length]) &&
	new URL(location).host === new URL(address).host && new URL(location).protocol === new URL(address).protocol;
const isOurs = (location) => location.startsWith(`${base}/error?`) || location.startsWith(`${base}/login?`);

const places = [
	['/oauth2/authorize', 'redirect_uri', callbacks, { response_type: 'code', prompt: 'none' }],
	['/oauth2/authorize', 'redirect_uri', callbacks, { response_type: 'token', prompt: 'none' }],
	['/logout', 'redirect_uri', callbacks, { response_type: 'nonsense' }],
	['/logout', 'logout_uri', signOuts, {}],
];

for (const dialect of ['cognito', 'both', 'standard'])
	for (const [seed, [path, name, all, more]] of places.entries())
		test(`${dialect}: ${path} with ${JSON.stringify(more)} never sends anybody to a ${name} that is not registered`, async () => {
			const client = makeClient('--dialect', dialect, '--allowed-o-auth-flows', 'code', 'implicit', '--callback-urls', ...callbacks,
			    '--logout-urls', ...signOuts);
			const roll = dice(seed);
			let left = 0, stayed = 0;
			const one = async (address) => {
				const query = Object.entries({ client_id: client.ClientId, ...more, [name]: address })
					.map(([n, value]) => `${n}=${encodeURIComponent(value)}`).join('&');
				const { status, location } = await request(`${path}?${query}`);
				const said = `${JSON.stringify(address)} led to ${status} ${location}`;
				assert.equal(status, location ? 302 : 400, said);	// web servers refuse some bytes themselves
				if (location === undefined || isOurs(location))
					return stayed++;
				left++;
				if (name === 'logout_uri')
					return assert.ok(all.includes(location), said);
				assert.ok(all.some((each) => leadsTo(location, each)) ||
				    (dialect !== 'cognito' && onThisMachine.test(location)), said);
			};
			for (let i = 0; i < 100; i++)
				await Promise.all(Array.from({ length: 8 }, () => one(mutate(roll, all[roll(all.length)], all))));
			assert.ok(left > 50 && stayed > 100, `${left} left, ${stayed} stayed`);	// both sides were seen
		});
