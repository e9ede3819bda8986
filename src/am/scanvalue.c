/*-------------------------------------------------------------------------
 *
 * The values of a scan's current vector.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/scanvalue.h"

/* The columns of a scan, and the number of one among them. */
#define COLUMN(scan, att) \
	fs_scan_columns(scan), viewed(fs_scan_columns(scan), att)

static inline int
viewed(const FsScanColumns *cols, int att)
{
	return cols->view == NULL ? att : cols->view[att];
}

void
fs_scan_view(FsScan *scan, const int *map)
{
	fs_scan_columns(scan)->view = map;
}

const FsTypeMap *
fs_scan_typemap(FsScan *scan, int att)
{
	FsScanColumns *cols = fs_scan_columns(scan);

	return &cols->cols[viewed(cols, att)].map;
}

bool
fs_scan_column(FsScan *scan, int att, const Datum **values,
			   const bool **isnull)
{
	return fs_scandatum_pick(COLUMN(scan, att), NULL, 0, values,
							 isnull);
}

bool
fs_scan_pick(FsScan *scan, int att, const uint16 *rows, uint32 n,
			 const Datum **values, const bool **isnull)
{
	return fs_scandatum_pick(COLUMN(scan, att), rows, n, values,
							 isnull);
}

bool
fs_scan_codes(FsScan *scan, int att, const uint32 *codes, uint32 n,
			  const Datum **dict)
{
	return fs_scandatum_codes(COLUMN(scan, att), codes, n, dict);
}

bool
fs_scan_find_net(FsScan *scan, int att, const FsAddr *net, bool *is_known,
				 uint32 *first, uint32 *end)
{
	return fs_scancolumn_find_net(COLUMN(scan, att), net, is_known, first, end);
}

bool
fs_scan_find_addr(FsScan *scan, int att, const FsAddr *addr, uint32 *code)
{
	return fs_scancolumn_find_addr(COLUMN(scan, att), addr, code);
}

bool
fs_scan_units(FsScan *scan, int att, FsUnits *units)
{
	return fs_scancolumn_units(COLUMN(scan, att), units);
}

void
fs_scan_fault(FsScan *scan, int att, const FsFault *fault)
{
	fs_scancolumn_fault(COLUMN(scan, att), fault);
}

FsReadResult
fs_scan_vector(FsScan *scan, int att, const FsVector **vector)
{
	return fs_scancolumn_vector(COLUMN(scan, att), vector);
}

bool
fs_scan_dict(FsScan *scan, int att, FsClusterDict *dict)
{
	return fs_scancolumn_dict(COLUMN(scan, att), dict);
}

uint16
fs_scan_domain(FsScan *scan, int att, uint64 *set, const uint32 **codes)
{
	if (fs_scan_item(scan)->head->kind != FS_ITEM_CHUNK)
		return FS_DOMAIN_NONE;
	*set = fs_scan_set_visit(scan);
	return fs_scancolumn_domain(COLUMN(scan, att), codes);
}

bool
fs_scan_addrs(FsScan *scan, int att, const uint32 *codes, uint32 n,
			  FsAddr *addrs)
{
	return fs_scancolumn_addrs(COLUMN(scan, att), codes, n, addrs);
}

bool
fs_scan_bytes(FsScan *scan, int att, const uint32 *codes, uint32 n,
			  const uint8 **ptrs, uint32 *lens)
{
	return fs_scancolumn_bytes(COLUMN(scan, att), codes, n, ptrs, lens);
}

bool
fs_scan_chunk_zone(FsScan *scan, int att, FsZone *zone)
{
	return fs_scancolumn_chunk_zone(COLUMN(scan, att), zone);
}

const FsColumnMeta *
fs_scan_chunk_meta(FsScan *scan, int att)
{
	return fs_scancolumn_chunk_meta(COLUMN(scan, att));
}

bool
fs_scan_vector_zone(FsScan *scan, int att, FsZone *zone)
{
	return fs_scancolumn_vector_zone(COLUMN(scan, att), zone);
}
