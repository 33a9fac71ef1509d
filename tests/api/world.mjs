// SPDX-License-Identifier: Apache-2.0
// The client of these tests, and words to say what it must be told. It is AWS's own, unmodified; only its
// connections go to the daemon's unix socket, or to its ENDPOINT with KEYS, "ACCESS-KEY-ID SECRET", of the account.
import assert from 'node:assert/strict';
import http from 'node:http';
import * as sdk from '@aws-sdk/client-vpc-lattice';
import { checkAnswer, checkError } from './model.mjs';

export const socketPath = process.env.LATTICE_API.replace(/^unix:/, '');
export const account = '123456789012';

const [accessKeyId, secretAccessKey] = (process.env.KEYS || 'AKIDEXAMPLE unused').split(' ');
const agent = process.env.ENDPOINT ? { keepAlive: true } : { socketPath, keepAlive: true };
const client = new sdk.VPCLatticeClient({
	region: 'us-east-1',
	endpoint: process.env.ENDPOINT || 'http://localhost',
	credentials: { accessKeyId, secretAccessKey },
	maxAttempts: 1,
	requestHandler: { httpAgent: new http.Agent(agent) },
});

export const succeeded = new Set();

// Whatever is refused is refused in the shape of AWS's error.
async function send(operation, input) {
	try {
		return await client.send(new sdk[`${operation}Command`](input));
	} catch (error) {
		if (error instanceof sdk.VPCLatticeServiceException) checkError(operation, error);
		throw error;
	}
}

// call('GetService', {...}): the answer of AWS's operation.
export async function call(operation, input = {}) {
	const answer = await send(operation, input);
	succeeded.add(operation);
	assert.match(answer.$metadata.requestId, /^[0-9a-f-]{36}$/);
	checkAnswer(operation, answer);
	return answer;
}

async function refusal(operation, input) {
	try {
		await send(operation, input);
	} catch (error) {
		assert.ok(error instanceof sdk.VPCLatticeServiceException, `${operation}: ${error}`);
		return error;
	}
	assert.fail(`${operation} was not refused`);
}

// The input breaks a constraint of the member `field`.
export async function invalid(operation, input, field) {
	const error = await refusal(operation, input);
	assert.ok(error instanceof sdk.ValidationException, `${operation}: ${error}`);
	assert.equal(error.$metadata.httpStatusCode, 400);
	assert.equal(error.reason, 'fieldValidationFailed');
	assert.equal(error.fieldList[0].name, field, error.message);
}

export async function notFound(operation, input, resourceType) {
	const error = await refusal(operation, input);
	assert.ok(error instanceof sdk.ResourceNotFoundException, `${operation}: ${error}`);
	assert.equal(error.$metadata.httpStatusCode, 404);
	assert.equal(error.resourceType, resourceType);
	assert.ok(error.resourceId);
}

export async function conflict(operation, input, words) {
	const error = await refusal(operation, input);
	assert.ok(error instanceof sdk.ConflictException, `${operation}: ${error}`);
	assert.equal(error.$metadata.httpStatusCode, 409);
	assert.match(error.message, words);
	assert.ok(error.resourceId && error.resourceType);
}

export async function overQuota(operation, input, quotaCode) {
	const error = await refusal(operation, input);
	assert.ok(error instanceof sdk.ServiceQuotaExceededException, `${operation}: ${error}`);
	assert.equal(error.$metadata.httpStatusCode, 402);
	assert.equal(error.serviceCode, 'vpc-lattice');
	assert.equal(error.quotaCode, quotaCode);
}

export async function unsupported(operation, input) {
	const error = await refusal(operation, input);
	assert.ok(error instanceof sdk.ValidationException, `${operation}: ${error}`);
	assert.equal(error.reason, 'other');
	assert.match(error.message, /not supported yet/);
}

// Every item of a list, with pages of `size`.
export async function all(operation, input = {}, size = 2) {
	const items = [];
	let nextToken;
	do {
		const page = await call(operation, { ...input, maxResults: size, nextToken });
		assert.ok(page.items.length <= size);
		items.push(...page.items);
		({ nextToken } = page);
	} while (nextToken);
	return items;
}

// Our own operations, which the SDK does not know; for another account if one is given.
export function own(method, path, body, of) {
	const text = body ? JSON.stringify(body) : '';
	return new Promise((resolve, reject) => {
		const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
		if (of) headers['x-lattice-account'] = of;
		const request = http.request({ socketPath, method, path, headers }, response => {
			let answer = '';
			response.on('data', part => (answer += part));
			response.on('end', () => resolve({ status: response.statusCode, headers: response.headers,
				body: answer ? JSON.parse(answer) : undefined }));
		});
		request.on('error', reject);
		request.end(text);
	});
}

export const none = prefix => `${prefix}-${'0'.repeat(17)}`;
export const arn = tail => `arn:aws:vpc-lattice:us-east-1:${account}:${tail}`;
export const fixed = statusCode => ({ fixedResponse: { statusCode } });
export const forward = (...groups) => ({
	forward: { targetGroups: groups.map(([targetGroupIdentifier, weight]) => ({ targetGroupIdentifier, weight })) },
});
export const within = (time, since) => {
	assert.ok(time instanceof Date && time >= since - 1 && time <= Date.now() + 1, String(time));
};
