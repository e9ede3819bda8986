/*-------------------------------------------------------------------------
 *
 * The networks of one file.
 *
 * Many networks have the same value, so values are kept once: a hash table
 * finds those that are there.  The files are the operator's own.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "enrich.h"
#include "enrich_table.h"
#include "web_buffer.h"

#define MAX_TEXT	255
#define BLOCK_BYTES	(64 * 1024)

struct block
{
	struct block *next;
	size_t		used;
	char		bytes[BLOCK_BYTES];
};

struct enrich_table
{
	struct lpm *lpm;
	struct enrich_value *values;	/* [nvalues] */
	uint32_t	nvalues;
	uint32_t	value_room;
	uint32_t   *slots;			/* [nslots], index + 1 of a value, or 0 */
	uint32_t	nslots;			/* power of two */
	struct block *blocks;		/* of texts, which do not move */
	size_t		text_bytes;
};

struct enrich_table *
enrich_table_open(void)
{
	struct enrich_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->lpm = lpm_open();
	table->nslots = 1024;
	table->slots = calloc(table->nslots, sizeof(uint32_t));
	if (table->lpm == NULL || table->slots == NULL)
	{
		enrich_table_close(table);
		return NULL;
	}
	return table;
}

void
enrich_table_close(struct enrich_table *table)
{
	struct block *block;

	if (table == NULL)
		return;
	while ((block = table->blocks) != NULL)
	{
		table->blocks = block->next;
		free(block);
	}
	lpm_close(table->lpm);
	free(table->values);
	free(table->slots);
	free(table);
}

/* As much of the text as is fit for a database; 0 if there is something else. */
static size_t
clean_length(const struct flow_bytes *text)
{
	const char *bytes = text->bytes;
	size_t		len = 0;

	while (len < text->len)
	{
		size_t		n = web_utf8_len(bytes + len, text->len - len);

		if (n == 0 || (unsigned char) bytes[len] < 0x20)
			return 0;
		if (len + n > MAX_TEXT)
			break;
		len += n;
	}
	return len;
}

static bool
keep_text(struct enrich_table *table, struct flow_bytes *text)
{
	struct block *block = table->blocks;

	if (text->len == 0)
		return true;
	if (block == NULL || block->used + text->len > BLOCK_BYTES)
	{
		if (table->text_bytes > ENRICH_MAX_TEXT || (block = malloc(sizeof(*block))) == NULL)
			return false;
		block->next = table->blocks;
		block->used = 0;
		table->blocks = block;
		table->text_bytes += sizeof(*block);
	}
	memcpy(block->bytes + block->used, text->bytes, text->len);
	text->bytes = block->bytes + block->used;
	block->used += text->len;
	return true;
}

static uint32_t
hash_value(const struct enrich_value *value)
{
	uint64_t	hash = UINT64_C(0xcbf29ce484222325) ^ value->as;

	for (int i = 0; i < ENRICH_NTEXTS; i++)
	{
		const uint8_t *bytes = value->texts[i].bytes;

		for (uint32_t j = 0; j < value->texts[i].len; j++)
			hash = (hash ^ bytes[j]) * UINT64_C(0x100000001b3);
		hash = (hash ^ 0xff) * UINT64_C(0x100000001b3);
	}
	return (uint32_t) (hash >> 32);
}

static bool
is_same(const struct enrich_value *a, const struct enrich_value *b)
{
	if (a->as != b->as)
		return false;
	for (int i = 0; i < ENRICH_NTEXTS; i++)
	{
		if (a->texts[i].len != b->texts[i].len ||
			(a->texts[i].len > 0 &&
			 memcmp(a->texts[i].bytes, b->texts[i].bytes, a->texts[i].len) != 0))
			return false;
	}
	return true;
}

/* Where the value is, or belongs. */
static uint32_t *
find_slot(struct enrich_table *table, const struct enrich_value *value)
{
	uint32_t	slot = hash_value(value) & (table->nslots - 1);

	while (table->slots[slot] != 0 &&
		   !is_same(&table->values[table->slots[slot] - 1], value))
		slot = (slot + 1) & (table->nslots - 1);
	return &table->slots[slot];
}

static bool
grow(struct enrich_table *table)
{
	uint32_t	room = table->nslots;	/* half of the new slots */
	struct enrich_value *values = realloc(table->values, room * sizeof(*values));
	uint32_t   *slots = calloc((size_t) room * 2, sizeof(*slots));

	if (values != NULL)
		table->values = values;
	if (values == NULL || slots == NULL)
	{
		free(slots);
		return false;
	}
	free(table->slots);
	table->slots = slots;
	table->nslots = room * 2;
	table->value_room = room;
	for (uint32_t i = 0; i < table->nvalues; i++)
		*find_slot(table, &table->values[i]) = i + 1;
	return true;
}

const char *
enrich_table_add(struct enrich_table *table, const struct flow_addr *prefix,
				 int len, const struct enrich_value *given)
{
	struct enrich_value value = *given;
	uint32_t   *slot;

	for (int i = 0; i < ENRICH_NTEXTS; i++)
		value.texts[i].len = (uint32_t) clean_length(&value.texts[i]);
	if (table->nvalues == table->value_room && !grow(table))
		return "is too large for the memory";
	slot = find_slot(table, &value);
	if (*slot == 0)
	{
		for (int i = 0; i < ENRICH_NTEXTS; i++)
		{
			if (!keep_text(table, &value.texts[i]))
				return "has too many different texts";
		}
		table->values[table->nvalues++] = value;
		*slot = table->nvalues;
	}
	return lpm_add(table->lpm, prefix, len, *slot - 1) ? NULL : "has too many networks";
}

bool
enrich_table_build(struct enrich_table *table)
{
	free(table->slots);
	table->slots = NULL;
	return lpm_build(table->lpm);
}

const struct enrich_value *
enrich_table_find(const struct enrich_table *table, const struct flow_addr *addr)
{
	uint32_t	value = lpm_find(table->lpm, addr);

	return value == LPM_NONE ? NULL : &table->values[value];
}

uint32_t
enrich_table_count(const struct enrich_table *table)
{
	return lpm_count(table->lpm);
}

int
enrich_parse_prefix(const char *text, struct flow_addr *prefix)
{
	char		addr[INET6_ADDRSTRLEN];
	size_t		addr_len = strcspn(text, "/");
	bool		is_ip4 = strchr(text, ':') == NULL;
	char	   *end;
	long		len;

	memset(prefix, 0, sizeof(*prefix));
	if (addr_len >= sizeof(addr))
		return -1;
	memcpy(addr, text, addr_len);
	addr[addr_len] = '\0';
	prefix->family = is_ip4 ? FLOW_FAMILY_IP4 : FLOW_FAMILY_IP6;
	if (inet_pton(is_ip4 ? AF_INET : AF_INET6, addr, prefix->bytes) != 1)
		return -1;
	if (text[addr_len] == '\0')
		return is_ip4 ? 32 : 128;
	if (text[addr_len + 1] < '0' || text[addr_len + 1] > '9')
		return -1;
	len = strtol(text + addr_len + 1, &end, 10);
	return *end == '\0' && len <= (is_ip4 ? 32 : 128) ? (int) len : -1;
}
