// SPDX-License-Identifier: Apache-2.0
// A target for the HTTP/2 cases: `node target.mjs ADDRESS PORT h1|h2`. By path:
//   /echo      what came, as JSON         /mirror    the body back as it comes, then a trailer
//   /bytes/N   N bytes                    /early     an answer before the request's body was read
//   /refuse    REFUSED_STREAM every other time (h2)   /goaway  GOAWAY after the answer (h2)
//   /die       the connection is cut midway           /hints   103 before the answer
//   anything of type application/grpc: the messages back, then grpc-status 0
import http from 'node:http';
import http2 from 'node:http2';

const [, , address, port, version] = process.argv;
let refusals = 0;

function mirror(req, res, trailers) {
	req.on('data', (d) => { if (!res.write(d)) req.pause(); });
	res.on('drain', () => req.resume());
	req.on('end', () => {
		if (res.addTrailers) res.addTrailers(trailers);
		res.end();
	});
}

function bytes(res, n) {
	const piece = Buffer.alloc(65536, 'x');
	const go = () => {
		while (n > 0) {
			const size = Math.min(n, piece.length);
			n -= size;
			if (!res.write(piece.subarray(0, size))) {
				res.once('drain', go);
				return;
			}
		}
		res.end();
	};
	go();
}

function echo(req, res) {
	let got = 0;
	req.on('data', (d) => { got += d.length; });
	req.on('end', () => {
		const said = JSON.stringify({
			version: req.httpVersion, method: req.method, path: req.url, headers: req.headers,
			bytes: got, trailers: req.trailers,
		});
		res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) });
		res.end(said);
	});
}

function serve(req, res) {
	const path = req.url.split('?')[0];
	if ((req.headers['content-type'] || '').startsWith('application/grpc')) {
		res.writeHead(200, { 'content-type': 'application/grpc', trailer: 'grpc-status, grpc-message' });
		mirror(req, res, { 'grpc-status': '0', 'grpc-message': 'done', 'x-forwarded-for': 'me' });
	} else if (path === '/mirror') {
		res.writeHead(200, { trailer: 'x-sum' });
		mirror(req, res, { 'x-sum': '42' });
	} else if (path.startsWith('/bytes/')) {
		bytes(res, Number(path.slice(7)));
	} else if (path === '/early') {
		res.writeHead(200, { 'content-length': 2 });
		res.end('ok');
	} else if (path === '/refuse' && refusals++ % 2 === 0) {
		req.stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
	} else if (path === '/goaway') {
		const session = req.stream.session;
		echo(req, res);
		session.goaway(http2.constants.NGHTTP2_NO_ERROR, req.stream.id);
	} else if (path === '/die') {
		res.writeHead(200, {});
		res.write('begun', () => (req.stream?.session ?? req).destroy());
	} else if (path === '/hints') {
		if (res.writeEarlyHints) res.writeEarlyHints({ link: '</a>; rel=preload' });
		echo(req, res);
	} else {
		echo(req, res);
	}
}

const server = version === 'h2' ? http2.createServer({ maxSessionMemory: 200 }, serve) : http.createServer(serve);
server.listen(Number(port), address, () => console.log('ready'));
