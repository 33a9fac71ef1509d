#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Metrics: to the letter of OpenMetrics, and counting what happened, neither more nor less.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

code() { ip netns exec "$blue" curl -s -o /dev/null -m 10 -w '%{http_code}' "http://$cart/$1"; }
scrape() { curl -sS --unix-socket "$dir/run/api.sock" http://localhost/metrics; }
read_metrics() { scrape | /usr/bin/python3 tests/lib/openmetrics.py >"$dir/samples"; }
# value_is SAMPLE VALUE: the sample whose text begins so.
value_is() { read_metrics && grep -F "$1" "$dir/samples" | head -n 1 | grep -q " $2\$"; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$green" g0 10.0.0.2/24
mkdir "$dir/www"
echo hello >"$dir/www/index.html"
netns_spawn "$green" busybox httpd -f -p 10.0.0.2:8001 -h "$dir/www"

port=$(free_port)
build/latticed --state "$dir/state" --run "$dir/run" --steer "$steer" --metrics "127.0.0.1:$port" >/dev/null 2>>"$dir/log" &
daemon_pid=$!
wait_for 20 ctl status || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl target-group create cart-v1 --vpc green --port 8001 >/dev/null
ctl target register cart-v1 10.0.0.2:8001 >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --forward cart-v1 >/dev/null
ctl association create --network shop --service cart >/dev/null
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
id=$(ctl_json service show cart | jq -r .id)
group=$(ctl_json target-group show cart-v1 | jq -r .id)
network=$(ctl_json network show shop | jq -r .id)
blue_id=$(ctl_json vpc show blue | jq -r .id)

if ! /usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' 2>/dev/null; then
	skip "metrics are OpenMetrics" "there is no python3-prometheus-client"
	done_testing
	exit
fi
check "metrics are OpenMetrics, before anything happened" read_metrics
is_up() { [ "$(code ready)" = 404 ]; }
wait_for 5 is_up
settled() { read_metrics && ready=$(grep -F "lattice_service_TotalRequestCount_total{service=cart" "$dir/samples" | cut -d' ' -f2) && [ "$ready" -ge 1 ]; }
wait_for 5 settled
for _ in 1 2 3; do code '' >/dev/null; done
code none >/dev/null
of="{service=cart,service_id=$id}"
check "requests of a service are counted" wait_for 5 value_is "lattice_service_TotalRequestCount_total$of" $((ready + 4))
check "and by the class of their status" value_is "lattice_service_HTTPCode_2XX_Count_total$of" 3
check "with those that failed" value_is "lattice_service_HTTPCode_4XX_Count_total$of" $((ready + 1))
check "each is in the histogram of times" value_is "lattice_service_RequestTime_seconds_count$of" $((ready + 4))
check "whose last bucket has no bound" value_is "lattice_service_RequestTime_seconds_bucket{le=+Inf,service=cart,service_id=$id}" $((ready + 4))
check "those of a target group" value_is "lattice_target_group_TotalRequestCount_total{target_group_id=$group}" $((ready + 4))
check "of which none is under way" value_is "lattice_target_group_ActiveRequestCount{target_group_id=$group}" 0
check "of a network" value_is "lattice_network_requests_total{network_id=$network}" $((ready + 4))
check "of a VPC" value_is "lattice_vpc_requests_total{vpc=blue,vpc_id=$blue_id}" $((ready + 4))
check "a target shows its health" wait_for 10 value_is "lattice_target_healthy{target=10.0.0.2:8001" 1
check "connections to targets are counted" bash -c "grep -q 'lattice_target_group_HTTP1_ConnectionCount_total{target_group_id=$group} [1-9]' $dir/samples"

# A target that takes connections and never answers.
netns_spawn "$green" python3 -c 'import socket, time; s = socket.create_server(("10.0.0.2", 8002)); time.sleep(60)'
listens() { ip netns exec "$green" ss -Hltn | grep -q :8002; }
wait_for 5 listens
ctl target-group create slow --vpc green --port 8002 >/dev/null
ctl target register slow 10.0.0.2:8002 >/dev/null
slow=$(ctl_json target-group show slow | jq -r .id)
ctl rule create --service cart --listener http-80 --priority 1 --path-prefix /slow --forward slow slow >/dev/null
# A client that sends a request and, when told, resets its connection.
mkfifo "$dir/leave"
ip netns exec "$blue" python3 -c 'import socket, struct, sys
s = socket.create_connection((sys.argv[1], 80))
s.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
open(sys.argv[2]).read()
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))' "$cart" "$dir/leave" &
check "a request under way is seen" wait_for 5 value_is "lattice_target_group_ActiveRequestCount{target_group_id=$slow}" 1
echo >"$dir/leave"
check "until its client leaves" wait_for 5 value_is "lattice_target_group_ActiveRequestCount{target_group_id=$slow}" 0
check "which has no status" value_is "lattice_service_unanswered_requests_total$of" 1
connections_are() { value_is "lattice_vpc_active_connections{vpc=blue,vpc_id=$blue_id}" "$1"; }
check "and its connection with it" wait_for 5 connections_are 0

known() { grep -oE 'lattice_[A-Za-z0-9_]+' ctl/dist/grafana-dashboard.json | sort -u | grep -v audit_events_lost | while read -r name; do
	grep -q "^$name{" "$dir/samples" || { echo "$name"; return 1; }; done; }
check "the dashboard asks for nothing else" known
check "the process tells of itself" value_is 'lattice_workers{}' 1
before=$(grep -c . "$dir/samples")
for i in $(seq 20); do code "path-$i?x=$i" >/dev/null; done
wait_for 5 value_is "lattice_service_HTTPCode_4XX_Count_total$of" $((ready + 21))
check "what clients send makes no series" test "$(grep -c . "$dir/samples")" = "$before"

# latticectl, from the same counts.
check "top shows the busiest services, and targets behind rules too" wait_for 10 bash -c "build/latticectl top | grep -q '^cart .* 1/2'"
over_tcp() { curl -sS "http://127.0.0.1:$port$1"; }
check "anybody gets the same over TCP" bash -c "curl -sS -i http://127.0.0.1:$port/metrics | grep -q '^content-type: application/openmetrics-text; version=1.0.0'"
check "and nothing else" bash -c "curl -sS -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/services | grep -q 403"
check "nor may change anything" bash -c "curl -sS -X POST -d '{\"name\":\"evil\"}' -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/services | grep -q 403"
kill -KILL "$(plane_pid)"
check "the next plane serves them too" wait_for 10 over_tcp /metrics

ctl association delete --network shop --service cart >/dev/null
ctl service delete cart >/dev/null
no_series() { read_metrics && ! grep -q "$id" "$dir/samples"; }
check "a service that is gone has no series" wait_for 5 no_series
done_testing
