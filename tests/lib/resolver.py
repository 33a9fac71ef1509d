#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A resolver for tests, on UDP and TCP port 53 of an address: `resolver.py ADDRESS LOG`.

Answers *.a.test with an address whose last byte counts the questions, *.big.test with 3,000 bytes of
text (over UDP: cut short), *.slow.test once at the second try, *.forged.test with a wrong id first,
anything else with NXDOMAIN. What is in the file LOG.zone, in JSON, comes first: a name's addresses by type, its
"CNAME", its "ttl", its "rcode", a "delay" in seconds, or that it is "silent". Each question is a line in LOG: transport, name, type, source port.
"""
import json
import socket
import socketserver
import struct
import sys
import threading
import time

A, CNAME, SOA, TXT, AAAA, OPT = 1, 5, 6, 16, 28, 41
count = 0
tried = set()
log = open(sys.argv[2], "w", buffering=1)


def read_name(m, at):
    labels = []
    while m[at]:
        labels.append(m[at + 1 : at + 1 + m[at]].decode("latin-1"))
        at += m[at] + 1
    return ".".join(labels), at + 1


def record(kind, ttl, data):
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def zone():
    try:
        with open(sys.argv[2] + ".zone") as f:
            return json.load(f)
    except FileNotFoundError:
        return {}


def wire(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"


def from_zone(z, low, kind):
    """The rcode and the answers for a name in the zone, aliases followed; None: silence."""
    owner, answers = b"\xc0\x0c", []
    while True:
        entry = z.get(low, {"rcode": 3})
        if entry.get("silent"):
            return None
        ttl = entry.get("ttl", 300)

        def put(kind, data):
            answers.append(owner + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data)

        if "CNAME" not in entry:
            break
        low = entry["CNAME"]
        put(CNAME, wire(low))
        owner = wire(low)
    for text in entry.get({A: "A", AAAA: "AAAA"}.get(kind, ""), []):
        put(kind, socket.inet_pton(socket.AF_INET6 if kind == AAAA else socket.AF_INET, text))
    return entry.get("rcode", 0), answers


def answer(m, over, port):
    global count
    qid, flags = struct.unpack("!HH", m[:4])
    name, end = read_name(m, 12)
    kind = struct.unpack("!H", m[end : end + 2])[0]
    print(over, name, kind, port, "edns" if struct.unpack("!H", m[10:12])[0] else "plain", file=log)
    count += 1
    rcode, cut, answers, authority = 0, 0, [], []
    low = name.lower()
    z = zone()
    if low in z:
        time.sleep(z[low].get("delay", 0))
        found = from_zone(z, low, kind)
        if found is None:
            return []
        rcode, answers = found
        authority = [] if answers else [record(SOA, 1, b"\0\0" + struct.pack("!5I", 1, 2, 3, 4, 1))]
    elif low.endswith(".a.test") and kind == A:
        answers = [record(A, 3 if low.startswith("brief") else 300, bytes([192, 0, 2, count & 255]))]
    elif low.endswith(".big.test"):
        answers = [record(TXT, 300, b"\xff" + b"x" * 255)] * 12
        if over == "udp":
            cut, answers = 0x200, []
    elif low.endswith(".slow.test"):
        if low not in tried:
            tried.add(low)
            return []
        answers = [record(A, 300, bytes([192, 0, 2, 77]))]
    elif low.endswith(".forged.test"):
        answers = [record(A, 300, bytes([192, 0, 2, 66]))]
    elif low.endswith(".a.test"):
        authority = [record(SOA, 300, b"\0\0" + struct.pack("!5I", 1, 2, 3, 4, 60))]
    else:
        rcode = 3
        authority = [record(SOA, 300, b"\0\0" + struct.pack("!5I", 1, 2, 3, 4, 60))]
    opt = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 0)
    head = struct.pack("!HHHHHH", qid, 0x8180 | flags & 0x110 | cut | rcode, 1, len(answers), len(authority), 1)
    whole = head + m[12 : end + 4] + b"".join(answers + authority) + opt
    if low.endswith(".forged.test"):
        forged = struct.pack("!H", qid ^ 1) + whole[2:].replace(bytes([192, 0, 2, 66]), bytes([192, 0, 2, 99]))
        return [forged, whole]
    return [whole]


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        m, s = self.request
        for a in answer(m, "udp", self.client_address[1]):
            s.sendto(a, self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        n = self.rfile.read(2)
        if len(n) == 2:
            for a in answer(self.rfile.read(struct.unpack("!H", n)[0]), "tcp", self.client_address[1]):
                self.wfile.write(struct.pack("!H", len(a)) + a)


socketserver.TCPServer.allow_reuse_address = True
udp = socketserver.ThreadingUDPServer((sys.argv[1], 53), Udp)
tcp = socketserver.TCPServer((sys.argv[1], 53), Tcp)
threading.Thread(target=tcp.serve_forever, daemon=True).start()
udp.serve_forever()
