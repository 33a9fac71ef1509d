#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Wrong netlink messages without end: FUZZ_MESSAGES=100000 for a long run. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
messages=${FUZZ_MESSAGES:-5000}
seed=${FUZZ_SEED:-$((RANDOM + 1))}

echo "# seed $seed"
check "$messages wrong messages leave the module as good as it was" unshare -n build/tests/nl-fuzz "$messages" "$seed"
check "the kernel has no complaint" no_complaint
done_testing
