// SPDX-License-Identifier: Apache-2.0
// Every operation on networks, services, listeners, rules, target groups and associations: success and each fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, all, arn, call, conflict, fixed, forward, invalid, none, notFound, overQuota, own, unsupported,
	within } from './world.mjs';

const began = Date.now();
const vpcs = {};
let network, service, group, listener, rule, vpcJoin, serviceJoin;

test('VPCs are registered', async () => {
	for (const name of ['client', 'server']) {
		const answer = await own('POST', '/lattice/v1/vpcs', { name });
		assert.equal(answer.status, 201);
		assert.match(answer.body.id, /^vpc-[0-9a-f]{17}$/);
		vpcs[name] = answer.body.id;
	}
});

test('service networks', async () => {
	network = await call('CreateServiceNetwork', { name: 'shop', tags: { a: 'b' } });
	assert.match(network.id, /^sn-[0-9a-f]{17}$/);
	assert.equal(network.arn, arn(`servicenetwork/${network.id}`));
	assert.equal(network.authType, 'NONE');
	await conflict('CreateServiceNetwork', { name: 'shop' }, /already exist/);
	await invalid('CreateServiceNetwork', { name: 'No' }, 'name');
	await invalid('CreateServiceNetwork', { name: 'two', authType: 'OPEN' }, 'authType');

	const shown = await call('GetServiceNetwork', { serviceNetworkIdentifier: network.arn });
	assert.equal(shown.name, 'shop');
	assert.equal(shown.numberOfAssociatedVPCs, 0);
	within(shown.createdAt, began);
	await notFound('GetServiceNetwork', { serviceNetworkIdentifier: none('sn') }, 'SERVICE_NETWORK');
	await invalid('GetServiceNetwork', { serviceNetworkIdentifier: 'svc-1' }, 'serviceNetworkIdentifier');

	const updated = await call('UpdateServiceNetwork', { serviceNetworkIdentifier: network.id, authType: 'NONE' });
	assert.equal(updated.arn, network.arn);
	await invalid('UpdateServiceNetwork', { serviceNetworkIdentifier: network.id }, 'authType');
	await notFound('UpdateServiceNetwork', { serviceNetworkIdentifier: none('sn'), authType: 'NONE' }, 'SERVICE_NETWORK');

	for (const name of ['net-a', 'net-b']) await call('CreateServiceNetwork', { name });
	const names = (await all('ListServiceNetworks')).map(n => n.name).sort();
	assert.deepEqual(names, ['net-a', 'net-b', 'shop']);
	await invalid('ListServiceNetworks', { maxResults: 101 }, 'maxResults');
});

test('services', async () => {
	service = await call('CreateService', { name: 'cart', customDomainName: 'cart.example.com' });
	assert.equal(service.status, 'CREATE_IN_PROGRESS');
	assert.match(service.dnsEntry.domainName, /^cart-[0-9a-f]{17}\.7d67968\.vpc-lattice-svcs\.us-east-1\.on\.aws$/);
	await conflict('CreateService', { name: 'cart' }, /already exist/);
	await invalid('CreateService', { name: 'svc-cart' }, 'name');
	await invalid('CreateService', { name: 'two', customDomainName: '-.' }, 'customDomainName');
	await invalid('CreateService', {}, 'name');

	const shown = await call('GetService', { serviceIdentifier: service.arn });
	assert.equal(shown.status, 'ACTIVE');
	assert.equal(shown.idleTimeoutSeconds, 60);
	within(shown.lastUpdatedAt, began);
	await notFound('GetService', { serviceIdentifier: none('svc') }, 'SERVICE');
	await invalid('GetService', { serviceIdentifier: 'cart' }, 'serviceIdentifier');

	const updated = await call('UpdateService', { serviceIdentifier: service.id, idleTimeoutSeconds: 120 });
	assert.equal(updated.idleTimeoutSeconds, 120);
	assert.equal(updated.customDomainName, 'cart.example.com');
	await invalid('UpdateService', { serviceIdentifier: service.id, idleTimeoutSeconds: 5 }, 'idleTimeoutSeconds');
	await notFound('UpdateService', { serviceIdentifier: none('svc') }, 'SERVICE');

	for (const name of ['svc1', 'svc2']) await call('CreateService', { name });
	assert.equal((await all('ListServices')).length, 3);
	await invalid('ListServices', { maxResults: 0 }, 'maxResults');
});

