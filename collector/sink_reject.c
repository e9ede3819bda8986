/*-------------------------------------------------------------------------
 *
 * The file of rows that the database refused.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "sink_reject.h"
#include "sink_text.h"

struct reject
{
	const char *path;
	FILE	   *file;
	struct text_columns columns;
	struct flow_extra extra;
};

static bool
write_header(struct reject *reject)
{
	struct stat st;

	if (fstat(fileno(reject->file), &st) != 0)
		return false;
	for (int i = 0; st.st_size == 0 && i < reject->columns.n; i++)
	{
		if (fprintf(reject->file, "%s%s", i == 0 ? "" : "\t",
					column_list[reject->columns.ids[i]].name) < 0)
			return false;
	}
	return (st.st_size > 0 || putc('\n', reject->file) != EOF) &&
		fflush(reject->file) == 0;
}

struct reject *
reject_open(const char *path)
{
	struct reject *reject = calloc(1, sizeof(*reject));

	if (reject == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	reject->path = path;
	for (int i = 0; i < COLUMN_COUNT; i++)
		reject->columns.ids[reject->columns.n++] = (enum column_id) i;
	reject->file = fopen(path, "ae");
	if (reject->file != NULL && write_header(reject))
		return reject;
	log_warn("could not write to \"%s\"", path);
	reject_close(reject);
	return NULL;
}

void
reject_close(struct reject *reject)
{
	if (reject == NULL)
		return;
	if (reject->file != NULL)
		fclose(reject->file);
	free(reject);
}

static bool
write_row(struct reject *reject, const struct flow *flow)
{
	char	   *line = malloc(sink_text_bound(&reject->columns, flow));
	size_t		len;
	bool		is_written;

	if (line == NULL)
	{
		errno = ENOMEM;
		return false;
	}
	len = sink_text_encode(&reject->columns, flow, line);
	is_written = fwrite(line, 1, len, reject->file) == len;
	free(line);
	return is_written;
}

bool
reject_write(struct reject *reject, struct rows rows)
{
	bool		is_written = true;

	while (rows.n > 0 && is_written)
	{
		struct flow flow;

		if (rows_next(&rows, &flow, &reject->extra))
			is_written = write_row(reject, &flow);
	}
	is_written &= fflush(reject->file) == 0 &&
		(fdatasync(fileno(reject->file)) == 0 || errno == EINVAL);
	if (!is_written)
		log_warn("could not write refused rows to \"%s\"", reject->path);
	return is_written;
}
