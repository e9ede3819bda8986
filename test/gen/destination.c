/*-------------------------------------------------------------------------
 *
 * A datagram is due when all records before it have had their time.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "destination.h"
#include "sender.h"
#include "udpcap.h"

struct destination
{
	struct sender *sender;		/* or NULL */
	struct udpcap *udpcap;		/* or NULL */
	uint64_t	rate;
	uint64_t	nrecords;		/* so far */
};

static const uint16_t ports[EXPORT_FORMATS] = {
	[EXPORT_NETFLOW5] = 2055, [EXPORT_NETFLOW9] = 2055, [EXPORT_IPFIX] = 4739,
	[EXPORT_SFLOW] = 6343
};

struct destination *
destination_open(const struct destination_options *options)
{
	struct destination *destination = calloc(1, sizeof(*destination));

	if (destination == NULL)
	{
		fprintf(stderr, "flowgen: out of memory\n");
		return NULL;
	}
	destination->rate = options->rate;
	if (options->url != NULL)
	{
		destination->sender = sender_open(options->url, options->nsources);
		if (destination->sender == NULL)
		{
			free(destination);
			return NULL;
		}
	}
	if (options->pcap == NULL)
		return destination;
	destination->udpcap = udpcap_open(options->pcap, ports[options->format]);
	if (destination->udpcap != NULL)
		return destination;
	perror("flowgen: could not write the capture");
	destination_close(destination);
	return NULL;
}

void
destination_put(void *arg, const struct export_datagram *datagram)
{
	struct destination *destination = arg;

	if (destination->udpcap != NULL)
		udpcap_put(destination->udpcap, datagram->source, datagram->bytes, datagram->len,
				   datagram->time_ms);
	if (destination->sender == NULL)
		return;
	if (destination->rate > 0)
	{
		int64_t		due_ns = (int64_t) ((double) destination->nrecords * 1e9 /
										(double) destination->rate);

		if (due_ns > sender_elapsed_ns(destination->sender))
			sender_wait(destination->sender, due_ns);
	}
	sender_put(destination->sender, datagram->source, datagram->bytes, datagram->len);
	destination->nrecords += datagram->nrecords;
}

bool
destination_close(struct destination *destination)
{
	bool		is_good = true;

	if (destination->udpcap != NULL && !udpcap_close(destination->udpcap))
	{
		perror("flowgen: could not write the capture");
		is_good = false;
	}
	if (destination->sender != NULL && !sender_close(destination->sender))
		is_good = false;
	free(destination);
	return is_good;
}
