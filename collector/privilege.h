/*-------------------------------------------------------------------------
 *
 * Giving up the rights of root.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PRIVILEGE_H
#define COLLECTOR_PRIVILEGE_H

#include <stdbool.h>

/*
 * Become the user, with its groups, for good: after all that needs rights is
 * open.  Returns false, having logged why; then nothing may go on.
 */
extern bool privilege_drop(const char *user)
			__attribute__((warn_unused_result));

#endif
