/*-------------------------------------------------------------------------
 *
 * What a column reader is made of; for column.c and those that link it.
 *
 * A column is parsed by itself first (fs_reader_parse) and then linked to
 * the parts of other columns that it names by their ids (chunkreader.c).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_READER_H
#define FS_FORMAT_READER_H

#include "format/coded.h"
#include "format/expand.h"
#include "format/few.h"
#include "format/frame.h"
#include "format/part.h"

/* values that are those of a key, but for exceptions; see function.c */
typedef struct FsFunction
{
	FsColumnMeta meta;			/* the column's, for parts without bounds */
	bool		is_by_conv;		/* units are conversations, not rows */
	uint16		key_id;
	uint8		turns[2];		/* by conversation: where the key is the
								 * swap's other column, 0: none */
	bool		has_table;		/* else an attribute of the key's domain */
	uint16		attribute;
	uint32		count;			/* codes of the key: entries of the table */
	FsShape		table_shape;
	FsPart		table;
	FsFlags		nulls;			/* of units */
	FsFlags		misses;			/* of units that are not null */
	FsShape		nmisses;
	FsColumnReader *key;		/* linked */
	uint32		nlooked;		/* rows that were looked up one by one */
	bool		is_loaded;		/* the next five are set */
	bool		has_absent;		/* some of the next */
	bool		is_constant;	/* all entries are there, and the same */
	const bool *is_absent;		/* [count] */
	const int64 *ints;			/* [count], or codes */
	const uint32 *codes;
} FsFunction;

struct FsColumnReader
{
	FsColumnMeta meta;
	FsArena    *arena;
	FsShape		rows;			/* of each vector */
	FsShape		values;			/* rows that are not null */
	FsFrame    *frame;			/* or NULL */
	FsDomainSource *domains;	/* or NULL */
	bool		is_coded;
	bool		has_own_dict;	/* coded: not the partner's */
	FsCoded		coded;
	bool		has_zones;		/* with one of the next two */
	FsIntZones	int_zones;
	FsCodedZones code_zones;
	int64		zone_vector;	/* whose bounds these are, or -1 */
	FsZone		zone;

	FsPart		part;			/* FUNCTION: the exceptions */
	FsShape		second_units;	/* PAIRED: second rows that are not null */
	FsPart		seconds;		/* PAIRED: their differences to the first */
	uint16		partner_id;		/* SWAPPED, with the next two */
	uint8		turn;			/* 0: none */
	FsColumnReader *partner;	/* linked */
	FsFunction *function;		/* FUNCTION */

	/* the dictionary, once it is loaded; values that were picked until then */
	uint64		picked;
	FsAddr	   *dict_addrs;
	const uint8 **dict_ptrs;
	uint32	   *dict_lens;

	/* FUNCTION: a vector of units */
	FsVector	units;
	FsVectorRoom units_room;

	/*
	 * Rows made of parts: as the caller reads them, and, of keys, as functions
	 * do.  Where others read the same part the caller gets a copy.
	 */
	bool		is_shared;
	FsVectorRoom out_room;
	int64		loaded_key;		/* vector, or -1 */
	FsVector	key;
	FsVectorRoom key_room;
};

typedef struct FsReaderInput
{
	const FsColumnMeta *meta;
	uint32		nrows;
	FsRegion   *region;			/* the column's bytes */
	FsFrame    *frame;			/* or NULL */
	FsDomainSource *domains;	/* or NULL */
	FsArena    *arena;
} FsReaderInput;

/* Parse a column; NULL and *fault filled on damage. */
extern FsColumnReader *fs_reader_parse(const FsReaderInput *in, FsFault *fault);

/*
 * After linking: check what only both sides know, count the values of each
 * vector.
 */
extern bool fs_reader_link(FsColumnReader *reader, FsFault *fault)
			__attribute__((warn_unused_result));

/* Parse a FUNCTION's sections; units are rows or conversations. */
extern bool fs_function_open(FsCursor *cursor, const FsReaderInput *in,
							 FsColumnReader *reader)
			__attribute__((warn_unused_result));

/* Check the key that was linked. */
extern bool fs_function_link(FsColumnReader *reader, FsFault *fault)
			__attribute__((warn_unused_result));

/* Decode the table, or ask for the attribute's values, unless it was done. */
extern bool fs_function_load(FsColumnReader *reader, FsFault *fault)
			__attribute__((warn_unused_result));

/* Rows of vector v of a function's key; they live until its next read. */
extern bool fs_reader_key(FsColumnReader *key, uint32 v, const FsVector **rows,
						  FsFault *fault)
			__attribute__((warn_unused_result));

/* Use another source of domains; what points into the old one is forgotten. */
extern void fs_reader_rebind(FsColumnReader *reader, FsDomainSource *domains);

/* Another column reads the same part: what was given out stays as it is. */
extern void fs_reader_share(FsColumnReader *reader);

/* Make reader->units of vector v; of few rows at least, unless few is NULL. */
extern bool fs_function_read(FsColumnReader *reader, uint32 v,
							 const FsFewRows *few, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_READER_H */
