#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secrets stay where they belong: not in the state, not in a log, not in an error, and not in the plane's memory once
# they were used. What must stay there, keys derived from them, is in no core dump.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
. tests/lib/pki.sh
trap 'daemon_cleanup; netns_cleanup; pki_cleanup' EXIT
# Set by netns_add.
blue=''

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.0.0.1/24 dev lo
netns_spawn "$blue" python3 tests/lib/echo.py 10.0.0.1 8001
pki_ca
pki_cert cart cart.example
openssl genrsa -out "$pki/rsa.key" 2048 2>/dev/null
openssl req -new -key "$pki/rsa.key" -subj /CN=rsa -out "$pki/rsa.csr" 2>/dev/null
openssl x509 -req -in "$pki/rsa.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -CAcreateserial -days 2 \
	-extfile <(echo subjectAltName=DNS:rsa.example) -out "$pki/rsa.pem" 2>/dev/null

daemon_start || { echo 'Bail out! no daemon'; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
certify() { ctl certificate import --certificate "$pki/$1.pem" --private-key "${2:-$pki/$1.key}"; }
check "a certificate with an ECDSA key is imported" certify cart
check "one with an RSA key too" certify rsa
ctl service create cart --auth-type AWS_IAM --custom-domain cart.example --certificate cart.example >/dev/null
ctl target-group create cart-v1 --vpc blue --port 8001 >/dev/null
ctl target register cart-v1 10.0.0.1:8001 >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --forward cart-v1 >/dev/null
ctl listener create --service cart --protocol HTTPS --port 443 --forward cart-v1 >/dev/null
ctl association create --network shop --service cart >/dev/null
ctl auth-policy put service/cart <(echo '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}') >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
# signed KEY PATH: the status of a request signed with an answer of `identity key`.
signed() {
	ip netns exec "$blue" curl -sS -m 10 -o /dev/null -w '%{http_code}\n' "http://$address$2" \
		--aws-sigv4 aws:amz:us-east-1:vpc-lattice-svcs --user "$(jq -r '"\(.accessKeyId):\(.secretAccessKey)"' <<<"$1")" \
		-H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "${@:3}"
}
answers() { [ "$("${@:2}")" = "$1" ]; }

web=arn:aws:iam::111122223333:role/web
ctl identity add $web >/dev/null
key=$(ctl_json identity key $web)
session=$(ctl_json identity key $web --session build)
wait_for 10 answers 200 signed "$key" /
check "a signed request is served" answers 200 signed "$key" /a
check "one with another secret is not" answers 403 signed "$(jq -c '.secretAccessKey = "wrong"' <<<"$key")" /a
check "the key of the certificate is used" ip netns exec "$blue" curl -sS -m 10 -o /dev/null --cacert "$pki/ca.pem" \
	--connect-to "::$address:" https://cart.example/
# Refused, so that errors are made of them.
certify cart "$pki/rsa.key" 2>"$dir/refused"
certify cart <(sed 's/^MI/!!/' "$pki/cart.key") 2>>"$dir/refused"
check "keys that do not fit are refused" test "$(grep -c privateKey "$dir/refused")" = 2

# What must be nowhere, a text a line: as it is, in hexadecimal, and in base64 wherever that began.
needles() {
	local s
	for s; do
		printf '%s\n' "$s"
		printf %s "$s" | od -An -v -tx1 | tr -d ' \n' && echo
		printf %s "$s" | base64 -w 0 | cut -c -48
		printf 'x%s' "$s" | base64 -w 0 | cut -c 5-48
		printf 'xx%s' "$s" | base64 -w 0 | cut -c 5-48
	done
}
# The authority's file as an older release left it, which the next start replaces.
ctl certificate ca >"$dir/authority"
daemon_stop
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=old-ca -keyout "$pki/old.key" -out "$pki/old.pem" 2>/dev/null
sealed_ca=$(cat "$dir/state/ca.pem")
cat "$pki/old.key" "$pki/old.pem" >"$dir/state/ca.pem"
check "a private key that lies plain would be found" grep -rqE 'PRIVATE KEY' "$dir/state"
daemon_start || echo 'Bail out! no daemon'
check "an authority that was not sealed is used" cmp "$pki/old.pem" <(ctl certificate ca)
check "and then sealed" bash -c "! grep -q -e ----- '$dir/state/ca.pem'"
check "no private key lies plain in the state" bash -c "! grep -rqE -e 'PRIVATE KEY' '$dir/state'"
check "and nothing is left beside it" bash -c "! ls '$dir/state' | grep -F ca.pem."
daemon_stop
printf %s "$sealed_ca" >"$dir/state/ca.pem"
daemon_start || echo 'Bail out! no daemon'
check "a sealed one is read again" cmp "$dir/authority" <(ctl certificate ca)
wait_for 10 answers 200 signed "$key" /
ip netns exec "$blue" curl -sS -m 10 -o /dev/null --cacert "$pki/ca.pem" --connect-to "::$address:" https://cart.example/
{
	needles "$(jq -r .secretAccessKey <<<"$key")" "$(jq -r .secretAccessKey <<<"$session")" "$(jq -r .sessionToken <<<"$session")"
	cat "$pki/cart.key" "$pki/rsa.key" "$pki/old.key" | grep -v -e -----
} >"$dir/needles"
plane=$(plane_pid)
# nowhere FILE…: prints how many of the secrets are in which file.
nowhere() { ! grep -aoFf "$dir/needles" "$@" | sort | uniq -c | cut -c 1-72 | tee "$dir/found" | grep . ; }
nowhere "$pki/cart.key" >/dev/null && not_ok "a secret is found where it is"
check "no secret is in the database or beside it" nowhere -r "$dir/state"
check "nor in the log" nowhere "$dir/log"
check "nor in an error" nowhere "$dir/refused"
python3 tests/lib/memory.py "$plane" >"$dir/memory"
check "nor in the plane's memory" nowhere "$dir/memory"
# count N HEX FILE…: these bytes stand N times in each file.
count() {
	python3 -c 'import sys; sys.exit(any(open(f, "rb").read().count(bytes.fromhex(sys.argv[2])) != int(sys.argv[1])
		for f in sys.argv[3:]))' "$@"
}
holds() { count 1 "$2" "$1"; }
holds_not() { count 0 "$2" "$1"; }
scalar=$(openssl pkey -in "$pki/cart.key" -noout -text | sed -n '/^priv:/,/^pub:/s/^ //p' | tr -dc 0-9a-f)
openssl pkey -in "$pki/cart.key" -outform DER >"$dir/der"
check "nor the bytes that a private key was decoded to" holds_not "$dir/memory" "$scalar"
check "which would be found" holds "$dir/der" "$scalar"
sealing=$(od -An -v -tx1 "$dir/state/secrets.key" | tr -d ' \n')
check "the key that seals them is there, since it is needed" holds "$dir/memory" "$sealing"
python3 tests/lib/memory.py "$plane" --core >"$dir/memory"
check "but not in what a core dump would hold" holds_not "$dir/memory" "$sealing"
python3 tests/lib/memory.py "$daemon_pid" >"$dir/memory"
check "the broker knows no secret" nowhere "$dir/memory"
check "nor that key" holds_not "$dir/memory" "$sealing"
check "the plane dumps no core" grep -qE '^Max core file size +0 +0 ' "/proc/$plane/limits"
check "and its memory is nobody's of its own user" test "$(stat -c %U "/proc/$plane/mem")" = root

# A real core, where the host writes any to files: the folder is open to the plane's user, and there is no limit.
daemon_stop
mkdir -m 1777 "$dir/cores"
root=$PWD
cores() { find "$dir/cores" -type f | grep -c .; }
(cd "$dir/cores" && ulimit -c unlimited && sh -c 'kill -SEGV $$'; true) 2>/dev/null
if [ "$(cores)" = 0 ]; then
	skip "a plane that crashes leaves no core" "this host keeps no cores in files"
else
	rm "$dir"/cores/*
	(cd "$dir/cores" && ulimit -c unlimited && exec "$root/build/latticed" --state "$dir/state" --run "$dir/run" --steer "$steer" >/dev/null 2>>"$dir/log") &
	daemon_pid=$!
	wait_for 20 ctl status
	plane=$(plane_pid)
	check "the limit is open where the plane comes from" grep -qE '^Max core file size +unlimited' "/proc/$daemon_pid/limits"
	kill -SEGV "$plane"
	succeeded() { [ "$(plane_pid)" != "$plane" ] && ctl status; }
	check "a plane that crashes has a successor" wait_for 20 succeeded
	check "and leaves no core" test "$(cores)" = 0
fi
done_testing