test('a clientToken makes a creation happen once', async () => {
	const first = await call('CreateService', { name: 'once', clientToken: 'token-1' });
	const again = await call('CreateService', { name: 'once', clientToken: 'token-1' });
	assert.equal(again.id, first.id);
	await invalid('CreateService', { name: 'twice', clientToken: 'token-1' }, 'clientToken');
});

test('target groups', async () => {
	const config = { port: 8080, protocol: 'HTTP', vpcIdentifier: vpcs.server };
	group = await call('CreateTargetGroup', { name: 'cart-v1', type: 'IP', config });
	assert.equal(group.status, 'CREATE_IN_PROGRESS');
	assert.deepEqual(group.config.healthCheck, {
		enabled: true, protocol: 'HTTP', protocolVersion: 'HTTP1', path: '/', matcher: { httpCode: '200' },
		healthCheckIntervalSeconds: 30, healthCheckTimeoutSeconds: 5, healthyThresholdCount: 5,
		unhealthyThresholdCount: 2,
	});
	await conflict('CreateTargetGroup', { name: 'cart-v1', type: 'IP', config }, /already exist/);
	await invalid('CreateTargetGroup', { name: 'two', type: 'IP', config: { ...config, port: 0 } }, 'config.port');
	await invalid('CreateTargetGroup', { name: 'two', type: 'IP' }, 'config');
	await notFound('CreateTargetGroup',
		{ name: 'two', type: 'IP', config: { ...config, vpcIdentifier: none('vpc') } }, 'VPC');

	const shown = await call('GetTargetGroup', { targetGroupIdentifier: group.arn });
	assert.equal(shown.status, 'ACTIVE');
	assert.deepEqual(shown.serviceArns, []);
	await notFound('GetTargetGroup', { targetGroupIdentifier: none('tg') }, 'TARGET_GROUP');
	await invalid('GetTargetGroup', { targetGroupIdentifier: 'x' }, 'targetGroupIdentifier');

	const updated = await call('UpdateTargetGroup',
		{ targetGroupIdentifier: group.id, healthCheck: { path: '/ready', matcher: { httpCode: '200-299' } } });
	assert.equal(updated.config.healthCheck.path, '/ready');
	assert.equal(updated.config.healthCheck.healthCheckIntervalSeconds, 30);
	await invalid('UpdateTargetGroup',
		{ targetGroupIdentifier: group.id, healthCheck: { healthCheckIntervalSeconds: 4 } },
		'healthCheck.healthCheckIntervalSeconds');
	await notFound('UpdateTargetGroup', { targetGroupIdentifier: none('tg'), healthCheck: {} }, 'TARGET_GROUP');

	for (const name of ['tg1', 'tg2'])
		await call('CreateTargetGroup', { name, type: 'IP', config: { vpcIdentifier: vpcs.client } });
	assert.equal((await all('ListTargetGroups')).length, 3);
	assert.equal((await all('ListTargetGroups', { vpcIdentifier: vpcs.server })).length, 1);
	assert.equal((await all('ListTargetGroups', { targetGroupType: 'LAMBDA' })).length, 0);
	await invalid('CreateTargetGroup', { name: 'two', type: 'LAMBDA', config }, 'config.port');
	await invalid('CreateTargetGroup',
		{ name: 'two', type: 'IP', config: { ...config, lambdaEventStructureVersion: 'V2' } },
		'config.lambdaEventStructureVersion');
	const functions = await call('CreateTargetGroup', { name: 'functions', type: 'LAMBDA' });
	assert.deepEqual(functions.config, { lambdaEventStructureVersion: 'V1' });
	const [listed] = await all('ListTargetGroups', { targetGroupType: 'LAMBDA' });
	assert.equal(listed.lambdaEventStructureVersion, 'V1');
	const arn = 'arn:aws:lambda:us-east-1:123456789012:function:none';
	const done = await call('RegisterTargets',
		{ targetGroupIdentifier: functions.id, targets: [{ id: arn }, { id: '10.0.0.2' }] });
	assert.deepEqual(done.unsuccessful.map(t => t.failureCode), ['UnsupportedTarget', 'UnsupportedTarget']);
	await invalid('UpdateTargetGroup', { targetGroupIdentifier: functions.id, healthCheck: {} }, 'healthCheck');
	await call('DeleteTargetGroup', { targetGroupIdentifier: functions.id });
	await invalid('ListTargetGroups', { targetGroupType: 'NONE' }, 'targetGroupType');
});

