#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same as 40-api-sdk over TCP: every operation and each fault, by AWS's own SDK with the keys of an account's root.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
. tests/lib/sdk.sh
trap daemon_cleanup EXIT

sdk_prepare
port=$(free_port)
export LATTICED_API=tcp:127.0.0.1:$port
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
root=arn:aws:iam::123456789012:root
ctl identity add "$root" --no-policy >/dev/null
KEYS=$(ctl_json identity key "$root" | jq -r '.accessKeyId + " " + .secretAccessKey')
export KEYS ENDPOINT=http://127.0.0.1:$port
OPERATIONS=ctl/api/operations.def "$node" --test-reporter=tap build/api/all.mjs
