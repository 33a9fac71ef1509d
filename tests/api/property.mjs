// SPDX-License-Identifier: Apache-2.0
// Random operations on the API and on a plain model of what it should do: both must agree on every outcome and, now
// and then, on everything there is. SEED=… repeats a run, STEPS=… makes it longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sdk from '@aws-sdk/client-vpc-lattice';
import { all, call, fixed, forward, own } from './world.mjs';
import { compareMore, moreMoves } from './property_more.mjs';
import { below, drop, gone, groups, joins, name, named, networks, one, seed, services, some, vpcJoins, vpcs } from './property_world.mjs';

const steps = Number(process.env.STEPS || 2000);

const uses = group => [...services.values()].flatMap(s => [...s.listeners.values()]
	.flatMap(l => [l.group, ...[...l.rules.values()].map(r => r.group)])).filter(g => g === group).length;
// Another service than @id forwards to the group, which may serve one alone.
const taken = (id, group) => group && [...services].some(([other, s]) => other !== id && [...s.listeners.values()]
	.some(l => l.group === group || [...l.rules.values()].some(r => r.group === group)));
const action = group => (group ? forward([group]) : fixed(404));
const someGroup = () => (below(2) ? some(groups, 'tg') : null);
const missing = group => group && !groups.has(group);

// Each returns [operation, input, outcome that is expected, what to do in the model with the answer].
const moves = {
	createNetwork: () => {
		const n = name();
		return ['CreateServiceNetwork', { name: n }, named(networks, n) ? 'Conflict' : 'ok',
			a => networks.set(a.id, { name: n })];
	},
	deleteNetwork: () => {
		const id = some(networks, 'sn');
		const joined = [...joins.values(), ...vpcJoins.values()].some(j => j.network === id);
		return ['DeleteServiceNetwork', { serviceNetworkIdentifier: id },
			!networks.has(id) ? 'ResourceNotFound' : joined ? 'Conflict' : 'ok', () => drop(networks, id, 'sn')];
	},
	createService: () => {
		const n = name();
		return ['CreateService', { name: n }, named(services, n) ? 'Conflict' : 'ok',
			a => services.set(a.id, { name: n, arn: a.arn, listeners: new Map() })];
	},
	deleteService: () => {
		const id = some(services, 'svc');
		const joined = [...joins.values()].some(j => j.service === id);
		return ['DeleteService', { serviceIdentifier: id },
			!services.has(id) ? 'ResourceNotFound' : joined ? 'Conflict' : 'ok', () => drop(services, id, 'svc')];
	},
	createGroup: () => {
		const n = name(), vpc = one(vpcs);
		return ['CreateTargetGroup', { name: n, type: 'IP', config: { vpcIdentifier: vpc } },
			named(groups, n) ? 'Conflict' : 'ok', a => groups.set(a.id, { name: n, type: 'IP', vpc, targets: new Map() })];
	},
	deleteGroup: () => {
		const id = some(groups, 'tg');
		return ['DeleteTargetGroup', { targetGroupIdentifier: id },
			!groups.has(id) ? 'ResourceNotFound' : uses(id) ? 'Conflict' : 'ok', () => drop(groups, id, 'tg')];
	},
	createListener: () => {
		const id = some(services, 'svc'), n = name(), port = 80 + below(4), group = someGroup();
		const s = services.get(id);
		const double = s && (named(s.listeners, n) || [...s.listeners.values()].some(l => l.port === port));
		return ['CreateListener', { serviceIdentifier: id, name: n, port, protocol: 'HTTP', defaultAction: action(group) },
			!s ? 'ResourceNotFound' : double ? 'Conflict' : s.listeners.size === 2 ? 'ServiceQuotaExceeded'
				: missing(group) ? 'ResourceNotFound' : taken(id, group) ? 'Conflict' : 'ok',
			a => s.listeners.set(a.id, { name: n, port, group, rules: new Map() })];
	},
	updateListener: () => {
		const [id, s, lid, l] = someListener(), group = someGroup();
		return ['UpdateListener', { serviceIdentifier: id, listenerIdentifier: lid, defaultAction: action(group) },
			!s || !l || missing(group) ? 'ResourceNotFound' : taken(id, group) ? 'Conflict' : 'ok',
			() => (l.group = group)];
	},
	deleteListener: () => {
		const [id, s, lid, l] = someListener();
		return ['DeleteListener', { serviceIdentifier: id, listenerIdentifier: lid },
			!s || !l ? 'ResourceNotFound' : 'ok', () => drop(s.listeners, lid, 'listener')];
	},
	createRule: () => {
		const [id, s, lid, l] = someListener(), n = name(), priority = 1 + below(12), group = someGroup();
		const double = l && (named(l.rules, n) || [...l.rules.values()].some(r => r.priority === priority));
		return ['CreateRule', { serviceIdentifier: id, listenerIdentifier: lid, name: n, priority,
			match: { httpMatch: { method: 'GET' } }, action: action(group) },
		!s || !l ? 'ResourceNotFound' : double ? 'Conflict' : missing(group) ? 'ResourceNotFound'
			: taken(id, group) ? 'Conflict' : 'ok',
		a => l.rules.set(a.id, { name: n, priority, group })];
	},
	updateRule: () => {
		const [id, s, lid, l] = someListener(), rid = some(l ? l.rules : new Map(), 'rule');
		const r = l && l.rules.get(rid), priority = 1 + below(12), group = someGroup(), acts = below(2);
		const same = r && [...l.rules.values()].some(x => x !== r && x.priority === priority);
		return ['UpdateRule', { serviceIdentifier: id, listenerIdentifier: lid, ruleIdentifier: rid, priority,
			action: acts ? action(group) : undefined },
		!r || (acts && missing(group)) ? 'ResourceNotFound'
			: same || (acts && taken(id, group)) ? 'Conflict' : 'ok',
		() => Object.assign(r, { priority, group: acts ? group : r.group })];
	},
	deleteRule: () => {
		const [id, s, lid, l] = someListener(), rid = some(l ? l.rules : new Map(), 'rule');
		return ['DeleteRule', { serviceIdentifier: id, listenerIdentifier: lid, ruleIdentifier: rid },
			l && l.rules.has(rid) ? 'ok' : 'ResourceNotFound', () => drop(l.rules, rid, 'rule')];
	},
	join: () => {
		const network = some(networks, 'sn'), service = some(services, 'svc');
		const double = [...joins.values()].some(j => j.network === network && j.service === service);
		return ['CreateServiceNetworkServiceAssociation',
			{ serviceNetworkIdentifier: network, serviceIdentifier: service },
			!networks.has(network) || !services.has(service) ? 'ResourceNotFound' : double ? 'Conflict' : 'ok',
			a => joins.set(a.id, { network, service })];
	},
	leave: () => {
		const id = some(joins, 'snsa');
		return ['DeleteServiceNetworkServiceAssociation', { serviceNetworkServiceAssociationIdentifier: id },
			joins.has(id) ? 'ok' : 'ResourceNotFound', () => drop(joins, id, 'snsa')];
	},
	...moreMoves,
};

