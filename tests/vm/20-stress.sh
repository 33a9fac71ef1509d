#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes under traffic: registrations raced from four processes, namespaces made and destroyed while
# connections to them are under way. STRESS_ROUNDS=20 for a long run. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
rounds=${STRESS_ROUNDS:-3}

# Four processes take the namespace from each other, or are told that it is busy.
netns_add blue
steered_alone "$blue"
race() {
	local i pid
	for i in $(seq "$1"); do
		ip netns exec "$blue" $nl serve 1 169.254.171.7 80 >/dev/null 2>&1 &
		pid=$!
		get "$blue" http://169.254.171.7/ >/dev/null 2>&1
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	return 0
}
racers=()
for _ in 1 2 3 4; do
	race $((rounds * 3)) &
	racers+=($!)
done
wait "${racers[@]}"
serve "$blue" 2 169.254.171.7 80
check "raced for by four processes, $((rounds * 3)) times each, the namespace is whole" grep -q ready "$out"
check "and steers" get "$blue" http://169.254.171.7/

# A namespace goes while a client in it connects and its handoff sockets are set.
inums=()
for i in $(seq "$rounds"); do
	name="lt$$-gone$i"
	ip netns add "$name"
	ip -n "$name" link set lo up
	steered_alone "$name"
	inums+=("$(ip netns exec "$name" readlink /proc/self/ns/net | tr -dc 0-9)")
	: >"$out.$i"
	ip netns exec "$name" $nl serve 2 169.254.171.7 80 >"$out.$i" 2>&1 &
	server=$!
	wait_for 20 grep -q ready "$out.$i"
	ip netns exec "$name" bash -c 'for _ in 1 2 3 4 5 6; do curl -s -m 2 -o /dev/null http://169.254.171.7/; done' &
	client=$!
	wait_for 20 grep -q '^from' "$out.$i"
	kill "$server"
	ip netns del "$name"
	wait "$server" "$client" 2>/dev/null
done
all_gone() {
	local i
	for i in "${inums[@]}"; do dmesg | grep -q "net:\[$i\] unregistered" || return 1; done
}
check "$rounds namespaces destroyed under traffic are let go" wait_for 30 all_gone
check "another namespace does not notice" get "$blue" http://169.254.171.7/
check "the kernel has no complaint" no_complaint
done_testing
