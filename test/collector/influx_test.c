/*-------------------------------------------------------------------------
 *
 * If this goes, lines may be split at the wrong place, and flows get values
 * that nobody sent.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "draft.h"
#include "influx_flow.h"
#include "input_lines.h"
#include "tap.h"
#include "web_buffer.h"

static const char kinds[] = {
	[INFLUX_TAG] = 'g',[INFLUX_FLOAT] = 'f',[INFLUX_INT] = 'i',[INFLUX_BOOL] = 'b',
	[INFLUX_TEXT] = 's'
};

/* "measurement name:kind:value ... time", or the problem. */
static void
reads(const char *text, const char *expected)
{
	static struct influx_line line;
	struct web_buffer out = {.max = 4096};
	size_t		len = strlen(text);
	char	   *bytes = malloc(len + 1);
	const char *problem;

	memcpy(bytes, text, len);
	problem = influx_parse(&line, bytes, len);
	if (problem != NULL)
		web_buffer_text(&out, problem);
	else
	{
		web_buffer_text(&out, line.measurement);
		for (int i = 0; i < line.nvalues; i++)
			web_buffer_print(&out, " %s:%c:%.*s", line.values[i].name,
							 kinds[line.values[i].kind], (int) line.values[i].len,
							 line.values[i].text);
		if (line.has_time)
			web_buffer_print(&out, " %" PRId64, line.time_ns);
	}
	web_buffer_put(&out, "", 1);
	ok(strcmp(out.bytes, expected) == 0, expected[0] == '\0' ? "nothing" : expected);
	if (strcmp(out.bytes, expected) != 0)
		printf("# got %s\n", out.bytes);
	web_buffer_free(&out);
	free(bytes);
}

static void
check_lines(void)
{
	reads("m f=1 5", "m f:f:1 5");
	reads("m,a=x,b=y\\ z f=1i,g=2u,h=-3.5e7,i=t,j=False -5\r",
		  "m a:g:x b:g:y z f:i:1 g:i:2 h:f:-3.5e7 i:b:true j:b:false -5");
	reads("m\\,n\\ o,t\\=a=b\\,c\\\\d f=\"a \\\"q\\\\ , = \\n\"", "m,n o t=a:g:b,c\\\\d f:s:a \"q\\ , = \\n");
	reads("m f=\"\"", "m f:s:");
	reads("  m  f=1  7  ", "m f:f:1 7");
	reads("# m f=1", "");
	reads("", "");
	reads("m", "has no fields");
	reads("m,t=v", "has a name without a value");
	reads("m f=", "has a field that is no value");
	reads("m f=1x", "has a field that is no value");
	reads("m f=-1u", "has a field that is no value");
	reads("m f=.", "has a field that is no value");
	reads("m f=\"a", "has a field that is no value");
	reads("m f=\"a\"b", "has a field that is no value");
	reads("m,t= f=1", "has an empty tag");
	reads("m f=1 x", "has a time that is no number of nanoseconds");
	reads("m f=1 99999999999999999999", "has a time that is no number of nanoseconds");
	reads("m f=1,", "has a name without a value");
	reads("m f=\"\xff\"", "is not UTF-8, or has control characters");
}

static struct flow last;
static int	nflows;

static void
take_flow(void *arg, const struct flow *flow)
{
	(void) arg;
	last = *flow;
	nflows++;
}

/* Enough of a setter: two columns, and one that takes nothing. */
static bool
set(struct flow *flow, struct flow_extra *extra, enum column_id id,
	const char *text, size_t len)
{
	(void) extra;
	if (id == COLUMN_BYTES)
		flow->bytes = strtoull(text, NULL, 10);
	else if (id == COLUMN_SRC_ADDR)
	{
		char		addr[64] = "";

		memcpy(addr, text, len);
		flow->key.src.family = FLOW_FAMILY_IP4;
		return inet_pton(AF_INET, addr, flow->key.src.bytes) == 1;
	}
	return id == COLUMN_BYTES ? len == 2 : false;
}

static struct counters counters;
static struct influx_decoder decoder = {
	.table = "net.\"flows\"",.set = set,.out = {take_flow, NULL},.counters = &counters
};

static void
decode(void *arg, const char *bytes, size_t len, const struct flow_addr *from)
{
	(void) arg;
	influx_decode(&decoder, bytes, len, from, 1000);
}

