# SPDX-License-Identifier: Apache-2.0
"""The cart: handler() as a Lambda function, and `cart.py ADDRESS PORT` as a server."""
import http.server
import json
import sys


def add(body, served_by):
    return json.dumps({"added": json.loads(body or "{}").get("item", "nothing"), "servedBy": served_by})


def handler(event, context):
    return {
        "statusCode": 200,
        "statusDescription": "200 OK",
        "isBase64Encoded": False,
        "headers": {"content-type": "application/json"},
        "body": add(event.get("body"), "function"),
    }


class Cart(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        self.answer('{"status": "well"}')

    def do_POST(self):
        self.answer(add(self.rfile.read(int(self.headers.get("Content-Length", 0))), "server"))

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Cart).serve_forever()
