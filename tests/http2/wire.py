# SPDX-License-Identifier: Apache-2.0
# HTTP/2 frames for the cases in tests/vectors/h2: the words in which they are written there, and a connection that notes
# what the other side says. tests/http2/README.md tells the language.
import re
import socket
import struct
import time

import hpack

TYPES = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS', 'PUSH_PROMISE', 'PING', 'GOAWAY', 'WINDOW_UPDATE', 'CONTINUATION']
FLAGS = {'end': 1, 'ack': 1, 'whole': 4, 'padded': 8, 'priority': 0x20}
ERRORS = ['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED', 'FRAME_SIZE_ERROR',
	  'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED']
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
PATIENCE = 5


def error_name(code):
	return ERRORS[code] if code < len(ERRORS) else hex(code)


def frame(kind, flags, stream, payload=b'', length=None):
	n = len(payload) if length is None else length
	return struct.pack('>I', n)[1:] + struct.pack('>BBI', kind, flags, stream) + payload


def unescape(text):
	return re.sub('%([0-9a-f]{2})', lambda m: chr(int(m[1], 16)), text)


def setting(text):
	key, value = text.split('=')
	return struct.pack('>HI', int(key, 0), int(value, 0))


def indexed(text):
	name, value = text.split('=', 1)
	return hpack.field(unescape(name), unescape(value), 0x40)


# What a word of a payload becomes; the rest are fields, name=value.
WORDS = {
	'u8': lambda v: struct.pack('>B', int(v, 0)),
	'u16': lambda v: struct.pack('>H', int(v, 0)),
	'u32': lambda v: struct.pack('>I', int(v, 0)),
	'hex': bytes.fromhex,
	'text': lambda v: unescape(v).encode('latin-1'),
	'fill': lambda v: b'x' * int(v),
	'zeros': lambda v: bytes(int(v)),
	'set': setting,
	'index': indexed,
	'huff': lambda v: hpack.field(*(unescape(t) for t in v.split('=', 1)), 0, True),
	'long': lambda v: hpack.field(v.split('*')[0], 'x' * int(v.split('*')[1])),
	'repeat': lambda v: bytes.fromhex(v.split('*')[0]) * int(v.split('*')[1]),
	'str': lambda v: hpack.string(unescape(v)),
}


class Script:
	"""A case's steps. @names gives words of its own: a text for each, that is read in its place."""

	def __init__(self, text, names):
		self.names = names
		self.next_stream = 1
		self.steps = [step.split() for step in text.split(' ; ')]

	def word(self, word):
		if word.endswith('=$'):
			word = word[:-1] + self.names['$']
		if word in self.names:
			return b''.join(self.word(w) for w in self.names[word].split())
		kind, _, value = word.partition(':')
		if kind in self.names and '=' not in kind:
			return b''.join(self.word(w) for w in self.names[kind].replace('/', value, 1).split())
		if kind in WORDS:
			return WORDS[kind](value)
		name, _, value = word.partition('=')
		return hpack.field(unescape(name), unescape(value))

	def stream(self, word):
		word = self.names.get(word, word)
		if word == '+':
			self.next_stream += 2
		if word in '+=':
			return self.next_stream - 2
		if word[0] == 'R':
			return int(word[1:]) | 1 << 31
		stream = int(word)
		if stream % 2:
			self.next_stream = max(self.next_stream, stream + 2)
		return stream

	# HEADERS 1 end+whole get: type, perhaps with a false length behind a slash; stream; flags; payload.
	def frame(self, step):
		kind, _, length = step[0].partition('/')
		kind = TYPES.index(kind) if kind in TYPES else int(kind, 16)
		flags = sum(FLAGS.get(f) or int(f, 16) for f in step[2].split('+')) if step[2:] and step[2] != '-' else 0
		return frame(kind, flags, self.stream(step[1]), self.payload(step[3:]), int(length) if length else None)

	def payload(self, words):
		return b''.join(self.word(w) for w in words)

	# The steps behind `times` and `each`, once.
	def once(self, steps):
		return b''.join(self.bytes(s.split()) for s in ' '.join(steps).split(' , '))

	# The bytes of a step that is not an instruction.
	def bytes(self, step):
		if step[0] == 'raw':
			return self.payload(step[1:])
		if step[0] == 'times':
			return b''.join(self.once(step[2:]) for _ in range(int(step[1])))
		return self.frame(step)


class Connection:
	"""One connection, and what came of it: frames in .frames until they are awaited, all else as facts."""

	def __init__(self, sock):
		self.sock = sock
		self.sock.settimeout(PATIENCE)
		self.input, self.frames, self.first = b'', [], None
		self.decoder, self.block = hpack.Decoder(), None
		self.goaway = self.last_stream = None
		self.closed = False
		self.resets, self.heads, self.bodies, self.ended, self.trailers = {}, {}, {}, set(), {}

	def send(self, data):
		try:
			self.sock.sendall(data)
		except OSError:
			pass  # what was said before is still to be read

	def note(self, kind, flags, stream, payload):
		self.first = self.first or (kind, flags)
		if kind in (1, 9):
			self.block = (self.block or b'') + payload
			if flags & 4:
				fields, self.block = self.decoder.decode(self.block), None
				final = [h for h in self.heads.get(stream, []) if h[0][1] >= '200']
				(self.trailers if final else self.heads).setdefault(stream, []).append(fields)
		if kind == 0:
			self.bodies[stream] = self.bodies.get(stream, b'') + payload
		if kind in (0, 1) and flags & 1:
			self.ended.add(stream)
		if kind == 3:
			self.resets[stream] = int.from_bytes(payload, 'big')
		if kind == 7:
			self.last_stream, self.goaway = (int.from_bytes(payload[i:i + 4], 'big') for i in (0, 4))
		self.frames.append((kind, flags, stream, payload))

	def take(self):
		while len(self.input) >= 9:
			n = int.from_bytes(self.input[:3], 'big')
			if len(self.input) < 9 + n:
				break
			kind, flags, stream = struct.unpack('>BBI', self.input[3:9])
			payload, self.input = self.input[9:9 + n], self.input[9 + n:]
			self.note(kind, flags, stream, payload)

	# Read once. False: there is no more.
	def read(self, deadline):
		if self.closed or time.monotonic() >= deadline:
			return False
		self.sock.settimeout(max(0.001, deadline - time.monotonic()))
		try:
			more = self.sock.recv(65536)
		except (socket.timeout, TimeoutError):
			return False
		except OSError:
			more = b''
		self.closed = not more
		self.input += more
		self.take()
		return not self.closed

	def read_until(self, holds, seconds=PATIENCE):
		deadline = time.monotonic() + seconds
		while not holds():
			if not self.read(deadline):
				return holds()
		return True

	# The next frame that @wanted is true of; what came before it is dropped.
	def frame(self, wanted, seconds=PATIENCE):
		def came():
			while self.frames:
				self.found = self.frames.pop(0)
				if wanted(*self.found):
					return True
			return False
		return self.found if self.read_until(came, seconds) else None

	def close(self):
		self.sock.close()
