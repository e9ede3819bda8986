/*-------------------------------------------------------------------------
 *
 * A table of columns, each with its SQL type, the selections that include
 * it, and the function that writes it.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "copy.h"
#include "names.h"
#include "output.h"

#define COLUMNS_MAX		32

struct source
{
	const struct conv *conv;
	const struct side *side;
	const struct host *src;
	const struct host *dst;
};

typedef void (*write_function) (struct copy *copy, const struct source *source);

struct output
{
	int			ncolumns;
	write_function write[COLUMNS_MAX];
	struct copy copy;
};

static bool
is_tls(const struct source *source)
{
	return source->conv->payload == PAYLOAD_TLS || source->conv->payload == PAYLOAD_QUIC;
}

static bool
is_dns(const struct source *source)
{
	return source->conv->payload == PAYLOAD_DNS || source->conv->payload == PAYLOAD_TUNNEL;
}

static const struct host *
inside_host(const struct source *source)
{
	return source->conv->a.is_inside ? &source->conv->a : &source->conv->b;
}

static void
write_ts(struct copy *copy, const struct source *source)
{
	copy_time(copy, source->side->start_ms);
}

static void
write_duration(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->side->duration_ms, 4);
}

static void
write_exporter(struct copy *copy, const struct source *source)
{
	struct addr exporter = {4, {10, 255, 0, 1}};

	exporter.bytes[3] = (uint8_t) (1 + inside_host(source)->exporter);
	copy_addr(copy, &exporter);
}

static void
write_sensor(struct copy *copy, const struct source *source)
{
	char		sensor[] = "edge0";

	sensor[4] = (char) ('1' + inside_host(source)->exporter);
	copy_text(copy, sensor);
}

static void
write_in_if(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->src->interface, 4);
}

static void
write_out_if(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->dst->interface, 4);
}

static void
write_src_addr(struct copy *copy, const struct source *source)
{
	copy_addr(copy, &source->src->addr);
}

static void
write_dst_addr(struct copy *copy, const struct source *source)
{
	copy_addr(copy, &source->dst->addr);
}

static void
write_src_port(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->side->src_port, 4);
}

static void
write_dst_port(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->side->dst_port, 4);
}

static void
write_proto(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->conv->proto, 2);
}

static void
write_tcp_flags(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->side->tcp_flags, 2);
}

static void
write_tos(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->src->tos, 2);
}

static void
write_packets(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->side->packets, 8);
}

static void
write_bytes(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->side->bytes, 8);
}

static void
write_src_as(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->src->as, 8);
}

static void
write_dst_as(struct copy *copy, const struct source *source)
{
	copy_int(copy, source->dst->as, 8);
}

static void
write_sampling(struct copy *copy, const struct source *source)
{
	copy_int(copy, inside_host(source)->exporter == 3 ? 100 : 1, 4);
}

static void
write_sni(struct copy *copy, const struct source *source)
{
	if (is_tls(source))
		copy_text_end(copy, names_domain(copy_text_begin(copy), source->conv->name));
	else
		copy_null(copy);
}

static void
write_ja3(struct copy *copy, const struct source *source)
{
	if (source->conv->payload == PAYLOAD_TLS)
		copy_text_end(copy, names_ja3(copy_text_begin(copy), source->conv->profile));
	else
		copy_null(copy);
}

static void
write_ja4(struct copy *copy, const struct source *source)
{
	if (is_tls(source))
		copy_text_end(copy, names_ja4(copy_text_begin(copy), source->conv->profile,
								   source->conv->payload == PAYLOAD_QUIC ? 'q' : 't'));
	else
		copy_null(copy);
}

/* as on the wire: 771 is TLS 1.2, 772 is 1.3 */
static void
write_tls_version(struct copy *copy, const struct source *source)
{
	bool		is_old = source->conv->payload == PAYLOAD_TLS && source->conv->b.hash % 5 == 0;

	if (is_tls(source) && source->conv->tls_version > 0)
		copy_int(copy, source->conv->tls_version, 2);
	else if (is_tls(source))
		copy_int(copy, is_old ? 771 : 772, 2);
	else
		copy_null(copy);
}

static void
write_dns_query(struct copy *copy, const struct source *source)
{
	if (source->conv->payload == PAYLOAD_DNS)
		copy_text_end(copy, names_domain(copy_text_begin(copy), source->conv->name));
	else if (source->conv->payload == PAYLOAD_TUNNEL)
		copy_text_end(copy, names_tunnel(copy_text_begin(copy), source->conv->name));
	else
		copy_null(copy);
}

static void
write_dns_type(struct copy *copy, const struct source *source)
{
	if (is_dns(source))
		copy_int(copy, source->conv->qtype, 2);
	else
		copy_null(copy);
}

/* the question does not know the answer yet */
static void
write_dns_rcode(struct copy *copy, const struct source *source)
{
	if (is_dns(source) && source->side == &source->conv->side[1])
		copy_int(copy, source->conv->rcode, 2);
	else
		copy_null(copy);
}

static void
write_http_host(struct copy *copy, const struct source *source)
{
	if (source->conv->payload == PAYLOAD_HTTP && !source->conv->is_nameless)
		copy_text_end(copy, names_domain(copy_text_begin(copy), source->conv->name));
	else
		copy_null(copy);
}

