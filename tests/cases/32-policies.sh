#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Auth policies as anonymous callers meet them: who is refused, in which words, and what the log says of it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

# get NETNS PATH [CURL-OPTION…]: body, then the status on a line of its own.
get() { ip netns exec "$1" curl -sS -m 10 -w '\n%{http_code}\n' "${@:3}" "http://$address$2"; }
code() { get "$@" | tail -n 1; }
serves() { [ "$(code "$@")" = 200 ]; }
answers() { [ "$(code "${@:2}")" = "$1" ]; }
# put RESOURCE STATEMENT…: give it a policy of these statements.
put() { local IFS=,; ctl auth-policy put "$1" <(echo "{\"Version\":\"2012-10-17\",\"Statement\":[${*:2}]}") "${how[@]}" >/dev/null && ctl status >/dev/null; }
# is NAME WANTED COMMAND…: the command's output is this.
how=()
any='"Effect":"Allow","Principal":"*","Action":"vpc-lattice-svcs:Invoke","Resource":"*"'
deny=${any/Allow/Deny}

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$green" g0 10.0.0.1/24
mkdir -p "$dir/www/open" "$dir/www/admin"
for f in index.html open/a admin/a; do echo "content" >"$dir/www/$f"; done
netns_spawn "$green" busybox httpd -f -p 10.0.0.1:8001 -h "$dir/www"

daemon_start || { echo 'Bail out! no daemon'; exit 1; }
for v in blue green; do ctl vpc add $v --netns "${!v}" >/dev/null; done
ctl network create shop >/dev/null
for v in blue green; do ctl association create --network shop --vpc $v >/dev/null; done
ctl service create cart >/dev/null
ctl target-group create cart-v1 --vpc green --port 8001 >/dev/null
ctl target register cart-v1 10.0.0.1:8001 >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --forward cart-v1 >/dev/null
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
arn=$(ctl_json service show cart | jq -r .arn)
vpc=$(ctl_json vpc show blue | jq -r .id)
wait_for 10 serves "$blue" / || { not_ok "an open service is served"; done_testing; exit 1; }
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader
# logged FIELD: of the last line that has the request id of the last call of `noted`.
noted() { get "$1" "$2" -H "x-amzn-requestid: $3" "${@:4}" >/dev/null; wait_for 5 grep -q "\"requestId\":\"$3\"" "$dir/access"; }
logged() { grep "\"requestId\":\"$1\"" "$dir/access" | jq -r ".$2"; }

user="AccessDeniedException: User: anonymous is not authorized to perform: vpc-lattice-svcs:Invoke on resource: $arn"
silent() { echo "$user$2 because no $1-based policy allows the vpc-lattice-svcs:Invoke action"; echo 403; }

ctl service update cart --auth-type AWS_IAM >/dev/null && ctl status >/dev/null
is "IAM without a policy refuses all, in AWS's words" "$(silent service /open/a)" get "$blue" /open/a
is "the root has its slash" "$(silent service /)" get "$blue" /
is "in HTTP/2 too" "$(silent service /open/a)" get "$blue" /open/a --http2-prior-knowledge
check "gRPC has its own words" bash -c "ip netns exec $blue curl -si --http2-prior-knowledge -H 'content-type: application/grpc' -d '' http://$address/a.B/C | grep -qi '^grpc-status: 7'"
check "the answer is text" bash -c "ip netns exec $blue curl -si http://$address/ | grep -qi '^content-type: text/plain'"
ctl network update shop --auth-type AWS_IAM >/dev/null && ctl status >/dev/null
is "the network is reported before the service" "$(silent network /open/a)" get "$blue" /open/a
check "a policy is put" put network/shop "{$any}"
is "both must allow" "$(silent service /open/a)" get "$blue" /open/a
noted "$blue" /open/a refused-1
is "the log names who was refused" Anonymous logged refused-1 resolvedUser
is "by which policy" Service logged refused-1 authDeniedReason
is "and why" ClientAccessDenied logged refused-1 failureReason
is "no statement allowed" none logged refused-1 authDeniedStatement
check "the service's is put" put service/cart "{$any}"
check "then the request is served" serves "$blue" /open/a
noted "$blue" /open/a served-1
is "the log names who was served" Anonymous logged served-1 resolvedUser
is "and no refusal" - logged served-1 authDeniedReason

