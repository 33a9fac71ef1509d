#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fixed responses of every kind of status: what follows on the same connection is the next response, byte for byte.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/netns.sh
. tests/lib/daemon.sh
trap 'daemon_cleanup; netns_cleanup' EXIT
# Set by netns_add.
blue=''

n=0
statuses=(200 204 205 206 301 304 404 500 503 599)
netns_add blue || { echo 'Bail out! no namespaces'; exit 1; }
ip -n "$blue" addr add 10.1.0.1/24 dev lo
daemon_start
ctl vpc add blue --netns "$blue" >/dev/null
ctl network create shop >/dev/null
ctl association create --network shop --vpc blue >/dev/null
ctl service create fixed >/dev/null
ctl listener create --service fixed --protocol HTTP --fixed-response 404 http >/dev/null
for s in "${statuses[@]}"; do
	check "$s may be a fixed response" ctl rule create --service fixed --listener http --priority $((n += 1)) --path "/$s" \
		--fixed-response "$s" "is-$s"
done
for s in 100 199 600; do
	check "$s may not" grep -q statusCode <<<"$(ctl rule create --service fixed --listener http --priority 99 --path "/$s" \
		--fixed-response "$s" "is-$s" 2>&1)"
done
ctl association create --network shop --service fixed >/dev/null
address=$(ctl_json service show fixed | jq -r '.addresses[0]')

cat >"$dir/client.py" <<'PY'
# GET and HEAD of /STATUS in one write, then /404 with a close: three responses, and nothing between them.
import socket, sys
s = socket.create_connection((sys.argv[1], 80), 10)
path, wanted = "/" + sys.argv[2], sys.argv[2]
for method, of, more in ("GET", path, ""), ("HEAD", path, ""), ("GET", "/404", "Connection: close\r\n"):
    s.sendall(("%s %s HTTP/1.1\r\nHost: h\r\n%s\r\n" % (method, of, more)).encode())
f = s.makefile("rb")
def response(method):
    line = f.readline().split(b" ", 2)
    assert line[0] == b"HTTP/1.1", line
    fields = {}
    while (field := f.readline()) != b"\r\n":
        name, value = field.decode().split(":", 1)
        fields[name.lower()] = value.strip()
    status = int(line[1])
    length = int(fields.get("content-length", 0))
    assert status != 204 or "content-length" not in fields, fields
    assert status != 205 or length == 0, fields
    if method != "HEAD" and status not in (204, 304):
        assert len(f.read(length)) == length
    return status
assert response("GET") == int(wanted)
assert response("HEAD") == int(wanted)
assert response("GET") == 404
assert f.read() == b""
PY
http1() { ip netns exec "$blue" python3 "$dir/client.py" "$address" "$1"; }
http2() { [ "$(ip netns exec "$blue" curl -sS -m 10 --http2-prior-knowledge -o /dev/null -w '%{http_code}' "http://$address/$1")" = "$1" ]; }
wait_for 5 http1 404
for s in "${statuses[@]}"; do
	check "HTTP/1: $s, and then the next" http1 "$s"
	check "HTTP/2: $s" http2 "$s"
done
daemon_stop
done_testing
