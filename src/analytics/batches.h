/*-------------------------------------------------------------------------
 *
 * Transition functions that FlowAggregate has done for many rows at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_BATCHES_H
#define FS_ANALYTICS_BATCHES_H

/* Register them; once, from fs_analytics_init. */
extern void fs_hll_init_batch(void);
extern void fs_dd_init_batches(void);

#endif							/* FS_ANALYTICS_BATCHES_H */
