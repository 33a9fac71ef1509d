#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rules from the API to a client: which request meets which rule, and that no request fails while
# rules change.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT

blue='' green=''
netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$green" g0 10.0.0.1/24
for n in 1 2; do
	mkdir -p "$dir/www$n/v2/deep" "$dir/www$n/Exact"
	for f in index.html v2/index.html v2/deep/index.html Exact/index.html; do echo "version $n" >"$dir/www$n/$f"; done
	netns_spawn "$green" busybox httpd -f -p 10.0.0.1:800$n -h "$dir/www$n"
done

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
for n in 1 2; do
	ctl target-group create cart-v$n --vpc green --port 800$n >/dev/null
	ctl target-group update cart-v$n --health-check off >/dev/null
	ctl target register cart-v$n 10.0.0.1 >/dev/null
done
ctl listener create --service cart --protocol HTTP --forward cart-v1 >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
of=(--service cart --listener http-80)

# answer PATH [CURL ARGUMENT…]: what the client is answered: the body, or the status when that is not 200.
answer() {
	local got
	got=$(ip netns exec "$blue" curl -sm 5 -o "$dir/body" -w '%{http_code}' "${@:2}" "http://$address$1")
	[ "$got" != 200 ] || got=$(cat "$dir/body")
	echo "$got"
}
# answered NAME WANTED PATH [CURL ARGUMENT…]
is_answered() { [ "$(answer "${@:2}")" = "$1" ]; }
answered() {
	if wait_for 3 is_answered "${@:2}"; then ok "$1"; else not_ok "$1" "answered $(answer "${@:3}")"; fi
}
default_served() { [ "$(ip netns exec "$blue" curl -sm 5 "http://$address/")" = "version 1" ]; }

wait_for 10 default_served
answered "without rules the default action serves" "version 1" /v2/
ctl rule create "${of[@]}" --priority 50 --path-prefix /v2 --forward cart-v2 version2 >/dev/null
answered "a prefix takes its paths" "version 2" /v2/deep/
answered "in any case of letters" 404 /V2/missing
answered "and leaves others" "version 1" /
ctl rule create "${of[@]}" --priority 40 --path /Exact/ --case-sensitive --forward cart-v2 exact >/dev/null
answered "an exact path takes itself" "version 2" /Exact/
answered "and nothing longer" "version 1" /Exact/index.html
ctl rule create "${of[@]}" --priority 30 --header x-version=2 --forward cart-v2 by-header >/dev/null
answered "a header decides" "version 2" / -H 'X-Version: 2'
answered "by its value" "version 1" / -H 'X-Version: 3'
ctl rule create "${of[@]}" --priority 20 --header 'user-agent*=Old' --fixed-response 404 no-old >/dev/null
answered "part of a header decides" 404 / -A 'An old browser'
answered "the lower priority comes first" 404 /v2/ -A 'old'
ctl rule create "${of[@]}" --priority 10 --method POST --path-prefix / --fixed-response 500 no-post >/dev/null
answered "a method decides" 500 / -d x
answered "for itself only" "version 2" /v2/
ctl rule update "${of[@]}" version2 --priority 5 >/dev/null
answered "a new order is in force" "version 2" /v2/ -A 'old'
ctl rule update "${of[@]}" version2 --path-prefix /other >/dev/null
answered "a new match, too" "version 1" /v2/
ctl rule update "${of[@]}" by-header --fixed-response 404 >/dev/null
answered "and a new action" 404 / -H 'X-Version: 2'

# A client that keeps calling sees one version or the other while the rules change, and nothing else.
ip netns exec "$blue" bash -c "while :; do curl -sm 5 -w '%{http_code}\n' -o /dev/null http://$address/v2/; done" >"$dir/seen" &
caller=$!
for i in 1 2 3 4 5 6 7 8; do
	ctl rule create "${of[@]}" --priority $((60 + i)) --path-prefix /v2 --forward cart-v$((1 + i % 2)) turn-$i >/dev/null
	ctl rule delete "${of[@]}" turn-$i >/dev/null
done
wait_for 10 bash -c "[ \$(wc -l <$dir/seen) -gt 30 ]"
kill $caller
wait $caller 2>/dev/null
check "no request fails while rules come and go" bash -c "! grep -qv '^200$' $dir/seen"
ctl listener delete --service cart http-80 >/dev/null
check "rules go with their listener" bash -c "build/latticectl target-group delete cart-v2"
done_testing
