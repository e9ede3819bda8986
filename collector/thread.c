/*-------------------------------------------------------------------------
 *
 * Starting threads.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <signal.h>

#include "log.h"
#include "thread.h"

bool
thread_start(pthread_t *thread, void *(*function) (void *), void *arg, const char *work)
{
	sigset_t	all;
	sigset_t	mask;
	int			rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	rc = pthread_create(thread, NULL, function, arg);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (rc == 0)
		return true;
	errno = rc;
	log_warn("could not start a thread that %s", work);
	return false;
}
