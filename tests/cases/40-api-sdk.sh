#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The control API driven by AWS's own SDK for JavaScript, unmodified: tests/api says what.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT

# skip_all REASON
skip_all() {
	skip "the SDK drives the API" "$1"
	done_testing
	exit
}

# The SDK needs Node 20. Where the system's is older, npm has one.
node=node
if [ "$("$node" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -lt 20 ]; then
	package=node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
	node=build/node/node_modules/$package/bin/node
	[ -x "$node" ] || npm install --prefix build/node --no-audit --no-fund "$package@20" >/dev/null 2>&1 ||
		skip_all "there is no Node 20"
fi

# It is installed below build/, once for each lock file.
mkdir -p build/api
cp tests/api/*.mjs build/api/
if ! cmp -s tests/api/package-lock.json build/api/installed; then
	cp tests/api/package.json tests/api/package-lock.json build/api/
	(cd build/api && npm ci --ignore-scripts --no-audit --no-fund) >build/api/npm.log 2>&1 ||
		skip_all "the SDK cannot be installed: $(tail -n 1 build/api/npm.log)"
	cp tests/api/package-lock.json build/api/installed
fi

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
OPERATIONS=ctl/api/operations.def "$node" --test-reporter=tap build/api/all.mjs
