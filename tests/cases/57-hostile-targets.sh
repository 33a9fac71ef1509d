#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Targets that stall, close midway, send garbage, or answer twice: the client is told, no answer reaches anybody else's
# request, others are served meanwhile, and the plane holds afterwards what it held before.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (target on :8001)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/plane.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

curl_blue() { ip netns exec "$blue" curl -s -m 10 "$@"; }
get() { curl_blue -f -o /dev/null "http://$address$1"; }
# status VERSION PATH: what the client sees, and how curl ended.
status() {
	local version=$1
	shift
	curl_blue --http"$version" -o /dev/null -w '%{http_code}' "http://$address$1"
	echo " $?"
}

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
netns_spawn "$green" python3 tests/lib/hostile.py target 10.0.0.1 8001 >"$dir/target"
wait_for 10 grep -q ready "$dir/target"
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl target-group create web --vpc green --port 8001 >/dev/null
ctl target-group update web --health-check off >/dev/null
ctl target register web 10.0.0.1:8001 >/dev/null
ctl listener create --service cart --protocol HTTP --forward web >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader
wait_for 10 get /
for _ in {1..50}; do get /; done
plane_note

# How curl ends: 18 is a body cut short, 52 a connection without a word, 92 a stream that was reset.
for v in 1.1 2-prior-knowledge; do
	cut=$([ $v = 1.1 ] && echo 18 || echo 92)
	check "HTTP/$v: a target that closes without a word is a 502" test "$(status $v /nothing)" = '502 0'
	check "HTTP/$v: one that closes within its head too" test "$(status $v /half-head)" = '502 0'
	check "HTTP/$v: garbage too" test "$(status $v /garbage)" = '502 0'
	check "HTTP/$v: a head without an end too" test "$(status $v /endless-head)" = '502 0'
	check "HTTP/$v: a body cut midway is cut for the client" test "$(status $v /midway)" = "200 $cut"
	check "HTTP/$v: garbage within a body cuts it, here before any of it was sent" \
		test "$(status $v /garbage-chunk)" = "000 $([ $v = 1.1 ] && echo 52 || echo 92)"
done
logged() { grep -q "\"requestPath\":\"$1\".*\"failureReason\":\"$2\"" "$dir/access" || jq -e "select(.requestPath == \"$1\" and .failureReason == \"$2\")" "$dir/access"; }
check "a target that closed is logged as that" wait_for 5 logged /nothing TargetConnectionClosed
check "within its body too" wait_for 5 logged /midway TargetConnectionClosed
check "garbage is logged as that" wait_for 5 logged /garbage TargetProtocolError

# Requests on one connection of the client, in turn: nobody gets what was said unasked.
turns() {
	local urls=() i
	for i in {1..30}; do urls+=("http://$address/$1?$i" "http://$address/ok?$i"); done
	[ "$(curl_blue "${urls[@]}")" = "$(for i in {1..30}; do printf firstok; done)" ]
}
# Over HTTP/2 all at once: as many of each, in whatever order.
at_once() {
	local urls=() i got
	for i in {1..30}; do urls+=("http://$address/$1?$i" "http://$address/ok?$i"); done
	got=$(ip netns exec "$blue" timeout 10 nghttp "${urls[@]}")
	[ "$(grep -o first <<<"$got" | wc -l) $(grep -o ok <<<"$got" | wc -l) ${#got}" = "30 30 $((30 * 7))" ]
}
for what in twice more; do
	check "$what: what is behind a response is never anybody's" turns $what
	check "$what: nor over HTTP/2" at_once $what
done

# A hundred requests to a target that says nothing hold up nobody, and what they held is free when their clients give up.
mkfifo "$dir/hold"
ip netns exec "$blue" python3 tests/lib/hostile.py stall "$address" 80 100 <"$dir/hold" >"$dir/stall" &
netns_pids+=($!)
exec 8>"$dir/hold"
stalled() { [ "$(ip netns exec "$green" ss -Htn state established sport = :8001 | wc -l)" -ge 100 ]; }
wait_for 10 stalled
check "others are served while a target stalls" get /
exec 8>&-
# Sockets asked for in advance and pipes, as in 57-hostile-clients.sh.
plane_lets_go "and the plane lets go of it all" 160 8192
daemon_stop
done_testing