// A service and a listener that is its own more often than not.
function someListener() {
	const id = some(services, 'svc'), s = services.get(id);
	const lid = some(s ? s.listeners : new Map(), 'listener');
	return [id, s, lid, s && s.listeners.get(lid)];
}

// All priorities of a listener turned round at once, or none when one rule of the batch is gone.
async function batch() {
	const [id, s, lid, l] = someListener();
	if (!s || !l || !l.rules.size) return;
	const ids = [...l.rules.keys()].slice(0, 9), priorities = ids.map(r => l.rules.get(r).priority);
	const rules = ids.map((ruleIdentifier, i) => ({ ruleIdentifier, priority: priorities[(i + 1) % ids.length] }));
	const bad = !below(3);
	if (bad) rules.splice(below(rules.length + 1), 0, { ruleIdentifier: one(gone.rule), priority: 50 });
	const answer = await call('BatchUpdateRule', { serviceIdentifier: id, listenerIdentifier: lid, rules });
	assert.equal(answer.successful.length, bad ? 0 : rules.length);
	assert.equal(answer.unsuccessful.length, bad ? rules.length : 0);
	if (!bad) rules.forEach(r => (l.rules.get(r.ruleIdentifier).priority = r.priority));
}

async function outcome(operation, input) {
	if (typeof operation === 'function') return operation();
	try {
		return ['ok', await call(operation, input)];
	} catch (error) {
		if (!(error instanceof sdk.VPCLatticeServiceException)) throw error;
		return [error.name.replace(/Exception$/, ''), error];
	}
}

