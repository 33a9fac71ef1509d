#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A thousand tables, one after the other, under connections: none is steered as no table says. SWAPS
# and SWAP_SEED change how many and which. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
swaps=${SWAPS:-1000}
seed=${SWAP_SEED:-$((RANDOM + 1))}

netns_add blue
steered_alone "$blue"
ip -n "$blue" addr add 2001:db8::1/128 dev lo nodad
echo "# seed $seed"
check "$swaps tables under connections agree with the model" in_blue build/tests/nl-swap "$swaps" "$seed"
done_testing
