#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Steering beside what else may be in a namespace: conntrack and rules, bridges with br_netfilter,
# reverse path filters. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
# Set by netns_add.
one='' two=''

# one and two are containers on a bridge of blue.
netns_add blue && netns_add one && netns_add two
ip -n "$blue" link add br0 type bridge
ip -n "$blue" link set br0 up
n=2
for c in "$one" "$two"; do
	ip link add "p$n" netns "$blue" type veth peer name eth0 netns "$c"
	ip -n "$blue" link set "p$n" master br0 up
	ip -n "$c" link set eth0 up
	ip -n "$c" addr add "10.1.0.$n/24" dev eth0
	ip -n "$c" addr add "2001:db8:1::$n/64" dev eth0 nodad
	n=$((n + 1))
done
ip -n "$blue" addr add 10.1.0.1/24 dev br0
ip -n "$blue" addr add 2001:db8:1::1/64 dev br0 nodad
ip -n "$one" route add default via 10.1.0.1
ip -n "$one" -6 route add default via 2001:db8:1::1
steered_routes "$blue" 10.1.0.1
serve "$blue" 2 169.254.171.7 80 fd00:ec2:80::7 80
check "a container on a bridge is served" get "$one" http://169.254.171.7/
check "over IPv6 too" wait_for 5 get "$one" 'http://[fd00:ec2:80::7]/'

modprobe br_netfilter
in_blue sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
check "with br_netfilter as well" get "$one" http://169.254.171.7/
check "and over IPv6" get "$one" 'http://[fd00:ec2:80::7]/'
check "a refusal crosses the bridge back" refused "$one" http://169.254.171.7:81/
check "in IPv6 too" refused "$one" 'http://[fd00:ec2:80::7]:81/'
# What containers say to each other across the bridge is theirs, whatever the address.
ip -n "$two" addr add 169.254.171.9/32 dev lo
netns_spawn "$two" busybox httpd -f -p 169.254.171.9:80 -h tests
ip -n "$one" route add 169.254.171.9 via 10.1.0.3
check "frames that only cross the bridge are left alone" wait_for 5 get "$one" http://169.254.171.9/README.md -o /dev/null

# A namespace with state tracking that drops all but what it knows.
in_blue nft -f - <<'NFT'
table inet guard {
	chain in {
		type filter hook input priority filter; policy drop;
		iif lo accept
		ct state established,related accept
		ct state invalid drop
		tcp dport 80 ct state new accept
		meta l4proto icmpv6 accept
	}
	chain out {
		type filter hook output priority filter; policy accept;
		ct state invalid drop
	}
	chain nat {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "br0" masquerade
	}
}
NFT
check "conntrack, filters and masquerading do not mind" get "$one" http://169.254.171.7/
check "in IPv6 neither" get "$one" 'http://[fd00:ec2:80::7]/'
check "nor for local processes" get "$blue" http://169.254.171.7/
tracked() { in_blue cat /proc/net/nf_conntrack | grep -q 'dst=169.254.171.7'; }
if [ -e /proc/net/nf_conntrack ]; then
	check "conntrack saw the connection" tracked
else
	skip "conntrack saw the connection" "this kernel does not list its connections"
fi
refused_no_hang() { ip netns exec "$one" curl -sS -m 2 http://169.254.171.7:81/ 2>&1 | grep -q 'Failed to connect'; }
check "refusals get through too" refused_no_hang
in_blue nft delete table inet guard

for mode in 1 2; do
	in_blue sysctl -qw net.ipv4.conf.all.rp_filter=$mode net.ipv4.conf.br0.rp_filter=$mode
	check "reverse path filter $mode does not mind" get "$one" http://169.254.171.7/
done
done_testing
