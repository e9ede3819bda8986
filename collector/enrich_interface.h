/*-------------------------------------------------------------------------
 *
 * Names of the interfaces of exporters, from CSV with the columns exporter,
 * if_index and name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ENRICH_INTERFACE_H
#define COLLECTOR_ENRICH_INTERFACE_H

#include "flow_extra.h"

#define ENRICH_MAX_INTERFACES	(1024 * 1024)

struct enrich_interfaces;

/* From bytes[len], named path in messages; NULL after one. */
extern struct enrich_interfaces *enrich_interfaces_read(const char *path,
														const char *bytes,
														size_t len);
extern void enrich_interfaces_close(struct enrich_interfaces *interfaces);

/* Its name, or one of length 0. */
extern struct flow_bytes enrich_interface_name(const struct enrich_interfaces *interfaces,
											   const struct flow_addr *exporter,
											   uint32_t if_index);

#endif
