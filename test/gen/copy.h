/*-------------------------------------------------------------------------
 *
 * Values as COPY text or COPY binary (PostgreSQL documentation, COPY).
 *
 * Text is never escaped, so it must not hold tabs, newlines or backslashes.
 * The caller makes room: no value but text needs more than 64 bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_COPY_H
#define GEN_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "hosts.h"

#define COPY_BUFFER_BYTES	(1 << 20)
#define COPY_ROW_MAX_BYTES	4096

struct copy
{
	FILE	   *file;
	bool		is_binary;
	bool		has_failed;
	int64_t		second;			/* the one that second_text shows */
	char		second_text[24];
	uint8_t		octet_len[256];
	char		octet_text[256][4];
	char	   *at;
	char		buffer[COPY_BUFFER_BYTES];
};

extern void copy_begin(struct copy *copy, FILE *file, bool is_binary);

/* a row of ncolumns values, each written by one of the functions below */
extern void copy_row_begin(struct copy *copy, int ncolumns);
extern void copy_next_column(struct copy *copy);
extern void copy_row_end(struct copy *copy);

/* x is not negative; bytes is the size of the SQL type */
extern void copy_int(struct copy *copy, uint64_t x, int bytes);
extern void copy_null(struct copy *copy);
extern void copy_time(struct copy *copy, int64_t ms);
extern void copy_addr(struct copy *copy, const struct addr *addr);

/* a real, given in thousandths */
extern void copy_real_milli(struct copy *copy, uint32_t milli);
extern void copy_text(struct copy *copy, const char *text);

/* text written in place: put len bytes where begin points to, then end */
extern char *copy_text_begin(struct copy *copy);
extern void copy_text_end(struct copy *copy, int len);

/* writes what is left; false when any write failed */
extern bool copy_end(struct copy *copy);

#endif
