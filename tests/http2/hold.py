# SPDX-License-Identifier: Apache-2.0
# Clients that hold what they can of the plane: hold.py ADDRESS CONNECTIONS. Each connection has as many streams as it may, all
# of them large downloads into windows that are shut. `ready` is said when all heads are there; stdin's end resets them.
import socket
import struct
import sys

import hpack
import wire

STREAMS = 100
HEAD = b''.join(hpack.field(*f) for f in [(':method', 'GET'), (':scheme', 'http'), (':authority', 'a.test'), (':path', '/big/400000')])

address, connections = sys.argv[1], int(sys.argv[2])
held = []
for _ in range(connections):
	c = wire.Connection(socket.create_connection((address, 80)))
	heads = b''.join(wire.frame(1, 5, 2 * i + 1, HEAD) for i in range(STREAMS))
	c.send(wire.PREFACE + wire.frame(4, 0, 0, struct.pack('>HI', 4, 0)) + heads)
	held.append(c)
for c in held:
	assert c.read_until(lambda: len(c.heads) == STREAMS, 20), '%d heads of %d' % (len(c.heads), STREAMS)
	assert not c.bodies, 'bytes came into a window of 0'
print('ready', flush=True)
sys.stdin.read()
for c in held:
	c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
	c.close()
