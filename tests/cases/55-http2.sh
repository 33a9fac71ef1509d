#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HTTP/2 and gRPC, clients and targets in all four pairs: real curl, nghttp, h2load, and Node's http2.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT

blue='' green=''
netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$green" g0 10.0.0.1/24
netns_spawn "$green" node tests/cases/http2/target.mjs 10.0.0.1 8001 h1 >"$dir/h1"
netns_spawn "$green" node tests/cases/http2/target.mjs 10.0.0.1 8002 h2 >"$dir/h2"

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create net >/dev/null
ctl association create --network net --vpc blue >/dev/null
declare -A address
# make SERVICE VERSION PORT: a service with one target that speaks the version.
make() {
	ctl service create "$1" >/dev/null
	ctl target-group create "$1-g" --vpc green --port "$3" --protocol-version "$2" >/dev/null
	ctl target-group update "$1-g" --health-check off >/dev/null
	ctl target register "$1-g" 10.0.0.1 >/dev/null
	ctl listener create --service "$1" --protocol HTTP --forward "$1-g" >/dev/null
	ctl association create --network net --service "$1" >/dev/null
	address[$1]=$(ctl_json service show "$1" | jq -r '.addresses[0]')
}
make one HTTP1 8001
make two HTTP2 8002
make rpc GRPC 8002
make dead HTTP2 8009

h1() { ip netns exec "$blue" curl -sS -m 10 "$@"; }
h2() { h1 --http2-prior-knowledge "$@"; }
say() { jq -r "$1" <<<"$2"; }
client() { ip netns exec "$blue" node tests/cases/http2/client.mjs "http://${address[$1]}" "$2"; }
wait_for 10 grep -q ready "$dir/h1"
wait_for 10 grep -q ready "$dir/h2"
for s in one two; do wait_for 10 h1 -f -o /dev/null "http://${address[$s]}/"; done

build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader

# pair CLIENT SERVICE VERSION: each pair carries the same.
pair() {
	local c=$1 s=$2 version=$3 got
	got=$($c "http://${address[$s]}/echo?a=1" -H 'X-Mine: yes' -H 'Cookie: a=1' -H 'Cookie: b=2' -H 'Connection: x-hop' \
		-H 'X-Amzn-Lattice-Network: forged' -d 'hello')
	check "$c to $s: the target is spoken to in its version" test "$(say .version "$got")" = "$version"
	check "$c to $s: method, path and body" test "$(say '"\(.method) \(.path) \(.bytes)"' "$got")" = "POST /echo?a=1 5"
	check "$c to $s: fields arrive" test "$(say '.headers["x-mine"]' "$got")" = yes
	check "$c to $s: the length stays" test "$(say '.headers["content-length"]' "$got")" = 5
	check "$c to $s: what we vouch for is ours" grep -q '^SourceVpcArn=' <<<"$(say '.headers["x-amzn-lattice-network"]' "$got")"
	check "$c to $s: fields of a connection end here" test "$(say '.headers.connection // "none"' "$got")" != x-hop
	check "$c to $s: HEAD" grep -qi '^content-length: [1-9]' <<<"$($c -I "http://${address[$s]}/echo")"
	check "$c to $s: no body" test "$($c -o /dev/null -w '%{http_code}' "http://${address[$s]}/bytes/0")" = 200
	check "$c to $s: a large body back" test "$($c "http://${address[$s]}/bytes/5000000" | wc -c)" = 5000000
	check "$c to $s: a large body both ways" cmp "$dir/big" <($c -T "$dir/big" "http://${address[$s]}/mirror")
	check "$c to $s: a body of unknown length" cmp "$dir/big" <($c -T - "http://${address[$s]}/mirror" <"$dir/big")
	check "$c to $s: Expect" test "$($c -H 'Expect: 100-continue' -d @"$dir/big" "http://${address[$s]}/echo" | jq .bytes)" -gt 900000
	check "$c to $s: an early answer" test "$($c -d x "http://${address[$s]}/early")" = ok
	check "$c to $s: interim answers are not the answer" test "$($c "http://${address[$s]}/hints" | jq -r .path)" = /hints
}
head -c 700000 /dev/urandom | base64 -w0 >"$dir/big"
pair h1 one 1.1
pair h1 two 2.0
pair h2 one 1.1
pair h2 two 2.0

