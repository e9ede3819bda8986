/*-------------------------------------------------------------------------
 *
 * Any bytes as a set of addresses.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/ipset.h"

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FsIpRange	asked = {{0, 0}, {0, 0}};
	FsIpset		set;
	uint8	   *bytes;

	if (size < 8)
		return 0;
	/* the first bytes are what is asked for; the set is aligned */
	memcpy(&asked.first.lo, data, 4);
	memcpy(&asked.last.lo, data + 4, 4);
	bytes = malloc(size - 8 + 1);
	memcpy(bytes, data + 8, size - 8);
	if (fs_ipset_open(bytes, size - 8, &set))
	{
		int			n = 0;

		for (uint8 family = 4; family <= 6; family += 2)
		{
			FsIpCursor	cursor = fs_ipset_start(&set, family);
			FsIpRange	range;

			for (int i = 0; i < 2; i++)
			{
				(void) fs_ipset_covers(&set, family, &asked);
				(void) fs_ipset_meets(&set, family, &asked);
				asked.last = asked.first;
			}
			while (n++ < 200000 && fs_ipset_next(&cursor, &range))
				;
		}
	}
	free(bytes);
	return 0;
}
