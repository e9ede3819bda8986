/*-------------------------------------------------------------------------
 *
 * Between a long task and whoever has it done.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_PACE_H
#define FS_MAINTAIN_PACE_H

#include "postgres.h"

typedef struct FsPace
{
	/*
	 * Called every few thousand rows with what was read and written since the
	 * last call; may sleep.  False: the task is to be given up.
	 */
	bool		(*step) (void *arg, uint64 rows, uint64 bytes);
	void	   *arg;
} FsPace;

/* pace may be NULL: do not give up. */
static inline bool
fs_pace_step(const FsPace *pace, uint64 rows, uint64 bytes)
{
	return pace == NULL || pace->step(pace->arg, rows, bytes);
}

#endif							/* FS_MAINTAIN_PACE_H */
