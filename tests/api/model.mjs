// SPDX-License-Identifier: Apache-2.0
// AWS's model of its API: model.json holds, for each operation, the constraints on what it takes and what it answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const model = JSON.parse(readFileSync(new URL('./model.json', import.meta.url), 'utf8'));

export const membersOf = spec => (spec.shape ? model.shapes[spec.shape].members : {});
export const isUnion = spec => Boolean(spec.shape && model.shapes[spec.shape].union);
export const matches = (pattern, text) => new RegExp(`^(?:${pattern})$`, 'su').test(text);

const within = (spec, n) => n >= (spec.min ?? 0) && n <= (spec.max ?? Infinity);

function checkScalar(value, spec, path) {
	if (spec.type === 'timestamp') assert.ok(value instanceof Date && !Number.isNaN(value.getTime()), `${path}: ${value}`);
	if (spec.type === 'boolean') assert.equal(typeof value, 'boolean', path);
	if (['integer', 'long'].includes(spec.type)) assert.ok(Number.isInteger(value) && within(spec, value), `${path}: ${value}`);
	if (spec.type !== 'string') return;
	assert.equal(typeof value, 'string', path);
	assert.ok(within(spec, value.length), `${path} is of ${value.length} characters: ${value}`);
	if (spec.enum) assert.ok(spec.enum.includes(value), `${path}: ${value}`);
	if (spec.pattern && value) assert.ok(matches(spec.pattern, value), `${path}: ${value}`);
}

// Is `value` as `spec` says? Whoever reads `path` should know where it is not.
export function check(value, spec, path) {
	if (spec.type === 'structure') checkMembers(value, membersOf(spec), path);
	else if (spec.type === 'list') value.forEach((item, i) => check(item, spec.member, `${path}[${i}]`));
	else if (spec.type === 'map') assert.equal(typeof value, 'object', path);
	else checkScalar(value, spec, path);
}

export function checkMembers(object, members, path) {
	for (const [name, spec] of Object.entries(members)) {
		const value = object[name];
		if (value === undefined || value === null) assert.ok(!spec.required, `${path}.${name} is missing`);
		else check(value, spec, `${path}.${name}`);
	}
}

// Is the error one that the operation may answer with, and has it all that its shape has?
export function checkError(operation, error) {
	assert.ok(model.operations[operation].errors.includes(error.name.replace(/Exception$/, '')), `${operation}: ${error.name}`);
	checkMembers(error, model.shapes[error.name].members, error.name);
}

// Does the answer to `operation` have what it must have, as it must be?
export const checkAnswer = (operation, answer) => checkMembers(answer, model.operations[operation].response ?? {}, operation);
