#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Security groups of a VPC's association: whom they admit, whom not, and that a change is in force at once.
#
#     behind 10.0.0.2 --- 10.0.0.1 blue            green 10.0.0.1 (target)
#
# LATTICE_STEER=kmod runs the same through the kernel module, which must be loaded.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green='' behind=''

get() { ip netns exec "$1" curl -sS -m 10 "$2"; }
refused() { get "$1" "$2" 2>&1 | grep -q 'Failed to connect'; }
served() { get "$1" "$2" | grep -q target; }

netns_add blue && netns_add green && netns_add behind || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$behind" c0 10.0.0.2/24
ip -n "$behind" route add default via 10.0.0.1
if [ -e /proc/net/if_inet6 ]; then
	ip -n "$blue" addr add 2001:db8::1/64 dev b0 nodad
	ip -n "$behind" addr add 2001:db8::2/64 dev c0 nodad
	ip -n "$behind" -6 route add default via 2001:db8::1
fi
netns_dev "$green" g0 10.0.0.1/24
mkdir "$dir/www"
echo target >"$dir/www/index.html"
netns_spawn "$green" busybox httpd -f -p 10.0.0.1:8000 -h "$dir/www"

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
for v in blue green; do ctl vpc add $v --netns "${!v}" >/dev/null; done
ctl network create shop >/dev/null
ctl service create cart >/dev/null
ctl target-group create cart-v1 --vpc green --port 8000 >/dev/null
ctl target register cart-v1 10.0.0.1
for p in 80 81; do ctl listener create --service cart --protocol HTTP --port $p --forward cart-v1 >/dev/null; done
ctl association create --network shop --service cart >/dev/null

check "a security group is made" ctl security-group create web --vpc blue --allow 10.0.0.2/32:80
check "its name is taken in its VPC" said 'already exist' security-group create web --vpc blue
check "but not in another" ctl security-group create web --vpc green
web=$(ctl_json security-group list --vpc blue | jq -r '.items[0].id')
check "bits behind a prefix are refused" said 'ingress\[0\].cidr' security-group create bad --vpc blue --allow 10.0.0.1/8
check "so are ports the wrong way round" said 'ingress\[0\].toPort' security-group create bad --vpc blue --allow 10.0.0.0/8:90-80
check "and IPv4 in IPv6" said 'ingress\[0\].cidr' security-group create bad --vpc blue --allow ::ffff:10.0.0.0/104
check "a group of another VPC is refused" said 'another VPC' association create --network shop --vpc blue \
	--security-group "$(ctl_json security-group list --vpc green | jq -r '.items[0].id')"
check "a VPC joins with a group, by name" ctl association create --network shop --vpc blue --security-group web
address=$(ctl_json service show cart | jq -r '.addresses[0]')
address6=$(ctl_json service show cart | jq -r '.addresses[1]')

check "whom the group allows is served" wait_for 5 served "$behind" "http://$address/"
check "on another port it is refused" refused "$behind" "http://$address:81/"
check "another client is refused" refused "$blue" "http://$address/"
if [ "$steer" = kmod ]; then
	told() { dmesg | grep -q "refused 10.0.0.1:.* > $address:80 proto 6: no security group rule admits it"; }
	check "and dmesg says why" wait_for 5 told
else
	skip "and dmesg says why" "nf_tables steers"
fi
in_step() { ctl_json status | jq -e '.vpcs[] | select(.name == "blue") | .state == "active" and .generation == .kernelGeneration'; }
check "status says that the kernel is in step" in_step
check "and how connections are steered" test "$(ctl_json status | jq -r .steer)" = "$steer"
[ "$steer" != kmod ] || check "by which module" test "$(ctl_json status | jq -r .moduleVersion)" != null
check "a group in use is not deleted" said 'in use by ServiceNetworkVpcAssociation' security-group delete "$web"
check "a VPC with groups is not removed" said 'in use' vpc remove green

