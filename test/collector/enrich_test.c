/*-------------------------------------------------------------------------
 *
 * If this goes, flows may get names of networks they do not belong to, or a
 * broken file may take the good tables away.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "enrich.h"
#include "enrich_table.h"
#include "tap.h"
#include "web_buffer.h"

static char dir[4096];

static const char *
write_file(const char *name, const void *bytes, size_t len)
{
	static char paths[32][4200];
	static int	next;
	char	   *path = paths[next++ % 32];
	FILE	   *file;

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
		exit(2);
	return path;
}

static const char *
write_text(const char *name, const char *text)
{
	return write_file(name, text, strlen(text));
}

static struct flow_addr
addr(const char *text)
{
	struct flow_addr parsed;

	if (enrich_parse_prefix(text, &parsed) < 0)
		exit(2);
	return parsed;
}

static struct flow flow;
static struct flow_extra extra;

static void
enrich_pair(const struct enrich *enrich, const char *src, const char *dst)
{
	memset(&flow, 0, sizeof(flow));
	flow_extra_clear(&extra);
	flow.key.src = addr(src);
	flow.key.dst = addr(dst);
	enrich_flow(enrich, &flow, &extra);
}

static bool
has(enum flow_extra_id id, const char *text)
{
	const struct flow_bytes *value = &extra.values[id].text;

	if (text == NULL || !flow_extra_has(&extra, id))
		return text == NULL && !flow_extra_has(&extra, id);
	return value->len == strlen(text) && memcmp(value->bytes, text, value->len) == 0;
}

static const char networks[] = "prefix,asn,as_name,country,unused\n"
"10.0.0.0/8,64500,\"Ten, all\",DE,x\n10.1.0.0/16,AS64501,,FR,x\n2001:db8::/32,64502,Docs,,\n";

static void
check_csv(void)
{
	const char *files[2] = {write_text("nets.csv", networks),
	write_text("names.csv", "network,net\n10.0.0.0/9,lower half\n192.0.2.1,one host\n")};
	struct enrich_options options = {
		.files = files,.nfiles = 2,
		.interfaces = write_text("if.csv", "exporter,if_index,name\n192.0.2.9,3,Gi0/3\n2001:db8::9,3,ge-3\n")
	};
	struct enrich *enrich = enrich_open(&options);

	enrich_pair(enrich, "10.1.2.3", "2001:db8::1");
	ok(flow.src_as == 64501 && flow.dst_as == 64502 &&
	   flow.present == (FLOW_HAS_SRC_AS | FLOW_HAS_DST_AS), "AS numbers");
	ok(has(FLOW_SRC_COUNTRY, "FR") && has(FLOW_DST_COUNTRY, NULL), "countries");
	ok(has(FLOW_SRC_AS_NAME, NULL) && has(FLOW_DST_AS_NAME, "Docs"), "AS names");
	ok(has(FLOW_SRC_NET, "lower half") && has(FLOW_DST_NET, NULL), "networks of another file");
	ok(flow.extra == &extra, "the flow has them");
	enrich_pair(enrich, "192.0.2.1", "192.0.2.2");
	ok(flow.present == 0 && has(FLOW_SRC_NET, "one host") && has(FLOW_DST_NET, NULL), "one host");
	enrich_pair(enrich, "192.0.2.3", "192.0.2.2");
	ok(flow.extra == NULL, "nothing known");

	flow.key.src = addr("10.9.9.9");
	flow.src_as = 1;
	flow.in_if = flow.out_if = 3;
	flow.present = FLOW_HAS_SRC_AS | FLOW_HAS_IN_IF;
	flow.exporter = addr("192.0.2.9");
	flow_extra_put_text(&extra, FLOW_SRC_COUNTRY, "XX", 2);
	enrich_flow(enrich, &flow, &extra);
	ok(flow.src_as == 1 && has(FLOW_SRC_COUNTRY, "XX"), "what is there stays");
	ok(has(FLOW_SRC_AS_NAME, "Ten, all"), "what is absent is added");
	ok(has(FLOW_IN_IF_NAME, "Gi0/3") && has(FLOW_OUT_IF_NAME, NULL), "interface names");
	write_text("nets.csv", "prefix,asn\n10.0.0.0/8,7\n");
	ok(enrich_reload(enrich), "reload");
	ok(has(FLOW_SRC_AS_NAME, "Ten, all"), "texts of the old tables are still good");
	enrich_pair(enrich, "10.1.2.3", "10.0.0.1");
	ok(flow.src_as == 7 && has(FLOW_SRC_COUNTRY, NULL), "new tables");
	write_text("nets.csv", "prefix,asn\n10.0.0.0/8,8\n10.0.0.0/33,9\n");
	ok(!enrich_reload(enrich), "a broken file");
	enrich_pair(enrich, "10.1.2.3", "10.0.0.1");
	is(flow.src_as, 7, "keeps the old tables");
	write_text("if.csv", "exporter,name\n");
	write_text("nets.csv", networks);
	ok(!enrich_reload(enrich), "a file that lacks a column");
	enrich_close(enrich);
	ok(enrich_open(&options) == NULL, "broken at start");
	write_text("if.csv", "exporter,if_index,name\n");
	options.overrides = true;
	enrich = enrich_open(&options);
	flow.key.src = addr("10.9.9.9");
	flow.src_as = 1;
	enrich_flow(enrich, &flow, &extra);
	is(flow.src_as, 64500, "override");
	enrich_close(enrich);
}

/* A MaxMind DB of a few networks: nodes of two records, 24 bits each. */
#define MAX_NODES	400

