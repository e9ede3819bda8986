/*-------------------------------------------------------------------------
 *
 * Checksums are CRC-32C, of any length and from any address.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/crc.h"
#include "tap.h"

#define MAX_LEN		40000

/* One bit after the other. */
static uint32
plain_crc(const uint8 *bytes, size_t len)
{
	uint32		crc = 0xffffffff;
	size_t		i;
	int			bit;

	for (i = 0; i < len; i++)
	{
		crc ^= bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

int
main(void)
{
	static uint8 bytes[MAX_LEN + 8];
	static const uint32 lens[] = {0, 1, 7, 8, 1023, 1024, 3071, 3072, 3073, 6143, 6144, 9216, 9999, MAX_LEN};
	uint64		state = 1;
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8) tap_random(&state);
	ok(fs_crc_of((const uint8 *) "123456789", 9) == 0xe3069283, "of 123456789");
	for (i = 0; i < lengthof(lens); i++)
		is_ok &= fs_crc_of(bytes + i % 8, lens[i]) == plain_crc(bytes + i % 8, lens[i]);
	ok(is_ok, "of lengths up to %d", MAX_LEN);
	is_ok = true;
	for (i = 0; i < lengthof(lens); i++)
		is_ok &= fs_crc_of_two(bytes, lens[i], bytes + lens[i], MAX_LEN - lens[i]) == plain_crc(bytes, MAX_LEN);
	ok(is_ok, "of two parts");
	return tap_done();
}
