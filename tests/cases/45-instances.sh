#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Instances and balancers as targets: found by name, followed to another address, kept while they are used.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

gets() { [ "$(ip netns exec "$blue" curl -sS -m 10 "http://$address/")" = "$1" ]; }
targets() { ctl_json target list "$1" | jq -c '[.items[] | select(.status != "DRAINING") | [.id, .port, .status]]'; }
same() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$3"; fi; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$blue" b0 10.0.0.9/24
ip -n "$green" link add g0 type veth peer name g1
ip -n "$green" link set g0 up
for n in 1 2; do
	ip -n "$green" addr add 10.0.0.$n/24 dev g0
	mkdir "$dir/www$n"
	echo "at $n" >"$dir/www$n/index.html"
	netns_spawn "$green" busybox httpd -f -p 10.0.0.$n:8000 -h "$dir/www$n"
done

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
for v in blue green; do ctl vpc add $v --netns "${!v}" >/dev/null; done
ctl network create shop >/dev/null
ctl service create cart >/dev/null
ctl association create --network shop --service cart >/dev/null
ctl association create --network shop --vpc blue >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')

check "an instance is an address with a name" ctl instance add web --vpc green --address 10.0.0.1
check "an address is one instance's only" said 'already exists' instance add other --vpc green --address 10.0.0.1
check "but may be another's in another VPC" ctl instance add web --vpc blue --address 10.0.0.1
check "no instance has an address of the pool" said 'field: address' instance add bad --vpc green --address 169.254.171.7
web=$(ctl_json instance list --vpc green | jq -r '.items[0].id')
check "its id is like EC2's" grep -qE '^i-[0-9a-f]{17}$' <<<"$web"

check "a group of instances is made" ctl target-group create vms --type INSTANCE --vpc green --port 8000
check "it has no address family" test "$(ctl_json target-group show vms | jq .config.ipAddressType)" = null
check "an instance is registered by name" ctl target register vms web
check "and by id again, which changes nothing" ctl target register vms "$web"
same "it is there once" "[[\"$web\",8000,\"UNUSED\"]]" "$(targets vms)"
check "an address is no instance" said 'UnsupportedTarget\|must be that of an instance' target register vms 10.0.0.1
elsewhere=$(ctl_json instance list --vpc blue | jq -r '.items[0].id')
check "an instance of another VPC is refused" said "of the target group's VPC" target register vms "$elsewhere"
ctl listener create --service cart --protocol HTTP --forward vms >/dev/null
check "a client reaches the instance" wait_for 5 gets 'at 1'
healthy() { [ "$(targets vms)" = "[[\"$web\",8000,\"HEALTHY\"]]" ]; }
check "which is healthy" wait_for 5 healthy
check "it is not removed while it is a target" said 'in use' instance remove "$web"
check "it moves" ctl instance update "$web" --address 10.0.0.2
check "and its target with it" wait_for 5 gets 'at 2'
same "groups are listed by type" vms "$(ctl_json api ListTargetGroups '{"targetGroupType":"INSTANCE"}' | jq -r '.items[].name')"
same "and those of no such type are not" '[]' "$(ctl_json api ListTargetGroups '{"targetGroupType":"ALB"}' | jq -c .items)"

check "a group of a balancer is made" ctl target-group create front --type ALB --vpc green --port 8000
same "it has no health check" null "$(ctl_json target-group show front | jq .config.healthCheck)"
check "nor takes one" said 'healthCheck' target-group update front --health-path /x
arn=arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app
check "an unknown balancer is refused" said 'name an instance' target register front $arn/none/50dc6c495c0c9188
ctl instance add balancer --vpc green --address 10.0.0.1 >/dev/null
check "a balancer is registered by its ARN" ctl target register front $arn/balancer/50dc6c495c0c9188
same "and shown by it" "[[\"$arn/balancer/50dc6c495c0c9188\",8000,\"UNUSED\"]]" "$(targets front)"
check "a second one is refused" said 'one balancer' target register front 10.0.0.2
ctl listener update --service cart http-80 --forward front >/dev/null
check "a client reaches the balancer" wait_for 5 gets 'at 1'
same "which no check looks at" "[[\"$arn/balancer/50dc6c495c0c9188\",8000,\"UNAVAILABLE\"]]" "$(targets front)"
check "the instance is deregistered by name" ctl target deregister vms web
check "and then removed" ctl instance remove "$web"
daemon_stop
daemon_start
check "after a restart the balancer serves" wait_for 5 gets 'at 1'
check "it is deregistered by its name" ctl target deregister front balancer
done_testing
