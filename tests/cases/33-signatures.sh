#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Callers that sign: who they are to policies, targets and the log, and why a signature is refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

region=us-east-1
# curl_blue PATH [CURL-OPTION…]: body, then the status on a line of its own.
curl_blue() { ip netns exec "$blue" curl -sS -m 10 -w '\n%{http_code}\n' "${@:2}" "http://$address$1"; }
# signed KEY PATH [CURL-OPTION…]: the same, signed with the key, an answer of `identity key`.
signed() {
	local id secret token extra=()
	id=$(jq -r .accessKeyId <<<"$1") secret=$(jq -r .secretAccessKey <<<"$1") token=$(jq -r '.sessionToken // ""' <<<"$1")
	[ -z "$token" ] || extra=(-H "x-amz-security-token: $token")
	curl_blue "$2" --aws-sigv4 "aws:amz:$region:vpc-lattice-svcs" --user "$id:$secret" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" "${extra[@]}" "${@:3}"
}
# code COMMAND…: its last line.
code() { "$@" | tail -n 1; }
answers() { [ "$(code "${@:2}")" = "$1" ]; }
# says TEXT COMMAND…: the output has it.
says() { "${@:2}" 2>&1 | grep -qF -- "$1"; }
put() { ctl auth-policy put "$1" <(echo "{\"Version\":\"2012-10-17\",\"Statement\":[$2]}") >/dev/null && ctl status >/dev/null; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$green" g0 10.0.0.1/24
netns_spawn "$green" python3 tests/lib/echo.py 10.0.0.1 8001

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
wait_for 10 answers 200 curl_blue / || { not_ok "an open service is served"; done_testing; exit 1; }
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader
logged() { wait_for 5 grep -q "\"requestId\":\"$1\"" "$dir/access" && [ "$(grep "\"requestId\":\"$1\"" "$dir/access" | jq -r ".$2")" = "$3" ]; }

web=arn:aws:iam::111122223333:role/web
ctl identity add $web --tag 'team=red;blue' --org o-abc123 --org-path o-abc123/r-1/ >/dev/null
key=$(ctl_json identity key $web)
ctl status >/dev/null
bad=$(jq -c '.secretAccessKey = "0000000000000000000000000000000000000000"' <<<"$key")

check "without IAM a signature is nobody's business" answers 200 signed "$bad" /
allow="{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"$web\"},\"Action\":\"vpc-lattice-svcs:Invoke\",\"Resource\":\"*\"}"
ctl service update cart --auth-type AWS_IAM >/dev/null
check "a policy that names the role" put service/cart "$allow"
check "the role is served" answers 200 signed "$key" '/a/b?a=&a=%20x&z=1'
check "a body too" says 'POST /post' signed "$key" /post -d hello -H 'content-type: text/plain'
check "over HTTP/2 too" answers 200 signed "$key" /h2?a=1 --http2-prior-knowledge
check "nobody is not" answers 403 curl_blue /
check "the target is told who calls" says "x-amzn-lattice-identity: Principal=$web; PrincipalOrgID=o-abc123; PrincipalOrgPaths=o-abc123/r-1/; SessionName=; Type=AWS_IAM" signed "$key" /
check "and with which tags" says "x-amzn-lattice-identity-tags: principal=$web;principalorgid=o-abc123;principalorgpath=o-abc123/r-1/;team=red\\;blue" signed "$key" /
check "what the caller says of itself does not get there" says 'Principal=arn' signed "$key" / -H 'x-amzn-lattice-identity: Principal=me'
signed "$key" / -H 'x-amzn-requestid: signed-1' >/dev/null
check "the log has who it was" logged signed-1 resolvedUser $web

any=${allow/\{\"AWS\":\"$web\"\}/\"*\"}
check "everybody may" put service/cart "$any"
check "an anonymous caller passes" answers 200 curl_blue /
check "a signature that is not valid does not" answers 403 signed "$bad" /
check "in AWS's words" says 'InvalidSignatureException: The request signature we calculated does not match' signed "$bad" /
signed "$bad" / -H 'x-amzn-requestid: bad-1' >/dev/null
check "the log has why" logged bad-1 authDeniedStatement MISMATCH
check "an administrator sees what should have been signed" says 'AWS4-HMAC-SHA256' ctl_json explain bad-1
check "and why" says 'DENIED: MISMATCH: InvalidSignatureException: The request signature we calculated' ctl explain bad-1
# unsaid [CURL-OPTION…]: signed, without a word about the body.
unsaid() { curl_blue / --aws-sigv4 "aws:amz:$region:vpc-lattice-svcs" --user "$(jq -r '"\(.accessKeyId):\(.secretAccessKey)"' <<<"$key")" "$@"; }
check "a signed body is not taken" says 'InvalidSignatureException: Signed payloads are not supported' \
	unsaid -H 'x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
check "nor one in chunks with a trailer" says 'InvalidSignatureException: Signed payloads are not supported' \
	unsaid -H 'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER'
check "nor a request that does not say so" says "IncompleteSignatureException: Missing the 'x-amz-content-sha256' in canonical headers" \
	unsaid -H 'x-amzn-requestid: unsaid-1'
kept() { ctl explain unsaid-1 >/dev/null 2>&1; }
wait_for 5 kept
check "an administrator is told how to say it" says 'the header x-amz-content-sha256 is missing; it must be UNSIGNED-PAYLOAD' ctl explain unsaid-1
unknown=$(jq -c '.accessKeyId = "AKIAAAAAAAAAAAAAAAAA"' <<<"$key")
check "nor an unknown key" says 'UnrecognizedClientException: The security token included in the request is invalid.' signed "$unknown" /
region=eu-west-1
check "nor another region's" says "not 'eu-west-1'" signed "$key" /
region=us-east-1

session=$(ctl_json identity key $web --session build)
ctl status >/dev/null
check "a session is served" answers 200 signed "$session" /
check "under its name" says 'assumed-role/web/build; PrincipalOrgID=o-abc123; PrincipalOrgPaths=o-abc123/r-1/; SessionName=build;' signed "$session" /
check "not without its token" answers 403 signed "$(jq -c 'del(.sessionToken)' <<<"$session")" /
ctl identity key disable "$(jq -r .accessKeyId <<<"$key")" >/dev/null && ctl status >/dev/null
check "a key that is switched off is refused" answers 403 signed "$key" /
ctl identity key enable "$(jq -r .accessKeyId <<<"$key")" >/dev/null && ctl status >/dev/null
check "and again served" answers 200 signed "$key" /
ctl identity update $web --no-policy >/dev/null && ctl status >/dev/null
check "the identity's own policy must allow" says 'because no identity-based policy allows' signed "$key" /
ctl identity update $web --policy <(echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}') >/dev/null && ctl status >/dev/null
check "then it is served" answers 200 signed "$key" /

daemon_stop
daemon_start
wait_for 10 answers 200 signed "$key" / >/dev/null
check "a key is good after a restart" answers 200 signed "$key" /
secret=$(jq -r .secretAccessKey <<<"$key")
check "no secret is in the state" bash -c "! grep -rqF '$secret' $dir/state $dir/log $dir/access"
check "nor a token" bash -c "! grep -rqF '$(jq -r .sessionToken <<<"$session")' $dir/state $dir/log $dir/access"
ctl identity remove $web && ctl status >/dev/null
check "an identity that is gone is unknown" answers 403 signed "$key" /
done_testing
