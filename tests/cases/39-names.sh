#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the plane calls by name: functions and collectors of logs and spans, while their names lead somewhere, elsewhere and nowhere.
# The host's resolver is one of the test's own.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/pki.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup; pki_cleanup' EXIT
# Set by netns_add.
blue=''

resolver=127.54.$(($$ / 256 % 256)).$(($$ % 256))
echo "nameserver $resolver" >"$dir/resolv.conf"
export LATTICED_RESOLV_CONF=$dir/resolv.conf
# zone JSON: what the resolver knows from now on.
zone() { echo "$1" >"$dir/asked.zone.new" && mv "$dir/asked.zone.new" "$dir/asked.zone"; }
code() { ip netns exec "$blue" curl -sS -m 20 -o /dev/null -w '%{http_code}' "http://$address/$1"; }
says() { [ "$(code "${2:-}")" = "$1" ]; }
last() { tail -n 1 "$dir/calls" | jq -r "$1"; }
shows() { [ "$(ctl_json lambda show far | jq -c "$1")" = "$2" ]; }
asked() { grep -c "^udp $1 " "$dir/asked"; }
serve() {
	python3 "tests/lib/$1" "$2" "$dir/$3" "${@:4}" 2>>"$dir/errors" &
	served=$!
	netns_pids+=("$served")
	wait_for 10 test -s "$dir/$3.port"
}

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/32 dev lo
pki_ca
pki_cert far far.test
pki_cert logs logs.test
zone '{"far.test": {"CNAME": "edge.test", "ttl": 1}, "edge.test": {"A": ["127.0.0.9", "127.0.0.1"], "ttl": 1},
	"spans.test": {"A": ["127.0.0.1"]}}'
python3 tests/lib/resolver.py "$resolver" "$dir/asked" &
netns_pids+=($!)
wait_for 5 test -e "$dir/asked"
serve invoke.py 0 calls "$pki/far.pem" "$pki/far.key"
invoker=$served
port=$(cat "$dir/calls.port")
serve collector.py 0 spans
LATTICED_OTLP=http://spans.test:$(cat "$dir/spans.port")
export LATTICED_OTLP LATTICED_TRACE_SAMPLE=1
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create recommend >/dev/null
ctl association create --network shop --service recommend >/dev/null

