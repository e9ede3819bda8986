/*-------------------------------------------------------------------------
 *
 * Datagrams of flow exporters: dispatch by version.
 *
 * NetFlow and IPFIX (RFC 7011) begin with a version of 16 bits, sFlow v5 with
 * one of 32 bits, so its first 16 are zero.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>

#include "decode_export.h"
#include "decode_ipfix.h"
#include "decode_netflow5.h"
#include "decode_netflow9.h"
#include "decode_sflow.h"
#include "tally.h"
#include "wire.h"

#define SFLOW5 5

static bool
is_sflow(uint32_t first_word)
{
	return first_word == 2 || first_word == 4 || first_word == SFLOW5;
}

static uint64_t *
unsupported_counter(struct counters *counters, uint32_t first_word)
{
	switch (first_word >> 16)
	{
		case 8:
			return &counters->unsupported_v8;
		case 9:
			return &counters->unsupported_v9;
		case 10:
			return &counters->unsupported_ipfix;
		case 0:
			if (is_sflow(first_word))
				return &counters->unsupported_sflow;
			return &counters->unsupported_other;
		default:
			return &counters->unsupported_other;
	}
}

static void
log_refused(struct export_decoder *decoder, const struct datagram *datagram,
			uint32_t version, const char *reason)
{
	struct exporter_key key = {.addr = datagram->exporter};
	struct exporter *exporter;
	char		text[INET6_ADDRSTRLEN];

	exporter = exporter_get(decoder->exporters, &key, datagram->received_us);
	if (!log_allowed(&exporter->log_limit, datagram->received_us) ||
		!log_within_budget(&decoder->log_budget, datagram->received_us))
		return;
	inet_ntop(key.addr.family == FLOW_FAMILY_IP4 ? AF_INET : AF_INET6,
			  key.addr.bytes, text, sizeof(text));
	log_warnx("ignored a datagram from exporter %s: version %u, %zu bytes: %s",
			  text, version, datagram->len, reason);
}

static void
decode(struct export_decoder *decoder, const struct datagram *datagram)
{
	struct counters *counters = decoder->counters;
	struct wire w = wire_open(datagram->bytes, datagram->len);
	uint32_t	first_word = wire_u32(&w);
	uint32_t	version = first_word >> 16;
	const char *reason = NULL;

	counters->datagrams++;
	counters->datagram_bytes += datagram->len;
	if (w.has_failed)
	{
		counters->datagrams_short++;
		reason = "no version and count";
	}
	else if (version == 1)
	{
		counters->netflow1_datagrams++;
		if (!decode_netflow5(decoder, datagram, &reason))
			counters->netflow1_malformed++;
	}
	else if (version == 7)
	{
		counters->netflow7_datagrams++;
		if (!decode_netflow5(decoder, datagram, &reason))
			counters->netflow7_malformed++;
	}
	else if (version == 5)
	{
		counters->netflow5_datagrams++;
		if (!decode_netflow5(decoder, datagram, &reason))
			counters->netflow5_malformed++;
	}
	else if (first_word == SFLOW5 && decoder->sflow != NULL)
	{
		counters->sflow_datagrams++;
		if (!decode_sflow(decoder, datagram, &reason))
			counters->sflow_malformed++;
	}
	else if (version == 9 && decoder->memory != NULL)
	{
		counters->netflow9_datagrams++;
		if (!decode_netflow9(decoder, datagram, &reason))
			counters->netflow9_malformed++;
	}
	else if (version == 10 && decoder->memory != NULL)
	{
		counters->ipfix_datagrams++;
		if (!decode_ipfix_message(decoder, datagram, datagram->is_stream ?
								  IPFIX_STREAM : IPFIX_DATAGRAM, &reason))
			counters->ipfix_malformed++;
	}
	else
	{
		(*unsupported_counter(counters, first_word))++;
		reason = "this version is not supported";
	}
	if (reason != NULL)
		log_refused(decoder, datagram, version == 0 ? first_word : version,
					reason);
}

void
decode_export(struct export_decoder *decoder, const struct datagram *datagram)
{
	struct tally_counts before;

	if (decoder->tally == NULL)
	{
		decode(decoder, datagram);
		return;
	}
	before = tally_counts_of(decoder->counters);
	decode(decoder, datagram);
	tally_datagram(decoder->tally, datagram, &before, decoder->counters);
}
