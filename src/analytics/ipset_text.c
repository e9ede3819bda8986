/*-------------------------------------------------------------------------
 *
 * flow.ipset as text and as bytes.
 *
 * Text is what is in the set, in braces, in any order: addresses, networks
 * (no bits right of the mask, as in cidr) and ranges "first-last".  Output is
 * in order, with networks and addresses where a range is one.
 *
 * Bytes, big-endian: version 1 (1), number of IPv4 ranges (4), their first and
 * last addresses (4 + 4 each), the same of IPv6 (4, 16 + 16 each).  Ranges
 * ascend and do not touch.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inet.h"

#include "analytics/ipset.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(fs_ipset_in);
PG_FUNCTION_INFO_V1(fs_ipset_out);
PG_FUNCTION_INFO_V1(fs_ipset_recv);
PG_FUNCTION_INFO_V1(fs_ipset_send);
PG_FUNCTION_INFO_V1(fs_parse_network);

#define SPACES			" \t\n\r\v\f"
#define BINARY_VERSION	1

/* longest text of an address or network, with room to spare */
#define MAX_WORD		64

pg_noreturn static void report_syntax(const char *text, const char *word, size_t len);

static void
report_syntax(const char *text, const char *word, size_t len)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s\"", "flow.ipset", 100, text),
			 len == 0 ? errdetail("It must begin with \"{\" and end with \"}\".")
			 : errdetail("\"%.*s\" is no address, network or range.", (int) Min(len, MAX_WORD), word),
			 errhint("An example is {10.0.0.0/8, 192.0.2.1-192.0.2.9, 2001:db8::1}.")));
}

uint8
fs_ip_parse_network(const char *word, size_t len, FsIpRange *range)
{
	char		text[MAX_WORD];
	inet		value;
	int			bits;
	FsIp		first;
	uint8		family;

	if (len == 0 || len >= sizeof(text))
		return 0;
	memcpy(text, word, len);
	text[len] = '\0';
	memset(&value, 0, sizeof(value));
	ip_family(&value) = strchr(text, ':') != NULL ? PGSQL_AF_INET6 : PGSQL_AF_INET;
	bits = pg_inet_net_pton(ip_family(&value), text, ip_addr(&value), -1);
	if (bits < 0 || bits > ip_maxbits(&value))
		return 0;
	ip_bits(&value) = ip_maxbits(&value);
	fs_ip_range_of_inet(&value, range);
	first = range->first;
	ip_bits(&value) = bits;
	family = fs_ip_range_of_inet(&value, range);
	return fs_ip_compare(first, range->first) == 0 ? family : 0;
}

Datum
fs_parse_network(PG_FUNCTION_ARGS)
{
	text	   *word = PG_GETARG_TEXT_PP(0);
	FsIpRange	range;
	uint8		family = 0;

	/* no byte 0 is in a text */
	if (VARSIZE_ANY_EXHDR(word) < MAX_WORD)
		family = fs_ip_parse_network(VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word), &range);
	if (family == 0)
		PG_RETURN_NULL();
	PG_RETURN_INET_P(fs_ip_make_inet(family, range.first, fs_ip_prefix(family, &range)));
}

static uint8
parse_range(const char *word, size_t len, FsIpRange *range)
{
	const char *dash = memchr(word, '-', len);
	FsIpRange	last;
	uint8		family;
	size_t		before;
	size_t		after;

	if (dash == NULL)
		return fs_ip_parse_network(word, len, range);
	before = dash - word;
	while (before > 0 && strchr(SPACES, word[before - 1]) != NULL)
		before--;
	dash++;
	dash += strspn(dash, SPACES);
	after = word + len > dash ? word + len - dash : 0;
	if (memchr(word, '/', len) != NULL)
		return 0;
	family = fs_ip_parse_network(word, before, range);
	if (family == 0 || fs_ip_parse_network(dash, after, &last) != family ||
		fs_ip_compare(range->first, last.last) > 0)
		return 0;
	range->last = last.last;
	return family;
}

static void
parse_list(const char *text, const char *at, const char *end, FsIpLists *lists)
{
	at += strspn(at, SPACES);
	if (at == end)
		return;
	for (;;)
	{
		const char *comma = memchr(at, ',', end - at);
		size_t		len = (comma != NULL ? comma : end) - at;
		FsIpRange	range;
		uint8		family;

		CHECK_FOR_INTERRUPTS();
		while (len > 0 && strchr(SPACES, at[len - 1]) != NULL)
			len--;
		family = parse_range(at, len, &range);
		if (family == 0)
			report_syntax(text, len == 0 ? "," : at, Max(len, 1));
		fs_iplist_add(family == 4 ? &lists->v4 : &lists->v6, &range);
		if (comma == NULL)
			return;
		at = comma + 1;
		at += strspn(at, SPACES);
	}
}

