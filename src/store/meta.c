/*-------------------------------------------------------------------------
 *
 * The metapage.
 *
 * Changes are generic WAL records.  What is not worth one for itself is
 * written with the next: nothing here must be exact after a crash but that
 * numbers, once taken, are not taken again.
 *
 * Row numbers are 40 bits wide and are taken in ascending order from a window
 * [next, limit).  When it gets small, VACUUM moves it to where no item has
 * numbers (am/recycle), so that they last for ever.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "port/pg_crc32c.h"
#include "storage/bufmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "compat.h"
#include "format/layout.h"
#include "store/meta.h"

#define META_MAGIC		0x504d5346	/* "FSMP", little endian */
#define META_MAX_FREE	960

/* row numbers are 40 bits wide, see directory/rowno.h */
#define MAX_ROW_NUMBER	((UINT64CONST(1) << 40) - 512)

typedef struct MetaPage
{
	uint32		magic;
	uint16		version;		/* of the format, that wrote last */
	uint16		min_reader;		/* oldest version that may read */
	uint16		min_writer;		/* oldest version that may write */
	uint16		nfree;
	uint32		next_item;
	uint64		next_row;		/* multiple of 256 */
	uint64		row_limit;		/* end of the window; 0: MAX_ROW_NUMBER */
	uint32		item_wraps;		/* how often next_item began anew */
	uint16		time_att;		/* 0: nothing partitioned by time so far */
	uint16		is_mixed;
	uint32		max_minutes;	/* of a partition */
	uint32		row_window;		/* how often the window moved */
	uint32		crc;			/* CRC-32C of all up to the last free extent,
								 * this being 0 */
	uint32		zero;
	uint64		row_count;		/* upper bound plus 1; 0: not known */
	uint64		counters[FS_NCOUNTERS];
	FsExtent	free[META_MAX_FREE];	/* largest first when made */
} MetaPage;

static FsMetaIsUnused is_unused = NULL;

StaticAssertDecl(offsetof(MetaPage, free) == 128, "MetaPage has no padding");
StaticAssertDecl(sizeof(MetaPage) <= FS_PAGE_BYTES, "MetaPage fits a page");

static uint32
crc_of(const MetaPage *meta)
{
	const uint32 zero = 0;
	const char *rest = (const char *) (&meta->crc + 1);
	const char *end = (const char *) &meta->free[meta->nfree];
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, meta, offsetof(MetaPage, crc));
	COMP_CRC32C(crc, &zero, sizeof(zero));
	COMP_CRC32C(crc, rest, end - rest);
	FIN_CRC32C(crc);
	return crc;
}

/* Why the metapage is not valid, or NULL. */
static const char *
fault_of(const MetaPage *meta)
{
	if (meta->magic != META_MAGIC)
		return "it has no magic number";
	if (meta->nfree > META_MAX_FREE)
		return "it lists too many free extents";
	if (meta->crc != crc_of(meta))
		return "its checksum is wrong";
	return NULL;
}

void
fs_meta_register(FsMetaIsUnused callback)
{
	is_unused = callback;
}

/* Make block 0 a metapage with all counters at zero. */
static void
init_meta(Relation rel)
{
	Buffer		buf = ReadBuffer(rel, FS_META_BLKNO);
	GenericXLogState *state;
	Page		page;
	MetaPage   *meta;

	LockBuffer(buf, BUFFER_LOCK_EXCLUSIVE);
	state = GenericXLogStart(rel);
	page = GenericXLogRegisterBuffer(state, buf, GENERIC_XLOG_FULL_IMAGE);
	PageInit(page, BLCKSZ, 0);
	meta = (MetaPage *) PageGetContents(page);
	memset(meta, 0, sizeof(MetaPage));
	meta->magic = META_MAGIC;
	meta->version = FS_FORMAT_VERSION;
	meta->min_reader = FS_FORMAT_VERSION;
	meta->min_writer = FS_FORMAT_VERSION;
	meta->crc = crc_of(meta);
	((PageHeader) page)->pd_lower = SizeOfPageHeaderData + sizeof(MetaPage);
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
}

/* Error if this is not the metapage of rel. */
static void
verify(Relation rel, const MetaPage *meta)
{
	const char *fault = fault_of(meta);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid metapage in flowstore table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("Block 0: %s.", fault),
				 errhint("Copy what can be read into a new table.")));
	if (meta->min_writer > FS_FORMAT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("flowstore table \"%s\" has format version %u",
						RelationGetRelationName(rel), meta->version),
				 errdetail("This library writes versions up to %u.",
						   FS_FORMAT_VERSION),
				 errhint("Install a newer release of flowstore.")));
}

