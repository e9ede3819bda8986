/*-------------------------------------------------------------------------
 *
 * Settings of the functions of schema flow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_SETTINGS_H
#define FS_ANALYTICS_SETTINGS_H

/* Define flowstore.default_table and flowstore.now. */
extern void fs_analytics_init(void);

#endif
