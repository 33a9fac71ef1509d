// SPDX-License-Identifier: Apache-2.0
// What the property test thinks there is: maps by id, and ids that are gone, so that they are asked for again. SEED=…
// repeats a run.
import { none } from './world.mjs';

export const seed = Number(process.env.SEED || Date.now() % 1000000);

// A generator of Lehmer's: good enough, and the same everywhere.
let state = (seed % 2147483646) + 1;
export const below = n => (state = (state * 48271) % 2147483647) % n;
export const one = list => list[below(list.length)];
export const name = () => `name-${below(6)}`;

export const vpcs = []; // ids, which stay
export const networks = new Map(), services = new Map(), groups = new Map(), joins = new Map(), vpcJoins = new Map(),
	securityGroups = new Map(), instances = new Map(), subscriptions = new Map(), policies = new Map();

export const gone = Object.fromEntries(['sn', 'svc', 'tg', 'listener', 'rule', 'snsa', 'snva', 'sg', 'i', 'als'].map(p => [p, [none(p)]]));
export const some = (map, prefix) => (below(8) && map.size ? one([...map.keys()]) : one(gone[prefix]));
export const named = (map, wanted) => [...map.values()].some(x => x.name === wanted);

// What goes with a network or a service.
function dropParts(id) {
	policies.delete(id);
	for (const [sub, s] of subscriptions) if (s.resource === id) drop(subscriptions, sub, 'als');
}

export function drop(map, id, prefix) {
	map.delete(id);
	gone[prefix].push(id);
	if (map === networks || map === services) dropParts(id);
}
