#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every metric that is declared counts something: targets over HTTP/1, HTTP/2 and TLS, ones that fail in each way,
# clients over TLS, names, and the health of the process. What only a minute of silence counts,
# RequestTimeoutCount, is tests/unit/proxy/request_end.c's.
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

resolver=127.53.$(($$ / 256 % 256)).$(($$ % 256))
echo "nameserver $resolver" >"$dir/resolv.conf"
export LATTICED_RESOLV_CONF=$dir/resolv.conf

code() { ip netns exec "$blue" curl -sk -o /dev/null -m "${2:-10}" -w '%{http_code}' "$1"; }
is_code() { [ "$(code "$2" "${3:-10}")" = "$1" ]; }
scrape() { curl -sS --unix-socket "$dir/run/api.sock" http://localhost/metrics; }
# value NAME [LABEL…]: of the first sample with all these labels.
value() {
	local lines label
	lines=$(grep -F "$1{" "$dir/samples")
	for label in "${@:2}"; do lines=$(grep -F "$label" <<<"$lines"); done
	sed 's/.* //;q' <<<"$lines"
}
read_metrics() { scrape | /usr/bin/python3 tests/lib/openmetrics.py >"$dir/samples"; }
# is WANTED NAME [LABEL…]
counts() { read_metrics && [ "$(value "${@:2}")" = "$1" ]; }
some() { read_metrics && value "$@" | grep -q '^[1-9]'; }
ask() { ip netns exec "$blue" dig +tries=1 +timeout=5 @169.254.169.253 "$@" >/dev/null; }

/usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' 2>/dev/null || {
	skip "every metric counts" "there is no python3-prometheus-client"
	done_testing
	exit
}
netns_add blue && netns_add green || { echo 'Bail out! no namespaces'; exit 1; }
netns_pair "$blue" b0 10.0.0.1/24 "$green" g0 10.0.0.2/24
pki_ca
pki_cert target whatever.test
# Answers the status that the path asks for; /hang never.
cat >"$dir/target.py" <<'PY'
import http.server, ssl, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/plain/hang":
            time.sleep(600)
        self.send_response(int(self.path.split("/")[-1] or 200))
        self.send_header("Content-Length", "0")
        if sys.argv[2:]:
            self.send_header("Connection", "close")
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("10.0.0.2", int(sys.argv[1])), Handler)
server.daemon_threads = True
if sys.argv[2:]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2] + "/target.pem", sys.argv[2] + "/target.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
PY
netns_spawn "$green" python3 "$dir/target.py" 8001
netns_spawn "$green" python3 "$dir/target.py" 8002 "$pki"
netns_spawn "$green" nghttpd -a 10.0.0.2 --no-tls -d "$dir" 8003
ip netns exec "$green" nft 'add table inet silent; add chain inet silent in { type filter hook input priority 0; }; add rule inet silent in tcp dport 8004 drop'
python3 tests/lib/resolver.py "$resolver" "$dir/asked" &
netns_pids+=($!)
listens() { ip netns exec "$green" bash -c "exec 3<>/dev/tcp/10.0.0.2/$1" 2>/dev/null; }
for i in 1 2 3; do wait_for 10 listens "800$i"; done

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "$blue" >/dev/null
ctl vpc add green --netns "$green" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create cart --custom-domain cart.example.com >/dev/null
ctl listener create --service cart --protocol HTTP --port 80 --fixed-response 404 >/dev/null
# group NAME PORT PROTOCOL VERSION: one target, behind /NAME/.
n=0
group() {
	ctl target-group create "$1" --vpc green --port "$2" --protocol "$3" --protocol-version "$4" >/dev/null
	ctl target register "$1" "10.0.0.2:$2" >/dev/null
	ctl rule create --service cart --listener http-80 --priority $((++n)) --path-prefix "/$1/" --forward "$1" "$1" >/dev/null
}
group plain 8001 HTTP HTTP1
group tls 8002 HTTPS HTTP1
group http2 8003 HTTP HTTP2
group silent 8004 HTTP HTTP1
group broken 8003 HTTPS HTTP1
group closed 8005 HTTP HTTP1
ctl listener create --service cart --protocol HTTPS --port 443 --forward plain >/dev/null
ctl association create --network shop --service cart >/dev/null
cart=$(ctl_json service show cart | jq -r '.addresses[0]')
for g in plain tls http2 silent broken closed; do
	declare "$g=target_group_id=$(ctl_json target-group show $g | jq -r .id)"
done
# Set above.
: "${plain:?} ${tls:?} ${http2:?} ${silent:?} ${broken:?} ${closed:?}"

