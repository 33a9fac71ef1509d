#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unloading with traffic running, many times over. Runs in the VM, last: it leaves the module loaded.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
nl=build/tests/nl
out=$(mktemp)
trap 'touch "$out.stop"; netns_cleanup; rm -f "$out" "$out.stop"' EXIT
# Set by netns_add.
blue=''
rounds=${UNLOAD_ROUNDS:-25}

ready() { grep -q ready "$out"; }
netns_add blue
ip -n "$blue" addr add 10.0.0.1/32 dev lo
ip -n "$blue" route add local 169.254.171.0/24 dev lo src 10.0.0.1
# shellcheck disable=SC2016
netns_spawn "$blue" bash -c 'until [ -e "$1" ]; do curl -s -m 2 -o /dev/null http://169.254.171.7/; done' traffic "$out.stop"

failed=0
for _ in $(seq "$rounds"); do
	: >"$out"
	ip netns exec "$blue" $nl serve 2 169.254.171.7 80 >"$out" &
	server=$!
	wait_for 10 ready || failed=1
	wait_for 10 grep -q '^from' "$out" || failed=1
	rmmod lattice || failed=1
	kill "$server"
	wait "$server" 2>/dev/null
	insmod build/lattice.ko || failed=1
done
check "the module is unloaded and loaded $rounds times under traffic" test $failed = 0
clean() { ! dmesg | grep -E 'WARNING|BUG|refcount|leak'; }
check "the kernel has no complaint" clean
done_testing
