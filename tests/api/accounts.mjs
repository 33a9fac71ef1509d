// SPDX-License-Identifier: Apache-2.0
// Accounts over TCP, each with keys of its own: what is whose, what is shared, and who is nobody. ENDPOINT
// is the API's; OWNER, USER and PERSON are "ACCESS-KEY-ID SECRET".
import assert from 'node:assert/strict';
import test from 'node:test';
import * as sdk from '@aws-sdk/client-vpc-lattice';
import { own } from './world.mjs';

const as = (keys, more = {}) => {
	const [accessKeyId, secretAccessKey] = keys.split(' ');
	const client = new sdk.VPCLatticeClient({
		region: 'us-east-1', endpoint: process.env.ENDPOINT, maxAttempts: 1,
		credentials: { accessKeyId, secretAccessKey }, ...more,
	});
	return (operation, input = {}) => client.send(new sdk[`${operation}Command`](input));
};
const owner = as(process.env.OWNER), user = as(process.env.USER), person = as(process.env.PERSON);
const refused = (promise, name, status) => assert.rejects(promise, e => {
	assert.equal(e.name, name);
	assert.equal(e.$metadata.httpStatusCode, status);
	return true;
});

let network, service;
test('an account sees its own', async () => {
	network = await owner('CreateServiceNetwork', { name: 'shop', tags: { team: 'network' } });
	assert.match(network.arn, /:111111111111:/);
	service = await user('CreateService', { name: 'cart' });
	assert.match(service.arn, /:222222222222:/);
	assert.equal((await owner('ListServiceNetworks')).items.length, 1);
	assert.deepEqual((await user('ListServiceNetworks')).items, []);
	await refused(user('GetServiceNetwork', { serviceNetworkIdentifier: network.arn }), 'ResourceNotFoundException', 404);
	await refused(user('DeleteServiceNetwork', { serviceNetworkIdentifier: network.id }), 'ResourceNotFoundException', 404);
	await user('CreateServiceNetwork', { name: 'shop' });
});

const join = () => user('CreateServiceNetworkServiceAssociation',
	{ serviceNetworkIdentifier: network.arn, serviceIdentifier: service.id });

test('what is granted is usable, and no longer when that is withdrawn', async () => {
	await refused(join(), 'ResourceNotFoundException', 404);
	const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: network.arn,
		Principal: { AWS: ['222222222222'] },
		Action: ['vpc-lattice:GetServiceNetwork', 'vpc-lattice:CreateServiceNetworkServiceAssociation'] }] });
	await owner('PutResourcePolicy', { resourceArn: network.arn, policy });
	assert.equal((await user('GetServiceNetwork', { serviceNetworkIdentifier: network.arn })).id, network.id);
	assert.equal((await user('ListServiceNetworks')).items.length, 2);
	const { id } = await join();
	await refused(user('CreateServiceNetworkVpcAssociation',
		{ serviceNetworkIdentifier: network.id, vpcIdentifier: process.env.VPC }), 'AccessDeniedException', 403);
	await owner('DeleteResourcePolicy', { resourceArn: network.arn });
	await refused(user('GetServiceNetwork', { serviceNetworkIdentifier: network.arn }), 'ResourceNotFoundException', 404);
	const list = { serviceNetworkIdentifier: network.id };
	assert.equal((await owner('ListServiceNetworkServiceAssociations', list)).items[0].id, id);
	await owner('DeleteServiceNetworkServiceAssociation', { serviceNetworkServiceAssociationIdentifier: id });
	await refused(join(), 'ResourceNotFoundException', 404);
});

