#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ends in peace: a plane that is replaced, and a daemon that is told to stop, finish what runs (HTTP/1, HTTP/2, over TLS
# and passed through); while planes are replaced under load no request is lost, and none is when the daemon itself is started
# again behind sockets that wait.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (targets: :8001 HTTP, :8441 TLS)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/pki.sh
trap 'daemon_cleanup; netns_cleanup; pki_cleanup' EXIT
# Set by netns_add.
blue='' green=''

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
pki_ca
pki_cert target passed.example
mkdir "$dir/www"
echo target >"$dir/www/index.html"
head -c 8000000 /dev/urandom >"$dir/www/big"
head -c 300000 /dev/urandom >"$dir/www/some"
netns_spawn "$green" busybox httpd -f -p 10.0.0.1:8001 -h "$dir/www"
(cd "$dir/www" && exec ip netns exec "$green" openssl s_server -quiet -WWW -accept 10.0.0.1:8441 -cert "$pki/target.pem" \
	-key "$pki/target.key" >/dev/null 2>&1) &
netns_pids+=($!)

daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create plain >/dev/null
ctl service create passed --custom-domain passed.example >/dev/null
ctl target-group create web --vpc green --port 8001 >/dev/null
ctl target-group update web --health-check off >/dev/null
ctl target register web 10.0.0.1:8001 >/dev/null
ctl target-group create tls --vpc green --protocol TCP --port 8441 >/dev/null
ctl target register tls 10.0.0.1:8441 >/dev/null
ctl listener create --service plain --protocol HTTP --forward web >/dev/null
ctl listener create --service plain --protocol HTTPS --forward web >/dev/null
ctl listener create --service passed --protocol TLS_PASSTHROUGH --forward tls >/dev/null
for s in plain passed; do ctl association create --network shop --service $s >/dev/null; done
ctl certificate ca >"$dir/ca.pem"
name=$(ctl_json service show plain | jq -r .dnsEntry.domainName)
plain=$(ctl_json service show plain | jq -r '.addresses[0]')
passed=$(ctl_json service show passed | jq -r '.addresses[0]')

# fetch KIND CURL-OPTIONS…: the large body in one of the ways.
fetch() {
	case $1 in
	http1) set -- --http1.1 "http://$plain/big" "${@:2}" ;;
	http2) set -- --http2-prior-knowledge "http://$plain/big" "${@:2}" ;;
	tls1) set -- --http1.1 --cacert "$dir/ca.pem" --resolve "$name:443:$plain" "https://$name/big" "${@:2}" ;;
	tls2) set -- --http2 --cacert "$dir/ca.pem" --resolve "$name:443:$plain" "https://$name/big" "${@:2}" ;;
	passed) set -- --http1.0 --cacert "$pki/ca.pem" --resolve "passed.example:443:$passed" https://passed.example/big "${@:2}" ;;
	esac
	ip netns exec "$blue" curl -sS -f -m 30 "$@"
}
kinds=(http1 http2 tls1 tls2 passed)
for k in "${kinds[@]}"; do
	wait_for 10 fetch "$k" -o /dev/null
	check "$k is served" cmp "$dir/www/big" <(fetch "$k")
done

declare -A fetching
# begin: fetch in all ways, slowly; all have begun.
begin() {
	local k
	rm -f "$dir"/got-*
	for k in "${kinds[@]}"; do
		fetch "$k" --limit-rate 3M -o "$dir/got-$k" &
		fetching[$k]=$!
	done
	for k in "${kinds[@]}"; do wait_for 10 test -s "$dir/got-$k"; done
}
# finish WHAT: all are whole.
finish() {
	local k
	for k in "${kinds[@]}"; do
		wait "${fetching[$k]}"
		check "$1: $k ends well" test $? = 0
		check "$1: $k is whole" cmp "$dir/www/big" "$dir/got-$k"
	done
}
small() { ip netns exec "$blue" curl -sS -f -m 20 "$@" >/dev/null; }

begin
old=$(plane_pid)
kill "$old"
is_replaced() { [ "$(plane_pid)" != "$old" ] && small "http://$plain/"; }
check "the next plane serves while the old one finishes" wait_for 10 is_replaced
finish "a plane that ends"

# Planes replaced under load, by SIGTERM: connections wait in the backlog, kept ones are told to close, none is cut.
: >"$dir/lost"
rm -f "$dir/stop"
clients=()
for k in 1 2 3 4; do
	(
		n=0
		until [ -e "$dir/stop" ]; do
			small "http://$plain/" "http://$plain/" "http://$plain/" 2>>"$dir/lost" && n=$((n + 3))
		done
		echo "$n" >"$dir/served-$k"
	) &
	clients+=($!)
done
for _ in 1 2 3 4 5; do
	old=$(plane_pid)
	kill "$old"
	wait_for 10 is_replaced
done
touch "$dir/stop"
wait "${clients[@]}"
check "five planes in turn lose no request" test ! -s "$dir/lost"
[ ! -s "$dir/lost" ] || sed 's/^/# /' "$dir/lost" | sort | uniq -c
check "and served some" test "$(cat "$dir"/served-* | awk '{ n += $1 } END { print n }')" -gt 20

begin
kill "$daemon_pid"
finish "a daemon that ends"
wait "$daemon_pid"
check "the daemon ended well" test $? = 0
daemon_pid=
daemon_start
check "the daemon serves again" wait_for 10 small "http://$plain/"

# All is written before the client reads: what the kernel has of it arrives, though nobody is there any more.
ip netns exec "$blue" python3 tests/lib/slow_reader.py "$plain" /some "$dir/begun" 1.5 >"$dir/read" 2>&1 &
reader=$!
wait_for 10 test -e "$dir/begun"
kill "$daemon_pid"
refused() { ! small "http://$plain/" && kill -0 "$reader"; }
check "meanwhile others are refused" wait_for 5 refused
wait "$reader"
is "who reads slowly has all of it though the daemon ends" 300000 cat "$dir/read"
wait "$daemon_pid"
check "which ends well" test $? = 0
daemon_pid=
done_testing
