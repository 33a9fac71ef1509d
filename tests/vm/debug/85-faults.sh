#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every allocation on the way of loading, and of each request, fails once. Runs in the VM with the debug kernel
# (make vm-debug); it leaves the module loaded.
set -u
cd "$(dirname "$0")/../../.." || exit 1
. tests/lib/steered.sh

# Allocations that may sleep can fail too, and none prints a trace.
for knob in failslab fail_page_alloc fail_usercopy; do
	[ $knob = fail_usercopy ] || echo N >/sys/kernel/debug/$knob/ignore-gfp-wait
	echo 0 >/sys/kernel/debug/$knob/verbose
done

rmmod lattice
check "loading fails whole at every allocation" build/tests/nl-fault load build/lattice.ko
insmod build/lattice.ko
netns_add blue
check "a request fails whole at every allocation" in_blue build/tests/nl-fault requests
check "the kernel has no complaint" no_complaint
done_testing
