/*-------------------------------------------------------------------------
 *
 * The choice of a level.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/level.h"

typedef struct Choice
{
	bool		is_made;
	FsLevel		level;
} Choice;

static Choice choice;

static FsLevel
best(void)
{
#ifdef FS_HAVE_LEVELS
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") ||
		!__builtin_cpu_supports("popcnt"))
		return FS_LEVEL_PORTABLE;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
		__builtin_cpu_supports("avx512vbmi2"))
		return FS_LEVEL_AVX512;
	return FS_LEVEL_AVX2;
#else
	return FS_LEVEL_PORTABLE;
#endif
}

FsLevel
fs_level_get(void)
{
	if (unlikely(!choice.is_made))
	{
		choice.level = best();
		choice.is_made = true;
	}
	return choice.level;
}

FsLevel
fs_level_use(FsLevel level)
{
	choice.level = Min(level, best());
	choice.is_made = true;
	return choice.level;
}

const char *
fs_level_name(FsLevel level)
{
	static const char *const names[] = {"portable", "AVX2", "AVX-512"};

	return names[level];
}
