#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HTTP/2 as RFC 9113 and HPACK as RFC 7541 have it, a case for each line of tests/vectors/h2: what clients may send, in
# cleartext and over TLS, and what targets may answer.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (targets: HTTP/1 on :8001, HTTP/2 on :8002)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/plane.sh
. tests/lib/pki.sh
trap 'daemon_cleanup; netns_cleanup; pki_cleanup' EXIT
# Set by netns_add.
blue='' green=''

# cases HOW COMMAND…: run it in blue; each of its lines is a test.
cases() {
	local how=$1 verdict name wrong count=0
	shift
	while IFS=$'\t' read -r verdict name wrong; do
		count=$((count + 1))
		if [ "$verdict" = ok ]; then ok "$how: $name"; else not_ok "$how: $name" "$wrong"; fi
	done < <(ip netns exec "$blue" python3 "$@" 2>&1)
	check "$how: every case was run" test "$count" = "$(grep -c $'\t' "${@:$#}")"
}

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
netns_spawn "$green" python3 tests/http2/recorder.py 10.0.0.1 8001 "$dir/seen" >"$dir/one"
netns_spawn "$green" python3 tests/http2/target.py 10.0.0.1 8002 tests/vectors/h2/targets "$dir/asked" >"$dir/two"
for s in one two; do wait_for 10 grep -q ready "$dir/$s"; done
pki_ca
pki_cert one a.test
chmod 755 "$pki"
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create net >/dev/null
ctl association create --network net --vpc blue >/dev/null
ctl certificate import --certificate "$pki/one.pem" --private-key "$pki/one.key" >/dev/null
# make SERVICE VERSION PORT CREATE-OPTIONS…: a service with one target that speaks the version.
make() {
	ctl service create "$1" "${@:4}" >/dev/null
	ctl target-group create "$1" --vpc green --port "$3" --protocol-version "$2" >/dev/null
	ctl target-group update "$1" --health-check off >/dev/null
	ctl target register "$1" 10.0.0.1 >/dev/null
	ctl listener create --service "$1" --protocol HTTP --forward "$1" >/dev/null
	ctl association create --network net --service "$1" >/dev/null
	declare -g "$1=$(ctl_json service show "$1" | jq -r '.addresses[0]')"
	wait_for 10 ip netns exec "$blue" curl -sf -m 5 -o /dev/null "http://${!1}/"
}
# Set by make.
one='' two=''
make one HTTP1 8001 --custom-domain a.test --certificate a.test
make two HTTP2 8002
ctl listener create --service one --protocol HTTPS --forward one >/dev/null

cases cleartext tests/http2/clients.py "$one" a.test "" tests/vectors/h2/clients
cases TLS tests/http2/clients.py "$one" a.test "$pki/ca.pem" tests/vectors/h2/clients
check "the target saw requests" grep -q '^POST / 4 -$' "$dir/seen"
check "and none that is malformed" bash -c "! grep -m 5 -e ' /bad' -e 'x-bad' $dir/seen"

# Windows that are shut for ever: a stream holds 64 K each way and what belongs to it, and others are served meanwhile.
plane_note
mkfifo "$dir/hold"
ip netns exec "$blue" python3 tests/http2/hold.py "$one" 4 <"$dir/hold" >"$dir/held" 2>&1 &
netns_pids+=($!)
exec 8>"$dir/hold"
wait_for 20 grep -q ready "$dir/held"
check "four hundred downloads into shut windows begin" grep -q ready "$dir/held"
check "and hold 192 K each at most" plane_is_back 900 $((400 * 192))
check "others are served meanwhile" ip netns exec "$blue" curl -sf -m 5 -o /dev/null "http://$one/"
exec 8>&-
# As in 57-hostile-clients.sh. What the heap keeps goes back when a worker is quiet, two seconds later.
plane_lets_go "shut windows: and the plane lets go of it all" 160 8192

cases "targets, HTTP/1" tests/http2/targets.py 1 "$two" "$dir/asked" tests/vectors/h2/targets
plane_note
cases "targets, HTTP/2" tests/http2/targets.py 2 "$two" "$dir/asked" tests/vectors/h2/targets
# Fds: connections that are kept for the next request.
plane_lets_go "targets: and the plane lets go of it all" 40 8192
daemon_stop
done_testing
