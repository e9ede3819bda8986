/*-------------------------------------------------------------------------
 *
 * NetFlow version 9: the header, and the sequence number.
 *
 *	  header, 20 bytes
 *	   0  2  version, 9
 *	   2  2  count of records and templates; not used
 *	   4  4  uptime, ms
 *	   8  4  unix seconds
 *	  12  4  sequence
 *	  16  4  source id
 *
 * The sequence counts datagrams, but some exporters count records as version 5
 * does.  A step of one is a vote for datagrams, a step of as many as there were
 * records in the datagram before for records; one record is no vote.  With
 * UNIT_VOTES in a row, records are what is counted until the next other vote.
 *
 *-------------------------------------------------------------------------
 */
#include "decode_netflow9.h"
#include "decode_sets.h"
#include "wire.h"

#define UNIT_VOTES 3

static void
vote(struct export_domain *domain, uint32_t step)
{
	if (step == domain->last_records && step > 1)
	{
		if (domain->unit_votes < UNIT_VOTES)
			domain->unit_votes++;
	}
	else if (step == 1 && domain->last_records > 1)
		domain->unit_votes = 0;
}

static void
check_sequence(const struct set_reader *reader, uint32_t sequence)
{
	const struct record_context *context = &reader->context;
	struct counters *counters = context->decoder->counters;
	struct export_domain *domain = context->domain;
	struct exporter *state = &domain->sequence;
	uint32_t	unit = 1;

	if (state->has_sequence)
		vote(domain, sequence - domain->last_sequence);
	if (domain->unit_votes >= UNIT_VOTES)
	{
		unit = reader->nrecords;
		if (state->next_sequence == domain->last_sequence + 1)
			state->next_sequence = domain->last_sequence + domain->last_records;
	}
	exporter_check_sequence(state, sequence, unit, context->message->uptime_ms,
							counters, unit == 1 ?
							&counters->sequence_missed_datagrams :
							&counters->sequence_missed_records);
	if (domain->unit_votes >= UNIT_VOTES && reader->has_unknown)
		state->has_sequence = false;
	domain->last_sequence = sequence;
	domain->last_records = reader->nrecords;
}

bool
decode_netflow9(struct export_decoder *decoder, const struct datagram *datagram,
				const char **reason)
{
	struct wire w = wire_open(datagram->bytes, datagram->len);
	struct export_message message = {
		.source = {
			.addr = datagram->exporter,.version = 9,.port = datagram->port
		},
		.received_us = datagram->received_us,
		.has_uptime = true
	};
	struct set_reader reader;
	uint32_t	sequence;

	wire_skip(&w, 4);			/* version and count */
	message.uptime_ms = wire_u32(&w);
	message.export_us = (int64_t) wire_u32(&w) * 1000000;
	sequence = wire_u32(&w);
	message.source.domain = wire_u32(&w);
	if (w.has_failed)
	{
		*reason = "shorter than a NetFlow v9 header";
		return false;
	}
	if (!sets_begin(&reader, &message, decoder))
	{
		*reason = "out of memory";
		return false;
	}
	sets_decode(&reader, &w);
	check_sequence(&reader, sequence);
	return true;
}