test('targets', async () => {
	const of = { targetGroupIdentifier: group.id };
	const done = await call('RegisterTargets',
		{ ...of, targets: [{ id: '10.0.0.2' }, { id: '10.0.0.2', port: 81 }, { id: '127.0.0.1' }] });
	assert.deepEqual(done.successful, [{ id: '10.0.0.2', port: 8080 }, { id: '10.0.0.2', port: 81 }]);
	assert.equal(done.unsuccessful[0].failureCode, 'UnsupportedTarget');
	await invalid('RegisterTargets', { ...of, targets: [] }, 'targets');
	await notFound('RegisterTargets', { targetGroupIdentifier: none('tg'), targets: [{ id: '10.0.0.2' }] },
		'TARGET_GROUP');

	const listed = await all('ListTargets', of, 1);
	assert.deepEqual(listed.map(t => t.port).sort(), [8080, 81]);
	assert.ok(listed.every(t => t.status === 'UNUSED'));
	const some = await call('ListTargets', { ...of, targets: [{ id: '10.0.0.2', port: 81 }] });
	assert.equal(some.items.length, 1);
	await notFound('ListTargets', { targetGroupIdentifier: none('tg') }, 'TARGET_GROUP');
	await invalid('ListTargets', { ...of, maxResults: 0 }, 'maxResults');

	const undone = await call('DeregisterTargets', { ...of, targets: [{ id: '10.0.0.2', port: 81 }, { id: '10.9.9.9' }] });
	assert.deepEqual(undone.successful, [{ id: '10.0.0.2', port: 81 }]);
	assert.equal(undone.unsuccessful[0].failureCode, 'TargetNotFound');
	await notFound('DeregisterTargets', { targetGroupIdentifier: none('tg'), targets: [{ id: '10.0.0.2' }] },
		'TARGET_GROUP');
	await invalid('DeregisterTargets', { ...of, targets: [] }, 'targets');
});

test('listeners', async () => {
	const of = { serviceIdentifier: service.id };
	const input = { ...of, name: 'http', protocol: 'HTTP', port: 80, defaultAction: forward([group.arn]) };
	listener = await call('CreateListener', input);
	assert.equal(listener.arn, arn(`service/${service.id}/listener/${listener.id}`));
	assert.deepEqual(listener.defaultAction, forward([group.id, 100]));
	await conflict('CreateListener', input, /already exist/);
	await conflict('CreateListener', { ...input, name: 'other' }, /port 80 already exist/);
	await invalid('CreateListener', { ...input, port: 70000 }, 'port');
	await invalid('CreateListener',
		{ ...input, name: 'x81', port: 81, defaultAction: forward([group.id], [group.id, 1]) },
		'defaultAction.forward.targetGroups[0]');
	await notFound('CreateListener', { ...input, serviceIdentifier: none('svc') }, 'SERVICE');
	await notFound('CreateListener', { ...input, name: 'x80', port: 81, defaultAction: forward([none('tg')]) },
		'TARGET_GROUP');
	await call('CreateListener', { ...of, name: 'second', protocol: 'HTTP', port: 81, defaultAction: fixed(404) });
	await overQuota('CreateListener',
		{ ...of, name: 'third', protocol: 'HTTP', port: 82, defaultAction: fixed(404) }, 'L-D64E952E');

	const named = { ...of, listenerIdentifier: listener.id };
	const shown = await call('GetListener', { serviceIdentifier: service.arn, listenerIdentifier: listener.arn });
	assert.equal(shown.serviceArn, service.arn);
	within(shown.createdAt, began);
	await notFound('GetListener', { ...of, listenerIdentifier: none('listener') }, 'LISTENER');
	await invalid('GetListener', { ...of, listenerIdentifier: 'http' }, 'listenerIdentifier');

	await call('UpdateListener', { ...named, defaultAction: fixed(404) });
	const updated = await call('UpdateListener', { ...named, defaultAction: forward([group.id, 7]) });
	assert.deepEqual(updated.defaultAction, forward([group.id, 7]));
	await invalid('UpdateListener', { ...named }, 'defaultAction');
	await notFound('UpdateListener', { ...of, listenerIdentifier: none('listener'), defaultAction: fixed(404) },
		'LISTENER');

	assert.equal((await all('ListListeners', of, 1)).length, 2);
	await notFound('ListListeners', { serviceIdentifier: none('svc') }, 'SERVICE');
	await invalid('ListListeners', { ...of, maxResults: 0 }, 'maxResults');
});

