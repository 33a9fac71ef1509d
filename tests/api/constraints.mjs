// SPDX-License-Identifier: Apache-2.0
// Every constraint of AWS's model, one at a time: a value just outside is refused, with the member's name, and one at
// the limit is not refused for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sdk from '@aws-sdk/client-vpc-lattice';
import { all, call, fixed, forward, none, own } from './world.mjs';
import { isUnion, matches, membersOf, model } from './model.mjs';

const { body: vpc } = await own('POST', '/lattice/v1/vpcs', { name: 'constraints' });
const { body: sg } = await own('POST', '/lattice/v1/securitygroups', { name: 'web', vpcIdentifier: vpc.id });
const network = await call('CreateServiceNetwork', { name: 'limits-net' });
const service = await call('CreateService', { name: 'limits-service' });
const group = await call('CreateTargetGroup', { name: 'limits-group', type: 'IP', config: { vpcIdentifier: vpc.id } });
const listener = await call('CreateListener',
	{ serviceIdentifier: service.id, name: 'limits-listener', protocol: 'HTTP', port: 80, defaultAction: fixed(404) });
const of = { serviceIdentifier: service.id, listenerIdentifier: listener.id };
const match = { httpMatch: { method: 'GET', pathMatch: { match: { prefix: '/x' } }, headerMatches: [{ name: 'x', match: { exact: 'y' } }] } };
const rule = await call('CreateRule', { ...of, name: 'limits-rule', priority: 1, match, action: fixed(404) });
const vpcJoin = await call('CreateServiceNetworkVpcAssociation',
	{ serviceNetworkIdentifier: network.id, vpcIdentifier: vpc.id, securityGroupIds: [sg.id] });
const serviceJoin = await call('CreateServiceNetworkServiceAssociation',
	{ serviceNetworkIdentifier: network.id, serviceIdentifier: service.id });
const subscription = await call('CreateAccessLogSubscription',
	{ resourceIdentifier: service.id, destinationArn: 'arn:aws:s3:::logs-of-limits' });

let count = 0;
const fresh = () => `limits-${(count += 1)}`;
const tags = { team: 'x' };
const dnsOptions = { privateDnsPreference: 'ALL_DOMAINS', privateDnsSpecifiedDomains: ['example.com'] };
const healthCheck = { enabled: true, protocol: 'HTTP', protocolVersion: 'HTTP1', port: 80, path: '/', healthCheckIntervalSeconds: 30,
	healthCheckTimeoutSeconds: 5, healthyThresholdCount: 5, unhealthyThresholdCount: 2, matcher: { httpCode: '200' } };
const allow = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } });
const named = { snva: { serviceNetworkVpcAssociationIdentifier: vpcJoin.id }, snsa: { serviceNetworkServiceAssociationIdentifier: serviceJoin.id },
	als: { accessLogSubscriptionIdentifier: subscription.id }, sn: { serviceNetworkIdentifier: network.id },
	svc: { serviceIdentifier: service.id }, tg: { targetGroupIdentifier: group.id } };
const page = { maxResults: 10 };

