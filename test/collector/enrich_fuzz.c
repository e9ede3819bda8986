/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a file of networks, or of interfaces, then a flow whose
 * addresses and interfaces are looked up.
 *
 * The first byte chooses the kind of file; the 4 behind it are the end of each
 * address, and the interface.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enrich.h"
#include "scan.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* It forgets a list when it refuses a file because of its description. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb";
}

static char folder[] = "/dev/shm/enrich-fuzz.XXXXXX";
static const char *const names[] = {"networks.csv", "networks.mmdb", "interfaces.csv"};

static void
path_of(int kind, char *path, size_t len)
{
	snprintf(path, len, "%s/%s", folder, names[kind]);
}

static void
remove_folder(void)
{
	char		path[64];

	for (int i = 0; i < 3; i++)
	{
		path_of(i, path, sizeof(path));
		(void) unlink(path);
	}
	(void) rmdir(folder);
}

static void
check_texts(const struct flow_extra *extra)
{
	for (int id = 0; id < FLOW_EXTRA_COUNT; id++)
	{
		const struct flow_bytes *text = &extra->values[id].text;

		if (flow_extra_has(extra, (enum flow_extra_id) id) &&
			(text->len == 0 || text->len > 255 || !scan_is_text(text->bytes, text->len)))
			abort();
	}
}

static void
look_up(const struct enrich *enrich, const uint8_t *tail)
{
	static const struct flow_addr addrs[] = {
		{FLOW_FAMILY_IP4, {10, 1}}, {FLOW_FAMILY_IP6, {0x20, 0x01, 0x0d, 0xb8}},
		{FLOW_FAMILY_IP4, {192, 0, 2}}, {FLOW_FAMILY_NONE, {0}}
	};

	for (int i = 0; i < 4; i++)
	{
		struct flow flow = {.key.src = addrs[i],.key.dst = addrs[(i + 1) % 4]};
		struct flow_extra extra;

		flow_extra_clear(&extra);
		memcpy(flow.key.src.bytes + 2, tail, 2);
		flow.key.dst.bytes[3] = tail[2];
		flow.exporter = addrs[2];
		flow.exporter.bytes[3] = 1;
		flow.in_if = tail[3];
		flow.out_if = 1;
		flow.present = 0;
		enrich_flow(enrich, &flow, &extra);
		check_texts(&extra);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_made;
	char		path[64];
	const char *const files[] = {path};
	struct enrich_options options = {.files = files};
	struct enrich *enrich;
	FILE	   *file;
	int			kind;

	if (size < 5)
		return 0;
	if (!is_made && (mkdtemp(folder) == NULL || atexit(remove_folder) != 0))
		abort();
	is_made = true;
	kind = data[0] % 3;
	path_of(kind, path, sizeof(path));
	file = fopen(path, "w");
	if (file == NULL || fwrite(data + 5, 1, size - 5, file) != size - 5 || fclose(file) != 0)
		abort();
	if (kind == 2)
		options.interfaces = path;
	else
		options.nfiles = 1;
	options.overrides = data[0] / 3 % 2 == 1;
	enrich = enrich_open(&options);
	if (enrich != NULL)
	{
		look_up(enrich, data + 1);
		if (!enrich_reload(enrich))
			abort();
		look_up(enrich, data + 1);
		enrich_close(enrich);
	}
	return 0;
}
