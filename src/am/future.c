/*-------------------------------------------------------------------------
 *
 * Rows from the future.
 *
 * The clock is read again only for a row that is beyond the limit as of the
 * last reading.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/timestamp.h"

#include "am/future.h"
#include "am/optionlist.h"
#include "am/tableoptions.h"
#include "store/meta.h"

static void
read_clock(FsFuture *future)
{
	if (future->max_us == FS_UNLIMITED ||
		pg_add_s64_overflow(GetCurrentTimestamp(), future->max_us,
							&future->limit_us))
		future->limit_us = PG_INT64_MAX;
}

void
fs_future_init(FsFuture *future, Relation rel)
{
	const FsTableOptions *options = fs_tableoptions_get(rel);
	bool		is_rewrite = OidIsValid(rel->rd_rel->relrewrite);

	future->max_us = options->max_future_us;
	future->is_error = options->future_is_error;
	future->is_counted = !is_rewrite;
	future->nset_aside = 0;
	if (is_rewrite && future->is_error)
		future->max_us = FS_UNLIMITED;
	read_clock(future);
}

static void
refuse_row(FsFuture *future, Relation rel, int64 ts_us)
{
	FsOptionValue value = {future->max_us};
	char	   *when = pstrdup(timestamptz_to_str(ts_us));

	fs_meta_count(rel, FS_COUNT_FUTURE_REFUSED, 1);
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("new row for flowstore table \"%s\" lies too far in the future",
					RelationGetRelationName(rel)),
			 errdetail("Its time is %s, the latest that max_future = '%s' allows is %s.",
					   when,
					   fs_optionlist_form(&fs_option_list[FS_OPTION_MAX_FUTURE],
										  &value),
					   timestamptz_to_str(future->limit_us)),
			 errhint("With option future_rows = 'set_aside' such rows are kept outside of the time partitions."),
			 errtable(rel)));
}

bool
fs_future_check(FsFuture *future, Relation rel, int64 ts_us)
{
	read_clock(future);
	if (ts_us <= future->limit_us)
		return false;
	if (future->is_error)
		refuse_row(future, rel, ts_us);
	future->nset_aside++;
	return true;
}

void
fs_future_count(FsFuture *future, Relation rel)
{
	if (future->nset_aside > 0 && future->is_counted)
		fs_meta_count(rel, FS_COUNT_FUTURE_ASIDE, future->nset_aside);
	future->nset_aside = 0;
}
