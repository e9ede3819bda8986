/*-------------------------------------------------------------------------
 *
 * An order by one column, and the place of a row in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "exec/ordering.h"

void
fs_orderplace_bounds(const FsOrdering *ordering, const FsZone *zone,
					 FsOrderPlace *first, FsOrderPlace *last)
{
	bool		has_nulls = zone == NULL || zone->nulls > 0;
	bool		has_values = zone == NULL || zone->nulls < zone->nrows;
	bool		is_known = zone != NULL && zone->has_bounds &&
		zone->imin <= zone->imax;
	FsOrderPlace low = {PG_INT64_MIN, 0, 0, FS_RANK_VALUE};
	FsOrderPlace high = {PG_INT64_MAX, PG_UINT32_MAX, PG_UINT16_MAX,
	FS_RANK_VALUE};

	if (is_known)
	{
		fs_orderplace_set(&low, ordering,
						  ordering->is_descending ? zone->imax : zone->imin, false);
		fs_orderplace_set(&high, ordering,
						  ordering->is_descending ? zone->imin : zone->imax, false);
	}
	*first = low;
	*last = high;
	if (!has_nulls)
		return;
	if (ordering->has_nulls_first || !has_values)
		fs_orderplace_set(first, ordering, 0, true);
	if (!ordering->has_nulls_first || !has_values)
		fs_orderplace_set(last, ordering, 0, true);
}
