/*-------------------------------------------------------------------------
 *
 * Prefix maps that a session keeps.
 *
 * The row of table flow.prefix_table that a query sees is looked up once for each
 * place that calls a function, and again when the snapshot or the user is
 * another.  Its map is fetched unless the session has it already: the pointer
 * to a TOAST table tells one map from another, a map that is in the row itself
 * its bytes.  So a map needs no invalidation, and old snapshots see theirs.
 *
 * Memory: the maps that queries use, and beyond them the last used ones within
 * flowstore.keep_memory.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/mman.h>

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "analytics/prefixes.h"
#include "compat.h"
#include "store/keep.h"

/* bytes of a large page, and of what is worth some: one is in it wherever it lies */
#define LARGE_PAGE		((Size) 2 * 1024 * 1024)
#define MIN_LARGE		(2 * LARGE_PAGE)

/* A map in memory. */
typedef struct Kept
{
	dlist_node	node;			/* of kept, the last used at its end */
	MemoryContext cxt;
	bool		is_external;
	struct varatt_external pointer;
	struct varlena *value;
	FsPrefixMap map;
	int			nusers;
} Kept;

/* A name that a calling place has asked for, and what was found. */
typedef struct Use
{
	struct Use *next;
	Kept	   *kept;
	/* in which snapshot, and for whom */
	TransactionId xmin;
	TransactionId xmax;
	CommandId	curcid;
	uint32		xcnt;
	uint64		completions;
	LocalTransactionId lxid;
	Oid			userid;
	int			len;
	char		name[FLEXIBLE_ARRAY_MEMBER];
} Use;

/* What a calling place keeps. */
typedef struct Place
{
	MemoryContextCallback callback;
	Use		   *uses;			/* the last used first */
} Place;

static dlist_head kept_maps = DLIST_STATIC_INIT(kept_maps);
static SPIPlanPtr find_plan;

static Size
size_of(const Kept *kept)
{
	return VARSIZE(kept->value);
}

/* Drop maps that nobody uses, those used long ago first, beyond the limit. */
static void
trim(void)
{
	Size		limit = (Size) fs_keep_memory_kb * 1024;
	Size		total = 0;
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &kept_maps)
		total += size_of(dlist_container(Kept, node, iter.cur));
	dlist_foreach_modify(iter, &kept_maps)
	{
		Kept	   *kept = dlist_container(Kept, node, iter.cur);

		if (total <= limit)
			return;
		if (kept->nusers > 0)
			continue;
		total -= size_of(kept);
		dlist_delete(&kept->node);
		MemoryContextDelete(kept->cxt);
	}
}

/* The calling place is gone. */
static void
release(void *arg)
{
	for (Use *use = ((Place *) arg)->uses; use != NULL; use = use->next)
		if (use->kept != NULL)
			use->kept->nusers--;
	trim();
}

static Place *
place_of(FunctionCallInfo fcinfo)
{
	Place	   *place = fcinfo->flinfo->fn_extra;

	if (place == NULL)
	{
		place = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Place));
		place->callback.func = release;
		place->callback.arg = place;
		MemoryContextRegisterResetCallback(fcinfo->flinfo->fn_mcxt, &place->callback);
		fcinfo->flinfo->fn_extra = place;
	}
	return place;
}

/* The use of a name, put first; made if there is none. */
static Use *
use_of(FunctionCallInfo fcinfo, text *name)
{
	Place	   *place = place_of(fcinfo);
	const char *data = VARDATA_ANY(name);
	int			len = VARSIZE_ANY_EXHDR(name);
	Use		   *use;

	for (Use **at = &place->uses; *at != NULL; at = &(*at)->next)
	{
		use = *at;
		if (use->len == len && memcmp(use->name, data, len) == 0)
		{
			*at = use->next;
			use->next = place->uses;
			place->uses = use;
			return use;
		}
	}
	use = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, offsetof(Use, name) + len);
	use->len = len;
	memcpy(use->name, data, len);
	use->next = place->uses;
	place->uses = use;
	return use;
}

/* Whether the same rows are seen as when the map was found. */
static bool
is_current(const Use *use, Snapshot snapshot)
{
	return use->kept != NULL && use->xmin == snapshot->xmin &&
		use->xmax == snapshot->xmax && use->xcnt == snapshot->xcnt &&
		use->curcid == snapshot->curcid &&
		use->completions == snapshot->snapXactCompletionCount &&
		use->lxid == fs_local_xid() && use->userid == GetUserId();
}