static void
check_flows(void)
{
	struct flow_addr from = {FLOW_FAMILY_IP4, {192, 0, 2, 9}};
	static const char *const lines[] = {
		"flows,src_addr=10.0.0.1,nothing=1 bytes=42.0 7000", "flows bytes=42i",
		"other bytes=42i", "flows bytes=421i", "flows,src_addr=x bytes=42i", "# no"
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
	{
		decode(NULL, lines[i], strlen(lines[i]), &from);
		if (i == 0)
			ok(last.start_us == 7 && last.bytes == 42 && last.key.src.bytes[0] == 10 &&
			   last.exporter.bytes[3] == 9, "a flow");
		if (i == 1)
			is(last.start_us, 1000, "without a time it is that of receipt");
	}
	is(nflows, 2, "the others are none");
	is((int64_t) counters.lines_received, 5, "lines received");
	is((int64_t) counters.lines_unknown_table, 1, "of another table");
	is((int64_t) counters.lines_malformed, 2, "with values that do not fit");
	is((int64_t) counters.line_values_unknown, 1, "values of no column");
}

static void
check_json(void)
{
	static const char *const lines[] = {
		"flows bytes=42i,fields=\"{\\\"a\\\": 1}\"", "flows bytes=42i,fields=1", "flows bytes=42i,fields=\"{\""
	};
	struct influx_decoder with_fields = decoder;
	struct counters counted = {0};

	with_fields.set = flow_set_text_value;
	with_fields.counters = &counted;
	nflows = 0;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		influx_decode(&with_fields, lines[i], strlen(lines[i]), &(struct flow_addr) {0}, 1000);
	is(nflows, 1, "fields that are a JSON object");
	is((int64_t) counted.lines_malformed, 2, "others are refused before the database does it");
	influx_close(&with_fields);
}

static int
connect_to(int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,.sin_port = htons((uint16_t) port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *) &addr, sizeof(addr)) != 0)
		exit(2);
	return fd;
}

/* Receive until nothing has come for a while. */
static void
receive(struct line_input *input)
{
	struct pollfd fds[LINES_MAX_POLL];

	while (poll(fds, (nfds_t) input_lines_poll(input, fds), 100) > 0)
		(void) input_lines_receive(input);
}

static void
send_text(int fd, const char *text, size_t len)
{
	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t) len)
		exit(2);
}

static void
check_sockets(void)
{
	struct line_out out = {decode, NULL};
	struct line_input *input = input_lines_open("tcp://127.0.0.1:0", &out, &counters);
	int			fds[LINES_MAX_CONNECTIONS + 1];
	char	   *text = malloc(100000);

	nflows = 0;
	fds[0] = connect_to(input_lines_port(input));
	send_text(fds[0], "flows bytes=42i\nflows by", 24);
	receive(input);
	is(nflows, 1, "a complete line");
	send_text(fds[0], "tes=42i\nflows bytes=42i", 23);
	receive(input);
	is(nflows, 2, "the rest of another");
	close(fds[0]);
	receive(input);
	is(nflows, 2, "a line without an end is none");
	is((int64_t) counters.lines_cut, 1, "and counted");
	fds[0] = connect_to(input_lines_port(input));
	memset(text, 'x', 100000);
	text[99999] = '\n';
	for (int i = 0; i < 100000; i += 20000)
	{
		send_text(fds[0], text + i, 20000);
		receive(input);
	}
	send_text(fds[0], "flows bytes=42i\n", 16);
	receive(input);
	is((int64_t) counters.lines_cut, 2, "a line that is too long");
	is(nflows, 3, "hides none behind it");
	for (int i = 1; i <= LINES_MAX_CONNECTIONS; i++)
	{
		fds[i] = connect_to(input_lines_port(input));
		receive(input);
	}
	is((int64_t) counters.line_connections_closed, 1, "the oldest connection is closed for a new one");
	ok(recv(fds[0], text, 1, 0) == 0, "which was that");
	send_text(fds[LINES_MAX_CONNECTIONS], "flows bytes=42i\n", 16);
	receive(input);
	is(nflows, 4, "and the new one works");
	for (int i = 0; i <= LINES_MAX_CONNECTIONS; i++)
		close(fds[i]);
	input_lines_close(input);
	free(text);
}

int
main(void)
{
	check_lines();
	check_flows();
	check_json();
	check_sockets();
	return tap_failed;
}
