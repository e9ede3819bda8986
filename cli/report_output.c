/*-------------------------------------------------------------------------
 *
 * Writing a whole file: under another name beside it, which is renamed.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "report_output.h"

static bool
write_all(int fd, const char *text, size_t len)
{
	while (len > 0)
	{
		ssize_t		written = write(fd, text, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		text += written;
		len -= (size_t) written;
	}
	return true;
}

static bool
complain(const char *what, const char *file)
{
	fprintf(stderr, "flow: could not %s \"%s\": %s\n", what, file, strerror(errno));
	return false;
}

/* What a new file would be allowed. */
static mode_t
usual_mode(void)
{
	mode_t		mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static bool
replace(const char *text, size_t len, const char *file, mode_t mode)
{
	char	   *beside = memory_format("%s.XXXXXX", file);
	int			fd = mkstemp(beside);
	bool		is_good;

	if (fd < 0)
		return complain("make a file beside", file);
	is_good = write_all(fd, text, len) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	is_good = close(fd) == 0 && is_good && rename(beside, file) == 0;
	if (is_good)
		return true;
	complain("write", file);
	unlink(beside);
	return false;
}

/* Into what is no regular file: a pipe or a device. */
static bool
write_into(const char *text, size_t len, const char *file)
{
	int			fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return complain("open", file);
	if (write_all(fd, text, len) && close(fd) == 0)
		return true;
	return complain("write", file);
}

bool
report_output(const char *text, size_t len, const char *file)
{
	struct stat status;
	char	   *target;
	bool		is_good;

	if (file == NULL || strcmp(file, "-") == 0)
		return write_all(STDOUT_FILENO, text, len) || complain("write", "standard output");
	if (stat(file, &status) != 0)
		return replace(text, len, file, usual_mode());
	if (!S_ISREG(status.st_mode))
		return write_into(text, len, file);
	target = realpath(file, NULL);
	if (target == NULL)
		return complain("find", file);
	is_good = replace(text, len, target, status.st_mode & 07777);
	free(target);
	return is_good;
}