// What each operation takes, with every member that can be there. What is not here is not built.
const inputs = {
	CreateServiceNetwork: () => ({ name: fresh(), authType: 'NONE', sharingConfig: { enabled: true }, tags }),
	UpdateServiceNetwork: () => ({ ...named.sn, authType: 'NONE' }),
	GetServiceNetwork: () => named.sn,
	ListServiceNetworks: () => page,
	CreateService: () => ({ name: fresh(), authType: 'NONE', idleTimeoutSeconds: 60, certificateArn: '', customDomainName: `${fresh()}.example.com`, tags }),
	UpdateService: () => ({ ...named.svc, authType: 'NONE', certificateArn: '', idleTimeoutSeconds: 60 }),
	GetService: () => named.svc,
	ListServices: () => page,
	CreateListener: () => ({ serviceIdentifier: none('svc'), name: fresh(), protocol: 'HTTP', port: 81, defaultAction: forward([group.id]), tags }),
	UpdateListener: () => ({ ...of, defaultAction: fixed(404) }),
	GetListener: () => of,
	ListListeners: () => ({ ...named.svc, ...page }),
	CreateRule: () => ({ ...of, listenerIdentifier: none('listener'), name: fresh(), priority: 2, match, action: fixed(404), tags }),
	UpdateRule: () => ({ ...of, ruleIdentifier: rule.id, priority: 1, match, action: forward([group.id]) }),
	BatchUpdateRule: () => ({ ...of, rules: [{ ruleIdentifier: rule.id, priority: 1, match, action: fixed(404) }] }),
	GetRule: () => ({ ...of, ruleIdentifier: rule.id }),
	ListRules: () => ({ ...of, ...page }),
	CreateTargetGroup: () => ({ name: fresh(), type: 'IP', tags,
		config: { port: 80, protocol: 'HTTP', protocolVersion: 'HTTP1', ipAddressType: 'IPV4', vpcIdentifier: vpc.id, healthCheck } }),
	UpdateTargetGroup: () => ({ ...named.tg, healthCheck }),
	GetTargetGroup: () => named.tg,
	ListTargetGroups: () => ({ vpcIdentifier: vpc.id, targetGroupType: 'IP', ...page }),
	RegisterTargets: () => ({ ...named.tg, targets: [{ id: '10.0.0.1', port: 80 }] }),
	DeregisterTargets: () => ({ ...named.tg, targets: [{ id: '10.0.0.1', port: 80 }] }),
	ListTargets: () => ({ ...named.tg, targets: [{ id: '10.0.0.1', port: 80 }], ...page }),
	CreateServiceNetworkVpcAssociation: () => ({ serviceNetworkIdentifier: network.id, vpcIdentifier: vpc.id, privateDnsEnabled: false,
		securityGroupIds: [sg.id], dnsOptions, tags }),
	UpdateServiceNetworkVpcAssociation: () => ({ ...named.snva, privateDnsEnabled: true, dnsOptions, securityGroupIds: [sg.id] }),
	DeleteServiceNetworkVpcAssociation: () => ({ serviceNetworkVpcAssociationIdentifier: none('snva') }),
	DeleteServiceNetworkServiceAssociation: () => ({ serviceNetworkServiceAssociationIdentifier: none('snsa') }),
	DeleteServiceNetwork: () => ({ serviceNetworkIdentifier: none('sn') }),
	DeleteService: () => ({ serviceIdentifier: none('svc') }),
	DeleteListener: () => ({ ...of, listenerIdentifier: none('listener') }),
	DeleteRule: () => ({ ...of, ruleIdentifier: none('rule') }),
	DeleteTargetGroup: () => ({ targetGroupIdentifier: none('tg') }),
	DeleteAccessLogSubscription: () => ({ accessLogSubscriptionIdentifier: none('als') }),
	DeleteAuthPolicy: () => ({ resourceIdentifier: none('svc') }),
	GetServiceNetworkVpcAssociation: () => named.snva,
	ListServiceNetworkVpcAssociations: () => ({ serviceNetworkIdentifier: network.id, vpcIdentifier: vpc.id, ...page }),
	CreateServiceNetworkServiceAssociation: () => ({ serviceNetworkIdentifier: network.id, serviceIdentifier: service.id, tags }),
	GetServiceNetworkServiceAssociation: () => named.snsa,
	ListServiceNetworkServiceAssociations: () => ({ serviceNetworkIdentifier: network.id, serviceIdentifier: service.id, ...page }),
	CreateAccessLogSubscription: () => ({ resourceIdentifier: network.id, destinationArn: 'arn:aws:s3:::more-logs-of-limits',
		serviceNetworkLogType: 'SERVICE', tags }),
	UpdateAccessLogSubscription: () => ({ ...named.als, destinationArn: 'arn:aws:s3:::logs-of-limits' }),
	GetAccessLogSubscription: () => named.als,
	ListAccessLogSubscriptions: () => ({ resourceIdentifier: service.id, ...page }),
	PutAuthPolicy: () => ({ resourceIdentifier: service.id, policy: allow }),
	GetAuthPolicy: () => ({ resourceIdentifier: service.id }),
	TagResource: () => ({ resourceArn: service.arn, tags }),
	UntagResource: () => ({ resourceArn: service.arn, tagKeys: ['none'] }),
	ListTagsForResource: () => ({ resourceArn: service.arn }),
};

// A text of `n` characters that follows the pattern, or undefined.
function fill(spec, n, base) {
	const tries = ['a'.repeat(n), `/${'a'.repeat(Math.max(n - 1, 0))}`, base && n >= base.length ? base + 'a'.repeat(n - base.length) : undefined,
		'2'.repeat(n), 'a.b'.padEnd(n, 'c')];
	return tries.find(t => t !== undefined && t.length === n && (!spec.pattern || matches(spec.pattern, t)));
}

// Texts of the right length that break the pattern.
function misfit(spec, base) {
	const n = Math.max(spec.min ?? 1, 1);
	return ['-', '!', ' ', 'A', '\u00e9', '*'].flatMap(c => [c.repeat(n), `${base}${c}`])
		.find(t => t.length <= (spec.max ?? Infinity) && t.length >= n && !matches(spec.pattern, t));
}

