#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Names: what each VPC's clients are told by the name server on 169.254.169.253, with real dig, and who is
# asked for the rest: a resolver of the test's own, on a loopback address of the host.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup; rm -rf "/etc/netns/lt$$-blue" "/etc/netns/lt$$-red"' EXIT
# Set by netns_add.
blue='' red=''

resolver=127.53.$(($$ / 256 % 256)).$(($$ % 256))
echo "nameserver $resolver" >"$dir/resolv.conf"
export LATTICED_RESOLV_CONF=$dir/resolv.conf

server=169.254.169.253
ask() { ip netns exec "$1" dig +tries=1 +timeout=5 "@$server" "${@:2}"; }
short() { ask "$1" +short "${@:2}"; }
status() { ask "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'; }
says() { [ "$(short "$1" "${@:3}" | tr '\n' ' ')" = "$2 " ]; }
is_status() { [ "$(status "$1" "${@:3}")" = "$2" ]; }
has() { ask "$1" "${@:3}" | grep -Eq "$2"; }
asked() { grep -ic "$1" "$dir/asked"; }

netns_add blue && netns_add red || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$red" c0 10.0.0.2/24 # libc asks for IPv4 where there is some
python3 tests/lib/resolver.py "$resolver" "$dir/asked" &
netns_pids+=($!)
wait_for 5 test -e "$dir/asked"
daemon_start
check "vpc add --resolv-conf" ctl vpc add blue --netns "$blue" --resolv-conf
ctl vpc add red --netns "$red" >/dev/null
check "it writes the namespace's resolv.conf" grep -q "^nameserver $server" "/etc/netns/$blue/resolv.conf"
for n in blue red; do
	ctl network create "net-$n" >/dev/null
	ctl association create --network "net-$n" --vpc "$n" >/dev/null
done
ctl service create cart --custom-domain Cart.Example.com >/dev/null
ctl service create secret --custom-domain secret.example.com >/dev/null
ctl association create --network net-blue --service cart >/dev/null
ctl association create --network net-red --service secret >/dev/null
name=$(ctl_json service show cart | jq -r .dnsEntry.domainName)
secret=$(ctl_json service show secret | jq -r .dnsEntry.domainName)
v4=$(ctl_json service show cart | jq -r '.addresses[0]')
v6=$(ctl_json service show cart | jq -r '.addresses[1]')
zone=vpc-lattice-svcs.us-east-1.on.aws

check "a generated name has its IPv4 address" wait_for 5 says "$blue" "$v4" "$name"
check "and its IPv6 address" says "$blue" "$v6" "$name" AAAA
check "for a minute, with authority" has "$blue" "^$name\.[[:space:]]+60[[:space:]]+IN[[:space:]]+A[[:space:]]" "$name"
check "the flags are those of an authority" has "$blue" 'flags: qr aa rd ra;' "$name"
check "a custom name is an alias of it" says "$blue" "$name. $v4" cart.example.com
check "for IPv6 too" says "$blue" "$name. $v6" cart.example.com AAAA
check "and alone when it is asked for" says "$blue" "$name." cart.example.com CNAME
upper=$(tr '[:lower:]' '[:upper:]' <<<"$name")
check "the case of a question is kept" has "$blue" "^$upper\." "$upper"
check "a type that is not there has no answer, and an SOA" has "$blue" "^$zone\..*SOA.*ns\.$zone\. hostmaster" "$name" MX
check "which is no error" is_status "$blue" NOERROR "$name" MX
check "an alias leads to the same" has "$blue" "SOA.*ns\.$zone" cart.example.com HTTPS
check "a name that is not there does not exist" is_status "$blue" NXDOMAIN "nothing.$zone"
check "with an SOA" has "$blue" "^$zone\..*SOA" "nothing.$zone"
check "a name above others exists" is_status "$blue" NOERROR "7d67968.$zone"
check "the zone has an SOA" has "$blue" "^$zone\..*SOA" "$zone" SOA
check "another network's name does not exist" is_status "$blue" NXDOMAIN "$secret"
check "it does where it belongs" has "$red" "^$secret\." "$secret"
check "and there ours does not" is_status "$red" NXDOMAIN "$name"
check "none of these was asked of others" test "$(asked "$zone")" = 0
check "another network's custom name is a name like any other" is_status "$blue" NXDOMAIN secret.example.com
check "ANY is answered in little" says "$blue" "$v4" +notcp "$name" ANY
check "over TCP too" says "$blue" "$v4" +tcp "$name"
check "questions follow one another on a connection" test "$(short "$blue" +tcp +keepopen "$name" A "$name" AAAA | wc -l)" = 2
check "EDNS is answered with EDNS" has "$blue" 'EDNS: version: 0, flags:; udp: 1232' "$name"
check "and its absence without" bash -c "! ip netns exec $blue dig +noedns @$server $name | grep -q EDNS:"
check "an unknown version is told" is_status "$blue" BADVERS +edns=1 +noednsnegotiation "$name"
check "a transfer is refused" bash -c "ip netns exec $blue dig @$server $zone AXFR | grep -q 'Transfer failed'"
check "another class is refused" is_status "$blue" REFUSED version.bind TXT CH
check "another operation is not known" is_status "$blue" NOTIMP +opcode=update "$name"
if [ -e /proc/net/if_inet6 ]; then
	check "IPv6 has a name server too" test "$(ip netns exec "$blue" dig +short @fd00:ec2::253 "$name")" = "$v4"
	check "and over TCP" test "$(ip netns exec "$blue" dig +short +tcp @fd00:ec2::253 "$name")" = "$v4"
else
	skip "IPv6 has a name server too" "the kernel has no IPv6"
fi
check "libc finds it by /etc/netns" test "$(ip netns exec "$blue" getent ahostsv4 cart.example.com | head -n 1 | cut -d' ' -f1)" = "$v4"

first=$(short "$blue" one.a.test)
check "another name is asked for at the host's resolver" grep -q '^192\.0\.2\.' <<<"$first"
check "and remembered" says "$blue" "$first" one.a.test
check "for all VPCs" says "$red" "$first" ONE.a.test
check "with the case of who asks" has "$red" '^oNe\.A\.tEst\.' oNe.A.tEst
check "so that it was asked for once" test "$(asked one.a.test)" = 1
short "$blue" brief.a.test >/dev/null
older() { [ "$(ask "$blue" brief.a.test | awk '/^brief/ { print $2 }')" -lt 3 ]; }
check "what is remembered grows older" wait_for 5 older
again() { short "$blue" brief.a.test >/dev/null; [ "$(asked brief.a.test)" -ge 2 ]; }
check "and is asked for again" wait_for 10 again
check "that a name is not there is told" is_status "$blue" NXDOMAIN none.test
check "and remembered too" is_status "$blue" NXDOMAIN none.test
check "once" test "$(asked none.test)" = 1
check "a long answer is cut over UDP" has "$blue" 'flags: qr tc' +ignore x.big.test TXT
check "and whole over TCP" test "$(short "$blue" x.big.test TXT | wc -l)" = 12
check "which was asked for over TCP" grep -q 'tcp x.big.test' "$dir/asked"
check "a resolver that says nothing is asked again" says "$blue" 192.0.2.77 x.slow.test
check "an answer with a wrong id is none" says "$blue" 192.0.2.66 x.forged.test
for i in $(seq 20); do short "$blue" "port$i.a.test" >/dev/null; done
check "source ports differ" test "$(awk '/ port[0-9]+\.a/ { print $4 }' "$dir/asked" | sort -u | wc -l)" -ge 18
check "an AAAA of what has none is no error" is_status "$blue" NOERROR one.a.test AAAA

# Hostile packets: none may harm, most get no answer at all.
ip netns exec "$blue" python3 - "$server" <<'END'
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 53))
for i in range(3000):
    s.send(os.urandom(i % 700))
