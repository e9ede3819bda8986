/*-------------------------------------------------------------------------
 *
 * The values of a scan's current vector.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/scanvalue.h"

bool
fs_scan_column(FsScan *scan, int att, const Datum **values,
			   const bool **isnull)
{
	return fs_scandatum_pick(fs_scan_columns(scan), att, NULL, 0, values, isnull);
}

bool
fs_scan_pick(FsScan *scan, int att, const uint16 *rows, uint32 n,
			 const Datum **values, const bool **isnull)
{
	return fs_scandatum_pick(fs_scan_columns(scan), att, rows, n, values, isnull);
}

bool
fs_scan_codes(FsScan *scan, int att, const uint32 *codes, uint32 n,
			  const Datum **dict)
{
	return fs_scandatum_codes(fs_scan_columns(scan), att, codes, n, dict);
}

bool
fs_scan_find_addr(FsScan *scan, int att, const FsAddr *addr, uint32 *code)
{
	return fs_scancolumn_find_addr(fs_scan_columns(scan), att, addr, code);
}

FsReadResult
fs_scan_vector(FsScan *scan, int att, const FsVector **vector)
{
	return fs_scancolumn_vector(fs_scan_columns(scan), att, vector);
}

bool
fs_scan_dict(FsScan *scan, int att, FsClusterDict *dict)
{
	return fs_scancolumn_dict(fs_scan_columns(scan), att, dict);
}

uint16
fs_scan_domain(const FsScan *scan, int att, uint64 *set, const uint32 **codes)
{
	const FsItem *item = fs_scan_item(scan);

	if (item->head->kind != FS_ITEM_CHUNK)
		return FS_DOMAIN_NONE;
	*set = (uint64) item->partition << 32 | item->chunk->index_number;
	return fs_scancolumn_domain(fs_scan_columns(unconstify(FsScan *, scan)),
								att, codes);
}

bool
fs_scan_addrs(FsScan *scan, int att, const uint32 *codes, uint32 n,
			  FsAddr *addrs)
{
	return fs_scancolumn_addrs(fs_scan_columns(scan), att, codes, n, addrs);
}

bool
fs_scan_bytes(FsScan *scan, int att, const uint32 *codes, uint32 n,
			  const uint8 **ptrs, uint32 *lens)
{
	return fs_scancolumn_bytes(fs_scan_columns(scan), att, codes, n, ptrs, lens);
}

bool
fs_scan_chunk_zone(FsScan *scan, int att, FsZone *zone)
{
	return fs_scancolumn_chunk_zone(fs_scan_columns(scan), att, zone);
}

bool
fs_scan_vector_zone(FsScan *scan, int att, FsZone *zone)
{
	return fs_scancolumn_vector_zone(fs_scan_columns(scan), att, zone);
}

const FsTypeMap *
fs_scan_typemap(const FsScan *scan, int att)
{
	return &fs_scan_columns(unconstify(FsScan *, scan))->cols[att].map;
}
