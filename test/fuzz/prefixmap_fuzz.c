/*-------------------------------------------------------------------------
 *
 * Any bytes as a prefix map.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/prefixmap.h"

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* Read the text of a value to its end. */
static void
read_text(const FsPrefixMap *map, uint32 value)
{
	const char *more;
	int			len;
	int			more_len;
	const char *text = fs_prefixmap_text(map, value, &len, &more, &more_len);
	volatile char last = 0;

	if (len > 0)
		last = text[len - 1];
	if (more_len > 0)
		last = more[more_len - 1];
	(void) last;
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FsIp		ip;
	FsPrefixMap map;
	uint8	   *bytes;

	if (size < sizeof(ip))
		return 0;
	/* the first bytes are what is asked for; the map is aligned */
	memcpy(&ip, data, sizeof(ip));
	size -= sizeof(ip);
	bytes = malloc(size + 1);
	memcpy(bytes, data + sizeof(ip), size);
	if (fs_prefixmap_open(bytes, size, &map))
		for (uint8 family = 4; family <= 6; family += 2)
		{
			uint32		value = fs_prefixmap_find(&map, family, ip);
			uint32		place = fs_prefixmap_find_net(&map, family, ip, family == 4 ? 32 : 128);

			if (value != FS_PREFIX_NONE)
				read_text(&map, value);
			if (place != FS_PREFIX_NONE)
				read_text(&map, fs_prefixmap_net(&map, family, place).value);
		}
	free(bytes);
	return 0;
}
