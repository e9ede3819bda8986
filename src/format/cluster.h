/*-------------------------------------------------------------------------
 *
 * Clustering: rows in any order become a set of chunks and its index.
 *
 *		cluster = fs_cluster_begin(&options, arena);
 *		for each source chunk
 *			fs_cluster_source(cluster);
 *			for each vector of it
 *				fs_cluster_add(cluster, &batch);	until fs_cluster_memory()
 *													nears the caller's limit
 *		fs_cluster_finish(cluster);
 *		for k = 0 .. fs_cluster_nchunks(cluster) - 1, in this order, once
 *			bytes = fs_cluster_chunk(cluster, k, chunk_arena, &len, &fault);
 *			rows = fs_cluster_rows(cluster, k, &n);		old rows of new rows
 *		index = fs_cluster_index(cluster, arena, &len);
 *
 * Old rows are numbered from 0 in the order of adding.  Nothing is freed but
 * with the arenas.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CLUSTER_H
#define FS_FORMAT_CLUSTER_H

#include "format/column.h"
#include "format/domain.h"

/* most rows of a set: as many as have numbers of vectors */
#define FS_CLUSTER_MAX_ROWS		(1024 * FS_CHUNK_MAX_ROWS)

/* most columns of options.zorder */
#define FS_CLUSTER_MAX_ZORDER	4

/* no column */
#define FS_CLUSTER_NONE			(-1)

/* Two columns that change places when the direction does; by index. */
typedef struct FsClusterPair
{
	int			src;			/* FS_CLUSTER_NONE: there is no such pair */
	int			dst;
} FsClusterPair;

/* A group to be listed (pindex.h): one column, integers, or a pair. */
typedef struct FsClusterList
{
	uint32		ncols;			/* 1 .. 2 */
	int			cols[2];		/* indexes */
} FsClusterList;

/*
 * What is known of the columns.  All arrays must outlive the cluster, and
 * so must what specs point to.  Columns are given by index into specs.
 *
 * Rows are ordered by zorder's columns if there are any: by the z-order of
 * their ranks, then by their values, then by time.  Else, if there are
 * endpoints, by conversation: z-order of the ranks of lower and higher
 * endpoint, these two, lower port, higher port, protocol, time.  Else by
 * time.  A column of FS_ORDER_CALLBACK cannot order rows and is passed over.
 * Rows that are equal in all that stay in the order in which they came.
 */
typedef struct FsClusterOptions
{
	const FsColumnSpec *specs;	/* [ncols] by ascending id */
	uint32		ncols;

	FsClusterPair endpoints;	/* ADDR, one domain for both */
	FsClusterPair ports;		/* INT */
	const FsClusterPair *swaps; /* [nswaps] further pairs: AS, interface */
	uint32		nswaps;
	int			proto;			/* INT, or FS_CLUSTER_NONE */
	int			time;			/* INT, or FS_CLUSTER_NONE */

	const int  *zorder;			/* [nzorder] */
	uint32		nzorder;

	const FsClusterList *lists; /* [nlists]; endpoints, ports ... */
	uint32		nlists;
} FsClusterOptions;

/* The dictionary of one column of a source chunk. */
typedef struct FsClusterDict
{
	const FsAddr *addrs;		/* [dict_n of the vectors], or */
	const uint8 *const *ptrs;	/* [dict_n] and */
	const uint32 *lens;			/* [dict_n] */
} FsClusterDict;

/* Rows of one vector of a source chunk. */
typedef struct FsClusterBatch
{
	const FsVector *vectors;	/* [ncols], all of nrows rows */
	const FsClusterDict *dicts; /* [ncols]; read where dict_n > 0 */
	const uint16 *rows;			/* [nrows] places in the vectors, ascending,
								 * of the rows to take; NULL: all */
	uint32		nrows;			/* rows to take, 0 .. FS_VECTOR_ROWS */
} FsClusterBatch;

typedef struct FsCluster FsCluster;

/* The arena keeps the rows. */
extern FsCluster *fs_cluster_begin(const FsClusterOptions *options,
								   FsArena *arena);

/* The batches from here on have other dictionaries than those before. */
extern void fs_cluster_source(FsCluster *cluster);

/* Copy rows, FS_CLUSTER_MAX_ROWS in all at most. */
extern void fs_cluster_add(FsCluster *cluster, const FsClusterBatch *batch);

extern uint32 fs_cluster_nrows(const FsCluster *cluster);

/*
 * Bytes that the arena must give, in all, if no more rows are added: those it
 * gave, and an estimate of what finish and index will take.  A chunk being
 * encoded takes more, from its own arena: about 200 bytes a row of one chunk
 * and three times its strings.
 */
extern size_t fs_cluster_memory(const FsCluster *cluster);

/* Build the domains and sort; at least one row was added. */
extern void fs_cluster_finish(FsCluster *cluster);

/* Chunks of the set: all of FS_CHUNK_MAX_ROWS rows but the last. */
extern uint32 fs_cluster_nchunks(const FsCluster *cluster);

/*
 * The bytes of the next chunk; chunk_arena may be emptied after each.  NULL
 * if it would exceed FS_CHUNK_MAX_BYTES: these rows cannot be clustered.
 */
extern uint8 *fs_cluster_chunk(FsCluster *cluster, uint32 chunk,
							   FsArena *chunk_arena, uint32 *len,
							   FsFault *fault);

/* Which old row became row i of this chunk: [*nrows]. */
extern const uint32 *fs_cluster_rows(const FsCluster *cluster, uint32 chunk,
									 uint32 *nrows);

/* The set's domains, as pindex.h will give them when the index is read. */
extern FsDomainSource *fs_cluster_domains(FsCluster *cluster);

/*
 * The bytes of the partition index, after all chunks.  NULL if they would
 * exceed FS_CHUNK_MAX_BYTES.
 */
extern uint8 *fs_cluster_index(FsCluster *cluster, FsArena *arena,
							   uint32 *len);

#endif							/* FS_FORMAT_CLUSTER_H */
