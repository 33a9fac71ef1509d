#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Traces: what clients say of them passes, or is continued; new ones begin; the log tells which; spans go to
# a collector that comes and goes.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/pki.sh
receiver_pid=''
cleanup() {
	[ -z "$receiver_pid" ] || kill "$receiver_pid" 2>/dev/null
	daemon_cleanup
	netns_cleanup
	pki_cleanup
}
trap cleanup EXIT
# Set by netns_add.
blue='' green=''

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/32 dev lo
netns_dev "$green" g0 10.0.0.1/24
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
	[ -z "$reader" ] || kill "$reader" 2>/dev/null
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
make dead HTTP1 8009
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

# Spans, to a receiver that holds them against OTLP's types.
spans=$dir/spans
receiver_start() {
	rm -f "$spans.port"
	python3 tests/lib/otlp.py "$1" "$spans" "${@:2}" &
	receiver_pid=$!
	wait_for 5 test -e "$spans.port"
}
receiver_stop() {
	kill "$receiver_pid"
	wait "$receiver_pid" 2>/dev/null
	receiver_pid=''
}
touch "$spans"
receiver_start 0 || { not_ok "the receiver starts"; done_testing; exit 1; }
port=$(cat "$spans.port")
# span PATH JQ: of our span of the request to the path.
span() { jq -rc "select(.kind == 2 and any(.attributes[]; .key == \"url.path\" and .value.stringValue == \"/$1\")) | $2" "$spans"; }
has_span() { [ -n "$(span "$1" .spanId)" ]; }
attribute() { span "$1" ".attributes[] | select(.key == \"$2\") | .value | (.stringValue // .intValue)"; }
# attempts PATH JQ: of the spans below it.
attempts() { jq -rc "select(.kind == 3 and .parentSpanId == \"$(span "$1" .spanId)\") | $2" "$spans"; }
count_is() { [ "$(grep -c "\"/$1\"" "$spans")" = "$2" ]; }
batch() { ip netns exec "$blue" bash -c "seq 1 $2 | sed 's,.*,url = \"http://${address[one]}/$1\"\noutput = /dev/null,' | curl -s -K - -H 'traceparent: $w3c-01'"; }
metric() { curl -s --unix-socket "$dir/run/api.sock" http://x/metrics | sed -n "s/^lattice_trace_spans_$1\(_total\)\? //p"; }

start --otlp "http://127.0.0.1:$port"
read_log
wait_for 10 get -f -o /dev/null "http://${address[one]}/"
said=$(get "http://${address[one]}/continued?secret=1" -A tester -H "traceparent: $w3c-01" -H 'tracestate: a=1')
check "a sampled request makes a span" wait_for 10 has_span continued
check "in the client's trace, below its span" test "$(span continued '[.traceId,.parentSpanId,.traceState]')" = "[\"$trace\",\"$parent\",\"a=1\"]"
check "it is a server's, which a target's is below" test "$(attempts continued .kind)" = 3
check "whose id the target was told" test "$(jq -r .headers.traceparent <<<"$said")" = "00-$trace-$(attempts continued .spanId)-01"
check "in both spellings" test "$(jq -r '.headers["x-amzn-trace-id"]' <<<"$said")" = "$root;Parent=$(attempts continued .spanId);Sampled=1"
check "the state is passed on" test "$(jq -r .headers.tracestate <<<"$said")" = a=1
check "the span says what was asked" test "$(for a in http.request.method url.scheme http.response.status_code user_agent.original network.protocol.version server.address; do attribute continued $a; done | tr '\n' ' ')" = "GET http 200 tester 1.1 ${address[one]} "
check "and who asks" test "$(attribute continued client.address)" = "$(jq -r '.headers["x-forwarded-for"]' <<<"$said")"
check "and who serves it" test "$(attribute continued lattice.service.id)" = "$(ctl_json service show one | jq -r .id)"
check "but no query" test "$(grep -c secret "$spans")" = 0
check "the target's says where" test "$(attempts continued '[.attributes[] | select(.key == "server.address" or .key == "server.port") | .value[]]')" = '["10.0.0.1","8001"]'
check "its time is within" test "$(span continued '"\(.startTimeUnixNano) \(.endTimeUnixNano)"' | { read -r from to; attempts continued ".startTimeUnixNano >= \"$from\" and .endTimeUnixNano <= \"$to\""; })" = true
get -o /dev/null "http://${address[one]}/untraced"
get -o /dev/null -H "traceparent: $w3c-00" "http://${address[one]}/unsampled"
get -o /dev/null -H "X-Amzn-Trace-Id: $xray;Sampled=1" --http2-prior-knowledge "http://${address[two]}/both2"
check "HTTP/2 and X-Ray make spans too" wait_for 10 has_span both2
check "below X-Ray's Parent" test "$(span both2 '[.traceId,.parentSpanId]')" = "[\"$trace\",\"$parent\"]"
check "who is in no trace, or not sampled, makes none" test "$(span untraced .name)$(span unsampled .name)" = ''
get -o /dev/null -H "traceparent: $w3c-01" "http://${address[dead]}/dead"
check "a target that cannot be reached is an error" wait_for 10 has_span dead
check "of each attempt" test "$(attempts dead '.status.code' | tr '\n' ' ')" = '2 2 2 '
check "and of the request" test "$(span dead '[.status.code,.status.message]')" = '[2,"TargetConnectionError"]'
get -o /dev/null -X BREW -H "traceparent: $w3c-01" -A $'\xff\x80"\\' "http://${address[one]}/odd%22"
check "odd bytes are JSON still" wait_for 10 has_span 'odd%22'
check "an unknown method is no name" test "$(span 'odd%22' .name) $(attribute 'odd%22' http.request.method) $(attribute 'odd%22' http.request.method_original)" = 'HTTP _OTHER BREW'

