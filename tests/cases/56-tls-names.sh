#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Services that share an address over TLS: the name in the hello decides, and a request that names another host on that
# connection is misdirected, so that nobody reaches one service by another's policies.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

in_blue() { ip netns exec "$blue" "$@"; }
# code NAME CURL-OPTIONS…: the status that a request over TLS to that name gets.
code() { in_blue curl -s -o /dev/null -m 10 -w '%{http_code}' --cacert "$dir/ca.pem" --resolve "$1:443:$address" "https://$1/" "${@:2}"; }
answers() { [ "$(code "${@:2}")" = "$1" ]; }
# alpn PROTOCOLS OPENSSL-OPTIONS…: what is agreed on.
alpn() {
	in_blue timeout 10 openssl s_client -connect "$address:443" -servername "$open" -alpn "$@" </dev/null 2>&1 |
		sed -n 's/^ALPN protocol: //p; s/^No ALPN negotiated/none/p'
}
alert() { in_blue timeout 10 openssl s_client -connect "$address:443" "${@:2}" </dev/null 2>&1 | grep -q "$1"; }
name_of() { ctl_json service show "$1" | jq -r .dnsEntry.domainName; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
export LATTICED_POOL=10.99.0.0/30 # two addresses: the third service shares the first one's
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
for s in open other closed; do
	ctl service create $s --custom-domain "$s.example.com" >/dev/null
	ctl listener create --service $s --protocol HTTPS --fixed-response 204 >/dev/null
	ctl association create --network shop --service $s >/dev/null
done
ctl service update closed --auth-type AWS_IAM >/dev/null
ctl certificate ca >"$dir/ca.pem"
open=$(name_of open) closed=$(name_of closed)
address=$(ctl_json service show open | jq -r '.addresses[0]')
check "two services share an address" test "$(ctl_json service show closed | jq -r '.addresses[0]')" = "$address"

check "the hello's name decides" wait_for 5 answers 204 "$open"
check "for each of them" answers 403 "$closed"
for version in 1.1 2; do
	check "HTTP/$version: the host of another service is misdirected" answers 421 "$open" --http$version -H "Host: $closed"
	check "HTTP/$version: by its custom name too" answers 421 "$open" --http$version -H 'Host: closed.example.com'
	check "HTTP/$version: any other name" answers 421 "$open" --http$version -H 'Host: nobody.example.com'
	check "HTTP/$version: an address" answers 421 "$open" --http$version -H "Host: $address"
	check "HTTP/$version: another name of the same service is not" answers 204 "$open" --http$version -H 'Host: Open.Example.com:443'
done
# Two requests on one connection: the first is served, the second misdirected, and the third served again.
seen=$(in_blue curl -s -m 10 --http1.1 --cacert "$dir/ca.pem" --resolve "$open:443:$address" -w '%{http_code}/%{num_connects} ' -o /dev/null \
	"https://$open/" --next -s --http1.1 --cacert "$dir/ca.pem" -w '%{http_code}/%{num_connects} ' -o /dev/null -H "Host: $closed" \
	"https://$open/" --next -s --http1.1 --cacert "$dir/ca.pem" -w '%{http_code}/%{num_connects} ' -o /dev/null "https://$open/")
check "a connection outlives a misdirected request" test "$seen" = '204/1 421/0 204/0 '
target_form() {
	printf 'GET https://%s/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$closed" "$closed" |
		in_blue timeout 10 openssl s_client -quiet -connect "$address:443" -servername "$open" -ign_eof 2>/dev/null | head -n 1
}
check "nor does the absolute form lead elsewhere" test "$(target_form | cut -d ' ' -f 2)" = 421
check "without a name nobody is meant at a shared address" alert 'unrecognized name' -noservername
check "nor with that of nobody" alert 'unrecognized name' -servername nobody.example.com

for v in 2 3; do
	check "TLS 1.$v: of both protocols HTTP/2 is chosen" test "$(alpn h2,http/1.1 -tls1_$v)" = h2
	check "TLS 1.$v: whatever the client's order" test "$(alpn http/1.1,h2 -tls1_$v)" = h2
	check "TLS 1.$v: HTTP/1.1 when that is all" test "$(alpn http/1.1 -tls1_$v)" = http/1.1
	check "TLS 1.$v: one among strangers" test "$(alpn h3,http/1.1 -tls1_$v)" = http/1.1
	check "TLS 1.$v: curl agrees on HTTP/2" test "$(in_blue curl -s -m 10 --tls-max 1.$v --tlsv1.$v --cacert "$dir/ca.pem" --resolve "$open:443:$address" \
		-o /dev/null -w '%{http_version}' "https://$open/")" = 2
	check "TLS 1.$v: a client without ALPN speaks HTTP/1.1" test "$(in_blue curl -s -m 10 --tls-max 1.$v --tlsv1.$v --no-alpn --cacert "$dir/ca.pem" \
		--resolve "$open:443:$address" -o /dev/null -w '%{http_code} %{http_version}' "https://$open/")" = '204 1.1'
done
# A ticket of the one service, shown to the other at the same address, is worth nothing.
shake() {
	printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" |
		in_blue timeout 10 openssl s_client -connect "$address:443" -servername "$1" -ign_eof "${@:2}" 2>&1
}
for v in 2 3; do
	shake "$open" -tls1_$v -sess_out "$dir/session" >/dev/null
	check "TLS 1.$v: a ticket resumes" grep -q '^Reused, TLSv1' <<<"$(shake "$open" -tls1_$v -sess_in "$dir/session")"
	check "TLS 1.$v: not at the other service of the address" grep -q '^New, TLSv1' <<<"$(shake "$closed" -tls1_$v -sess_in "$dir/session")"
done
daemon_stop
done_testing
