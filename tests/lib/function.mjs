// SPDX-License-Identifier: Apache-2.0
// A Lambda function for tests in JavaScript, with the loop that Amazon's runtime would be.
const root = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/`;
const handler = async (event) => ({
	statusCode: 200,
	headers: { "content-type": "text/plain", "x-seen": event.headers["x-seen"] ?? "none" },
	body: `hello from ${process.env.AWS_LAMBDA_FUNCTION_NAME} in JavaScript, ${event.method}\n`,
});
for (;;) {
	const next = await fetch(root + "next");
	const id = next.headers.get("lambda-runtime-aws-request-id");
	const answer = await handler(await next.json());
	await fetch(`${root}${id}/response`, { method: "POST", body: JSON.stringify(answer) });
}
