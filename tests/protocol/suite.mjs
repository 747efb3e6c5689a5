// suite - what the protocol tests share: the running suite, the tarn command, a browser without a
// screen. TARN_DEMO names the demo.json of a suite that runs (tools/check starts one).
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

if (!process.env.TARN_DEMO)
	throw new Error('TARN_DEMO must name the demo.json of a running suite');

export const demo = JSON.parse(readFileSync(process.env.TARN_DEMO, 'utf8'));
export const base = demo.base_url;
export const pool = demo.user_pool_id;
export const web = demo.clients['demo-web'];
export const spa = demo.clients['demo-spa'];
export const m2m = demo.clients['demo-m2m'];

// Runs an operation: tarn('admin-get-user', '--username', 'alice'). The pool is filled in. Answers
// the JSON it printed, or null; throws with .message as the command's own.
export function tarn(operation, ...args) {
	const all = args.includes('--user-pool-id') || operation.includes('user-pools') ||
	    operation === 'create-user-pool' ? args : ['--user-pool-id', pool, ...args];
	return JSON.parse(tarnRaw(operation, ...all) || 'null');
}

export function tarnRaw(...args) {
	try {
		return execFileSync(demo.tarn.command, ['--conf', demo.tarn.conf, ...args],
		    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
	} catch (error) {
		throw Object.assign(new Error(error.stderr.trim()), { status: error.status });
	}
}

let serial = 0;
export const unique = (word) => `${word}-${process.pid}-${Date.now().toString(36)}-${serial++}`;

// A client of the demo's pool with the demo's callback, or what `more` says instead.
export function makeClient(...more) {
	return tarn('create-user-pool-client', '--client-name', unique('test'),
	    '--supported-identity-providers', 'COGNITO',
	    '--callback-urls', 'http://localhost:9/cb', '--logout-urls', 'http://localhost:9/bye',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code',
	    '--allowed-o-auth-scopes', 'openid', 'email', 'profile', ...more).UserPoolClient;
}

// A pool of its own at a host of its own, with a client; home is its address. Call drop() at the end.
export function makePool(...settings) {
	const made = tarn('create-user-pool', '--pool-name', unique('pool'), ...settings).UserPool;
	const host = `${unique('pool')}.localhost:${new URL(base).port}`;	// browsers find it here (RFC 6761 6.3)
	const on = (operation, ...args) => tarn(operation, '--user-pool-id', made.Id, ...args);
	on('create-user-pool-domain', '--domain', host);
	const client = (...more) => on('create-user-pool-client', '--client-name', 'c',
	    '--supported-identity-providers', 'COGNITO', '--callback-urls', 'http://localhost:9/cb',
	    '--allowed-o-auth-flows-user-pool-client', '--allowed-o-auth-flows', 'code',
	    '--allowed-o-auth-scopes', 'openid', 'email', 'profile', 'phone', ...more).UserPoolClient;
	return { id: made.Id, home: `http://${host}`, tarn: on, client, drop() {
		on('delete-user-pool-domain', '--domain', host);
		on('delete-user-pool');
	} };
}

export const PASSWORD = 'Correct-horse-7';

// A confirmed person; the pool uses e-mail addresses as usernames.
export function makeUser(attributes = [], password = PASSWORD) {
	const email = `${unique('person')}@example.com`;
	tarn('admin-create-user', '--username', email, '--message-action', 'SUPPRESS',
	    '--user-attributes', `Name=email,Value=${email}`, 'Name=email_verified,Value=true', ...attributes);
	tarn('admin-set-user-password', '--username', email, '--password', password, '--permanent');
	const user = tarn('admin-get-user', '--username', email);
	return { email, password, username: user.Username,
		sub: user.UserAttributes.find((a) => a.Name === 'sub').Value };
}

// One HTTP request without following redirects. headers of the answer by lower-case name; set-cookie
// is a list.
export function request(url, { method = 'GET', headers = {}, body, form } = {}) {
	if (form !== undefined) {
		body = new URLSearchParams(form).toString();
		headers = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
	}
	return new Promise((resolve, reject) => {
		const target = new URL(url, base);
		const call = http.request({ host: '127.0.0.1', port: target.port, method,
			path: target.pathname + target.search,
			headers: { host: target.host, ...(body ? { 'content-length': Buffer.byteLength(body) } : {}), ...headers } },
		(answer) => {
			const parts = [];
			answer.on('data', (part) => parts.push(part));
			answer.on('error', reject);	// it broke off
			answer.on('end', () => {
				const text = Buffer.concat(parts).toString('utf8');
				resolve({ status: answer.statusCode, headers: answer.headers, text,
					location: answer.headers.location,
					get json() { return JSON.parse(text); } });
			});
		});
		// A kept connection that the server closed while a command ran here.
		call.on('error', (error) => (call.reusedSocket && error.code === 'ECONNRESET' ?
			resolve(request(url, { method, headers, body })) : reject(error)));
		call.end(body);
	});
}

const unescape = (s) => s.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"')
	.replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(n))
	.replace(/&#x([0-9a-f]+);/gi, (_, n) => String.fromCodePoint(parseInt(n, 16))).replace(/&amp;/g, '&');

// The forms of a page: action, method, and fields by name.
export function forms(html) {
	return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head, inside]) => {
		const attribute = (text, name) => {
			const found = new RegExp(`\\b${name}="([^"]*)"`).exec(text);
			return found ? unescape(found[1]) : undefined;
		};
		const fields = {};
		for (const [, input] of inside.matchAll(/<(?:input|button)\b([^>]*)>/g))
			if (attribute(input, 'name'))
				fields[attribute(input, 'name')] = attribute(input, 'value') ?? '';
		return { action: attribute(head, 'action'), method: attribute(head, 'method'),
			name: attribute(head, 'name'), fields };
	});
}

