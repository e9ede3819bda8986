/*-------------------------------------------------------------------------
 *
 * A source that is ours alone.
 *
 *-------------------------------------------------------------------------
 */
#include "log.h"
#include "sink_claim.h"

void
claim_note(struct claim *claim, uint64_t first, uint64_t end)
{
	if (claim->is_claimed && first < end && !ranges_add(&claim->own, first, end))
		fatalx("out of memory");
}

bool
claim_is_broken(const struct claim *claim, const struct ranges *known,
				const struct lane *lanes, int nlanes)
{
	struct ranges own = {0};
	bool		is_all_ours;

	if (!claim->is_claimed)
		return false;
	is_all_ours = ranges_add_all(&own, &claim->own);
	for (int i = 0; i < nlanes && is_all_ours; i++)
	{
		const struct batch *batch = lanes[i].batch;

		if (batch != NULL && lanes[i].is_described && batch->first < batch->end)
			is_all_ours = ranges_add(&own, batch->first, batch->end);
	}
	is_all_ours = is_all_ours && ranges_cover_all(&own, known);
	ranges_clear(&own);
	return !is_all_ours;
}
