#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole daemon is started again behind its clients' backs: the service manager keeps the sockets of each namespace, and
# what steers to them stays. What the manager passes that is not ours is refused.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1:8001 (target)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
manager=
stop_manager() {
	rm -f "$dir/m/hold"
	[ -n "$manager" ] || return 0
	kill "$manager" 2>/dev/null
	wait "$manager" 2>/dev/null
	manager=
}
trap 'stop_manager; daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green='' red=''

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
mkdir "$dir/www" "$dir/m"
echo target >"$dir/www/index.html"
head -c 6000000 /dev/urandom >"$dir/www/big"
netns_spawn "$green" busybox httpd -f -p 10.0.0.1:8001 -h "$dir/www"

echo 2 >"$dir/m/workers"
export WATCHDOG_USEC=4000000
# shellcheck disable=SC2016
python3 tests/lib/manager.py "$dir/m" sh -c 'exec build/latticed --workers "$(cat "$0/workers")" "$@"' "$dir/m" \
	--state "$dir/state" --run "$dir/run" --steer "$steer" 2>>"$dir/log" &
manager=$!
wait_for 20 ctl status
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create web >/dev/null
ctl target-group create web --vpc green --port 8001 >/dev/null
ctl target-group update web --health-check off >/dev/null
ctl target register web 10.0.0.1:8001 >/dev/null
ctl listener create --service web --protocol HTTP --forward web >/dev/null
ctl association create --network shop --service web >/dev/null
name=$(ctl_json service show web | jq -r .dnsEntry.domainName)
mapfile -t addresses < <(ctl_json service show web | jq -r '.addresses[]')
address=${addresses[0]}

inode=$(stat -L -c %i "/run/netns/$blue")
other=$(stat -L -c %i "/run/netns/$green")
get() { ip netns exec "$blue" curl -sS -f -g -m 20 "$@"; }
kept() { grep -c "^$1\$" "$dir/m/kept"; }
keeps() { [ "$(kept "$1")" = "$2" ]; }
started() { [ "$(cat "$dir/m/pid")" != "$1" ] && ctl status; }
has_ended() { [ "$(wc -l <"$dir/m/ended")" -ge "$1" ]; }
# restart SIGNAL: and wait until it serves.
restart() {
	local old
	old=$(cat "$dir/m/pid")
	kill "-$1" "$manager"
	wait_for 20 started "$old"
}

check "is served" wait_for 10 get "http://$address/" -o /dev/null
check "the manager hears that it is ready" wait_for 10 grep -q READY=1 "$dir/m/said"
fds=$(kept "net-$inode")
# Two workers, two families, four sockets of the name server; the module's is one more.
check "the sockets of a namespace are kept" test "$fds" -ge 8
check "and those of the other" test "$(kept "net-$other")" = "$fds"

# Connections while there is no daemon at all.
get --limit-rate 3M "http://$address/big" -o "$dir/got" &
in_flight=$!
wait_for 10 test -s "$dir/got"
touch "$dir/m/hold"
: >"$dir/m/ended"
kill -USR1 "$manager"
wait_for 20 has_ended 1
check "it ended well" test "$(tail -n 1 "$dir/m/ended")" = 0
wait "$in_flight"
check "a request in flight is finished" test $? = 0
check "and is whole" cmp "$dir/www/big" "$dir/got"
waiting=()
for i in 1 2 3 4 5 6 7 8; do
	to=$address
	[ $((i % 2)) = 0 ] || to="[${addresses[1]}]"
	get "http://$to/" -o "$dir/waited-$i" &
	waiting+=($!)
done
ip netns exec "$blue" dig +tries=1 +time=15 +short "$name" @169.254.169.253 >"$dir/dug" &
waiting+=($!)
connected() { [ "$(ip netns exec "$blue" ss -Htn state established "( dst $address or dst [${addresses[1]}] )" | wc -l)" -ge 8 ]; }
check "clients connect while there is no daemon" wait_for 10 connected
check "none runs" sh -c "! kill -0 $(cat "$dir/m/pid") 2>/dev/null"
[ "$steer" != nft ] || ip netns exec "$blue" nft add chain inet lattice of_an_older_version
rm "$dir/m/hold"
good=0
for p in "${waiting[@]}"; do wait "$p" && good=$((good + 1)); done
check "all are answered after it" test $good = 9
check "with what the target says" test "$(cat "$dir"/waited-* | sort | uniq -c | xargs)" = "8 target"
check "a question of a name too" grep -qxF "$address" "$dir/dug"
check "steering goes on" test "$(grep -c "steering goes on" "$dir/log")" = 2
if [ "$steer" = nft ]; then
	is_new() { ! ip netns exec "$blue" nft list chains | grep -q of_an_older_version; }
	check "and an older table is replaced" wait_for 10 is_new
