/*-------------------------------------------------------------------------
 *
 * Rows that are being clustered, as the files of cluster see them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CLUSTER_STATE_H
#define FS_FORMAT_CLUSTER_STATE_H

#include "format/cluster.h"
#include "format/cluster_column.h"
#include "format/cluster_lists.h"
#include "format/cluster_values.h"
#include "format/scratch.h"

/* One column. */
typedef struct FsClusterSource
{
	FsClusterColumn rows;		/* values, or numbers of values */
	FsClusterValues *values;	/* not for FS_KIND_INT; shared in a pair */
	uint16		domain;			/* or FS_DOMAIN_NONE: given as plain values */
	uint32	   *map;			/* [map_cap] number + 1 of each code of the
								 * source's dictionary, 0: not known yet */
	uint32		map_cap;
} FsClusterSource;

/* A pair of integers that is a function of the endpoints. */
typedef struct FsClusterAttribute
{
	FsClusterPair cols;
	uint64	   *values;			/* [size of the endpoints' domain] */
} FsClusterAttribute;

struct FsCluster
{
	FsDomainSource source;		/* first: sources are cast to this */
	FsArena		arena;			/* counts what the caller's gives */
	FsArena    *parent;
	size_t		used;
	FsArena		temp;			/* of each step; its memory is used again */
	FsScratch	scratch;
	FsClusterOptions options;
	FsClusterSource *sources;	/* [ncols] */
	uint32		nrows;

	/* once finished */
	uint32	   *rows;			/* [nrows] old row of each new one */
	uint32		ndomains;
	FsClusterAttribute *attributes; /* [nattributes] */
	uint32		nattributes;
	FsClusterLists *lists;		/* [options.nlists] */
	uint32		next_chunk;
};

/* Whether there are such columns, of the right kind. */
extern bool fs_cluster_has_pair(const FsCluster *cluster, FsClusterPair pair,
								uint8 kind);

/* Set cluster->rows; the domains are sorted. */
extern void fs_cluster_order(FsCluster *cluster);

/* Set cluster->attributes; the endpoints have a domain. */
extern void fs_cluster_attributes(FsCluster *cluster);

/* The code of a row that is not null, in a column that has values. */
static inline uint32
fs_cluster_code(const FsClusterSource *source, uint32 row)
{
	return source->values->codes[fs_cluster_column_get(&source->rows, row)];
}

#endif							/* FS_FORMAT_CLUSTER_STATE_H */