/* Lock the metapage; *meta points into it. */
static Buffer
lock_meta(Relation rel, int mode, MetaPage **meta)
{
	Buffer		buf = ReadBuffer(rel, FS_META_BLKNO);

	LockBuffer(buf, mode);
	*meta = (MetaPage *) PageGetContents(BufferGetPage(buf));
	verify(rel, *meta);
	return buf;
}

/*
 * Does the file have a block?  A file that has been seen with one keeps it:
 * truncation to nothing makes every session forget the size it has seen.
 */
static bool
has_block(Relation rel)
{
	BlockNumber seen =
		RelationGetSmgr(rel)->smgr_cached_nblocks[MAIN_FORKNUM];

	return (seen != InvalidBlockNumber && seen > 0) ||
		RelationGetNumberOfBlocks(rel) > 0;
}

/*
 * Lock the metapage for reading, or return InvalidBuffer if it was never
 * written; see fs_meta_ensure().
 */
static Buffer
look_at_meta(Relation rel, MetaPage **meta)
{
	Buffer		buf;

	if (!has_block(rel))
		return InvalidBuffer;
	buf = ReadBuffer(rel, FS_META_BLKNO);
	LockBuffer(buf, BUFFER_LOCK_SHARE);
	if (PageIsNew(BufferGetPage(buf)))
	{
		UnlockReleaseBuffer(buf);
		return InvalidBuffer;
	}
	*meta = (MetaPage *) PageGetContents(BufferGetPage(buf));
	verify(rel, *meta);
	return buf;
}

/* True if the metapage was written, whatever it holds. */
static bool
has_meta(Relation rel)
{
	Buffer		buf;
	bool		is_new;

	if (!has_block(rel))
		return false;
	buf = ReadBuffer(rel, FS_META_BLKNO);
	LockBuffer(buf, BUFFER_LOCK_SHARE);
	is_new = PageIsNew(BufferGetPage(buf));
	UnlockReleaseBuffer(buf);
	return !is_new;
}

/*
 * Let the metapage exist, under fs_extent_lock().  A crash between growing
 * the file and the first record leaves a zero page, which is begun anew.  Since
 * it is logged before the first item, it was lost if there is an item: numbers
 * would be given again.
 */
void
fs_meta_ensure(Relation rel)
{
	if (has_meta(rel))
		return;
	if (is_unused != NULL && !is_unused(rel))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("flowstore table \"%s\" has lost its metapage",
						RelationGetRelationName(rel)),
				 errhint("Copy what can be read into a new table.")));
	if (RelationGetNumberOfBlocks(rel) == 0)
		(void) fs_extend_relation(rel, 1, NULL);
	init_meta(rel);
}

/* What this session has noted of a file. */
typedef struct Notes
{
	Oid			relid;			/* hash key */
	FsFileNumber file;
	uint64		counters[FS_NCOUNTERS];
} Notes;

static HTAB *all_notes = NULL;

/* The notes of a table's file; NULL if there are none and create is false. */
static Notes *
find_notes(Relation rel, bool create)
{
	Oid			relid = RelationGetRelid(rel);
	Notes	   *notes;
	bool		found;

	if (all_notes == NULL)
	{
		HASHCTL		ctl = {0};

		if (!create)
			return NULL;
		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(Notes);
		ctl.hcxt = TopMemoryContext;
		all_notes = hash_create("flowstore counters", 16, &ctl,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	notes = hash_search(all_notes, &relid, create ? HASH_ENTER : HASH_FIND,
						&found);
	if (!found && !create)
		return NULL;
	if (!found || notes->file != fs_file_number(rel))
	{
		memset(notes, 0, sizeof(Notes));
		notes->relid = relid;
		notes->file = fs_file_number(rel);
	}
	return notes;
}

/* A change of the metapage: its buffer is locked until finish_change(). */
typedef struct Change
{
	Buffer		buf;
	GenericXLogState *state;
	MetaPage   *meta;			/* as it will be */
} Change;

static Change
begin_change(Relation rel)
{
	Notes	   *notes = find_notes(rel, false);
	Change		change;

	change.buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &change.meta);
	change.state = GenericXLogStart(rel);
	change.meta = (MetaPage *)
		PageGetContents(GenericXLogRegisterBuffer(change.state, change.buf, 0));
	for (int i = 0; notes != NULL && i < FS_NCOUNTERS; i++)
	{
		change.meta->counters[i] += notes->counters[i];
		notes->counters[i] = 0;
	}
	return change;
}

static void
finish_change(Change *change)
{
	change->meta->crc = crc_of(change->meta);
	GenericXLogFinish(change->state);
	UnlockReleaseBuffer(change->buf);
}

/* A copy of the metapage without its free extents; false if there is none. */
static bool
read_meta(Relation rel, MetaPage *copy)
{
	MetaPage   *meta;
	Buffer		buf = look_at_meta(rel, &meta);

	if (!BufferIsValid(buf))
		return false;
	memcpy(copy, meta, offsetof(MetaPage, free));
	UnlockReleaseBuffer(buf);
	return true;
}

static void
create_if_missing(Relation rel)
{
	if (has_meta(rel))
		return;
	fs_extent_lock(rel);
	fs_meta_ensure(rel);
	fs_extent_unlock(rel);
}

bool
fs_meta_take_free(Relation rel, uint32 npages, BlockNumber before,
				  FsExtent *extent)
{
	MetaPage   *meta;
	Buffer		buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &meta);
	int			best = -1;
	GenericXLogState *state;
	FsExtent   *slot;

	for (int i = 0; i < meta->nfree; i++)
		if (meta->free[i].npages >= npages && meta->free[i].first < before &&
			(best < 0 || meta->free[i].npages < meta->free[best].npages))
			best = i;
	if (best < 0)
	{
		UnlockReleaseBuffer(buf);
		return false;
	}

	state = GenericXLogStart(rel);
	meta = (MetaPage *)
		PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
	slot = &meta->free[best];
	extent->first = slot->first;
	extent->npages = npages;
	slot->first += npages;
	slot->npages -= npages;
	if (slot->npages == 0)
	{
		meta->nfree--;
		memmove(slot, slot + 1, (meta->nfree - best) * sizeof(FsExtent));
	}
	meta->crc = crc_of(meta);
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
	return true;
}

