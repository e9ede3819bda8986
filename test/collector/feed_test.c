/*-------------------------------------------------------------------------
 *
 * If this goes, a line of some format may become another flow than it says,
 * or a value that does not fit may be changed until it does.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed.h"
#include "sink_text.h"
#include "tap.h"

static char rows[65536];		/* what was put, as text */
static struct text_columns columns;
static struct counters counters;

static void
take(void *arg, const struct flow *flow)
{
	size_t		len = strlen(rows);

	(void) arg;
	if (len + sink_text_bound(&columns, flow) >= sizeof(rows))
		exit(2);
	rows[len + sink_text_encode(&columns, flow, rows + len)] = '\0';
}

static void
choose(const char *list)
{
	const char *unknown;
	int			len;

	columns.n = 0;
	if (!text_columns_parse(list, &columns, &unknown, &len))
		exit(2);
}

static struct feed *
open_feed(enum feed_format format)
{
	struct feed_options options = {
		.format = format,.wants_fields = true,.sensor = "lab",
		.out = {take, NULL},.counters = &counters
	};
	struct feed *feed = feed_open(&options);

	memset(&counters, 0, sizeof(counters));
	rows[0] = '\0';
	if (feed == NULL)
		exit(2);
	return feed;
}

/* Each line in memory of its own, so that a read beyond it is found. */
static enum feed_result
feed_one(struct feed *feed, const char *line, size_t len)
{
	char	   *copy = malloc(len == 0 ? 1 : len);
	enum feed_result result;

	memcpy(copy, line, len);
	result = feed_line(feed, copy, len);
	free(copy);
	return result;
}

static enum feed_result
feed_all(struct feed *feed, const char *lines)
{
	enum feed_result result = FEED_OTHER;

	while (*lines != '\0')
	{
		size_t		len = strcspn(lines, "\n");

		result = feed_one(feed, lines, len);
		lines += len + (lines[len] == '\n');
	}
	return result;
}

static void
gives(enum feed_format format, const char *lines, const char *list, const char *expected,
	  const char *name)
{
	struct feed *feed = open_feed(format);

	choose(list);
	(void) feed_all(feed, lines);
	ok(strcmp(rows, expected) == 0, name);
	if (strcmp(rows, expected) != 0)
		printf("# got %s# expected %s# %s\n", rows, expected, feed_reason(feed));
	feed_close(feed);
}

static void
is_refused(const char *lines, const char *reason, const uint64_t *counter, const char *name)
{
	struct feed *feed = open_feed(FEED_AUTO);
	enum feed_result result;

	choose("core");
	result = feed_all(feed, lines);
	ok(result == FEED_BAD && strstr(feed_reason(feed), reason) != NULL && *counter == 1 &&
	   rows[0] == '\0', name);
	if (strstr(feed_reason(feed), reason) == NULL)
		printf("# the line %s; %s\n", feed_reason(feed), rows);
	feed_close(feed);
}

#define CSV "ts,duration_ms,src_addr,dst_addr,src_port,dst_port,proto,packets,bytes\n"
#define SHORT "ts,src_addr,src_port,dst_port,proto"
#define ZEEK \
	"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n" \
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\t" \
	"orig_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\n" \
	"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\t" \
	"count\tstring\tstring\tcount\tcount\tcount\tcount\n"

