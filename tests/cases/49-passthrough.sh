#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TLS_PASSTHROUGH listeners: the name in the hello decides, the target's own certificate is seen,
# bytes go both ways until both sides end, and policies know an anonymous Connect.
#
#     blue 10.1.0.1 (clients)     green 10.0.0.1 (targets on :8441, :8442)
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
# get PATH CURL-OPTIONS…
get() { in_blue curl -sS -m 10 --cacert "$pki/ca.pem" --resolve "cart.example:443:$address" "https://cart.example$1" "${@:2}"; }
refuses() { ! ctl "${@:2}" >/dev/null 2>"$dir/said" && grep -q -- "$1" "$dir/said"; }
api() { build/latticectl api "$1" "$2"; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
pki_ca
pki_cert target cart.example
# Over TLS, it tells a count of the bytes that came until the client ended its side; and it ends its
# own side first when the first byte is an "e".
cat >"$dir/target.py" <<'PY'
import http.server, socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2] + "/target.pem", sys.argv[2] + "/target.key")
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"x" * 3000000 if self.path == "/big" else b"passed through\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = b"%d\n" % len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("10.0.0.1", int(sys.argv[1])), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
PY
netns_spawn "$green" python3 "$dir/target.py" 8441 "$pki"
# No TLS at all: it ends its side after the hello, then counts what comes until the client ends too.
cat >"$dir/half.py" <<'PY'
import socket
s = socket.create_server(("10.0.0.1", 8442))
while True:
    c, _ = s.accept()
    got = c.recv(65536)
    c.sendall(b"ended")
    c.shutdown(socket.SHUT_WR)
    n = len(got)
    while True:
        more = c.recv(65536)
        if not more:
            break
        n += len(more)
    open("/proc/self/fd/1", "w").write("%d\n" % n)
    c.close()
PY
netns_spawn "$green" python3 "$dir/half.py" >"$dir/half"
listens() { ip netns exec "$green" bash -c "exec 3<>/dev/tcp/10.0.0.1/$1"; }
wait_for 10 listens 8441

daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create plain >/dev/null
ctl service create cart --custom-domain cart.example >/dev/null
ctl target-group create web --vpc green --port 8441 >/dev/null
check "a group of TCP is made" ctl target-group create tls --vpc green --protocol TCP --port 8441
check "it has no version of HTTP and is not checked unless asked for" test "$(ctl_json target-group show tls |
	jq -c '[.config.protocolVersion, .config.healthCheck.enabled]')" = '[null,false]'
ctl target register tls 10.0.0.1:8441 >/dev/null
check "a service without a custom name cannot pass through" refuses 'custom domain name' \
	listener create --service plain --protocol TLS_PASSTHROUGH --forward tls
check "nor can a fixed response" refuses 'must forward' \
	listener create --service cart --protocol TLS_PASSTHROUGH --fixed-response 404
check "nor a group of HTTP" refuses 'of the protocol TCP' \
	listener create --service cart --protocol TLS_PASSTHROUGH --forward web
check "a group of TCP is for nothing else" refuses 'of another protocol than TCP' \
	listener create --service plain --protocol HTTPS --forward tls
check "a listener passes through" ctl listener create --service cart --protocol TLS_PASSTHROUGH --forward tls
listener=$(ctl_json listener list --service cart | jq -r '.items[0].name')
check "it has no rules" refuses 'no rules' rule create --service cart --listener "$listener" --priority 1 \
	--path / --fixed-response 404 one
ctl association create --network shop --service cart >/dev/null
address=$(ctl_json service show cart | jq -r '.addresses[0]')
build/latticectl logs -f --socket "$dir/run/access.sock" >"$dir/access" &
netns_pids+=($!)
has_reader() { [ "$(ctl_json status | jq .accessLogReaders)" = 1 ]; }
wait_for 5 has_reader

check "a client sees the target's own certificate" wait_for 5 get /
check "large bodies arrive whole" test "$(get /big | wc -c)" = 3000000
head -c 3000000 /dev/urandom >"$dir/up"
check "in both directions" test "$(get / --data-binary @"$dir/up")" = 3000000
logged() {
	jq -c 'select(.bytesSent > 3000000) | [.listenerType, .serverNameIndication, .tlsVersion, .requestMethod,
		.responseCode, .protocol, .targetIpPort]' "$dir/access" |
		grep -qxF '["TLS_PASSTHROUGH","cart.example","-","-","-","-","10.0.0.1:8441"]'
}
check "a connection is one line of the access log" wait_for 5 logged
alert() { in_blue timeout 5 openssl s_client -connect "$address:443" -servername "$1" </dev/null 2>&1 | grep -q "$2"; }
check "another name is refused" alert other.example 'unrecognized name'
check "the generated name too" alert "$(ctl_json service show cart | jq -r .dnsEntry.domainName)" 'unrecognized name'
check "garbage is refused" test "$(printf 'GET / HTTP/1.1\r\nHost: cart.example\r\n\r\n' |
	in_blue timeout 5 busybox nc "$address" 443 | head -c 12)" = 'HTTP/1.1 400'

listener_id=$(ctl_json listener list --service cart | jq -r '.items[0].id')
ctl target-group create half --vpc green --protocol TCP --port 8442 >/dev/null
ctl target register half 10.0.0.1:8442 >/dev/null
ctl listener update --service cart "$listener_id" --forward half >/dev/null
# The hello, then as many bytes as fill the buffers when nobody reads, after the target has ended.
cat >"$dir/client.py" <<'PY'
import socket, ssl, sys
i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
c = ssl.create_default_context().wrap_bio(i, o, server_hostname="cart.example")
try:
    c.do_handshake()
except ssl.SSLWantReadError:
    pass
hello = o.read()
s = socket.create_connection((sys.argv[1], 443), 10)
s.sendall(hello)
got = b""
while True:
    more = s.recv(100)
    if not more:
        break
    got += more
s.sendall(b"x" * 1000000)
s.shutdown(socket.SHUT_WR)
print(got.decode(), len(hello) + 1000000)
PY
half_closed() {
	local said
	said=$(in_blue timeout 10 python3 "$dir/client.py" "$address") && [ "${said% *}" = ended ] &&
		wait_for 5 grep -qx "${said#* }" "$dir/half"
}
check "a target may end first, and still gets all that the client sends" wait_for 5 half_closed

ctl listener update --service cart "$listener_id" --forward tls >/dev/null
wait_for 5 get /
ctl service update cart --auth-type AWS_IAM >/dev/null
denied() { ! get / >/dev/null 2>&1; }
check "a service that asks for an identity and has no policy admits nobody" wait_for 5 denied
policy() { api PutAuthPolicy "{\"resourceIdentifier\":\"$(ctl_json service show cart | jq -r .id)\",\"policy\":$(jq -Rn --arg p \
	"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"vpc-lattice-svcs:$1\",\"Resource\":\"*\"}]}" '$p')}" >/dev/null; }
policy Invoke
check "Invoke is something else" denied
policy Connect
check "Connect admits the anonymous" wait_for 5 get /
ctl service update cart --auth-type NONE >/dev/null

kill "${netns_pids[0]}"
check "an unreachable target ends the connection" denied
failed() { grep -q '"listenerType":"TLS_PASSTHROUGH".*"failureReason":"TargetConnectionError"' "$dir/access"; }
check "and is logged as that" wait_for 5 failed
daemon_stop
done_testing
