#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Access log subscriptions: files, their rotation, a full disk, and full load without a line lost.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
cleanup() {
	daemon_cleanup
	netns_cleanup
	umount "$small" 2>/dev/null
	rmdir "$small" 2>/dev/null
}
trap cleanup EXIT
small=$(mktemp -d)
# Set by netns_add.
blue=''

get() { ip netns exec "$blue" curl -sS -m 10 -H 'Host: shop.example' "http://$1/$2"; }
logs=$dir/state/logs
lines() { [ "$(grep -c '"requestPath":"/'"$2"'"' "$logs/$1")" = "$3" ]; }
status_is() { [ "$(ctl_json status | jq ".$1")" = "$2" ]; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/32 dev lo
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
for s in cart stock; do
	ctl service create $s >/dev/null
	ctl listener create --service $s --protocol HTTP --port 80 --fixed-response 404 >/dev/null
	ctl association create --network shop --service $s >/dev/null
done
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
stock=$(ctl_json service show stock | jq -r '.addresses[0]')
wait_for 5 get "$cart" ready

check "a log group of AWS's is a file" ctl log subscribe --network shop --to arn:aws:logs:us-east-1:123456789012:log-group:/shop/all
check "so is a bucket" ctl log subscribe --network shop --to arn:aws:s3:::logs-of-shop
check "a destination of ours is made" ctl log-destination create cart-file --file cart.log
check "and subscribed to by name" ctl log subscribe --service cart --to cart-file
check "a second one of a type is refused" bash -c '! build/latticectl log subscribe --service cart --to cart-file'
check "a destination in use stays" bash -c '! build/latticectl log-destination delete cart-file'
get "$cart" one >/dev/null
get "$stock" two >/dev/null
check "a service's subscription gets its requests" wait_for 5 lines cart.log one 1
check "a network's gets those of every service" wait_for 5 lines cloudwatch-%2Fshop%2Fall.log two 1
check "at each of its destinations" wait_for 5 lines s3-logs-of-shop.log one 1
check "a service's gets no other's" lines cart.log two 0
line=$(grep '"/one"' "$logs/cart.log")
fields='bytesReceived bytesSent callerPrincipal callerPrincipalTags callerX509IssuerOU callerX509SANDNS
	callerX509SANNameCN callerX509SANURI callerX509SubjectCN authDeniedReason destinationVpcId duration failureReason
	grpcResponseCode hostHeader protocol requestMethod requestPath requestToTargetDuration resolvedUser responseCode
	responseFromTargetDuration serverNameIndication serviceArn serviceNetworkArn sourceIpPort sourceVpcArn sourceVpcId
	sslCipher startTime targetGroupArn targetIpPort tlsVersion userAgent'
missing=''
for f in $fields; do jq -e "has(\"$f\")" <<<"$line" >/dev/null || missing+=" $f"; done
check "a line has every field of AWS's" test -z "$missing"
check "with what the client said" test "$(jq -r .hostHeader <<<"$line")" = shop.example

kill -KILL "$(plane_pid)"
wait_for 5 get "$cart" again
check "the next plane appends" wait_for 5 lines cart.log again 1

# logrotate, as Debian has it: the file is renamed, the daemon told.
cat >"$dir/rotate.conf" <<END
$logs/cart.log {
	rotate 3
	nocompress
	su root root
	postrotate
		kill -HUP $daemon_pid
	endscript
}
END
rotate() { logrotate -f -s "$dir/rotate.state" "$dir/rotate.conf"; }
if command -v logrotate >/dev/null; then
	chmod 0644 "$dir/rotate.conf"
	check "logrotate renames the file" rotate
	after() { get "$cart" "after" >/dev/null && grep -q '"/after"' "$logs/cart.log"; }
	check "and lines go to a new one" wait_for 5 after
	check "the old one is whole" lines cart.log.1 again 1
	else
	skip "logrotate renames the file" "there is no logrotate"
fi

check "a small file rotates by itself" ctl log-destination create small --file small.log --rotate-bytes 4096 --keep 2
ctl log unsubscribe "$(ctl_json log list --service cart | jq -r '.items[0].id')" >/dev/null
ctl log subscribe --service cart --to small >/dev/null
small_has() { grep -qs "\"/turn$1\"" "$logs"/small.log*; }
for i in $(seq 16); do get "$cart" "turn$i" >/dev/null; wait_for 5 small_has "$i"; done
rotated() { [ -e "$logs/small.log.2" ]; }
check "at its size" wait_for 5 rotated
check "and keeps as many as it was told" test ! -e "$logs/small.log.3"
check "no line of it is in two parts" bash -c "cat $logs/small.log* | jq -e . >/dev/null"

# Nothing is lost at the highest load that four clients make.
ctl log unsubscribe "$(ctl_json log list --service cart | jq -r '.items[0].id')" >/dev/null
ctl log-destination create load --file load.log >/dev/null
ctl log subscribe --service cart --to load >/dev/null
load=20000
before=$(cat "$logs/load.log" 2>/dev/null | wc -l)
ip netns exec "$blue" bash -c "
	for c in 1 2 3 4; do
		seq 1 $((load / 4)) | sed 's,.*,url = \"http://$cart/load\"\noutput = /dev/null,' | curl -s -K - &
	done
	wait"
all_there() { [ $(($(grep -c '"/load"' "$logs/load.log") - before)) = $load ]; }
check "at full load every line is in the file" wait_for 20 all_there
check "and none is lost" status_is accessLogLinesLost 0

# A disk that is full: its file is on a file system of 64 K.
daemon_stop
mount -t tmpfs -o size=64k,mode=0777 tmpfs "$small" || { skip "a full disk is survived" "no tmpfs"; done_testing; exit; }
daemon_start_with() { build/latticed --state "$dir/state" --run "$dir/run" --steer "$steer" "$@" >/dev/null 2>>"$dir/log" & daemon_pid=$!; wait_for 20 ctl status; }
daemon_start_with --logs "$small"
wait_for 5 get "$cart" ready
fill() { for _ in $(seq 60); do get "$cart" fill >/dev/null; done; ! status_is accessLogLinesLost 0; }
check "on a full disk requests are served, and lines lost counted" wait_for 20 fill
disk_said() { [ "$(grep -c 'No space left.*lines are lost' "$dir/log")" -ge 1 ]; }
check "it is said" disk_said
lost=$(ctl_json status | jq .accessLogLinesLost)
more_lost() { get "$cart" fill >/dev/null; [ "$(ctl_json status | jq .accessLogLinesLost)" -gt $((lost + 50)) ]; }
wait_for 20 more_lost
check "once for each file" bash -c "[ $(grep -c 'No space left.*lines are lost' "$dir/log") -le 3 ]"
check "what was written is whole lines" bash -c "cat $small/load.log | jq -e . >/dev/null"
rm "$small"/cloudwatch* "$small"/s3*
: >"$small/load.log"
resumed() { get "$cart" resumed >/dev/null; grep -q '"/resumed"' "$small/load.log"; }
check "when there is room again lines are written again" wait_for 5 resumed
check "which is said too" grep -q 'it is written again' "$dir/log"
done_testing
