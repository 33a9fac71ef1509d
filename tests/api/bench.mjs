// SPDX-License-Identifier: Apache-2.0
// How long a change takes to be answered, and from the answer to being in force for a client in a VPC. Run inside the
// namespace of the VPC "bench", beside the store that tests/load/seed.c made. CREATES=… CHANGES=…
import http from 'node:http';
import { call, fixed, own } from './world.mjs';

const count = (name, otherwise) => Number(process.env[name] || otherwise);
const creates = count('CREATES', 50), changes = count('CHANGES', 200);
const agent = new http.Agent({ keepAlive: true });

const status = (address, using = agent) => new Promise((resolve, reject) => {
	http.get({ host: address, agent: using, path: '/' }, r => r.resume().on('end', () => resolve(r.statusCode)))
		.on('error', reject);
});

const now = () => performance.now();
function report(name, times) {
	times.sort((a, b) => a - b);
	for (const [word, share] of [['p50', 0.5], ['p90', 0.9], ['p99', 0.99], ['max', 1]]) {
		const at = times[Math.min(times.length - 1, Math.floor(times.length * share))];
		console.log(`bench ${name}.${word} ${at.toFixed(1)} ms`);
	}
}

async function timed(times, operation, input) {
	const began = now(), answer = await call(operation, input);
	times.push(now() - began);
	return answer;
}

const vpc = (await own('GET', '/lattice/v1/vpcs')).body.items[0].id;
const network = (await call('ListServiceNetworks', {})).items[0].id;
const created = [], seen = [];
let last;
for (let i = 0; i < creates; i++) {
	const service = await timed(created, 'CreateService', { name: `created-${i}` });
	const group = await timed(created, 'CreateTargetGroup', { name: `created-${i}`, type: 'IP', config: { vpcIdentifier: vpc,
		healthCheck: { enabled: false } } });
	await timed(created, 'RegisterTargets', { targetGroupIdentifier: group.id, targets: [{ id: '10.0.0.1' }] });
	const listener = await timed(created, 'CreateListener', { serviceIdentifier: service.id, name: 'http', protocol: 'HTTP',
		port: 80, defaultAction: fixed(404) });
	last = { serviceIdentifier: service.id, listenerIdentifier: listener.id };
	for (let k = 1; k <= 3; k++)
		await timed(created, 'CreateRule', { ...last, name: `r-${k}`, priority: k,
			match: { httpMatch: { pathMatch: { match: { prefix: `/v${k}` } } } },
			action: { forward: { targetGroups: [{ targetGroupIdentifier: group.id }] } } });
	last.address = (await own('GET', `/lattice/v1/services/${service.id}/addresses`)).body.addresses[1];
	await timed(created, 'CreateServiceNetworkServiceAssociation',
		{ serviceNetworkIdentifier: network, serviceIdentifier: service.id });
	const told = now();
	while (await status(last.address, false).catch(() => 0) !== 404) continue;
	seen.push(now() - told);
}
report('create.answered', created);
report('create.in-force', seen);

const { address, ...listener } = last;
const answered = [], inForce = [];
for (let i = 0; i < changes; i++) {
	const wanted = i % 2 ? 404 : 500, began = now();
	await call('UpdateListener', { ...listener, defaultAction: fixed(wanted) });
	const told = now();
	while (await status(address) !== wanted) continue;
	answered.push(told - began);
	inForce.push(now() - told);
}
report('change.answered', answered);
report('change.in-force', inForce);

const began = now();
let pages = 0, token;
do {
	token = (await call('ListServices', { maxResults: 100, nextToken: token })).nextToken;
	pages++;
} while (token);
console.log(`bench list.page ${((now() - began) / pages).toFixed(1)} ms`);
process.exit(0);