fi
check "no socket is kept twice" test "$(kept "net-$inode")" = "$fds"

# Restarts and crashes in the middle of traffic, by sessions of new connections.
: >"$dir/lost"
: >"$dir/served"
clients=()
for _ in 1 2 3 4; do
	(
		until [ -e "$dir/stop" ]; do
			get "http://$address/" 2>>"$dir/lost" >>"$dir/served"
		done
	) &
	clients+=($!)
done
served() { [ "$(wc -l <"$dir/served")" -ge "$1" ]; }
more() { wait_for 20 served $(($(wc -l <"$dir/served") + $1)); }
for _ in 1 2 3 4 5; do
	more 20
	restart USR1
done
more 20
touch "$dir/stop"
wait "${clients[@]}"
check "five restarts lose no connection" test ! -s "$dir/lost"
[ ! -s "$dir/lost" ] || sed 's/^/# /' "$dir/lost" | sort | uniq -c
check "and served more than a hundred" served 100

# A namespace that goes while nobody looks.
netns_add red
ctl vpc add red --netns "$red" >/dev/null
gone=$(stat -L -c %i "/run/netns/$red")
check "a third namespace is kept" wait_for 10 keeps "net-$gone" "$fds"

# Killed, it could clean nothing and say nothing, and the sockets are there still.
touch "$dir/m/hold"
: >"$dir/m/ended"
kill -USR2 "$manager"
wait_for 20 has_ended 1
ip netns del "$red"
get "http://$address/" -o "$dir/crashed" &
late=$!
rm "$dir/m/hold"
wait "$late"
check "who connects after a crash is answered" test $? = 0
check "what was kept of a namespace that went is not" wait_for 10 keeps "net-$gone" 0
check "and is said" grep -q "a namespace is nobody's now.*inode=$gone" "$dir/log"

# What is not ours.
printf '%s\n' "pipe net-$inode" "tcp net-" "tcp stored" "tcp net-$inode" "in $green net-$inode" "pipe FDNAME=1" >"$dir/m/extra"
mark=$(wc -l <"$dir/log")
restart USR1
refused() { tail -n "+$mark" "$dir/log" | grep -c "refused: $1 name=$2 "; }
check "a pipe under our name is refused" test "$(refused 'it is no socket' "net-$inode")" = 1
check "sockets of other namespaces are" test "$(refused 'it is of another namespace' "net-$inode")" = 2
check "names that are none of ours are" test "$(refused 'its name is none of ours' '[^ ]*')" = 3
check "with all that it serves" wait_for 10 get "http://$address/" -o /dev/null
check "and has its own sockets kept as before" wait_for 10 keeps "net-$inode" "$fds"
check "and nothing else" test "$(sort -u "$dir/m/kept" | wc -l)" = 2

# The manager is told that all is well while the control thread answers.
alive() { grep -c WATCHDOG=1 "$dir/m/said"; }
tells_more() { [ "$(alive)" -gt "$1" ]; }
check "the manager is told that all is well" wait_for 10 tells_more "$(alive)"
plane=$(pgrep -P "$(cat "$dir/m/pid")" | head -n 1)
kill -STOP "$plane"
check "and not while the plane hangs" wait_for 20 grep -q "control thread does not answer" "$dir/log"
kill -CONT "$plane"
check "and again when it goes on" wait_for 20 tells_more "$(alive)"

# Another number of workers: what is missing is opened beside, what is too much goes.
echo 3 >"$dir/m/workers"
restart USR1
check "with more workers more is kept" wait_for 10 keeps "net-$inode" $((fds + 2))
check "and it serves" get "http://$address/" -o /dev/null
echo 1 >"$dir/m/workers"
restart USR1
check "with fewer less" wait_for 10 keeps "net-$inode" $((fds - 2))
check "and it serves, too" get "http://$address/" -o /dev/null
check "steering never began anew" sh -c "! grep -q 'steering begins anew' '$dir/log'"

ip netns del "$green"
check "a namespace that goes is kept no more" wait_for 10 keeps "net-$other" 0

stop_manager
check "it ended well at last" test "$(tail -n 1 "$dir/m/ended")" = 0
clean() { ! ip netns exec "$blue" nft list tables | grep -q lattice && ! ip -n "$blue" route show table all | grep -q 169.254.171; }
check "a stop leaves nothing in the namespace" clean
done_testing
