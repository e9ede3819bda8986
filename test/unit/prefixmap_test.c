/*-------------------------------------------------------------------------
 *
 * Prefix maps find for each address the longest network with it, and damaged
 * bytes are refused or found something in, but never read beyond.
 *
 * The oracle asks all networks one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/prefixmap.h"
#include "tap.h"

#define MAX_NETS	6000
#define NVALUES		50

typedef struct Nets
{
	FsPrefix	nets[2][MAX_NETS];
	uint32		n[2];
	uint32		ends[NVALUES];
	char		text[NVALUES * 8];
} Nets;

static Nets nets;

static FsIp
random_ip(uint64 *state, uint8 family)
{
	FsIp		ip = {0, 0};

	/* few different high bits, so that networks lie in one another */
	ip.lo = tap_random(state) & (tap_below(state, 2) == 0 ? 0xff0f000f : 0xffffffff);
	if (family == 6)
	{
		ip.hi = tap_below(state, 4) == 0 ? tap_random(state) : UINT64CONST(0x2001) << 48 | tap_below(state, 64);
		ip.lo = tap_below(state, 2) == 0 ? tap_random(state) : ip.lo;
	}
	return ip;
}

static bool
is_in(uint8 family, const FsPrefix *net, FsIp ip)
{
	FsIp		last = fs_prefix_last(family, net->first, net->bits);

	return fs_ip_compare(net->first, ip) <= 0 && fs_ip_compare(ip, last) <= 0;
}

static int
compare(const void *a, const void *b)
{
	const FsPrefix *x = a;
	const FsPrefix *y = b;
	int			order = fs_ip_compare(x->first, y->first);

	return order != 0 ? order : (int) x->bits - (int) y->bits;
}

static void
make_nets(uint64 *state, uint32 n)
{
	for (int side = 0; side < 2; side++)
	{
		uint8		family = side == 0 ? 4 : 6;
		FsPrefix   *list = nets.nets[side];
		uint32		kept = 0;

		for (uint32 i = 0; i < n; i++)
		{
			FsIp		mask;

			list[i].bits = tap_below(state, side == 0 ? 33 : 129);
			/* short ones are rare, or they would have all */
			if (list[i].bits < 8)
				list[i].bits += tap_below(state, 8);
			mask = fs_prefix_last(family, (FsIp) {0, 0}, list[i].bits);
			list[i].first = random_ip(state, family);
			list[i].first.hi &= ~mask.hi;
			list[i].first.lo &= ~mask.lo;
			list[i].value = tap_below(state, NVALUES);
		}
		qsort(list, n, sizeof(FsPrefix), compare);
		for (uint32 i = 0; i < n; i++)
			if (kept == 0 || compare(&list[kept - 1], &list[i]) != 0)
				list[kept++] = list[i];
		nets.n[side] = kept;
	}
}

static uint8 *
encode(uint64 *len)
{
	FsPrefixSource source = {{nets.nets[0], nets.nets[1]}, {nets.n[0], nets.n[1]},
	NVALUES, nets.ends, nets.text};
	uint8	   *bytes;

	*len = fs_prefixmap_len(&source);
	bytes = malloc(*len);
	fs_prefixmap_encode(&source, bytes);
	return bytes;
}

static void
check_finds(const FsPrefixMap *map, uint64 *state, const char *name)
{
	uint32		wrong = 0;

	for (int i = 0; i < 20000; i++)
	{
		uint8		family = i % 2 == 0 ? 4 : 6;
		int			side = i % 2;
		FsIp		ip = random_ip(state, family);
		const FsPrefix *best = NULL;
		uint32		place;

		if (i % 3 == 0 && nets.n[side] > 0)
		{
			const FsPrefix *net = &nets.nets[side][tap_below(state, nets.n[side])];

			ip = net->first;
			if (i % 4 < 2)
				ip = fs_prefix_last(family, ip, net->bits);
			if (i % 5 == 0)
				ip = fs_ip_next(ip);
			if (family == 4)
				ip = (FsIp) {0, ip.lo & 0xffffffff};
		}
		for (uint32 k = 0; k < nets.n[side]; k++)
			if (is_in(family, &nets.nets[side][k], ip) &&
				(best == NULL || nets.nets[side][k].bits > best->bits))
				best = &nets.nets[side][k];
		wrong += fs_prefixmap_find(map, family, ip) != (best == NULL ? FS_PREFIX_NONE : best->value);
		place = fs_prefixmap_find_net(map, family, ip, family == 4 ? 32 : 128);
		wrong += place != (best == NULL ? FS_PREFIX_NONE : best - nets.nets[side]);
	}
	ok(wrong == 0, "%s: %u networks, %u ranges", name, nets.n[0] + nets.n[1],
	   map->nranges[0] + map->nranges[1]);
}

