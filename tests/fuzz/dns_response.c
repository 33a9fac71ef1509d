/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a resolver answers: what is taken is passed on within the client's limit, with
 * the client's id, question and EDNS, and can be walked to its end. Of addresses for us there are
 * never more than there is room for.
 */
#include "dns/addresses.h"
#include "dns/response.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(struct str m, const struct dns_query *q, size_t max)
{
	size_t at = DNS_HEADER_BYTES + q->name.n + 4U, records = 0, edns = 0;
	struct dns_record r;

	assert(m.n <= max && m.n >= at);
	assert(dns_get_u16(m, 0) == q->id && dns_get_u16(m, 2) & DNS_QR && dns_get_u16(m, 4) == 1);
	assert(memcmp(m.p + DNS_HEADER_BYTES, q->name.bytes, q->name.n) == 0);
	for (; at < m.n; records++) {
		assert(dns_record_next(m, &at, &r));
		edns += r.type == DNS_OPT && at == m.n;
	}
	assert(records == dns_get_u16(m, 6) + dns_get_u16(m, 8) + dns_get_u16(m, 10));
	assert(!q->has_edns || edns == 1);
}

/* As an answer about a name that the plane calls itself. */
static void check_addresses(struct str m, struct dns_query q)
{
	struct addresses a;
	unsigned i;

	q.type = dns_get_u16(m, DNS_HEADER_BYTES + q.name.n);
	if (addresses_read(m, &q, &a) == ADDRESSES_FOUND)
		assert(a.count > 0);
	assert(a.count <= HOST_ADDRESSES_MAX);
	for (i = 0; i < a.count; i++)
		assert(a.at[i].family == (q.type == DNS_A ? AF_INET : AF_INET6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[DNS_MESSAGE_BYTES_MAX];
	struct dns_query q = { .id = 0x1234, .type = DNS_A, .class = DNS_CLASS_IN };
	struct dns_writer w = { .p = out, .max = sizeof(out) };
	uint8_t *copy;
	struct response r;
	struct str kept;

	if (size < DNS_HEADER_BYTES || size > DNS_MESSAGE_BYTES_MAX)
		return 0;
	assert(dns_name_parse(STR("a.b"), &q.name));
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	/* The head of an answer to the question, so that what is behind it is looked at. */
	copy[0] = 0x12;
	copy[1] = 0x34;
	copy[2] |= 0x80;
	if (response_take(copy, size, &q, &r)) {
		kept = (struct str){ (const char *)copy, r.n };
		assert(r.n <= size && r.keep_seconds <= RESPONSE_SECONDS_MAX);
		check_addresses(kept, q);
		q.id = 0x4321;
		assert(dns_name_parse(STR("A.B"), &q.name));
		response_write(kept, &q, 7, DNS_UDP_BYTES, &w);
		check_answer((struct str){ (const char *)out, w.n }, &q, DNS_UDP_BYTES);
		q.has_edns = true;
		response_write(kept, &q, UINT32_MAX, sizeof(out), &w);
		check_answer((struct str){ (const char *)out, w.n }, &q, sizeof(out));
	}
	free(copy);
	return 0;
}