ctl security-group update "$web" --allow 10.0.0.0/30:80-81 >/dev/null
check "a change is in force at once: more ports" wait_for 1 served "$behind" "http://$address:81/"
check "and more clients" served "$blue" "http://$address/"
if [ -e /proc/net/if_inet6 ]; then
	check "rules of IPv4 admit no IPv6" refused "$behind" "http://[$address6]/"
	ctl security-group update "$web" --allow 0.0.0.0/0 --allow 2001:db8::2/127 >/dev/null
	check "a rule of IPv6 admits whom it covers" wait_for 1 served "$behind" "http://[$address6]/"
	check "and nobody beside it" refused "$blue" "http://[$address6]/"
	ctl security-group update "$web" --allow 0.0.0.0/0 --allow ::/0 >/dev/null
	check "everybody is admitted" wait_for 1 served "$blue" "http://[$address6]/"
	check "over IPv4 too" served "$blue" "http://$address:81/"
else
	skip "rules of IPv4 admit no IPv6" "the kernel has no IPv6"
fi
ctl security-group update "$web" --allow none >/dev/null
check "a group without rules admits nobody" wait_for 1 refused "$behind" "http://$address/"

ctl security-group create more --vpc blue --allow 10.0.0.1/32:80 >/dev/null
check "other groups take the place of these" ctl association update --network shop --vpc blue \
	--security-group web --security-group more
check "rules of all groups count" wait_for 1 served "$blue" "http://$address/"
check "and of none else" refused "$behind" "http://$address/"
check "a group is not there twice" said 'twice' association update --network shop --vpc blue \
	--security-group more --security-group more
check "an association is named by its id too" ctl association update \
	"$(ctl_json association list --network shop | jq -r '.items[0].id')" --security-group more
check "what it no longer uses can be deleted" ctl security-group delete "$web"
check "not what it uses" said "in use" security-group delete more

vpc=$(ctl_json vpc show blue | jq -r .id)
full=()
for n in 1 2 3 4 5; do
	jq -n --arg vpc "$vpc" --arg n "$n" '{name: "full-\($n)", vpcIdentifier: $vpc,
		ingress: [range(200) | {cidr: "10.\($n).\(.).0/24"}]}' >"$dir/full"
	ctl api CreateSecurityGroup - <"$dir/full" >/dev/null
	full+=(--security-group "full-$n")
done
check "as many groups as may be, each full, are in force" ctl association update --network shop --vpc blue "${full[@]}"
check "and let in nobody whom they do not allow" wait_for 2 refused "$blue" "http://$address/"
jq -n '{ingress: ([range(199) | {cidr: "10.9.\(.).0/24"}] + [{cidr: "10.0.0.1/32"}])}' |
	jq --arg id "$(ctl_json security-group show full-5 | jq -r .id)" '.securityGroupIdentifier = $id' >"$dir/full"
ctl api UpdateSecurityGroup - <"$dir/full" >/dev/null
check "the last of all rules lets in" wait_for 2 served "$blue" "http://$address/"
jq -n --arg vpc "$vpc" '{name: "over", vpcIdentifier: $vpc, ingress: [range(201) | {cidr: "10.1.\(.).0/24"}]}' >"$dir/full"
check "more rules than 200 are too many" bash -c "build/latticectl api CreateSecurityGroup - <$dir/full 2>&1 | grep -q 'field: ingress'"
check "and more groups than five" said 'field: securityGroupIds' association update --network shop --vpc blue "${full[@]}" --security-group more

daemon_stop
daemon_start
check "after a restart the same clients are served" wait_for 5 served "$blue" "http://$address/"
check "and the same refused" refused "$behind" "http://$address/"
kill -9 "$(plane_pid)"
check "after a plane's death too" wait_for 5 served "$blue" "http://$address/"
check "and refused" refused "$behind" "http://$address/"
ctl association delete --network shop --vpc blue >/dev/null
ctl association create --network shop --vpc blue >/dev/null
check "without a group everybody is admitted" wait_for 2 served "$behind" "http://$address:81/"
done_testing
