/*-------------------------------------------------------------------------
 *
 * Values: floats as ordered integers, addresses as zone maps keep them.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/floats.h"
#include "format/value.h"

int64
fs_float8_to_int(uint64 bits)
{
	return fs_floats_map8(bits);
}

uint64
fs_float8_from_int(int64 value)
{
	return fs_floats_unmap8(value);
}

int64
fs_float4_to_int(uint32 bits)
{
	return fs_floats_map4(bits);
}

uint32
fs_float4_from_int(int64 value)
{
	return fs_floats_unmap4(value);
}

int64
fs_float8_zone_key(int64 value)
{
	return fs_floats_key8(value);
}

int64
fs_float4_zone_key(int64 value)
{
	return fs_floats_key4(value);
}

void
fs_addr_zone_key(const FsAddr *addr, uint8 key[17])
{
	key[0] = addr->family;
	memcpy(key + 1, addr->addr, 16);
}
