/*-------------------------------------------------------------------------
 *
 * sFlow version 5: datagrams and samples; all integers big-endian (XDR,
 * RFC 4506), "address" is a type of 32 bits and 0, 4 or 16 bytes.
 *
 *	  datagram                      flow sample             expanded
 *	   4  version, 5                 4  sequence            4
 *	   .  agent address              4  data source         4 type, 4 index
 *	   4  sub-agent                  4  sampling rate       4
 *	   4  sequence, datagrams        4  sample pool         4
 *	   4  uptime, ms                 4  drops               4
 *	   4  count of samples           4  input interface     4 format, 4 value
 *	      each: 4 format,            4  output interface    4 format, 4 value
 *	      4 length, length bytes     4  count of records    4
 *	                                    each: 4 format, 4 length, length bytes
 *
 * A data source of 32 bits is type << 24 | index, an interface format << 30 |
 * value.
 *
 * Source: sflow.org, "sFlow Version 5", 2004, section 5; "sFlow Discarded
 * Packet Notification Structures", 2020.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "decode_sflow.h"
#include "decode_sflow_record.h"

#define SAMPLE_FLOW				1
#define SAMPLE_COUNTERS			2
#define SAMPLE_FLOW_EXPANDED	3
#define SAMPLE_COUNTERS_EXPANDED	4
#define SAMPLE_DISCARDED		5

#define INTERFACE_SINGLE		0
#define INTERFACE_DISCARDED		1
#define INTERFACE_INTERNAL		0x3fffffff
#define SOURCE_INTERFACE		0

#define FORWARDING_DROPPED		128 /* IPFIX element 89, reason unknown */
#define KEY_VERSION				0x85	/* 5 is NetFlow's in struct exporter_key */

/* What the samples of a datagram have in common. */
struct header
{
	struct flow_addr agent;
	uint32_t	sub_agent;
	uint32_t	sequence;
	uint32_t	uptime_ms;
	uint32_t	nsamples;
	int64_t		received_us;
};

struct interface
{
	uint32_t	format;
	uint32_t	value;
};

static struct interface
read_interface(struct wire *w, bool is_expanded)
{
	struct interface interface;
	uint32_t	word = wire_u32(w);

	interface.format = is_expanded ? word : word >> 30;
	interface.value = is_expanded ? wire_u32(w) : word & INTERFACE_INTERNAL;
	return interface;
}

static bool
is_index(const struct interface *interface)
{
	return interface->format == INTERFACE_SINGLE && interface->value != 0 &&
		interface->value != INTERFACE_INTERNAL && interface->value != UINT32_MAX;
}

/* in and out may be the same; then the direction stays open */
static void
put_interfaces(struct sflow_sample *sample, const struct interface *source,
			   const struct interface *in, const struct interface *out)
{
	struct flow *flow = &sample->flow;

	if (is_index(in))
	{
		flow->in_if = in->value;
		flow->present |= FLOW_HAS_IN_IF;
	}
	if (is_index(out))
	{
		flow->out_if = out->value;
		flow->present |= FLOW_HAS_OUT_IF;
	}
	else if (out->format == INTERFACE_DISCARDED)
		flow_extra_put_number(&sample->extra, FLOW_FORWARDING_STATUS,
							  FORWARDING_DROPPED);
	if (source->format != SOURCE_INTERFACE || in->value == out->value)
		return;
	if (is_index(in) && in->value == source->value)
		flow_extra_put_number(&sample->extra, FLOW_DIRECTION, 0);
	else if (is_index(out) && out->value == source->value)
		flow_extra_put_number(&sample->extra, FLOW_DIRECTION, 1);
}

static void
begin_sample(struct sflow_sample *sample, const struct export_decoder *decoder,
			 const struct header *h)
{
	struct flow flow = {
		.exporter = h->agent,
		.sensor = decoder->sensor,
		.extra = &sample->extra,
		.start_us = h->received_us,
		.end_us = h->received_us,
		.packets = 1,
		.present = FLOW_HAS_SAMPLING
	};

	sample->flow = flow;
	sample->knowledge = SFLOW_UNKNOWN;
	flow_extra_clear(&sample->extra);
	flow_extra_put_number(&sample->extra, FLOW_DOMAIN, h->sub_agent);
	flow_extra_put(&sample->extra, FLOW_RECEIVED)->time_us = h->received_us;
}

/* Returns false if the sample breaks off before its records. */
static bool
read_sample_header(struct wire *w, bool is_expanded,
				   struct sflow_sample *sample, uint32_t *nrecords)
{
	struct interface source;
	struct interface in;
	struct interface out;
	uint32_t	word;

