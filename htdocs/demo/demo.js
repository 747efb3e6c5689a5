/* demo - a relying party in one page: authorization code flow with PKCE (RFC 6749 4.1, RFC 7636),
 *
 * Tokens live in this tab alone (sessionStorage); what must survive the trip to the sign-in page -
 * state, nonce, code verifier - lives there too, and is used once. */
'use strict';

const $ = (id) => document.getElementById(id);
const here = location.origin + location.pathname;
let config, metadata;

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
	.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const sha256 = (text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));

const kept = {
	get: (name) => JSON.parse(sessionStorage.getItem('demo.' + name)),
	put: (name, value) => sessionStorage.setItem('demo.' + name, JSON.stringify(value)),
	take(name) {
		const value = kept.get(name);
		sessionStorage.removeItem('demo.' + name);
		return value;
	},
};

/* The claims of a token. They came straight from the token endpoint, so this page may read them
 * unverified (OpenID Connect Core 3.1.3.7 6); a server that is handed a token must verify it. */
function claims(token) {
	const part = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
	const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
	return JSON.parse(new TextDecoder().decode(bytes));
}

function say(text, bad) {
	$('message').textContent = text;
	$('message').classList.toggle('bad', Boolean(bad));
	$('message').hidden = !text;
}

async function fetchJson(url, options) {
	const answer = await fetch(url, options);
	const body = await answer.json().catch(() => ({}));
	if (!answer.ok)
		throw new Error(`${new URL(url, location).pathname} answered ${answer.status}: ` +
			(body.error_description || body.error || 'no reason given'));
	return body;
}

/* --- signing in --- */

async function signIn() {
	const trip = { state: random(), nonce: random(), verifier: random() };
	kept.put('trip', trip);
	location.assign(metadata.authorization_endpoint + '?' + new URLSearchParams({
		response_type: 'code', client_id: config.client_id, redirect_uri: here,
		scope: config.scope, state: trip.state, nonce: trip.nonce,
		code_challenge_method: 'S256', code_challenge: base64url(await sha256(trip.verifier)),
	}));
}

const tokenRequest = (fields) => fetchJson(metadata.token_endpoint,
	{ method: 'POST', body: new URLSearchParams({ client_id: config.client_id, ...fields }) });

async function comeBack(query) {
	const trip = kept.take('trip');
	history.replaceState(null, '', here);	/* the code does not stay in the address bar */
	if (!trip || query.get('state') !== trip.state)
		throw new Error('This answer does not belong to a request of this tab (state).');
	if (query.has('error'))
		throw new Error(query.get('error_description') || query.get('error'));
	const tokens = await tokenRequest({ grant_type: 'authorization_code',
		code: query.get('code'), redirect_uri: here, code_verifier: trip.verifier });
	const id = claims(tokens.id_token);
	if (id.nonce !== trip.nonce || id.iss !== metadata.issuer || id.aud !== config.client_id)
		throw new Error('The ID token is not for this request (nonce, iss, aud).');
	kept.put('tokens', tokens);
	return 'Signed in.';
}

async function refresh() {
	const old = kept.get('tokens');
	const tokens = await tokenRequest({ grant_type: 'refresh_token',
		refresh_token: old.refresh_token });
	kept.put('tokens', { ...old, ...tokens });
	return 'The refresh token was exchanged for new tokens.';
}

async function userinfo() {
	kept.put('userinfo', await fetchJson(metadata.userinfo_endpoint,
		{ headers: { Authorization: 'Bearer ' + kept.get('tokens').access_token } }));
	return 'userInfo answered.';
}

function signOut() {
	kept.take('tokens');
	kept.take('userinfo');
	location.assign(metadata.end_session_endpoint + '?' + new URLSearchParams(
		{ client_id: config.client_id, logout_uri: here }));
}

/* --- showing --- */

const isTime = (name) => ['exp', 'iat', 'auth_time', 'nbf', 'updated_at'].includes(name);

function card(title, note, members, sent) {
	const node = $('card').content.cloneNode(true);
	node.querySelector('h2').textContent = title;
	node.querySelector('.note').textContent = note;
	for (const [name, value] of Object.entries(members)) {
		const row = node.querySelector('tbody').insertRow();
		const head = document.createElement('th');
		head.scope = 'row';
		head.textContent = name;
		row.append(head);
		const cell = row.insertCell();
		cell.textContent = typeof value === 'string' ? value : JSON.stringify(value);
		if (isTime(name) && typeof value === 'number') {
			const when = document.createElement('small');
			when.textContent = new Date(value * 1000).toLocaleString();
			cell.append(when);
		}
	}
	node.querySelector('pre').textContent = sent;
	$('results').append(node);
}

function show() {
	const tokens = kept.get('tokens'), answer = kept.get('userinfo');
	$('results').replaceChildren();
	$('sign-in').hidden = Boolean(tokens);
	for (const id of ['refresh', 'userinfo', 'sign-out'])
		$(id).hidden = !tokens;
	if (answer)
		card('userInfo', 'What the endpoint says of the access token\'s owner.', answer,
			JSON.stringify(answer, null, 2));
	if (tokens && tokens.id_token)
		card('ID token', 'Who signed in: for this application alone.',
			claims(tokens.id_token), tokens.id_token);
	if (tokens)
		card('Access token', 'What this application may do: for the APIs it calls.',
			claims(tokens.access_token), tokens.access_token);
}

/* Does one step, says how it went, shows what there is now. */
async function run(step) {
	try {
		say(await step());
	} catch (error) {
		say(error.message, true);
	}
	show();
}

async function begin() {
	const query = new URLSearchParams(location.search);
	config = await fetchJson('config.json');
	metadata = await fetchJson(config.issuer + '/.well-known/openid-configuration');
	$('sign-in').onclick = () => run(signIn);
	$('refresh').onclick = () => run(refresh);
	$('userinfo').onclick = () => run(userinfo);
	$('sign-out').onclick = signOut;
	if (query.has('code') || query.has('error'))
		return comeBack(query);
	return '';
}

run(begin);
