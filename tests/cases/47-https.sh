#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HTTPS listeners with real clients: certificates by name, versions, resumption, and clients that
# are slow, speak no TLS, or go away.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (target on :8001)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/pki.sh
trap 'daemon_cleanup; netns_cleanup; pki_cleanup' EXIT
# Set by netns_add.
blue='' green=''

in_blue() { ip netns exec "$blue" "$@"; }
# get NAME CURL-OPTIONS…: over HTTPS to the service's address under that name.
get() { in_blue curl -sS -m 10 --resolve "$1:443:$address" "https://$1/" "${@:2}"; }
# shake OPENSSL-OPTIONS…: one handshake and a request; what openssl says of it.
shake() {
	printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' |
		in_blue timeout 10 openssl s_client -connect "$address:443" -CAfile "$dir/ca.pem" -ign_eof "$@" 2>&1
}
says() { grep -q -- "$1" <<<"$2"; }
counter() { ctl_json status | jq ".$1"; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
mkdir -p "$dir/www/cgi-bin"
echo target >"$dir/www/index.html"
head -c 5000000 /dev/urandom >"$dir/www/big"
printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"; env\n' >"$dir/www/cgi-bin/env"
chmod +x "$dir/www/cgi-bin/env"
netns_spawn "$green" busybox httpd -f -p 10.0.0.1:8001 -h "$dir/www"
pki_ca
pki_cert cart cart.example
pki_cert next cart.example

daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl target-group create web --vpc green --port 8001 >/dev/null
ctl target register web 10.0.0.1:8001 >/dev/null
ctl certificate import --certificate "$pki/cart.pem" --private-key "$pki/cart.key" >/dev/null
ctl service create cart --custom-domain cart.example --certificate cart.example >/dev/null
check "an HTTPS listener is made" ctl listener create --service cart --protocol HTTPS --forward web
check "on port 443 unless told" test "$(ctl_json listener list --service cart | jq '.items[0].port')" = 443
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
name=$(ctl_json service show cart | jq -r .dnsEntry.domainName)
ctl certificate ca >"$dir/ca.pem"
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)