check "a function by name" ctl lambda add far --endpoint "https://Far.test:$port" --ca "$pki/ca.pem"
check "its name is looked up, through an alias" wait_for 5 shows '[.endpointState,.endpointAddresses]' '["RESOLVED",["127.0.0.1","127.0.0.9"]]'
check "which the log says" wait_for 5 grep -q 'name far.test leads somewhere addresses=2' "$dir/log"
ctl target-group create functions --type LAMBDA >/dev/null
ctl target register functions far
ctl listener create --service recommend --protocol HTTP --port 80 --forward functions >/dev/null
address=$(ctl_json service show recommend | jq -r '.addresses[0]')
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader
check "it is called" wait_for 10 says 200
check "spans go by name as well" wait_for 10 grep -q resourceSpans "$dir/spans"
check "by the name, over TLS too" test "$(last '.sni + " " + .headers.host' | tr '[:upper:]' '[:lower:]')" = "far.test far.test:$port"
many() { for _ in 1 2 3 4 5 6 7 8; do says 200 "$1" || return 1; done; }
check "and always, though one of its addresses is dead" many many
check "the access log has the address" wait_for 5 grep -q "\"targetIpPort\":\"127.0.0.1:$port\"" "$dir/access"
count=$(asked edge.test)
zone '{"far.test": {"A": ["127.0.0.1"], "ttl": 1}}'
check "what is old is asked again" wait_for 15 shows .endpointAddresses '["127.0.0.1"]'
check "but no oftener than every five seconds" test "$count" -le $((2 * (SECONDS / 5 + 1)))
check "and is called there" says 200
zone '{"far.test": {"silent": true}}'
check "while the resolver is silent it keeps its address" wait_for 30 shows '[.endpointState,.endpointAddresses]' '["STALE",["127.0.0.1"]]'
check "with a reason" shows .endpointStateReason '"the host'\''s resolvers do not answer"'
check "and is called all the same" says 200
zone '{"far.test": {"A": ["127.0.0.9"], "ttl": 1}}'
check "a name that moves takes its callers along" wait_for 20 shows '[.endpointState,.endpointAddresses]' '["RESOLVED",["127.0.0.9"]]'
check "even to where nobody is" wait_for 5 says 503
zone '{"far.test": {"rcode": 3}}'
check "a name that is gone has no address" wait_for 15 shows '[.endpointState,.endpointAddresses,.endpointStateReason]' '["UNRESOLVED",[],"there is no such name"]'
check "and when that began is shown" test "$(ctl_json lambda show far | jq -r .endpointStateSince | cut -c 1-4)" = "$(date -u +%Y)"
check "it cannot be called" says 503
check "which the log says, once" test "$(grep -c 'name far.test: there is no such name' "$dir/log")" = 1
zone '{"far.test": {"A": ["127.0.0.1"], "ttl": 60}}'
check "until it is back" wait_for 90 shows .endpointState '"RESOLVED"'
check "then it is called again" wait_for 5 says 200
plane=$(plane_pid)
is_new() { [ -n "$(plane_pid)" ] && [ "$(plane_pid)" != "$plane" ] && ctl status >/dev/null 2>&1; }
zone '{"far.test": {"A": ["127.0.0.1"], "ttl": 1, "delay": 0.5}}'
kill -KILL "$plane"
check "a new plane looks it up again, and a request waits for the answer" says 200
wait_for 15 is_new && plane=$(plane_pid)
zone '{"far.test": {"silent": true}}'
kill -KILL "$plane"
wait_for 15 is_new && plane=$(plane_pid)
gives_up() { ip netns exec "$blue" curl -sS -m 0.3 "$@" "http://$address/" >/dev/null 2>&1; [ $? = 28 ]; }
check "who does not wait so long may leave" gives_up
check "over HTTP/2 as well" gives_up --http2-prior-knowledge
check "but nobody waits for ever" says 503
check "and then all know" test "$(ip netns exec "$blue" curl -sS -m 20 -o /dev/null -w '%{time_total}' "http://$address/" | cut -d . -f 1)" -lt 8
zone '{"far.test": {"A": ["127.0.0.1"], "ttl": 60}}'
check "until somebody answers" wait_for 30 says 200
check "and it was one plane all the time" test "$(plane_pid)" = "$plane"
check "an address has no state" bash -c "build/latticectl -o json lambda update far --endpoint https://127.0.0.1:$port >/dev/null && ! build/latticectl -o json lambda show far | grep -q endpointState"
kill "$invoker"

zone '{"logs.test": {"A": ["127.0.0.1"], "AAAA": ["::2"], "ttl": 1}}'
serve collector.py 0 lines "$pki/logs.pem" "$pki/logs.key"
collector=$served
port=$(cat "$dir/lines.port")
ctl listener update --service recommend http-80 --fixed-response 404 >/dev/null
check "a collector over https, by name" ctl log-destination create far --url "https://logs.test:$port/v1/logs" --ca "$pki/ca.pem"
check "authorities go with https only" bash -c "build/latticectl log-destination create x --url http://logs.test/ --ca '$pki/ca.pem' 2>&1 | grep -q 'url of https'"
check "its name is looked up" wait_for 10 bash -c "build/latticectl -o json log-destination show far | grep -q '\"127.0.0.1\"'"
ctl log subscribe --service recommend --to far >/dev/null
has() { grep -q "\"requestPath\":\"/$1\"" "$dir/lines"; }
send_until() { code "$1" >/dev/null && has "$1"; }
check "it gets lines" wait_for 10 send_until first
kill "$collector"
wait "$collector" 2>/dev/null
rm "$dir/lines.port"
serve collector.py "$port" lines "$pki/far.pem" "$pki/far.key"
collector=$served
code lost >/dev/null
check "one with another's certificate gets none" wait_for 20 grep -q 'log collector https://logs.test.* no success (status 0: hostname mismatch)' "$dir/log"
check "not a line" bash -c "! grep -q /lost '$dir/lines'"
kill "$collector"
wait "$collector" 2>/dev/null
rm "$dir/lines.port"
serve collector.py "$port" lines "$pki/logs.pem" "$pki/logs.key"
check "but the right one gets what waited" wait_for 30 has lost
done_testing
