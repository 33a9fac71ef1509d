# SPDX-License-Identifier: Apache-2.0
"""The loop of a Lambda runtime: bootstrap.py MODULE.FUNCTION takes one invocation after another
from the Runtime API (2018-06-01) and answers each with what the function returns."""
import importlib
import json
import os
import sys
import urllib.request

API = "http://%s/2018-06-01/runtime" % os.environ["AWS_LAMBDA_RUNTIME_API"]


def post(path, value):
    data = json.dumps(value).encode()
    urllib.request.urlopen(urllib.request.Request(API + path, data, method="POST")).read()


def main():
    module, name = sys.argv[1].rsplit(".", 1)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    handler = getattr(importlib.import_module(module), name)
    while True:
        with urllib.request.urlopen(API + "/invocation/next") as answer:
            invocation = answer.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.load(answer)
        try:
            post("/invocation/%s/response" % invocation, handler(event, None))
        except Exception as e:
            post("/invocation/%s/error" % invocation, {"errorMessage": str(e), "errorType": type(e).__name__})


main()
