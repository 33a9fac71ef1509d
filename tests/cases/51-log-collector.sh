#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Access logs to a collector over HTTP and to the system's logger, while those come and go.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
collector_pid='' logger_pid=''
cleanup() {
	kill $collector_pid $logger_pid 2>/dev/null
	daemon_cleanup
	netns_cleanup
}
trap cleanup EXIT
# Set by netns_add.
blue=''

get() { ip netns exec "$blue" curl -sS -m 10 "http://$cart/$1"; }
status_is() { [ "$(ctl_json status | jq ".$1")" = "$2" ]; }
collected=$dir/collected
collector_start() {
	rm -f "$collected.port"
	python3 tests/lib/collector.py "$1" "$collected" &
	collector_pid=$!
	wait_for 5 test -e "$collected.port"
}
collector_stop() {
	kill "$collector_pid"
	wait "$collector_pid" 2>/dev/null
}
has() { grep -q "\"requestPath\":\"/$1\"" "${2:-$collected}"; }
count_is() { [ "$(grep -c "\"requestPath\":\"/$1\"" "$collected")" = "$2" ]; }
batch() { ip netns exec "$blue" bash -c "seq 1 $2 | sed 's,.*,url = \"http://$cart/$1\"\noutput = /dev/null,' | curl -s -K -"; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/32 dev lo
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
wait_for 5 get ready

collector_start 0 || { not_ok "the collector starts"; done_testing; exit 1; }
port=$(cat "$collected.port")
check "a collector is a destination" ctl log-destination create away --url "http://127.0.0.1:$port/v1/lines"
check "what is no URL is refused with words" bash -c "build/latticectl log-destination create x --url http://10.0.0.300/ 2>&1 | grep -q 'a name or an address'"
check "a network's log is sent there" ctl log subscribe --network shop --to away
get one >/dev/null
check "lines arrive" wait_for 5 has one
check "at the path, as lines of JSON" grep -q '^/v1/lines application/x-ndjson ' "$collected.heads"
check "and are valid" bash -c "jq -e . <'$collected' >/dev/null"

collector_stop
batch away 300
is_away() { grep -q 'no success' "$dir/log"; }
check "a collector that is away is noticed" wait_for 10 is_away
spooled() { [ "$(cat "$dir"/state/logs/spool-*/* | grep -c '"/away"')" = 300 ]; }
wait_for 10 spooled
kill -KILL "$(plane_pid)"
wait_for 10 get meanwhile
collector_start "$port"
check "what came meanwhile arrives, over a restart of the plane" wait_for 30 count_is away 300
check "and what came after" wait_for 30 has meanwhile
check "in order" test "$(jq -r .requestPath "$collected" | uniq | head -n 3 | tr '\n' ' ')" = '/one /away /meanwhile '

echo 503 >"$collected.status"
get refused >/dev/null
wait_for 5 is_away
batch busy 50
rm "$collected.status"
check "a collector that is overloaded is asked again" wait_for 30 count_is busy 50
batch load 5000
check "at full load nothing is lost" wait_for 30 count_is load 5000
check "and nothing is left in the spool" wait_for 10 bash -c "[ -z \"\$(ls $dir/state/logs/spool-*/)\" ]"

ctl log unsubscribe "$(ctl_json log list --network shop | jq -r '.items[0].id')" >/dev/null
ctl log-destination create narrow --url "http://127.0.0.1:$port/v1/lines" --spool-bytes 1048576 >/dev/null
ctl log subscribe --network shop --to narrow >/dev/null
echo 503 >"$collected.status"
overflow() { batch over 500; ! status_is accessLogLinesLost 0; }
check "a full spool loses lines and counts them" wait_for 60 overflow
check "which is said once" test "$(grep -c 'as much as it may' "$dir/log")" = 1
check "the spool stays within its limit" bash -c "[ \$(du -bc $dir/state/logs/spool-*/* | tail -n 1 | cut -f 1) -le 1048576 ]"
rm "$collected.status"
check "and what it holds arrives" wait_for 40 bash -c "[ -z \"\$(ls $dir/state/logs/spool-*/)\" ]"
ctl log unsubscribe "$(ctl_json log list --network shop | jq -r '.items[0].id')" >/dev/null
check "without a subscription there is no spool" wait_for 5 bash -c "! ls -d $dir/state/logs/spool-* 2>/dev/null"

logged=$dir/logged
logger_start() {
	python3 tests/lib/logger.py "$dir/devlog" "$logged" &
	logger_pid=$!
	wait_for 5 test -e "$dir/devlog"
}
logger_start
check "the system's logger is a destination" ctl log-destination create logger --syslog --socket "$dir/devlog"
ctl log subscribe --service cart --to logger >/dev/null
get logged >/dev/null
check "it gets lines" wait_for 5 has logged "$logged"
check "in its form" grep -q '^<134>lattice: {.*"/logged".*}$' "$logged"
kill "$logger_pid"
wait "$logger_pid" 2>/dev/null
get while-away >/dev/null
is_gone() { get more >/dev/null; grep -q "system log $dir/devlog: .*; lines wait" "$dir/log"; }
check "a logger that went is noticed" wait_for 5 is_gone
logger_start
check "and gets what came meanwhile" wait_for 10 has while-away "$logged"
done_testing
