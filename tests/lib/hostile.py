# SPDX-License-Identifier: Apache-2.0
# Clients and targets that behave badly: hostile.py NAME ADDRESS PORT [COUNT]. A client exits 0 when it was treated as it
# should be, and says why not otherwise; a target serves until it is killed.
import select
import socket
import struct
import sys
import threading
import time

PATIENCE = 60


def connect(address, port):
	s = socket.create_connection((address, port), 10)
	s.settimeout(PATIENCE)
	return s


def reset(s):
	s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
	s.close()


def until_closed(s):
	got = b''
	try:
		while more := s.recv(65536):
			got += more
	except ConnectionError:
		pass
	return got


# A byte of @head twice a second, on each connection: every one is told so and closed, in time. Returns what they were told.
def drip(address, port, count, head, first=b''):
	socks = [connect(address, port) for _ in range(count)]
	for s in socks:
		s.sendall(first)
	began = time.monotonic()
	open_ones, sent = set(socks), 0
	answers = []
	while open_ones and time.monotonic() - began < PATIENCE:
		for s in list(open_ones):
			try:
				s.send(head[sent:sent + 1])
			except ConnectionError:
				pass
		sent += 1
		deadline = time.monotonic() + 0.5
		while open_ones and (left := deadline - time.monotonic()) > 0:
			for s in select.select(list(open_ones), [], [], left)[0]:
				more = s.recv(65536)
				answers.append((s, more))
				if not more:
					open_ones.discard(s)
	took = time.monotonic() - began
	assert not open_ones, '%d are still open' % len(open_ones)
	assert 9 < took < 30, took
	return [b''.join(more for of, more in answers if of is s) for s in socks]


def slow_head(address, port, count):
	told = drip(address, port, count, b'GET / HTTP/1.1\r\nHost: h\r\n' + b'x' * 1000)
	assert all(a.startswith(b'HTTP/1.1 408 ') for a in told), told[0]


# One frame of HEADERS, of many fields.
def slow_h2_head(address, port, count):
	drops = frame(1, 4 | 1, 1, HEAD + b'\x40\x01a\x01b' * 100)
	told = drip(address, port, count, drops, b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + frame(4, 0, 0))
	assert all([code for kind, code in frames(a) if kind == 7] == [11] for a in told), told[0]


# Uploads of which half is sent, then reset; downloads of which the beginning is read, then reset.
def vanish_up(address, port, count):
	for _ in range(count):
		s = connect(address, port)
		s.sendall(b'POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n' + b'x' * 2000000)
		reset(s)


def vanish_down(address, port, count):
	for _ in range(count):
		s = connect(address, port)
		s.sendall(b'GET /big HTTP/1.1\r\nHost: h\r\n\r\n')
		assert s.recv(65536).startswith(b'HTTP/1.1 200')
		reset(s)


# Requests to a target that says nothing, and a reset of each when stdin ends.
def stall(address, port, count):
	socks = []
	for _ in range(count):
		s = connect(address, port)
		s.sendall(b'GET /stall HTTP/1.1\r\nHost: h\r\n\r\n')
		socks.append(s)
	print('ready', flush=True)
	sys.stdin.read()
	for s in socks:
		reset(s)


# Downloads that are not read, on connections that stay open until the other side has had enough or stdin ends.
def unread(address, port, count):
	socks = []
	for _ in range(count):
		s = connect(address, port)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.sendall(b'GET /big HTTP/1.1\r\nHost: h\r\n\r\n')
		socks.append(s)
	print('ready', flush=True)
	sys.stdin.read()
	for s in socks:
		reset(s)


def frame(kind, flags, stream, payload=b''):
	return struct.pack('>I', len(payload))[1:] + struct.pack('>BBI', kind, flags, stream) + payload


# A head by HPACK's static table: GET / of http, and the authority h.
HEAD = b'\x82\x86\x84\x41\x01h'


