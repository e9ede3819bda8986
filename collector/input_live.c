/*-------------------------------------------------------------------------
 *
 * Live capture by libpcap, which on Linux reads a ring shared with the kernel
 * (TPACKET_V3).
 *
 * An error of the socket is reported once and then gone, so the same handle
 * is good again when the interface is up; only if the name stands for another
 * interface, or for none, a new one is needed.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "decode_link.h"
#include "input_live.h"
#include "log.h"

#define RETRY_US	INT64_C(1000000)
#define STATS_US	INT64_C(1000000)

struct live
{
	const char *device;
	const struct live_options *options;
	struct counters *counters;
	pcap_t	   *pcap;			/* NULL: to be opened again */
	unsigned	index;			/* of the interface; 0 for "any" */
	int			dlt;
	bool		has_ns;			/* times are in nanoseconds */
	int64_t		retry_us;		/* 0: it works; else when to try */
	int64_t		stats_us;		/* when to ask for drops */
	uint32_t	dropped;		/* as libpcap said last */
	uint32_t	if_dropped;
	struct frame_out out;		/* of the current read */
};

static bool
set_filter(struct live *live)
{
	struct bpf_program program;
	int			result;

	if (live->options->filter == NULL)
		return true;
	if (pcap_compile(live->pcap, &program, live->options->filter, 1,
					 PCAP_NETMASK_UNKNOWN) != 0)
	{
		log_warnx("invalid filter \"%s\": %s", live->options->filter,
				  pcap_geterr(live->pcap));
		return false;
	}
	result = pcap_setfilter(live->pcap, &program);
	pcap_freecode(&program);
	if (result != 0)
		log_warnx("could not set filter of interface \"%s\": %s",
				  live->device, pcap_geterr(live->pcap));
	return result == 0;
}

static bool
activate(struct live *live)
{
	const struct live_options *options = live->options;
	char		reason[PCAP_ERRBUF_SIZE] = "";
	int			result;

	pcap_set_snaplen(live->pcap, (int) options->snaplen);
	pcap_set_buffer_size(live->pcap, (int) options->buffer_bytes);
	pcap_set_promisc(live->pcap, options->is_promiscuous);
	pcap_set_timeout(live->pcap, (int) (LIVE_DELAY_US / 1000));
	live->has_ns = pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
	result = pcap_activate(live->pcap);
	if (result < 0)
	{
		const char *detail = pcap_geterr(live->pcap);

		log_warnx("could not capture from interface \"%s\": %s",
				  live->device,
				  *detail != '\0' ? detail : pcap_statustostr(result));
		return false;
	}
	live->dlt = pcap_datalink(live->pcap);
	if (!decode_link_supported(live->dlt))
	{
		log_warnx("link type %d of interface \"%s\" is not supported",
				  live->dlt, live->device);
		return false;
	}
	if (pcap_setnonblock(live->pcap, 1, reason) != 0)
	{
		log_warnx("could not capture from interface \"%s\": %s",
				  live->device, reason);
		return false;
	}
	return set_filter(live);
}

static void
close_pcap(struct live *live)
{
	if (live->pcap != NULL)
		pcap_close(live->pcap);
	live->pcap = NULL;
}

static bool
open_pcap(struct live *live)
{
	char		reason[PCAP_ERRBUF_SIZE] = "";

	live->index = if_nametoindex(live->device);
	live->dropped = live->if_dropped = 0;
	live->pcap = pcap_create(live->device, reason);
	if (live->pcap == NULL)
	{
		log_warnx("could not capture from interface \"%s\": %s",
				  live->device, reason);
		return false;
	}
	if (activate(live))
		return true;
	close_pcap(live);
	return false;
}

struct live *
input_live_open(const char *device, const struct live_options *options,
				struct counters *counters)
{
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	live->device = device;
	live->options = options;
	live->counters = counters;
	if (open_pcap(live))
		return live;
	free(live);
	return NULL;
}

static void
count_drops(struct live *live)
{
	struct pcap_stat stat;

	if (live->pcap == NULL || pcap_stats(live->pcap, &stat) != 0)
		return;
	live->counters->packets_lost_in_kernel += stat.ps_drop - live->dropped;
	live->counters->packets_lost_by_interface +=
		stat.ps_ifdrop - live->if_dropped;
	live->dropped = stat.ps_drop;
	live->if_dropped = stat.ps_ifdrop;
}

void
input_live_close(struct live *live)
{
	count_drops(live);
	close_pcap(live);
	free(live);
}

int
input_live_poll(const struct live *live, struct pollfd *fd, int64_t now_us)
{
	int64_t		due_us = live->retry_us != 0 ? live->retry_us : live->stats_us;

	fd->fd = live->pcap == NULL || live->retry_us != 0 ? -1 :
		pcap_get_selectable_fd(live->pcap);
	fd->events = POLLIN;
	fd->revents = 0;
	return due_us <= now_us ? 0 : (int) ((due_us - now_us) / 1000 + 1);
}

static void
take(u_char *arg, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct live *live = (struct live *) arg;
	struct frame frame = {
		.bytes = bytes,
		.caplen = header->caplen,
		.wirelen = header->len,
		.time_us = (int64_t) header->ts.tv_sec * 1000000 +
			(live->has_ns ? header->ts.tv_usec / 1000 : header->ts.tv_usec),
		.time_ns = (uint16_t) (live->has_ns ? header->ts.tv_usec % 1000 : 0),
		.dlt = live->dlt
	};

	live->out.put(live->out.arg, &frame);
}

static void
note_failure(struct live *live, int64_t now_us)
{
	if (live->retry_us == 0)
	{
		live->counters->interface_failures++;
		log_warnx("could not read from interface \"%s\", trying again: %s",
				  live->device, pcap_geterr(live->pcap));
	}
	live->retry_us = now_us + RETRY_US;
}

/* The interface was gone: is it back, and is it the same? */
static bool
is_back(struct live *live, int64_t now_us)
{
	unsigned	index = if_nametoindex(live->device);

	if (now_us < live->retry_us)
		return false;
	live->retry_us = now_us + RETRY_US;
	if (index == 0 && live->index != 0)
		return false;
	if (live->pcap == NULL || index != live->index)
	{
		count_drops(live);
		close_pcap(live);
		if (!open_pcap(live))
			return false;
	}
	return true;
}

bool
input_live_read(struct live *live, int max, struct frame_out out,
				int64_t now_us)
{
	bool		had_failed = live->retry_us != 0;
	int			n;

	if (had_failed && !is_back(live, now_us))
		return false;
	live->out = out;
	n = pcap_dispatch(live->pcap, max, take, (u_char *) live);
	if (n < 0)
	{
		note_failure(live, now_us);
		return false;
	}
	if (had_failed)
		log_info("reading from interface \"%s\" again", live->device);
	live->retry_us = 0;
	if (now_us >= live->stats_us)
	{
		live->stats_us = now_us + STATS_US;
		count_drops(live);
	}
	return n >= max;
}
