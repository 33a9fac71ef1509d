# SPDX-License-Identifier: Apache-2.0
# HPACK (RFC 7541) for the HTTP/2 cases: a decoder for what the plane says, and pieces to write good and bad field blocks with.

STATIC = [tuple(line.split('=', 1)) for line in '''
:authority=|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|:status=206
:status=304|:status=400|:status=404|:status=500|accept-charset=|accept-encoding=gzip, deflate|accept-language=|accept-ranges=
accept=|access-control-allow-origin=|age=|allow=|authorization=|cache-control=|content-disposition=|content-encoding=
content-language=|content-length=|content-location=|content-range=|content-type=|cookie=|date=|etag=|expect=|expires=|from=
host=|if-match=|if-modified-since=|if-none-match=|if-range=|if-unmodified-since=|last-modified=|link=|location=|max-forwards=
proxy-authenticate=|proxy-authorization=|range=|referer=|refresh=|retry-after=|server=|set-cookie=|strict-transport-security=
transfer-encoding=|user-agent=|vary=|via=|www-authenticate=
'''.strip().replace('\n', '|').split('|')]

# Appendix B is a canonical code: the symbols by the length of their codes, in order. Beyond 19 bits are bytes that no
# field of ours has.
LENGTHS = {
	5: '012aceiost', 6: ' %-./3456789=A_bdfghlmnpru', 7: ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz', 8: '&*,;XZ', 10: '!"()?',
	11: "'+|", 12: '#>', 13: '\0$@[]~', 14: '^}', 15: '<`{', 19: '\\',
}


def codes():
	code, last = 0, 5
	for length, symbols in LENGTHS.items():
		code <<= length - last
		last = length
		for symbol in symbols:
			yield symbol, code, length
			code += 1


ENCODE = {symbol: (code, length) for symbol, code, length in codes()}
DECODE = {(code, length): symbol for symbol, code, length in codes()}


def huffman(text, padding=None):
	bits = ''.join(format(ENCODE[c][0], '0%db' % ENCODE[c][1]) for c in text)
	bits += '1' * (-len(bits) % 8) if padding is None else padding
	return int('1' + bits, 2).to_bytes(len(bits) // 8 + 1, 'big')[1:]


def unhuffman(data):
	out, code, length = '', 0, 0
	for byte in data:
		for i in range(7, -1, -1):
			code, length = code << 1 | byte >> i & 1, length + 1
			if (code, length) in DECODE:
				out += DECODE[code, length]
				code, length = 0, 0
	return out


# An integer behind @first's bits, of which @prefix are the integer's.
def integer(value, prefix, first=0):
	most = (1 << prefix) - 1
	if value < most:
		return bytes([first | value])
	out = bytes([first | most])
	value -= most
	while value > 127:
		out += bytes([value & 127 | 128])
		value >>= 7
	return out + bytes([value])


def string(text, is_huffman=False):
	data = text.encode('latin-1')
	if is_huffman:
		data = huffman(text)
	return integer(len(data), 7, 128 if is_huffman else 0) + data


# Literals with their name; @first: 0 not indexed, 0x10 never, 0x40 with incremental indexing.
def field(name, value, first=0, is_huffman=False):
	return bytes([first]) + string(name, is_huffman) + string(value, is_huffman)


class Decoder:
	def __init__(self):
		self.table, self.max = [], 4096

	def entry(self, index):
		return STATIC[index - 1] if index <= len(STATIC) else self.table[index - len(STATIC) - 1]

	def evict(self):
		while sum(len(n) + len(v) + 32 for n, v in self.table) > self.max:
			self.table.pop()

	def integer(self, prefix):
		most = (1 << prefix) - 1
		value, shift = self.data[self.at] & most, 0
		self.at += 1
		while value >= most:
			byte = self.data[self.at]
			self.at += 1
			value += (byte & 127) << shift
			shift += 7
			if byte < 128:
				break
		return value

	def string(self):
		is_huffman = self.data[self.at] & 128
		n = self.integer(7)
		data = self.data[self.at:self.at + n]
		self.at += n
		return unhuffman(data) if is_huffman else data.decode('latin-1')

	def decode(self, data):
		self.data, self.at = data, 0
		fields = []
		while self.at < len(data):
			first = data[self.at]
			if first & 128:
				fields.append(self.entry(self.integer(7)))
			elif first & 0xe0 == 0x20:
				self.max = self.integer(5)
				self.evict()
			else:
				index = self.integer(6 if first & 0x40 else 4)
				name = self.entry(index)[0] if index else self.string()
				fields.append((name, self.string()))
				if first & 0x40:
					self.table.insert(0, fields[-1])
					self.evict()
		return fields
