#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A Lambda function for tests, with the loop that Amazon's runtime would be: what the path of its event
says, it does. /echo answers with the event, /bytes with bytes, /error raises, /die ends the process, /slow
sleeps, /garbage returns no response; anything else greets."""
import base64
import http.client
import json
import os
import sys
import time

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
root = "/2018-06-01/runtime/invocation/"


def handler(event):
    path = event.get("path") or event.get("raw_path") or ""
    if path.startswith("/echo"):
        return {"statusCode": 200, "headers": {"Content-Type": "application/json", "X-Two": "2"}, "body": json.dumps(event)}
    if path.startswith("/bytes"):
        return {"statusCode": 201, "statusDescription": "201 Created", "isBase64Encoded": True,
                "headers": {"content-type": "application/octet-stream", "connection": "x", "content-length": "7"},
                "body": base64.b64encode(bytes(range(256)) * 1000).decode()}
    if path.startswith("/error"):
        raise ValueError("as asked")
    if path.startswith("/die"):
        sys.exit(3)
    if path.startswith("/slow"):
        time.sleep(float(path.partition("=")[2] or 60))
    if path.startswith("/garbage"):
        return "no response"
    if path.startswith("/split"):
        return {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}}
    return {"statusCode": 200, "headers": {}, "body": "hello from " + os.environ["AWS_LAMBDA_FUNCTION_NAME"] + " in Python\n"}


def call(method, path, body=None):
    api.request(method, path, body)
    answer = api.getresponse()
    return answer, answer.read()


while True:
    head, event = call("GET", root + "next")
    request = head.headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        call("POST", root + request + "/response", json.dumps(handler(json.loads(event))))
    except Exception as e:
        call("POST", root + request + "/error", json.dumps({"errorType": type(e).__name__, "errorMessage": str(e), "stackTrace": []}))
