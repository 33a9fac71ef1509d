#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attested callers, end to end: an unmodified curl is taken for the identity that its cgroup or its user is mapped to.
# Runs in the VM, with the module and cgroup v2.
#
#     behind 10.0.0.2 --- 10.0.0.1 blue
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
LATTICE_STEER=kmod
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup; rmdir "$groups"/web/inner/deep "$groups"/web/inner "$groups"/web "$groups"/webber 2>/dev/null' EXIT
# Set by netns_add.
blue='' behind=''
groups=/sys/fs/cgroup

# as GROUP USER NAMESPACE URL-PATH [CURL-OPTION…]: the status, as seen by a process of the cgroup and user.
as() {
	# shellcheck disable=SC2016
	bash -c 'echo $$ >"$0/cgroup.procs"; user=$1 ns=$2; shift 2; exec ip netns exec "$ns" setpriv --reuid "$user" --clear-groups "$@"' \
		"$groups$1" "$2" "$3" curl -s -o /dev/null -m $((10 * ${LATTICE_SLOW:-1})) -w '%{http_code}' "http://$address$4" "${@:5}"
}
is() {
	local said
	said=$("${@:3}" 2>&1)
	if [ "$said" = "$2" ]; then ok "$1"; else not_ok "$1" "wanted $2, is $said"; fi
}
web=arn:aws:iam::123456789012:role/web
deep=arn:aws:iam::123456789012:role/deep
bob=arn:aws:iam::123456789012:user/bob

netns_add blue && netns_add behind || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$behind" c0 10.0.0.2/24
ip -n "$behind" route add default via 10.0.0.1
mkdir -p $groups/web/inner/deep $groups/webber

daemon_start || { echo 'Bail out! no daemon'; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart --auth-type AWS_IAM >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
ctl auth-policy put service/cart - >/dev/null <<<"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"$web\",\"$bob\"]},\"Action\":\"*\",\"Resource\":\"*\"}}"
for i in $web $deep $bob; do ctl identity add $i >/dev/null; done
check "a cgroup is mapped" ctl identity attest --vpc blue --cgroup /web $web
check "a user is mapped" ctl identity attest --vpc blue --uid 4711 $bob
check "a cgroup below another one too" ctl identity attest --vpc blue --cgroup /web/inner/deep $deep
ctl status >/dev/null
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 10 has_reader

# The listener answers 404 to whoever may ask.
is "an unmodified client of the mapped cgroup may" 404 as /web 0 "$blue" /
is "one of a cgroup below it too" 404 as /web/inner 0 "$blue" /
is "one outside is anonymous" 403 as "" 0 "$blue" /
is "one of a cgroup that only begins alike too" 403 as /webber 0 "$blue" /
is "the closest rule decides" 403 as /web/inner/deep 0 "$blue" / -H 'x-amzn-requestid: deep-1'
is "the mapped user may" 404 as "" 4711 "$blue" /
is "another user may not" 403 as "" 4712 "$blue" /
is "a client behind the VPC is anonymous, whoever it is there" 403 as /web 4711 "$behind" / -H 'x-amzn-requestid: behind-1'
is "a cgroup's rule goes before a user's" 403 as /web/inner/deep 4711 "$blue" /
wait_for 10 grep -q behind-1 "$dir/access"
is "the log names who was recognised" $deep bash -c "grep deep-1 $dir/access | jq -r .resolvedUser"
is "and who was not" Anonymous bash -c "grep behind-1 $dir/access | jq -r .resolvedUser"
is "explain tells that it was attested" true bash -c "build/latticectl -o json explain deep-1 | jq .isAttested"
mkdir $groups/web/fresh
is "a cgroup that was just made is found" 404 as /web/fresh 0 "$blue" /
rmdir $groups/web/fresh
is "IPv6 is attested alike" 404 bash -c "$(declare -f as); groups=$groups; address='[$(ctl_json service show cart | jq -r '.addresses[1]')]'; as /web 0 $blue / -g"
ctl auth-policy put service/cart - >/dev/null <<<"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"$deep\"},\"Action\":\"*\",\"Resource\":\"*\"}}"
ctl status >/dev/null
key=$(ctl_json identity key $deep | jq -r '"\(.accessKeyId):\(.secretAccessKey)"')
signed=(--aws-sigv4 aws:amz:us-east-1:vpc-lattice-svcs -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD')
is "whom the cgroup stands for may not here" 403 as /web 0 "$blue" /
is "a signature goes before the cgroup" 404 as /web 0 "$blue" / "${signed[@]}" --user "$key"
ctl auth-policy put service/cart - >/dev/null <<<'{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'
ctl status >/dev/null
is "a signature that is not valid is refused, not downgraded" 403 as /web 0 "$blue" / "${signed[@]}" --user "${key%??}xx"
done_testing
