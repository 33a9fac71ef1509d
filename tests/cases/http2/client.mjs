// SPDX-License-Identifier: Apache-2.0
// A client for the HTTP/2 cases: `node client.mjs URL TEST`. It exits 0 when the test went well.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { once } from 'node:events';

const [, , url, name] = process.argv;
const session = http2.connect(url, { maxSessionMemory: 200 });
session.on('error', (e) => { if (!tests[name].mayFail) throw e; });

function ask(headers, options) {
	const stream = session.request(headers, options);
	const got = { body: [], headers: null, trailers: {} };
	stream.on('response', (h) => { got.headers = h; });
	stream.on('trailers', (t) => { got.trailers = t; });
	stream.on('data', (d) => got.body.push(d));
	got.done = new Promise((resolve) => {
		stream.on('error', (e) => { got.error = e; });
		stream.on('close', () => { got.text = Buffer.concat(got.body).toString(); got.code = stream.rstCode; resolve(got); });
	});
	return { stream, got };
}

const grpcHeaders = { ':method': 'POST', ':path': '/echo.Echo/Chat', 'content-type': 'application/grpc', te: 'trailers' };

// One gRPC message in its frame.
function message(text) {
	const body = Buffer.from(text);
	const head = Buffer.alloc(5);
	head.writeUInt32BE(body.length, 1);
	return Buffer.concat([head, body]);
}

const tests = {
	// Both directions at once: each message comes back before the next is sent, then the status.
	async grpc() {
		const { stream, got } = ask(grpcHeaders);
		for (let i = 0; i < 20; i++) {
			const sent = message(`message ${i}`);
			stream.write(sent);
			let seen = Buffer.alloc(0);
			while (seen.length < sent.length) seen = Buffer.concat([seen, (await once(stream, 'data'))[0]]);
			assert.deepEqual(seen, sent);
		}
		stream.end();
		await got.done;
		assert.equal(got.headers[':status'], 200);
		assert.equal(got.trailers['grpc-status'], '0');
		assert.equal(got.trailers['grpc-message'], 'done');
		assert.equal(got.trailers['x-forwarded-for'], undefined);
	},

	// An error of ours is a status that gRPC knows, without a body.
	async grpcError() {
		const { stream, got } = ask(grpcHeaders);
		stream.end(message('x'));
		await got.done;
		assert.equal(got.headers[':status'], 200);
		assert.equal(got.headers['content-type'], 'application/grpc');
		assert.equal(got.headers['grpc-status'], process.env.WANTED);
		assert.equal(got.text, '');
	},

	async trailers() {
		const { stream, got } = ask({ ':method': 'POST', ':path': '/mirror' }, { waitForTrailers: true });
		stream.on('wantTrailers', () => stream.sendTrailers({ 'x-up': '1' }));
		stream.write('hello ');
		stream.end('world');
		await got.done;
		assert.equal(got.text, 'hello world');
		assert.equal(got.trailers['x-sum'], '42');
	},

	async trailersToTarget() {
		const { stream, got } = ask({ ':method': 'POST', ':path': '/echo' }, { waitForTrailers: true });
		stream.on('wantTrailers', () => stream.sendTrailers({ 'x-up': '1', 'x-forwarded-for': 'me' }));
		stream.end('body');
		await got.done;
		assert.deepEqual(JSON.parse(got.text).trailers, { 'x-up': '1' });
	},

	// Many at once, with bodies both ways.
	async many() {
		const body = Buffer.alloc(300000, 'y');
		const all = [];
		for (let i = 0; i < 60; i++) {
			const { stream, got } = ask({ ':method': 'POST', ':path': '/mirror' });
			stream.end(body);
			all.push(got.done);
		}
		for (const got of await Promise.all(all)) {
			assert.equal(got.headers[':status'], 200);
			assert.equal(got.text.length, body.length);
		}
	},

	// A stream that is not read holds up no other.
	async slowReader() {
		const slow = session.request({ ':path': '/bytes/20000000' });
		await once(slow, 'response');
		slow.pause();
		for (let i = 0; i < 20; i++) {
			const { got } = ask({ ':path': '/bytes/100000' });
			assert.equal((await got.done).text.length, 100000);
		}
		let n = 0;
		slow.on('data', (d) => { n += d.length; });
		slow.resume();
		await once(slow, 'end');
		assert.equal(n, 20000000);
	},

	// A target that refuses a stream is asked again, even with a POST.
	async refused() {
		for (let i = 0; i < 4; i++) {
			const { stream, got } = ask({ ':method': 'POST', ':path': '/refuse', 'content-length': '0' });
			stream.end();
			await got.done;
			assert.equal(got.headers[':status'], 200);
		}
	},

	async goaway() {
		for (let i = 0; i < 5; i++) {
			const { got } = ask({ ':path': '/goaway' });
			await got.done;
			assert.equal(got.headers[':status'], 200);
		}
	},

	// A target that dies midway cuts this stream and no other.
	async dies() {
		const other = ask({ ':method': 'POST', ':path': '/early2' });
		const { got } = ask({ ':path': '/die' });
		await got.done;
		assert.equal(got.code, http2.constants.NGHTTP2_INTERNAL_ERROR);
		other.stream.end('x');
		await other.got.done;
		const after = ask({ ':path': '/echo' });
		assert.equal((await after.got.done).headers[':status'], 200);
	},

	async early() {
		const { stream, got } = ask({ ':method': 'POST', ':path': '/early' });
		stream.write('some');
		await got.done;
		assert.equal(got.text, 'ok');
	},

	// Streams that are opened and reset at once: the connection is ended for it.
	async rapidReset() {
		const gone = new Promise((resolve) => session.on('goaway', resolve));
		let over = false;
		gone.then(() => { over = true; });
		for (let i = 0; i < 40 && !over; i++) {
			for (let k = 0; k < 50 && !session.closed; k++) {
				const s = session.request({ ':path': '/bytes/10' });
				s.on('error', () => {});
				s.close(http2.constants.NGHTTP2_CANCEL);
			}
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
		assert.equal(await gone, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
	},

	async pings() {
		const gone = new Promise((resolve) => session.on('goaway', resolve));
		await once(session, 'connect');
		for (let i = 0; i < 2000 && !session.destroyed; i++) {
			if (!session.ping(() => {})) await new Promise((resolve) => setTimeout(resolve, 1));
		}
		assert.equal(await gone, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
	},
};
tests.rapidReset.mayFail = true;
tests.pings.mayFail = true;

const late = setTimeout(() => { console.error('too late'); process.exit(1); }, 20000);
await tests[name]();
clearTimeout(late);
session.destroy();