static int
by_pages_desc(const void *a, const void *b)
{
	uint32		x = ((const FsExtent *) a)->npages;
	uint32		y = ((const FsExtent *) b)->npages;

	return x < y ? 1 : x > y ? -1 : 0;
}

void
fs_meta_set_free(Relation rel, FsExtent *extents, int n)
{
	MetaPage   *meta;
	Buffer		buf;
	GenericXLogState *state;

	fs_meta_ensure(rel);
	qsort(extents, n, sizeof(FsExtent), by_pages_desc);
	n = Min(n, META_MAX_FREE);
	buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &meta);
	if (n != meta->nfree ||
		memcmp(meta->free, extents, n * sizeof(FsExtent)) != 0)
	{
		state = GenericXLogStart(rel);
		meta = (MetaPage *)
			PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
		memcpy(meta->free, extents, n * sizeof(FsExtent));
		meta->nfree = n;
		meta->crc = crc_of(meta);
		GenericXLogFinish(state);
	}
	UnlockReleaseBuffer(buf);
}

uint64
fs_meta_free_pages(Relation rel)
{
	MetaPage   *meta;
	Buffer		buf = look_at_meta(rel, &meta);
	uint64		total = 0;

	if (!BufferIsValid(buf))
		return 0;
	for (int i = 0; i < meta->nfree; i++)
		total += meta->free[i].npages;
	UnlockReleaseBuffer(buf);
	return total;
}

uint32
fs_meta_version(Relation rel)
{
	MetaPage	meta;

	return read_meta(rel, &meta) ? meta.version : 0;
}

static uint64
row_limit(const MetaPage *meta)
{
	return meta->row_limit == 0 ? MAX_ROW_NUMBER : meta->row_limit;
}

void
fs_meta_take_numbers(Relation rel, uint32 nrows, uint32 nitems,
					 uint64 *first_row, uint32 *first_item, bool *has_wrapped)
{
	Change		change;

	create_if_missing(rel);
	nrows = TYPEALIGN(256, nrows);
	change = begin_change(rel);
	if (change.meta->next_row + nrows > row_limit(change.meta))
	{
		GenericXLogAbort(change.state);
		UnlockReleaseBuffer(change.buf);
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("flowstore table \"%s\" has used up its row numbers",
						RelationGetRelationName(rel)),
				 errhint("VACUUM the table, so that those of removed rows can be used again.")));
	}
	*first_row = change.meta->next_row;
	*first_item = change.meta->next_item;
	change.meta->next_row += nrows;
	change.meta->next_item += nitems;
	if (change.meta->next_item < *first_item)
		change.meta->item_wraps++;
	*has_wrapped = change.meta->item_wraps > 0;
	finish_change(&change);
}

uint64
fs_meta_rows_left(Relation rel)
{
	MetaPage	meta;

	return read_meta(rel, &meta) ? row_limit(&meta) - meta.next_row
		: MAX_ROW_NUMBER;
}

bool
fs_meta_exists(Relation rel)
{
	return has_meta(rel);
}

const char *
fs_meta_fault(Relation rel)
{
	Buffer		buf;
	const char *fault;

	if (!has_meta(rel))
		return NULL;
	buf = ReadBuffer(rel, FS_META_BLKNO);
	LockBuffer(buf, BUFFER_LOCK_SHARE);
	fault = fault_of((MetaPage *) PageGetContents(BufferGetPage(buf)));
	UnlockReleaseBuffer(buf);
	return fault;
}

