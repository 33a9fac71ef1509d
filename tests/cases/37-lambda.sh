#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lambda targets: real curl in a VPC, a service, a target group of functions, and the functions, in Python
# and JavaScript, in processes that `latticectl lambda run` keeps on the host.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

# run NAME OPTION… -- COMMAND…: the function's endpoint goes to $endpoint, its tool's pid to $runner.
runner='' endpoint=''
run() {
	build/latticectl -o json lambda run "$@" >"$dir/run-$1" 2>>"$dir/functions" &
	runner=$!
	netns_pids+=("$runner")
	wait_for 10 test -s "$dir/run-$1"
	endpoint=$(jq -r .endpoint "$dir/run-$1")
}
get() { ip netns exec "$blue" curl -sS -m 20 "$@"; }
code() { get -o /dev/null -w '%{http_code}' "$@"; }
says() { [ "$(get "${@:2}")" = "$1" ]; }
# event PATH JQ: what the expression finds in the event that the function got.
event() { get "http://$address$1" "${@:3}" | jq -c "$2"; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$blue" b0 10.0.0.1/24
run greet --timeout 2 --concurrency 2 -- python3 tests/lib/function.py
check "lambda run says where the function is" grep -q '^http://127.0.0.1:' <<<"$endpoint"
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create recommend >/dev/null
check "lambda add" ctl lambda add greet --endpoint "$endpoint"
arn=$(ctl_json lambda show greet | jq -r .functionArn)
check "a function has an ARN" test "$arn" = "arn:aws:lambda:us-east-1:123456789012:function:greet"
check "a group of functions needs no VPC" ctl target-group create ev1 --type LAMBDA
ctl target-group create ev2 --type LAMBDA --event V2 >/dev/null
check "and nothing of an address" bash -c '! build/latticectl api CreateTargetGroup "{\"name\":\"ev3\",\"type\":\"LAMBDA\",\"config\":{\"port\":80}}" 2>/dev/null'
check "a function is registered by ARN" ctl target register ev1 "$arn"
check "or by name, with latticectl" ctl target register ev2 greet
check "an unknown one is not" bash -c '! build/latticectl target register ev1 arn:aws:lambda:us-east-1:123456789012:function:none 2>/dev/null'
ctl lambda add other --endpoint "$endpoint" >/dev/null
check "a second one is refused: a group has one function" bash -c "build/latticectl target register ev1 other 2>&1 | grep -q 'one function already'"
ctl lambda remove other >/dev/null
ctl listener create --service recommend --protocol HTTP --port 80 --forward ev1 >/dev/null
ctl rule create --service recommend --listener http-80 --priority 1 --path-prefix /echo2 --forward ev2 echo >/dev/null
ctl association create --network shop --service recommend >/dev/null
address=$(ctl_json service show recommend | jq -r '.addresses[0]')
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader

check "a function answers curl in a VPC" wait_for 5 says "hello from greet in Python" "http://$address/"
check "V1: the path has its query" test "$(event '/echo?a=1&a=2&b=%C3%A4+x' .raw_path)" = '"/echo?a=1&a=2&b=%C3%A4+x"'
check "the last value of a name counts, decoded" test "$(event '/echo?a=1&a=2&b=%C3%A4+x' .query_string_parameters)" = '{"a":"2","b":"ä x"}'
check "headers are joined" test "$(event /echo '.headers["x-a"]' -H 'X-A: 1' -H 'x-a: 2')" = '"1, 2"'
check "a trace passes" test "$(event /echo '.headers.traceparent' -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')" = '"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"'
check "Lattice says who is there" test "$(event /echo '.headers["x-forwarded-for"]')" = '"10.0.0.1"'
check "text is text" test "$(event /echo '[.method,.body,.is_base64_encoded]' -H 'content-type: application/json' -d '{"q":"ü"}')" = '["POST","{\"q\":\"ü\"}",false]'
check "and other types base64" test "$(event /echo '[.body,.is_base64_encoded]' -H 'content-type: application/octet-stream' -d 'abc')" = '["YWJj",true]'
check "what says that it is text and is not is base64 too" test "$(printf '{\xff' | get "http://$address/echo" -H 'content-type: application/json' --data-binary @- | jq -c '[.body,.is_base64_encoded]')" = '["e/8=",true]'
check "a chunked body arrives" test "$(event /echo .body -H 'content-type: text/plain' -H 'transfer-encoding: chunked' -d 'in chunks')" = '"in chunks"'
check "V2: lists of values" test "$(event '/echo2?a=1&a=2' '[.version,.path,.queryStringParameters]')" = '["2.0","/echo2?a=1&a=2",{"a":["1","2"]}]'
check "of headers too" test "$(event /echo2 '.headers["x-a"]' -H 'X-A: 1' -H 'x-a: 2')" = '["1","2"]'
group=$(ctl_json target-group show ev2 | jq -r .arn)
check "and where it came from" test "$(event /echo2 '.requestContext|[.targetGroupArn,.region,(.timeEpoch|length),(.identity|keys)]')" = "[\"$group\",\"us-east-1\",16,[\"sourceVpcArn\"]]"

check "bytes come out of base64" test "$(get "http://$address/bytes" | sha256sum)" = "$(python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256))*1000)' | sha256sum)"
check "with their status" test "$(code "http://$address/bytes")" = 201
check "and their own length" grep -qi '^content-length: 256000' <(get -D - -o /dev/null "http://$address/bytes")
check "headers come back in lower case" grep -q '^x-two: 2' <(get -D - -o /dev/null "http://$address/echo")
check "HEAD has no body" test "$(get -I -o /dev/null -w '%{http_code} %{size_download}' "http://$address/")" = "200 0"
check "an error of the function is 502" test "$(code "http://$address/error")" = 502
check "so is what is no response" test "$(code "http://$address/garbage")" = 502
check "and a header that would be two" test "$(code "http://$address/split")" = 502
check "the log says so" wait_for 5 grep -q '"responseCode":502.*TargetProtocolError\|TargetProtocolError.*"responseCode":502' "$dir/access"
check "a process that ends is 502" test "$(code "http://$address/die")" = 502
check "and another takes its place" wait_for 5 says "hello from greet in Python" "http://$address/"
began=$SECONDS
check "a function that takes too long is stopped" test "$(code "http://$address/slow?t=30")" = 502
check "after its timeout" test $((SECONDS - began)) -lt $((10 * ${LATTICE_SLOW:-1}))
check "and there is another" wait_for 5 says "hello from greet in Python" "http://$address/"
head -c 6291456 /dev/zero | tr '\0' x >"$dir/full"
check "6 MB arrive" test "$(get "http://$address/echo" -H 'content-type: text/plain' --data-binary "@$dir/full" | wc -c)" -gt 0
echo x >>"$dir/full"
check "more is refused" test "$(code "http://$address/" -H 'content-type: text/plain' --data-binary "@$dir/full")" = 413
many() { seq 60 | ip netns exec "$blue" xargs -P 8 -I{} curl -s -m 20 -o /dev/null -w '%{http_code}\n' "http://$address/{}" | sort | uniq -c | tr -s ' '; }
check "many at a time are all answered" test "$(many)" = " 60 200"

if command -v node >/dev/null; then
	first=$runner
	run js -- node tests/lib/function.mjs
	ctl lambda add js --endpoint "$endpoint" >/dev/null
	ctl target-group create node --type LAMBDA >/dev/null
	ctl target register node js
	ctl listener update --service recommend http-80 --forward node >/dev/null
	check "a function in JavaScript" wait_for 10 says "hello from js in JavaScript, PUT" -X PUT "http://$address/"
	check "gets headers and sends them" grep -q '^x-seen: it' <(get -D - -o /dev/null -H 'X-Seen: it' "http://$address/")
	ctl listener update --service recommend http-80 --forward ev1 >/dev/null
	runner=$first
else
	skip "a function in JavaScript" "there is no node"
fi
check "a function in use is not removed" bash -c '! build/latticectl lambda remove greet 2>/dev/null'
kill "$runner"
wait "$runner"
check "without its endpoint a function is 503" wait_for 5 test "$(code "http://$address/")" = 503
run greet -- python3 tests/lib/function.py
ctl lambda update greet --endpoint "$endpoint" >/dev/null
check "at another endpoint it answers again" wait_for 15 says "hello from greet in Python" "http://$address/"
ctl target deregister ev1 greet >/dev/null
ctl target deregister ev2 greet >/dev/null
check "without targets it is 503" wait_for 5 test "$(code "http://$address/")" = 503
check "then it is removed" ctl lambda remove greet
done_testing