test('so is a service that is shared', async () => {
	const book = await owner('CreateService', { name: 'book' });
	const mine = (await user('ListServiceNetworks')).items.find(n => n.arn.includes(':222222222222:'));
	const get = () => user('GetService', { serviceIdentifier: book.arn });
	const associate = () => user('CreateServiceNetworkServiceAssociation',
		{ serviceNetworkIdentifier: mine.id, serviceIdentifier: book.arn });
	await refused(get(), 'ResourceNotFoundException', 404);
	await refused(associate(), 'ResourceNotFoundException', 404);
	assert.equal((await own('POST', '/lattice/v1/shares', { name: 'books', resourceArns: [book.arn],
		principals: ['222222222222'] }, '111111111111')).status, 201);
	assert.equal((await get()).arn, book.arn);
	assert.deepEqual((await user('ListServices')).items.map(s => s.name).sort(), ['book', 'cart']);
	await refused(user('DeleteService', { serviceIdentifier: book.arn }), 'ResourceNotFoundException', 404);
	await refused(user('ListListeners', { serviceIdentifier: book.arn }), 'ResourceNotFoundException', 404);
	const { id } = await associate();
	assert.equal((await own('DELETE', '/lattice/v1/shares/books', undefined, '111111111111')).status, 204);
	await refused(get(), 'ResourceNotFoundException', 404);
	// What was associated stays until either of them ends it.
	const list = await owner('ListServiceNetworkServiceAssociations', { serviceIdentifier: book.id });
	assert.equal(list.items[0].id, id);
	await user('DeleteServiceNetworkServiceAssociation', { serviceNetworkServiceAssociationIdentifier: id });
	await refused(associate(), 'ResourceNotFoundException', 404);
	await owner('DeleteService', { serviceIdentifier: book.id });
});

test('who is not who it says is refused', async () => {
	const [id] = process.env.OWNER.split(' ');
	await refused(as(`${id} wrong`)('ListServices'), 'InvalidSignatureException', 403);
	await refused(as('AKIANOBODYATALL00000 wrong')('ListServices'), 'UnrecognizedClientException', 403);
	await refused(as(process.env.OWNER, { systemClockOffset: 3600e3 })('ListServices'), 'InvalidSignatureException', 403);
	await refused(as(process.env.OWNER, { region: 'eu-west-1' })('ListServices'), 'InvalidSignatureException', 403);
});

const who = 'arn:aws:iam::111111111111:user/person';
const denied = (promise, what, why) => assert.rejects(promise, e => {
	assert.ok(e instanceof sdk.AccessDeniedException);
	assert.equal(e.message, `User: ${who} is not authorized to perform: vpc-lattice:${what}${why}`);
	return true;
});
const silent = (action, resource) => [action, `${resource ? ` on resource: ${resource}` : ''} because no identity-based policy allows ` +
	`the vpc-lattice:${action} action`];

// The policy of PERSON is in tests/cases/48-api-tcp.sh.
test('a user may what the policy of its identity allows', async () => {
	const arn = 'arn:aws:vpc-lattice:us-east-1:111111111111:';
	assert.deepEqual((await person('ListServices')).items, []);
	await denied(person('ListServiceNetworks'), ...silent('ListServiceNetworks'));
	await denied(person('CreateService', { name: 'mine' }), ...silent('CreateService', `${arn}service/*`));
	await denied(person('CreateService', { name: 'mine', tags: { team: 'book' } }), ...silent('CreateService', `${arn}service/*`));
	const mine = await person('CreateService', { name: 'mine', tags: { team: 'cart' } });
	assert.equal((await person('GetService', { serviceIdentifier: mine.id })).arn, mine.arn);
	const other = await owner('CreateService', { name: 'other' });
	await denied(person('GetService', { serviceIdentifier: other.id }), ...silent('GetService', other.arn));
	await denied(person('DeleteService', { serviceIdentifier: mine.arn }), 'DeleteService',
		` on resource: ${mine.arn} with an explicit deny in an identity-based policy`);
	await owner('DeleteService', { serviceIdentifier: mine.id });
	await owner('DeleteService', { serviceIdentifier: other.id });
	await denied(person('GetService', { serviceIdentifier: mine.id }), ...silent('GetService', mine.arn));
});
