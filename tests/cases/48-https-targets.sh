#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HTTPS target groups: TLS to targets, whose certificates nobody verifies, kept connections, the
# name that is asked for, and health checks.
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

get() { ip netns exec "$blue" curl -sS -m 10 "$@"; }
health() { [ "$(ctl_json target list "$1" | jq -r ".items[] | select(.port == $2).status")" = "$3" ]; }

netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
ip -n "$green" addr add 10.0.0.1/24 dev lo
pki_ca
pki_cert target whatever.test
# target PORT VERSION: answers with the name it was asked for, how many requests came before on the
# connection, and the ALPN protocol.
cat >"$dir/target.py" <<'PY'
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0
    def do_GET(self):
        self.count += 1
        body = b"x" * 3000000 if self.path == "/big" else ("name=%s count=%d alpn=%s %s\n" % (
            getattr(self.connection, "name", None), self.count,
            self.connection.selected_alpn_protocol(), self.connection.version())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        n = int(self.headers["Content-Length"])
        got = self.rfile.read(n)
        body = b"%d\n" % len(got)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2] + "/target.pem", sys.argv[2] + "/target.key")
context.set_alpn_protocols(["h2", "http/1.1"])
if sys.argv[3:]:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
def named(sock, name, ctx):
    sock.name = name
context.sni_callback = named
server = http.server.ThreadingHTTPServer(("10.0.0.1", int(sys.argv[1])), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
PY
netns_spawn "$green" python3 "$dir/target.py" 8441 "$pki"
netns_spawn "$green" python3 "$dir/target.py" 8442 "$pki" 1.2
netns_spawn "$green" busybox httpd -f -p 10.0.0.1:8443 -h "$pki"
echo 'over HTTP/2' >"$dir/index.html"
netns_spawn "$green" nghttpd -a 10.0.0.1 -d "$dir" 8444 "$pki/target.key" "$pki/target.pem"
listens() { ip netns exec "$green" bash -c "exec 3<>/dev/tcp/10.0.0.1/$1"; }
for n in 1 2 3 4; do wait_for 10 listens 844$n; done

daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
for n in 1 2 3 4; do
	version=HTTP1
	[ $n != 4 ] || version=HTTP2
	ctl target-group create web$n --vpc green --protocol HTTPS --protocol-version $version --port 844$n >/dev/null
	ctl target-group update web$n --health-interval 5 >/dev/null
	ctl target register web$n 10.0.0.1:844$n >/dev/null
	ctl service create cart$n --custom-domain cart$n.example >/dev/null
	ctl listener create --service cart$n --protocol HTTP --forward web$n >/dev/null
	ctl association create --network shop --service cart$n >/dev/null
	declare "a$n=$(ctl_json service show cart$n | jq -r '.addresses[0]')"
done
# shellcheck disable=SC2154
ask() { get --resolve "cart$1.example:80:$(eval echo "\$a$1")" "http://cart$1.example$2" "${@:3}"; }
check "a group of HTTPS has port 443 unless told" test "$(ctl_json target-group create none --vpc green --protocol HTTPS |
	jq '.config.port')" = 443
check "and is checked over HTTPS unless told" test "$(ctl_json target-group show none | jq -r .config.healthCheck.protocol)" = HTTPS

wait_for 5 ask 2 /
check "a target is asked over TLS 1.3, for the client's host, in HTTP/1.1" \
	grep -q '^name=cart1.example count=1 alpn=http/1.1 TLSv1.3$' <<<"$(ask 1 /)"
check "its connection is kept" grep -q 'count=2 ' <<<"$(ask 1 /)"
check "but not for another name" grep -q 'name=other.example count=1 ' <<<"$(ask 1 / -H 'Host: other.example')"
check "an address is no name" grep -q '^name=None count=1 ' <<<"$(ask 1 / -H 'Host: 10.0.0.1:8441')"
check "TLS 1.2 is spoken to who knows no other" grep -q 'TLSv1.2$' <<<"$(ask 2 /)"
check "large bodies arrive whole" test "$(ask 1 /big | wc -c)" = 3000000
head -c 3000000 /dev/urandom >"$dir/up"
check "in both directions" test "$(ask 2 / --data-binary @"$dir/up" -H 'Expect:')" = 3000000
check "HTTP/2 is agreed on with a target of it" grep -q "over HTTP/2" <<<"$(ask 4 /index.html)"
check "a target that speaks no TLS is a connection failure" test "$(ask 3 / -o /dev/null -w '%{http_code}')" = 503
check "targets are checked over TLS" wait_for 10 health web1 8441 HEALTHY
check "of either version" wait_for 10 health web2 8442 HEALTHY
check "one that speaks none is not well" wait_for 30 health web3 8443 UNHEALTHY
daemon_stop
done_testing