// A browser without a screen: cookies, and redirects within the host when asked to.
export class Browser {
	cookies = new Map();

	constructor(home = base) {
		this.base = home;
	}

	async fetch(url, options = {}) {
		const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		const answer = await request(new URL(url, this.base).href, { ...options,
			headers: { ...(cookie ? { cookie } : {}), ...options.headers } });
		for (const line of answer.headers['set-cookie'] ?? []) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			if (/Max-Age=0|Expires=Thu, 01[- ]Jan[- ]1970/i.test(line))
				this.cookies.delete(name);
			else
				this.cookies.set(name, value);
		}
		answer.url = new URL(url, this.base).href;
		return answer;
	}

	// Follows redirects as long as they lead from page to page.
	async open(url, options) {
		const pages = ['/login', '/consent', '/signup', '/confirm', '/changePassword', '/forgotPassword', '/confirmforgotPassword', '/mfa', '/mfa/setup', '/error', '/oauth2/authorize'];
		let answer = await this.fetch(url, options);
		while (answer.status === 302 && answer.location.startsWith(this.base) &&
		    pages.includes(new URL(answer.location).pathname))
			answer = await this.fetch(answer.location);
		return answer;
	}

	// Fills in the form of a page (the first, or the one of that action) and sends it.
	async submit(page, values, action = '') {
		const form = forms(page.text).find((f) => (f.action ?? '').includes(action));
		if (!form)
			throw new Error(`no form ${action} on ${page.url}: ${page.text.slice(0, 400)}`);
		return this.open(form.action, { method: 'POST', form: { ...form.fields, ...values } });
	}

	// From authorize to the answer that leaves for the client.
	async signIn(client, user, parameters = {}) {
		const page = await this.open(authorizeUrl(client, parameters, this.base));
		if (page.status === 302)
			return page;
		return this.submit(page, { username: user.email ?? user.username, password: user.password });
	}
}

export const callback = (client) => (client.callback_urls ?? client.CallbackURLs)[0];
export const clientId = (client) => client.client_id ?? client.ClientId;
export const clientSecret = (client) => client.client_secret ?? client.ClientSecret;

export function authorizeUrl(client, parameters = {}, home = base) {
	const url = new URL('/oauth2/authorize', home);
	const all = { response_type: 'code', client_id: clientId(client), redirect_uri: callback(client),
		...parameters };
	for (const [name, value] of Object.entries(all))
		if (value !== undefined)
			url.searchParams.append(name, value);
	return url.href;
}

export function pkce() {
	const verifier = randomBytes(32).toString('base64url');
	return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export const basic = (client) =>
	`Basic ${Buffer.from(`${clientId(client)}:${clientSecret(client)}`).toString('base64')}`;

// A call of the token endpoint as this client, authenticated by header if it has a secret.
export function token(client, form, headers = {}, home = base) {
	const secret = clientSecret(client);
	return request(new URL('/oauth2/token', home).href, { method: 'POST',
		headers: { ...(secret ? { authorization: basic(client) } : {}), ...headers },
		form: { ...(secret ? {} : { client_id: clientId(client) }), ...form } });
}

// A code for somebody, fresh from the pages.
export async function code(client, user, parameters = {}, browser = new Browser()) {
	const answer = await browser.signIn(client, user, parameters);
	const found = answer.location && new URL(answer.location).searchParams.get('code');
	if (!found)
		throw new Error(`no code: ${answer.status} ${answer.location} ${answer.text.slice(0, 300)}`);
	return found;
}

// The whole code grant: the members of the token answer.
export async function tokens(client, user, parameters = {}, browser = new Browser()) {
	const { verifier, challenge } = pkce();
	const value = await code(client, user,
	    { code_challenge: challenge, code_challenge_method: 'S256', ...parameters }, browser);
	const answer = await token(client, { grant_type: 'authorization_code', code: value,
		redirect_uri: callback(client), code_verifier: verifier }, {}, browser.base);
	if (answer.status !== 200)
		throw new Error(`no tokens: ${answer.status} ${answer.text}`);
	return answer.json;
}

export const part = (jwt, i) => JSON.parse(Buffer.from(jwt.split('.')[i], 'base64url').toString());
export const claims = (jwt) => part(jwt, 1);

// The newest letter to an address, once it is there.
export async function letter(to, { after = 0, seconds = 10 } = {}) {
	const until = Date.now() + seconds * 1000;
	for (;;) {
		const folder = join(demo.mail, 'new');
		const letters = (existsSync(folder) ? readdirSync(folder) : []).map((name) => join(folder, name))
			.map((path) => ({ text: readFileSync(path, 'utf8'), at: statSync(path).mtimeMs }))
			.filter(({ text }) => text.includes(to)).sort((a, b) => a.at - b.at);
		if (letters.length > after)
			return letters.at(-1).text;
		if (Date.now() > until)
			throw new Error(`no letter to ${to} within ${seconds} s`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

// The six digits of a letter, whatever its transfer encoding.
export function codeOf(text) {
	const quoted = (s) => s.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, n) => String.fromCharCode(parseInt(n, 16)));
	const parts = text.split(/\r?\n\r?\n/);
	const bodies = parts.map((body, i) => /base64/i.test(parts[i - 1] ?? '') ?
		Buffer.from(body.replace(/\s|--.*/g, ''), 'base64').toString() : /quoted-printable/i.test(text) ? quoted(body) : body);
	return /\b(\d{6})\b/.exec(bodies.slice(1).join('\n'))[1];
}
