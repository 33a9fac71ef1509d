#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Traces: what clients say of them passes, or is continued; new ones begin; the log tells which.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/32 dev lo
ip -n "$green" link add g0 type veth peer name g1
ip -n "$green" addr add 10.0.0.1/24 dev g0
ip -n "$green" link set g0 up
netns_spawn "$green" node tests/cases/http2/target.mjs 10.0.0.1 8001 h1 >"$dir/h1"
netns_spawn "$green" node tests/cases/http2/target.mjs 10.0.0.1 8002 h2 >"$dir/h2"

declare -A address
# start OPTION…: the daemon with these, and a reader of its log.
start() {
	build/latticed --state "$dir/state" --run "$dir/run" --steer "$steer" "$@" >/dev/null 2>>"$dir/log" &
	daemon_pid=$!
	wait_for 20 ctl status || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
}
reader=''
read_log() {
	[ -z "$reader" ] || kill "$reader"
	: >"$dir/access"
	build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
	reader=$!
	netns_pids+=("$reader")
	wait_for 5 has_reader
}
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
get() { ip netns exec "$blue" curl -sS -m 10 "$@"; }
# seen SERVICE HEADER CURL-OPTION…: the header as its target got it, null without.
seen() { get "http://${address[$1]}/echo" "${@:3}" | jq -r ".headers[\"$2\"]"; }
# logged PATH: the trace id in the log line of the request to the path.
logged() { grep "\"requestPath\":\"/$1\"" "$dir/access" | tail -n 1 | jq -r .traceId; }
is_logged() { [ "$(logged "$1")" = "$2" ]; }
# make SERVICE VERSION PORT
make() {
	ctl service create "$1" >/dev/null
	ctl target-group create "$1-g" --vpc green --port "$3" --protocol-version "$2" >/dev/null
	ctl target-group update "$1-g" --health-check off >/dev/null
	ctl target register "$1-g" 10.0.0.1 >/dev/null
	ctl listener create --service "$1" --protocol HTTP --forward "$1-g" >/dev/null
	ctl association create --network net --service "$1" >/dev/null
	address[$1]=$(ctl_json service show "$1" | jq -r '.addresses[0]')
}

start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create net >/dev/null
ctl association create --network net --vpc blue >/dev/null
make one HTTP1 8001
make two HTTP2 8002
wait_for 10 grep -q ready "$dir/h1"
wait_for 10 grep -q ready "$dir/h2"
for s in one two; do wait_for 10 get -f -o /dev/null "http://${address[$s]}/"; done
read_log

trace=4bf92f3577b34da6a3ce929d0e0e4736 parent=00f067aa0ba902b7
w3c=00-$trace-$parent
root=Root=1-4bf92f35-77b34da6a3ce929d0e0e4736
xray="$root;Parent=$parent"

# Nobody asked for traces: they are for others.
check "without --trace-sample none begins" test "$(seen one traceparent)" = null
check "in neither spelling" test "$(seen one x-amzn-trace-id)" = null
check "a client's passes as it is" test "$(seen one traceparent -H "Traceparent: $w3c-01")" = "$w3c-01"
check "with its state" test "$(seen one tracestate -H "Traceparent: $w3c-01" -H 'tracestate: a=1,b=2')" = 'a=1,b=2'
check "so does X-Ray's" test "$(seen two x-amzn-trace-id -H "X-Amzn-Trace-Id: $xray;Self=1-2-3")" = "$xray;Self=1-2-3"
check "and what is not valid" test "$(seen one traceparent -H 'Traceparent: 00-0-0-0')" = 00-0-0-0
get -o /dev/null "http://${address[one]}/none"
check "a request of no trace has none in the log" wait_for 5 is_logged none -
get -o /dev/null -H "traceparent: $w3c-00" "http://${address[one]}/w3c"
check "one with a traceparent has its id" wait_for 5 is_logged w3c $trace
get -o /dev/null -H "X-Amzn-Trace-Id: $xray" --http2-prior-knowledge "http://${address[two]}/xray"
check "one with X-Ray's has the same" wait_for 5 is_logged xray $trace
get -o /dev/null -H "traceparent: 00-$trace-0000000000000000-01" "http://${address[one]}/invalid"
check "one that is not valid is none" wait_for 5 is_logged invalid -
daemon_stop

# Every trace that begins here is sampled.
start --trace-sample 1
wait_for 10 get -f -o /dev/null "http://${address[one]}/"
read_log
# consistent NAME CURL-OPTION…: both spellings of one sampled trace at the target; traceparent to $got.
got=''
consistent() {
	local said
	said=$(get "${@:2}")
	got=$(jq -r .headers.traceparent <<<"$said")
	[[ $got =~ ^00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-01$ ]] &&
		[ "$(jq -r '.headers["x-amzn-trace-id"]' <<<"$said")" = \
			"Root=1-${BASH_REMATCH[1]}-${BASH_REMATCH[2]};Parent=${BASH_REMATCH[3]};Sampled=1" ] &&
		ok "$1" || not_ok "$1" "$said"
}
consistent "a trace begins, in both spellings" "http://${address[one]}/new"
check "the log has its id" wait_for 5 is_logged new "${got:3:32}"
now=$(date +%s)
check "it begins with the time, as X-Ray's do" test $((now - 16#${got:3:8})) -lt 60
consistent "over HTTP/2 too" --http2-prior-knowledge "http://${address[two]}/new"
consistent "a trace that is not valid is begun anew" -H "traceparent: ff-$trace-$parent-01" "http://${address[one]}/"
check "under another id" test "${got:3:32}" != $trace
check "and the state with it is void" test "$(seen one tracestate -H "traceparent: ff-$trace-$parent-01" -H 'tracestate: a=1')" = null
check "who sampled nothing is followed" test "$(seen one traceparent -H "traceparent: $w3c-00")" = "$w3c-00"
check "who left it open gets a decision" test "$(seen one x-amzn-trace-id -H "X-Amzn-Trace-Id: $xray;Sampled=?;k=v")" = "$xray;Sampled=1;k=v"
check "where no span is made the parent stays" test "$(seen one traceparent -H "X-Amzn-Trace-Id: $xray")" = "$w3c-01"
daemon_stop

check "a ratio that is none is refused" bash -c "build/latticed --trace-sample 2 2>&1 | grep -q 'ratio from 0 to 1'"
done_testing
