#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# latticectl misused: one clear line on standard error, nothing on standard output, exit 1 or 2.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT

# misuse NAME STATUS PATTERN ARGUMENT…
misuse() {
	local name=$1 want=$2 pattern=$3 got
	shift 3
	build/latticectl "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	if [ $got -eq "$want" ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" -eq 1 ] && grep -q "$pattern" "$dir/err"; then
		ok "$name"
	else
		not_ok "$name" "exit $got, wanted $want; $(cat "$dir/out" "$dir/err")"
	fi
}

misuse "no daemon is said so" 1 'cannot' vpc list
daemon_start
ctl network create shop >/dev/null
misuse "an unknown noun suggests the nearest" 2 "did you mean 'service'" servise list
misuse "an unknown verb is refused" 2 'vpc' vpc frobnicate
misuse "a missing argument is refused" 2 '' vpc add
misuse "a missing option is refused" 2 'netns' vpc add blue
misuse "an unknown option is refused" 2 'colour' vpc list --colour
misuse "a name that is too short names the field" 1 'ValidationException.*name' service create x
misuse "a name in use is a conflict" 1 'ConflictException.*already exist' network create shop
misuse "an unknown service is not found" 1 'cart' service show cart
misuse "an unknown id is not found" 1 'ResourceNotFoundException' service show svc-00000000000000000
misuse "a port out of range is refused" 2 '' listener create --service cart --protocol HTTP --port 99999 --fixed-response 404
misuse "an unknown operation is refused" 2 'Frobnicate' api Frobnicate
misuse "JSON that is none is refused" 2 'JSON' api CreateService '{'
misuse "an unknown member is refused by name" 1 'ValidationException.*colour' api CreateService '{"name":"cart","colour":"red"}'
misuse "a member of the wrong type is refused by name" 1 'ValidationException.*name' api CreateService '{"name":5}'
misuse "a relative path is no namespace" 1 'ValidationException.*netns' vpc add blue --path ../netns
check "help goes to standard output" bash -c 'build/latticectl --help | grep -q usage'
check "an unprivileged caller is refused" bash -c \
	"! setpriv --reuid 65534 --clear-groups build/latticectl vpc list 2>/dev/null"
done_testing
