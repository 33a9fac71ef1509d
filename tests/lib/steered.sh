# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For tests of the module alone: its hand, build/tests/nl, and a namespace that it steers in.
#
#     behind 10.0.0.2, 2001:db8::2 ---- blue 10.0.0.1, 2001:db8::1, steered
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh
# shellcheck source=tests/lib/wait.sh
. tests/lib/wait.sh
# shellcheck source=tests/lib/netns.sh
. tests/lib/netns.sh

nl=build/tests/nl
out=$(mktemp) # what serve prints; files of a test are named after it
steered_cleanup() {
	touch "$out.stop"
	netns_cleanup
	rm -f "$out" "$out".*
}
trap steered_cleanup EXIT
# Set by netns_add.
blue='' behind=''

get() { ip netns exec "$1" curl -sS -m $((5 * ${LATTICE_SLOW:-1})) "$2" "${@:3}"; }
refused() { get "$@" 2>&1 | grep -q 'Failed to connect'; }
in_blue() { ip netns exec "$blue" "$@"; }
inum() { ip netns exec "$1" readlink /proc/self/ns/net; }
counter() { in_blue $nl counter "$1"; }

# steered_routes NAMESPACE ADDRESS: the pools are local there.
steered_routes() {
	ip -n "$1" route add local 169.254.171.0/24 dev lo src "$2"
	ip -n "$1" -6 route add local fd00:ec2:80::/64 dev lo
}

# steered_alone NAMESPACE: it has an address, and no neighbour.
steered_alone() {
	ip -n "$1" addr add 10.0.0.1/32 dev lo
	steered_routes "$1" 10.0.0.1
}

# steered_pair: blue, and behind, whose way out is blue.
steered_pair() {
	netns_add blue && netns_add behind || return 1
	netns_pair "$blue" b0 10.0.0.1/24 "$behind" c0 10.0.0.2/24
	ip -n "$behind" route add default via 10.0.0.1
	ip -n "$blue" addr add 2001:db8::1/64 dev b0 nodad
	ip -n "$behind" addr add 2001:db8::2/64 dev c0 nodad
	ip -n "$behind" -6 route add default via 2001:db8::1
	steered_routes "$blue" 10.0.0.1
}

# serve NAMESPACE ARGS…: `nl serve` there, ready; its pid is in $server. Not inside `check`, which
# would wait for its end.
server=''
serve() {
	: >"$out"
	netns_spawn "$1" $nl serve "${@:2}" >"$out"
	server=${netns_pids[-1]}
	wait_for 10 grep -q ready "$out"
}
stop_serving() {
	kill "$server"
	wait "$server" 2>/dev/null
}

no_complaint() { ! dmesg | grep -E 'WARNING|BUG|refcount|kmemleak: [0-9]'; }