got=$(h2 "http://${address[one]}/echo" -H 'Cookie: a=1' -H 'Cookie: b=2')
check "cookies are one field for HTTP/1" test "$(say .headers.cookie "$got")" = 'a=1; b=2'
check "trailers reach an HTTP/1 client" grep -qi '^x-sum: 42' <<<"$(h1 -i --raw -d hello "http://${address[two]}/mirror")"
for s in one two; do
	check "trailers come back from $s" client $s trailers
	check "trailers go to $s" client $s trailersToTarget
	check "gRPC both ways at once by $s" client $s grpc
	check "sixty streams with bodies at $s" client $s many
	check "a stream that is not read holds up no other at $s" client $s slowReader
	check "an early answer ends the stream at $s" client $s early
	check "a target that dies midway cuts its stream only at $s" client $s dies
done
check "gRPC to a gRPC group" client rpc grpc
check "a refused stream is asked again" client two refused
check "a target that says GOAWAY loses no request" client two goaway
check "an error of ours is a gRPC status" env WANTED=14 ip netns exec "$blue" \
	node tests/cases/http2/client.mjs "http://${address[dead]}" grpcError
check "a dead target is 503 over HTTP/2" test "$(h2 -o /dev/null -w '%{http_code}' "http://${address[dead]}/")" = 503
check "a flood of resets ends the connection" client one rapidReset
check "a flood of pings ends the connection" client one pings
logged() { grep -q '"protocol":"HTTP/2"' "$dir/access"; }
check "the log says HTTP/2" wait_for 5 logged

nghttp() { ip netns exec "$blue" nghttp "$@"; }
check "nghttp is served" grep -q '"path":"/echo"' <<<"$(nghttp "http://${address[two]}/echo")"
out=$(ip netns exec "$blue" h2load -n 5000 -c 10 -m 20 "http://${address[two]}/bytes/1000")
check "h2load: every request is answered" grep -q '5000 succeeded, 0 failed, 0 errored' <<<"$out"
out=$(ip netns exec "$blue" h2load -n 5000 -c 10 -m 20 "http://${address[one]}/bytes/1000")
check "h2load to HTTP/1 targets too" grep -q '5000 succeeded, 0 failed, 0 errored' <<<"$out"

# Health checks in both versions.
status_is() { [ "$(ctl_json target list "$1" | jq -r '.items[0].status')" = "$2" ]; }
for s in two rpc; do
	ctl target-group update $s-g --health-check on --health-version HTTP2 --health-path /echo --health-interval 5 >/dev/null
	check "a check over HTTP/2 finds $s well" wait_for 15 status_is $s-g HEALTHY
done
ctl target-group update two-g --health-version HTTP1 --unhealthy-threshold 2 >/dev/null
check "a check over HTTP/1 does not" wait_for 20 status_is two-g UNHEALTHY
ctl target-group update one-g --health-check on --health-version HTTP2 --health-interval 5 >/dev/null
check "nor one over HTTP/2 of HTTP/1" wait_for 20 status_is one-g UNHEALTHY
check "a gRPC group takes POST only" test "$(h2 -o /dev/null -w '%{http_code}' "http://${address[rpc]}/")" = 400

# A drain: what runs is finished, and the client is told to go elsewhere.
ip netns exec "$blue" curl -sS -m 20 --http2-prior-knowledge --limit-rate 2M -o "$dir/slow" "http://${address[two]}/bytes/8000000" &
slow=$!
begun() { [ -s "$dir/slow" ]; }
wait_for 5 begun
kill "$(plane_pid)" 2>/dev/null
wait $slow
check "a request in flight outlives the plane that ends" test $? = 0
check "and is whole" test "$(stat -c %s "$dir/slow")" = 8000000
check "the next plane serves" wait_for 10 h2 -f -o /dev/null "http://${address[two]}/"
done_testing