receiver_stop
batch away 300
is_away() { grep -q 'trace collector .*: no success' "$dir/log"; }
check "a collector that is away is noticed" wait_for 10 is_away
all_wait() { [ "$(metric waiting)" -ge 600 ]; }
check "its spans wait" wait_for 5 all_wait
receiver_start "$port"
check "and arrive when it is back" wait_for 30 count_is away 300
none_wait() { [ "$(metric waiting)" = 0 ]; }
check "all of them" wait_for 10 none_wait
check "and none was dropped" test "$(metric dropped)" = 0
echo 503 >"$spans.status"
batch full 100
overflows() { batch full 2500; [ "$(metric dropped)" -gt 0 ]; }
check "too many spans are dropped, and counted" wait_for 60 overflows
check "which is said once" test "$(grep -c 'others are dropped' "$dir/log")" = 1
check "the status counts them too" test "$(ctl_json status | jq .traceSpansDropped)" -gt 0
check "requests go on" get -f -o /dev/null "http://${address[one]}/"
exported=$(metric exported) kept=$(metric waiting)
rm "$spans.status"
check "what was kept arrives" wait_for 60 none_wait
check "and is counted" test "$(metric exported)" = $((exported + kept))
echo 400 >"$spans.status"
dropped=$(metric dropped)
batch refused 10
is_refused() { [ "$(metric dropped)" = $((dropped + 20)) ]; }
check "what the collector refuses is not sent again" wait_for 10 is_refused
rm "$spans.status"
exported=$(metric exported) dropped=$(metric dropped)
echo '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too\nold"}}' >"$spans.answer"
batch partial 5
is_partial() { [ "$(metric dropped) $(metric exported)" = "$((dropped + 3)) $((exported + 7))" ]; }
check "what it took a part of is counted so" wait_for 10 is_partial
check "and its words are in the log" grep -q 'took a part only, or warns: "too?old" rejected=3 of=10' "$dir/log"
check "none of it is sent again" count_is partial 5
rm "$spans.answer"

# When to come again: as the collector says, whatever the posts before waited.
echo '429 3' >"$spans.status"
: >"$spans.times"
batch later 5
is_told() { grep -q 429 "$spans.times"; }
check "a collector that has too much says so" wait_for 10 is_told
rm "$spans.status"
check "its spans arrive" wait_for 20 count_is later 5
check "when it asked for them, and not before" awk '{ at[$2] = $1 } END { waited = at[200] - at[429]; exit !(waited > 2.9 && waited < 8) }' "$spans.times"
LC_ALL=C date -u -d "+$((3 * ${LATTICE_SLOW:-1} + 1)) seconds" '+503 %a, %d %b %Y %H:%M:%S GMT' >"$spans.status"
: >"$spans.times"
batch dated 5
is_told() { grep -q 503 "$spans.times"; }
check "or at which time" wait_for 10 is_told
rm "$spans.status"
check "then its spans arrive" wait_for 20 count_is dated 5
check "and not before" awk '{ at[$2] = $1 } END { waited = at[200] - at[503]; exit !(waited > 0.9 && waited < 8) }' "$spans.times"
check "every post was good OTLP" test ! -e "$spans.wrong"

# A plane that is told to end brings away what waits, and one whose collector is away does not wait long.
echo '503 1' >"$spans.status"
: >"$spans.times"
batch last 20
wait_for 10 is_told
rm "$spans.status"
check "there are spans that wait" test "$(metric waiting)" = 40
daemon_stop
check "spans that wait at the end arrive" test "$(grep -c '"/last"' "$spans")" = 20
start --otlp "http://127.0.0.1:$port"
wait_for 10 get -f -o /dev/null "http://${address[one]}/"
receiver_stop
batch lost 20
began=$SECONDS
daemon_stop
check "without a collector it ends all the same" test $((SECONDS - began)) -le $((4 * ${LATTICE_SLOW:-1}))
check "and says how many it gave up" grep -q 'trace collector .*: the end came first spans=40' "$dir/log"

# Over https the collector proves who it is.
pki_ca
pki_cert collector collector.test
openssl x509 -req -in "$pki/collector.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -days 2 -CAcreateserial \
	-extfile <(echo subjectAltName=IP:127.0.0.1) -out "$pki/collector.pem" 2>/dev/null
chmod 755 "$pki"
receiver_start 0 "$pki/collector.pem" "$pki/collector.key"
port=$(cat "$spans.port")
start --otlp "https://127.0.0.1:$port"
wait_for 10 get -f -o /dev/null "http://${address[one]}/"
batch unproved 5
is_unproved() { grep -q "trace collector 127.0.0.1:$port: no success (status 0" "$dir/log"; }
check "a collector that cannot prove who it is gets nothing" wait_for 10 is_unproved
check "not a span" count_is unproved 0
daemon_stop
export SSL_CERT_FILE=$pki/ca.pem
start --otlp "https://127.0.0.1:$port"
unset SSL_CERT_FILE
wait_for 10 get -f -o /dev/null "http://${address[one]}/"
batch secure 5
check "one that can gets spans" wait_for 10 count_is secure 5
batch goodbye 5
daemon_stop
check "also at the end" test "$(grep -c '"/goodbye"' "$spans")" = 5
check "all of them good OTLP" test ! -e "$spans.wrong"

check "a collector that is none is refused" bash -c "build/latticed --otlp https 2>&1 | grep -q 'must be http:'"
check "a ratio that is none is refused" bash -c "build/latticed --trace-sample 2 2>&1 | grep -q 'ratio from 0 to 1'"
done_testing
