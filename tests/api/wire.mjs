// SPDX-License-Identifier: Apache-2.0
// What a well-behaved SDK never sends, and that no operation was forgotten.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import * as sdk from '@aws-sdk/client-vpc-lattice';
import { own, socketPath, succeeded } from './world.mjs';

// Served, but there is nothing yet on which they could succeed.
const cannotSucceed = ['CreateResourceConfiguration', 'GetResourceConfiguration',
	'UpdateResourceConfiguration', 'DeleteResourceConfiguration', 'CreateResourceGateway', 'GetResourceGateway',
	'UpdateResourceGateway', 'DeleteResourceGateway', 'CreateServiceNetworkResourceAssociation',
	'GetServiceNetworkResourceAssociation', 'DeleteServiceNetworkResourceAssociation',
	'DeleteResourceEndpointAssociation', 'StartDomainVerification', 'GetDomainVerification',
	'DeleteDomainVerification'];

test('every operation that is served was tested', () => {
	const served = readFileSync(process.env.OPERATIONS, 'utf8').matchAll(/^X\((\w+), \w+, "(\/[^"]*)"/gm);
	for (const [, operation, uri] of served) {
		if (uri.startsWith('/lattice/')) continue;
		assert.ok(sdk[`${operation}Command`], `${operation} is no operation of AWS`);
		assert.notEqual(succeeded.has(operation), cannotSucceed.includes(operation), operation);
	}
});

test('every operation of AWS is served', () => {
	const served = readFileSync(process.env.OPERATIONS, 'utf8');
	for (const name of Object.keys(sdk).filter(n => n.endsWith('Command') && n !== '$Command')) {
		const operation = name.replace(/Command$/, '');
		assert.match(served, new RegExp(`^X\\(${operation},`, 'm'));
	}
});

test('a path that is no operation is said so', async () => {
	const answer = await own('GET', '/nothing');
	assert.equal(answer.status, 400);
	assert.equal(answer.headers['x-amzn-errortype'], 'ValidationException');
	assert.equal(answer.body.reason, 'unknownOperation');
});

test('a caller who is not an administrator is refused', () => {
	const program = `const http = require('node:http');
		http.get({ socketPath: process.argv[1], path: '/services' }, r => console.log(r.statusCode,
			r.headers['x-amzn-errortype']));`;
	const said = execFileSync('setpriv', ['--reuid', '65534', '--clear-groups', process.execPath, '-e', program, socketPath]);
	assert.equal(said.toString().trim(), '403 AccessDeniedException');
});

// Send bytes as they are; resolves with what came back when the daemon closed or answered once.
function raw(bytes) {
	return new Promise((resolve, reject) => {
		const connection = net.connect(socketPath, () => connection.write(bytes));
		connection.once('data', data => { resolve(data.toString()); connection.destroy(); });
		connection.once('close', () => resolve(''));
		connection.once('error', reject);
	});
}

test('requests that are too large or no HTTP end with a status', async () => {
	assert.match(await raw('GET /services HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n'), /^HTTP\/1\.1 4/);
	assert.match(await raw(`GET /services HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1 << 17)}\r\n\r\n`), /^HTTP\/1\.1 4/);
	assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1\.1 4/);
	const deep = '['.repeat(100) + ']'.repeat(100);
	assert.match(await raw(`POST /services HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n${deep}`), /cannotParse/);
});

test('a client that stalls holds up no other', async () => {
	const stalled = net.connect(socketPath, () => stalled.write('GET /services HT'));
	assert.equal((await own('GET', '/services')).status, 200);
	stalled.destroy();
});
