/*-------------------------------------------------------------------------
 *
 * What a crash has left of the newest files of a ring, put right.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RING_RECOVER_H
#define COLLECTOR_RING_RECOVER_H

#include "ring_dir.h"

/*
 * Cut off a record that is not whole, and index what the index does not have;
 * files without packets are removed.  What cannot be put right is logged and
 * stays.  tunnels: for a file that lacks its index.
 */
extern void ring_recover(struct ring_dir *dir, uint32_t tunnels);

#endif
