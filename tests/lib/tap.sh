# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# TAP for shell tests: source it, say ok, not_ok or skip once a behaviour, end with done_testing.

tap_count=0
tap_bad=0

ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_bad=$((tap_bad + 1))
	echo "not ok $tap_count - $1"
	[ -z "${2:-}" ] || sed 's/^/# /' <<<"$2"
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# check NAME COMMAND…: ok when the command succeeds, else not ok with what it printed.
check() {
	local tap_name=$1 tap_said
	shift
	if tap_said=$("$@" 2>&1); then ok "$tap_name"; else not_ok "$tap_name" "$tap_said"; fi
}

# is NAME WANTED COMMAND…: ok when the command says just that, else not ok with what it said.
is() {
	local tap_said
	tap_said=$("${@:3}" 2>&1)
	if [ "$tap_said" = "$2" ]; then ok "$1"; else not_ok "$1" "wanted: $2
said:   $tap_said"; fi
}

done_testing() {
	echo "1..$tap_count"
	[ "$tap_bad" -eq 0 ]
}
