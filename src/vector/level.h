/*-------------------------------------------------------------------------
 *
 * Which instructions the kernels of this room may use.
 *
 * A level is chosen once a process, by what the processor has.  Kernels with
 * intrinsics exist per level in files of their own; those that the compiler
 * vectorises are one body, compiled for each level by FS_BY_LEVEL.  All
 * levels give the same results.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_LEVEL_H
#define FS_VECTOR_LEVEL_H

#include "c.h"

typedef enum FsLevel
{
	FS_LEVEL_PORTABLE = 0,		/* plain C for any processor */
	FS_LEVEL_AVX2 = 1,			/* with BMI2 and POPCNT */
	FS_LEVEL_AVX512 = 2			/* F, BW, DQ, VL and VBMI2 */
} FsLevel;

#if defined(__x86_64__) && defined(__GNUC__)
#define FS_HAVE_LEVELS 1
#define FS_TARGET_AVX2 \
	__attribute__((target("avx2,bmi2,popcnt")))
#define FS_TARGET_AVX512 \
	__attribute__((target("avx2,bmi2,popcnt,avx512f,avx512bw," \
						  "avx512dq,avx512vl,avx512vbmi2")))
#endif

#if defined(__GNUC__) && !defined(__clang__)
#define FS_UNROLLED __attribute__((optimize("O3")))
#else
#define FS_UNROLLED
#endif

/* The level in use; cannot fail. */
extern FsLevel fs_level_get(void);

/*
 * For tests and benchmarks: use this level from now on, or the best that the
 * processor has if it is lower; gives the level in use.
 */
extern FsLevel fs_level_use(FsLevel level);

extern const char *fs_level_name(FsLevel level);

/*
 * Defines function name with these parameters and result.  Its work is done
 * by name_body, an always-inline function, called with args.
 */
#ifdef FS_HAVE_LEVELS
#define FS_BY_LEVEL(type, name, params, args) \
	static FS_UNROLLED FS_TARGET_AVX512 type \
	name##_avx512 params { return name##_body args; } \
	static FS_UNROLLED FS_TARGET_AVX2 type \
	name##_avx2 params { return name##_body args; } \
	static FS_UNROLLED type \
	name##_portable params { return name##_body args; } \
	type name params \
	{ \
		FsLevel		level = fs_level_get(); \
		if (level == FS_LEVEL_AVX512) \
			return name##_avx512 args; \
		if (level == FS_LEVEL_AVX2) \
			return name##_avx2 args; \
		return name##_portable args; \
	}
#else
#define FS_BY_LEVEL(type, name, params, args) \
	FS_UNROLLED type name params { return name##_body args; }
#endif

#endif							/* FS_VECTOR_LEVEL_H */