# Frames of @flood until the other side ends the connection; it must, and by a GOAWAY that says ENHANCE_YOUR_CALM, or
# that a CONTINUATION was one too many.
def flood(address, port, of):
	s = connect(address, port)
	s.sendall(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + frame(4, 0, 0))
	got, i = b'', 0
	s.settimeout(0)
	deadline = time.monotonic() + PATIENCE
	while time.monotonic() < deadline:
		readable, writable, _ = select.select([s], [s], [], 1)
		try:
			if readable:
				more = s.recv(65536)
				if not more:
					break
				got += more
			if writable:
				s.send(of(i))
				i += 1
		except BlockingIOError:
			pass
		except ConnectionError:
			break
	else:
		raise AssertionError('%d rounds, and it is still open' % i)
	goaway = [code for kind, code in frames(got) if kind == 7]
	assert not goaway or goaway[-1] in (1, 11), goaway
	return i


def frames(data):
	while len(data) >= 9:
		n = int.from_bytes(data[:3], 'big')
		code = int.from_bytes(data[13:17], 'big') if data[3] == 7 else 0
		yield data[3], code
		data = data[9 + n:]


def resets(i):
	return b''.join(frame(1, 4 | 1, j, HEAD) + frame(3, 0, j, struct.pack('>I', 8))
			for j in range(2 * 50 * i + 1, 2 * 50 * (i + 1), 2))


def continuations(i):
	return (frame(1, 1, 1, HEAD) if i == 0 else b'') + frame(9, 0, 1, b'\x40\x01a\x01b' * 100)


def pings(i):
	return frame(6, 0, 0, b'12345678') * 50


def settings(i):
	return frame(4, 0, 0, struct.pack('>HI', 3, 100)) * 50


def floods(of):
	def run(address, port, count):
		for _ in range(count):
			flood(address, port, of)
	return run


# Targets. The path says what they do.
def answer(c, path):
	head = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n'
	if path == '/stall':
		time.sleep(PATIENCE * 10)
	elif path == '/half-head':
		c.sendall(b'HTTP/1.1 200 OK\r\nContent-')
		return False
	elif path == '/midway':
		c.sendall(head % 2000000 + b'x' * 1000000)
		return False
	elif path == '/nothing':
		return False
	elif path == '/garbage':
		c.sendall(b'\x00\x01\x02garbage\r\n\r\n' * 10)
	elif path == '/garbage-chunk':
		c.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n')
	elif path == '/endless-head':
		while True:
			c.sendall(b'HTTP/1.1 200 OK\r\n' + b'X: ' + b'y' * 8000 + b'\r\n')
	elif path == '/twice':
		c.sendall((head % 5 + b'first') + (head % 6 + b'second'))
	elif path == '/more':
		c.sendall(head % 5 + b'first' + b'and more than it said')
	elif path == '/big':
		c.sendall(head % 50000000)
		for _ in range(50):
			c.sendall(b'x' * 1000000)
	else:
		c.sendall(head % 2 + b'ok')
	return True


def serve_one(c):
	f = c.makefile('rb')
	try:
		while line := f.readline():
			path, length = line.decode().split(' ')[1].split('?')[0], 0
			while (field := f.readline()) not in (b'\r\n', b''):
				if field.lower().startswith(b'content-length:'):
					length = int(field[15:])
			while length > 0 and (got := f.read(min(length, 65536))):
				length -= len(got)
			if length or not answer(c, path):
				break
	except OSError:
		pass
	f.close()
	c.close()


def target(address, port, _):
	door = socket.create_server((address, port), backlog=1000)
	print('ready', flush=True)
	while True:
		threading.Thread(target=serve_one, args=(door.accept()[0],), daemon=True).start()


names = {'slow-head': slow_head, 'slow-h2-head': slow_h2_head, 'vanish-up': vanish_up, 'vanish-down': vanish_down, 'unread': unread, 'stall': stall, 'target': target,
	 'resets': floods(resets), 'continuations': floods(continuations), 'pings': floods(pings), 'settings': floods(settings)}
names[sys.argv[1]](sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 1)
