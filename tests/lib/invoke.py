#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AWS Lambda's Invoke API for tests, over https: `invoke.py PORT FILE CERTIFICATE KEY [ACCESS-KEY-ID SECRET [TOKEN]]`.

With keys it takes requests only that are signed with them, by its own reading of "Create a signed AWS API request"
in the IAM user guide. FILE.port has the port, FILE a line of each call as JSON: who was asked for over TLS, the
connection's number, whether it was resumed, and the head. What the event's path says is done: /fail as a
function's error, /deny as an error of the service; anything else is answered with the number of the call.
"""
import hashlib
import hmac
import http.server
import json
import socketserver
import ssl
import sys
import threading
import time
import urllib.parse

port, log_path, certificate, key = sys.argv[1:5]
keys = (sys.argv[5:] + [None] * 3)[:3]
lock = threading.Lock()
calls = connections = 0


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def complaint(method, target, headers, body):
    """Why the request is not signed as it must be, or None."""
    key_id, secret, token = keys
    if not key_id:
        return None
    algorithm, _, rest = headers.get("authorization", "").partition(" ")
    fields = dict(f.strip().split("=", 1) for f in rest.split(",") if "=" in f)
    if algorithm != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= set(fields):
        return "no signature"
    whose, date, region, service, end = fields["Credential"].split("/")
    when = headers.get("x-amz-date", "")
    if (whose, region, service, end) != (key_id, "us-east-1", "lambda", "aws4_request") or when[:8] != date:
        return "scope"
    if abs(time.time() - time.mktime(time.strptime(when, "%Y%m%dT%H%M%SZ")) + time.timezone) > 300:
        return "time"
    if token and headers.get("x-amz-security-token") != token:
        return "token"
    hashed = hashlib.sha256(body).hexdigest()
    if headers.get("x-amz-content-sha256") != hashed:
        return "body"
    names = fields["SignedHeaders"].split(";")
    wanted = {"host", "x-amz-date", "x-amz-content-sha256"} | ({"x-amz-security-token"} if token else set())
    if not wanted <= set(names):
        return "signed headers"
    path, _, query = target.partition("?")
    pairs = sorted(p if "=" in p else p + "=" for p in query.split("&") if p)
    canonical = "\n".join([method, urllib.parse.quote(path, safe="/-_.~"), "&".join(pairs)] +
                          [f"{n}:{' '.join(headers[n].split())}" for n in names] + ["", ";".join(names), hashed])
    scope = "/".join([date, region, service, "aws4_request"])
    text = "\n".join([algorithm, when, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    k = ("AWS4" + secret).encode()
    for step in (date, region, service, "aws4_request"):
        k = digest(k, step)
    return None if digest(k, text).hex() == fields["Signature"] else "signature"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global calls
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {k.lower(): v for k, v in self.headers.items()}
        why = complaint("POST", self.path, headers, body)
        with lock:
            calls += 1
            number = calls
            print(json.dumps({"path": self.path, "sni": self.request.sni, "connection": self.number,
                              "resumed": self.request.session_reused, "complaint": why, "headers": headers}),
                  file=log)
        event = json.loads(body)
        path = event.get("path") or event.get("raw_path")
        if why or path == "/deny":
            self.reply(403, {"Message": why or "as asked"}, ("x-amzn-errortype", "AccessDeniedException"))
        elif path == "/fail":
            self.reply(200, {"errorMessage": "as asked", "errorType": "Error"}, ("x-amz-function-error", "Unhandled"))
        else:
            self.reply(200, {"statusCode": 200, "headers": {}, "body": f"call {number}\n"}, ("x-amz-executed-version", "$LATEST"))

    def reply(self, status, what, header):
        text = json.dumps(what).encode()
        self.send_response(status)
        self.send_header(*header)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def setup(self):
        global connections
        self.request.do_handshake()
        with lock:
            connections += 1
            self.number = connections
        super().setup()

    def log_message(self, *_):
        pass


class Socket(ssl.SSLSocket):
    sni = None


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


def note_name(sock, name, _):
    sock.sni = name


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.sslsocket_class = Socket
context.load_cert_chain(certificate, key)
context.sni_callback = note_name
log = open(log_path, "a", buffering=1)
server = Server(("127.0.0.1", int(port)), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(log_path + ".port", "w") as f:
    f.write(str(server.server_address[1]))
server.serve_forever()
