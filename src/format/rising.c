/*-------------------------------------------------------------------------
 *
 * Integers that do not descend.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/rising.h"

#define WINDOW	56				/* bits looked at at a time */

void
fs_rising_write(const uint64 *values, uint32 c, uint64 max, uint8 *stream,
				uint64 off)
{
	int			l = fs_rising_low_bits(c, max);
	uint64		high = off + (uint64) c * l;
	uint64		mask = (UINT64CONST(1) << l) - 1;
	uint32		i;

	for (i = 0; i < c; i++)
	{
		Assert(values[i] <= max && (i == 0 || values[i] >= values[i - 1]));
		fs_rising_put(stream, off + (uint64) i * l, l, values[i] & mask);
		fs_rising_put(stream, high + (values[i] >> l) + i, 1, 1);
	}
}

bool
fs_rising_read(const uint8 *stream, uint64 off, uint32 c, uint64 max,
			   uint64 *values)
{
	int			l = fs_rising_low_bits(c, max);
	uint64		high = off + (uint64) c * l;
	uint64		nbits = c + (max >> l);
	uint64		at = 0;
	uint64		last = 0;
	uint32		i = 0;

	for (at = 0; at < nbits; at += WINDOW)
	{
		int			w = (int) Min(nbits - at, WINDOW);
		uint64		bits = fs_rising_get(stream, high + at, w);

		for (; bits != 0; bits &= bits - 1, i++)
		{
			if (i == c)
				return false;
			last = (at + __builtin_ctzll(bits) - i) << l |
				fs_rising_get(stream, off + (uint64) i * l, l);
			if (i > 0 && last < values[i - 1])
				return false;
			values[i] = last;
		}
	}
	return i == c && last <= max;
}
