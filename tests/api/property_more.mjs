// SPDX-License-Identifier: Apache-2.0
// The property test's moves on what is around services: VPCs in networks, security groups, instances, targets, policies,
// log subscriptions and tags. Each returns what those of property.mjs do; our own operations are functions of theirs.
import assert from 'node:assert/strict';
import { all, call, none, own } from './world.mjs';
import { below, drop, gone, groups, instances, named, name, networks, one, policies, securityGroups, services, some, subscriptions, vpcJoins,
	vpcs } from './property_world.mjs';

// An operation of our own, as one that call() knows.
const ours = (method, path, body) => async () => {
	const answer = await own(method, path, body);
	if (answer.status < 300) return ['ok', answer.body];
	return [answer.headers['x-amzn-errortype'].replace(/Exception.*$/, ''), answer.body];
};

const allow = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } });
const destinations = ['arn:aws:s3:::bucket-of-logs', 'arn:aws:logs:us-east-1:123456789012:log-group:/all',
	'arn:aws:firehose:us-east-1:123456789012:deliverystream/all'];
const address = () => `10.0.0.${1 + below(4)}`;
const used = sg => [...vpcJoins.values()].some(j => j.groups.includes(sg));
const holds = instance => [...groups.values()].some(g => [...g.targets.values()].some(t => t.instance === instance));

// Whether a VPC's association may have these groups, looked at one after another as the API does.
function groupsOutcome(vpc, ids) {
	for (const [i, id] of ids.entries()) {
		if (ids.indexOf(id) < i) return 'Validation';
		if (!securityGroups.has(id)) return 'ResourceNotFound';
		if (securityGroups.get(id).vpc !== vpc) return 'Validation';
	}
	return 'ok';
}

const someGroups = least => Array.from({ length: least + below(3) }, () => some(securityGroups, 'sg'));
const someSource = () => (below(2) ? some(networks, 'sn') : some(services, 'svc'));
const exists = id => networks.has(id) || services.has(id);

export const moreMoves = {
	joinVpc: () => {
		const network = some(networks, 'sn'), vpc = one(vpcs), ids = below(2) ? someGroups(0) : [];
		const joined = [...vpcJoins.values()].some(j => j.vpc === vpc);
		return ['CreateServiceNetworkVpcAssociation', { serviceNetworkIdentifier: network, vpcIdentifier: vpc, securityGroupIds: ids },
			!networks.has(network) ? 'ResourceNotFound' : joined ? 'Conflict' : groupsOutcome(vpc, ids),
			a => vpcJoins.set(a.id, { network, vpc, groups: ids })];
	},
	updateVpcJoin: () => {
		const id = some(vpcJoins, 'snva'), ids = someGroups(1), join = vpcJoins.get(id);
		return ['UpdateServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: id, securityGroupIds: ids },
			join ? groupsOutcome(join.vpc, ids) : 'ResourceNotFound', () => (join.groups = ids)];
	},
	leaveVpc: () => {
		const id = some(vpcJoins, 'snva');
		return ['DeleteServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: id },
			vpcJoins.has(id) ? 'ok' : 'ResourceNotFound', () => drop(vpcJoins, id, 'snva')];
	},
	createSecurityGroup: () => {
		const n = name(), vpc = one(vpcs), bad = !below(5);
		const double = [...securityGroups.values()].some(g => g.name === n && g.vpc === vpc);
		return [ours('POST', '/lattice/v1/securitygroups', { name: n, vpcIdentifier: vpc, ingress: [{ cidr: bad ? '10.0.0.1/8' : '10.0.0.0/8' }] }), {},
			bad ? 'Validation' : double ? 'Conflict' : 'ok', a => securityGroups.set(a.id, { name: n, vpc })];
	},
	deleteSecurityGroup: () => {
		const id = some(securityGroups, 'sg');
		return [ours('DELETE', `/lattice/v1/securitygroups/${id}`), {},
			!securityGroups.has(id) ? 'ResourceNotFound' : used(id) ? 'Conflict' : 'ok', () => drop(securityGroups, id, 'sg')];
	},
	createInstance: () => {
		const n = name(), vpc = one(vpcs), at = address();
		const double = [...instances.values()].some(i => i.vpc === vpc && (i.name === n || i.address === at));
		return [ours('POST', '/lattice/v1/instances', { name: n, vpcIdentifier: vpc, address: at }), {},
			double ? 'Conflict' : 'ok', a => instances.set(a.id, { name: n, vpc, address: at })];
	},
	moveInstance: () => {
		const id = some(instances, 'i'), at = address(), it = instances.get(id);
		const taken = it && [...instances.values()].some(i => i !== it && i.vpc === it.vpc && i.address === at);
		return [ours('PATCH', `/lattice/v1/instances/${id}`, { address: at }), {},
			!it ? 'ResourceNotFound' : taken ? 'Conflict' : 'ok', () => (it.address = at)];
	},
	deleteInstance: () => {
		const id = some(instances, 'i');
		return [ours('DELETE', `/lattice/v1/instances/${id}`), {},
			!instances.has(id) ? 'ResourceNotFound' : holds(id) ? 'Conflict' : 'ok', () => drop(instances, id, 'i')];
	},
	createInstanceGroup: () => {
		const n = name(), vpc = one(vpcs);
		return ['CreateTargetGroup', { name: n, type: 'INSTANCE', config: { vpcIdentifier: vpc } }, named(groups, n) ? 'Conflict' : 'ok',
			a => groups.set(a.id, { name: n, type: 'INSTANCE', vpc, targets: new Map() })];
	},
	register: () => changeTargets('RegisterTargets', (group, target) => {
		if (group.type === 'INSTANCE' ? instances.get(target.id)?.vpc !== group.vpc : !target.id.startsWith('10.')) return false;
		group.targets.set(`${target.id}:${target.port}`, { instance: group.type === 'INSTANCE' ? target.id : undefined });
		return true;
	}),
	deregister: () => changeTargets('DeregisterTargets', (group, target) => group.targets.delete(`${target.id}:${target.port}`)),
	putPolicy: () => {
		const resource = someSource(), bad = !below(5);
		return ['PutAuthPolicy', { resourceIdentifier: resource, policy: bad ? '{}' : allow },
			!exists(resource) ? 'ResourceNotFound' : bad ? 'Validation' : 'ok', () => policies.set(resource, allow)];
	},
	deletePolicy: () => {
		const resource = someSource();
		return ['DeleteAuthPolicy', { resourceIdentifier: resource }, exists(resource) ? 'ok' : 'ResourceNotFound', () => policies.delete(resource)];
	},
	subscribe: () => {
		const resource = someSource(), destination = one(destinations);
		const double = [...subscriptions.values()].some(s => s.resource === resource && s.destination === destination);
		return ['CreateAccessLogSubscription', { resourceIdentifier: resource, destinationArn: destination },
			!exists(resource) ? 'ResourceNotFound' : double ? 'Conflict' : 'ok', a => subscriptions.set(a.id, { resource, destination })];
	},
	unsubscribe: () => {
		const id = some(subscriptions, 'als');
		return ['DeleteAccessLogSubscription', { accessLogSubscriptionIdentifier: id },
			subscriptions.has(id) ? 'ok' : 'ResourceNotFound', () => drop(subscriptions, id, 'als')];
	},
	tag: () => {
		const [resourceArn, it] = someArn(), tags = { [name()]: name() };
		return ['TagResource', { resourceArn, tags }, it ? 'ok' : 'ResourceNotFound', () => (it.tags = { ...it.tags, ...tags })];
	},
	untag: () => {
		const [resourceArn, it] = someArn(), key = name();
		return ['UntagResource', { resourceArn, tagKeys: [key] }, it ? 'ok' : 'ResourceNotFound', () => delete it.tags?.[key]];
	},
};