code "http://$cart/silent/" 20 >"$dir/silent" & # takes its five seconds
slow=$!
check "a target over HTTP/1" wait_for 5 is_code 200 "http://$cart/plain/200"
for status in 301 404 500; do check "a status $status" is_code "$status" "http://$cart/plain/$status"; done
check "a target over TLS" is_code 200 "http://$cart/tls/200"
check "its handshake is counted" wait_for 5 counts 1 lattice_target_group_TotalTLSConnectionHandshakeCount_total "$tls"
check "which no other group has" counts 0 lattice_target_group_TotalTLSConnectionHandshakeCount_total "$plain"
check "another connection to it" is_code 200 "http://$cart/tls/200"
check "resumes its session" wait_for 5 some lattice_target_group_tls_resumptions_total "$tls"
check "a target over HTTP/2" is_code 404 "http://$cart/http2/none"
check "its connection is one of HTTP/2" wait_for 5 counts 1 lattice_target_group_HTTP2_ConnectionCount_total "$http2"
check "a target that does not speak TLS" is_code 503 "http://$cart/broken/"
check "its failed handshake is counted" wait_for 5 some lattice_target_group_TLSConnectionErrorCount_total "$broken"
check "a target that is not there" is_code 503 "http://$cart/closed/"
check "its connection error is counted" wait_for 5 some lattice_target_group_ConnectionErrorCount_total "$closed"
check "and is no timeout" counts 0 lattice_target_group_ConnectionTimeoutCount_total "$closed"
wait $slow
check "a target that says nothing" test "$(cat "$dir/silent")" = 503
check "its timeout is counted" wait_for 5 some lattice_target_group_ConnectionTimeoutCount_total "$silent"

check "a client over TLS" is_code 200 "https://$cart/200"
check "is counted in its VPC" wait_for 5 counts 1 lattice_vpc_tls_handshakes_total vpc=blue
ip netns exec "$blue" curl -sk -m 5 --tls-max 1.1 --tlsv1.0 "https://$cart/" >/dev/null 2>&1
check "so is one whose handshake fails" wait_for 5 counts 1 lattice_vpc_tls_errors_total vpc=blue
check "and neither in another" counts 0 lattice_vpc_tls_errors_total vpc=green
code "http://$cart/plain/hang" 60 >/dev/null &
ip netns exec "$blue" python3 -c 'import socket, struct, sys, time
s = socket.create_connection((sys.argv[1], 80))
s.sendall(b"GET /plain/hang HTTP/1.1\r\nHost: x\r\n\r\n")
time.sleep(0.5)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))' "$cart"
check "a client that leaves is counted" wait_for 5 some lattice_service_unanswered_requests_total service=cart

# Names: one of ours, one of others twice, one that is no question, and no query at all.
ask cart.example.com
ask www.a.test
ask www.a.test
ask version.bind TXT CH
ip netns exec "$blue" bash -c 'echo nonsense >/dev/udp/169.254.169.253/53'
for kind in own cached forwarded refused dropped; do
	check "a question that is $kind" wait_for 5 counts 1 lattice_vpc_dns_queries_total kind=$kind vpc=blue
done
check "the answers have their codes" counts 3 lattice_vpc_dns_responses_total rcode=NOERROR vpc=blue
check "refusals too" counts 1 lattice_vpc_dns_responses_total rcode=REFUSED vpc=blue
check "each VPC has its own" counts 0 lattice_vpc_dns_queries_total kind=own vpc=green
ip netns exec "$blue" dig +tries=1 +timeout=9 @169.254.169.253 www.slow.test >/dev/null &
check "who waits for an answer is seen" wait_for 5 counts 1 lattice_vpc_dns_waiting vpc=blue
check "and the question" counts 1 lattice_dns_questions_in_flight

# The process.
for name in process_memory_bytes process_open_fds process_uptime_seconds process_start_time_seconds; do
	check "it has a $name" some lattice_$name
done
open=$(find "/proc/$(plane_pid)/fd" -mindepth 1 | wc -l)
check "the open files are those that the kernel tells" test $(($(value lattice_process_open_fds) - open)) -ge -8 -a $(($(value lattice_process_open_fds) - open)) -le 8
generation() { counts "$(ctl_json status | jq .generation)" lattice_worker_configuration_generation worker=0; }
check "a worker serves the configuration in force" wait_for 10 generation
late() { read_metrics && awk -v lag="$(value lattice_worker_loop_lag_seconds worker=0)" 'BEGIN { exit !(lag > 0 && lag < 1) }'; }
check "and is not late" wait_for 10 late

# Every family of metrics.def, but those that the head of this file names.
never() {
	read_metrics || return 1
	sed -n 's/^X(\([A-Z]*\), "\([^"]*\)", \([A-Z]*\),.*/\1 \2 \3/p' ctl/telemetry/metrics.def |
		grep -v RequestTimeoutCount | while read -r scope name kind; do
		case $scope in GROUP) scope=target_group ;; *) scope=${scope,,} ;; esac
		case $kind in COUNTER) name+=_total ;; TIME) name+=_count ;; esac
		grep -q "^lattice_${scope}_$name{.* [1-9]" "$dir/samples" || echo "$scope $name"
	done
}
all_count() { [ -z "$(never)" ]; }
check "nothing that is declared is dead" wait_for 5 all_count
never | sed 's/^/# never counted: /'

if command -v promtool >/dev/null; then
	# 3: it would rather have no capitals, which are CloudWatch's, and counters of the older format.
	parses() { scrape | promtool check metrics >"$dir/promtool" 2>&1; case ${PIPESTATUS[1]} in 0 | 3) ;; *) return 1 ;; esac; }
	check "promtool reads them" parses
else
	skip "promtool reads them" "Debian's package prometheus is not installed"
fi
done_testing
