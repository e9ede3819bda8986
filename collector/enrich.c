/*-------------------------------------------------------------------------
 *
 * Enrichment: what tables know of a flow's addresses and interfaces.
 *
 * The tables of all files are one generation.  Readers take the newest one by
 * an atomic load; replaced ones wait in a list until nobody can use them.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "enrich.h"
#include "enrich_interface.h"
#include "enrich_table.h"
#include "log.h"

#define MAX_WAITING	4			/* generations that were replaced lately */

struct generation
{
	struct generation *next;	/* older one */
	int64_t		replaced_us;
	int			ntables;
	struct enrich_table *tables[ENRICH_MAX_FILES];
	struct enrich_interfaces *interfaces;	/* or NULL */
};

struct enrich
{
	struct enrich_options options;
	_Atomic(struct generation *) current;
	struct generation *replaced;
};

static void
free_generation(struct generation *generation)
{
	if (generation == NULL)
		return;
	for (int i = 0; i < generation->ntables; i++)
		enrich_table_close(generation->tables[i]);
	enrich_interfaces_close(generation->interfaces);
	free(generation);
}

/* The file's bytes, by mmap; NULL after a message. */
static const char *
map_file(const char *path, size_t *len)
{
	int			fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void	   *bytes = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
	{
		*len = (size_t) st.st_size;
		bytes = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0 && bytes == MAP_FAILED && st.st_size == 0)
		log_warnx("file \"%s\" is empty", path);
	else if (bytes == MAP_FAILED)
		log_warn("could not read \"%s\"", path);
	if (fd >= 0)
		close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static bool
read_networks(struct enrich_table *table, const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *bytes;
	size_t		len;
	bool		is_good;

	if (dot != NULL && strcmp(dot, ".mmdb") == 0)
		return enrich_read_maxmind(table, path);
	bytes = map_file(path, &len);
	if (bytes == NULL)
		return false;
	is_good = enrich_read_csv(table, path, bytes, len);
	munmap((void *) bytes, len);
	return is_good;
}

static bool
read_interfaces(struct generation *generation, const char *path)
{
	size_t		len;
	const char *bytes = map_file(path, &len);

	if (bytes == NULL)
		return false;
	generation->interfaces = enrich_interfaces_read(path, bytes, len);
	munmap((void *) bytes, len);
	return generation->interfaces != NULL;
}

static struct generation *
read_generation(const struct enrich_options *options)
{
	struct generation *generation = calloc(1, sizeof(*generation));
	bool		is_good = generation != NULL;

	for (int i = 0; i < options->nfiles && is_good; i++)
	{
		struct enrich_table *table = enrich_table_open();

		is_good = table != NULL && read_networks(table, options->files[i]) &&
			enrich_table_build(table);
		if (table != NULL)
			generation->tables[generation->ntables++] = table;
		if (is_good)
			log_info("read %u networks of \"%s\"", enrich_table_count(table),
					 options->files[i]);
	}
	if (is_good && options->interfaces != NULL)
		is_good = read_interfaces(generation, options->interfaces);
	if (is_good)
		return generation;
	free_generation(generation);
	return NULL;
}

struct enrich *
enrich_open(const struct enrich_options *options)
{
	struct enrich *enrich = calloc(1, sizeof(*enrich));

	if (enrich == NULL)
		fatalx("out of memory");
	enrich->options = *options;
	atomic_store(&enrich->current, read_generation(options));
	if (atomic_load(&enrich->current) != NULL)
		return enrich;
	enrich_close(enrich);
	return NULL;
}

/* Free those that were replaced long ago; returns how many are left. */
static int
free_replaced(struct enrich *enrich, int64_t before_us)
{
	struct generation **link = &enrich->replaced;
	int			nleft = 0;

	while (*link != NULL)
	{
		struct generation *generation = *link;

		if (generation->replaced_us <= before_us)
		{
			*link = generation->next;
			free_generation(generation);
		}
		else
		{
			link = &generation->next;
			nleft++;
		}
	}
	return nleft;
}

void
enrich_close(struct enrich *enrich)
{
	free_replaced(enrich, INT64_MAX);
	free_generation(atomic_load(&enrich->current));
	free(enrich);
}

bool
enrich_reload(struct enrich *enrich)
{
	int64_t		now_us = clock_monotonic_us();
	struct generation *generation;
	struct generation *old;

	if (free_replaced(enrich, now_us - ENRICH_GRACE_S * INT64_C(1000000)) >= MAX_WAITING)
	{
		log_warnx("the tables of networks were replaced too often; they stay as they are");
		return false;
	}
	generation = read_generation(&enrich->options);
	if (generation == NULL)
	{
		log_warnx("the tables of networks stay as they are");
		return false;
	}
	old = atomic_exchange(&enrich->current, generation);
	old->replaced_us = clock_monotonic_us();
	old->next = enrich->replaced;
	enrich->replaced = old;
	return true;
}

static void
put_text(struct flow_extra *extra, enum flow_extra_id id, struct flow_bytes text,
		 bool overrides)
{
	if (text.len > 0 && (overrides || !flow_extra_has(extra, id)))
		flow_extra_put_text(extra, id, text.bytes, text.len);
}

/* What all tables together know of the address. */
static struct enrich_value
look_up(const struct generation *generation, const struct flow_addr *addr)
{
	struct enrich_value known = {0};

	for (int i = 0; i < generation->ntables; i++)
	{
		const struct enrich_value *value = enrich_table_find(generation->tables[i], addr);

		if (value == NULL)
			continue;
		if (known.as == 0)
			known.as = value->as;
		for (int j = 0; j < ENRICH_NTEXTS; j++)
		{
			if (known.texts[j].len == 0)
				known.texts[j] = value->texts[j];
		}
	}
	return known;
}

static void
put_interfaces(const struct generation *generation, const struct flow *flow,
			   struct flow_extra *extra, bool overrides)
{
	const struct enrich_interfaces *interfaces = generation->interfaces;

	if (interfaces == NULL)
		return;
	if ((flow->present & FLOW_HAS_IN_IF) != 0)
		put_text(extra, FLOW_IN_IF_NAME,
				 enrich_interface_name(interfaces, &flow->exporter, flow->in_if), overrides);
	if ((flow->present & FLOW_HAS_OUT_IF) != 0)
		put_text(extra, FLOW_OUT_IF_NAME,
				 enrich_interface_name(interfaces, &flow->exporter, flow->out_if), overrides);
}

static bool
is_any_present(const struct flow_extra *extra)
{
	uint64_t	any = 0;

	for (int i = 0; i < FLOW_EXTRA_WORDS; i++)
		any |= extra->present[i];
	return any != 0;
}

void
enrich_flow(const struct enrich *enrich, struct flow *flow,
			struct flow_extra *extra)
{
	const struct generation *generation = atomic_load_explicit(&enrich->current,
															   memory_order_acquire);
	bool		overrides = enrich->options.overrides;
	struct enrich_value src = look_up(generation, &flow->key.src);
	struct enrich_value dst = look_up(generation, &flow->key.dst);

	/* exporters say 0 where they do not know */
	if (src.as != 0 && (overrides || (flow->present & FLOW_HAS_SRC_AS) == 0 ||
						flow->src_as == 0))
	{
		flow->src_as = src.as;
		flow->present |= FLOW_HAS_SRC_AS;
	}
	if (dst.as != 0 && (overrides || (flow->present & FLOW_HAS_DST_AS) == 0 ||
						flow->dst_as == 0))
	{
		flow->dst_as = dst.as;
		flow->present |= FLOW_HAS_DST_AS;
	}
	put_text(extra, FLOW_SRC_AS_NAME, src.texts[ENRICH_AS_NAME], overrides);
	put_text(extra, FLOW_DST_AS_NAME, dst.texts[ENRICH_AS_NAME], overrides);
	put_text(extra, FLOW_SRC_COUNTRY, src.texts[ENRICH_COUNTRY], overrides);
	put_text(extra, FLOW_DST_COUNTRY, dst.texts[ENRICH_COUNTRY], overrides);
	put_text(extra, FLOW_SRC_NET, src.texts[ENRICH_NET], overrides);
	put_text(extra, FLOW_DST_NET, dst.texts[ENRICH_NET], overrides);
	put_interfaces(generation, flow, extra, overrides);
	if (is_any_present(extra))
		flow->extra = extra;
}
