# SPDX-License-Identifier: Apache-2.0
# What clients get of targets that answer as the cases say (target.py): targets.py 1|2 ADDRESS LOG CASES. The first word is the
# client's version of HTTP. A line for each case, as clients.py prints them.
import http.client
import socket
import sys
import time

import cases
import wire

version, address, log_path, path = sys.argv[1:]
BODY = b'x' * 5
TOLD_SECONDS = 2


class Answer:
	"""A status, None for none; the body, whole or not; its trailers."""

	def __init__(self, status=None, body=b'', whole=False, trailers=()):
		self.status, self.body, self.whole, self.trailers = status, body, whole, dict(trailers)

	def __str__(self):
		return 'status %s, %d bytes%s' % (self.status, len(self.body), '' if self.whole else ', cut')


# The method is in the name of the case: GET unless it begins with another.
def method_of(case):
	word = case.name.split(' ')[0].rstrip(':,')
	return word if word in ('POST', 'HEAD', 'PUT') else 'GET'


# By hand, for trailers and for bodies that are cut.
def ask1(method, target, has_end):
	s = socket.create_connection((address, 80), wire.PATIENCE)
	s.settimeout(wire.PATIENCE)
	head = '%s %s HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\n' % (method, target)
	if method in ('POST', 'PUT'):
		head += 'Content-Length: %d\r\n' % (len(BODY) if has_end else 2 * len(BODY))
	s.sendall(head.encode() + b'\r\n' + (BODY if method in ('POST', 'PUT') else b''))
	r = http.client.HTTPResponse(s, method=method)
	try:
		r.begin()
	except (OSError, http.client.HTTPException):
		return Answer()
	body, trailers = b'', []
	try:
		if r.chunked and method != 'HEAD':
			body, trailers = chunks(r.fp)
		else:
			body = r.read()
	except http.client.IncompleteRead as e:
		return Answer(r.status, e.partial)
	except (OSError, ValueError):
		return Answer(r.status, body)
	finally:
		s.close()
	return Answer(r.status, body, True, trailers)


def chunks(f):
	body, trailers = b'', []
	while (n := int(f.readline(), 16)):
		body += f.read(n)
		f.readline()
	while (line := f.readline().strip()):
		name, _, value = line.decode('latin-1').partition(': ')
		trailers.append((name.lower(), value))
	return body, trailers


def ask2(method, target, has_end):
	c = wire.Connection(socket.create_connection((address, 80), wire.PATIENCE))
	has_body = method in ('POST', 'PUT')
	fields = [(':method', method), (':scheme', 'http'), (':authority', 'a.test'), (':path', target), ('te', 'trailers')]
	block = b''.join(wire.hpack.field(*f) for f in fields)
	c.send(wire.PREFACE + wire.frame(4, 0, 0) + wire.frame(1, 4 if has_body else 5, 1, block))
	if has_body:
		c.send(wire.frame(0, 1 if has_end else 0, 1, BODY))
	c.read_until(lambda: 1 in c.ended or 1 in c.resets or c.goaway is not None)
	c.close()
	heads = c.heads.get(1, [])
	final = [dict(h)[':status'] for h in heads if dict(h)[':status'] >= '200']
	whole = 1 in c.ended and c.resets.get(1, 0) == 0
	return Answer(int(final[0]) if final else None, c.bodies.get(1, b''), whole, [f for t in c.trailers.get(1, []) for f in t])


ask = ask1 if version == '1' else ask2


def logged(case, word):
	with open(log_path) as f:
		return [line.split(' ', 2)[2].strip() for line in f if line.startswith('%d %s ' % (case.number, word))]


def waits_for(holds):
	deadline = time.monotonic() + TOLD_SECONDS
	while not holds() and time.monotonic() < deadline:
		time.sleep(0.01)
	return holds()


def holds(case, outcome, answer, before):
	kind, _, value = outcome.partition(':')
	if kind == 'says':
		return answer.whole and answer.status == 200 and answer.body.decode() == wire.unescape(value)
	if kind == 'status':
		return answer.whole and answer.status == int(value)
	if kind == 'empty':
		return answer.whole and answer.status == int(value) and not answer.body
	if kind == 'cut':
		return answer.status in (None, 200) and not answer.whole
	if kind == 'trailer':
		name, text = value.split('=')
		return answer.trailers.get(name) == text
	if kind == 'asked':
		return len(logged(case, 'asked')) - before == int(value)
	assert kind == 'told', kind
	return waits_for(lambda: value in logged(case, 'told'))


def run(case):
	before = len(logged(case, 'asked'))
	method = method_of(case)
	answer = ask(method, '/%d/%s' % (case.number, version), 'early' not in case.name)
	if not any(all(holds(case, o, answer, before) for o in a) for a in case.alternatives):
		asked = len(logged(case, 'asked')) - before
		return 'wanted %s; there was: %s, asked %d times, told %s' % (case.wanted, answer, asked, logged(case, 'told')[-1:])
	after = ask('GET', '/ok', True)
	return '' if after.whole and after.body == b'ok' else 'the next request: %s' % after


for case in cases.of(path):
	try:
		wrong = run(case)
	except Exception as e:  # a case that is written wrongly, or a defect here
		wrong = 'line %d: %r' % (case.number, e)
	cases.tell(case, wrong)
