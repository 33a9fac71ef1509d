#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes under traffic: registrations raced from four processes, namespaces made and destroyed while
# connections to them are under way. STRESS_ROUNDS=20 for a long run. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
nl=build/tests/nl
out=$(mktemp)
trap 'touch "$out.stop"; netns_cleanup; rm -f "$out" "$out".*' EXIT
rounds=${STRESS_ROUNDS:-3}
# Set by netns_add.
blue=''

ready() { grep -q ready "$1"; }
add_routes() {
	ip -n "$1" addr add 10.0.0.1/32 dev lo
	ip -n "$1" route add local 169.254.171.0/24 dev lo src 10.0.0.1
}
get() { ip netns exec "$1" curl -s -m 10 -o /dev/null http://169.254.171.7/; }

# Four processes take the namespace from each other, or are told that it is busy.
netns_add blue
add_routes "$blue"
race() {
	local i pid
	for i in $(seq "$1"); do
		ip netns exec "$blue" $nl serve 1 169.254.171.7 80 >/dev/null 2>&1 &
		pid=$!
		get "$blue"
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
ok "four processes race to register $((rounds * 3)) times each"
netns_spawn "$blue" $nl serve 2 169.254.171.7 80 >"$out"
check "the namespace is whole after the race" wait_for 20 ready "$out"
check "and steers" get "$blue"

# A namespace goes while a client in it connects and its handoff sockets are set.
inums=()
for i in $(seq "$rounds"); do
	name="lt$$-gone$i"
	ip netns add "$name"
	ip -n "$name" link set lo up
	add_routes "$name"
	inums+=("$(ip netns exec "$name" readlink /proc/self/ns/net | tr -dc 0-9)")
	: >"$out.$i"
	ip netns exec "$name" $nl serve 2 169.254.171.7 80 >"$out.$i" 2>&1 &
	server=$!
	wait_for 20 ready "$out.$i"
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
check "another namespace does not notice" get "$blue"
clean() { ! dmesg | grep -E 'WARNING|BUG|refcount|leak'; }
check "the kernel has no complaint" clean
done_testing
