#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HTTP/2 as RFC 9113 and HPACK as RFC 7541 have it, a case for each line of tests/vectors/h2: what clients may send, in
# cleartext and over TLS, and what targets may answer.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (an HTTP/1 target on :8001)
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
netns_spawn "$green" python3 tests/http2/recorder.py 10.0.0.1 8001 "$dir/seen" >"$dir/recorder"
wait_for 10 grep -q ready "$dir/recorder"
pki_ca
pki_cert one a.test
chmod 755 "$pki"
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create net >/dev/null
ctl association create --network net --vpc blue >/dev/null
ctl certificate import --certificate "$pki/one.pem" --private-key "$pki/one.key" >/dev/null
ctl service create one --custom-domain a.test --certificate a.test >/dev/null
ctl target-group create one --vpc green --port 8001 >/dev/null
ctl target-group update one --health-check off >/dev/null
ctl target register one 10.0.0.1 >/dev/null
ctl listener create --service one --protocol HTTP --forward one >/dev/null
ctl listener create --service one --protocol HTTPS --forward one >/dev/null
ctl association create --network net --service one >/dev/null
one=$(ctl_json service show one | jq -r '.addresses[0]')
wait_for 10 ip netns exec "$blue" curl -sf -m 5 -o /dev/null "http://$one/"

cases cleartext tests/http2/clients.py "$one" a.test "" tests/vectors/h2/clients
cases TLS tests/http2/clients.py "$one" a.test "$pki/ca.pem" tests/vectors/h2/clients
check "the target saw requests" grep -q '^POST / 4 -$' "$dir/seen"
check "and none that is malformed" bash -c "! grep -m 5 -e ' /bad' -e 'x-bad' $dir/seen"
daemon_stop
done_testing
