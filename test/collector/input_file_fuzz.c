/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a file, plain or compressed, as lines.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input_file.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int			fd = memfd_create("fuzz", 0);
	struct input_file *file;
	struct input_line line;
	enum input_result result;
	uint64_t	position = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t) size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	file = input_file_open_fd(fd, "fuzz");
	while ((result = input_file_line(file, &line)) == INPUT_LINE || result == INPUT_LONG_LINE)
	{
		if (line.end <= position || line.len >= line.end - position)
			abort();
		position = line.end;
	}
	if (result == INPUT_END && input_file_rest(file, &line) == INPUT_LINE)
		if (line.end - position != line.len)
			abort();
	input_file_close(file);
	return 0;
}
