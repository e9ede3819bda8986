/*-------------------------------------------------------------------------
 *
 * Which addresses are internal: setting flowstore.internal_networks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_INTERNAL_H
#define FS_ANALYTICS_INTERNAL_H

/* Define the setting; once, from fs_analytics_init. */
extern void fs_internal_init(void);

#endif							/* FS_ANALYTICS_INTERNAL_H */
