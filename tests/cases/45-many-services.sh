#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# More services than the pool has IPv4 addresses: they share them, and the name that a client asks for decides.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
blue=''

code() { ip netns exec "$blue" curl -s -o /dev/null -m 10 -w '%{http_code}' "$@"; }
answers() { [ "$(code "${@:2}")" = "$1" ]; }
address() { ctl_json service show "$1" | jq -r ".addresses[$2]"; }
name_of() { ctl_json service show "$1" | jq -r .dnsEntry.domainName; }
all_addresses() { for s in one two three four five; do ctl_json service show $s | jq -c .addresses; done; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$blue" b0 10.0.0.1/24
export LATTICED_POOL=10.99.0.0/30 # two addresses besides the first and the last
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
n=200
for s in one two three four five; do
	ctl service create $s --custom-domain "$s.example.com" >/dev/null
	ctl listener create --service $s --protocol HTTP --port 80 --fixed-response $((n += 1)) >/dev/null
done
for s in one two three; do ctl association create --network shop --service $s >/dev/null; done
wait_for 5 state_is blue active

check "services get the addresses of another pool" test "$(address one 0) $(address two 0)" = "10.99.0.1 10.99.0.2"
check "and share them when there are no more" test "$(address three 0) $(address four 0)" = "10.99.0.1 10.99.0.2"
check "IPv6 addresses are not shared" test "$(all_addresses | jq -r '.[1]' | sort -u | wc -l)" = 5
check "a service alone at its address needs no name" wait_for 5 answers 202 http://10.99.0.2/
check "among several the host decides" wait_for 5 answers 203 -H "Host: $(name_of three)" http://10.99.0.1/
check "for each of them" answers 201 -H "Host: $(name_of one)" http://10.99.0.1/
check "whatever its case and port" answers 203 -H "Host: $(name_of three | tr a-z A-Z):80" http://10.99.0.1/
check "who names none of them gets 404" answers 404 http://10.99.0.1/
check "nor is a service reached that is in no network of ours" answers 404 -H "Host: $(name_of five)" http://10.99.0.1/
ctl association create --network shop --service five >/dev/null
check "a custom domain name is a name" wait_for 5 answers 205 -H 'Host: five.example.COM' http://10.99.0.1/
if [ -e /proc/net/if_inet6 ]; then
	check "with IPv6 no name is needed" answers 203 "http://[$(address three 1)]/"
else
	skip "with IPv6 no name is needed" "the kernel has no IPv6"
fi
# The kernel's table is changed by what differs: each of these must leave the rest as it is.
ctl listener create --service two --protocol HTTP --port 81 --fixed-response 212 second >/dev/null
check "another port is served" wait_for 5 answers 212 http://10.99.0.2:81/
check "beside the first" answers 202 http://10.99.0.2/
ctl listener delete second --service two >/dev/null
check "without its listener the port is refused again" wait_for 5 answers 000 http://10.99.0.2:81/
assoc() { ctl_json association list --network shop | jq -r ".items[] | select(.serviceName == \"$1\").id"; }
ctl association delete "$(assoc one)" >/dev/null
check "who is left alone at an address needs a name as long as there are two" answers 404 http://10.99.0.1/
check "who left is not found by name" wait_for 5 answers 404 -H "Host: $(name_of one)" http://10.99.0.1/
ctl association delete "$(assoc five)" >/dev/null
check "the last one at an address needs none" wait_for 5 answers 203 http://10.99.0.1/
ctl association delete "$(assoc three)" >/dev/null
check "without services the address is refused" wait_for 5 answers 000 http://10.99.0.1/
check "and others are served on" answers 202 http://10.99.0.2/
kill -9 "$(plane_pid)"
for s in one three; do wait_for 10 ctl association create --network shop --service $s >/dev/null; done
check "the next plane goes on from there" wait_for 10 answers 201 -H "Host: $(name_of one)" http://10.99.0.1/
check "other addresses of the pool are refused" answers 000 http://10.99.0.3/
check "the default pool is not ours then" answers 000 http://169.254.171.1/

before=$(all_addresses)
ctl service create gone >/dev/null && ctl service delete gone >/dev/null
daemon_stop
daemon_start
check "addresses outlive a restart" test "$(all_addresses)" = "$before"
check "and names decide again" wait_for 5 answers 203 -H "Host: $(name_of three)" http://10.99.0.1/
done_testing
