#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: what services did, kept from one daemon to the next, also when it is killed, and what it comes to.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

request() { ip netns exec "$blue" curl -s -o /dev/null -m 10 -w '%{http_code}' "http://$cart/"; }
is_served() { [ "$(request)" = 404 ]; }
# usage SERVICE MEMBER [OPTION…]
usage() { local what=$2; [ "${what:0:1}" = '(' ] || what=.$what; ctl_json usage "${@:3}" | jq ".items[] | select(.service == \"$1\") | $what"; }
usage_is() { [ "$(usage "$1" "$2")" = "$3" ]; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
for s in cart idle; do ctl service create $s >/dev/null; done
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
first=$(date -u +%F)
wait_for 5 is_served
for _ in 1 2 3 4; do request >/dev/null; done
counted() { n=$(usage cart requests) && [ "${n:-0}" -ge 5 ]; }
check "requests are counted" wait_for 15 counted
requests=$(usage cart requests)
check "an hour that has begun is one" bash -c "case $(usage cart hours) in 1 | 2) ;; *) exit 1 ;; esac"
check "also of a service that does nothing" test "$(usage idle hours)" -ge 1 -a "$(usage idle requests)" = 0
check "with its account" usage_is idle account '"123456789012"'
bytes=$(usage cart '(.receivedBytes + .sentBytes)')

kill -KILL "$daemon_pid" "$(plane_pid)"
wait "$daemon_pid" 2>/dev/null
daemon_start
check "who is killed keeps what was counted" usage_is cart requests "$requests"
check "with its bytes" test "$(usage cart '(.receivedBytes + .sentBytes)')" = "$bytes"
wait_for 5 is_served
while ! [ "$(request)" = 404 ]; do :; done
request >/dev/null
daemon_stop
daemon_start
grown() { [ "$(usage cart requests)" -ge $((requests + 3)) ]; }
check "who is told to end loses nothing" grown
requests=$(usage cart requests)
ctl association delete --network shop --service cart >/dev/null
ctl service delete cart >/dev/null
kill -KILL "$(plane_pid)"
wait_for 10 ctl status
check "a service that is gone is still there" usage_is cart requests "$requests"

# What it comes to.
check "hours have a price" test "$(usage idle dollars --price-hour 2)" = "$(($(usage idle hours) * 2))"
check "AWS's, when none is given" test "$(usage idle '(.dollars / .hours * 1000 | round)')" = 25
gigabytes() { usage cart '((.dollars - .receivedBytes / 1073741824 - .sentBytes / 1073741824) | fabs < 1e-12)' --price-hour 0 --price-gb 1; }
check "bytes too" test "$(gigabytes)" = true
check "requests are free up to 300000 in an hour" usage_is cart paidRequests 0
check "a price is a number" said 'number of dollars' usage --price-hour cheap
check "lines for people have a sum" said "^total  *[0-9]" usage

# Days.
check "the days are told" test "$(ctl_json usage | jq -r .since)" = "${first%-*}-01"
check "other days have nothing" test "$(ctl_json usage --since 2020-01-01 --until 2020-12-31 | jq '.items | length')" = 0
check "this day has it" test "$(usage cart requests --since "$first")" = "$requests"
check "what is no day is refused" said 'since' usage --since 2026-02-30
check "so are days the wrong way round" said 'must not be after' usage --since 2026-02-02 --until 2026-02-01
done_testing
