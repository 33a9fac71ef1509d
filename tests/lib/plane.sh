# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the plane of a daemon (lib/daemon.sh) holds, and whether it let go of it again.

plane_fds() { find "/proc/$(plane_pid)/fd" -mindepth 1 2>/dev/null | wc -l; }
plane_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$(plane_pid)/status"; }

# plane_note: remember how it is now, and which process that is.
plane_note() {
	noted_pid=$(plane_pid) noted_fds=$(plane_fds) noted_kb=$(plane_kb)
}

# plane_is_back FDS KB: the same process holds at most so much more than was noted.
plane_is_back() {
	[ "$(plane_pid)" = "$noted_pid" ] && [ "$(plane_fds)" -le $((noted_fds + $1)) ] &&
		[ "$(plane_kb)" -le $((noted_kb + $2)) ]
}

# plane_lets_go WHAT FDS KB: a check that it does, within the time that kept connections live (30 s) and a half.
plane_lets_go() {
	wait_for 45 plane_is_back "$2" "$3"
	check "$1" plane_is_back "$2" "$3"
	echo "# fds $noted_fds, now $(plane_fds); kB $noted_kb, now $(plane_kb)"
}