put service/cart "{$any}" "{\"Sid\":\"NoAdmin\",${deny/\"Resource\":\"*\"/\"Resource\":\"*\/admin\/*\"}}"
is "a deny is said to be one" "$user/admin/a with an explicit deny in a service-based policy
403" get "$blue" /admin/a
noted "$blue" /admin/a denied-1
is "the log names the statement" NoAdmin logged denied-1 authDeniedStatement
check "other paths are served" serves "$blue" /open/a

put service/cart "{$any,\"Condition\":{\"StringEquals\":{\"vpc-lattice-svcs:SourceVpc\":\"$vpc\"}}}"
check "the source VPC may" serves "$blue" /open/a
check "another VPC may not" answers 403 "$green" /open/a
put service/cart "{$any,\"Condition\":{\"StringEquals\":{\"vpc-lattice-svcs:RequestHeader/x-team\":\"red\"},\"StringLike\":{\"vpc-lattice-svcs:RequestMethod\":[\"GET\",\"HEAD\"]}}}"
check "who sends the header may" serves "$blue" /open/a -H 'X-Team: red'
check "who sends another may not" answers 403 "$blue" /open/a -H 'X-Team: blue'
check "with another method neither" answers 403 "$blue" /open/a -H 'X-Team: red' -X POST -d x
put service/cart "{${any/\"Resource\":\"*\"/\"Resource\":\"$arn/open/*\"},\"Condition\":{\"NumericEquals\":{\"vpc-lattice-svcs:Port\":80},\"Bool\":{\"aws:SecureTransport\":false}}}"
check "paths of the service's ARN may" serves "$blue" /open/a
check "others may not" answers 403 "$blue" /
account='"Principal":{"AWS":"123456789012"}'
put service/cart "{${any/'"Principal":"*"'/$account}}"
check "the anonymous are refused by what names an account" answers 403 "$blue" /open/a

put service/cart "{$any}"
how=(--dry-run)
check "a policy is tried" put service/cart "{\"Sid\":\"Nobody\",$deny}"
check "it refuses nobody" serves "$blue" /open/a
noted "$blue" /open/a tried-1
is "the log says whom it would refuse" Service logged tried-1 trialDeniedReason
is "and by what" Nobody logged tried-1 trialDeniedStatement
is "nothing refused it" - logged tried-1 authDeniedReason
ctl service update cart --auth-type NONE >/dev/null
ctl network update shop --auth-type NONE >/dev/null && ctl status >/dev/null
noted "$blue" /open/a tried-2
is "also where nobody is asked" Service logged tried-2 trialDeniedReason
is "it is shown by itself" Nobody bash -c "build/latticectl -o json auth-policy get service/cart --dry-run | jq -r '.policy | fromjson | .Statement[0].Sid'"
check "and taken away" ctl auth-policy delete service/cart --dry-run
ctl status >/dev/null
noted "$blue" /open/a tried-3
is "for good" - logged tried-3 trialDeniedReason
how=()

printf '{ "Statement" :\n\t{%s} }\n' "$any" >"$dir/document"
ctl auth-policy put service/cart "$dir/document" >/dev/null
check "a document is kept byte for byte" bash -c "build/latticectl -o json auth-policy get service/cart | jq -j .policy | cmp - $dir/document"
check "and people are shown it in one line" bash -c "build/latticectl auth-policy get service/cart | grep -q '^policy  *{ *.Statement.*[^?]$'"
check "one that is wrong is refused by statement and element" bash -c \
	"echo '{\"Statement\":{\"Sid\":\"X\",$any,\"Condition\":{\"StringEqual\":{\"aws:SourceIp\":\"x\"}}}}' | build/latticectl auth-policy put service/cart - 2>&1 | grep -q 'statement 1 (Sid X), Condition/StringEqual: is no condition operator'"
check "one over 10 KB too" bash -c "head -c 10241 /dev/zero | tr '\\0' ' ' | build/latticectl auth-policy put service/cart - 2>&1 | grep -q 'field: policy'"
check "other resources have none" bash -c "build/latticectl auth-policy get vpc/blue 2>&1 | grep -q 'has no policy'"
check "the policy goes" ctl auth-policy delete "$arn"
is "and then there is none" '{}' ctl_json auth-policy get service/cart
daemon_stop
check "the log holds no secret and no error" bash -c "! grep -iE 'error|assert' $dir/log"
done_testing
