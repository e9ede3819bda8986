/*-------------------------------------------------------------------------
 *
 * Sampling as exporters tell it: one packet in so many was looked at.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SAMPLING_H
#define COLLECTOR_SAMPLING_H

#include <stdint.h>

#include "decode_record.h"
#include "export_memory.h"

/*
 * What holds for a flow: its own word, or that of its selector, of its input
 * interface, of its domain, of the parent domain (NULL: none).  A flow that
 * names no selector has the only one that was told of.  0: nothing is known.
 */
extern uint32_t sampling_of_flow(struct export_memory *memory,
								 const struct export_domain *domain,
								 const struct export_domain *parent,
								 const struct record *record);

/* Remember what an options record says about sampling, if it does. */
extern void sampling_learn(struct export_memory *memory,
						   struct export_domain *domain,
						   const struct record *record);

#endif
