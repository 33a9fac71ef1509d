#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starting and stopping latticed: wrong usage, the run directory, one daemon at a time.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh
# shellcheck source=tests/lib/wait.sh
. tests/lib/wait.sh

latticed=${LATTICED:-build/latticed}
dir=$(mktemp -d)
daemon=
clean_up() {
	[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null
	rm -rf "$dir"
}
trap clean_up EXIT

# refuses STATUS WORDS ARGUMENT…: exit status and one line on standard error that has the words.
refuses() {
	local want=$1 words=$2 out status
	shift 2
	out=$("$latticed" "$@" 2>&1 >/dev/null)
	status=$?
	echo "status $status: $out"
	[ $status -eq "$want" ] && [ "$(wc -l <<<"$out")" -eq 1 ] && grep -qF -- "$words" <<<"$out"
}

if [ ! -x "$latticed" ]; then
	skip latticed "not built"
	done_testing
	exit
fi
check wrong_option_is_one_line_and_2 refuses 2 "no such option: --frob" --frob
check wrong_value_names_the_option refuses 2 "--workers: '0'" --workers 0
check help_is_on_standard_output sh -c "'$latticed' --help | grep -q LATTICED_RUN"

if [ "$(id -u)" -ne 0 ]; then
	skip daemon "needs root"
	done_testing
	exit
fi
"$latticed" --run "$dir/run" --state "$dir/state" --steer nft --api "unix:$dir/run/api.sock,unix:$dir/second.sock" 2>"$dir/log" &
daemon=$!
check makes_its_sockets wait_for 10 test -S "$dir/run/access.sock"
check sockets_are_for_administrators_only \
	test "$(stat -c '%a %U' "$dir/run/api.sock" "$dir/run/access.sock" | sort -u)" = "660 root"
check state_is_private test "$(stat -c %a "$dir/state")" = 700
check second_daemon_is_refused sh -c \
	"! '$latticed' --run '$dir/run' --state '$dir/state' --steer nft 2>'$dir/second' &&
	grep -q 'another latticed' '$dir/second'"
check serves_each_socket_of_the_api wait_for 10 "${latticed%d}ctl" --api "unix:$dir/second.sock" status
check starts_a_plane wait_for 10 grep -q 'plane started' "$dir/log"
kill -TERM "$daemon"
wait "$daemon"
status=$?
daemon=
check ends_cleanly_on_sigterm test $status -eq 0
check removes_its_sockets test ! -e "$dir/run/api.sock" -a ! -e "$dir/second.sock"
done_testing
