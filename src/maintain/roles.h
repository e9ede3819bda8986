/*-------------------------------------------------------------------------
 *
 * What the columns of a table are to clustering, by name, type and options.
 *
 *		endpoints	the first pair src_X, dst_X of addresses
 *		ports		the first pair src_X, dst_X of integers where X has "port"
 *		swaps		all other pairs src_X, dst_X and in_X, out_X of one type
 *		protocol	an integer "proto" or "protocol"
 *		lists		endpoints, ports, protocol, TCP flags, all other addresses,
 *					and strings ordered by their bytes, unless the option
 *					"bitmap" names the columns
 *		order		that of conversations, unless "zorder" names columns
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_ROLES_H
#define FS_MAINTAIN_ROLES_H

#include "postgres.h"

#include "utils/relcache.h"

#include "am/buffer.h"
#include "format/cluster.h"

/*
 * The options for clustering rows of this layout of the table; the arrays
 * are allocated in the current memory context.
 */
extern FsClusterOptions fs_roles_find(Relation rel,
									  const FsBufferLayout *layout);

#endif							/* FS_MAINTAIN_ROLES_H */
