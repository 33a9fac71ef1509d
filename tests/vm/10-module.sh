#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The module by itself: steering, refusals, who may do what, and lifetimes. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
events=$out.events
patience=$((5 * ${LATTICE_SLOW:-1}))
# Set by netns_add.
green=''

steered_pair && netns_add green
serve "$blue" 3 169.254.171.7 80 169.254.171.7 8080 169.254.171.0 81 fd00:ec2:80::7 80
netns_spawn "$blue" $nl audit >"$events"
wait_for 10 grep -q ready "$events"
netns_spawn "$green" $nl audit >"$events.green"
listener=${netns_pids[-1]}
wait_for 10 grep -q ready "$events.green"
$nl audit all >"$events.all" &
netns_pids+=($!)
wait_for 10 grep -q ready "$events.all"
check "steers a local process" get "$blue" http://169.254.171.7/
check "steers a client behind the namespace" get "$behind" http://169.254.171.7:8080/
check "an address that ends in 0 is one like others" get "$blue" http://169.254.171.0:81/
seen() { grep -q "^from $1 to $2" "$out" || { cat "$out"; false; }; }
check "the original destination and the true client are seen" seen 10.0.0.2 "169.254.171.7 8080 remote"
check "steers IPv6 of a local process" get "$blue" 'http://[fd00:ec2:80::7]/'
check "steers IPv6 of a client behind the namespace" get "$behind" 'http://[fd00:ec2:80::7]/'
check "and its true client is seen" seen 2001:db8::2 "fd00:ec2:80::7 80 remote"
check "refuses another IPv6 port with a reset" refused "$blue" 'http://[fd00:ec2:80::7]:81/'
check "refuses another IPv6 address with a reset" refused "$behind" 'http://[fd00:ec2:80::8]/'
check "the local client's uid and cgroup are attested" grep -Eq '^from 10.0.0.1 to 169.254.171.7 80 local 0 [1-9]' "$out"
mkdir /sys/fs/cgroup/attested
group=$(stat -c %i /sys/fs/cgroup/attested)
# shellcheck disable=SC2016
bash -c 'echo $$ >/sys/fs/cgroup/attested/cgroup.procs; exec ip netns exec "$1" setpriv --reuid 4711 --clear-groups curl -s -o /dev/null "http://[fd00:ec2:80::7]/"' client "$blue"
check "an IPv6 client's too, in another cgroup, as another user" wait_for 5 grep -Eq "^from .* to fd00:ec2:80::7 80 local 4711 $group\$" "$out"

counted() { in_blue $nl services | grep -Eq "^$1 [1-9][0-9]* 0 0\$"; }
check "each service has its counter" counted 0
check "IPv6 as well" counted 3
started() { grep -Eq '^start 0 6 10.0.0.2 [0-9]+ 169.254.171.7 8080 service=1$' "$1"; }
check "the start of a connection is told" wait_for 5 started "$events"
# 59 bytes in one write; the answer has 60.
get "$blue" http://169.254.171.7:8080/ -A x -H Accept: >/dev/null
ended() { grep -Eq '^end 0 6 10.0.0.1 [0-9]+ 169.254.171.7 8080 service=1 took=1 in=59 out=60$' "$events" || { grep ^end "$events"; false; }; }
check "its end too, with the bytes of payload" wait_for 5 ended
refusal_told() { grep -Eq '^refused 3 6 2001:db8::2 [0-9]+ fd00:ec2:80::8 80$' "$1"; }
check "and a refusal" wait_for 5 refusal_told "$events"
check "the audit of all namespaces hears it" wait_for 5 refusal_told "$events.all"
check "with the namespace's number" grep -q "^net $(inum "$blue" | tr -dc 0-9)\$" "$events.all"

no_other() { ! grep -q '10\.0\.0\|2001:db8' "$events.green"; }
check "another namespace hears nothing of it" no_other
not_for_all() { ! "$@" $nl audit all >/dev/null 2>&1; }
check "who owns a user namespace may hear its own network namespace" timeout "$patience" unshare -U -r -n bash -c "read -r line < <(exec $nl audit); kill \$!; [ \$line = ready ]"
check "but not all of them" not_for_all timeout "$patience" unshare -U -r -n
check "nor may who is not privileged" not_for_all timeout "$patience" setpriv --reuid 65534 --clear-groups

check "refuses another port with a reset" refused "$blue" http://169.254.171.7:81/
check "refuses another address with a reset" refused "$blue" http://169.254.171.9/
check "the table can be read back" test "$(in_blue $nl dump | sort | tr '\n' ,)" = \
	'169.254.171.0 81 2,169.254.171.7 80 0,169.254.171.7 8080 1,fd00:ec2:80::7 80 3,generation 1,'
netns_spawn "$blue" busybox httpd -f -p 0.0.0.0:82 -h /
wait_for 5 get "$blue" http://127.0.0.1:82/README.md -o /dev/null
check "a wildcard listener never gets what is refused" refused "$blue" http://169.254.171.7:82/

again() {
	get "$blue" http://169.254.171.7/ --local-port 40000 >/dev/null && get "$blue" http://169.254.171.7/ --local-port 40000
}
check "the same four-tuple works again while in TIME_WAIT" again
in_blue sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.b0.rp_filter=1
check "strict reverse path filters do not mind" get "$behind" http://169.254.171.7/
many() { for _ in $(seq 60); do get "$blue" http://169.254.171.7/ || return 1; done; }
check "sixty connections spread over three sockets" many
in_blue bash -c 'echo x >/dev/udp/169.254.171.7/80'
prohibited() { [ "$(counter 4)" -ge 1 ]; }
check "what is not TCP is refused" wait_for 5 prohibited
check "refusals are counted" test "$(counter 3)" -ge 2
told() { dmesg | grep -F "lattice: $(inum "$blue") refused 10.0.0.1:" | grep -q '169.254.171.9:80 '; }
check "refusals are told in dmesg" wait_for 5 told

check "an unprivileged caller is refused" in_blue setpriv --reuid 65534 --clear-groups $nl expect 1
check "root of a user namespace may not touch the host's" unshare -U -r $nl expect 1
check "but may its own network namespace" unshare -U -r -n $nl expect 0

kill -9 "$server"
wait "$server" 2>/dev/null
check "when the owner dies everything is refused" wait_for 5 refused "$blue" http://169.254.171.7/
gone() { dmesg | grep -q 'handoff sockets gone with their owner'; }
check "and that is told" gone

kill "$listener" # it would keep the namespace
serve "$green" 1 169.254.171.7 80
id=$(inum "$green" | tr -dc 0-9)
stop_serving
ip netns del "$green"
unregistered() { dmesg | grep -q "net:\[$id\] unregistered"; }
check "a deleted namespace dies, registered as it is" wait_for 20 unregistered
done_testing