static void
test_csv(void)
{
	gives(FEED_AUTO, CSV "2024-02-29 12:00:00.123456+00,1500,10.0.0.1,2001:db8::1,1,2,udp,3,4\n",
		  "ts,duration_ms,src_addr,dst_addr,src_port,dst_port,proto,packets,bytes,sensor",
		  "2024-02-29 12:00:00.123456+00\t1500\t10.0.0.1\t2001:db8::1\t1\t2\t17\t3\t4\tlab\n",
		  "CSV with our names");
	gives(FEED_AUTO, "\xef\xbb\xbfSourceIPv4Address;flowStartMilliseconds;\"app\"\r\n"
		  "10.0.0.1;1700000000123;\"a;\"\"b\"\"\"\r\n",
		  "ts,src_addr,app", "2023-11-14 22:13:20.123000+00\t10.0.0.1\ta;\"b\"\n",
		  "semicolons, quotes, IPFIX names, BOM and CR");
	gives(FEED_AUTO, "start|src|sport|color\n1700000000.5|::1| 53 |blue\n",
		  SHORT ",fields", "2023-11-14 22:13:20.500000+00\t::1\t53\t0\t0\t{\"color\":\"blue\"}\n",
		  "bars; what has no column is a field");
	gives(FEED_AUTO, "ts\tsrc_addr\tsensor\tmpls_labels\n"
		  "2023-11-14 22:13:20+01:30\t10.0.0.1\ta\\\\b\\tc\t{16,-1}\n",
		  "ts,sensor,mpls_labels", "2023-11-14 20:43:20.000000+00\ta\\\\b\\tc\t{16,-1}\n",
		  "our own text");
	gives(FEED_AUTO, "ts,src_addr,fields,x\n1,10.0.0.1,\"{ \"\"a\"\": 1 }\",2\n", "fields",
		  "{\"a\": 1,\"x\":\"2\"}\n", "own fields and others are put together");
	gives(FEED_AUTO, "ts,src_addr,fields,x\n1,10.0.0.1,\" {\"\"a\"\": 1} \",2\n", "fields",
		  "{\"a\": 1,\"x\":\"2\"}\n", "also with blanks around them");
	gives(FEED_AUTO, "ts,src_addr,dst_addr\n1,10.0.0.1,\\N\n2,,10.0.0.2\n", "src_addr,dst_addr",
		  "10.0.0.1\t\\N\n\\N\t10.0.0.2\n", "values that are absent");
	gives(FEED_AUTO, "ts,ipv4_src_addr,ipv6_src_addr,out\n1,0.0.0.0,::2,7\n2,10.0.0.1,::,8\n",
		  "src_addr,out_if,fields", "::2\t\\N\t{\"ipv4_src_addr\":\"0.0.0.0\",\"out\":\"7\"}\n"
		  "10.0.0.1\t\\N\t{\"ipv6_src_addr\":\"::\",\"out\":\"8\"}\n",
		  "an address of zeros gives way");
}

static void
test_nfdump(void)
{
	gives(FEED_AUTO,
		  "ts,te,td,sa,da,sp,dp,pr,flg,stos,ipkt,ibyt,opkt,obyt,in,out,sas,mpls1,mpls2,ra\n"
		  "2024-01-01 00:00:00,2024-01-01 00:00:02,2.000,10.0.0.1,10.0.0.2,1,80,TCP,...AP.S.,8,"
		  "5,500,0,0,3,4,0,16-0-1,0-0-0,0.0.0.0\n"
		  "2024-01-01 00:00:00,2024-01-01 00:00:00,0.000,10.0.0.1,10.0.0.2,0,3.1,ICMP,........,0,"
		  "1,56,1,56,3,4,65000,0-0-0,0-0-0,192.0.2.1\n"
		  "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n2,556,6,1,1,1\n",
		  "duration_ms,dst_port,proto,tcp_flags,tos,bytes,rev_bytes,in_if,src_as,mpls_labels,exporter",
		  "2000\t80\t6\t26\t8\t500\t\\N\t3\t\\N\t{16}\t\\N\n"
		  "0\t769\t1\t0\t0\t56\t56\t3\t65000\t\\N\t192.0.2.1\n", "nfdump's CSV");
	is(counters.feed_other_lines, 4, "its header and summary are no rows");
	is(counters.feed_lines, counters.feed_records + counters.feed_other_lines,
	   "every line is counted once");
}

