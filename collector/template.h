/*-------------------------------------------------------------------------
 *
 * Templates of NetFlow v9 (RFC 3954, 5) and IPFIX (RFC 7011, 3.4), compiled:
 * each field knows what becomes of it.
 *
 * A template belongs to an exporter's address, source port, version and
 * domain.  Memory: TEMPLATE_MAX_BYTES in all, TEMPLATE_MAX_FIELDS each; the
 * one that was not used for longest is forgotten, and counted.
 *
 * A record is at least one byte per field long, since fields of length zero,
 * which carry nothing, are left out: so decoding takes bounded time per byte.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_TEMPLATE_H
#define COLLECTOR_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "exporter.h"
#include "field_use.h"
#include "lru.h"
#include "wire.h"

#define TEMPLATE_MAX_FIELDS	1024
#define TEMPLATE_MAX_BYTES	(16 << 20)
#define TEMPLATE_FIRST_ID	256	/* sets below are not data */

struct template_key
{
	struct exporter_key domain;
	uint16_t	id;
	uint8_t		zero[6];		/* always 0 */
};

_Static_assert(sizeof(struct template_key) == 32, "hashed as four words");

struct template_field
{
	uint32_t	pen;			/* enterprise, 0: IANA */
	uint16_t	id;
	uint16_t	len;			/* bytes, or FIELD_VARIABLE */
	uint8_t		use;			/* enum field_use */
	uint8_t		arg;
	uint8_t		zero[2];		/* always 0 */
};

struct template
{
	struct lru_entry entry;
	struct template_key key;
	uint32_t	min_len;		/* of a record; its length, if is_fixed */
	uint16_t	nfields;
	uint16_t	nscope;			/* the first so many say what the others
								 * are about; 0: records are flows */
	bool		is_options;
	bool		is_fixed;		/* no field is of variable length */
	struct template_field fields[];
};

/* A template that is being read. */
struct template_draft
{
	struct template_key key;
	uint16_t	nfields;
	uint16_t	nscope;
	bool		is_options;
	struct template_field fields[TEMPLATE_MAX_FIELDS];
};

enum template_result
{
	TEMPLATE_NEW,				/* or another one than before */
	TEMPLATE_SAME,
	TEMPLATE_REFUSED			/* no bytes in its records, or no memory */
};

/* Begin a draft; then add its fields in order. */
extern void template_begin(struct template_draft *draft,
						   const struct template_key *key, bool is_options);

/*
 * Add a field.  Returns false if there are too many, or if the length is
 * variable in a version that does not have that.
 */
extern bool template_add(struct template_draft *draft,
						 const struct template_field *field, bool is_scope)
			__attribute__((warn_unused_result));

/* Put the draft into the table, in place of the one of the same key. */
extern enum template_result template_put(struct lru *templates,
										 struct counters *counters,
										 const struct template_draft *draft)
			__attribute__((warn_unused_result));

/* Opens the table; returns NULL when memory is exhausted. */
extern struct lru *template_table_open(struct counters *counters,
									   struct hash_key key);

/* Read a template of this version off the wire; the id was read before. */
extern bool template_read(struct template_draft *draft, struct wire *w,
						  uint16_t nfields, uint16_t nscope)
			__attribute__((warn_unused_result));

#endif
