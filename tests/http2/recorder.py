# SPDX-License-Identifier: Apache-2.0
# An HTTP/1 target: recorder.py ADDRESS PORT FILE. Each whole request is a line of the file. By path:
#   /wait   no answer        /stuck  nor is the body read        /big/N  N bytes
#   else    a line: method, path, bytes of the body, and the cookie or the trailer x-t
import asyncio
import sys

address, port, path = sys.argv[1:]
log = open(path, 'a', buffering=1)


async def fields_of(reader):
	fields = {}
	while (line := (await reader.readline()).decode('latin-1').rstrip('\r\n')):
		name, _, value = line.partition(':')
		fields.setdefault(name.lower(), []).append(value.strip())
	return fields


async def body_of(reader, fields):
	if 'transfer-encoding' not in fields:
		n = int(fields.get('content-length', ['0'])[0])
		return len(await reader.readexactly(n)), {}
	total = 0
	while (n := int(await reader.readuntil(b'\r\n'), 16)):
		total += len(await reader.readexactly(n))
		await reader.readexactly(2)
	return total, await fields_of(reader)


async def serve(reader, writer):
	try:
		while (line := (await reader.readline()).decode('latin-1').split()):
			method, target = line[0], line[1]
			fields = await fields_of(reader)
			if target == '/stuck':
				await asyncio.sleep(3600)
			size, trailers = await body_of(reader, fields)
			print(method, target, size, 'x-bad' if 'x-bad' in fields else '-', file=log)
			if target == '/wait':
				await asyncio.sleep(3600)
			said = ' '.join([method, target, str(size)] + fields.get('cookie', []) + trailers.get('x-t', []))
			body = said.encode('latin-1')
			if target.startswith('/big/'):
				body = b'x' * int(target[5:])
			writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body) + (b'' if method == 'HEAD' else body))
			await writer.drain()
	except (OSError, asyncio.IncompleteReadError, ValueError):
		pass
	writer.close()


async def main():
	server = await asyncio.start_server(serve, address, int(port), backlog=1000)
	print('ready', flush=True)
	await server.serve_forever()


asyncio.run(main())
