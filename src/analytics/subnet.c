/*-------------------------------------------------------------------------
 *
 * flow.subnet: the network of an address.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/inet.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(fs_subnet);

static void
check_length(int32 bits, int32 max, const char *family)
{
	if (bits < 0 || bits > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("prefix length %d is out of range", bits),
				 errdetail("It must be between 0 and %d for %s.", max, family)));
}

Datum
fs_subnet(PG_FUNCTION_ARGS)
{
	inet	   *addr = PG_GETARG_INET_PP(0);
	int32		bits_v4 = PG_GETARG_INT32(1);
	int32		bits_v6 = PG_GETARG_INT32(2);
	inet	   *network = palloc0(sizeof(inet));
	int			bits;

	check_length(bits_v4, 32, "IPv4");
	check_length(bits_v6, 128, "IPv6");
	bits = ip_family(addr) == PGSQL_AF_INET ? bits_v4 : bits_v6;
	ip_family(network) = ip_family(addr);
	ip_bits(network) = bits;
	memcpy(ip_addr(network), ip_addr(addr), bits / 8);
	if (bits % 8 != 0)
		ip_addr(network)[bits / 8] = ip_addr(addr)[bits / 8] & (0xff << (8 - bits % 8));
	SET_INET_VARSIZE(network);
	PG_RETURN_INET_P(network);
}
