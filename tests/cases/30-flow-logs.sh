#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Flow logs: what the module tells of connections, as AWS's lines. Without the module there are none, and
# that is said.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' behind=''

get() { ip netns exec "$blue" curl -sS -m 10 "http://$1" 2>&1; }
netns_add blue && netns_add behind || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$behind" c0 10.0.0.2/24
check "a field that is none is refused" bash -c "! build/latticed --flow-log 'srcaddr colour' 2>/dev/null"
fields='version vpc-id srcaddr dstaddr dstport protocol bytes action flow-direction lattice-service-id lattice-verdict log-status'
build/latticed --state "$dir/state" --run "$dir/run" --steer "$steer" --flow-log "$fields" >/dev/null 2>>"$dir/log" &
daemon_pid=$!
wait_for 20 ctl status || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
wait_for 5 get "$cart/"

if [ "$steer" != kmod ]; then
	check "without the module there are no flow logs, which the daemon says" grep -q 'no flow logs: only the kernel module' "$dir/log"
	check "and latticectl too" bash -c "build/latticectl flows 2>&1 | grep -q 'none: only the kernel module'"
	done_testing
	exit
fi
id=$(ctl_json service show cart | jq -r .id)
vpc=$(ctl_json vpc show blue | jq -r .id)
file=$dir/state/logs/flow-$vpc.log
build/latticectl flows -f --socket "$dir/run/flows.sock" >"$dir/flows" &
netns_pids+=($!)
accepted() { get "$cart/" >/dev/null; grep -Eq "^5 $vpc 10.0.0.1 $cart 80 6 [1-9][0-9]* ACCEPT egress $id steered OK\$" "$1"; }
check "a connection is told at its end" wait_for 10 accepted "$file"
check "with what came back" grep -Eq "^5 $vpc $cart 10.0.0.1 [0-9]+ 6 [1-9][0-9]* ACCEPT ingress $id steered OK\$" "$file"
check "readers of the flow socket hear it" wait_for 10 accepted "$dir/flows"
refused() { get "$cart:81/" >/dev/null; grep -Eq "^5 $vpc 10.0.0.1 $cart 81 6 - REJECT egress - no-service OK\$" "$file"; }
check "a refused one is told" wait_for 10 refused
old=$(plane_pid)
kill -KILL "$old"
is_new() { [ "$(plane_pid)" != "$old" ] && ctl status; }
wait_for 10 is_new
: >"$file"
check "the next plane goes on" wait_for 10 accepted "$file"
daemon_stop
build/latticed --state "$dir/state" --run "$dir/run" --steer "$steer" --flow-log default >/dev/null 2>>"$dir/log" &
daemon_pid=$!
wait_for 20 ctl status
default_line() { get "$cart/" >/dev/null; grep -Eq "^2 123456789012 - 10.0.0.1 $cart [0-9]+ 80 6 - [1-9][0-9]* [0-9]{10} [0-9]{10} ACCEPT OK\$" "$file"; }
check "the default format is AWS's" wait_for 10 default_line
done_testing
