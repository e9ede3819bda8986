/*-------------------------------------------------------------------------
 *
 * flow load: files into the table, by flowcollectd.
 *
 * What a file is, is told by its first bytes: a capture is metered, all else is
 * given to the collector as text or IPFIX, plain or compressed.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "arguments.h"
#include "collector_run.h"
#include "command.h"
#include "display.h"
#include "grid.h"
#include "memory.h"
#include "session.h"

enum kind
{
	KIND_UNREADABLE,			/* reported */
	KIND_CAPTURE,
	KIND_PACKED,				/* by gzip or zstd */
	KIND_OTHER
};

static void
complain(const char *file, const char *what, const char *hint)
{
	struct buffer name = {0};

	display_escape(&name, file);
	fprintf(stderr, "flow: file \"%s\" %s\n", name.text, what);
	if (hint != NULL)
		fprintf(stderr, "HINT:  %s\n", hint);
	buffer_free(&name);
}

static enum kind
kind_of_bytes(const char *file, const unsigned char *bytes, size_t len)
{
	static const unsigned char captures[][4] = {
		{0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
		{0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a}
	};

	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
		if (len == 4 && memcmp(bytes, captures[i], 4) == 0)
			return KIND_CAPTURE;
	if (len == 4 && bytes[0] == 0x0c && bytes[1] == 0xa5)
	{
		complain(file, "is in the binary format of nfdump",
				 "nfdump -r FILE -o csv | flow load -");
		return KIND_UNREADABLE;
	}
	if (len >= 2 && ((bytes[0] == 0x1f && bytes[1] == 0x8b) || (bytes[0] == 0x28 && bytes[1] == 0xb5)))
		return KIND_PACKED;
	return KIND_OTHER;
}

static enum kind
kind_of_file(const char *file)
{
	unsigned char bytes[4];
	struct stat about;
	size_t		len;
	FILE	   *stream;

	if (strcmp(file, "-") == 0)
		return KIND_OTHER;
	if (stat(file, &about) != 0)
	{
		complain(file, memory_format("could not be opened: %s", strerror(errno)), NULL);
		return KIND_UNREADABLE;
	}
	if (S_ISDIR(about.st_mode))
	{
		complain(file, "is a directory", "\"flowcollectd --watch=DIRECTORY\" follows the files in it.");
		return KIND_UNREADABLE;
	}
	/* what is read of a pipe is gone for flowcollectd */
	if (!S_ISREG(about.st_mode))
		return KIND_OTHER;
	stream = fopen(file, "rb");
	if (stream == NULL)
	{
		complain(file, memory_format("could not be opened: %s", strerror(errno)), NULL);
		return KIND_UNREADABLE;
	}
	len = fread(bytes, 1, sizeof(bytes), stream);
	fclose(stream);
	if (len == 0)
	{
		complain(file, "is empty", NULL);
		return KIND_UNREADABLE;
	}
	return kind_of_bytes(file, bytes, len);
}

/* The options of flowcollectd for a file. */
static void
choose_options(const struct arguments *arguments, const char *file,
			   enum kind kind, const char **options)
{
	static const char *const passed[] = {"sensor", "format"};
	/* a name like -x is no option */
	const char *path = file[0] == '-' && file[1] != '\0' ? memory_format("./%s", file) : file;
	const char *way = arguments_has(arguments, "replay") ? "replay" :
		kind == KIND_CAPTURE || arguments_has(arguments, "capture") ? "read" : "load";
	int			n = 0;

	options[n++] = memory_format("--%s=%s", way, path);
	if (strcmp(way, "read") == 0 && arguments_has(arguments, "payload"))
		options[n++] = "--payload";
	if (arguments_has(arguments, "again"))
		options[n++] = "--again";
	for (int i = 0; i < 2; i++)
		if (arguments_has(arguments, passed[i]) && (i == 0 || strcmp(way, "load") == 0))
			options[n++] = memory_format("--%s=%s", passed[i], arguments_value(arguments, passed[i]));
	options[n] = NULL;
}

/* Load one; false if that failed, reported. */
static bool
load(struct session *session, const struct arguments *arguments,
	 const char *program, const char *file, struct grid *grid)
{
	const char *options[8];
	struct collector_result result;
	struct timespec from;
	struct timespec to;
	enum kind	kind = kind_of_file(file);

	if (kind == KIND_UNREADABLE)
		return false;
	choose_options(arguments, file, kind, options);
	clock_gettime(CLOCK_MONOTONIC, &from);
	if (!collector_run(session, program, options, &result))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &to);
	if ((result.is_good || result.left_out > 0) && result.written == 0 && result.known == 0)
	{
		complain(file, "holds no flows",
				 kind == KIND_PACKED ?
				 "A capture that is compressed is loaded by \"gzip -dc FILE | flow load --capture -\"." :
				 "Captures (pcap, pcapng), IPFIX files, CSV with a header, JSON lines, CSV of nfdump and Zeek's conn.log can be loaded.");
		return false;
	}
	if (result.is_good || result.written > 0)
		grid_row(grid, (const char *[]) {
			file, memory_format("%lld", result.written), memory_format("%lld", result.known),
			memory_format("%lld", result.left_out),
			memory_format("%.3f", (double) (to.tv_sec - from.tv_sec) + (double) (to.tv_nsec - from.tv_nsec) / 1e9)});
	return result.is_good;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {
		{"file", GRID_TEXT}, {"rows", GRID_EXACT}, {"known", GRID_EXACT}, {"left_out", GRID_EXACT},
		{"seconds", GRID_SECONDS}
	};
	const char *program = collector_find();
	bool		is_good = true;
	struct grid *grid;
	int			status;

	arguments_need_words(arguments, 1, -1);
	if (program == NULL)
	{
		fputs("flow: program flowcollectd was not found\n"
			  "HINT:  It is looked for beside this program, in the PATH and in /usr/sbin and /usr/local/sbin.\n", stderr);
		return STATUS_FAILED;
	}
	if (session_table(session) == NULL)
		return STATUS_FAILED;
	grid = grid_begin(arguments, columns, 5);
	for (int i = 0; i < arguments->nwords; i++)
		if (!load(session, arguments, program, arguments->words[i], grid))
			is_good = false;
	status = grid_end(grid);
	return is_good ? status : STATUS_FAILED;
}

static const struct option_spec options[] = {
	{0, "again", NULL, "load a file even if the table has it already", NULL},
	{0, "format", "FORMAT", "of text: auto (default), zeek, json, csv, nfdump or text", "auto zeek json csv nfdump text"},
	{0, "capture", NULL, "files are captures, also standard input", NULL},
	{0, "payload", NULL, "of captures, also names from TLS, DNS and HTTP", NULL},
	{0, "replay", NULL, "files are captures of NetFlow, IPFIX or sFlow datagrams: decode these", NULL},
	{0, "sensor", "NAME", "value of column sensor", NULL},
	{0}
};

const struct command command_load = {
	.name = "load",
	.words = "FILE...",
	.summary = "load captures, IPFIX files and flows as text into the table",
	.text = "Captures are metered by flowcollectd; CSV with a header, JSON lines, CSV of nfdump,\n"
	"Zeek's conn.log and IPFIX files may be compressed by gzip or zstd.  - is standard input.\n"
	"A file that is loaded twice adds nothing.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_FORM,
	.values = COMPLETE_FILES,
	.run = run
};
