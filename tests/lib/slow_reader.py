#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client that asks and does not read for a while: `slow_reader.py ADDRESS PATH BEGUN SECONDS`.

Writes the file BEGUN when it has asked and something of the answer is there, reads SECONDS later, through a small buffer,
and prints how many bytes of the body came until the end.
"""
import pathlib
import select
import socket
import sys
import time

address, path, begun, seconds = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), float(sys.argv[4])
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.settimeout(10)
s.connect((address, 80))
s.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
select.select([s], [], [], 10)
begun.touch()
time.sleep(seconds)
got = b""
while piece := s.recv(4096):
    got += piece
print(len(got.split(b"\r\n\r\n", 1)[1]))
