/*-------------------------------------------------------------------------
 *
 * A password from the terminal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

/*
 * Ask on the terminal of the process, wherever its standard input comes from,
 * without showing what is typed.  user may be NULL.  NULL without a terminal.
 */
extern char *password_ask(const char *user);

#endif
