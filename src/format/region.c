/*-------------------------------------------------------------------------
 *
 * Bytes of a chunk that are fetched and checked when they are needed.
 *
 * Who reads on where the last load ended gets twice as many pieces at once,
 * so that a region that is read in order is fetched in a few steps.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/crc.h"
#include "format/cursor.h"
#include "format/region.h"

static inline uint32
piece_len(uint32 len, uint32 piece)
{
	return Min(len - piece * FS_REGION_PIECE, FS_REGION_PIECE);
}

void
fs_region_sum(const uint8 *bytes, uint32 len, uint32 *crcs)
{
	uint32		n = fs_region_pieces(len);
	uint32		i;

	for (i = 0; i < n; i++)
		crcs[i] = fs_crc_of(bytes + i * FS_REGION_PIECE, piece_len(len, i));
}

void
fs_region_init(const uint8 *bytes, uint32 len, const uint32 *crcs,
			   FsArena *arena, FsRegion *region)
{
	memset(region, 0, sizeof(*region));
	region->bytes = bytes;
	region->len = len;
	region->crcs = crcs;
	if (!crcs)
		return;
	region->npieces = fs_region_pieces(len);
	region->is_loaded = arena->alloc(arena, (region->npieces / 64 + 1) * sizeof(uint64));
	memset(region->is_loaded, 0, (region->npieces / 64 + 1) * sizeof(uint64));
}

bool
fs_region_open(FsFetch *fetch, uint32 off, uint32 len, const uint32 *crcs,
			   FsArena *arena, FsRegion *region, FsFault *fault)
{
	const uint8 *bytes = fetch->get(fetch, off, len, fault);

	if (!bytes)
		return false;
	fs_region_init(bytes, len, crcs, arena, region);
	region->off = off;
	region->fetch = fetch->load ? fetch : NULL;
	return true;
}

static inline bool
is_loaded(const FsRegion *region, uint32 piece)
{
	return (region->is_loaded[piece / 64] >> (piece % 64) & 1) != 0;
}

/* Load n pieces from `first` on, none of which is there. */
static bool
load_pieces(FsRegion *region, uint32 first, uint32 n, FsFault *fault)
{
	uint32		start = first * FS_REGION_PIECE;
	uint32		len = Min(region->len - start, n * FS_REGION_PIECE);
	uint32		i;

	if (region->fetch &&
		!region->fetch->load(region->fetch, region->off + start, len,
							 unconstify(uint8 *, region->bytes) + start, fault))
		return false;
	for (i = first; i < first + n; i++)
	{
		const uint8 *piece = region->bytes + i * FS_REGION_PIECE;

		if (!fs_crc_is_right(fs_crc_of(piece, piece_len(region->len, i)), region->crcs[i]))
			return fs_fault_set(fault, i * FS_REGION_PIECE, "checksum is wrong");
		region->is_loaded[i / 64] |= UINT64CONST(1) << (i % 64);
	}
	region->nloaded += n;
	region->next = first + n;
	region->nlast = n;
	return true;
}

bool
fs_region_load(FsRegion *region, uint32 off, uint32 len, FsFault *fault)
{
	uint32		piece = off / FS_REGION_PIECE;
	uint32		end = len == 0 ? piece : (off + len - 1) / FS_REGION_PIECE + 1;

	while (piece < end)
	{
		uint32		wanted = end - piece;
		uint32		n = 1;

		if (is_loaded(region, piece))
		{
			piece++;
			continue;
		}
		if (piece == region->next && piece > 0)
			wanted = Max(wanted, 2 * region->nlast);
		while (n < wanted && piece + n < region->npieces && !is_loaded(region, piece + n))
			n++;
		if (!load_pieces(region, piece, n, fault))
			return false;
		piece += n;
	}
	return true;
}
