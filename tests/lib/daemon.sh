# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A daemon of a test: its folders, starting, stopping, and latticectl speaking to it as `ctl`.

steer=${LATTICE_STEER:-nft}
dir=$(mktemp -d)
chmod 755 "$dir"
export LATTICE_API=unix:$dir/run/api.sock
daemon_pid=

ctl() { build/latticectl "$@"; }
ctl_json() { build/latticectl -o json "$@"; }
# said WORDS ARGUMENT…: latticectl, given these, says the words, whether it works or not.
said() { build/latticectl "${@:2}" 2>&1 | grep -q -- "$1"; }
state_is() { [ "$(ctl_json vpc show "$1" | jq -r .state)" = "$2" ]; }

# A TCP port of the host that nobody listens on.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

daemon_start() {
	build/latticed --state "$dir/state" --run "$dir/run" --steer "$steer" >/dev/null 2>>"$dir/log" &
	daemon_pid=$!
	wait_for 20 ctl status
}

daemon_stop() {
	[ -n "$daemon_pid" ] || return 0
	kill "$daemon_pid" 2>/dev/null
	wait "$daemon_pid" 2>/dev/null
	daemon_pid=
}

# The pid of the plane: the broker's only child.
plane_pid() { pgrep -P "$daemon_pid" | head -n 1; }

daemon_cleanup() {
	daemon_stop
	[ -z "${KEEP_LOG:-}" ] || cat "$dir/log" >&2
	rm -rf "$dir"
}
