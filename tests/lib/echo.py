# SPDX-License-Identifier: Apache-2.0
# A target that answers with what it was asked: echo.py ADDRESS PORT
import http.server
import sys


class Echo(http.server.BaseHTTPRequestHandler):
	protocol_version = 'HTTP/1.1'

	def do_GET(self):
		if self.headers['content-length']:
			self.rfile.read(int(self.headers['content-length']))
		text = (self.command + ' ' + self.path + '\n' + str(self.headers)).encode()
		self.send_response(200)
		self.send_header('content-length', str(len(text)))
		self.end_headers()
		self.wfile.write(text)

	do_POST = do_GET

	def log_message(self, *args):
		pass


http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Echo).serve_forever()
