#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# CONNECTIONS (20,000) idle connections at once, or as many as there may be fds: others are served beside them, and when
# they are gone their memory and their fds are back.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/plane.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

# A client's fd and the plane's for each, and what both need besides; where the limit cannot be raised there are fewer.
connections=${CONNECTIONS:-20000}
ulimit -Hn $((connections + 1000)) 2>/dev/null
ulimit -n "$(ulimit -Hn)"
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $((connections + 500)) ]; then
	connections=$(($(ulimit -n) - 500))
	echo "# a process may have $(ulimit -n) fds here: $connections connections"
fi
# Of an idle connection: itself, and what the allocator cannot give back between such.
kb_each=3

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip netns exec "$blue" sysctl -qw net.ipv4.ip_local_port_range='1024 64999'
make -s build/tests/load || { echo 'Bail out! no client'; exit 1; }
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl listener create --service cart --protocol HTTP --fixed-response 200 >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
get() { ip netns exec "$blue" curl -sS -f -o /dev/null -m 5 "http://$address/"; }
wait_for 10 get
for _ in {1..50}; do get; done
plane_note

ip netns exec "$blue" build/tests/load idle "$address" 80 "$connections" >"$dir/idle" &
client=$!
netns_pids+=("$client")
check "$connections connections make a request each and stay" wait_for 60 grep -q ready "$dir/idle"
held() { [ "$(plane_fds)" -ge "$connections" ]; }
check "the plane holds them" held
check "another is served beside them" get
echo "# $((($(plane_kb) - noted_kb) * 1024 / connections)) bytes each"
check "one takes at most $kb_each kB" plane_is_back $((connections + 200)) $((connections * kb_each))
kill "$client"
wait "$client" 2>/dev/null
# What remains is of the process: tables that grew, the allocator's own.
plane_lets_go "when they are gone so are their fds and their memory" 50 2048
check "and it serves" get
daemon_stop
done_testing