static struct
{
	int			children[MAX_NODES][2]; /* node, 0: nothing, -1 - n: data n */
	int			nnodes;
}			tree = {.nnodes = 1};

static void
add_network(const char *prefix_text, int data)
{
	struct flow_addr prefix;
	int			len = enrich_parse_prefix(prefix_text, &prefix);
	uint8_t		bytes[16] = {0};
	int			node = 0;

	if (prefix.family == FLOW_FAMILY_IP4)
	{
		memcpy(bytes + 12, prefix.bytes, 4);
		len += 96;
	}
	else
		memcpy(bytes, prefix.bytes, 16);
	for (int bit = 0; bit < len; bit++)
	{
		int		   *child = &tree.children[node][bytes[bit / 8] >> (7 - bit % 8) & 1];

		if (bit == len - 1)
			*child = -1 - data;
		else if (*child <= 0)
			*child = tree.nnodes++;
		node = *child;
	}
}

static void
put_key(struct web_buffer *out, const char *key)
{
	size_t		len = strlen(key);

	if (len < 29)
		web_buffer_print(out, "%c%s", (int) (0x40 | len), key);
	else
	{
		uint8_t		head[2] = {0x5d, (uint8_t) (len - 29)};

		web_buffer_put(out, head, 2);
		web_buffer_text(out, key);
	}
}

/* An unsigned integer of n bytes, of a type that has its own number. */
static void
put_number(struct web_buffer *out, int type, int n, uint32_t value)
{
	uint8_t		bytes[6] = {(uint8_t) (type << 5 | n)};
	int			pos = 1;

	if (type > 7)
	{
		bytes[0] = (uint8_t) n;
		bytes[pos++] = (uint8_t) (type - 7);
	}
	for (int i = n - 1; i >= 0; i--)
		bytes[pos++] = (uint8_t) (value >> (8 * i));
	web_buffer_put(out, bytes, (size_t) pos);
}

static void
put_metadata(struct web_buffer *out)
{
	web_buffer_text(out, "\xab\xcd\xef" "MaxMind.com");
	web_buffer_text(out, "\xe9");
	put_key(out, "binary_format_major_version");
	put_number(out, 5, 2, 2);
	put_key(out, "binary_format_minor_version");
	put_number(out, 5, 2, 0);
	put_key(out, "build_epoch");
	put_number(out, 9, 4, 1);
	put_key(out, "database_type");
	put_key(out, "Test");
	put_key(out, "description");
	web_buffer_put(out, "\xe0", 1);
	put_key(out, "ip_version");
	put_number(out, 5, 2, 6);
	put_key(out, "languages");
	web_buffer_put(out, "\0\x04", 2);
	put_key(out, "node_count");
	put_number(out, 6, 4, (uint32_t) tree.nnodes);
	put_key(out, "record_size");
	put_number(out, 5, 2, 24);
}

static size_t
put_database(struct web_buffer *out)
{
	struct web_buffer data = {.max = 4096};
	size_t		offsets[2];

	offsets[0] = data.len;
	web_buffer_text(&data, "\xe3");
	put_key(&data, "autonomous_system_number");
	put_number(&data, 6, 4, 64510);
	put_key(&data, "autonomous_system_organization");
	put_key(&data, "Org One");
	put_key(&data, "country");
	web_buffer_text(&data, "\xe1");
	put_key(&data, "iso_code");
	put_key(&data, "CH");
	offsets[1] = data.len;
	web_buffer_text(&data, "\xe1");
	put_key(&data, "autonomous_system_number");
	put_number(&data, 6, 1, 9);
	for (int node = 0; node < tree.nnodes; node++)
	{
		for (int side = 0; side < 2; side++)
		{
			int			child = tree.children[node][side];
			uint32_t	record = child > 0 ? (uint32_t) child : child == 0 ?
				(uint32_t) tree.nnodes : (uint32_t) tree.nnodes + 16 +
				(uint32_t) offsets[-1 - child];
			uint8_t		bytes[3] = {(uint8_t) (record >> 16), (uint8_t) (record >> 8), (uint8_t) record};

			web_buffer_put(out, bytes, 3);
		}
	}
	web_buffer_put(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	web_buffer_put(out, data.bytes, data.len);
	web_buffer_free(&data);
	put_metadata(out);
	return out->len;
}

static void
check_maxmind(void)
{
	struct web_buffer out = {.max = 65536};
	const char *files[1];
	struct enrich_options options = {.files = files,.nfiles = 1};
	struct enrich *enrich;

	add_network("192.0.2.0/24", 0);
	add_network("198.51.100.0/25", 1);
	add_network("2001:db8::/32", 1);
	put_database(&out);
	files[0] = write_file("test.mmdb", out.bytes, out.len);
	enrich = enrich_open(&options);
	ok(enrich != NULL, "a MaxMind DB");
	enrich_pair(enrich, "192.0.2.77", "198.51.100.127");
	ok(flow.src_as == 64510 && flow.dst_as == 9, "IPv4 networks of it");
	ok(has(FLOW_SRC_AS_NAME, "Org One") && has(FLOW_SRC_COUNTRY, "CH") &&
	   has(FLOW_DST_COUNTRY, NULL), "and their texts");
	enrich_pair(enrich, "2001:db8:1::1", "198.51.100.128");
	ok(flow.src_as == 9 && (flow.present & FLOW_HAS_DST_AS) == 0, "IPv6 networks");
	write_file("test.mmdb", out.bytes, out.len / 2);
	ok(!enrich_reload(enrich), "half of it");
	enrich_close(enrich);
	web_buffer_free(&out);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	snprintf(dir, sizeof(dir), "%s", argv[1]);
	check_csv();
	check_maxmind();
	return tap_failed;
}
