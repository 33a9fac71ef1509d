# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Waiting for conditions with a deadline, never for time alone. A machine that is known to be slow says
# by how much in LATTICE_SLOW.

# wait_for SECONDS COMMAND…: until the command succeeds; says what it waited for when it does not.
wait_for() {
	local deadline=$((SECONDS + $1 * ${LATTICE_SLOW:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $deadline ]; then
			echo "waited in vain for: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}