	wire_skip(w, 4);			/* sequence */
	word = wire_u32(w);
	source.format = is_expanded ? word : word >> 24;
	source.value = is_expanded ? wire_u32(w) : word & 0xffffff;
	sample->flow.sampling = wire_u32(w);
	if (sample->flow.sampling == 0)
		sample->flow.sampling = 1;
	wire_skip(w, 8);			/* pool, drops */
	in = read_interface(w, is_expanded);
	out = read_interface(w, is_expanded);
	*nrecords = wire_u32(w);
	if (!w->has_failed)
		put_interfaces(sample, &source, &in, &out);
	return !w->has_failed;
}

static void
decode_flow_sample(struct export_decoder *decoder, const struct header *h,
				   struct wire w, bool is_expanded)
{
	struct counters *counters = decoder->counters;
	struct sflow_sample sample;
	uint32_t	nrecords;

	begin_sample(&sample, decoder, h);
	if (!read_sample_header(&w, is_expanded, &sample, &nrecords))
	{
		counters->sflow_malformed_samples++;
		return;
	}
	for (uint32_t i = 0; i < nrecords; i++)
	{
		uint32_t	format = wire_u32(&w);
		uint32_t	len = wire_u32(&w);
		const uint8_t *bytes = wire_take(&w, len);

		if (bytes == NULL)
		{
			counters->sflow_malformed_samples++;
			break;
		}
		sflow_read_record(decoder->sflow, format, wire_open(bytes, len),
						  &sample);
	}
	if (sample.flow.key.src.family == FLOW_FAMILY_NONE)
		counters->sflow_non_ip_samples++;
	counters->records++;
	decoder->out.put(decoder->out.arg, &sample.flow);
}

static void
decode_sample(struct export_decoder *decoder, const struct header *h,
			  uint32_t format, struct wire w)
{
	struct counters *counters = decoder->counters;

	switch (format)
	{
		case SAMPLE_FLOW:
		case SAMPLE_FLOW_EXPANDED:
			counters->sflow_flow_samples++;
			decode_flow_sample(decoder, h, w, format == SAMPLE_FLOW_EXPANDED);
			break;
		case SAMPLE_COUNTERS:
		case SAMPLE_COUNTERS_EXPANDED:
			counters->sflow_counter_samples++;
			break;
		case SAMPLE_DISCARDED:
			counters->sflow_drop_samples++;
			break;
		default:
			counters->sflow_unknown_samples++;
			break;
	}
}

static bool
read_header(struct wire *w, const struct datagram *datagram, struct header *h)
{
	wire_skip(w, 4);			/* version */
	sflow_read_address(w, &h->agent);
	h->sub_agent = wire_u32(w);
	h->sequence = wire_u32(w);
	h->uptime_ms = wire_u32(w);
	h->nsamples = wire_u32(w);
	h->received_us = datagram->received_us;
	return !w->has_failed;
}

static bool
is_unspecified(const struct flow_addr *addr)
{
	static const uint8_t zero[sizeof(addr->bytes)];

	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

bool
decode_sflow(struct export_decoder *decoder, const struct datagram *datagram,
			 const char **reason)
{
	struct wire w = wire_open(datagram->bytes, datagram->len);
	struct exporter_key key = {.version = KEY_VERSION};
	struct header h;

	if (!read_header(&w, datagram, &h))
	{
		*reason = "no complete sFlow header";
		return false;
	}
	if (is_unspecified(&h.agent))
		h.agent = datagram->exporter;
	key.addr = h.agent;
	key.domain = h.sub_agent;
	exporter_check_sequence(exporter_get(decoder->exporters, &key,
										 datagram->received_us),
							h.sequence, 1, h.uptime_ms, decoder->counters,
							&decoder->counters->sequence_missed_datagrams);
	for (uint32_t i = 0; i < h.nsamples; i++)
	{
		uint32_t	format = wire_u32(&w);
		uint32_t	len = wire_u32(&w);
		struct wire sample = w;

		if (w.has_failed)
		{
			*reason = "fewer samples than counted";
			return false;
		}
		wire_limit(&sample, len);
		decode_sample(decoder, &h, format, sample);
		wire_skip(&w, len);
		if (w.has_failed)
		{
			*reason = "a sample is longer than the rest of it";
			return false;
		}
	}
	if (wire_left(&w) > 0)
		decoder->counters->sflow_trailing_bytes++;
	return true;
}

struct sflow_decoder *
sflow_decoder_open(struct counters *counters, struct hash_key key)
{
	struct sflow_decoder *sflow = calloc(1, sizeof(*sflow));

	if (sflow == NULL)
		return NULL;
	sflow->counters = counters;
	sflow->packets = packet_decoder_open(&sflow->headers, key);
	if (sflow->packets == NULL)
	{
		free(sflow);
		return NULL;
	}
	return sflow;
}

void
sflow_decoder_close(struct sflow_decoder *sflow)
{
	if (sflow == NULL)
		return;
	packet_decoder_close(sflow->packets);
	free(sflow);
}
