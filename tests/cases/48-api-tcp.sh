#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The control API on TCP: AWS's own SDK with the keys of two accounts, a network shared between them, and all
# who are refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
. tests/lib/sdk.sh
trap daemon_cleanup EXIT

sdk_prepare
port=$(free_port)
export LATTICED_API="tcp:127.0.0.1:$port,tcp:[::1]:$port"
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
cat >"$dir/policy" <<'POLICY'
{"Version": "2012-10-17", "Statement": [
 {"Effect": "Allow", "Action": "vpc-lattice:ListServices", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}},
 {"Effect": "Allow", "Action": "vpc-lattice:ListServiceNetworks", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
 {"Effect": "Allow", "Action": "vpc-lattice:CreateService", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/team": "cart"}}},
 {"Effect": "Allow", "Action": "vpc-lattice:*Service", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "cart"}}},
 {"Effect": "Deny", "Action": "vpc-lattice:Delete*", "Resource": "*"}]}
POLICY
for who in OWNER=111111111111:root USER=222222222222:root PERSON=111111111111:user/person; do
	arn=arn:aws:iam::${who#*=}
	ctl identity add "$arn" --policy "$dir/policy" >/dev/null
	declare -x "${who%%=*}=$(ctl_json identity key "$arn" | jq -r '.accessKeyId + " " + .secretAccessKey')"
done
VPC=$(ctl_json --account 222222222222 vpc add blue --netns "lt$$-none" | jq -r .id)
export VPC ENDPOINT=http://127.0.0.1:$port
if "$node" --test-reporter=tap build/api/accounts.mjs >"$dir/sdk" 2>&1; then
	ok "the SDK with the keys of accounts"
else
	not_ok "the SDK with the keys of accounts" "$(grep -A12 'not ok' "$dir/sdk")"
fi

# asked WANTED CURL-OPTION…: the status and the error of a request.
asked() {
	local said
	said=$(curl -s -m 10 -o /dev/null -D - "${@:2}" | tr -d '\r' | awk 'NR == 1 {s = $2} tolower($1) == "x-amzn-errortype:" {e = $2} END {print s, e}')
	[ "$said" = "$1" ] || { echo "# said $said"; return 1; }
}
signer=(--aws-sigv4 aws:amz:us-east-1:vpc-lattice --user "${OWNER/ /:}")
check "curl signs too" asked "200 " "${signer[@]}" "$ENDPOINT/services"
check "on each of its addresses" asked "200 " "${signer[@]}" "http://[::1]:$port/services"
check "an unsigned request is refused" asked "403 MissingAuthenticationTokenException" "$ENDPOINT/services"
check "and one for another service" asked "403 InvalidSignatureException" --aws-sigv4 aws:amz:us-east-1:vpc-lattice-svcs \
	--user "${OWNER/ /:}" "$ENDPOINT/services"
check "and one whose body is another" asked "403 InvalidSignatureException" "${signer[@]}" \
	-H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d ' ' -f 1)" -d '{"name":"x"}' "$ENDPOINT/services"
check "administrators' operations are not answered" asked "403 AccessDeniedException" "${signer[@]}" "$ENDPOINT/lattice/v1/vpcs"
check "nor for another account" asked "200 " "${signer[@]}" -H 'X-Lattice-Account: 222222222222' "$ENDPOINT/services"
check "whose services are not shown" test "$(curl -s "${signer[@]}" -H 'X-Lattice-Account: 222222222222' "$ENDPOINT/services" | jq '.items | length')" = 0
check "the unix socket needs no signature" ctl service list
# signs KEYS COMMAND…: latticectl with keys in its environment.
signs() {
	AWS_ACCESS_KEY_ID=${1% *} AWS_SECRET_ACCESS_KEY=${1#* } build/latticectl --api "tcp:127.0.0.1:$port" "${@:2}"
}
check "latticectl signs" test "$(signs "$OWNER" -o json network list | jq -r '.items[].arn' | cut -d : -f 5)" = 111111111111
check "with a body and a query too" signs "$USER" tag add network/shop team=cart
check "for the account of the key" test "$(signs "$USER" tag list network/shop | grep -c cart)" = 1
check "not as an administrator" bash -c "$(declare -f signs); port=$port; signs '$OWNER' status 2>&1 | grep -q 'own socket only'"
check "and not without keys" bash -c "build/latticectl --api tcp:127.0.0.1:$port status 2>&1 | grep -q AWS_ACCESS_KEY_ID"
# Others that only connect, or are right but stay, do not keep anybody out: not from the same address either.
python3 - "$port" >"$dir/crowd" <<'PYTHON' &
import socket, sys, time
crowd = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(100)]
print("here", flush=True)
time.sleep(60)
PYTHON
crowd=$!
wait_for 10 grep -q here "$dir/crowd"
check "a crowd that says nothing keeps nobody out" asked "200 " "${signer[@]}" "$ENDPOINT/services"
kill $crowd
wait $crowd 2>/dev/null
check "a signature in the query is none" asked "403 MissingAuthenticationTokenException" \
	"$ENDPOINT/services?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"
key=${OWNER%% *}
ctl identity key disable "$key" >/dev/null
check "a key that is switched off opens nothing" wait_for 5 asked "403 UnrecognizedClientException" "${signer[@]}" "$ENDPOINT/services"
done_testing
