/*-------------------------------------------------------------------------
 *
 * Networks from MaxMind DB files, version 2.0 of the format.
 *
 * The file's tree is walked once.  IPv4 lies under ::/96 in it, and may be
 * linked to from other places, which are not followed.
 *
 *-------------------------------------------------------------------------
 */
#include <maxminddb.h>
#include <string.h>

#include "enrich_table.h"
#include "log.h"

#define MAX_VISITS	(64 * 1000 * 1000)	/* a tree may share its branches */

struct walk
{
	struct enrich_table *table;
	MMDB_s		mmdb;
	uint64_t	nvisits;
	const char *problem;		/* why it ended early */
	uint8_t		bytes[16];		/* the path */
};

static void
get_text(MMDB_entry_s *entry, struct flow_bytes *text, const char *const *path)
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) == MMDB_SUCCESS && data.has_data &&
		data.type == MMDB_DATA_TYPE_UTF8_STRING)
		*text = (struct flow_bytes) {data.utf8_string, data.data_size};
}

static void
add_network(struct walk *walk, MMDB_entry_s *entry, int depth)
{
	static const char *const as[] = {"autonomous_system_number", NULL};
	static const char *const as_name[] = {"autonomous_system_organization", NULL};
	static const char *const country[] = {"country", "iso_code", NULL};
	static const uint8_t zeros[12];
	struct enrich_value value = {0};
	struct flow_addr prefix = {.family = FLOW_FAMILY_IP6};
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, as) == MMDB_SUCCESS && data.has_data &&
		data.type == MMDB_DATA_TYPE_UINT32)
		value.as = data.uint32;
	get_text(entry, &value.texts[ENRICH_AS_NAME], as_name);
	get_text(entry, &value.texts[ENRICH_COUNTRY], country);
	memcpy(prefix.bytes, walk->bytes, 16);
	if (walk->mmdb.metadata.ip_version == 4)
		prefix.family = FLOW_FAMILY_IP4;
	else if (depth >= 96 && memcmp(walk->bytes, zeros, 12) == 0)
	{
		prefix = (struct flow_addr) {.family = FLOW_FAMILY_IP4};
		memcpy(prefix.bytes, walk->bytes + 12, 4);
		depth -= 96;
	}
	walk->problem = enrich_table_add(walk->table, &prefix, depth, &value);
}

/* The IPv4 tree under a name other than ::/96. */
static bool
is_alias(const struct walk *walk, uint64_t node, int depth)
{
	static const uint8_t zeros[12];

	return walk->mmdb.metadata.ip_version == 6 && depth > 0 &&
		node == walk->mmdb.ipv4_start_node.node_value &&
		(depth != 96 || memcmp(walk->bytes, zeros, 12) != 0);
}

static void
walk_node(struct walk *walk, uint32_t node, int depth)
{
	MMDB_search_node_s found;
	int			max = walk->mmdb.metadata.ip_version == 4 ? 32 : 128;

	if (++walk->nvisits > MAX_VISITS || depth >= max ||
		MMDB_read_node(&walk->mmdb, node, &found) != MMDB_SUCCESS)
	{
		walk->problem = "has a damaged tree";
		return;
	}
	for (int side = 0; side < 2 && walk->problem == NULL; side++)
	{
		uint8_t		bit = (uint8_t) (0x80 >> depth % 8);
		uint64_t	next = side == 0 ? found.left_record : found.right_record;
		uint8_t		type = side == 0 ? found.left_record_type : found.right_record_type;

		if (side == 1)
			walk->bytes[depth / 8] |= bit;
		if (type == MMDB_RECORD_TYPE_SEARCH_NODE)
		{
			if (!is_alias(walk, next, depth + 1))
				walk_node(walk, (uint32_t) next, depth + 1);
		}
		else if (type == MMDB_RECORD_TYPE_DATA)
			add_network(walk, side == 0 ? &found.left_record_entry :
						&found.right_record_entry, depth + 1);
		else if (type == MMDB_RECORD_TYPE_INVALID)
			walk->problem = "has a damaged tree";
		walk->bytes[depth / 8] &= (uint8_t) ~bit;
	}
}

bool
enrich_read_maxmind(struct enrich_table *table, const char *path)
{
	struct walk walk = {.table = table};
	int			status = MMDB_open(path, MMDB_MODE_MMAP, &walk.mmdb);

	if (status != MMDB_SUCCESS)
	{
		log_warnx("could not open \"%s\": %s", path, MMDB_strerror(status));
		return false;
	}
	walk_node(&walk, 0, 0);
	MMDB_close(&walk.mmdb);
	if (walk.problem != NULL)
		log_warnx("file \"%s\" %s", path, walk.problem);
	return walk.problem == NULL;
}
