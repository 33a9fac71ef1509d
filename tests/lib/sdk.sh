# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# AWS's SDK for JavaScript, for tests of the API: sdk_prepare installs it and puts tests/api beside it in build/api,
# then `"$node" build/api/FILE` runs one of those.

node=node

# sdk_skip REASON: nothing of this file can be run.
sdk_skip() {
	skip "the SDK drives the API" "$1"
	done_testing
	exit
}

# The SDK needs Node 20. Where the system's is older, npm has one.
sdk_node() {
	local package
	[ "$("$node" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -lt 20 ] || return 0
	package=node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
	node=build/node/node_modules/$package/bin/node
	[ -x "$node" ] || npm install --prefix build/node --no-audit --no-fund "$package@20" >/dev/null 2>&1 ||
		sdk_skip "there is no Node 20"
}

# It is installed below build/, once for each lock file.
sdk_prepare() {
	sdk_node
	mkdir -p build/api
	cp tests/api/*.mjs tests/api/model.json build/api/
	cmp -s tests/api/package-lock.json build/api/installed && return 0
	cp tests/api/package.json tests/api/package-lock.json build/api/
	(cd build/api && npm ci --ignore-scripts --no-audit --no-fund) >build/api/npm.log 2>&1 ||
		sdk_skip "the SDK cannot be installed: $(tail -n 1 build/api/npm.log)"
	cp tests/api/package-lock.json build/api/installed
}
