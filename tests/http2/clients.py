# SPDX-License-Identifier: Apache-2.0
# The plane against what RFC 9113 and RFC 7541 say of servers: clients.py ADDRESS NAME CA CASES. With a file of authorities in CA,
# over TLS with ALPN. A line for each case, `ok` or `not ok`, its name, and what was wrong, by tabs.
import concurrent.futures
import socket
import ssl
import sys

import cases
import wire

AT_ONCE = 6
PROBE_STREAMS = 2 ** 31 - 3


class Failure(Exception):
	pass


def names(is_tls):
	pseudo = ':scheme=$ :authority=a.test'
	return {
		'$': 'https' if is_tls else 'http',
		'preface': 'hex:' + wire.PREFACE.hex(),
		'get': ':method=GET %s :path=/' % pseudo,
		'post': ':method=POST %s :path=/' % pseudo,
		'head': ':method=HEAD %s :path=/' % pseudo,
		'bad': ':method=GET %s :path=/bad' % pseudo,
		'badpost': ':method=POST %s :path=/bad' % pseudo,
	}


class Run:
	def __init__(self, case, connect, is_tls):
		self.case = case
		self.c = wire.Connection(connect())
		self.script = wire.Script(case.script, names(is_tls))

	def handshake(self):
		c = self.c
		c.send(wire.PREFACE + wire.frame(4, 0, 0))
		if not c.frame(lambda k, f, s, p: k == 4 and f & 1):
			raise Failure('no acknowledgement of SETTINGS')
		c.send(wire.frame(4, 1, 0))

	# await TYPE STREAM [FLAGS] [PAYLOAD]
	def wait(self, step):
		kind, stream = wire.TYPES.index(step[0]), int(step[1])
		flags = sum(wire.FLAGS[f] for f in step[2].split('+')) if step[2:] and step[2] != '-' else 0
		payload = self.script.payload(step[3:]) if step[3:] else None
		found = self.c.frame(lambda k, f, s, p: (k, s) == (kind, stream) and f & flags == flags and payload in (None, p))
		if not found:
			raise Failure('waited in vain for: ' + ' '.join(step))

	# each COUNT TYPE STEPS: and wait each time for such a frame, as long as there are any.
	def each(self, count, kind, steps):
		kind = wire.TYPES.index(kind)
		for _ in range(int(count)):
			self.c.send(self.script.once(steps))
			if not self.c.frame(lambda k, f, s, p: k in (kind, 7)) or self.c.goaway is not None:
				break

	def play(self):
		for step in self.script.steps:
			if step[0] == 'bare':
				continue
			elif step[0] == 'await':
				self.wait(step[1:])
			elif step[0] == 'each':
				self.each(step[1], step[2], step[3:])
			elif step[0] == 'shut':
				self.c.sock.shutdown(socket.SHUT_WR)
			else:
				self.c.send(self.script.bytes(step))

	# What one of the outcomes says, of what has come so far.
	def holds(self, outcome):
		c = self.c
		kind, _, value = outcome.rstrip('!').partition(':')
		value, _, at = value.partition('@')
		stream = int(at or 1)
		if kind == 'conn':
			code, _, last = value.partition('/')
			return c.closed and c.goaway is not None and wire.error_name(c.goaway) == code and (not last or c.last_stream == int(last))
		if kind == 'close':
			return c.closed and c.goaway is None
		if kind == 'reset':
			return c.resets.get(stream) == wire.ERRORS.index(value)
		if kind == 'status':
			is_over = stream in c.ended and c.resets.get(stream, 0) == 0
			return is_over and dict(c.heads.get(stream, [[(':status', '')]])[-1])[':status'] == value
		if kind == 'says':
			return stream in c.ended and c.bodies.get(stream, b'').decode() == wire.unescape(value)
		if kind == 'took':
			return len(c.bodies.get(stream, b'')) == int(value)
		assert kind == 'alive', kind
		return not c.resets and c.goaway is None

	# Which alternative is met, of those that leave the connection alive, or of those that end it.
	def met(self, lives):
		fatal = ('conn', 'close')
		return next((a for a in self.case.alternatives if a[0].startswith(fatal) != lives and all(self.holds(o) for o in a)), None)

	def seen(self):
		c = self.c
		said = ['GOAWAY %s (last %d)' % (wire.error_name(c.goaway), c.last_stream)] if c.goaway is not None else []
		said += ['RST_STREAM %d %s' % (s, wire.error_name(e)) for s, e in sorted(c.resets.items())[:5]]
		said += ['status %s on %d' % (dict(h[-1])[':status'], s) for s, h in sorted(c.heads.items())[:5]]
		said += ['%d bytes on %d' % (len(b), s) for s, b in sorted(c.bodies.items())[:5]]
		said += ['ended: ' + ' '.join(str(s) for s in sorted(c.ended)[:5])] if c.ended else []
		return '; '.join(said + (['closed'] if c.closed else ['open']))

	# Does the connection still serve? HEAD, so that no window is in the way. Twice a PING: the first answer may come
	# before what is worse.
	def probe(self):
		c = self.c
		stream = self.script.next_stream
		for i in range(2):
			c.send(wire.frame(6, 0, 0, b'probe%03d' % i))
			if not c.frame(lambda k, f, s, p: k == 6 and f & 1 and p == b'probe%03d' % i):
				return False
		if stream > PROBE_STREAMS:
			return True
		c.send(wire.frame(1, 5, stream, self.script.payload(['head:/probe'])))
		c.read_until(lambda: stream in c.ended or stream in c.resets or c.goaway is not None)
		return stream in c.ended and stream not in c.resets and c.goaway is None

	def judge(self):
		c = self.c
		# What is not a sign is told by the probe.
		if any(o == 'alive' or o.startswith('took') for a in self.case.alternatives for o in a):
			lives = self.probe()
		else:
			c.read_until(lambda: self.met(True) or c.closed)
			met = self.met(True)
			lives = bool(met) and (met[0].endswith('!') or self.probe())
		if not lives:
			c.read_until(lambda: c.closed)
		if not self.met(lives):
			raise Failure('wanted ' + self.case.wanted)

	def all(self):
		try:
			if self.script.steps[0] != ['bare']:
				self.handshake()
			self.play()
			self.judge()
			if self.c.first and self.c.first != (4, 0) and self.script.steps[0] != ['bare']:
				raise Failure('its first frame is not SETTINGS')
		except Failure as e:
			return '%s; there was: %s' % (e, self.seen())
		finally:
			self.c.close()


def connector(address, name, ca):
	if not ca:
		return lambda: plain(address, 80)
	context = ssl.create_default_context(cafile=ca)
	context.set_alpn_protocols(['h2'])

	def connect():
		s = context.wrap_socket(plain(address, 443), server_hostname=name)
		assert s.selected_alpn_protocol() == 'h2'
		return s
	return connect


def plain(address, port):
	s = socket.create_connection((address, port), wire.PATIENCE)
	s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	return s


def main(address, name, ca, path):
	connect = connector(address, name, ca)

	def run(case):
		try:
			return Run(case, connect, bool(ca)).all()
		except Exception as e:  # a case that is written wrongly, or a defect here
			return 'line %d: %r' % (case.number, e)

	all_cases = cases.of(path)
	with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
		for case, wrong in zip(all_cases, pool.map(run, all_cases)):
			cases.tell(case, wrong)


main(*sys.argv[1:])
