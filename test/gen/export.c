/*-------------------------------------------------------------------------
 *
 * Streams fill datagrams.  A datagram is sent when the longest record might
 * not fit any more; when live, also when it has waited for LINGER_MS.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "export.h"
#include "stream.h"

#define LINGER_MS		1000
#define SWEEP_MS		250

struct export
{
	struct export_options options;
	const struct format *format;
	struct export_counts counts;
	int64_t		now_ms;
	int64_t		sweep_due_ms;
	uint32_t	nstreams;
	struct stream streams[];
};

static const struct format *const formats[EXPORT_FORMATS] = {
	[EXPORT_NETFLOW5] = &format_netflow5,
	[EXPORT_NETFLOW9] = &format_netflow9,
	[EXPORT_IPFIX] = &format_ipfix,
	[EXPORT_SFLOW] = &format_sflow
};

static int64_t
real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void
empty(struct export *export, struct stream *stream)
{
	stream->end = stream->bytes + export->format->header_bytes;
	stream->nrecords = 0;
	stream->ntemplates = 0;
	stream->set = NULL;
}

struct export *
export_begin(const struct export_options *options)
{
	uint32_t	per_exporter = ((uint32_t) options->nsources + EXPORTERS - 1) / EXPORTERS;
	uint32_t	nstreams = per_exporter * EXPORTERS;
	struct export *export = calloc(1, sizeof(*export) + nstreams * sizeof(struct stream));

	if (export == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	export->options = *options;
	export->format = formats[options->format];
	export->nstreams = nstreams;
	export->now_ms = options->is_live ? real_ms() : options->boot_ms;
	for (uint32_t i = 0; i < nstreams; i++)
	{
		struct stream *stream = &export->streams[i];

		stream->domain = i + 1;
		stream->sampling = i % EXPORTERS == EXPORTERS - 1 ? 100 : 1;
		stream->boot_ms = options->boot_ms;
		empty(export, stream);
	}
	return export;
}

/* The time of all headers is a whole second: NetFlow v9 knows no other. */
static void
send_datagram(struct export *export, struct stream *stream)
{
	struct export_datagram datagram = {
		.bytes = stream->bytes,
		.nrecords = stream->nrecords,
		.source = (int) ((stream->domain - 1) % (uint32_t) export->options.nsources)
	};

	if (export->options.is_live)
		export->now_ms = real_ms();
	datagram.time_ms = export->now_ms / 1000 * 1000;
	export->format->finish(stream, datagram.time_ms);
	datagram.len = (size_t) (stream->end - stream->bytes);
	export->options.put(export->options.arg, &datagram);
	export->counts.records += datagram.nrecords;
	export->counts.datagrams++;
	export->counts.bytes += datagram.len;
	empty(export, stream);
}

static void
sweep(struct export *export)
{
	for (uint32_t i = 0; i < export->nstreams; i++)
	{
		struct stream *stream = &export->streams[i];

		if (stream->nrecords > 0 && export->now_ms - stream->opened_ms >= LINGER_MS)
			send_datagram(export, stream);
	}
	export->sweep_due_ms = export->now_ms + SWEEP_MS;
}

static void
add(struct export *export, struct stream *stream, const struct record *record)
{
	const struct format *format = export->format;

	if (format->has_templates && export->now_ms >= stream->template_due_ms &&
		stream->nrecords == 0)
	{
		format->put_templates(stream);
		stream->template_due_ms = export->now_ms + export->options.template_ms;
	}
	if (stream->nrecords == 0)
		stream->opened_ms = export->now_ms;
	format->put_record(stream, record);
	stream->nrecords++;
	if (stream->nrecords >= export->options.max_records ||
		(size_t) (stream->bytes + sizeof(stream->bytes) - stream->end) < format->record_bytes)
		send_datagram(export, stream);
	if (export->options.is_live && export->now_ms >= export->sweep_due_ms)
		sweep(export);
}

void
export_row(struct export *export, const struct conv *conv, int side)
{
	const struct side *row = &conv->side[side];
	const struct host *src = side == 0 ? &conv->a : &conv->b;
	const struct host *dst = side == 0 ? &conv->b : &conv->a;
	const struct host *inside = conv->a.is_inside ? &conv->a : &conv->b;
	struct stream *stream = &export->streams[inside->exporter + EXPORTERS *
											 (inside->hash % (export->nstreams / EXPORTERS))];
	struct record record = {
		.src = &src->addr, .dst = &dst->addr,
		.src_port = row->src_port, .dst_port = row->dst_port,
		.proto = conv->proto, .tcp_flags = row->tcp_flags, .tos = src->tos,
		.in_if = src->interface, .out_if = dst->interface,
		.src_as = src->as, .dst_as = dst->as, .sampling = stream->sampling,
		.packets = row->packets, .bytes = row->bytes,
		.start_ms = row->start_ms, .end_ms = row->start_ms + row->duration_ms
	};

	if (record.src->family == 6 && !export->format->has_ip6)
	{
		export->counts.left_out++;
		return;
	}
	if (!export->options.is_live && record.end_ms > export->now_ms)
		export->now_ms = record.end_ms;
	add(export, stream, &record);
}

struct export_counts
export_end(struct export *export)
{
	struct export_counts counts;

	for (uint32_t i = 0; i < export->nstreams; i++)
		if (export->streams[i].nrecords > 0)
			send_datagram(export, &export->streams[i]);
	counts = export->counts;
	free(export);
	return counts;
}
