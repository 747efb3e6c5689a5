// chromium - what the browser tests share: Debian's Chromium, and a visitor who takes offence
import assert from 'node:assert/strict';
import http from 'node:http';
import { chromium } from 'playwright-core';
import { base, makeClient } from '../protocol/suite.mjs';

// A browser with a profile of its own, which goes when it does.
export const launch = () => chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'],
});

// Somebody new: no cookies, nothing cached. close() fails the test if a page logged an error (what
// its content security policy forbids is one), threw, or asked another origin for anything.
// Origins besides the suite's are named in `origins`; `expected` matches errors that belong.
export async function visitor(browser, { origins = [], expected, ...options } = {}) {
	const context = await browser.newContext({ locale: 'en-GB', ...options });
	const page = await context.newPage();
	const offences = [];
	const offend = (text) => { if (!expected?.test(text)) offends(text); };
	const offends = (text) => offences.push(`${page.url()}: ${text}`);
	page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) offend(m.text()); });
	page.on('pageerror', (error) => offend(error.message));
	page.on('request', (request) => {
		const { origin, protocol } = new URL(request.url());
		if (protocol !== 'data:' && ![new URL(base).origin, ...origins].includes(origin))
			offends(`asked ${request.url()}`);
	});
	page.on('response', (answer) => {
		if (answer.status() >= 500)
			offends(`${answer.url()} answered ${answer.status()}`);
	});
	page.setDefaultTimeout(10000);
	return { context, page, offences, async close() {
		await context.close();
		assert.deepEqual(offences, []);
	} };
}

// A relying party that is nothing but a callback: the test reads what it was called with. Its
// client is the pool's, registered for its port.
export async function relyingParty(...settings) {
	const server = http.createServer((request, answer) => {
		answer.setHeader('content-type', 'text/html; charset=utf-8');
		answer.end('<!doctype html><html lang="en"><title>Back</title><link rel="icon" href="data:,"><h1>Back</h1>');
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const origin = `http://localhost:${server.address().port}`;
	const client = makeClient('--callback-urls', `${origin}/callback`, '--logout-urls', `${origin}/bye`, ...settings);
	return { origin, client, close: () => new Promise((resolve) => {
		server.closeAllConnections();
		server.close(resolve);
	}) };
}
