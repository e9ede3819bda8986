/*-------------------------------------------------------------------------
 *
 * What is remembered of exporters, as bytes: to go on after a restart exactly
 * as without one.
 *
 * Saved are templates, domains with their sequence numbers, facts, parked
 * sets, each from the one not used for longest to the newest, and the
 * exporters of NetFlow v5.  Not saved are log limits and counters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXPORT_STATE_H
#define COLLECTOR_EXPORT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export_memory.h"
#include "exporter.h"

/* A growing buffer.  Start with all zero; the caller frees bytes. */
struct state_buffer
{
	uint8_t    *bytes;			/* bytes[len], of bytes[room] */
	size_t		len;
	size_t		room;
	bool		has_failed;		/* no memory */
};

/*
 * Write the state to the buffer, in place of what was there.  The same state
 * gives the same bytes.  Returns false when memory is exhausted.
 */
extern bool export_state_save(const struct export_memory *memory,
							  const struct exporter_table *exporters,
							  struct state_buffer *to)
			__attribute__((warn_unused_result));

/*
 * Read a state into tables that are empty.  Any bytes are safe.  Returns false
 * and sets *reason if they are not a state of this version, or damaged; the
 * tables may hold a part of it then, all of it sound.
 */
extern bool export_state_load(struct export_memory *memory,
							  struct exporter_table *exporters,
							  const uint8_t *bytes, size_t len,
							  const char **reason)
			__attribute__((warn_unused_result));

#endif