const arn = tail => `arn:aws:vpc-lattice:us-east-1:123456789012:${tail}`;

function someArn() {
	const [map, prefix, tail] = one([[networks, 'sn', 'servicenetwork'], [services, 'svc', 'service'], [groups, 'tg', 'targetgroup']]);
	const id = some(map, prefix);
	return [arn(`${tail}/${id}`), map.get(id)];
}

// A batch of targets, of which each succeeds or fails by itself; `change` does it in the model and says which it is.
function changeTargets(operation, change) {
	const id = some(groups, 'tg'), group = groups.get(id);
	const targets = Array.from({ length: 1 + below(3) }, () => ({ id: below(2) ? some(instances, 'i') : one([address(), '127.0.0.1']), port: 80 + below(2) }));
	return [operation, { targetGroupIdentifier: id, targets }, group ? 'ok' : 'ResourceNotFound', a => {
		const [good, bad] = [[], []];
		for (const target of targets) (change(group, target) ? good : bad).push(`${target.id}:${target.port}`);
		const told = list => list.map(t => `${t.id}:${t.port}`);
		assert.deepEqual(told(a.successful), good);
		assert.deepEqual(told(a.unsuccessful), bad);
	}];
}

const sorted = list => [...list].sort();

async function compareAround(id, kind) {
	const subs = await all('ListAccessLogSubscriptions', { resourceIdentifier: id });
	assert.deepEqual(sorted(subs.map(s => `${s.id} ${s.destinationArn}`)),
		sorted([...subscriptions].filter(([, s]) => s.resource === id).map(([i, s]) => `${i} ${s.destination}`)));
	assert.equal((await call('GetAuthPolicy', { resourceIdentifier: id })).policy, policies.get(id));
	const it = (kind === 'service' ? services : networks).get(id);
	assert.deepEqual((await call('ListTagsForResource', { resourceArn: arn(`${kind}/${id}`) })).tags, it.tags ?? {});
}

// Everything around what property.mjs compares.
export async function compareMore() {
	for (const id of networks.keys()) await compareAround(id, 'servicenetwork');
	for (const id of services.keys()) await compareAround(id, 'service');
	for (const [id, g] of groups) {
		const items = await all('ListTargets', { targetGroupIdentifier: id }, 100);
		assert.deepEqual(sorted(items.filter(t => t.status !== 'DRAINING').map(t => `${t.id}:${t.port}`)), sorted(g.targets.keys()));
	}
	for (const vpc of vpcs) {
		const items = await all('ListServiceNetworkVpcAssociations', { vpcIdentifier: vpc });
		assert.deepEqual(sorted(items.map(j => j.id)), sorted([...vpcJoins].filter(([, j]) => j.vpc === vpc).map(([id]) => id)));
		for (const { id } of items) {
			const shown = await call('GetServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: id });
			assert.deepEqual(shown.securityGroupIds, vpcJoins.get(id).groups);
		}
		const page = await own('GET', `/lattice/v1/securitygroups?vpcIdentifier=${vpc}`);
		assert.deepEqual(sorted(page.body.items.map(g => g.id)), sorted([...securityGroups].filter(([, g]) => g.vpc === vpc).map(([id]) => id)));
		const these = await own('GET', `/lattice/v1/instances?vpcIdentifier=${vpc}`);
		assert.deepEqual(sorted(these.body.items.map(i => `${i.id} ${i.address}`)),
			sorted([...instances].filter(([, i]) => i.vpc === vpc).map(([id, i]) => `${id} ${i.address}`)));
	}
	for (const id of gone.als.slice(-2)) assert.ok(!subscriptions.has(id) || id === none('als'));
}
