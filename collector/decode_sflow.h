/*-------------------------------------------------------------------------
 *
 * sFlow version 5: one flow for each sampled packet.
 *
 * A flow sample becomes a flow of one packet, whatever the agent tells about
 * it; without an IP header its addresses are absent and its bytes are those
 * behind the link header.  bytes is the total length by the IP header, or what
 * the frame had behind the link header where that is not known; sampling is
 * the sampling rate, 1 where it says 0.  sFlow sends no times: start and end
 * are the time of arrival.  The exporter is the agent address, or the source
 * of the datagram if the agent does not know its address; the domain is the
 * sub-agent.
 *
 * Interfaces that are unknown, internal, several, or none because the packet
 * was discarded are absent; a discarded packet has forwarding_status 128.  The
 * direction is set if the data source is one of the interfaces.
 *
 * Of a sample that is damaged, what could be read is handed on.  Counter and
 * discarded-packet samples are counted only.  Nothing is remembered between
 * two samples.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_SFLOW_H
#define COLLECTOR_DECODE_SFLOW_H

#include <stdbool.h>

#include "decode_export.h"
#include "hash.h"

struct sflow_decoder;

/* About 230 kB, see decode_packet.h.  Returns NULL when memory is exhausted. */
extern struct sflow_decoder *sflow_decoder_open(struct counters *counters,
												struct hash_key key);
extern void sflow_decoder_close(struct sflow_decoder *sflow);

/*
 * Decode a datagram that begins with version 5 in 32 bits by decoder->sflow,
 * which must not be NULL.  Returns false and sets *reason if the datagram
 * breaks off; its flows up to there have been handed on.
 */
extern bool decode_sflow(struct export_decoder *decoder,
						 const struct datagram *datagram, const char **reason)
			__attribute__((warn_unused_result));

#endif
