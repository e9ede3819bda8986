/*-------------------------------------------------------------------------
 *
 * What the types of sketches have in common.
 *
 * A sketch is kept as a varlena of bytes that begin with their version, with
 * integers little-endian, the same on every machine.  As text it is these in
 * hexadecimal after \x, for a client the bytes.  Whoever reads one checks it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_SKETCH_H
#define FS_ANALYTICS_SKETCH_H

#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "vector/allocator.h"

/* The memory of an aggregate call; reports an error outside of one. */
extern MemoryContext fs_sketch_aggregate_context(FunctionCallInfo fcinfo);

/* An allocator that takes memory from a context. */
extern void fs_sketch_allocator(FsAllocator *allocator, MemoryContext context);

/* Check bytes[len] of a type; see vector/hll.h. */
typedef bool (*FsSketchCheck) (const uint8 *bytes, uint32 len,
							   const char **reason);

/*
 * Input of a type, from text and from a client's message.  Report
 * INVALID_TEXT_REPRESENTATION and INVALID_BINARY_REPRESENTATION.
 */
extern Datum fs_sketch_in(FunctionCallInfo fcinfo, const char *type,
						  FsSketchCheck check);
extern Datum fs_sketch_recv(FunctionCallInfo fcinfo, const char *type,
							FsSketchCheck check);

/* bytes[len] as a value. */
extern bytea *fs_sketch_value(const uint8 *bytes, uint32 len);

/* Reports DATA_CORRUPTED: a value that is kept is not what was written. */
pg_noreturn extern void fs_sketch_report_damage(const char *type,
												 const char *reason);

#endif							/* FS_ANALYTICS_SKETCH_H */
