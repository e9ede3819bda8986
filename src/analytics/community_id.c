/*-------------------------------------------------------------------------
 *
 * flow.community_id: the name that monitors give a flow.
 *
 * Community ID version 1 (Corelight, community-id-spec): "1:" and the base64 of
 * the SHA-1 of
 *
 *		2	seed, 2 .. 2 x (4 or 16) addresses, 1 protocol, 1 byte 0,
 *		2 x 2 ports, of TCP, UDP, SCTP, ICMP and ICMPv6
 *
 * big-endian, the end with the smaller address, then port, first.  The ports of
 * ICMP are the type and that of the answer; where a type has none, type and code
 * in that direction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "common/cryptohash.h"
#include "common/sha1.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/inet.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(fs_community_id);

#define PROTO_ICMP		1
#define PROTO_TCP		6
#define PROTO_UDP		17
#define PROTO_ICMP6		58
#define PROTO_SCTP		132

#define HASH_LEN		20		/* of SHA-1 */
#define TEXT_LEN		30		/* "1:" and 28 characters */

/* One end of a flow. */
typedef struct End
{
	const unsigned char *addr;
	uint16		port;
} End;

/* Types of which one answers the other: RFC 792, 950, 1256; 2710, 4443, 4620, 4861, 6275. */
static const uint8 icmp_pairs[][2] = {{0, 8}, {9, 10}, {13, 14}, {15, 16}, {17, 18}};
static const uint8 icmp6_pairs[][2] = {{128, 129}, {130, 131}, {133, 134}, {135, 136},
{139, 140}, {144, 145}};

static bool
has_ports(int proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP ||
		proto == PROTO_ICMP || proto == PROTO_ICMP6;
}

/* The type that answers, or -1. */
static int
answer_of(int proto, int type)
{
	const uint8 (*pairs)[2] = proto == PROTO_ICMP ? icmp_pairs : icmp6_pairs;
	int			n = proto == PROTO_ICMP ? lengthof(icmp_pairs) : lengthof(icmp6_pairs);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			if (pairs[i][k] == type)
				return pairs[i][1 - k];
	return -1;
}

/* Ports of ICMP, from type and code; whether the ends may change places. */
static bool
set_icmp_ports(int proto, End *src, End *dst)
{
	int			type = src->port;
	int			code = dst->port;
	int			answer;

	if (dst->port > 0xff)
	{
		/* NetFlow and IPFIX: both in the destination port */
		type = dst->port >> 8;
		code = dst->port & 0xff;
	}
	answer = answer_of(proto, type);
	src->port = type;
	dst->port = answer < 0 ? code : answer;
	return answer >= 0;
}

static void
hash(const uint8 *bytes, size_t len, uint8 *digest)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA1);

	if (ctx == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (pg_cryptohash_init(ctx) < 0 || pg_cryptohash_update(ctx, bytes, len) < 0 ||
		pg_cryptohash_final(ctx, digest, HASH_LEN) < 0)
	{
		const char *reason = pg_cryptohash_error(ctx);

		pg_cryptohash_free(ctx);
		elog(ERROR, "could not compute SHA-1: %s", reason);
	}
	pg_cryptohash_free(ctx);
}

/* Base64 (RFC 4648) of a hash, whose last group has two bytes. */
static text *
as_text(const uint8 *digest)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char		out[TEXT_LEN] = "1:";
	char	   *at = out + 2;

	for (int i = 0; i < HASH_LEN; i += 3)
	{
		uint32		group = digest[i] << 16 | digest[i + 1] << 8 |
			(i + 2 < HASH_LEN ? digest[i + 2] : 0);

		*at++ = digits[group >> 18];
		*at++ = digits[group >> 12 & 0x3f];
		*at++ = digits[group >> 6 & 0x3f];
		*at++ = i + 2 < HASH_LEN ? digits[group & 0x3f] : '=';
	}
	return cstring_to_text_with_len(out, TEXT_LEN);
}

static int
checked(const char *name, int value, int max)
{
	if (value < 0 || value > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %d is out of range", name, value),
				 errdetail("Valid values are between 0 and %d.", max)));
	return value;
}

static uint8 *
put_16(uint8 *at, uint16 value)
{
	*at++ = value >> 8;
	*at++ = value & 0xff;
	return at;
}

/* The bytes that are hashed; how many. */
static size_t
put_flow(uint8 *bytes, int proto, int seed, int addr_len, End *ends)
{
	bool		is_icmp = proto == PROTO_ICMP || proto == PROTO_ICMP6;
	bool		may_swap = !is_icmp || set_icmp_ports(proto, &ends[0], &ends[1]);
	int			order = memcmp(ends[0].addr, ends[1].addr, addr_len);
	uint8	   *at = put_16(bytes, seed);

	if (may_swap && (order > 0 || (order == 0 && ends[0].port > ends[1].port)))
	{
		End			first = ends[1];

		ends[1] = ends[0];
		ends[0] = first;
	}
	for (int i = 0; i < 2; i++, at += addr_len)
		memcpy(at, ends[i].addr, addr_len);
	*at++ = proto;
	*at++ = 0;
	for (int i = 0; i < 2 && has_ports(proto); i++)
		at = put_16(at, ends[i].port);
	return at - bytes;
}

Datum
fs_community_id(PG_FUNCTION_ARGS)
{
	inet	   *addrs[2];
	End			ends[2];
	int			proto;
	int			seed;
	uint8		bytes[2 + 2 * 16 + 2 + 2 * 2];
	uint8		digest[HASH_LEN];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(4) || PG_ARGISNULL(5))
		PG_RETURN_NULL();
	proto = checked("protocol", PG_GETARG_INT32(4), 255);
	seed = checked("seed", PG_GETARG_INT32(5), 65535);
	for (int i = 0; i < 2; i++)
	{
		addrs[i] = PG_GETARG_INET_PP(i);
		ends[i].addr = ip_addr(addrs[i]);
		if (!PG_ARGISNULL(i + 2))
			ends[i].port = checked("port", PG_GETARG_INT32(i + 2), 65535);
		else if (has_ports(proto))
			PG_RETURN_NULL();
		if (!has_ports(proto))
			ends[i].port = 0;
	}
	if (ip_family(addrs[0]) != ip_family(addrs[1]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("addresses of a flow must be of one family")));
	hash(bytes, put_flow(bytes, proto, seed, ip_addrsize(addrs[0]), ends), digest);
	PG_RETURN_TEXT_P(as_text(digest));
}
