/*-------------------------------------------------------------------------
 *
 * Encodings: their names.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/enc.h"

static const char *const names[] = {
	[FS_ENC_NULL] = "null",
	[FS_ENC_CONSTANT] = "constant",
	[FS_ENC_FOR] = "for",
	[FS_ENC_PFOR] = "pfor",
	[FS_ENC_DELTA] = "delta",
	[FS_ENC_RUNS] = "runs",
	[FS_ENC_DICT] = "dictionary",
	[FS_ENC_PLAIN] = "plain",
	[FS_ENC_DOMAIN] = "domain",
	[FS_ENC_RANKED] = "ranked",
	[FS_ENC_CLASSED] = "classed"
};

const char *
fs_encoding_name(uint8 encoding)
{
	return encoding <= FS_ENC_LAST ? names[encoding] : "unknown";
}
