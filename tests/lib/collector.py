#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A collector for tests: what is posted to 127.0.0.1:PORT is appended to FILE, path by path.

collector.py PORT FILE [CERTIFICATE KEY]: PORT 0 is any; the port is written to FILE.port. While FILE.status exists, posts
are answered with the number in it and not kept."""
import http.server
import os
import ssl
import sys


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length']))
        status = 200
        try:
            with open(out + '.status') as f:
                status = int(f.read())
        except FileNotFoundError:
            with open(out, 'ab') as f:
                f.write(body)
            with open(out + '.heads', 'a') as f:
                f.write(f"{self.path} {self.headers['content-type']} {len(body)}\n")
        self.send_response(status)
        self.send_header('content-length', '2')
        self.end_headers()
        self.wfile.write(b'{}')

    def log_message(self, *args):
        pass


port, out = int(sys.argv[1]), sys.argv[2]
http.server.ThreadingHTTPServer.handle_error = lambda *args: None
server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Collector)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(out + '.new', 'w') as f:
    f.write(str(server.server_address[1]))
os.rename(out + '.new', out + '.port')
server.serve_forever()
