/*-------------------------------------------------------------------------
 *
 * Where exported datagrams go: to a collector, to a capture file, or to both.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_DESTINATION_H
#define GEN_DESTINATION_H

#include "export.h"

struct destination_options
{
	const char *url;			/* of a collector, or NULL */
	const char *pcap;			/* path, or NULL */
	enum export_format format;	/* decides the port in the capture file */
	int			nsources;
	uint64_t	rate;			/* records a second to the collector; 0: no limit */
};

struct destination;

/* Returns NULL, having said why on stderr. */
extern struct destination *destination_open(const struct destination_options *options);

/* Waits until the datagram is due; arg is the destination. */
extern void destination_put(void *arg, const struct export_datagram *datagram);

/* Frees; false, having said why, when not everything was sent and written. */
extern bool destination_close(struct destination *destination);

#endif
