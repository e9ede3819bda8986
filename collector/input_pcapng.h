/*-------------------------------------------------------------------------
 *
 * pcapng files: any number of sections and interfaces.
 *
 * libpcap refuses files whose interfaces differ in link type or capture
 * length, which is what a capture on two interfaces usually gives.
 *
 * Memory: one block, at most PCAPNG_MAX_BLOCK bytes, and 24 bytes for each of
 * at most PCAPNG_MAX_INTERFACES interfaces.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_INPUT_PCAPNG_H
#define COLLECTOR_INPUT_PCAPNG_H

#include <stdbool.h>
#include <stdio.h>

#include "input_pcap.h"

#define PCAPNG_MAX_BLOCK		(16 * 1024 * 1024)
#define PCAPNG_MAX_INTERFACES	65536

struct pcapng;

/* Does the file, which is at its start and stays there, look like pcapng? */
extern bool input_pcapng_probe(FILE *file);

/* Takes over neither file nor path.  Returns NULL when memory is exhausted. */
extern struct pcapng *input_pcapng_open(FILE *file, const char *path,
										struct counters *counters);
extern void input_pcapng_close(struct pcapng *ng);

/*
 * As input_pcap_read.  Frames of interfaces with a link type that is not
 * supported are counted and passed over; if there were no others, the end of
 * the file is a failure.
 */
extern enum capture_result input_pcapng_read(struct pcapng *ng,
											 struct frame *frame);

#endif