// Values outside of `spec`, and at its limits, of a member that is now `value`.
function probes(spec, value, part) {
	const outside = [], inside = [];
	if (spec.type === 'string' && spec.enum) outside.push('NOSUCH');
	else if (spec.type === 'string') {
		if (spec.min > 0 && !(part === 'uri' && spec.min === 1)) outside.push(fill({}, spec.min - 1));
		if (spec.max && spec.max < 5000) outside.push(fill(spec, spec.max + 1, value) ?? 'a'.repeat(spec.max + 1));
		if (spec.pattern) outside.push(misfit(spec, value));
		inside.push(fill(spec, spec.min ?? 1, value), spec.max < 5000 ? fill(spec, spec.max, value) : undefined);
	} else if (['integer', 'long'].includes(spec.type)) {
		outside.push(spec.min - 1, spec.max + 1);
		inside.push(spec.min, spec.max);
	} else if (spec.type === 'list') {
		if (spec.min > 0) outside.push([]);
		if (spec.max) outside.push(Array.from({ length: spec.max + 1 }, () => value[0]));
	} else if (spec.type === 'map') {
		const many = n => Object.fromEntries(Array.from({ length: n }, (_, i) => [`key-${i}`, 'v']));
		outside.push(many(spec.max + 1), { ['k'.repeat(spec.key.max + 1)]: 'v' }, { k: 'v'.repeat(spec.value.max + 1) }, { '': 'v' });
		inside.push({ ['k'.repeat(spec.key.max)]: 'v'.repeat(spec.value.max) });
	}
	return { outside: outside.filter(v => v !== undefined), inside: inside.filter(v => v !== undefined && v !== '') };
}

// Where a value within the model's limits may be refused all the same: AWS documents priorities to 100, a fixed response
// cannot be an interim one, and what only looks like a domain, a bucket or a list of codes is none.
const narrower = /(^|\.)(priority|statusCode|customDomainName|httpCode|destinationArn)$/;

// Each member of `object`: its spec, its path, and a copy of the whole input with another value in its place.
function* places(members, object, part, path = '', put = v => v) {
	for (const [name, spec] of Object.entries(members)) {
		if (!(name in object)) continue;
		const here = path ? `${path}.${name}` : name, value = object[name];
		const replace = v => put(v === undefined ? Object.fromEntries(Object.entries(object).filter(([n]) => n !== name)) : { ...object, [name]: v });
		yield { spec, value, path: here, replace, part };
		if (spec.type === 'structure') yield* places(membersOf(spec), value, part, here, replace);
		if (spec.type === 'list' && spec.member.type === 'structure')
			yield* places(membersOf(spec.member), value[0], part, `${here}[0]`, v => replace([v]));
		else if (spec.type === 'list') yield { spec: spec.member, value: value[0], path: `${here}[0]`, replace: v => replace([v]), part };
	}
}

async function outcome(operation, input) {
	try {
		await call(operation, input);
	} catch (error) {
		if (!(error instanceof sdk.VPCLatticeServiceException)) throw error;
		return error;
	}
	return null;
}

// A path of theirs and one of ours mean the same member.
const sameField = (ours, path) => ours === path || ours?.replace(/\.[^.[]+$/, '') === path || path.startsWith(`${ours}.`) || path === `${ours}[0]`;

for (const [operation, make] of Object.entries(inputs)) {
	test(operation, async () => {
		const spec = model.operations[operation], wrong = [];
		const members = { ...spec.uri, ...spec.query, ...spec.body };
		for (const place of places(members, make(), spec.uri ? 'mixed' : 'body')) {
			const isUri = Boolean(spec.uri?.[place.path]);
			const { outside, inside } = probes(place.spec, place.value, isUri ? 'uri' : 'body');
			if (place.spec.required && !isUri) outside.push(undefined);
			for (const value of outside) {
				const shown = JSON.stringify(value)?.slice(0, 40);
				const error = await outcome(operation, place.replace(value));
				if (!(error instanceof sdk.ValidationException) || error.reason !== 'fieldValidationFailed')
					wrong.push(`${place.path} = ${shown}: ${error ? `${error.name} ${error.message}` : 'was taken'}`);
				else if (!sameField(error.fieldList[0].name, place.path))
					wrong.push(`${place.path} = ${shown}: refused for ${error.fieldList[0].name}: ${error.message}`);
			}
			for (const value of inside) {
				if (narrower.test(place.path)) continue;
				const error = await outcome(operation, place.replace(value));
				if (error instanceof sdk.ValidationException && error.fieldList?.some(f => f.name === place.path))
					wrong.push(`${place.path} = ${JSON.stringify(value).slice(0, 40)} is within limits: ${error.message}`);
			}
			if (isUnion(place.spec)) {
				const error = await outcome(operation, place.replace({}));
				if (!(error instanceof sdk.ValidationException)) wrong.push(`${place.path} = {}: ${error?.name ?? 'was taken'}`);
			}
		}
		assert.deepEqual(wrong, []);
	});
}

test('every operation that takes something is probed', () => {
	const absent = /Resource(Configuration|Gateway|Association|EndpointAssociation|Policy)|VpcEndpoint|DomainVerification/;
	for (const operation of Object.keys(model.operations))
		assert.ok(inputs[operation] || absent.test(operation), operation);
});

test('what was made is taken away', async () => {
	for (const item of await all('ListServices', {}, 100))
		if (item.id !== service.id) await call('DeleteService', { serviceIdentifier: item.id });
	assert.equal((await all('ListServices')).length, 1);
});