const match = {
	httpMatch: {
		method: 'GET',
		pathMatch: { match: { prefix: '/v2' }, caseSensitive: true },
		headerMatches: [{ name: 'x-env', match: { exact: 'test' } }],
	},
};

test('rules', async () => {
	const of = { serviceIdentifier: service.id, listenerIdentifier: listener.id };
	const input = { ...of, name: 'beta', priority: 10, match, action: forward([group.id]) };
	rule = await call('CreateRule', input);
	assert.equal(rule.arn, `${listener.arn}/rule/${rule.id}`);
	assert.deepEqual(rule.match, match);
	await conflict('CreateRule', { ...input, priority: 11 }, /already exist/);
	await conflict('CreateRule', { ...input, name: 'gamma' }, /priority 10 already exist/);
	await invalid('CreateRule', { ...input, priority: 0 }, 'priority');
	await invalid('CreateRule', { ...input, match: { httpMatch: { pathMatch: { match: { exact: 'x' } } } } },
		'match.httpMatch.pathMatch.match.exact');
	await notFound('CreateRule', { ...input, listenerIdentifier: none('listener') }, 'LISTENER');
	for (let i = 1; i <= 9; i++)
		await call('CreateRule', { ...input, name: `rule${i}`, priority: i, action: fixed(404) });
	await overQuota('CreateRule', { ...input, name: 'rule11', priority: 11 }, 'L-CF78395E');

	const named = { ...of, ruleIdentifier: rule.id };
	const shown = await call('GetRule', { ...of, ruleIdentifier: rule.arn });
	assert.equal(shown.isDefault, false);
	assert.deepEqual(shown.action, forward([group.id, 100]));
	within(shown.lastUpdatedAt, began);
	await notFound('GetRule', { ...of, ruleIdentifier: none('rule') }, 'RULE');
	await invalid('GetRule', { ...of, ruleIdentifier: 'beta' }, 'ruleIdentifier');

	const listed = await all('ListRules', of, 5);
	assert.equal(listed.length, 11);
	const standard = listed.filter(r => r.isDefault);
	assert.equal(standard.length, 1);
	assert.equal(standard[0].name, 'default');
	await notFound('ListRules', { ...of, listenerIdentifier: none('listener') }, 'LISTENER');
	await invalid('ListRules', { ...of, maxResults: 0 }, 'maxResults');
	const shownDefault = await call('GetRule', { ...of, ruleIdentifier: standard[0].id });
	assert.deepEqual(shownDefault.action, forward([group.id, 7]));
	await invalid('UpdateRule', { ...of, ruleIdentifier: standard[0].id, priority: 5 }, 'ruleIdentifier');
	await invalid('DeleteRule', { ...of, ruleIdentifier: standard[0].id }, 'ruleIdentifier');

	const updated = await call('UpdateRule', { ...named, priority: 20 });
	assert.equal(updated.priority, 20);
	assert.deepEqual(updated.match, match);
	await conflict('UpdateRule', { ...named, priority: 1 }, /already exist/);
	await invalid('UpdateRule', { ...named, priority: 101 }, 'priority');
	await notFound('UpdateRule', { ...of, ruleIdentifier: none('rule'), priority: 5 }, 'RULE');
});

test('rules swap their priorities in a batch, all or none', async () => {
	const of = { serviceIdentifier: service.id, listenerIdentifier: listener.id };
	const other = (await all('ListRules', of, 100)).find(r => r.priority === 1);
	const swap = [{ ruleIdentifier: rule.id, priority: 1 }, { ruleIdentifier: other.id, priority: 20 }];
	const done = await call('BatchUpdateRule', { ...of, rules: swap });
	assert.deepEqual(done.successful.map(r => r.priority), [1, 20]);
	assert.deepEqual(done.unsuccessful, []);
	const refused = await call('BatchUpdateRule',
		{ ...of, rules: [{ ruleIdentifier: rule.id, priority: 50 }, { ruleIdentifier: other.id, priority: 2 }] });
	assert.deepEqual(refused.successful, []);
	assert.deepEqual(refused.unsuccessful.map(r => r.failureCode), ['BatchCancelled', 'ConflictException']);
	assert.equal((await call('GetRule', { ...of, ruleIdentifier: rule.id })).priority, 1);
	await invalid('BatchUpdateRule', { ...of, rules: [] }, 'rules');
	await notFound('BatchUpdateRule', { ...of, listenerIdentifier: none('listener'), rules: swap }, 'LISTENER');
});

