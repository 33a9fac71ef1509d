#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end: two VPCs with overlapping addresses, a service with two targets, real curl.
#
#     behind 10.0.0.2 --- 10.0.0.1 blue            green 10.0.0.1 (targets on :8001, :8002)
#              (routes through blue)    \          /
#                                        latticed
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
code() { ip netns exec "$1" curl -s -o /dev/null -m 10 -w '%{http_code}' "$2"; }
refused() { get "$1" "$2" 2>&1 | grep -q 'Failed to connect'; }
# Refused within a second, not timed out. Curl's own clock: on a busy machine its start alone takes longer.
refused_at_once() {
	local said
	said=$(ip netns exec "$1" curl -s -o /dev/null -m 10 -w '%{exitcode} %{time_total}' "$2")
	awk -v slow="${LATTICE_SLOW:-1}" '{ exit !($1 == 7 && $2 < slow) }' <<<"$said"
}

netns_add blue && netns_add green && netns_add behind || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$behind" c0 10.0.0.2/24
ip -n "$behind" route add default via 10.0.0.1
if [ -e /proc/net/if_inet6 ]; then
	ip -n "$blue" addr add 2001:db8::1/64 dev b0 nodad
	ip -n "$behind" addr add 2001:db8::2/64 dev c0 nodad
	ip -n "$behind" -6 route add default via 2001:db8::1
fi
netns_dev "$green" g0 10.0.0.1/24
for n in 1 2; do
	mkdir "$dir/www$n"
	echo "target $n" >"$dir/www$n/index.html"
	head -c 3000000 /dev/urandom >"$dir/www$n/big"
	truncate -s 50M "$dir/www$n/huge" # more than all buffers on the way hold
	netns_spawn "$green" busybox httpd -f -p 10.0.0.1:800$n -h "$dir/www$n"
done
cmp -s "$dir/www1/big" "$dir/www2/big" || cp "$dir/www1/big" "$dir/www2/big"

daemon_start
check "the daemon starts" ctl status
check "a namespace becomes a VPC" ctl vpc add blue --netns "$blue"
check "another with the same addresses too" ctl vpc add green --netns "$green"
check "a VPC becomes active" wait_for 5 state_is blue active
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl target-group create cart-v1 --vpc green --port 8001 >/dev/null
check "targets are registered" ctl target register cart-v1 10.0.0.1:8001 10.0.0.1:8002
check "a listener forwards" ctl listener create --service cart --protocol HTTP --port 80 --forward cart-v1
check "a service joins the network" ctl association create --network shop --service cart
address=$(ctl_json service show cart | jq -r '.addresses[0]')
check "the service has an address of the pool" grep -q '^169\.254\.171\.' <<<"$address"

build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader
check "an unmodified client is served" wait_for 5 get "$blue" "http://$address/"
healthy() { [ "$(ctl_json target list cart-v1 | grep -o '"HEALTHY"' | wc -l)" = "$1" ]; }
check "targets pass their health checks" wait_for 5 healthy 2
seen=$(for _ in 1 2 3 4 5 6; do get "$blue" "http://$address/"; done | sort | uniq -c | tr -s ' ' | tr '\n' ,)
check "targets take turns" test "$seen" = ' 3 target 1, 3 target 2,'
check "a client behind the VPC is served" grep -q target <<<"$(get "$behind" "http://$address/")"
if [ -e /proc/net/if_inet6 ]; then
	address6=$(ctl_json service show cart | jq -r '.addresses[1]')
	check "IPv6 is served alike" grep -q target <<<"$(get "$blue" "http://[$address6]/")"
	check "IPv6 from behind the VPC too" grep -q target <<<"$(get "$behind" "http://[$address6]/")"
	check "another IPv6 port is refused at once" refused_at_once "$blue" "http://[$address6]:81/"
	check "IPv6 is refused at once where it is not associated" refused_at_once "$green" "http://[$address6]/"
	from_behind6() { jq -r .sourceIpPort "$dir/access" | grep -q '^\[2001:db8::2\]:'; }
	check "an IPv6 client is logged with its own address" wait_for 5 from_behind6
