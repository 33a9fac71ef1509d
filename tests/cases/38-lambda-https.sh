#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lambda functions at an endpoint of https, whose certificate is verified and whose calls are signed, as the real
# service wants it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/pki.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup; pki_cleanup' EXIT
# Set by netns_add.
blue=''

# serve NAME CERTIFICATE [KEY-ID SECRET [TOKEN]]: the Invoke API at $port, its pid $server.
server='' port=''
serve() {
	python3 tests/lib/invoke.py 0 "$dir/$1" "$pki/$2.pem" "$pki/$2.key" "${@:3}" 2>>"$dir/errors" &
	server=$!
	netns_pids+=("$server")
	wait_for 10 test -s "$dir/$1.port"
	port=$(cat "$dir/$1.port")
}
get() { ip netns exec "$blue" curl -sS -m 20 "http://$address$1"; }
code() { ip netns exec "$blue" curl -sS -m 20 -o /dev/null -w '%{http_code}' "http://$address${1:-/}"; }
says() { [ "$(code "${2:-/}")" = "$1" ]; }
# fails_for REASON: calls fail, and the log, which tells of one failure a second, says why.
fails_for() { says 503 && grep -q "TLS with [a-z0-9.]* at 127.0.0.1:[0-9]* failed: $1" "$dir/log"; }
last() { tail -n 1 "$dir/$1" | jq -r "$2"; }

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/32 dev lo
pki_ca
pki_cert here "here.test,IP:127.0.0.1"
pki_cert other other.test
pki_cert old "here.test,IP:127.0.0.1" -1
serve calls here AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create recommend >/dev/null
ctl association create --network shop --service recommend >/dev/null

echo wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY >"$dir/secret"
check "a function over https, signed" ctl lambda add signed --endpoint "https://127.0.0.1:$port" --ca "$pki/ca.pem" \
	--sign AKIDEXAMPLE --secret-file "$dir/secret"
check "whose secret is shown nowhere" bash -c "! build/latticectl -o json lambda show signed | grep -i 'wJalr\|sealed'"
check "but whose key is" test "$(ctl_json lambda show signed | jq -r .accessKeyId)" = AKIDEXAMPLE
check "nor is it in the store as it is" bash -c "! cat $dir/state/lattice.db* | grep -q wJalr"
ctl target-group create functions --type LAMBDA >/dev/null
ctl target register functions signed
ctl listener create --service recommend --protocol HTTP --port 80 --forward functions >/dev/null
address=$(ctl_json service show recommend | jq -r '.addresses[0]')
check "is called" wait_for 10 says 200
check "and the signature is good, by another's reading" test "$(last calls .complaint)" = null
check "at the path of the API" test "$(last calls .path)" = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Asigned/invocations"
check "nor is the secret in the plane's memory, where it was used" bash -c "! python3 tests/lib/memory.py $(plane_pid) | grep -q wJalr"
check "an address is not sent as a name" test "$(last calls .sni)" = null
before=$(last calls .connection)
get / >/dev/null
resumes() { ip netns exec "$blue" curl -sS -m 20 -d x "http://$address/" >/dev/null; [ "$(last calls .resumed)" = true ]; }
check "the connection is kept" test "$(last calls .connection)" = "$before"
check "one for what may not be asked twice is new, but resumes its session" wait_for 5 resumes
resumed() { curl -sS --unix-socket "$dir/run/api.sock" http://localhost/metrics | grep 'target_group_tls_resumptions_total{' | grep -qv ' 0$'; }
check "which is counted" wait_for 5 resumed
check "a function's error is 502" test "$(code /fail)" = 502
check "the service's is 500" test "$(code /deny)" = 500

sed -i s/w/W/ "$dir/secret"
ctl lambda update signed --sign AKIDEXAMPLE --secret-file "$dir/secret" >/dev/null
check "with another secret it is refused" wait_for 5 says 500
check "for its signature" test "$(last calls .complaint)" = signature
AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY \
	check "the secret may come from the environment" ctl lambda update signed --sign AKIDEXAMPLE
check "and then it is called again" wait_for 5 says 200
check "a key without a secret is no key" bash -c "build/latticectl lambda update signed --sign AKIDOTHER 2>&1 | grep -q 'secret of AKIDOTHER'"
ctl lambda update signed --no-sign >/dev/null
check "without a signature it is refused" wait_for 5 says 500
check "as unsigned" test "$(last calls .complaint)" = "no signature"
kill "$server"

serve token here ASIATEMPORARY other+secret/of=it the/Session+Token==
printf 'other+secret/of=it' >"$dir/secret"
printf 'the/Session+Token==\n' >"$dir/token"
ctl lambda update signed --endpoint "https://127.0.0.1:$port/" --sign ASIATEMPORARY --secret-file "$dir/secret" \
	--token-file "$dir/token" >/dev/null
check "temporary keys come with their token" wait_for 5 says 200
check "which is signed too" test "$(last token .complaint)" = null

check "whom the system trusts is another matter" ctl lambda update signed --system-ca
check "there an unknown authority is not believed" wait_for 5 says 503
check "which the log says" wait_for 5 fails_for 'unable to get local issuer certificate'
ctl lambda update signed --ca "$pki/here.pem" >/dev/null
check "a certificate may be believed itself" wait_for 5 says 200
serve other other
ctl lambda update signed --endpoint "https://127.0.0.1:$port" --ca "$pki/ca.pem" --no-sign >/dev/null
check "a certificate of another name is not" wait_for 5 says 503
check "and the log says so" wait_for 5 fails_for 'IP address mismatch'
serve old old
ctl lambda update signed --endpoint "https://127.0.0.1:$port" >/dev/null
check "nor one that has expired" wait_for 5 fails_for 'certificate has expired'
check "no call was made over it" test ! -s "$dir/old"
check "nonsense is no certificate" bash -c "build/latticectl lambda update signed --ca '$dir/secret' 2>&1 | grep -q 'certificates in PEM'"
check "and none goes with http" bash -c "build/latticectl lambda update signed --endpoint http://127.0.0.1:1 2>&1 | grep -q 'endpoint of https'"
done_testing
