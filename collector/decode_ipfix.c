/*-------------------------------------------------------------------------
 *
 * IPFIX: the header, and the sequence number.
 *
 *	  header, 16 bytes
 *	   0  2  version, 10
 *	   2  2  length of the message, header included
 *	   4  4  export time, unix seconds
 *	   8  4  sequence: data records sent before this message, modulo 2^32
 *	  12  4  observation domain
 *
 * Records in sets whose template is missing cannot be counted; the sequence
 * number of the next message is taken as it is then.
 *
 *-------------------------------------------------------------------------
 */
#include "decode_ipfix.h"
#include "decode_sets.h"
#include "wire.h"

#define IPFIX_VERSION 10

int
ipfix_message_length(const uint8_t *bytes, size_t len)
{
	struct wire w = wire_open(bytes, len);
	uint16_t	version = wire_u16(&w);
	uint16_t	length = wire_u16(&w);

	if (w.has_failed)
		return 0;
	return version == IPFIX_VERSION && length >= IPFIX_HEADER_LEN ? length : -1;
}

static void
check_sequence(const struct set_reader *reader, uint32_t sequence)
{
	struct counters *counters = reader->context.decoder->counters;
	struct exporter *state = &reader->context.domain->sequence;

	exporter_check_sequence(state, sequence, reader->nrecords, 0, counters,
							&counters->sequence_missed_records);
	if (reader->has_unknown)
		state->has_sequence = false;
}

bool
decode_ipfix_message(struct export_decoder *decoder,
					 const struct datagram *datagram,
					 enum ipfix_transport transport, const char **reason)
{
	struct wire w = wire_open(datagram->bytes, datagram->len);
	struct export_message message = {
		.source = {
			.addr = datagram->exporter,.version = IPFIX_VERSION,
			.port = datagram->port
		},
		.received_us = datagram->received_us
	};
	struct set_reader reader;
	uint32_t	sequence;
	uint16_t	length;

	wire_skip(&w, 2);			/* version */
	length = wire_u16(&w);
	message.export_us = (int64_t) wire_u32(&w) * 1000000;
	sequence = wire_u32(&w);
	message.source.domain = wire_u32(&w);
	if (w.has_failed || length < IPFIX_HEADER_LEN)
	{
		*reason = "no whole IPFIX header";
		return false;
	}
	if (!sets_begin(&reader, &message, decoder))
	{
		*reason = "out of memory";
		return false;
	}
	reader.is_stream = transport == IPFIX_STREAM;
	if (length < datagram->len)
		decoder->counters->ipfix_trailing_bytes++;
	wire_limit(&w, length - (size_t) IPFIX_HEADER_LEN);
	if (length > datagram->len)
		reader.has_unknown = true;
	sets_decode(&reader, &w);
	check_sequence(&reader, sequence);
	return true;
}
