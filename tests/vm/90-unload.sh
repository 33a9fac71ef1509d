#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unloading with traffic running, many times over. Runs in the VM, last: it leaves the module loaded.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
rounds=${UNLOAD_ROUNDS:-25}

netns_add blue
steered_alone "$blue"
# shellcheck disable=SC2016
netns_spawn "$blue" bash -c 'until [ -e "$1" ]; do curl -s -m 2 -o /dev/null http://169.254.171.7/; done' traffic "$out.stop"

failed=0
for _ in $(seq "$rounds"); do
	serve "$blue" 2 169.254.171.7 80 || failed=1
	wait_for 10 grep -q '^from' "$out" || failed=1
	rmmod lattice || failed=1
	stop_serving
	insmod build/lattice.ko || failed=1
done
check "the module is unloaded and loaded $rounds times under traffic" test $failed = 0
check "the kernel has no complaint" no_complaint
done_testing
