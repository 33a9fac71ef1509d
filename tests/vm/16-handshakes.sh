#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unusual beginnings: SYN cookies, fast open, TIME_WAIT, fragments, headers cut short. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
kernel() { in_blue nstat -asz "$1" | awk -v n="$1" '$1 == n { print $2 }'; }

steered_pair
serve "$blue" 3 169.254.171.7 80 fd00:ec2:80::7 80

# 2: a cookie for each SYN, as under a flood.
in_blue sysctl -qw net.ipv4.tcp_syncookies=2
check "a handshake by SYN cookie completes" get "$blue" http://169.254.171.7/
check "from behind the namespace too" get "$behind" http://169.254.171.7/
check "and over IPv6" get "$behind" 'http://[fd00:ec2:80::7]/'
check "it was cookies" test "$(kernel TcpExtSyncookiesRecv)" -ge 3
check "refusals stay refusals" refused "$behind" http://169.254.171.7:81/
in_blue sysctl -qw net.ipv4.tcp_syncookies=1
check "and without them all is as before" get "$behind" http://169.254.171.7/

for ns in "$blue" "$behind"; do ip netns exec "$ns" sysctl -qw net.ipv4.tcp_fastopen=3; done
check "a client that wants fast open is served" get "$behind" http://169.254.171.7/ --tcp-fastopen
check "twice" get "$behind" http://169.254.171.7/ --tcp-fastopen

again() { get "$1" "$2" --local-port "$3" >/dev/null && get "$1" "$2" --local-port "$3" >/dev/null; }
check "the same four-tuple works again while in TIME_WAIT" again "$behind" http://169.254.171.7/ 40000
check "in IPv6 as well" again "$behind" 'http://[fd00:ec2:80::7]/' 40001

# Odd packets from behind: none may start a connection, hang, or harm.
malformed=$(counter 5) steered=$(counter 0)
more() { [ "$(counter "$1")" -ge "$2" ]; }
ip netns exec "$behind" $nl raw short 10.0.0.2 169.254.171.7 80
check "a TCP header cut short is dropped and counted" wait_for 5 more 5 $((malformed + 1))
ip netns exec "$behind" $nl raw first-fragment 10.0.0.2 169.254.171.7 80
check "a SYN in fragments is dropped and counted" wait_for 5 more 5 $((malformed + 2))
ip netns exec "$behind" $nl raw later-fragment 10.0.0.2 169.254.171.7 80
check "none of that was steered" test "$(counter 0)" = "$steered"
ip netns exec "$behind" $nl raw whole 10.0.0.2 169.254.171.7 80
check "the same SYN in one piece is" wait_for 5 more 0 $((steered + 1))
ip netns exec "$behind" $nl raw behind-options 2001:db8::2 fd00:ec2:80::7 80
check "IPv6 options before the SYN hide nothing" wait_for 5 more 0 $((steered + 2))
check "the next client is served" get "$behind" http://169.254.171.7/

# Nobody can make the module's memory grow: no state is kept for what is refused.
flood() { for _ in $(seq 200); do ip netns exec "$behind" $nl raw whole 10.0.0.2 169.254.171.8 80; done; }
flood
check "a flood of refused SYNs is counted" more 3 200
check "and the next client is served" get "$behind" http://169.254.171.7/
done_testing