Datum
fs_ipset_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *begin = text + strspn(text, SPACES);
	const char *end = begin + strlen(begin);
	FsIpLists	lists;

	while (end > begin && strchr(SPACES, end[-1]) != NULL)
		end--;
	if (end - begin < 2 || *begin != '{' || end[-1] != '}')
		report_syntax(text, NULL, 0);
	fs_iplists_init(&lists);
	parse_list(text, begin + 1, end - 1, &lists);
	PG_RETURN_DATUM(fs_iplists_datum(&lists));
}

void
fs_ip_put_network(StringInfo out, uint8 family, FsIp ip, int bits)
{
	inet	   *value = fs_ip_make_inet(family, ip, bits);
	char		text[MAX_WORD];

	if (pg_inet_net_ntop(ip_family(value), ip_addr(value), bits, text, sizeof(text)) == NULL)
		elog(ERROR, "could not format an address: %m");
	appendStringInfoString(out, text);
	pfree(value);
}

static void
write_range(StringInfo out, uint8 family, const FsIpRange *range)
{
	int			bits = fs_ip_prefix(family, range);
	FsIp		last = fs_ip_last(family, range->first, bits);
	int			max_bits = family == 4 ? 32 : 128;

	if (out->len > 1)
		appendStringInfoChar(out, ',');
	if (fs_ip_compare(last, range->last) == 0)
	{
		fs_ip_put_network(out, family, range->first, bits);
		return;
	}
	fs_ip_put_network(out, family, range->first, max_bits);
	appendStringInfoChar(out, '-');
	fs_ip_put_network(out, family, range->last, max_bits);
}

/* The ranges of a set, united where they touch. */
static void
list_set(Datum value, FsIpLists *lists)
{
	FsIpset		set;

	fs_ipset_of_datum(value, &set);
	fs_iplists_init(lists);
	fs_iplists_add_set(lists, &set);
}

Datum
fs_ipset_out(PG_FUNCTION_ARGS)
{
	FsIpLists	lists;
	StringInfoData out;

	list_set(PG_GETARG_DATUM(0), &lists);
	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	for (uint32 i = 0; i < lists.v4.n; i++)
		write_range(&out, 4, &lists.v4.ranges[i]);
	for (uint32 i = 0; i < lists.v6.n; i++)
		write_range(&out, 6, &lists.v6.ranges[i]);
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

static FsIp
receive_ip(StringInfo in, uint8 family)
{
	FsIp		ip = {0, 0};

	if (family == 4)
		ip.lo = pq_getmsgint(in, 4);
	else
	{
		ip.hi = (uint64) pq_getmsgint64(in);
		ip.lo = (uint64) pq_getmsgint64(in);
	}
	return ip;
}

static void
receive_list(StringInfo in, uint8 family, FsIpList *list)
{
	uint32		n = pq_getmsgint(in, 4);

	for (uint32 i = 0; i < n; i++)
	{
		FsIpRange	range;

		range.first = receive_ip(in, family);
		range.last = receive_ip(in, family);
		if (fs_ip_compare(range.first, range.last) > 0 ||
			(i > 0 && fs_ip_compare(list->ranges[list->n - 1].last, range.first) >= 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid binary representation of type %s", "flow.ipset"),
					 errdetail("Its ranges do not ascend.")));
		fs_iplist_add(list, &range);
	}
}

Datum
fs_ipset_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	FsIpLists	lists;
	int			version = pq_getmsgbyte(in);

	if (version != BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type %s", "flow.ipset"),
				 errdetail("Its version is %d, not %d.", version, BINARY_VERSION)));
	fs_iplists_init(&lists);
	receive_list(in, 4, &lists.v4);
	receive_list(in, 6, &lists.v6);
	PG_RETURN_DATUM(fs_iplists_datum(&lists));
}

static void
send_list(StringInfo out, uint8 family, const FsIpList *list)
{
	pq_sendint32(out, list->n);
	for (uint32 i = 0; i < list->n; i++)
	{
		FsIp		ends[2] = {list->ranges[i].first, list->ranges[i].last};

		for (int k = 0; k < 2; k++)
		{
			if (family == 6)
				pq_sendint64(out, ends[k].hi);
			if (family == 6)
				pq_sendint64(out, ends[k].lo);
			else
				pq_sendint32(out, ends[k].lo);
		}
	}
}

Datum
fs_ipset_send(PG_FUNCTION_ARGS)
{
	FsIpLists	lists;
	StringInfoData out;

	list_set(PG_GETARG_DATUM(0), &lists);
	pq_begintypsend(&out);
	pq_sendbyte(&out, BINARY_VERSION);
	send_list(&out, 4, &lists.v4);
	send_list(&out, 6, &lists.v6);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}
