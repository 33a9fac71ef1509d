#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Command lines and just what they print: each tests/cases/transcripts/NAME.snap is a conversation with a daemon of its
# own. A line "$ ..." is what latticectl is given, on a terminal of 80 columns; "? N" its exit status when that is not 0.
# Ids and times are masked. RECORD=1 writes the files anew; read what changed.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT
export COLUMNS=80

mask() {
	sed -E -e 's/\b(vpc|sn|svc|listener|tg|snva|snsa|rule|sg|i|als)-[0-9a-f]{17}/\1-xxxxxxxxxxxxxxxxx/g' \
		-e 's/-[0-9a-f]{17}\./-xxxxxxxxxxxxxxxxx./g' \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z/yyyy-mm-ddThh:mm:ss.mmmZ/g' \
		-e "s,$dir,DIR,g"
}

# replay FILE: its questions with the answers of now.
replay() {
	local line status
	grep '^\$ ' "$1" | while read -r line; do
		echo "$line"
		eval "build/latticectl ${line#\$ }" 2>&1 </dev/null | mask
		status=${PIPESTATUS[0]}
		[ "$status" = 0 ] || echo "? $status"
	done
}

for snap in tests/cases/transcripts/*.snap; do
	daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
	replay "$snap" >"$dir/now"
	[ -z "${RECORD:-}" ] || cp "$dir/now" "$snap"
	if said=$(diff -u "$snap" "$dir/now"); then ok "$(basename "$snap" .snap)"; else not_ok "$(basename "$snap" .snap)" "$said"; fi
	daemon_stop
	rm -rf "$dir/state"
done
done_testing
