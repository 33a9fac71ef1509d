#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# VPCs by process and by container: found by the cgroup of a process, kept while any process of the container lives,
# lost with the last, found again when it is started anew. The containers are cgroups named as runtimes name theirs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh

cgroup=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
id=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
other=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d " \n")
pids=()
cleanup() {
	local p
	daemon_cleanup
	for p in "${pids[@]}"; do kill -9 "$p" 2>/dev/null; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null; done
	rmdir "$cgroup"/*"$id"* "$cgroup/$other" 2>/dev/null
}
trap cleanup EXIT

# alone [CGROUP]: a process in a namespace of its own, and in the cgroup; its pid in $pid.
alone() {
	unshare -n sh -c 'ip link set lo up; exec sleep 1000' &
	pid=$!
	pids+=("$pid")
	wait_for 5 eval "grep -q '^sleep' /proc/$pid/comm"
	[ -z "${1:-}" ] || echo "$pid" >"$cgroup/$1/cgroup.procs"
}
# beside PID COMMAND…: a process in the namespace of another; its pid in $pid.
beside() {
	nsenter -t "$1" -n "${@:2}" &
	pid=$!
	pids+=("$pid")
}
end() {
	kill -9 "$1"
	wait "$1" 2>/dev/null
}
served() { [ "$(nsenter -t "$1" -n curl -s -o /dev/null -m 5 -w '%{http_code}' "http://$address/")" = 404 ]; }

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl network create shop >/dev/null
ctl service create cart >/dev/null
ctl listener create --service cart --protocol HTTP --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')

alone
process=$pid
check "a process's namespace becomes a VPC" ctl vpc add proc --pid "$process"
check "which is active" wait_for 5 state_is proc active
ctl association create --network shop --vpc proc >/dev/null
check "and served" wait_for 5 served "$process"
check "there is one VPC for a process" said 'already exists' vpc add again --pid "$process"
check "a namespace is one VPC only" ctl vpc add again --path "/proc/$process/ns/net"
check "which is said" wait_for 5 said 'another VPC has the namespace' vpc show again
ctl vpc remove again
check "a process that is none is refused" said 'field: pid' vpc add none --pid 2147483647
check "two ways at once are too many" bash -c 'build/latticectl vpc add x --pid 1 --netns x 2>/dev/null; [ $? = 2 ]'
kill -9 "$(plane_pid)"
check "the next plane finds it too" wait_for 5 state_is proc active
end "$process"
check "without the process it is missing" wait_for 5 state_is proc missing
check "which is said too" said 'is not there' vpc show proc

if [ -z "$cgroup" ] || ! mkdir "$cgroup/docker-$id.scope" "$cgroup/libpod-conmon-$id.scope"; then
	skip "a container becomes a VPC" "no cgroup can be made"
	done_testing
	exit
fi
check "a container that does not run yet can be registered" ctl vpc add box --container "${id:0:12}"
check "and is missing" wait_for 5 state_is box missing
sleep 1000 &
pids+=("$!")
echo "$!" >"$cgroup/libpod-conmon-$id.scope/cgroup.procs"
alone "docker-$id.scope"
first=$pid
check "when it runs it is active" wait_for 5 state_is box active
ctl association create --network shop --vpc box >/dev/null
check "and served" wait_for 5 served "$first"
beside "$first" sleep 1000
second=$pid
wait_for 5 eval "grep -q '^sleep' /proc/$second/comm"
echo "$second" >"$cgroup/docker-$id.scope/cgroup.procs"
outs=$(grep -c 'namespace is out' "$dir/log")
end "$first"
# The broker has looked again when it found what came later.
mkdir "$cgroup/$other"
ctl vpc add later --container "$other" >/dev/null
alone "$other"
wait_for 5 state_is later active
check "another process of it holds it when the first ends" served "$second"
check "and nobody noticed" test "$(grep -c 'namespace is out' "$dir/log")" = "$outs"
end "$second"
check "with the last it is missing" wait_for 5 state_is box missing
alone "docker-$id.scope"
check "started anew it is found again" wait_for 5 state_is box active
check "and served in its new namespace" wait_for 5 served "$pid"
daemon_stop
daemon_start
check "a new daemon finds it" wait_for 5 state_is box active
check "and it is served" wait_for 5 served "$pid"
check "what is no id is refused" said 'field: containerId' vpc add bad --container '../../x'
done_testing
