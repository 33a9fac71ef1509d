#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon killed with SIGKILL under a load of changes, KILLS times: what was acknowledged is there afterwards, what
# was not is there whole or not at all, and nothing else is.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT

kills=${KILLS:-5}

# load ROUND: create groups with three targets each until the daemon is gone; journal what is asked and what is granted.
load() {
	local i id
	for ((i = 0; ; i++)); do
		echo "g$1-$i" >>"$dir/asked"
		id=$(ctl_json target-group create "g$1-$i" --vpc blue | jq -r .id) 2>/dev/null
		[ -n "$id" ] || return 0
		echo "g$1-$i" >>"$dir/granted"
		ctl target register "$id" 10.0.0.1 10.0.0.2 10.0.0.3 || return 0
		echo "$id" >>"$dir/registered"
		echo "g$1-$((i - 3))" >>"$dir/doomed"
		ctl target-group delete "g$1-$((i - 3))" && echo "g$1-$((i - 3))" >>"$dir/deleted"
	done
} >/dev/null 2>&1

kill_all() {
	local plane
	plane=$(plane_pid)
	kill -KILL "$daemon_pid" "$plane"
	wait "$daemon_pid"
	wait_for 10 bash -c "! kill -0 $plane"
} 2>/dev/null

touch "$dir/doomed" "$dir/asked" "$dir/granted" "$dir/registered" "$dir/deleted"
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "lt$$-none" >/dev/null
for ((round = 0; round < kills; round++)); do
	before=$(wc -l <"$dir/registered")
	load $round &
	loader=$!
	wait_for 20 bash -c "[ \$(wc -l <$dir/registered) -gt $((before + 3 + RANDOM % 8)) ]"
	kill_all
	wait $loader
	daemon_start || { not_ok "it starts again after kill $round" "$(tail -n 5 "$dir/log")"; done_testing; exit 1; }
done
ok "it starts again after $kills kills"

ctl_json target-group list | jq -r '.items[].name' | sort >"$dir/there"
sort -u "$dir/asked" -o "$dir/asked"
# A deletion that was asked for and not answered may have been done.
comm -23 <(sort "$dir/granted") <(sort "$dir/doomed") >"$dir/kept"
check "what was granted is there" bash -c "! comm -23 $dir/kept $dir/there | grep ."
check "what was deleted is not there" bash -c "! comm -12 <(sort $dir/deleted) $dir/there | grep -q ."
check "nothing is there that was not asked for" bash -c "! comm -13 $dir/asked $dir/there | grep -q ."

torn=0 lost=0
while read -r id; do
	n=$(ctl_json target list "$id" | jq '.items | length')
	[ "$n" -eq 0 ] || [ "$n" -eq 3 ] || torn=$((torn + 1))
	[ "$n" -eq 3 ] || ! grep -qx "$id" "$dir/registered" || lost=$((lost + 1))
done < <(ctl_json target-group list | jq -r '.items[].id')
if [ $torn -eq 0 ]; then ok "targets of one request are there together or not at all"; else not_ok "$torn groups are torn"; fi
if [ $lost -eq 0 ]; then ok "targets that were granted are there"; else not_ok "$lost groups lost their targets"; fi
check "the database is whole" bash -c "[ -z \"\$(grep -i damaged $dir/log)\" ]"
done_testing
