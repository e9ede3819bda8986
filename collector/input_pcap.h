/*-------------------------------------------------------------------------
 *
 * Capture files: pcap and pcapng, in either byte order, to frames.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_PCAP_H
#define COLLECTOR_INPUT_PCAP_H

#include "counter.h"
#include "decode_packet.h"

struct capture;

enum capture_result
{
	CAPTURE_FRAME,				/* *frame is valid until the next call */
	CAPTURE_END,				/* also where the file was cut, with a warning */
	CAPTURE_FAILED				/* the file is damaged; logged */
};

/*
 * path "-" is standard input.  Returns NULL, having logged why, if it is not
 * a capture file or its link type is not supported.
 */
extern struct capture *input_pcap_open(const char *path,
									   struct counters *counters);
extern void input_pcap_close(struct capture *capture);

extern enum capture_result input_pcap_read(struct capture *capture,
										   struct frame *frame);

/* The DLT_ value of a link type as files have it, where the two differ. */
extern int	input_pcap_dlt(int link_type);

/* How much of the file has been read, 0..100, or -1 if its size is unknown. */
extern int	input_pcap_percent(const struct capture *capture);

#endif
