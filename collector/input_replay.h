/*-------------------------------------------------------------------------
 *
 * Replay: UDP datagrams inside a capture, as if they had just arrived.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_REPLAY_H
#define COLLECTOR_INPUT_REPLAY_H

#include <stdbool.h>

#include "decode_export.h"
#include "decode_packet.h"

/*
 * Find the datagram in a frame, to any port: its exporter is the source
 * address, its time the frame's.  Returns false if the frame is no whole UDP
 * datagram; one that was fragmented is counted.  *datagram points into frame.
 */
extern bool input_replay_datagram(struct packet_decoder *decoder,
								  const struct frame *frame,
								  struct datagram *datagram)
			__attribute__((warn_unused_result));

#endif
