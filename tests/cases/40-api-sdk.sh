#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The control API driven by AWS's own SDK for JavaScript, unmodified: tests/api says what.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
. tests/lib/sdk.sh
trap daemon_cleanup EXIT

sdk_prepare
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
OPERATIONS=ctl/api/operations.def "$node" --test-reporter=tap build/api/all.mjs
status=$?
if grep -q 'does not compile' "$dir/log"; then
	not_ok "whatever is accepted compiles" "$(grep 'does not compile' "$dir/log")"
	status=1
fi
exit $status
