/*-------------------------------------------------------------------------
 *
 * A password from /dev/tty.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "display.h"
#include "memory.h"
#include "password.h"

char *
password_ask(const char *user)
{
	FILE	   *tty = fopen("/dev/tty", "r+");
	struct termios before;
	struct termios silent;
	struct buffer who = {0};
	char		line[1024];
	bool		is_read;

	if (tty == NULL || tcgetattr(fileno(tty), &before) != 0)
	{
		if (tty != NULL)
			fclose(tty);
		return NULL;
	}
	display_escape(&who, user != NULL ? user : "");
	if (user != NULL)
		fprintf(tty, "Password for user %s: ", who.text);
	else
		fputs("Password: ", tty);
	fflush(tty);
	buffer_free(&who);
	silent = before;
	silent.c_lflag &= ~(tcflag_t) ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH, &silent);
	is_read = fgets(line, sizeof(line), tty) != NULL;
	tcsetattr(fileno(tty), TCSAFLUSH, &before);
	fputc('\n', tty);
	fclose(tty);
	if (!is_read)
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return memory_copy(line, strlen(line));
}
