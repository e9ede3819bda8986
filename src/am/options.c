/*-------------------------------------------------------------------------
 *
 * Settings of the access method.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/guc.h"

#include "am/options.h"
#include "store/keep.h"

int			fs_load_memory_kb = 32 * 1024;
int			fs_on_corrupt_chunk = FS_ON_CORRUPT_ERROR;

static const struct config_enum_entry on_corrupt_values[] = {
	{"error", FS_ON_CORRUPT_ERROR, false},
	{"skip", FS_ON_CORRUPT_SKIP, false},
	{NULL, 0, false}
};

void
fs_options_init(void)
{
	DefineCustomIntVariable("flowstore.load_memory",
							"Memory for rows that a session has inserted and not yet written.",
							"When it is used up, the largest partition's rows are written.",
							&fs_load_memory_kb,
							32 * 1024, 1024, 1024 * 1024,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomIntVariable("flowstore.keep_memory",
							"Memory for what a session keeps of chunks and partition indexes of which it read little.",
							"The next look-ups of the session need not open and decode these again.  As much freed memory is kept for its next queries.",
							&fs_keep_memory_kb,
							40 * 1024, 0, 1024 * 1024,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomEnumVariable("flowstore.on_corrupt_chunk",
							 "What a query does with a damaged chunk.",
							 "\"skip\" leaves its rows out with a warning; pages that PostgreSQL itself finds invalid raise an error all the same.",
							 &fs_on_corrupt_chunk,
							 FS_ON_CORRUPT_ERROR, on_corrupt_values,
							 PGC_SUSET, 0,
							 NULL, NULL, NULL);
}
