# SPDX-License-Identifier: Apache-2.0
# An HTTP/2 target that answers as a case says: target.py ADDRESS PORT CASES LOG. A request for /N/X is answered by the
# script of line N, the first time by the first of its scripts, and so on; X only tells clients apart. Into the log go `N asked STREAM` and `N told ERROR`.
import socket
import struct
import sys
import threading

import cases
import wire

address, port, path, log_path = sys.argv[1:]
scripts = {str(c.number): c for c in cases.of(path)}
log = open(log_path, 'a', buffering=1)
lock = threading.Lock()
asked = {}


class Done(Exception):
	pass


def note(*words):
	with lock:
		print(*words, file=log)


class Server:
	def __init__(self, sock):
		self.c = wire.Connection(sock)
		self.number = None

	# The path of the request on @stream: every head is decoded, in order, as the table asks for.
	def path(self, stream):
		return dict(self.c.heads[stream][-1])[':path']

	def play(self, stream, script):
		names = {'S': str(stream), 'this': 'u32:%d' % stream, 'below': 'u32:%d' % max(stream - 2, 0)}
		steps = wire.Script(script, names)
		for step in steps.steps:
			if step[0] == 'await':
				wanted = wire.TYPES.index(step[1]), stream if step[2] == 'S' else int(step[2])
				flags = wire.FLAGS[step[3]] if step[3:] else 0
				if not self.c.frame(lambda k, f, s, p: (k, s) == wanted and f & flags == flags):
					note(self.number, 'waited for', *step)
			elif step[0] == 'close':
				raise Done
			else:
				self.c.send(steps.bytes(step))

	def serve(self):
		c = self.c
		c.send(wire.frame(4, 0, 0))
		if not c.read_until(lambda: len(c.input) >= len(wire.PREFACE), 600) or not c.input.startswith(wire.PREFACE):
			return
		c.input = c.input[len(wire.PREFACE):]
		c.take()
		while (found := c.frame(lambda k, f, s, p: k in (1, 9) and f & 4 or k == 4 and not f & 1 or k == 7, 600)):
			kind, _, stream, payload = found
			if kind == 4:
				c.send(wire.frame(4, 1, 0))
			elif kind == 7:
				note(self.number, 'told', wire.error_name(struct.unpack('>I', payload[4:8])[0]))
			elif c.trailers.get(stream) is None:
				self.answer(stream)

	def answer(self, stream):
		path = self.path(stream)
		number = path.split('/')[1]
		if number not in scripts:
			self.play(stream, 'HEADERS S whole :status=200 ; DATA S end text:ok')
			return
		with lock:
			times = asked[path] = asked.get(path, 0) + 1
		self.number = number
		note(number, 'asked', stream)
		said = scripts[number].script.split(' | ')
		self.play(stream, said[min(times, len(said)) - 1])


def serve(sock):
	sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	server = Server(sock)
	try:
		server.serve()
	except Done:
		pass
	server.c.close()


door = socket.create_server((address, int(port)), backlog=1000)
print('ready', flush=True)
while True:
	threading.Thread(target=serve, args=(door.accept()[0],), daemon=True).start()
