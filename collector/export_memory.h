/*-------------------------------------------------------------------------
 *
 * What NetFlow v9 and IPFIX say once, to be known later: templates, sampling,
 * names.  One struct holds all of it, and nothing else outlives a datagram.
 *
 * A domain is an exporter's address, source port, version, and observation
 * domain or source id.  What domain 0 says holds for the other domains of its
 * exporter and port too, where they say nothing themselves (RFC 7011, 3.1).
 *
 * Memory: MEMORY_DOMAINS * sizeof(struct export_domain), MEMORY_FACT_BYTES,
 * template.h, parking.h.  What was not used for longest is forgotten.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXPORT_MEMORY_H
#define COLLECTOR_EXPORT_MEMORY_H

#include "counter.h"
#include "exporter.h"
#include "flow_extra.h"
#include "lru.h"
#include "parking.h"
#include "template.h"

#define MEMORY_DOMAINS		4096
#define MEMORY_FACT_BYTES	(16 << 20)
#define FACT_MAX_TEXT		255

enum fact_kind
{
	FACT_SELECTOR,				/* number: one in so many; id: selector */
	FACT_IF_SAMPLING,			/* the same; id: interface */
	FACT_IF_NAME,				/* text; id: interface */
	FACT_APP_NAME,				/* text; id: application id */
	FACT_ELEMENT_NAME			/* text; id: enterprise, element (RFC 5610) */
};

struct fact_key
{
	struct exporter_key domain;
	uint8_t		kind;			/* enum fact_kind */
	uint8_t		len;			/* of id */
	uint8_t		zero[6];		/* always 0 */
	uint8_t		id[16];			/* the rest is 0 */
};

_Static_assert(sizeof(struct fact_key) == 48, "hashed as six words");

struct fact
{
	struct lru_entry entry;
	struct fact_key key;
	uint32_t	number;
	uint16_t	len;
	char		text[];			/* text[len], UTF-8 without zero bytes */
};

struct export_domain
{
	struct lru_entry entry;
	struct exporter_key key;
	struct exporter sequence;	/* key and seen_us are not used */
	int64_t		init_us;		/* when uptime was 0; 0: not known */
	uint64_t	selector;		/* the only one, if nselectors is 1 */
	uint32_t	selector_sampling;	/* its sampling */
	uint32_t	sampling;		/* of all its flows, 0: not known */
	uint32_t	kinds;			/* bit per enum fact_kind that it has */
	uint32_t	last_sequence;	/* of the datagram before; v9 */
	uint32_t	last_records;	/* in it */
	uint8_t		nselectors;		/* 2 means more than one */
	int8_t		unit_votes;		/* > 0: v9 sequence counts records */
};

_Static_assert(sizeof(struct export_domain) == 152 || sizeof(void *) != 8,
			   "the bound in README.md");

struct export_memory
{
	struct counters *counters;
	struct lru *domains;
	struct lru *templates;
	struct lru *facts;
	struct parking *parking;
	struct template_draft draft;	/* while a template is read */
	struct record *record;		/* while a record is read */
};

/* Returns NULL when memory is exhausted. */
extern struct export_memory *export_memory_open(struct counters *counters,
												struct hash_key key);
extern void export_memory_close(struct export_memory *memory);

/* A domain, made if need be.  Returns NULL when memory is exhausted. */
extern struct export_domain *export_domain_get(struct export_memory *memory,
											   const struct exporter_key *key);

/* Domain 0 of the same exporter, if that is another one and known, else NULL. */
extern struct export_domain *export_domain_parent(struct export_memory *memory,
												  const struct export_domain *domain);

/* The key of a fact; id has len bytes, at most 16. */
extern struct fact_key fact_key_of(const struct export_domain *domain,
								   enum fact_kind kind, const void *id,
								   size_t len);

/*
 * Remember a fact.  Text may be NULL; it is cut at FACT_MAX_TEXT bytes, and any
 * bytes are safe.  fact_keep leaves it to the caller that the domain knows.
 */
extern void fact_put(struct export_memory *memory, struct export_domain *domain,
					 const struct fact_key *key, uint32_t number,
					 const struct flow_bytes *text);
extern void fact_keep(struct export_memory *memory, const struct fact_key *key,
					  uint32_t number, const struct flow_bytes *text);

/* What a domain says, or else its parent, which may be NULL; or NULL. */
extern const struct fact *fact_find(struct export_memory *memory,
									const struct export_domain *domain,
									const struct export_domain *parent,
									enum fact_kind kind, const void *id,
									size_t len);

#endif