static void
test_zeek(void)
{
	gives(FEED_AUTO, ZEEK
		  "1258531221.486539\tCa\t192.168.1.102\t68\t192.168.1.1\t67\tudp\tdhcp\t0.163820\t301\t"
		  "SF\tDd\t1\t329\t1\t328\n#close\t2009-11-18-08-00-21\n" ZEEK
		  "1.5\tCb\t10.0.0.1\t8\t10.0.0.2\t0\ticmp\t-\t-\t-\tOTH\t-\t1\t84\t0\t0\n"
		  "1.5\tCc\tfe80::1\t135\tff02::1\t136\ticmp\t-\t-\t-\tOTH\t-\t1\t72\t0\t0\n"
		  "1.5\tCd\t10.0.0.1\t3\t10.0.0.2\t1\ticmp\t-\t-\t-\tOTH\t-\t1\t56\t0\t0\n",
		  "duration_ms,src_port,dst_port,proto,bytes,rev_bytes,app",
		  "163\t68\t67\t17\t329\t328\tdhcp\n0\t0\t2048\t1\t84\t0\t\\N\n"
		  "0\t0\t34560\t58\t72\t0\t\\N\n0\t0\t769\t1\t56\t0\t\\N\n",
		  "Zeek's conn.log, two in a file, and ICMP");
	gives(FEED_AUTO, ZEEK
		  "1\tC\t10.0.0.1\t1\t10.0.0.2\t2\ttcp\ta\\x09b\t1\t9\tRSTR\tSahDr\t1\t60\t1\t60\n"
		  "1\tC\t10.0.0.1\t1\t10.0.0.2\t2\ttcp\t(empty)\t1\t9\tREJ\t-\t1\t60\t1\t60\n",
		  "tcp_flags,rev_tcp_flags,end_reason,app,fields",
		  "18\t22\t3\ta\\tb\t{\"orig_bytes\":9,\"conn_state\":\"RSTR\",\"history\":\"SahDr\"}\n"
		  "2\t4\t3\t\t{\"orig_bytes\":9,\"conn_state\":\"REJ\"}\n",
		  "flags from history, else from the state");
	gives(FEED_AUTO, "{\"ts\":1.5,\"id.orig_h\":\"fe80::1\",\"id.orig_p\":128,"
		  "\"id.resp_h\":\"fe80::2\",\"id.resp_p\":129,\"proto\":\"icmp\",\"conn_state\":\"OTH\","
		  "\"orig_bytes\":5,\"orig_ip_bytes\":80,\"tunnel_parents\":[\"C1\",\"C\\n2\"]}\n",
		  "ts,dst_port,proto,bytes,fields",
		  "1970-01-01 00:00:01.500000+00\t32768\t58\t80\t{\"conn_state\":\"OTH\",\"orig_bytes\":5,"
		  "\"tunnel_parents\":[\"C1\",\"C\\\\n2\"]}\n", "Zeek's JSON");
}

static void
test_json(void)
{
	gives(FEED_AUTO, "{\"sampling_rate\":0,\"sampler_address\":\"192.0.2.1\","
		  "\"time_flow_start_ns\":1700000000123456789,\"time_flow_end_ns\":1700000001123456789,"
		  "\"bytes\":143,\"packets\":1,\"src_addr\":\"10.0.0.1\",\"dst_addr\":\"10.0.0.2\","
		  "\"etype\":\"IPv4\",\"proto\":\"UDP\",\"src_port\":53,\"dst_port\":5,"
		  "\"src_mac\":\"42:61:64:55:53:42\",\"time_received_ns\":\"2025-03-15T17:10:51.5Z\"}\n",
		  "ts,duration_ms,exporter,src_port,proto,bytes,sampling,src_mac,received,fields",
		  "2023-11-14 22:13:20.123456+00\t1000\t192.0.2.1\t53\t17\t143\t\\N\t42:61:64:55:53:42\t"
		  "2025-03-15 17:10:51.500000+00\t{\"etype\":\"IPv4\"}\n", "goflow2");
	gives(FEED_AUTO, "{\"first\":\"2024-01-01T00:00:00.001\",\"last\":\"2024-01-01T00:00:01.001\","
		  "\"in_packets\":2,\"in_bytes\":100,\"proto\":1,\"icmp_type\":8,\"icmp_code\":0,"
		  "\"src_tos\":4,\"src4_addr\":\"10.0.0.1\",\"dst4_addr\":\"10.0.0.2\",\"mpls_1\":\"17-0-1\"}\n",
		  "ts,duration_ms,dst_port,proto,packets,tos,mpls_labels",
		  "2024-01-01 00:00:00.001000+00\t1000\t2048\t1\t2\t4\t{17}\n", "nfdump's JSON");
	gives(FEED_AUTO, "{\"ts\":1,\"src_addr\":\"::1\",\"splt_lengths\":[1, 2,-3],\"app\":\"\\u00e9\","
		  "\"entropy\":7.5,\"a\":{\"b\":[true,null,{}],\"c\":1e3},\"n\":null}\n",
		  "app,splt_lengths,entropy,fields",
		  "\xc3\xa9\t{1,2,-3}\t7.5\t{\"a\":{\"b\":[true,null,{}],\"c\":1e3}}\n",
		  "arrays, escapes, objects in objects");
	gives(FEED_AUTO, "{\"ts\":1,\"src\":\"::1\",\"src\":\"::2\"}\n{\"ts\":2,\"src\":\"::3\"}\nnone\n"
		  "{\"ts\":3,\"src\":\"::4\"}\n", "ts,src_addr",
		  "1970-01-01 00:00:02.000000+00\t::3\n1970-01-01 00:00:03.000000+00\t::4\n",
		  "bad lines harm no others");
	is(counters.feed_malformed, 1, "a line that is no JSON");
	is(counters.feed_bad_values, 1, "a name that comes twice with different values");
}

