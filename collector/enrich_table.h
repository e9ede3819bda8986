/*-------------------------------------------------------------------------
 *
 * The networks of one file: prefixes, and the different values they have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_ENRICH_TABLE_H
#define COLLECTOR_ENRICH_TABLE_H

#include "flow_extra.h"
#include "lpm.h"

enum enrich_text
{
	ENRICH_AS_NAME,
	ENRICH_COUNTRY,
	ENRICH_NET,
	ENRICH_NTEXTS
};

/* Texts are UTF-8 without zero bytes; len 0: not known. */
struct enrich_value
{
	uint32_t	as;				/* 0: not known */
	struct flow_bytes texts[ENRICH_NTEXTS];
};

struct enrich_table;

extern struct enrich_table *enrich_table_open(void);
extern void enrich_table_close(struct enrich_table *table);

/*
 * Add a network with a value, which is copied; texts are cleaned, and cut after
 * 255 bytes.  Returns NULL, or why it cannot be done.
 */
extern const char *enrich_table_add(struct enrich_table *table,
									const struct flow_addr *prefix, int len,
									const struct enrich_value *value);

/* When all networks are in.  False: out of memory. */
extern bool enrich_table_build(struct enrich_table *table);

/* What is known of an address, or NULL. */
extern const struct enrich_value *enrich_table_find(const struct enrich_table *table,
													const struct flow_addr *addr);
extern uint32_t enrich_table_count(const struct enrich_table *table);

/*
 * Fill the table from a file of each kind; false after a message.  CSV is
 * bytes[len], and path is named in messages.
 */
extern bool enrich_read_csv(struct enrich_table *table, const char *path,
							const char *bytes, size_t len);
extern bool enrich_read_maxmind(struct enrich_table *table, const char *path);

/* "192.0.2.0/24", or an address; returns the length, or -1. */
extern int	enrich_parse_prefix(const char *text, struct flow_addr *prefix);

#endif
