/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a DNS query: what is answered is an answer with its id, echoes the question, and is
 * one that our own reader can walk to its end.
 */
#include "dns/answer.h"

#include "../unit/dns/view.h"

#include <assert.h>
#include <netinet/in.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct snap_service cart = {
	.id = { "svc-a", 5 },
	.dns_name = { "cart-0.7d67968.vpc-lattice-svcs.us-east-1.on.aws", 48 },
	.domain = { "a.b", 3 },
	.addr4 = { .family = AF_INET },
};

/* Made with the first input. */
static struct answer_source source = { .serial = 1 };

static void check_answer(struct str query, struct str m)
{
	size_t at = DNS_HEADER_BYTES, records = 0;
	struct dns_record r;
	struct dns_name name;

	assert(m.n >= DNS_HEADER_BYTES && dns_get_u16(m, 0) == dns_get_u16(query, 0));
	assert(dns_get_u16(m, 2) & DNS_QR);
	if (dns_get_u16(m, 4)) {
		assert(dns_name_read(m, &at, &name));
		assert(memcmp(name.bytes, query.p + DNS_HEADER_BYTES, name.n) == 0);
		at += 4;
	}
	for (; at < m.n; records++)
		assert(dns_record_next(m, &at, &r));
	assert(records == dns_get_u16(m, 6) + dns_get_u16(m, 8) + dns_get_u16(m, 10));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str query = { (const char *)data, size };
	uint8_t out[ANSWER_BYTES_MAX];
	struct dns_writer w = { .p = out, .max = sizeof(out) };
	enum dns_rcode rcode;
	struct dns_query q;

	if (!source.view.snapshot)
		source.view = view_of(STR("vpc-lattice-svcs.us-east-1.on.aws"), &cart);
	switch (dns_query_parse(query, &q, &rcode)) {
	case DNS_DROP:
		return 0;
	case DNS_REFUSE:
		answer_write_error(&q, rcode, &w);
		break;
	case DNS_ASK:
		if (!answer_write(&source, &q, &w))
			answer_write_truncated(&q, DNS_QR, &w);
		break;
	}
	assert(!w.is_full);
	check_answer(query, (struct str){ (const char *)out, w.n });
	return 0;
}