static void
test_times(void)
{
	static const char *const good[] = {
		"1700000000", "1700000000000", "1700000000000000", "1700000000000000000",
		"2023-11-14T22:13:20Z", "2023-11-14 23:13:20.000000+01", "2023-11-14T20:13:20-0200",
		"1700000000.000000999", "1.7e9", "1.7E+09"
	};
	static const char *const bad[] = {
		"", "-1", "1e99", "e9", "1e", "2023-02-29 00:00:00", "2023-13-01 00:00:00", "1969-12-31 23:59:59",
		"10000-01-01 00:00:00", "2023-11-14 24:00:00", "2023-11-14 22:13:20+25", "now",
		"2023-11-14", "2023-11-14 22:13:20.", "99999999999999999999"
	};
	int64_t		us = 7;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(scan_time(good[i], strlen(good[i]), SCAN_AUTO, &us) && us == 1700000000000000, good[i]);
	us = 7;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!scan_time(bad[i], strlen(bad[i]), SCAN_AUTO, &us) && us == 7, "is no time");
	ok(scan_interval("1e-06", 5, SCAN_SECONDS, &us) && us == 1, "a small number with exponent");
	ok(scan_time("9999-12-31 23:59:59.999999", 26, SCAN_AUTO, &us) &&
	   us == INT64_C(253402300799999999), "the last microsecond");
	ok(scan_time("1972-02-29 00:00:00", 19, SCAN_AUTO, &us) && us == INT64_C(68169600000000),
	   "a leap day");
}

