/*-------------------------------------------------------------------------
 *
 * The chunks whose bytes are kept in test/golden: one of each encoding.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_GOLDEN_H
#define FS_TEST_GOLDEN_H

#include "convs.h"
#include "sample.h"

typedef struct Golden
{
	const char *name;			/* of the file, without ".bin" */
	uint8		kind;
	uint8		order;
	SampleRule	rule;
	uint32		nrows;
	uint32		null_one_in;
	bool		has_zstd;		/* bytes depend on the library's version */
} Golden;

static const Golden goldens[] = {
	{"int_null", FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, 2500, 1, false},
	{"int_constant", FS_KIND_INT, FS_ORDER_INT, SAMPLE_CONSTANT, 2500, 0, false},
	{"int_for", FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, 2500, 0, false},
	{"int_for_nulls", FS_KIND_INT, FS_ORDER_INT, SAMPLE_SMALL, 2500, 3, false},
	{"int_for_wide", FS_KIND_INT, FS_ORDER_UINT, SAMPLE_RANDOM, 1500, 1000, false},
	{"int_for_divisor", FS_KIND_INT, FS_ORDER_INT, SAMPLE_MILLISECONDS, 2500, 0, false},
	{"int_pfor", FS_KIND_INT, FS_ORDER_INT, SAMPLE_SKEWED, 2500, 0, false},
	{"int_delta", FS_KIND_INT, FS_ORDER_INT, SAMPLE_RISING, 2500, 0, false},
	{"int_runs", FS_KIND_INT, FS_ORDER_INT, SAMPLE_RUNS, 2500, 0, false},
	{"int_dict", FS_KIND_INT, FS_ORDER_INT, SAMPLE_FEW, 2500, 0, false},
	{"float4_decimal", FS_KIND_INT, FS_ORDER_FLOAT4, SAMPLE_DECIMAL, 1500, 0, false},
	{"float8_decimal", FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_DECIMAL, 1500, 0, false},
	{"float8_bits", FS_KIND_INT, FS_ORDER_FLOAT8, SAMPLE_FLOATS, 1500, 0, false},
	{"addr_constant", FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_CONSTANT, 1500, 0, false},
	{"addr_dict", FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_MIXED, 2500, 0, false},
	{"addr_dict_prefixes", FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_PREFIXES, 2500, 3, false},
	{"addr_plain_v4", FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_DISTINCT, 1500, 0, false},
	{"addr_plain_v6", FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_EXTREME, 1500, 0, false},
	{"bytes_constant", FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_CONSTANT, 1500, 0, false},
	{"bytes_dict", FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_WORDS, 2500, 3, true},
	{"bytes_plain", FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_DISTINCT, 1500, 0, true},
	{"bytes_plain_stored", FS_KIND_BYTES, FS_ORDER_NONE, SAMPLE_RANDOM, 1500, 0, false}
};

/* The same of clustered chunks. */
typedef struct GoldenConvs
{
	const char *name;
	ConvsRule	rule;
	uint32		nrows;
} GoldenConvs;

static const GoldenConvs golden_convs[] = {
	{"clustered_pairs", CONVS_USUAL, 1100},
	{"clustered_single", CONVS_SINGLE, 300},
	{"clustered_no_hints", CONVS_NO_HINTS, 300},
	{"clustered_odd", CONVS_ODD, 300}
};

#endif							/* FS_TEST_GOLDEN_H */