else
	skip "IPv6 is served alike" "the kernel has no IPv6"
fi
check "a large body arrives whole" cmp "$dir/www1/big" <(get "$blue" "http://$address/big")
check "a missing page is the target's 404" test "$(code "$blue" "http://$address/none")" = 404
check "a VPC that is not associated is refused at once" refused_at_once "$green" "http://$address/"
check "another port is refused at once" refused_at_once "$blue" "http://$address:81/"
check "another address of the pool is refused at once" refused_at_once "$blue" "http://169.254.171.250/"

netns_spawn "$blue" busybox httpd -f -p 0.0.0.0:81 -h "$dir/www1"
wait_for 5 get "$blue" http://127.0.0.1:81/
check "a wildcard listener of the namespace never gets Lattice traffic" refused "$blue" "http://$address:81/"

logged() { grep -q "\"requestPath\":\"/none\".*\"responseCode\":404" "$dir/access"; }
check "each request is one line of the access log" wait_for 5 logged
check "the log is JSON with the client as it is" test "$(jq -r 'select(.requestPath == "/none") |
	.sourceIpPort | split(":")[0]' "$dir/access")" = 10.0.0.1
from_behind() { jq -r .sourceIpPort "$dir/access" | grep -q '^10\.0\.0\.2:'; }
check "a client behind is logged with its own address" wait_for 5 from_behind

ip netns exec "$blue" curl -s -m 10 -o /dev/null "http://$address/" -H 'X-Amzn-Lattice-Network: forged'
old=$(plane_pid)
kill -9 "$old"
check "a connection waits for the next plane and is served" grep -q target <<<"$(get "$blue" "http://$address/")"
check "the plane is a new one" test "$(plane_pid)" != "$old"

daemon_stop
check "without the daemon nothing hangs" refused_at_once "$blue" "http://$address/"
daemon_start
check "the daemon starts again" ctl status
check "the service keeps its address" test "$(ctl_json service show cart | jq -r '.addresses[0]')" = "$address"
check "and serves" wait_for 5 get "$blue" "http://$address/"

ctl vpc add late --netns "lt$$-late" >/dev/null
check "a VPC whose namespace is not there is missing" wait_for 5 state_is late missing
netns_add late
check "and becomes active when it appears" wait_for 5 state_is late active
ip netns del "lt$$-late"
check "a deleted namespace is noticed" wait_for 5 state_is late missing
check "others are served on" grep -q target <<<"$(get "$blue" "http://$address/")"

check "a VPC in use is not removed" bash -c '! build/latticectl vpc remove blue 2>/dev/null'
assoc=$(ctl_json association list --network shop | jq -r '.items[] | select(.id | startswith("snva")).id')
ctl association delete "$assoc" >/dev/null
check "without its association a VPC is refused" wait_for 5 refused_at_once "$blue" "http://$address/"

ctl association create --network shop --vpc blue >/dev/null
check "with a new association it is served again" wait_for 5 get "$blue" "http://$address/"
ip netns exec "$blue" curl -s -m 60 --limit-rate 100k -o /dev/null "http://$address/huge" &
slow=$!
in_flight() { ip netns exec "$blue" ss -Htn state established dst "$address" | grep -q .; }
wait_for 5 in_flight
ip netns del "$blue"
check "a namespace deleted while associated and busy is noticed" wait_for 5 state_is blue missing
in_blue() { nsenter -t "$slow" -n "$@"; } # the client is in it yet, and would read what it has for long
cut_off() { ! in_blue ss -Htn state established dst "$address" | grep -q .; }
check "the client that was busy there is cut, not left hanging" wait_for 5 cut_off
kill "$slow" 2>/dev/null
wait "$slow"
is_free() { ! build/latticectl vpc show blue | grep -q active && kill -0 "$daemon_pid"; }
check "and the daemon goes on" is_free
done_testing
