#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Auth policies as callers who sign meet them: by principal, account, organisation, tag and variable, and what their own
# policies say.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

# as KEY PATH [CURL-OPTION…]: the body, then the status, of a request that is signed with the key of that name.
as() {
	ip netns exec "$blue" curl -sS -m 10 -w '\n%{http_code}\n' --aws-sigv4 aws:amz:us-east-1:vpc-lattice-svcs \
		--user "${keys[$1]}" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "${@:3}" "http://$address$2"
}
may() { [ "$(as "$@" | tail -n 1)" = 404 ]; } # what the listener answers to whoever may ask
may_not() { [ "$(as "$@" | tail -n 1)" = 403 ]; }
put() { local IFS=,; ctl auth-policy put "$1" - <<<"{\"Version\":\"2012-10-17\",\"Statement\":[${*:2}]}" >/dev/null && ctl status >/dev/null; }
rest='"Action":"vpc-lattice-svcs:Invoke"'
any="\"Effect\":\"Allow\",\"Principal\":\"*\",$rest,\"Resource\":\"*\""
declare -A keys
# key NAME ARN: a key of the identity.
key() { keys[$1]=$(ctl_json identity key "$2" | jq -r '"\(.accessKeyId):\(.secretAccessKey)"'); }
iam=arn:aws:iam::123456789012

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
daemon_start || { echo 'Bail out! no daemon'; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart --auth-type AWS_IAM >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
arn=$(ctl_json service show cart | jq -r .arn)
echo '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"NotMine","Effect":"Deny","Action":"vpc-lattice-svcs:*","Resource":"*/private/*"}]}' >"$dir/own.json"
ctl identity add $iam:user/bob --tag team=red --org o-abc --org-path o-abc/r-1/ou-1/ >/dev/null
ctl identity add $iam:user/eve --tag team=blue --org o-xyz --org-path o-xyz/r-1/ >/dev/null
ctl identity add $iam:user/idle --no-policy >/dev/null
ctl identity add $iam:user/strict --policy "$dir/own.json" >/dev/null
ctl identity add arn:aws:iam::999999999999:user/far >/dev/null
for n in bob eve idle strict; do key $n $iam:user/$n; done
key far arn:aws:iam::999999999999:user/far
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader

put service/cart "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"$iam:user/bob\"},$rest,\"Resource\":\"*\"}"
check "who is named may" may bob /a
check "who is not may not" may_not eve /a
as eve /a -H 'x-amzn-requestid: eve-1' >/dev/null
wait_for 5 grep -q eve-1 "$dir/access"
logged() { grep "\"requestId\":\"$1\"" "$dir/access" | jq -cr ".$2"; }
is "the log names the caller" "$iam:user/eve" logged eve-1 callerPrincipal
is "its organisation" o-xyz logged eve-1 callerPrincipalOrgID
is "and its tags" '{"team":"blue"}' logged eve-1 callerPrincipalTags
is "and which policy refused it" Service logged eve-1 authDeniedReason
is "explain says what was wanted" "    1 Allow  -  Principal: wanted $iam:user/bob, it is $iam:user/eve" \
	bash -c "build/latticectl explain eve-1 | grep '^ *1 Allow  -  P'"

put service/cart "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"123456789012\"},$rest,\"Resource\":\"*\"}"
check "an account's identities may" may eve /a
check "another account's may not" may_not far /a
put service/cart "{$any,\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-abc\"}}}"
check "an organisation's may" may bob /a
check "another organisation's may not" may_not eve /a
check "who has none may not" may_not far /a
put service/cart "{$any,\"Condition\":{\"ForAnyValue:StringLike\":{\"aws:PrincipalOrgPaths\":\"o-abc/r-1/*\"}}}"
check "those below an organisation's path may" may bob /a
check "others may not" may_not eve /a
put service/cart "{$any,\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/team\":\"red\"}}}"
check "who has the tag may" may bob /a
check "who has it with another value may not" may_not eve /a
ctl tag add service/cart owner=red >/dev/null
put service/cart "{$any,\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/owner\":\"\${aws:PrincipalTag/team}\"}}}"
check "who has the tag of the service may" may bob /a
check "who has not may not" may_not eve /a
ctl tag add service/cart owner=blue >/dev/null && ctl status >/dev/null
check "a new tag decides at once" may eve /a
put service/cart "{\"Effect\":\"Allow\",\"Principal\":\"*\",$rest,\"Resource\":\"$arn/home/\${aws:username}/*\"}"
check "each may where its name is" may bob /home/bob/x
check "and not where another's is" may_not eve /home/bob/x
put service/cart "{$any}" "{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":[\"$iam:user/bob\",\"123456789012\"]},$rest,\"Resource\":\"*\"}"
check "whom NotPrincipal spares may" may bob /a
check "all others are denied" may_not eve /a

put service/cart "{$any}"
is "an identity without a policy may nothing" "AccessDeniedException: User: $iam:user/idle is not authorized to perform: vpc-lattice-svcs:Invoke on resource: $arn/a because no identity-based policy allows the vpc-lattice-svcs:Invoke action
403" as idle /a
check "one whose own policy allows may" may strict /a
is "its own policy can deny" "AccessDeniedException: User: $iam:user/strict is not authorized to perform: vpc-lattice-svcs:Invoke on resource: $arn/private/a with an explicit deny in an identity-based policy
403" as strict /private/a
is "explain tells of a caller as it would be" "DENIED" bash -c "build/latticectl explain --service cart --as $iam:user/strict --path /private/x | tail -n 1 | cut -d: -f1"
is "and which statement of its own" "    2 Deny   NotMine  matches" bash -c "build/latticectl explain --service cart --as $iam:user/strict --path /private/x | grep NotMine"
keys[bad]=${keys[bob]%??}xx
check "a bad signature is refused even where everybody may" may_not bad /a -H 'x-amzn-requestid: bad-1'
known() { ctl explain bad-1 >/dev/null 2>&1; }
wait_for 5 known
check "and explained to the administrator" bash -c "build/latticectl explain bad-1 | grep -q 'String to sign'"
check "secrets reach no log" bash -c "! grep -F -e '${keys[bob]#*:}' -e '${keys[eve]#*:}' $dir/log $dir/access"
done_testing
