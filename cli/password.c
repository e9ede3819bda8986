/*-------------------------------------------------------------------------
 *
 * A password from /dev/tty.
 *
 *-------------------------------------------------------------------------
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "display.h"
#include "memory.h"
#include "password.h"

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	interrupted = number;
}

/* A line that is not shown; a signal ends it, so that the terminal can be set right first. */
static bool
read_silently(FILE *tty, const struct termios *before, char *line, int size)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	enum {NSIGNALS = sizeof(signals) / sizeof(signals[0])};
	struct sigaction notice = {.sa_handler = on_signal};
	struct sigaction usual[NSIGNALS];
	struct termios silent = *before;
	bool		is_read;

	for (int i = 0; i < NSIGNALS; i++)
		sigaction(signals[i], &notice, &usual[i]);
	silent.c_lflag &= ~(tcflag_t) ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH, &silent);
	is_read = interrupted == 0 && fgets(line, size, tty) != NULL;
	tcsetattr(fileno(tty), TCSAFLUSH, before);
	fputc('\n', tty);
	fflush(tty);
	for (int i = 0; i < NSIGNALS; i++)
		sigaction(signals[i], &usual[i], NULL);
	if (interrupted != 0)
		raise(interrupted);
	return is_read && interrupted == 0;
}

char *
password_ask(const char *user)
{
	FILE	   *tty = fopen("/dev/tty", "r+");
	struct termios before;
	struct buffer who = {0};
	char		line[1024];
	char	   *password = NULL;

	if (tty == NULL || tcgetattr(fileno(tty), &before) != 0)
	{
		if (tty != NULL)
			fclose(tty);
		return NULL;
	}
	/* no copy of the password in a buffer */
	setvbuf(tty, NULL, _IONBF, 0);
	display_escape(&who, user != NULL ? user : "");
	if (user != NULL)
		fprintf(tty, "Password for user %s: ", who.text);
	else
		fputs("Password: ", tty);
	fflush(tty);
	buffer_free(&who);
	if (read_silently(tty, &before, line, sizeof(line)))
	{
		line[strcspn(line, "\r\n")] = '\0';
		password = memory_copy(line, strlen(line));
	}
	fclose(tty);
	explicit_bzero(line, sizeof(line));
	return password;
}
