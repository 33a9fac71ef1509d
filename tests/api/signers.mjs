// SPDX-License-Identifier: Apache-2.0
// Requests signed by signers that others wrote, as they come from npm: each must be taken for what it is. Run inside a
// VPC's namespace. ADDRESS=… ID=… SECRET=… [TOKEN=…]
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';

const { ADDRESS: host, ID: accessKeyId, SECRET: secretAccessKey, TOKEN: sessionToken } = process.env;
const credentials = { accessKeyId, secretAccessKey, sessionToken };
const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

class Sha256 {
	constructor(key) { this.hash = key ? createHmac('sha256', key) : createHash('sha256'); }
	update(data) { this.hash.update(data); }
	async digest() { return new Uint8Array(this.hash.digest()); }
}
const smithy = new SignatureV4({ credentials, region: 'us-east-1', service: 'vpc-lattice-svcs', sha256: Sha256 });

// send({...}): the status of the answer and its text.
function send({ method = 'GET', path, headers = {}, body = '' }) {
	return new Promise((resolve, reject) => {
		const request = http.request({ host, method, path, headers: { ...headers, 'content-length': Buffer.byteLength(body) } }, r => {
			let text = '';
			r.on('data', part => (text += part)).on('end', () => resolve({ status: r.statusCode, text }));
		});
		request.on('error', reject).end(body);
	});
}

// What a query object is on the wire, in the order that it was made in.
const wire = query => Object.entries(query).flatMap(([k, v]) => [v].flat().map(x => `${encodeURIComponent(k)}=${
	encodeURIComponent(x)}`)).join('&');
const target = ({ path, query = {} }) => (Object.keys(query).length ? `${path}?${wire(query)}` : path);

const requests = [
	{ path: '/' },
	{ path: '/cart/items' },
	{ path: '/with%20space/and%2Fslash/%E1%88%B4' },
	{ path: "/~a-b_c.d/!$&'()*+,;=:@" },
	{ path: '/q', query: { z: '1', a: 'b c', A: '', 'b/c': '%=&+' } },
	{ path: '/q', query: { a: ['2', '1', '10'], 'a-b': 'x', 'ab': '~' } },
	{ path: '/post', method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } },
	{ path: '/h', headers: { 'x-multi': '  a   b\tc  ', 'x-empty': '', 'my-header': 'VALUE' } },
];

for (const r of requests) {
	const name = `${r.method || 'GET'} ${target(r)}`;
	test(`@smithy/signature-v4: ${name}`, async () => {
		const signed = await smithy.sign({ method: 'GET', protocol: 'http:', hostname: host, ...r,
			headers: { host, ...unsigned, ...r.headers } });
		const answer = await send({ ...r, path: target(r), headers: signed.headers });
		assert.equal(answer.status, 200, answer.text);
		assert.match(answer.text, /x-amzn-lattice-identity: Principal=arn:aws:/);
	});
	test(`@smithy/signature-v4, presigned: ${name}`, async () => {
		const signed = await smithy.presign({ method: 'GET', protocol: 'http:', hostname: host, ...r,
			headers: { host, ...r.headers, ...unsigned } }, { expiresIn: 60, unhoistableHeaders: new Set(['x-multi', 'x-empty']) });
		const answer = await send({ ...r, path: target({ path: r.path, query: signed.query }), headers: signed.headers });
		assert.equal(answer.status, 200, answer.text);
	});
	test(`aws4: ${name}`, async () => {
		const signed = aws4.sign({ host, method: 'GET', service: 'vpc-lattice-svcs', region: 'us-east-1', ...r, path: target(r),
			headers: { ...unsigned, ...r.headers } }, credentials);
		const answer = await send({ ...r, path: signed.path, headers: signed.headers });
		assert.equal(answer.status, 200, answer.text);
	});
}

test('aws4, presigned', async () => {
	const signed = aws4.sign({ host, path: '/a?b=c&X-Amz-Expires=60', service: 'vpc-lattice-svcs', region: 'us-east-1', signQuery: true },
		credentials);
	assert.equal((await send({ path: signed.path, headers: { host } })).status, 200);
});

// Signers normalise the path; what was signed is what the target gets.
test('a path with dots goes on as it was signed', async () => {
	const path = '/a/./b/../c//d';
	const signed = await smithy.sign({ method: 'GET', protocol: 'http:', hostname: host, path, headers: { host, ...unsigned } });
	const answer = await send({ path, headers: signed.headers });
	assert.equal(answer.status, 200, answer.text);
	assert.match(answer.text, /^GET \/a\/c\/d\n/);
});

test('what is not what was signed is refused', async () => {
	const signed = await smithy.sign({ method: 'GET', protocol: 'http:', hostname: host, path: '/a', query: { b: '1' },
		headers: { host, ...unsigned, 'x-a': '1' } });
	const changed = change => send({ path: '/a?b=1', headers: signed.headers, ...change });
	assert.equal((await changed({})).status, 200);
	for (const change of [{ path: '/A?b=1' }, { path: '/a?b=2' }, { path: '/a' }, { path: '/a/?b=1' }, { path: '/%61?b=1' },
		{ path: '/a?b=1&c' }, { method: 'POST' }, { headers: { ...signed.headers, 'x-a': '2' } },
		{ headers: { ...signed.headers, host: 'another' } }]) {
		const answer = await changed(change);
		assert.equal(answer.status, 403, JSON.stringify(change));
		assert.match(answer.text, /^InvalidSignatureException: The request signature we calculated does not match/);
	}
});