static void
test_refused(void)
{
	const uint64_t *value = &counters.feed_bad_values;
	const uint64_t *malformed = &counters.feed_malformed;

	is_refused("ts,src_addr,src_port\n1,10.0.0.1,65536\n", "\"65536\" as \"src_port\", which does not fit",
			   value, "port that is too large");
	is_refused("ts,src_addr,src_port\n1,10.0.0.1,-1\n", "does not fit", value, "negative port");
	is_refused("ts,src_addr\n1,10.0.0.256\n", "does not fit", value, "address");
	is_refused("ts,src_addr\n1,10.0.0.01\n", "does not fit", value, "address with octal digits");
	is_refused("ts,src_addr,proto\n1,::1,256\n", "does not fit", value, "protocol");
	is_refused("ts,src_addr,proto\n1,::1,tcpx\n", "does not fit", value, "name of a protocol");
	is_refused("ts,src_addr,tcp_flags\n1,::1,.X\n", "does not fit", value, "flags");
	is_refused("ts,src_addr,bytes\n1,::1,9223372036854775808\n", "does not fit", value, "bytes");
	is_refused("ts,src_addr,bytes\n1,::1,1.5\n", "does not fit", value, "half a byte");
	is_refused("ts,src_addr,vlan\n1,::1,2147483648\n", "does not fit", value, "beyond its type");
	is_refused("ts,src_addr,src_mac\n1,::1,00:11:22:33:44\n", "does not fit", value, "MAC");
	is_refused("ts,src_addr,app\n1,::1,\xff\n", "does not fit", value, "text that is not UTF-8");
	is_refused("ts,src_addr,entropy\n1,::1,nan\n", "does not fit", value, "not a number");
	is_refused("ts,src_addr,mpls_labels\n1,::1,\"{1,}\"\n", "does not fit", value, "array");
	is_refused("ts,src_addr,fields\n1,::1,\"{\"\n", "does not fit", value, "fields that are no JSON");
	is_refused("ts,src_addr,fields\n1,::1,\"\f{}\"\n", "does not fit", value, "a form feed is none of JSON's blanks");
	is_refused("{\"ts\":1,\v\"src_addr\":\"::1\"}\n", "is no JSON object", malformed, "nor is a vertical tab");
	is_refused("ts,src_addr,dp\n1,::1,\xff\n", "is no text", value, "field that is not UTF-8");
	is_refused("ts,src_addr,end\n2,::1,1\n", "ends before it begins", value, "end before start");
	is_refused("ts,src_addr,dst_port,proto\n2,::1,3.1,6\n", "port with a fraction", value, "port");
	is_refused("src_addr,bytes\n::1,1\n", "has no time", &counters.feed_incomplete, "no time");
	is_refused("ts,bytes\n1,1\n", "has no address", &counters.feed_incomplete, "no address");
	is_refused("ts,src_addr\n1,::1,2\n", "more values", malformed, "more values than names");
	is_refused("ts,src_addr\n1\n", "fewer values", malformed, "fewer values than names");
	is_refused("ts,src_addr\n1,\"::1\n", "within quotes", malformed, "quotes that do not end");
	is_refused("ts,src_addr\n1,\"::1\"x\n", "behind a quoted value", malformed, "text behind quotes");
	is_refused("a,b\n", "no name that is known", malformed, "header without a name we know");
	is_refused("{\"ts\":1,\"src\":\"::1\"} {}\n", "more than one object", malformed, "two objects");
	is_refused("{\"ts\":1,\"src\":\"::1\"\n", "no JSON object", malformed, "half an object");
	is_refused("[1]\n", "is no object", malformed, "an array");
	is_refused("{\"ts\":1,\"src\":\"::1\",\"a\":\"\\u0000\"}\n", "zero character", malformed, "zero");
	is_refused("{\"ts\":1,\"src\":\"::1\",\"a\":1e99999}\n", "too large", malformed, "number for no numeric");
	is_refused("{\"ts\":1,\"src\":[\"::1\"]}\n", "does not fit", value, "array for an address");
	is_refused("{\"ts\":1,\"src\":\"::1\",\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}\n", "in each other",
			   malformed, "too deep");
	is_refused("#separator \\x09\n1\t2\n", "before the names", malformed, "Zeek without #fields");
	is_refused(ZEEK "1\t2\n", "fewer values", malformed, "Zeek with fewer values");
}

/* One column set by name and text, as others use it. */
static void
test_set_value(void)
{
	struct flow flow = {0};
	struct flow_extra extra;

	flow_extra_clear(&extra);
	ok(flow_set_text_value(&flow, &extra, COLUMN_DURATION_MS, "1500", 4) &&
	   flow_set_text_value(&flow, &extra, COLUMN_TS, "1700000000", 10) &&
	   flow.end_us - flow.start_us == 1500000, "time and duration in any order");
	ok(flow_set_text_value(&flow, &extra, column_find("vlan"), "7", 1) && flow.extra == &extra &&
	   flow_extra_has(&extra, FLOW_VLAN) && extra.values[FLOW_VLAN].number == 7, "an extra column");
	ok(!flow_set_text_value(&flow, &extra, column_find("vlan"), "x", 1) &&
	   extra.values[FLOW_VLAN].number == 7, "what does not fit changes nothing");
	ok(!flow_set_text_value(&flow, &extra, COLUMN_COUNT, "1", 1), "no column");
}

int
main(void)
{
	test_csv();
	test_nfdump();
	test_zeek();
	test_json();
	test_times();
	test_refused();
	test_set_value();
	return tap_failed;
}
