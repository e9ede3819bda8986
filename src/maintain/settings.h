/*-------------------------------------------------------------------------
 *
 * Settings of the background worker.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_SETTINGS_H
#define FS_MAINTAIN_SETTINGS_H

#include "postgres.h"

/* flowstore.worker */
extern bool fs_worker_enabled;

/* flowstore.worker_naptime, ms: pause between two looks */
extern int	fs_worker_naptime_ms;

/* flowstore.worker_max: workers that run at the same time */
extern int	fs_worker_max;

/* flowstore.worker_max_wal_rate, kB per second; 0: unlimited */
extern int	fs_worker_max_wal_rate_kb;

/* Define them; once, from _PG_init. */
extern void fs_settings_init(void);

#endif							/* FS_MAINTAIN_SETTINGS_H */
