# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Namespaces of a test: names carry the test's pid, and only what was made here is removed.

netns_made=()
netns_pids=()

# netns_add NAME: make it, with its loopback up; $NAME then holds its full name.
netns_add() {
	local full="lt$$-$1"
	ip netns add "$full" || return 1
	netns_made+=("$full")
	ip -n "$full" link set lo up
	declare -g "$1=$full"
}

# netns_pair NS1 DEV1 ADDR1 NS2 DEV2 ADDR2: join two namespaces by a veth pair, addresses with length.
netns_pair() {
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4" || return 1
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}

# netns_dev NAME DEV ADDR: a device of its own with an address, whose other end is not used.
netns_dev() {
	ip -n "$1" link add "$2" type veth peer name "${2}x" || return 1
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" link set "$2" up
}

# netns_spawn NAME COMMAND…: run it in the background inside the namespace, until cleanup.
netns_spawn() {
	local ns=$1
	shift
	ip netns exec "$ns" "$@" &
	netns_pids+=($!)
}

netns_cleanup() {
	local p n
	for p in "${netns_pids[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${netns_pids[@]}"; do wait "$p" 2>/dev/null; done
	for n in "${netns_made[@]}"; do ip netns del "$n" 2>/dev/null; done
}
