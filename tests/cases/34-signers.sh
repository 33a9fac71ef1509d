#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Signers of others against a service that asks who calls: npm's aws4 and AWS's own for JavaScript (tests/api/signers.mjs).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/sdk.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue='' green=''

sdk_prepare
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
served() { ip netns exec "$blue" curl -sS -f -m 5 -o /dev/null "http://$address/" 2>/dev/null; }
wait_for 10 served || { echo 'Bail out! nothing is served'; exit 1; }
web=arn:aws:iam::111122223333:role/web
ctl identity add $web >/dev/null
ctl service update cart --auth-type AWS_IAM >/dev/null
ctl auth-policy put service/cart <(echo "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"$web\"},\"Action\":\"*\",\"Resource\":\"*\"}}") >/dev/null

# run KEY: all signers with the key, an answer of `identity key`.
run() {
	ADDRESS=$address ID=$(jq -r .accessKeyId <<<"$1") SECRET=$(jq -r .secretAccessKey <<<"$1") \
		TOKEN=$(jq -r '.sessionToken // empty' <<<"$1") ip netns exec "$blue" "$node" --test-reporter=tap build/api/signers.mjs >"$dir/tap" 2>&1
}
for what in "a lasting key" "a session's key"; do
	options=()
	[ "$what" = "a lasting key" ] || options=(--session build)
	if run "$(ctl_json identity key $web "${options[@]}")"; then
		ok "signers with $what: $(grep -c '^ok' "$dir/tap") requests"
	else
		not_ok "signers with $what" "$(grep -v '^ok' "$dir/tap" | grep -A14 '^not ok' | head -60)"
	fi
done
done_testing
