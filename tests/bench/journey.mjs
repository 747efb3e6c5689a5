/* journey - whole sign-ins as a browser makes them, on kept connections: authorize, the sign-in page,
 * its form, and the application's exchange of the code
 *
 *	node journey.mjs URL SECONDS FORM EXCHANGE CALLBACK
 *
 * URL is the authorization request, sent with the host of CALLBACK; FORM and EXCHANGE are what is sent
 * beside _csrf and code. Prints a line as load.lua does. */
import http from 'node:http';

const AT_ONCE = 2;
const [url, seconds, form, exchange, callback] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const { host } = new URL(callback);
const until = Date.now() + seconds * 1000;
const begun = Date.now();

const send = (agent, method, path, { headers, body } = {}) => new Promise((resolve, reject) => {
	const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded',
		'content-length': Buffer.byteLength(body) };
	http.request({ agent, method, hostname, port, path, headers: { host, ...form, ...headers } }, (answer) => {
		let text = '';
		answer.on('data', (piece) => { text += piece; });
		answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
	}).on('error', reject).end(body);
});

const path = (location) => location.replace(/^https?:\/\/[^/]*/, '');

async function sign_in(agent) {
	const there = await send(agent, 'GET', path(url));
	const login = path(there.headers.location);
	const page = await send(agent, 'GET', login);
	const guard = page.text.match(/name="_csrf" value="([^"]*)"/)[1];
	const back = await send(agent, 'POST', login, { body: `_csrf=${guard}&${form}`,
		headers: { cookie: page.headers['set-cookie'].map((line) => line.split(';')[0]).join('; ') } });
	if (!back.headers.location?.startsWith(callback))
		throw new Error(`signing in was answered ${back.status} ${back.headers.location ?? ''}`);
	const code = new URL(back.headers.location).searchParams.get('code');
	const tokens = await send(agent, 'POST', '/oauth2/token', { body: `${exchange}&code=${code}` });
	if (JSON.parse(tokens.text).id_token === undefined)
		throw new Error(`the code was answered ${tokens.text}`);
}

async function browse() {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	let n = 0;
	for (; Date.now() < until; n++)
		await sign_in(agent);
	agent.destroy();
	return n;
}

const done = await Promise.all(Array.from({ length: AT_ONCE }, browse));
console.log(`result ${done.reduce((a, b) => a + b)} 0 ${(Date.now() - begun) * 1000}`);
