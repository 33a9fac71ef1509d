#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every constraint of AWS's model of its API, probed with a value just outside and one at the limit, by AWS's own SDK.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
. tests/lib/sdk.sh
trap daemon_cleanup EXIT

sdk_prepare
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
"$node" --test-reporter=tap build/api/constraints.mjs
