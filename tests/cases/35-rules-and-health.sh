#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rules and health in front of real targets: who gets a request, and what becomes of a target that
# fails, is stopped, goes with its namespace, or is deregistered.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (targets on :8001, :8002)
#              \                  /
#                     latticed
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

# api OPERATION MEMBERS: any operation, members as JSON.
api() { build/latticectl api "$1" "$2"; }
get() { ip netns exec "$blue" curl -sS -m 10 "$@"; }
code() { ip netns exec "$blue" curl -s -o /dev/null -m 10 -w '%{http_code}' "$@"; }
# health GROUP PORT WORD: the target on that port is in that state.
health() {
	[ "$(api ListTargets "{\"targetGroupIdentifier\":\"$1\"}" |
		jq -r ".items[] | select(.port == $2).status")" = "$3" ]
}

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
declare -A target_pid
start_target() {
	netns_spawn "$green" busybox httpd -f -p "10.0.0.1:$1" -h "$dir/www$1"
	target_pid[$1]=${netns_pids[-1]}
}
for n in 8001 8002; do
	mkdir -p "$dir/www$n/items"
	echo "target $n" | tee "$dir/www$n/index.html" "$dir/www$n/items/one" >"$dir/www$n/ready"
	start_target $n
done

daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
wait_for 5 state_is green active
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
service=$(ctl_json service create cart | jq -r .id)
one=$(ctl_json target-group create only-8001 --vpc green --port 8001 | jq -r .id)
both=$(ctl_json target-group create both --vpc green --port 8002 | jq -r .id)
api UpdateTargetGroup "{\"targetGroupIdentifier\":\"$both\",\"healthCheck\":{\"path\":\"/ready\",
	\"healthCheckIntervalSeconds\":5,\"healthCheckTimeoutSeconds\":1,\"healthyThresholdCount\":2}}" >/dev/null
ctl target register only-8001 10.0.0.1:8001 >/dev/null
ctl target register both 10.0.0.1:8001 10.0.0.1:8002 >/dev/null
check "targets of a group that nothing forwards to are UNUSED" health "$both" 8001 UNUSED
listener=$(ctl_json listener create --service cart --protocol HTTP --port 80 --forward both | jq -r .id)
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
wait_for 5 get "http://$address/"

rule() {
	api CreateRule "{\"serviceIdentifier\":\"$service\",\"listenerIdentifier\":\"$listener\",\"name\":\"$1\",
		\"priority\":$2,\"match\":{\"httpMatch\":$3},\"action\":$4}"
}
forward="{\"forward\":{\"targetGroups\":[{\"targetGroupIdentifier\":\"$one\"}]}}"
refuse='{"fixedResponse":{"statusCode":404}}'
check "a rule by path is taken" rule by-path 20 '{"pathMatch":{"match":{"prefix":"/items"}}}' "$forward"
check "a rule by header is taken" rule by-header 10 '{"headerMatches":[{"name":"X-Channel",
	"match":{"contains":"beta"}}]}' "$refuse"
check "a rule by method is taken" rule by-method 15 '{"method":"DELETE"}' "$refuse"
on_8001() { [ "$(for _ in 1 2 3 4; do get "http://$address/ITEMS/../items/one" --path-as-is; done | sort -u)" = "target 8001" ]; }
check "a path prefix, without case, chooses the group" wait_for 5 on_8001
check "the first rule by priority wins" test "$(code -H 'x-channel: old, BETA' "http://$address/items/one")" = 404
check "another value does not meet it" test "$(code -H 'x-channel: alpha' "http://$address/items/one")" = 200
check "a method chooses" test "$(code -X DELETE "http://$address/")" = 404

check "a checked target becomes HEALTHY" wait_for 5 health "$both" 8001 HEALTHY
check "and the other" wait_for 5 health "$both" 8002 HEALTHY
# Which targets of "both" answer twenty requests.
answering() { for _ in $(seq 20); do get "http://$address/" || echo failed; done | sort -u | tr '\n' ,; }
check "healthy targets take turns" test "$(answering)" = "target 8001,target 8002,"
rm "$dir/www8002/ready"
check "a target whose check fails becomes UNHEALTHY" wait_for 20 health "$both" 8002 UNHEALTHY
check "why is told" grep -q HealthCheckFailed <<<"$(api ListTargets "{\"targetGroupIdentifier\":\"$both\"}")"
check "it gets no more requests" test "$(answering)" = "target 8001,"
kill "${target_pid[8001]}"
check "all unhealthy or gone: a request still finds the one that runs" wait_for 5 get "http://$address/"
check "a target that refuses connections costs no request" test "$(answering)" = "target 8002,"
echo ready >"$dir/www8002/ready"
start_target 8001
check "a target that is well again becomes HEALTHY" wait_for 20 health "$both" 8002 HEALTHY
back() { [ "$(answering)" = "target 8001,target 8002," ]; }
check "and all are served by both again" wait_for 20 back

ctl target deregister both 10.0.0.1:8001 >/dev/null
check "a deregistered target is DRAINING" wait_for 5 health "$both" 8001 DRAINING
check "and gets no more requests" test "$(answering)" = "target 8002,"
done_testing