uint64
fs_meta_max_row(void)
{
	return MAX_ROW_NUMBER;
}

void
fs_meta_set_rows(Relation rel, uint64 first, uint64 end)
{
	Change		change = begin_change(rel);

	Assert(first % 256 == 0 && first <= end && end <= MAX_ROW_NUMBER);
	change.meta->next_row = first;
	change.meta->row_limit = end;
	change.meta->row_window++;
	finish_change(&change);
}

uint32
fs_meta_window(Relation rel)
{
	MetaPage	meta;

	return read_meta(rel, &meta) ? meta.row_window : 0;
}

void
fs_meta_copy(Relation from, Relation to)
{
	MetaPage	old;
	Change		change;

	if (!read_meta(from, &old))
		return;
	create_if_missing(to);
	change = begin_change(to);
	memcpy(&change.meta->next_item, &old.next_item,
		   offsetof(MetaPage, free) - offsetof(MetaPage, next_item));
	finish_change(&change);
}

FsPartitioning
fs_meta_partitioning(Relation rel)
{
	FsPartitioning result = {0};
	MetaPage	meta;

	if (!read_meta(rel, &meta))
		return result;
	result.is_known = meta.time_att != 0;
	result.is_mixed = meta.is_mixed != 0;
	result.time_att = meta.time_att;
	result.max_minutes = meta.max_minutes;
	return result;
}

/* True if rows that are partitioned so are nothing new. */
static bool
is_as_known(const MetaPage *meta, uint16 time_att, uint32 minutes)
{
	return time_att == 0 ||
		((meta->time_att == time_att ||
		  (meta->time_att != 0 && meta->is_mixed)) &&
		 minutes <= meta->max_minutes);
}

void
fs_meta_begin_load(Relation rel, uint16 time_att, uint32 minutes,
				   bool is_counted)
{
	MetaPage	known = {0};
	Change		change;

	if (!read_meta(rel, &known))
		create_if_missing(rel);
	if (is_as_known(&known, time_att, minutes) &&
		(is_counted || known.row_count == 0))
		return;
	change = begin_change(rel);
	if (!is_as_known(change.meta, time_att, minutes))
	{
		if (change.meta->time_att == 0)
			change.meta->time_att = time_att;
		else if (change.meta->time_att != time_att)
			change.meta->is_mixed = 1;
		change.meta->max_minutes = Max(change.meta->max_minutes, minutes);
	}
	if (!is_counted)
		change.meta->row_count = 0;
	finish_change(&change);
}

bool
fs_meta_add_row_count(Relation rel, uint64 nrows, uint64 limit)
{
	MetaPage   *meta;
	Buffer		buf;
	GenericXLogState *state;

	create_if_missing(rel);
	buf = lock_meta(rel, BUFFER_LOCK_EXCLUSIVE, &meta);
	if (meta->row_count == 0 || meta->row_count - 1 + nrows > limit)
	{
		UnlockReleaseBuffer(buf);
		return false;
	}
	state = GenericXLogStart(rel);
	meta = (MetaPage *)
		PageGetContents(GenericXLogRegisterBuffer(state, buf, 0));
	meta->row_count += nrows;
	meta->crc = crc_of(meta);
	GenericXLogFinish(state);
	UnlockReleaseBuffer(buf);
	return true;
}

void
fs_meta_set_row_count(Relation rel, uint64 nrows)
{
	Change		change;

	create_if_missing(rel);
	change = begin_change(rel);
	change.meta->row_count = nrows == FS_ROWS_UNKNOWN ? 0 : nrows + 1;
	finish_change(&change);
}

void
fs_meta_count(Relation rel, FsCounter counter, uint64 n)
{
	Change		change;

	if (n == 0)
		return;
	create_if_missing(rel);
	change = begin_change(rel);
	change.meta->counters[counter] += n;
	finish_change(&change);
}

void
fs_meta_note(Relation rel, FsCounter counter, uint64 n)
{
	Notes	   *notes = find_notes(rel, true);

	notes->counters[counter] += n;
	if (notes->counters[counter] >= FS_META_NOTE_MAX)
	{
		n = notes->counters[counter];
		notes->counters[counter] = 0;
		fs_meta_count(rel, counter, n);
	}
}

uint64
fs_meta_counter(Relation rel, FsCounter counter)
{
	const Notes *notes = find_notes(rel, false);
	MetaPage	meta;

	if (!read_meta(rel, &meta))
		return 0;
	return meta.counters[counter] +
		(notes == NULL ? 0 : notes->counters[counter]);
}