loop = b"\0\1\1\0\0\1\0\0\0\0\0\0" + b"\xc0\x0c\0\1\0\1"
s.send(loop)
for n in range(0, 60):
    s.send((b"\0\1\1\0\0\1\0\0\0\0\0\0\3abc\0\0\1\0\1" * 3)[:n])
t = [socket.create_connection((sys.argv[1], 53)) for _ in range(100)]
for i, c in enumerate(t[:40]):
    try:
        c.send(os.urandom(50 * i))
    except OSError:
        pass
END
check "after hostile packets it answers" wait_for 5 says "$blue" "$v4" "$name"
check "over TCP too" wait_for 15 says "$blue" "$v4" +tcp "$name"

ctl service create late --custom-domain late.example.com >/dev/null
check "a new service's name is not there yet" is_status "$blue" NXDOMAIN late.example.com
assoc=$(ctl_json association create --network net-blue --service late | jq -r .id)
late=$(ctl_json service show late | jq -r '.addresses[0]')
check "and at once when it joins" wait_for 1 has "$blue" "$late" late.example.com
ctl association delete "$assoc" >/dev/null
check "and at once no more when it leaves" wait_for 1 is_status "$blue" NXDOMAIN late.example.com

old=$(plane_pid)
kill -9 "$old"
check "a question waits for the next plane" says "$blue" "$v4" "$name"
check "which is a new one" test "$(plane_pid)" != "$old"

kill "${netns_pids[0]}"
echo "nameserver 127.0.0.1" >"$dir/resolv.conf.new"
echo "nameserver $resolver" >>"$dir/resolv.conf.new"
python3 tests/lib/resolver.py "$resolver" "$dir/asked2" &
netns_pids+=($!)
wait_for 5 test -e "$dir/asked2"
check "a question goes to the resolver that is there again" wait_for 10 grep -q 192 <(short "$blue" two.a.test)
check "a client behind no resolver is told so, and lives" kill -0 "$daemon_pid"

ctl association delete --network net-blue --vpc blue >/dev/null
check "without its association a VPC knows none" wait_for 1 is_status "$blue" NXDOMAIN "$name"
check "vpc remove" ctl vpc remove blue
gone() { ! ip netns exec "$blue" ip route show table local | grep -q "$server"; }
check "leaves no route" wait_for 5 gone
check "and no resolv.conf" test ! -e "/etc/netns/$blue/resolv.conf"
mkdir -p "/etc/netns/$red"
echo "nameserver 192.0.2.1" >"/etc/netns/$red/resolv.conf"
ctl vpc add other --path "/run/netns/$blue" >/dev/null
check "another's resolv.conf is not touched" bash -c "! build/latticectl vpc add x --netns $red --resolv-conf 2>/dev/null && grep -q 192.0.2.1 /etc/netns/$red/resolv.conf"
done_testing