const pairs = map => [...map].map(([id, x]) => `${id} ${x.name}`).sort();
const listed = items => items.map(i => `${i.id} ${i.name}`).sort();

// Everything there is, asked for and from the model.
async function compare() {
	assert.deepEqual(listed(await all('ListServiceNetworks')), pairs(networks));
	assert.deepEqual(listed(await all('ListServices', {}, 3)), pairs(services));
	assert.deepEqual(listed(await all('ListTargetGroups', {}, 4)), pairs(groups));
	for (const id of networks.keys()) {
		const items = await all('ListServiceNetworkServiceAssociations', { serviceNetworkIdentifier: id });
		assert.deepEqual(items.map(j => j.id).sort(), [...joins].filter(([, j]) => j.network === id).map(([j]) => j).sort());
		const shown = await call('GetServiceNetwork', { serviceNetworkIdentifier: id });
		assert.equal(shown.numberOfAssociatedServices, items.length);
	}
	for (const [id, s] of services) {
		assert.deepEqual(listed(await all('ListListeners', { serviceIdentifier: id })), pairs(s.listeners));
		for (const [lid, l] of s.listeners) {
			const rules = await all('ListRules', { serviceIdentifier: id, listenerIdentifier: lid });
			assert.deepEqual(rules.filter(r => !r.isDefault).map(r => `${r.id} ${r.name} ${r.priority}`).sort(),
				[...l.rules].map(([r, x]) => `${r} ${x.name} ${x.priority}`).sort());
		}
	}
	for (const id of groups.keys()) {
		const { serviceArns } = await call('GetTargetGroup', { targetGroupIdentifier: id });
		const users = [...services.values()].filter(s => [...s.listeners.values()]
			.some(l => l.group === id || [...l.rules.values()].some(r => r.group === id)));
		assert.deepEqual(serviceArns.sort(), users.map(s => s.arn).sort());
	}
	await compareMore();
}

test(`random operations agree with a model (seed ${seed})`, async t => {
	const outcomes = {};
	// Start from what other tests left.
	const tagsOf = async item => (await call('ListTagsForResource', { resourceArn: item.arn })).tags;
	for (const item of await all('ListServiceNetworks')) networks.set(item.id, { name: item.name, tags: await tagsOf(item) });
	for (const item of await all('ListServices'))
		services.set(item.id, { name: item.name, arn: item.arn, tags: await tagsOf(item), listeners: new Map() });
	for (const item of await all('ListTargetGroups')) groups.set(item.id, { name: item.name, type: 'LEFT', targets: new Map() });
	for (let i = 0; i < 3; i++) vpcs.push((await own('POST', '/lattice/v1/vpcs', { name: `property-${seed}-${i}` })).body.id);
	for (let i = 0; i < steps; i++) {
		const move = one(Object.keys(moves));
		const [operation, input, expected, change] = moves[move]();
		const [got, answer] = await outcome(operation, input);
		assert.equal(got, expected, `step ${i}: ${move} ${JSON.stringify(input)}: ${answer?.message}`);
		if (got === 'ok') change(answer);
		outcomes[`${move} ${got}`] = (outcomes[`${move} ${got}`] ?? 0) + 1;
		if (!below(10)) await batch();
		if (i % 100 === 99) await compare();
	}
	await compare();
	t.diagnostic(JSON.stringify(outcomes));
});
