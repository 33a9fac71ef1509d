#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Clients that are slow, that vanish, or that flood: each is ended by a limit with a name, others are served meanwhile, and
# when they are gone the plane holds what it held before.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (targets on :8001 and, for the others, :8002)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/plane.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

# hostile NAME COUNT: as such a client of the service.
hostile() { ip netns exec "$blue" python3 tests/lib/hostile.py "$1" "$address" 80 "$2"; }
get() { ip netns exec "$blue" curl -sS -f -o /dev/null -m 5 "http://$address$1"; }

# What may remain, each with its reason. Fds: sockets for targets that were asked for in advance (64 a worker) and pipes
# (8 a worker, two fds each), two workers. Memory: what the allocator keeps of what was freed.
fds_kept=160
kb_kept=8192

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
for n in 1 2; do
	netns_spawn "$green" python3 tests/lib/hostile.py target 10.0.0.1 800$n >"$dir/target$n"
	wait_for 10 grep -q ready "$dir/target$n"
done
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
for n in 1 2; do
	ctl target-group create web$n --vpc green --port 800$n >/dev/null
	ctl target-group update web$n --health-check off >/dev/null
	ctl target register web$n 10.0.0.1:800$n >/dev/null
done
ctl listener create --service cart --protocol HTTP --forward web1 http >/dev/null
ctl rule create --service cart --listener http --priority 1 --path /other --forward web2 other >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
for path in / /other; do wait_for 10 get $path; done
for _ in {1..50}; do get /; done

# bystander: requests, one after the other, until told to stop; what went wrong is in a file.
bystander() {
	: >"$dir/bystander"
	rm -f "$dir/stop"
	(
		n=0
		until [ -e "$dir/stop" ]; do
			get /other 2>>"$dir/bystander" && n=$((n + 1))
		done
		echo "$n" >"$dir/served"
	) &
	bystander=$!
}
bystander_ends() {
	touch "$dir/stop"
	wait "$bystander"
}
# was_served: the bystander, all the time, and more than once.
was_served() { [ ! -s "$dir/bystander" ] && [ "$(cat "$dir/served")" -gt 1 ] || { cat "$dir/bystander" "$dir/served"; false; }; }

# suffer WHAT NAME COUNT
suffer() {
	plane_note
	bystander
	check "$1" hostile "$2" "$3"
	bystander_ends
	check "$2: others are served meanwhile" was_served
	plane_lets_go "$2: and the plane lets go of it all" $fds_kept $kb_kept
}
suffer "a head in drips is answered 408 within its time" slow-head 200
suffer "one of HTTP/2 ends its connection, which is told so" slow-h2-head 200
suffer "clients that vanish within their uploads" vanish-up 100
suffer "clients that vanish within their downloads" vanish-down 100
suffer "a flood of resets ends the connection" resets 20
suffer "a flood of CONTINUATIONs" continuations 20
suffer "a flood of PINGs" pings 20
suffer "a flood of SETTINGS" settings 20

# Downloads that nobody reads: what the plane holds for them is bounded, 64 K each way and a pipe for some.
plane_note
bystander
mkfifo "$dir/hold"
ip netns exec "$blue" python3 tests/lib/hostile.py unread "$address" 80 100 <"$dir/hold" >"$dir/unread" &
netns_pids+=($!)
exec 8>"$dir/hold"
wait_for 10 grep -q ready "$dir/unread"
check "a hundred downloads that nobody reads take little memory" plane_is_back 400 $((kb_kept + 100 * 256))
bystander_ends
check "unread: others are served meanwhile" was_served
exec 8>&-
plane_lets_go "unread: and the plane lets go of it all" $fds_kept $kb_kept
daemon_stop
done_testing
