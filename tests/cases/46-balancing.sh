#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shares of weighted groups are exact; a group that is tagged so spares a slow target.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add and daemon.sh.
blue='' dir=${dir:?}

get() { ip netns exec "$blue" curl -sS -m 20 "$1"; }
answers() { grep -q "$1" <<<"$(get "$2" 2>/dev/null)"; }
# tally N URL: ask N times and say how often each answer came.
tally() { for ((i = 0; i < $1; i++)); do get "$2"; done | sort | uniq -c | tr -s ' \n' ' '; }

# A target that answers with its name; to /wait when there is the file "go".
cat >"$dir/target.py" <<-'END'
	import http.server, os, sys, time
	class H(http.server.BaseHTTPRequestHandler):
	    protocol_version = 'HTTP/1.1'
	    def do_GET(self):
	        while self.path == '/wait' and not os.path.exists(sys.argv[3]): time.sleep(0.02)
	        body = (sys.argv[2] + '\n').encode()
	        self.send_response(200)
	        self.send_header('Content-Length', str(len(body)))
	        self.end_headers()
	        self.wfile.write(body)
	    def log_message(self, *a): pass
	http.server.ThreadingHTTPServer(('10.0.0.1', int(sys.argv[1])), H).serve_forever()
END

netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
netns_dev "$blue" b0 10.0.0.1/24
netns_spawn "$blue" python3 "$dir/target.py" 8001 one "$dir/go"
netns_spawn "$blue" python3 "$dir/target.py" 8002 two "$dir/go"
wait_for 10 answers one http://10.0.0.1:8001/
wait_for 10 answers two http://10.0.0.1:8002/
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
for g in one two both; do ctl target-group create $g --vpc blue --port 80 >/dev/null; done
ctl target register one 10.0.0.1:8001 >/dev/null
ctl target register two 10.0.0.1:8002 >/dev/null
ctl target register both 10.0.0.1:8001 10.0.0.1:8002 >/dev/null
ctl service create weighted >/dev/null
ctl listener create --service weighted --protocol HTTP --port 80 --forward one:75 --forward two:25 >/dev/null
ctl service create least >/dev/null
ctl listener create --service least --protocol HTTP --port 80 --forward both >/dev/null
for s in weighted least; do ctl association create --network shop --service $s >/dev/null; done
wait_for 5 state_is blue active
weighted=http://$(ctl_json service show weighted | jq -r '.addresses[0]')
least=http://$(ctl_json service show least | jq -r '.addresses[0]')

check "a service answers" wait_for 10 answers one "$weighted/"
wait_for 10 answers . "$least/"
healthy() { [ "$(ctl_json target list "$1" | grep -o '"HEALTHY"' | wc -l)" = "$2" ]; }
wait_for 5 healthy both 2
wait_for 5 healthy two 1
check "weights of 75 and 25 are three to one, exactly" test "$(tally 20 "$weighted/")" = ' 15 one 5 two '
check "targets of a group take turns" test "$(tally 10 "$least/")" = ' 5 one 5 two '
check "a group may be tagged to spare the busy" ctl tag add target-group/both lattice:algorithm=least_outstanding_requests
get "$least/wait" >"$dir/waited" &
busy() { ip netns exec "$blue" ss -Htn state established | grep -q ":800[12]"; }
wait_for 5 busy
quick() { [ "$(tally 10 "$least/" | tr -dc 'a-z')" != onetwo ]; }
check "who waits for an answer gets no other request" wait_for 5 quick
touch "$dir/go"
wait $!
check "the request that waited is answered" grep -q . "$dir/waited"
check "then both are given requests again" test "$(tally 10 "$least/" | tr -s ' ')" = ' 5 one 5 two '
done_testing
