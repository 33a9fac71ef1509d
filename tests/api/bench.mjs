// SPDX-License-Identifier: Apache-2.0
// How long a change takes to be answered, and from the answer to being in force for a client in a VPC. Run inside the
// VPC's namespace; the API is at a unix socket. SERVICES=… RULES=… TARGETS=… CHANGES=…
import http from 'node:http';
import { call, fixed, own } from './world.mjs';

const count = (name, otherwise) => Number(process.env[name] || otherwise);
const services = count('SERVICES', 200), rules = count('RULES', 20), targets = count('TARGETS', 50);
const changes = count('CHANGES', 200);
const agent = new http.Agent({ keepAlive: true });

const status = address => new Promise((resolve, reject) => {
	http.get({ host: address, agent, path: '/' }, r => r.resume().on('end', () => resolve(r.statusCode))).on('error', reject);
});

const now = () => performance.now();
function report(what, times) {
	times.sort((a, b) => a - b);
	const at = share => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
	console.log(`${what.padEnd(34)} p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  max ${at(1)} ms  (${times.length})`);
}

async function build(vpc, network) {
	const times = [];
	const timed = async (operation, input) => {
		const began = now(), answer = await call(operation, input);
		times.push(now() - began);
		return answer;
	};
	let last;
	for (let i = 0; i < services; i++) {
		const service = await timed('CreateService', { name: `service-${i}` });
		const group = await timed('CreateTargetGroup', { name: `group-${i}`, type: 'IP', config: { vpcIdentifier: vpc,
			healthCheck: { enabled: false } } });
		const list = Array.from({ length: targets }, (_, k) => ({ id: `10.${1 + (i >> 8)}.${i & 255}.${k + 1}` }));
		await timed('RegisterTargets', { targetGroupIdentifier: group.id, targets: list });
		const listener = await timed('CreateListener', { serviceIdentifier: service.id, name: 'http', protocol: 'HTTP',
			port: 80, defaultAction: fixed(404) });
		last = { serviceIdentifier: service.id, listenerIdentifier: listener.id };
		for (let k = 1; k <= rules; k++)
			await timed('CreateRule', { ...last, name: `r-${k}`, priority: k,
				match: { httpMatch: { pathMatch: { match: { prefix: `/v${k}` } } } },
				action: { forward: { targetGroups: [{ targetGroupIdentifier: group.id }] } } });
		await timed('CreateServiceNetworkServiceAssociation',
			{ serviceNetworkIdentifier: network, serviceIdentifier: service.id });
	}
	report('create one thing, answered in', times);
	return last;
}

const vpc = (await own('POST', '/lattice/v1/vpcs', { name: 'bench', netns: process.env.NETNS })).body.id;
const network = (await call('CreateServiceNetwork', { name: 'bench' })).id;
await call('CreateServiceNetworkVpcAssociation', { serviceNetworkIdentifier: network, vpcIdentifier: vpc });
console.log(`${services} services of ${rules} rules and ${targets} targets`);
const last = await build(vpc, network);
const address = (await own('GET', `/lattice/v1/services/${last.serviceIdentifier}/addresses`)).body.addresses[0];
while (await status(address).catch(() => 0) !== 404) await new Promise(r => setTimeout(r, 50));

const answered = [], inForce = [];
for (let i = 0; i < changes; i++) {
	const wanted = i % 2 ? 404 : 500, began = now();
	await call('UpdateListener', { ...last, defaultAction: fixed(wanted) });
	const told = now();
	while (await status(address) !== wanted) continue;
	answered.push(told - began);
	inForce.push(now() - told);
}
report('change one thing, answered in', answered);
report('and in force after the answer in', inForce);
process.exit(0);
