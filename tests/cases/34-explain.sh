#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# latticectl explain: why a request was refused, and whether one would be.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

# tells NAME WANTED COMMAND…: the command's output is this, with ids and the account's ARNs shortened.
tells() {
	local said
	said=$("${@:3}" 2>&1 | sed -E 's/(sn|svc|vpc)-[0-9a-f]{17}/\1-ID/g; s/arn:aws:vpc-lattice:us-east-1:123456789012:/ARN:/g')
	if [ "$said" = "$2" ]; then ok "$1"; else not_ok "$1" "$(diff <(echo "$2") <(echo "$said"))"; fi
}
code() { ip netns exec "$blue" curl -s -o /dev/null -m 10 -w '%{http_code}' "${@:2}" "http://$address$1"; }
answers() { [ "$(code "${@:2}")" = "$1" ]; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
daemon_start || { echo 'Bail out! no daemon'; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add other --netns other >/dev/null
ctl network create shop --auth-type AWS_IAM >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart --auth-type AWS_IAM >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
check "a service that nobody reaches cannot be explained" bash -c "build/latticectl explain --service cart --anonymous 2>&1 | grep -q 'no VPC reaches the service'"
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
ctl auth-policy put network/shop - >/dev/null <<<'{"Statement":{"Sid":"Everyone","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'
ctl auth-policy put service/cart - >/dev/null <<'POLICY'
{"Version":"2012-10-17","Statement":[
 {"Sid":"Bob","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},"Action":"*","Resource":"*"},
 {"Sid":"Team","Effect":"Allow","Principal":"*","Action":"vpc-lattice-svcs:Invoke","Resource":"*/orders/*",
  "Condition":{"StringEquals":{"vpc-lattice-svcs:RequestHeader/x-team":["red","green"]}}},
 {"Effect":"Allow","Principal":"*","Action":"vpc-lattice-svcs:Connect","Resource":"*"},
 {"Sid":"NoAdmin","Effect":"Deny","Principal":"*","Action":"*","Resource":"*/admin"}]}
POLICY
ctl status >/dev/null

said="Network policy of sn-ID: allows
    1 Allow  Everyone  matches"
tells "each statement says why it does not match" "caller    anonymous
action    vpc-lattice-svcs:Invoke
resource  ARN:service/svc-ID/orders/7
from      vpc-ID
$said
Service policy of svc-ID: no statement allows
    1 Allow  Bob  Principal: wanted arn:aws:iam::123456789012:user/bob, it is anonymous
    2 Allow  Team  Condition StringEquals vpc-lattice-svcs:RequestHeader/x-team: wanted red or green, it is blue
    3 Allow  -  Action: it is vpc-lattice-svcs:Invoke
    4 Deny   NoAdmin  Resource: wanted */admin, it is ARN:service/svc-ID/orders/7
Identity policy of anonymous: is not asked
DENIED: AccessDeniedException: User: anonymous is not authorized to perform: vpc-lattice-svcs:Invoke on resource: ARN:service/svc-ID/orders/7 because no service-based policy allows the vpc-lattice-svcs:Invoke action" \
	ctl explain --service cart --anonymous --path /orders/7 --header 'X-Team: blue' --vpc blue
tells "a key that is missing is said to be" 1 bash -c "build/latticectl explain --service cart --anonymous --path /orders/7 | grep -c 'x-team: wanted red or green, it is missing'"
tells "and what would pass" ALLOWED bash -c "build/latticectl explain --service cart --anonymous --path /orders/7 --header 'x-team: red' | tail -n 1"
check "a VPC that does not reach the service is refused" bash -c "build/latticectl explain --service cart --anonymous --vpc other 2>&1 | grep -q 'does not reach'"
check "an identity that does not exist too" bash -c "build/latticectl explain --service cart --as arn:aws:iam::123456789012:user/eve 2>&1 | grep -q 'no identity'"
check "who asks must be said" bash -c "build/latticectl explain --service cart; [ \$? = 2 ]"

check "a request is refused" wait_for 5 answers 403 /admin -H 'x-amzn-requestid: why-1'
code /admin -H 'x-amzn-requestid: why-2' -H 'x-secret: tell-no-log' >/dev/null
kept() { ctl explain why-2 >/dev/null 2>&1; }
wait_for 5 kept
tells "and explained by its id" "request   why-2
caller    anonymous
action    vpc-lattice-svcs:Invoke
resource  ARN:service/svc-ID/admin
from      vpc-ID
$said
Service policy of svc-ID: denies
    1 Allow  Bob  Principal: wanted arn:aws:iam::123456789012:user/bob, it is anonymous
    2 Allow  Team  Resource: wanted */orders/*, it is ARN:service/svc-ID/admin
    3 Allow  -  Action: it is vpc-lattice-svcs:Invoke
    4 Deny   NoAdmin  matches
Identity policy of anonymous: is not asked
DENIED: AccessDeniedException: User: anonymous is not authorized to perform: vpc-lattice-svcs:Invoke on resource: ARN:service/svc-ID/admin with an explicit deny in a service-based policy" \
	ctl explain why-2
ctl auth-policy put service/cart - >/dev/null <<<'{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'
tells "by what it was judged by, not by what came since" denies bash -c "build/latticectl explain why-2 | sed -n 's/^Service policy.*: //p'"
tells "while a new one would pass" ALLOWED bash -c "build/latticectl explain --service cart --anonymous --path /admin | tail -n 1"
ctl auth-policy put service/cart - --dry-run >/dev/null <<<'{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*/admin"}}'
tells "what is on trial is told apart" "ALLOWED
DENIED" bash -c "build/latticectl explain --service cart --anonymous --path /admin | sed -n 's/^\\(ALLOWED\\|DENIED\\).*/\\1/p'"
check "a request that was not refused is not known" bash -c "build/latticectl explain nothing 2>&1 | grep -q 'was refused lately'"
tells "the API says it in JSON" '{"verdict":"DENIED","deniedReason":"Service"}' bash -c "build/latticectl -o json explain why-2 | jq -c '{verdict, deniedReason}'"

# What is decided about identities, each by what their own policies and tags say.
iam=arn:aws:iam::123456789012
ctl auth-policy delete service/cart --dry-run
put() { local IFS=,; ctl auth-policy put service/cart - <<<"{\"Version\":\"2012-10-17\",\"Statement\":[${*}]}" >/dev/null && ctl status >/dev/null; }
# verdict PRINCIPAL [PATH]
verdict() { ctl explain --service cart --as "$iam:$1" --path "${2:-/}" | tail -n 1 | cut -d: -f1; }
own='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"NotMine","Effect":"Deny","Action":"vpc-lattice-svcs:*","Resource":"*/private/*"}]}'
ctl identity add $iam:user/bob --tag team=red --org o-abc --org-path o-abc/r-1/ou-1/ >/dev/null
ctl identity add $iam:user/eve --tag team=blue --org o-xyz >/dev/null
ctl identity add $iam:user/idle --no-policy >/dev/null
ctl identity add $iam:user/strict --policy <(echo "$own") >/dev/null
ctl identity add $iam:role/web >/dev/null
rest='"Action":"vpc-lattice-svcs:Invoke","Resource":"*"'
put "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"$iam:user/bob\",\"$iam:role/web\"]},$rest}"
tells "who is named may" ALLOWED verdict user/bob
tells "who is not may not" DENIED verdict user/eve
tells "a session of a role that is named may" ALLOWED bash -c "build/latticectl explain --service cart --as arn:aws:sts::123456789012:assumed-role/web/s-1 | tail -n 1"
put "{\"Effect\":\"Allow\",\"Principal\":\"*\",$rest,\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-abc\"}}}"
tells "an organisation's identity may" ALLOWED verdict user/bob
tells "another's may not, and is told why" "    1 Allow  -  Condition StringEquals aws:PrincipalOrgID: wanted o-abc, it is o-xyz" \
	bash -c "build/latticectl explain --service cart --as $iam:user/eve | grep 'aws:PrincipalOrgID'"
put "{\"Effect\":\"Allow\",\"Principal\":\"*\",$rest,\"Condition\":{\"ForAnyValue:StringLike\":{\"aws:PrincipalOrgPaths\":\"o-abc/r-1/*\"}}}"
tells "who is below an organisation's path may" ALLOWED verdict user/bob
ctl tag add service/cart owner=red >/dev/null
put "{\"Effect\":\"Allow\",\"Principal\":\"*\",$rest,\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/owner\":\"\${aws:PrincipalTag/team}\"}}}"
tells "who has the service's tag may" ALLOWED verdict user/bob
tells "who has another may not" DENIED verdict user/eve
ctl tag add service/cart owner=blue >/dev/null && ctl status >/dev/null
tells "a new tag decides at once" ALLOWED verdict user/eve
put "{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*/home/\${aws:username}/*\"}"
tells "each may where its name is" ALLOWED verdict user/bob /home/bob/x
tells "and not where another's is" DENIED verdict user/eve /home/bob/x
put "{\"Effect\":\"Allow\",\"Principal\":\"*\",$rest}"
tells "an identity without a policy of its own may nothing" "AccessDeniedException: User: $iam:user/idle is not authorized to perform: vpc-lattice-svcs:Invoke on resource: ARN:service/svc-ID/ because no identity-based policy allows the vpc-lattice-svcs:Invoke action" \
	bash -c "build/latticectl -o json explain --service cart --as $iam:user/idle | jq -r .message"
tells "one whose own policy allows may" ALLOWED verdict user/strict
tells "its own policy can deny" "    2 Deny   NotMine  matches" bash -c "build/latticectl explain --service cart --as $iam:user/strict --path /private/x | grep NotMine"
check "headers of refused requests reach no log" bash -c "! grep -q tell-no-log $dir/log"
done_testing