/* All that can be asked of bytes; a sum, so that nothing is left out. */
static uint64
ask_all(const FsPrefixMap *map, uint64 *state)
{
	uint64		sum = 0;

	for (int i = 0; i < 8; i++)
	{
		uint8		family = i % 2 == 0 ? 4 : 6;
		FsIp		ip = random_ip(state, family);
		uint32		value = fs_prefixmap_find(map, family, ip);
		uint32		place = fs_prefixmap_find_net(map, family, ip, family == 4 ? 32 : 128);

		if (place != FS_PREFIX_NONE)
			value = fs_prefixmap_net(map, family, place).value;
		if (value != FS_PREFIX_NONE)
		{
			const char *more;
			int			len;
			int			more_len;
			const char *text = fs_prefixmap_text(map, value, &len, &more, &more_len);

			for (int k = 0; k < len; k++)
				sum += text[k];
			for (int k = 0; k < more_len; k++)
				sum += more[k];
		}
	}
	return sum;
}

static void
check_damage(uint64 *state, uint32 ndamaged, const char *name)
{
	uint64		len;
	uint8	   *bytes = encode(&len);
	uint32		opened = 0;
	uint64		sum = 0;

	for (int i = 0; i < ndamaged; i++)
	{
		/* of its own size, so that the sanitizer sees what is read beyond */
		uint64		size = i % 4 == 0 ? tap_below(state, len) : len;
		uint8	   *copy = malloc(size + 1);
		FsPrefixMap map;

		memcpy(copy, bytes, size);
		for (int k = tap_below(state, 4); k >= 0 && size > 0; k--)
			copy[tap_below(state, i % 2 == 0 ? Min(size, 64) : size)] = tap_random(state);
		if (fs_prefixmap_open(copy, size, &map))
		{
			opened++;
			sum += ask_all(&map, state);
		}
		free(copy);
	}
	ok(opened > 0 && opened < ndamaged && sum > 0, "%s: damaged bytes are refused or harmless", name);
	free(bytes);
}

int
main(void)
{
	static const uint32 sizes[] = {0, 1, 2, 30, 300, MAX_NETS};
	uint64		state = 7;

	for (int i = 0; i < NVALUES; i++)
	{
		char	   *text = nets.text + (i == 0 ? 0 : nets.ends[i - 1]);

		snprintf(text, 8, i % 2 == 0 ? "v%d" : "%d", i);
		nets.ends[i] = (text - nets.text) + strlen(text);
		if (i % 5 == 0)
		{
			/* more is known of it */
			nets.text[nets.ends[i]++] = '\0';
			nets.text[nets.ends[i]++] = '1';
		}
	}
	for (int i = 0; i < lengthof(sizes); i++)
	{
		FsPrefixMap map;
		uint64		len;
		uint8	   *bytes;
		char		name[32];

		make_nets(&state, sizes[i]);
		bytes = encode(&len);
		snprintf(name, sizeof(name), "%u of each family", sizes[i]);
		ok(fs_prefixmap_open(bytes, len, &map), "%s: opens", name);
		check_finds(&map, &state, name);
		free(bytes);
	}
	make_nets(&state, 12);
	check_damage(&state, 20000, "few");
	make_nets(&state, MAX_NETS);
	check_damage(&state, 1000, "many");
	return tap_done();
}
