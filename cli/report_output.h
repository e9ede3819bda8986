/*-------------------------------------------------------------------------
 *
 * Writing a whole file, or nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_OUTPUT_H
#define CLI_REPORT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write text[len] to a file, NULL or "-" for standard output.  A regular
 * file, also behind a symbolic link, is replaced when all is on disk, keeping its
 * mode; until then, and after an error, it is what it was.  An error is
 * reported on stderr; false then.
 */
extern bool report_output(const char *text, size_t len, const char *file);

#endif
