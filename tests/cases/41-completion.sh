#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Completion as people meet it: bash and zsh on a terminal, where somebody types and presses the tabulator. zsh takes it
# from its start-up file, and from where it is installed.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
for s in cart case bike; do ctl service create $s >/dev/null; done
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl rule create --service cart --listener http-80 --priority 1 --path-prefix /beta --fixed-response 404 beta >/dev/null
export PATH="$PWD/build:$PATH"
mkdir "$dir/functions"
touch "$dir/a-template.json"
latticectl completion zsh >"$dir/functions/_latticectl"
# SC2016: the shells expand these.
# shellcheck disable=SC2016
{
	echo 'eval "$(latticectl completion bash)"' >"$dir/bash.rc"
	printf '%s\n' 'autoload -Uz compinit' 'compinit -u -D' 'eval "$(latticectl completion zsh)"' >"$dir/zsh.rc"
}
printf '%s\n' "fpath=($dir/functions \$fpath)" 'autoload -Uz compinit' 'compinit -u -D' >"$dir/installed.rc"

# becomes WORDS AFTERWARDS [TABS]: in $shell, started with $rc.rc.
becomes() {
	local line
	line=$(python3 tests/lib/typed.py "$shell" "$dir/$rc.rc" "latticectl $1" "${3:-1}") && line=${line#latticectl }
	# A space behind a word that is whole is the shell's own affair.
	if [ "$line" = "$2" ] || { [ "$line" = "$2 " ] && [ "${2%/}" = "$2" ]; }; then return 0; fi
	echo "it became '$line'"
	return 1
}
# completes SHELL
completes() {
	local shell=$1 rc=$1 as=$1
	check "$as completes nouns" becomes servi service
	check "$as completes verbs" becomes 'service sh' 'service show'
	check "$as completes names" becomes 'service show b' 'service show bike'
	check "$as goes through several" becomes 'service show ca' 'service show case' 2
	check "$as completes options" becomes 'rule show --li' 'rule show --listener'
	check "$as completes their values" becomes 'association create --network ' 'association create --network shop'
	check "$as completes what depends on others" becomes 'rule show --service cart --listener http-80 be' 'rule show --service cart --listener http-80 beta'
	check "$as completes one of several words" becomes 'network update shop --auth-type N' 'network update shop --auth-type NONE'
	check "$as completes operations" becomes 'api UpdateL' 'api UpdateListener'
	check "$as completes behind options of all commands" becomes '-o json service show b' '-o json service show bike'
	check "$as completes paths, in parts" becomes 'tag add servi' 'tag add service/'
	check "$as goes on where a part ended" becomes $'tag add servi\tbi' 'tag add service/bike'
	check "$as leaves alone what there is not" becomes 'service show zz' 'service show zz'
	check "$as completes files where nothing else is" becomes "apply $dir/a-t" "apply $dir/a-template.json"
}

completes bash
if command -v zsh >/dev/null; then
	completes zsh
	shell=zsh rc=installed
	check "zsh, which finds it installed, completes at once" becomes 'service show b' 'service show bike'
	check "and again" becomes $'service show b\t--' 'service show bike --'
else
	skip "zsh completes" "zsh is not installed"
fi
done_testing
