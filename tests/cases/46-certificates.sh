#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Certificates as an administrator keeps them: import, use, replace, expiry, and where the keys are.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
. tests/lib/pki.sh
trap 'daemon_cleanup; pki_cleanup' EXIT

pki_ca
pki_cert cart cart.example
pki_cert next '*.example' 365
pki_cert other other.example
# Dates of the past can be had from no option of openssl-x509.
expired_cert() {
	openssl ca -batch -notext -config <(cat <<-CONF
		[ca]
		default_ca = c
		[c]
		database = $pki/index
		new_certs_dir = $pki
		serial = $pki/serial
		default_md = sha256
		policy = p
		[p]
		commonName = supplied
	CONF
	) -cert "$pki/ca.pem" -keyfile "$pki/ca.key" -in "$pki/cart.csr" -out "$pki/expired.pem" \
		-startdate 20200101000000Z -enddate 20200201000000Z 2>/dev/null
}
: >"$pki/index"
echo 01 >"$pki/serial"
expired_cert || { echo 'Bail out! no expired certificate'; exit 1; }
refuses() { ! ctl "${@:2}" >/dev/null 2>"$dir/said" && grep -q -- "$1" "$dir/said"; }

daemon_start
import() { ctl certificate import --certificate "$pki/$1.pem" --private-key "$pki/$2.key" "${@:3}"; }
check "a certificate is imported" import cart cart --chain "$pki/ca.pem"
arn=$(ctl_json certificate show cart.example | jq -r .arn)
check "it has an ARN like one of ACM" grep -qE '^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]{36}$' <<<"$arn"
check "it is listed with the days that are left" grep -qxE 'cart.example ISSUED [12]' <<<"$(ctl_json certificate list |
	jq -r '.items[] | "\(.domainName) \(.status) \(.daysLeft)"')"
check "an expired one is refused" refuses 'certificate has expired' certificate import \
	--certificate "$pki/expired.pem" --private-key "$pki/cart.key"
check "the key of another is refused" refuses 'privateKey is not the key' certificate import \
	--certificate "$pki/cart.pem" --private-key "$pki/other.key"
check "a chain that is none is refused" refuses 'certificateChain must go' certificate import \
	--certificate "$pki/cart.pem" --private-key "$pki/cart.key" --chain "$pki/other.pem"

check "a service uses it" ctl service create cart --custom-domain cart.example --certificate cart.example
check "one for another name is refused" refuses 'must name a certificate for shop.test' service create shop \
	--custom-domain shop.test --certificate cart.example
check "what is used is not deleted" refuses 'in use' certificate delete cart.example
check "its user is shown" grep -q service/svc- <<<"$(ctl_json certificate show cart.example)"
check "a successor takes its place" import next next --replace cart.example
check "under the same ARN" test "$(ctl_json certificate show '*.example' | jq -r .arn)" = "$arn"
check "a service without it lets it go" ctl service update cart --certificate ''
check "then it is deleted" ctl certificate delete '*.example'

private() { [ "$(stat -c %a "$1")" = 600 ]; }
check "the key file is private" private "$dir/state/secrets.key"
check "the authority's file is private" private "$dir/state/ca.pem"
ctl certificate ca >"$dir/ca.pem"
check "the authority is a certificate" openssl x509 -in "$dir/ca.pem" -noout
import other other >/dev/null
inside=$(sed -n 2p "$pki/other.key")
check "no key is readable in the store" bash -c "! grep -rqF '$inside' '$dir/state'"
daemon_stop
check "one that expires soon is warned of" grep -q 'name=other.example expires in [12] days' <(daemon_start; daemon_stop; cat "$dir/log")
daemon_start
check "the authority stays the same" cmp "$dir/ca.pem" <(ctl certificate ca)
check "certificates outlive the daemon" ctl certificate show other.example
daemon_stop
mv "$dir/state/secrets.key" "$dir/lost.key"
daemon_start
check "without its key file a certificate is named in the log" wait_for 5 grep -q \
	'name=other.example cannot be read with this key file' "$dir/log"
check "so is the authority" grep -q "certificate authority $dir/state/ca.pem cannot be read with this key file" "$dir/log"
check "which is not replaced unasked" refuses 'no certificate authority' certificate ca
check "and the rest goes on" ctl status
daemon_stop
mv "$dir/lost.key" "$dir/state/secrets.key"
daemon_start
check "with the right key file it is the same again" cmp "$dir/ca.pem" <(ctl certificate ca)
daemon_stop
done_testing
