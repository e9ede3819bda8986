/*-------------------------------------------------------------------------
 *
 * What "flowcollectd extract" was told.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_EXTRACT_OPTIONS_H
#define COLLECTOR_EXTRACT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "ring_find.h"

#define EXTRACT_ANY_LINK_TYPE	UINT64_MAX

/* Texts live as long as the process. */
struct extract_options
{
	const char *ring;
	const char *output;
	const char *ref_text;		/* or NULL, as the other texts */
	const char *from;
	const char *to;
	const char *src;
	const char *dst;
	const char *sport;
	const char *dport;
	const char *proto;
	const char *filter;
	uint64_t	link_type;		/* or EXTRACT_ANY_LINK_TYPE */
	bool		has_both;

	/* what the texts say */
	struct ring_ref ref;		/* if there is one */
	int64_t		from_us;
	int64_t		to_us;
	unsigned	fields;			/* RING_*, of key */
	struct flow_key key;
};

/* Ends the process as extract_run says. */
extern void extract_options_parse(struct extract_options *options, int argc, char **argv);

#endif
