# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How a demonstration speaks: what is done now, commands as a person would type them, and an end that says
# where it was not as told.

tell() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() { echo "demo: not as told: $*" >&2; KEEP_LOG=1; exit 1; }

# run NAMESPACE COMMAND…: show it as a person would type it, then do it; - is the host.
run() {
	local ns=$1 where=host
	shift
	[ "$ns" = - ] || where=${ns#"lt$$-"}
	printf '  [%s]$ %s\n' "$where" "${*/#build\//}"
	if [ "$ns" = - ]; then "$@" 2>&1 | sed 's/^/      /'; else ip netns exec "$ns" "$@" 2>&1 | sed 's/^/      /'; fi
	return "${PIPESTATUS[0]}"
}