test('associations of VPCs', async () => {
	const input = { serviceNetworkIdentifier: network.id, vpcIdentifier: vpcs.client };
	vpcJoin = await call('CreateServiceNetworkVpcAssociation', input);
	assert.equal(vpcJoin.status, 'CREATE_IN_PROGRESS');
	assert.equal(vpcJoin.createdBy, account);
	await conflict('CreateServiceNetworkVpcAssociation', input, /already been associated/);
	await notFound('CreateServiceNetworkVpcAssociation', { ...input, vpcIdentifier: none('vpc') }, 'VPC');
	await invalid('CreateServiceNetworkVpcAssociation', { serviceNetworkIdentifier: network.id }, 'vpcIdentifier');

	const named = { serviceNetworkVpcAssociationIdentifier: vpcJoin.id };
	const shown = await call('GetServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: vpcJoin.arn });
	assert.equal(shown.status, 'ACTIVE');
	assert.equal(shown.serviceNetworkArn, network.arn);
	await notFound('GetServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: none('snva') },
		'SERVICE_NETWORK_VPC_ASSOCIATION');
	await invalid('GetServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: 'x' },
		'serviceNetworkVpcAssociationIdentifier');

	const updated = await call('UpdateServiceNetworkVpcAssociation', { ...named, privateDnsEnabled: true });
	assert.equal(updated.status, 'UPDATE_IN_PROGRESS');
	await notFound('UpdateServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: none('snva') },
		'SERVICE_NETWORK_VPC_ASSOCIATION');
	await invalid('UpdateServiceNetworkVpcAssociation', { ...named, privateDnsEnabled: 'yes' }, 'privateDnsEnabled');

	const listed = await all('ListServiceNetworkVpcAssociations', { vpcIdentifier: vpcs.client });
	assert.deepEqual(listed.map(a => a.id), [vpcJoin.id]);
	await invalid('ListServiceNetworkVpcAssociations', {}, 'serviceNetworkIdentifier');
});

test('associations of services', async () => {
	const input = { serviceNetworkIdentifier: network.id, serviceIdentifier: service.id };
	serviceJoin = await call('CreateServiceNetworkServiceAssociation', input);
	assert.equal(serviceJoin.dnsEntry.domainName, service.dnsEntry.domainName);
	await conflict('CreateServiceNetworkServiceAssociation', input, /already exist/);
	await notFound('CreateServiceNetworkServiceAssociation', { ...input, serviceIdentifier: none('svc') }, 'SERVICE');
	await invalid('CreateServiceNetworkServiceAssociation', { serviceIdentifier: service.id },
		'serviceNetworkIdentifier');

	const shown = await call('GetServiceNetworkServiceAssociation',
		{ serviceNetworkServiceAssociationIdentifier: serviceJoin.arn });
	assert.equal(shown.serviceName, 'cart');
	await notFound('GetServiceNetworkServiceAssociation',
		{ serviceNetworkServiceAssociationIdentifier: none('snsa') }, 'SERVICE_NETWORK_SERVICE_ASSOCIATION');
	await invalid('GetServiceNetworkServiceAssociation', { serviceNetworkServiceAssociationIdentifier: 'x' },
		'serviceNetworkServiceAssociationIdentifier');
	const listed = await all('ListServiceNetworkServiceAssociations', { serviceNetworkIdentifier: network.id });
	assert.deepEqual(listed.map(a => a.serviceId), [service.id]);
	await invalid('ListServiceNetworkServiceAssociations', {}, 'serviceNetworkIdentifier');
	assert.equal((await call('GetServiceNetwork', { serviceNetworkIdentifier: network.id })).numberOfAssociatedServices, 1);
});

test('tags', async () => {
	const of = { resourceArn: rule.arn };
	await call('TagResource', { ...of, tags: { team: 'a', 'with space/and=more': 'ü' } });
	assert.deepEqual((await call('ListTagsForResource', of)).tags, { team: 'a', 'with space/and=more': 'ü' });
	await call('UntagResource', { ...of, tagKeys: ['with space/and=more', 'none'] });
	assert.deepEqual((await call('ListTagsForResource', of)).tags, { team: 'a' });
	assert.deepEqual((await call('ListTagsForResource', { resourceArn: network.arn })).tags, { a: 'b' });
	const gone = { resourceArn: arn(`service/${none('svc')}`) };
	await notFound('TagResource', { ...gone, tags: { a: 'b' } }, 'SERVICE');
	await notFound('UntagResource', { ...gone, tagKeys: ['a'] }, 'SERVICE');
	await notFound('ListTagsForResource', gone, 'SERVICE');
	await invalid('TagResource', { ...of, tags: { 'aws:x': 'y' } }, 'tags');
	await invalid('UntagResource', { ...of, tagKeys: [] }, 'tagKeys');
	await invalid('ListTagsForResource', { resourceArn: 'x' }, 'resourceArn');
});

test('access log subscriptions', async () => {
	const group = 'arn:aws:logs:us-east-1:123456789012:log-group:/shop/all:*';
	const made = await call('CreateAccessLogSubscription',
		{ resourceIdentifier: network.id, destinationArn: group, tags: { a: 'b' } });
	assert.match(made.id, /^als-[0-9a-f]{17}$/);
	assert.equal(made.arn, arn(`accesslogsubscription/${made.id}`));
	assert.equal(made.resourceId, network.id);
	assert.equal(made.resourceArn, network.arn);
	assert.equal(made.destinationArn, group);
	assert.equal(made.serviceNetworkLogType, 'SERVICE');
	const of = { accessLogSubscriptionIdentifier: made.id };
	const got = await call('GetAccessLogSubscription', { accessLogSubscriptionIdentifier: made.arn });
	assert.ok(got.createdAt instanceof Date && got.lastUpdatedAt instanceof Date);
	await conflict('CreateAccessLogSubscription',
		{ resourceIdentifier: network.arn, destinationArn: group.replace('all', 'other') }, /already has/);
	for (const destinationArn of ['arn:aws:s3:::bucket/prefix', 'arn:aws:firehose:us-east-1:123456789012:deliverystream/x']) {
		const other = await call('CreateAccessLogSubscription', { resourceIdentifier: service.id, destinationArn });
		assert.equal(other.serviceNetworkLogType, undefined);
	}
	assert.deepEqual((await call('ListAccessLogSubscriptions', { resourceIdentifier: network.arn })).items.map(i => i.id), [made.id]);
	assert.equal((await all('ListAccessLogSubscriptions', { resourceIdentifier: service.id }, 1)).length, 2);
	assert.deepEqual((await call('ListAccessLogSubscriptions', { resourceIdentifier: none('svc') })).items, []);

	const moved = await call('UpdateAccessLogSubscription', { ...of, destinationArn: 'arn:aws:s3:::our-bucket' });
	assert.equal(moved.destinationArn, 'arn:aws:s3:::our-bucket');
	assert.equal(moved.id, made.id);
	const again = await call('GetAccessLogSubscription', of);
	assert.deepEqual(again.createdAt, got.createdAt);
	assert.deepEqual((await call('ListTagsForResource', { resourceArn: made.arn })).tags, { a: 'b' });
	await call('DeleteAccessLogSubscription', of);
	for (const verb of ['Get', 'Delete']) await notFound(`${verb}AccessLogSubscription`, of, 'ACCESS_LOG_SUBSCRIPTION');
	await notFound('UpdateAccessLogSubscription', { ...of, destinationArn: group }, 'ACCESS_LOG_SUBSCRIPTION');
	await invalid('GetAccessLogSubscription', { accessLogSubscriptionIdentifier: 'x' }, 'accessLogSubscriptionIdentifier');

	const input = { resourceIdentifier: network.id, destinationArn: group };
	await notFound('CreateAccessLogSubscription', { ...input, resourceIdentifier: none('sn') }, 'SERVICE_NETWORK');
	await invalid('CreateAccessLogSubscription', { ...input, resourceIdentifier: none('tg') }, 'resourceIdentifier');
	await invalid('CreateAccessLogSubscription', { ...input, destinationArn: 'arn:aws:sqs:us-east-1:123456789012:queue' }, 'destinationArn');
	const services = await call('CreateAccessLogSubscription', { ...input, serviceNetworkLogType: 'SERVICE' });
	const resources = await call('CreateAccessLogSubscription', { ...input, serviceNetworkLogType: 'RESOURCE' });
	assert.equal(resources.serviceNetworkLogType, 'RESOURCE');
	await conflict('CreateAccessLogSubscription', { ...input, serviceNetworkLogType: 'RESOURCE' }, /already has/);
	for (const s of [services, resources]) {
		const of = { accessLogSubscriptionIdentifier: s.id };
		await call('UpdateAccessLogSubscription', { ...of, destinationArn: 'arn:aws:s3:::our-bucket' });
		assert.equal((await call('GetAccessLogSubscription', of)).serviceNetworkLogType, s.serviceNetworkLogType);
	}
	for (const s of [services, resources]) await call('DeleteAccessLogSubscription', { accessLogSubscriptionIdentifier: s.id });
	await invalid('CreateAccessLogSubscription', { ...input, serviceNetworkLogType: 'OTHER' }, 'serviceNetworkLogType');
	await invalid('CreateAccessLogSubscription',
		{ ...input, resourceIdentifier: service.id, serviceNetworkLogType: 'RESOURCE' }, 'serviceNetworkLogType');
	await invalid('CreateAccessLogSubscription',
		{ ...input, resourceIdentifier: service.id, serviceNetworkLogType: 'SERVICE' }, 'serviceNetworkLogType');
	await notFound('CreateAccessLogSubscription',
		{ ...input, destinationArn: arn(`logdestination/${none('ld')}`) }, 'LOG_DESTINATION');
	await invalid('ListAccessLogSubscriptions', { resourceIdentifier: none('tg') }, 'resourceIdentifier');
});

test('what there is none of', async () => {
	const lists = [['ListResourceConfigurations', {}], ['ListResourceGateways', {}], ['ListDomainVerifications', {}],
		['ListServiceNetworkResourceAssociations', { includeChildren: true }],
		['ListResourceEndpointAssociations', { resourceConfigurationIdentifier: none('rcfg') }],
		['ListServiceNetworkVpcEndpointAssociations', { serviceNetworkIdentifier: network.id }]];
	for (const [operation, input] of lists) assert.deepEqual((await call(operation, input)).items, []);
	const named = [['ResourceConfiguration', 'rcfg', 'RESOURCE_CONFIGURATION', ['Get', 'Update', 'Delete']],
		['ResourceGateway', 'rgw', 'RESOURCE_GATEWAY', ['Get', 'Update', 'Delete']],
		['ServiceNetworkResourceAssociation', 'snra', 'SERVICE_NETWORK_RESOURCE_ASSOCIATION', ['Get', 'Delete']],
		['ResourceEndpointAssociation', 'rea', 'RESOURCE_ENDPOINT_ASSOCIATION', ['Delete']],
		['DomainVerification', 'dv', 'DOMAIN_VERIFICATION', ['Get', 'Delete']]];
	for (const [noun, prefix, type, verbs] of named) {
		const label = noun[0].toLowerCase() + noun.slice(1) + 'Identifier';
		for (const verb of verbs) {
			await notFound(verb + noun, { [label]: none(prefix) }, type);
			await invalid(verb + noun, { [label]: 'x' }, label);
		}
	}
	await unsupported('CreateResourceGateway', { name: 'gateway' });
	await unsupported('CreateResourceConfiguration', { name: 'database', type: 'SINGLE' });
	await unsupported('CreateServiceNetworkResourceAssociation',
		{ serviceNetworkIdentifier: network.id, resourceConfigurationIdentifier: none('rcfg') });
	await unsupported('StartDomainVerification', { domainName: 'example.com' });
});

test('resource policies', async () => {
	const { arn } = await call('CreateServiceNetwork', { name: 'granted' });
	const statement = { Effect: 'Allow', Principal: { AWS: ['111122223333'] },
		Action: ['vpc-lattice:GetServiceNetwork', 'vpc-lattice:CreateServiceNetworkVpcAssociation'], Resource: arn };
	const document = change => JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, ...change }] });
	for (const operation of ['GetResourcePolicy', 'DeleteResourcePolicy'])
		await notFound(operation, { resourceArn: arn }, 'SERVICE_NETWORK');
	await call('PutResourcePolicy', { resourceArn: arn, policy: document({}) });
	assert.equal((await call('GetResourcePolicy', { resourceArn: arn })).policy, document({}));
	await invalid('GetResourcePolicy', { resourceArn: arn.replace(/.*\//, '') }, 'resourceArn');
	for (const change of [{ Effect: 'Deny' }, { Principal: '*' }, { Action: 'vpc-lattice:DeleteServiceNetwork' },
		{ Resource: arn + 'x' }, { Condition: {} }])
		await invalid('PutResourcePolicy', { resourceArn: arn, policy: document(change) }, 'policy');
	await call('DeleteResourcePolicy', { resourceArn: arn });
	await notFound('GetResourcePolicy', { resourceArn: arn }, 'SERVICE_NETWORK');
});

test('auth policies', async () => {
	const statement = { Effect: 'Allow', Principal: '*', Action: 'vpc-lattice-svcs:Invoke', Resource: '*' };
	const policy = `${JSON.stringify({ Version: '2012-10-17', Statement: statement }, null, 2)}\n`;
	for (const resourceIdentifier of [network.id, service.arn]) {
		assert.equal((await call('GetAuthPolicy', { resourceIdentifier })).policy, undefined);
		const put = await call('PutAuthPolicy', { resourceIdentifier, policy });
		assert.equal(put.state, 'Inactive');
		assert.equal(put.policy, policy);
		const got = await call('GetAuthPolicy', { resourceIdentifier });
		assert.equal(got.policy, policy);
		within(got.createdAt, began);
		within(got.lastUpdatedAt, began);
		await invalid('PutAuthPolicy', { resourceIdentifier, policy: '{"Statement":[]}' }, 'policy');
		await invalid('PutAuthPolicy', { resourceIdentifier, policy: ' '.repeat(10241) }, 'policy');
		await call('DeleteAuthPolicy', { resourceIdentifier });
		await call('DeleteAuthPolicy', { resourceIdentifier });
	}
	for (const operation of ['GetAuthPolicy', 'DeleteAuthPolicy']) {
		await notFound(operation, { resourceIdentifier: none('sn') }, 'SERVICE_NETWORK');
		await notFound(operation, { resourceIdentifier: none('svc') }, 'SERVICE');
		await invalid(operation, { resourceIdentifier: none('vpc') }, 'resourceIdentifier');
	}
	await notFound('PutAuthPolicy', { resourceIdentifier: none('svc'), policy }, 'SERVICE');
});

test('what is in use stays, and all goes in the end', async () => {
	const of = { serviceIdentifier: service.id };
	await conflict('DeleteServiceNetwork', { serviceNetworkIdentifier: network.id }, /in use/);
	await conflict('DeleteService', of, /in use/);
	await conflict('DeleteTargetGroup', { targetGroupIdentifier: group.id }, /in use/);

	const left = await call('DeleteServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: vpcJoin.id });
	assert.equal(left.status, 'DELETE_IN_PROGRESS');
	await notFound('DeleteServiceNetworkVpcAssociation', { serviceNetworkVpcAssociationIdentifier: vpcJoin.id },
		'SERVICE_NETWORK_VPC_ASSOCIATION');
	const named = { serviceNetworkServiceAssociationIdentifier: serviceJoin.id };
	assert.equal((await call('DeleteServiceNetworkServiceAssociation', named)).id, serviceJoin.id);
	await notFound('DeleteServiceNetworkServiceAssociation', named, 'SERVICE_NETWORK_SERVICE_ASSOCIATION');

	const rules = { ...of, listenerIdentifier: listener.id };
	await call('DeleteRule', { ...rules, ruleIdentifier: rule.id });
	await notFound('DeleteRule', { ...rules, ruleIdentifier: rule.id }, 'RULE');
	await call('DeleteListener', rules);
	await notFound('DeleteListener', rules, 'LISTENER');
	assert.equal((await call('DeleteTargetGroup', { targetGroupIdentifier: group.id })).status, 'DELETE_IN_PROGRESS');
	await notFound('DeleteTargetGroup', { targetGroupIdentifier: group.id }, 'TARGET_GROUP');
	assert.equal((await call('DeleteService', of)).name, 'cart');
	await notFound('DeleteService', of, 'SERVICE');
	await call('DeleteServiceNetwork', { serviceNetworkIdentifier: network.id });
	await notFound('DeleteServiceNetwork', { serviceNetworkIdentifier: network.id }, 'SERVICE_NETWORK');
});
