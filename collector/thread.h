/*-------------------------------------------------------------------------
 *
 * Threads that leave signals to the one that starts them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_THREAD_H
#define COLLECTOR_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Start one that does this work, "writes ..."; false after a message. */
extern bool thread_start(pthread_t *thread, void *(*function) (void *), void *arg,
						 const char *work) __attribute__((warn_unused_result));

#endif
