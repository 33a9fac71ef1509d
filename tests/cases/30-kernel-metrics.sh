#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the kernel did with connections, counted there and shown in the metrics: by the module all of it, by
# nf_tables what it can tell apart, and nothing as a 0 that nobody counted.
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
blue='' green=''

scrape() { curl -sS -m 10 --unix-socket "$dir/run/api.sock" http://localhost/metrics; }
# count VPC VERDICT: what is shown; nothing, when there is no such sample.
count() { scrape | sed -n "s/^lattice_vpc_kernel_verdicts_total{vpc_id=\"[^\"]*\",vpc=\"$1\",verdict=\"$2\"} //p"; }
count_is() { [ "$(count "$1" "$2")" = "$3" ]; }
connect() { ip netns exec "$blue" timeout 5 bash -c "</dev/$1/$2/$3" 2>/dev/null; }
datagram() { ip netns exec "$blue" timeout 5 bash -c "echo x >/dev/udp/$1/80" 2>/dev/null; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$green" g0 10.0.0.2/24
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
for v in blue green; do ctl vpc add $v --netns "${!v}" >/dev/null; done
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
is_served() { connect tcp "$cart" 80; }
wait_for 5 is_served
check "a verdict is known of each VPC" wait_for 10 count_is green steered 0
is_known() { [ -n "$(count blue steered)" ] && [ "$(count blue steered)" -ge 1 ]; }
wait_for 10 is_known
steered=$(count blue steered)
none=$(count blue no_service)
for _ in 1 2 3; do is_served; done
for _ in 1 2; do connect tcp "$cart" 81; done
datagram "$cart"
check "what is handed over is counted" wait_for 10 count_is blue steered $((steered + 3))
check "what no service is behind" wait_for 10 count_is blue no_service $((none + 2))
check "what is another protocol" wait_for 10 count_is blue not_tcp 1
check "each VPC has counters of its own" count_is green steered 0
ctl security-group create nobody --vpc blue --allow 192.0.2.1/32:80 >/dev/null
ctl association update "$(ctl_json association list --network shop | jq -r '.items[0].id')" --security-group nobody >/dev/null
is_refused() { ! connect tcp "$cart" 80; }
wait_for 5 is_refused
filtered() { n=$(count blue filtered) && [ "${n:-0}" -ge 1 ]; }
check "whom no rule admits is counted" wait_for 10 filtered

if [ "$steer" = kmod ]; then
	check "malformed packets have a count" count_is blue malformed 0
	check "connections without a socket too" count_is blue no_socket 0
	check "no audit event is lost" bash -c "[ \"$(scrape | grep -c '^lattice_vpc_kernel_audit_events_lost_total{.*} 0$')\" = 2 ]"
else
	check "what nf_tables does not count is not shown" test -z "$(count blue malformed)$(count blue no_socket)$(scrape | grep '^lattice_vpc_kernel_audit_events_lost_total')"
fi

steered=$(count blue steered)
old=$(plane_pid)
kill -KILL "$old"
is_new() { [ "$(plane_pid)" != "$old" ] && ctl status; }
wait_for 10 is_new
check "the next plane shows the same" wait_for 10 count_is blue steered "$steered"
ip netns del "$green"
is_gone() { [ -z "$(count green steered)" ] && [ -n "$(count blue steered)" ]; }
check "a namespace that is gone has none" wait_for 10 is_gone
done_testing