static void
write_http_method(struct copy *copy, const struct source *source)
{
	static const char *const methods[4] = {"GET", "POST", "HEAD", "PUT"};

	if (source->conv->payload == PAYLOAD_HTTP)
		copy_text(copy, methods[source->conv->method]);
	else
		copy_null(copy);
}

static void
write_http_status(struct copy *copy, const struct source *source)
{
	if (source->conv->payload == PAYLOAD_HTTP && source->side == &source->conv->side[1])
		copy_int(copy, source->conv->status, 2);
	else
		copy_null(copy);
}

static void
write_entropy(struct copy *copy, const struct source *source)
{
	if (source->conv->entropy_milli != NO_ENTROPY)
		copy_real_milli(copy, source->conv->entropy_milli);
	else
		copy_null(copy);
}

static const struct
{
	const char *name;
	const char *type;
	int			columns;		/* selections that include it */
	write_function write;
} columns[] = {
	{"ts", "timestamptz NOT NULL", COLUMNS_BASE | COLUMNS_WIDE, write_ts},
	{"duration_ms", "integer", COLUMNS_BASE | COLUMNS_WIDE, write_duration},
	{"exporter", "inet", COLUMNS_BASE | COLUMNS_WIDE, write_exporter},
	{"sensor", "text", COLUMNS_BASE, write_sensor},
	{"in_if", "integer", COLUMNS_BASE | COLUMNS_WIDE, write_in_if},
	{"out_if", "integer", COLUMNS_BASE | COLUMNS_WIDE, write_out_if},
	{"src_addr", "inet", COLUMNS_BASE | COLUMNS_WIDE, write_src_addr},
	{"dst_addr", "inet", COLUMNS_BASE | COLUMNS_WIDE, write_dst_addr},
	{"src_port", "integer", COLUMNS_BASE | COLUMNS_WIDE, write_src_port},
	{"dst_port", "integer", COLUMNS_BASE | COLUMNS_WIDE, write_dst_port},
	{"proto", "smallint", COLUMNS_BASE | COLUMNS_WIDE, write_proto},
	{"tcp_flags", "smallint", COLUMNS_BASE | COLUMNS_WIDE, write_tcp_flags},
	{"tos", "smallint", COLUMNS_BASE | COLUMNS_WIDE, write_tos},
	{"packets", "bigint", COLUMNS_BASE | COLUMNS_WIDE, write_packets},
	{"bytes", "bigint", COLUMNS_BASE | COLUMNS_WIDE, write_bytes},
	{"src_as", "bigint", COLUMNS_BASE | COLUMNS_WIDE, write_src_as},
	{"dst_as", "bigint", COLUMNS_BASE | COLUMNS_WIDE, write_dst_as},
	{"sampling", "integer", COLUMNS_BASE, write_sampling},
	{"sni", "text", COLUMNS_TLS | COLUMNS_WIDE, write_sni},
	{"ja3", "text", COLUMNS_TLS, write_ja3},
	{"ja4", "text", COLUMNS_TLS | COLUMNS_WIDE, write_ja4},
	{"tls_version", "smallint", COLUMNS_TLS, write_tls_version},
	{"dns_query", "text", COLUMNS_DNS, write_dns_query},
	{"dns_type", "smallint", COLUMNS_DNS, write_dns_type},
	{"dns_rcode", "smallint", COLUMNS_DNS, write_dns_rcode},
	{"http_host", "text", COLUMNS_HTTP, write_http_host},
	{"http_method", "text", COLUMNS_HTTP, write_http_method},
	{"http_status", "smallint", COLUMNS_HTTP, write_http_status},
	{"entropy", "real", COLUMNS_PAYLOAD | COLUMNS_WIDE, write_entropy},
};

#define N_COLUMNS		(sizeof(columns) / sizeof(columns[0]))

struct output *
output_begin(FILE *file, bool is_binary, int selection)
{
	struct output *output = calloc(1, sizeof(*output));

	if (output == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (columns[i].columns & selection)
			output->write[output->ncolumns++] = columns[i].write;
	copy_begin(&output->copy, file, is_binary);
	return output;
}

void
output_row(struct output *output, const struct conv *conv, int side)
{
	struct source source = {conv, &conv->side[side], &conv->a, &conv->b};

	if (side == 1)
	{
		source.src = &conv->b;
		source.dst = &conv->a;
	}
	copy_row_begin(&output->copy, output->ncolumns);
	for (int i = 0; i < output->ncolumns; i++)
	{
		if (i > 0)
			copy_next_column(&output->copy);
		output->write[i] (&output->copy, &source);
	}
	copy_row_end(&output->copy);
}

bool
output_end(struct output *output)
{
	bool		is_good = copy_end(&output->copy);

	free(output);
	return is_good;
}

void
output_ddl(FILE *file, int selection)
{
	const char *separator = "\t";

	for (size_t i = 0; i < N_COLUMNS; i++)
		if (columns[i].columns & selection)
		{
			fprintf(file, "%s%s %s", separator, columns[i].name, columns[i].type);
			separator = ",\n\t";
		}
	fprintf(file, "\n");
}
