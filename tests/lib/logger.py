#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A system logger for tests: datagrams that come to the socket PATH are lines of FILE."""
import os
import socket
import sys

path, out = sys.argv[1:]
if os.path.exists(path):
    os.unlink(path)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(path)
os.chmod(path, 0o666)
with open(out, 'ab', buffering=0) as f:
    while True:
        f.write(s.recv(1 << 20) + b'\n')