check "the generated name is believed with the authority" wait_for 5 get "$name" --cacert "$dir/ca.pem"
check "the custom name with its own" test "$(get cart.example --cacert "$pki/ca.pem")" = target
check "not the other way round" bash -c "! ip netns exec $blue curl -s -m 5 --resolve cart.example:443:$address --cacert $dir/ca.pem https://cart.example/"
check "a large body arrives whole" cmp "$dir/www/big" <(get cart.example/big --cacert "$pki/ca.pem" 2>/dev/null ||
	in_blue curl -sS -m 10 --resolve "cart.example:443:$address" --cacert "$pki/ca.pem" https://cart.example/big)
check "a body goes the other way" test "$(head -c 200000 /dev/zero | in_blue curl -s -o /dev/null -w '%{http_code}' -m 10 \
	--resolve "cart.example:443:$address" --cacert "$pki/ca.pem" --data-binary @- https://cart.example/index.html)" != 000
seen=$(in_blue curl -sS -m 10 --resolve "cart.example:443:$address" --cacert "$pki/ca.pem" https://cart.example/cgi-bin/env)
check "the target is told that it was https" says 'HTTP_X_FORWARDED_PROTO=https' "$seen"
check "and which port" says 'HTTP_X_FORWARDED_PORT=443' "$seen"

check "TLS 1.3 is spoken" says 'TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256' "$(shake -tls1_3 -servername "$name")"
check "TLS 1.2 too" says 'Cipher is ECDHE-ECDSA-AES128-GCM-SHA256' "$(shake -tls1_2 -servername "$name")"
check "TLS 1.1 is not" says 'alert protocol version' "$(shake -tls1_1 -cipher ALL:@SECLEVEL=0)"
check "ALPN http/1.1 is agreed on" says 'ALPN protocol: http/1.1' "$(shake -alpn http/1.1 -servername "$name")"
check "ALPN h2 too" test "$(get "$name" --cacert "$dir/ca.pem" --http2 -o /dev/null -w '%{http_version}')" = 2
check "an unknown protocol is refused" says 'alert no application protocol' "$(shake -alpn gopher -servername "$name")"
check "renegotiation is refused" says 'no renegotiation' \
	"$(echo R | in_blue timeout 10 openssl s_client -connect "$address:443" -tls1_2 2>&1)"
check "a name that nobody has gets the generated one's certificate" says "DNS:$name" \
	"$(shake -servername other.example | openssl x509 -noout -ext subjectAltName 2>/dev/null)"
check "no name at all too" says "DNS:$name" "$(shake -noservername | openssl x509 -noout -ext subjectAltName 2>/dev/null)"
for v in 2 3; do
	shake -tls1_$v -servername "$name" -sess_out "$dir/session" >/dev/null
	check "a TLS 1.$v session is resumed" says '^Reused, TLSv1' "$(shake -tls1_$v -servername "$name" -sess_in "$dir/session")"
done

from_log() { wait_for 5 grep -q "$1" "$dir/access"; }
check "the log tells version, cipher and name" from_log \
	'"tlsVersion":"TLSv1.3","sslCipher":"TLS_AES_[^"]*","serverNameIndication":"cart.example"'
check "and of TLS 1.2" from_log '"tlsVersion":"TLSv1.2","sslCipher":"ECDHE-ECDSA-AES128-GCM-SHA256"'

before=$(counter tlsHandshakesFailed)
plain=$(in_blue curl -s -m 5 -o /dev/null -w '%{http_code}' "http://$address:443/")
check "a request without TLS is refused" test "$plain" = 400
garbage() { printf "$1" | in_blue timeout 5 busybox nc "$address" 443 | od -An -tx1 | tr -d ' \n'; }
check "garbage that begins like TLS is told so" test "$(garbage '\x16\x03\x01\x00\x04zzzz')" = 15030300020232
in_blue bash -c "exec 3<>/dev/tcp/$address/443; printf '\x16\x03' >&3"
failed_more() { [ "$(counter tlsHandshakesFailed)" -gt "$before" ]; }
check "failed handshakes are counted" wait_for 5 failed_more
check "and logged" wait_for 5 grep -q 'TLS handshake failed client=[0-9.:]* sni=-*' "$dir/log"
slow() {
	local began=${EPOCHREALTIME/./}
	in_blue timeout 30 bash -c "exec 3<>/dev/tcp/$address/443; printf '\x16\x03\x01' >&3; cat <&3" >/dev/null
	took=$(((${EPOCHREALTIME/./} - began) / 1000000))
	[ $took -ge 9 ] && [ $took -le 20 ]
}
check "a handshake that is not finished is cut after ten seconds" slow

check "a certificate's successor is shown" bash -c "build/latticectl certificate import --certificate $pki/next.pem --private-key $pki/next.key --replace cart.example >/dev/null"
fingerprint=$(openssl x509 -in "$pki/next.pem" -noout -fingerprint)
shown() { [ "$(shake -servername cart.example | openssl x509 -noout -fingerprint)" = "$fingerprint" ]; }
check "at once" wait_for 5 shown
ctl service create tea >/dev/null
ctl listener create --service tea --protocol HTTPS --fixed-response 404 >/dev/null
ctl association create --network shop --service tea >/dev/null
tea=$(ctl_json service show tea | jq -r '.addresses[0]')
shake -tls1_3 -servername "$name" -sess_out "$dir/session" >/dev/null
address=$tea
other() { says '^New, TLSv1' "$(shake -tls1_3 -servername "$name" -sess_in "$dir/session")"; }
check "a session of one service is worth nothing at another" wait_for 5 other
daemon_stop
done_testing
