/*-------------------------------------------------------------------------
 *
 * Settings of the functions of schema flow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_SETTINGS_H
#define FS_ANALYTICS_SETTINGS_H

/* Define all of them; once, from _PG_init. */
extern void fs_analytics_init(void);

#endif
