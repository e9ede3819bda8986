/*-------------------------------------------------------------------------
 *
 * Moves: where rows went that were written again.
 *
 * A row that was merged or clustered is the same version of the same row, at
 * another row number.  Whoever still holds the old one, because his snapshot is
 * older than the move, finds the new one here.  MOVED items are kept until no
 * snapshot can be that old.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_MOVES_H
#define FS_DIRECTORY_MOVES_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/relcache.h"

/* One row's move. */
typedef struct FsMove
{
	uint64		from;
	uint64		to;
} FsMove;

/*
 * Record moves[n], n >= 1; sorts them by from.  As the current command; in the
 * transaction that ends the items of the old rows.
 */
extern void fs_moves_insert(Relation rel, FsMove *moves, uint32 n,
							BufferAccessStrategy strategy);

/*
 * Where a row went, by a move that has committed or is of this transaction;
 * false if it did not move.
 */
extern bool fs_moves_find(Relation rel, uint64 from, uint64 *to);

/*
 * Where a row came from, by a move that the snapshot does not see; false if it
 * did not move since.  Reads all moves of such transactions.
 */
extern bool fs_moves_find_origin(Relation rel, Snapshot snapshot, uint64 to,
								 uint64 *from);

/* End the MOVED items that no snapshot needs any more; gives their number. */
extern uint32 fs_moves_forget(Relation rel);

#endif							/* FS_DIRECTORY_MOVES_H */
