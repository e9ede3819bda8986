/*-------------------------------------------------------------------------
 *
 * Capture files: pcap is read by libpcap, pcapng by input_pcapng.
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "decode_link.h"
#include "input_pcap.h"
#include "input_pcapng.h"
#include "log.h"

/* 9999-12-31, the last day with a year of four digits. */
#define MAX_SECONDS INT64_C(253402300799)

/* In files; DLT_RAW is 12 or 14, depending on the system. */
#define LINKTYPE_RAW 101

struct capture
{
	struct counters *counters;
	const char *path;
	FILE	   *file;
	pcap_t	   *pcap;			/* of the two, one is NULL */
	struct pcapng *ng;
	off_t		file_bytes;		/* 0 if it is not a regular file */
	int			dlt;			/* of pcap */
};

static const char *
dlt_name(int dlt)
{
	const char *name = pcap_datalink_val_to_name(dlt);

	return name == NULL ? "without name" : name;
}

int
input_pcap_dlt(int link_type)
{
	return link_type == LINKTYPE_RAW ? DLT_RAW : link_type;
}

static bool
open_file(struct capture *capture)
{
	struct stat status;

	capture->file = strcmp(capture->path, "-") == 0 ?
		stdin : fopen(capture->path, "rbe");
	if (capture->file == NULL)
	{
		log_warn("could not open capture file \"%s\"", capture->path);
		return false;
	}
	if (fstat(fileno(capture->file), &status) == 0 && S_ISREG(status.st_mode))
		capture->file_bytes = status.st_size;
	return true;
}

static bool
open_pcap(struct capture *capture)
{
	char		reason[PCAP_ERRBUF_SIZE] = "";

	capture->pcap = pcap_fopen_offline_with_tstamp_precision(capture->file,
															 PCAP_TSTAMP_PRECISION_NANO, reason);
	if (capture->pcap == NULL)
	{
		log_warnx("could not read capture file \"%s\": %s", capture->path,
				  reason);
		return false;
	}
	capture->dlt = pcap_datalink(capture->pcap);
	if (!decode_link_supported(capture->dlt))
	{
		log_warnx("link type %d (%s) of capture file \"%s\" is not supported",
				  capture->dlt, dlt_name(capture->dlt), capture->path);
		return false;
	}
	return true;
}

static bool
open_pcapng(struct capture *capture)
{
	capture->ng = input_pcapng_open(capture->file, capture->path,
									capture->counters);
	if (capture->ng == NULL)
		log_warnx("out of memory");
	return capture->ng != NULL;
}

struct capture *
input_pcap_open(const char *path, struct counters *counters)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	capture->counters = counters;
	capture->path = path;
	if (open_file(capture) &&
		(input_pcapng_probe(capture->file) ?
		 open_pcapng(capture) : open_pcap(capture)))
		return capture;
	input_pcap_close(capture);
	return NULL;
}

void
input_pcap_close(struct capture *capture)
{
	if (capture->ng != NULL)
		input_pcapng_close(capture->ng);
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);	/* closes the file too */
	else if (capture->file != NULL && capture->file != stdin)
		fclose(capture->file);
	free(capture);
}

/* tv_usec counts nanoseconds. */
static void
set_time(struct capture *capture, const struct timeval *tv, struct frame *frame)
{
	int64_t		seconds = tv->tv_sec;
	int64_t		ns = tv->tv_usec;

	if (seconds < 0 || seconds > MAX_SECONDS || ns < 0 || ns > 999999999)
	{
		capture->counters->implausible_times++;
		seconds = seconds < 0 ? 0 :
			seconds > MAX_SECONDS ? MAX_SECONDS : seconds;
		ns = ns < 0 || ns > 999999999 ? 0 : ns;
	}
	frame->time_us = seconds * 1000000 + ns / 1000;
	frame->time_ns = (uint16_t) (ns % 1000);
}

/* libpcap tells a file that was cut from a damaged one by its words only. */
static enum capture_result
read_failure(const struct capture *capture)
{
	const char *reason = pcap_geterr(capture->pcap);

	if (strstr(reason, "truncated") != NULL)
	{
		log_warnx("capture file \"%s\" ends within a packet: %s",
				  capture->path, reason);
		return CAPTURE_END;
	}
	log_warnx("could not read capture file \"%s\": %s", capture->path, reason);
	return CAPTURE_FAILED;
}

enum capture_result
input_pcap_read(struct capture *capture, struct frame *frame)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;

	if (capture->ng != NULL)
		return input_pcapng_read(capture->ng, frame);
	switch (pcap_next_ex(capture->pcap, &header, &bytes))
	{
		case 1:
			break;
		case PCAP_ERROR_BREAK:
			return CAPTURE_END;
		default:
			return read_failure(capture);
	}
	frame->bytes = bytes;
	frame->caplen = header->caplen;
	frame->wirelen = header->len;
	set_time(capture, &header->ts, frame);
	frame->dlt = capture->dlt;
	return CAPTURE_FRAME;
}

int
input_pcap_percent(const struct capture *capture)
{
	off_t		at;

	if (capture->file_bytes == 0)
		return -1;
	at = ftello(capture->file);
	if (at < 0)
		return -1;
	return at >= capture->file_bytes ? 100 :
		(int) (at * 100 / capture->file_bytes);
}
