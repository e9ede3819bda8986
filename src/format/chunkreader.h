/*-------------------------------------------------------------------------
 *
 * Reading the columns of a chunk, where one may need another.
 *
 * The columns of a clustered chunk share what is known of conversations, of
 * addresses, and of domains.  The chunk reader opens such parts when the
 * first column needs them, and each only once; what of them is fetched depends
 * on what is read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CHUNKREADER_H
#define FS_FORMAT_CHUNKREADER_H

#include "format/chunk.h"
#include "format/region.h"

typedef struct FsChunkReader FsChunkReader;

/*
 * A reader of the chunk with this head.  domains, or NULL: where columns
 * whose values belong to a domain get them from; without it their codes can
 * be read, and the rest is a fault.  Everything given must outlive the
 * reader.  Cannot fail; fetches nothing.
 */
extern FsChunkReader *fs_chunkreader_open(const FsChunkHead *head,
										  FsFetch *fetch,
										  FsDomainSource *domains,
										  FsArena *arena);

/*
 * Open the column with this id, which the chunk has, and what it needs.  The
 * same reader is given for the same id.  Returns NULL and fills *fault on
 * damage; any bytes are safe.
 */
extern FsColumnReader *fs_chunkreader_column(FsChunkReader *reader, uint16 id,
											 FsFault *fault);

/*
 * Go on with another source of domains, or none.  The chunk does not tell what
 * values domains have: all that came from the one before is forgotten.  Values
 * that were given out are not valid any more.
 */
extern void fs_chunkreader_rebind(FsChunkReader *reader, FsDomainSource *domains);

#endif							/* FS_FORMAT_CHUNKREADER_H */