static bool
is_map(const Kept *kept, const struct varlena *value)
{
	struct varatt_external pointer;

	if (!VARATT_IS_EXTERNAL_ONDISK(value))
		return !kept->is_external && VARSIZE_ANY(value) == VARSIZE_ANY(kept->value) &&
			memcmp(value, kept->value, VARSIZE_ANY(value)) == 0;
	VARATT_EXTERNAL_GET_POINTER(pointer, value);
	return kept->is_external && memcmp(&kept->pointer, &pointer, sizeof(pointer)) == 0;
}

/*
 * The value as a whole, for random access: where it is large, in large pages if
 * the system has some for who asks, since most of a look-up is waiting for memory.
 */
static struct varlena *
fetch(struct varlena *value)
{
	struct varlena *plain = (struct varlena *) PG_DETOAST_DATUM_COPY(PointerGetDatum(value));
	Size		size = VARSIZE(plain);
	struct varlena *copy;

	if (size < MIN_LARGE)
		return plain;
	copy = palloc(size);
#ifdef MADV_HUGEPAGE
	/* only advice: it may fail, and says nothing of the bytes at its ends */
	(void) madvise((void *) TYPEALIGN(LARGE_PAGE, copy),
				   TYPEALIGN_DOWN(LARGE_PAGE, (char *) copy + size) - TYPEALIGN(LARGE_PAGE, copy),
				   MADV_HUGEPAGE);
#endif
	memcpy(copy, plain, size);
	pfree(plain);
	return copy;
}

/* The map of a value, used once more. */
static Kept *
keep(struct varlena *value)
{
	MemoryContext cxt;
	MemoryContext old;
	dlist_iter	iter;
	Kept	   *kept;

	dlist_foreach(iter, &kept_maps)
	{
		kept = dlist_container(Kept, node, iter.cur);
		if (is_map(kept, value))
		{
			kept->nusers++;
			dlist_delete(&kept->node);
			dlist_push_tail(&kept_maps, &kept->node);
			return kept;
		}
	}
	cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore prefix map",
								ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(cxt);
	kept = palloc0(sizeof(Kept));
	kept->cxt = cxt;
	kept->is_external = VARATT_IS_EXTERNAL_ONDISK(value);
	if (kept->is_external)
		VARATT_EXTERNAL_GET_POINTER(kept->pointer, value);
	kept->value = fetch(value);
	fs_prefixmap_of_datum(PointerGetDatum(kept->value), &kept->map);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(cxt, TopMemoryContext);
	kept->nusers = 1;
	dlist_push_tail(&kept_maps, &kept->node);
	trim();
	return kept;
}

/* The map under a name, as the snapshot sees it. */
static Kept *
find_map(text *name)
{
	Datum		args[1] = {PointerGetDatum(name)};
	Kept	   *kept = NULL;
	Datum		value;
	bool		is_null;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (find_plan == NULL)
	{
		Oid			types[1] = {TEXTOID};
		SPIPlanPtr	plan = SPI_prepare("SELECT p.map FROM flow.prefix_table p "
									   "WHERE p.name OPERATOR(pg_catalog.=) $1", 1, types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not plan the look-up of a prefix table");
		find_plan = plan;
	}
	if (SPI_execute_plan(find_plan, args, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look up a prefix table");
	if (SPI_processed > 0)
	{
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
		if (!is_null)
			kept = keep((struct varlena *) DatumGetPointer(value));
	}
	SPI_finish();
	if (kept == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("prefix table \"%s\" does not exist", text_to_cstring(name)),
				 errhint("flow.load_prefixes makes one, view flow.prefix_tables lists them.")));
	return kept;
}

const FsPrefixMap *
fs_prefix_kept(FunctionCallInfo fcinfo, text *name)
{
	Use		   *use = use_of(fcinfo, name);
	Snapshot	snapshot = GetActiveSnapshot();
	Kept	   *kept;

	if (is_current(use, snapshot))
		return &use->kept->map;
	kept = find_map(name);
	if (use->kept != NULL)
		use->kept->nusers--;
	use->kept = kept;
	use->xmin = snapshot->xmin;
	use->xmax = snapshot->xmax;
	use->xcnt = snapshot->xcnt;
	use->curcid = snapshot->curcid;
	use->completions = snapshot->snapXactCompletionCount;
	use->lxid = fs_local_xid();
	use->userid = GetUserId();
	return &use->kept->map;
}
