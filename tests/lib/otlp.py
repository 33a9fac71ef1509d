#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver of OTLP/HTTP in JSON for tests: it takes ExportTraceServiceRequests at /v1/traces, holds
each against the protocol's types, and appends their spans to FILE, one JSON object a line.

otlp.py PORT FILE [CERTIFICATE KEY]: PORT 0 is any; the port is written to FILE.port; with a certificate
over TLS. What is wrong with a post is answered 400 and appended to FILE.wrong. While FILE.status exists,
posts are answered with the number in it and not kept, what stands behind it is Retry-After. While
FILE.answer exists, it is the body of answers. FILE.times has a line for each post: its time and status."""
import http.server
import json
import os
import re
import ssl
import sys
import time


def need(is_so, words):
    if not is_so:
        raise ValueError(words)


def members(of, allowed, needed, where):
    need(isinstance(of, dict), f'{where}: no object')
    need(set(of) <= set(allowed), f'{where}: unknown members {set(of) - set(allowed)}')
    need(set(needed) <= set(of), f'{where}: lacks {set(needed) - set(of)}')


def attributes(items, where):
    need(isinstance(items, list), f'{where}: no list')
    keys = []
    for item in items:
        members(item, ['key', 'value'], ['key', 'value'], where)
        need(isinstance(item['key'], str) and item['key'], f'{where}: key')
        keys.append(item['key'])
        members(item['value'], ['stringValue', 'intValue'], [], item['key'])
        need(len(item['value']) == 1, f"{item['key']}: one value")
        if 'intValue' in item['value']:
            need(isinstance(item['value']['intValue'], str), f"{item['key']}: int64 is a string")
            need(re.fullmatch('-?[0-9]{1,19}', item['value']['intValue']), f"{item['key']}: int64")
        else:
            need(isinstance(item['value']['stringValue'], str), f"{item['key']}: string")
    need(len(set(keys)) == len(keys), f'{where}: a key twice')


def identity(text, digits, where):
    need(isinstance(text, str) and re.fullmatch(f'[0-9a-f]{{{digits}}}', text), f'{where}: {text}')
    need(set(text) != {'0'}, f'{where}: all zero')


def check(span):
    members(span, ['traceId', 'spanId', 'parentSpanId', 'traceState', 'flags', 'name', 'kind', 'startTimeUnixNano',
                   'endTimeUnixNano', 'attributes', 'status'],
            ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano'], 'span')
    identity(span['traceId'], 32, 'traceId')
    identity(span['spanId'], 16, 'spanId')
    if 'parentSpanId' in span:
        identity(span['parentSpanId'], 16, 'parentSpanId')
    need(isinstance(span.get('traceState', ''), str), 'traceState')
    need(type(span.get('flags', 0)) is int and 0 <= span.get('flags', 0) < 1 << 32, 'flags')
    need(isinstance(span['name'], str) and span['name'], 'name')
    need(type(span['kind']) is int and span['kind'] in (1, 2, 3, 4, 5), 'kind')
    for name in 'startTimeUnixNano', 'endTimeUnixNano':
        need(isinstance(span[name], str) and re.fullmatch('[1-9][0-9]{18}', span[name]), name)
    need(int(span['startTimeUnixNano']) <= int(span['endTimeUnixNano']), 'it ends before it starts')
    attributes(span.get('attributes', []), 'span')
    status = span.get('status', {})
    members(status, ['code', 'message'], [], 'status')
    need(type(status.get('code', 0)) is int and status.get('code', 0) in (0, 1, 2), 'code')
    need(isinstance(status.get('message', ''), str), 'message')


def spans_of(request):
    members(request, ['resourceSpans'], ['resourceSpans'], 'request')
    for resource in request['resourceSpans']:
        members(resource, ['resource', 'scopeSpans'], ['resource', 'scopeSpans'], 'resourceSpans')
        attributes(resource['resource']['attributes'], 'resource')
        need({'key': 'service.name', 'value': {'stringValue': 'lattice'}} in resource['resource']['attributes'],
             'service.name')
        for scope in resource['scopeSpans']:
            members(scope, ['scope', 'spans'], ['scope', 'spans'], 'scopeSpans')
            need(isinstance(scope['scope']['name'], str), 'scope')
            need(scope['spans'], 'no spans')
            for span in scope['spans']:
                check(span)
                yield span


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def take(self):
        body = self.rfile.read(int(self.headers['content-length']))
        try:
            with open(out + '.status') as f:
                status, *self.retry_after = f.read().strip().split(' ', 1)
                return int(status)
        except FileNotFoundError:
            pass
        try:
            need(self.path == '/v1/traces', self.path)
            need(self.headers['content-type'] == 'application/json', 'content-type')
            spans = list(spans_of(json.loads(body.decode('utf-8'))))
        except (ValueError, KeyError, TypeError) as wrong:
            with open(out + '.wrong', 'a') as f:
                f.write(f'{wrong}\n')
            return 400
        with open(out, 'a') as f:
            f.writelines(json.dumps(s) + '\n' for s in spans)
        return 200

    def do_POST(self):
        self.retry_after = []
        status, answer = self.take(), b'{}'
        with open(out + '.times', 'a') as f:
            f.write(f'{time.monotonic()} {status}\n')
        if status == 200 and os.path.exists(out + '.answer'):
            with open(out + '.answer', 'rb') as f:
                answer = f.read()
        self.send_response(status)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(answer)))
        for when in self.retry_after:
            self.send_header('retry-after', when)
        self.end_headers()
        self.wfile.flush()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


port, out = int(sys.argv[1]), sys.argv[2]
http.server.ThreadingHTTPServer.handle_error = lambda *args: None
server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Receiver)
if len(sys.argv) > 3:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*sys.argv[3:5])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
with open(out + '.new', 'w') as f:
    f.write(str(server.server_address[1]))
os.rename(out + '.new', out + '.port')
server.serve_forever()
