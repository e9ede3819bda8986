/*-------------------------------------------------------------------------
 *
 * pcapng files.
 *
 *	  block		type (4), length (4), body, length again (4); the length is
 *				that of all, a multiple of 4; the order of bytes is that of
 *				the section
 *	  section	0x0a0d0d0a: magic 0x1a2b3c4d (4), version, length, options
 *	  interface	1: link type (2), reserved (2), capture length (4), options
 *	  packet	6: interface (4), time (4 + 4, high part first), captured (4),
 *				on the wire (4), frame
 *				2, obsolete: interface (2), drops (2), the rest as in 6
 *				3: on the wire (4), frame; of the first interface, whose
 *				capture length says where padding begins.  It has no time;
 *				we give it that of the packet before
 *
 * Times count units of the interface: option 9 gives 10^-n, or 2^-n with the
 * upper bit set, microseconds without it; option 14 is an offset in seconds.
 *
 * Source: draft-ietf-opsawg-pcapng.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "decode_link.h"
#include "input_pcapng.h"
#include "log.h"

#define BLOCK_SECTION		0x0a0d0d0a
#define BLOCK_INTERFACE		1
#define BLOCK_PACKET_OLD	2
#define BLOCK_PACKET_SIMPLE	3
#define BLOCK_PACKET		6
#define MAGIC				0x1a2b3c4d
#define OPTION_RESOLUTION	9
#define OPTION_OFFSET		14

/* 9999-12-31 */
#define MAX_SECONDS			INT64_C(253402300799)

struct interface
{
	uint64_t	units;			/* of time in a second */
	int64_t		offset_s;
	uint16_t	link_type;
	bool		is_supported;
	uint32_t	snaplen;		/* 0: no limit */
};

struct pcapng
{
	struct counters *counters;
	FILE	   *file;
	const char *path;
	bool		is_swapped;		/* the section is of the other byte order */
	bool		has_section;
	uint64_t	nframes;
	uint64_t	nignored;
	int64_t		last_us;		/* of the last packet with a time, or 0 */
	size_t		ninterfaces;
	struct interface *interfaces;
	uint32_t	type;			/* of the block just read */
	size_t		len;			/* of its body */
	size_t		capacity;
	uint8_t    *body;
};

_Static_assert(sizeof(struct interface) == 24, "the bound in the header");

bool
input_pcapng_probe(FILE *file)
{
	uint8_t		bytes[4];
	size_t		n = fread(bytes, 1, sizeof(bytes), file);

	/* what was just read from the buffer goes back into it, also of a pipe */
	for (size_t i = n; i > 0; i--)
		(void) ungetc(bytes[i - 1], file);
	return n == 4 && memcmp(bytes, "\x0a\x0d\x0d\x0a", 4) == 0;
}

struct pcapng *
input_pcapng_open(FILE *file, const char *path, struct counters *counters)
{
	struct pcapng *ng = calloc(1, sizeof(*ng));

	if (ng == NULL)
		return NULL;
	ng->file = file;
	ng->path = path;
	ng->counters = counters;
	return ng;
}

void
input_pcapng_close(struct pcapng *ng)
{
	free(ng->interfaces);
	free(ng->body);
	free(ng);
}

static uint16_t
get16(const struct pcapng *ng, const uint8_t *p)
{
	uint16_t	n;

	memcpy(&n, p, sizeof(n));
	return ng->is_swapped ? __builtin_bswap16(n) : n;
}

static uint32_t
get32(const struct pcapng *ng, const uint8_t *p)
{
	uint32_t	n;

	memcpy(&n, p, sizeof(n));
	return ng->is_swapped ? __builtin_bswap32(n) : n;
}

static enum capture_result
damaged(const struct pcapng *ng, const char *reason)
{
	log_warnx("could not read capture file \"%s\": %s", ng->path, reason);
	return CAPTURE_FAILED;
}

static enum capture_result
end_of_file(const struct pcapng *ng, bool is_cut)
{
	if (ferror(ng->file))
		return damaged(ng, "read error");
	if (is_cut)
		log_warnx("capture file \"%s\" ends within a block", ng->path);
	if (ng->nframes == 0 && ng->nignored > 0)
		return CAPTURE_FAILED;	/* the reason has been logged */
	return CAPTURE_END;
}

static bool
reserve(struct pcapng *ng, size_t len)
{
	uint8_t    *body;

	if (len <= ng->capacity)
		return true;
	body = realloc(ng->body, len);
	if (body == NULL)
		return false;
	ng->body = body;
	ng->capacity = len;
	return true;
}

/*
 * Read the next block into type, len and body.  CAPTURE_FRAME stands for
 * success.
 */
static enum capture_result
read_block(struct pcapng *ng)
{
	uint8_t		head[12];
	size_t		extra = 0;
	size_t		n = fread(head, 1, 8, ng->file);
	uint32_t	len;

	if (n < 8)
		return end_of_file(ng, n > 0);
	memcpy(&ng->type, head, 4);
	if (ng->type == BLOCK_SECTION)
	{
		/* its magic tells the byte order of its own length */
		extra = 4;
		if (fread(head + 8, 1, 4, ng->file) < 4)
			return end_of_file(ng, true);
		ng->is_swapped = false;
		ng->is_swapped = get32(ng, head + 8) != MAGIC;
		if (get32(ng, head + 8) != MAGIC)
			return damaged(ng, "section without magic number");
	}
	else if (!ng->has_section)
		return damaged(ng, "no section header");
	ng->type = get32(ng, head);
	len = get32(ng, head + 4);
	if (len < 12 + extra || len % 4 != 0 || len > PCAPNG_MAX_BLOCK)
		return damaged(ng, "invalid block length");
	ng->len = len - 12;
	if (!reserve(ng, ng->len + 4))
		return damaged(ng, "out of memory");
	memcpy(ng->body, head + 8, extra);
	if (fread(ng->body + extra, 1, ng->len + 4 - extra, ng->file) <
		ng->len + 4 - extra)
		return end_of_file(ng, true);
	if (get32(ng, ng->body + ng->len) != len)
		return damaged(ng, "block lengths differ");
	return CAPTURE_FRAME;
}

static void
read_option(const struct pcapng *ng, struct interface *interface,
			uint16_t code, const uint8_t *value, uint16_t len)
{
	if (code == OPTION_RESOLUTION && len == 1)
	{
		int			n = value[0] & 0x7f;

		if (value[0] & 0x80)
			interface->units = n < 64 ? UINT64_C(1) << n : 0;
		else
		{
			interface->units = n < 20 ? 1 : 0;
			while (n-- > 0 && interface->units > 0)
				interface->units *= 10;
		}
	}
	if (code == OPTION_OFFSET && len == 8)
	{
		uint64_t	offset;

		memcpy(&offset, value, sizeof(offset));
		interface->offset_s = (int64_t) (ng->is_swapped ?
										 __builtin_bswap64(offset) : offset);
	}
}

static bool
add_interface(struct pcapng *ng)
{
	struct interface *interfaces;
	struct interface *new;
	size_t		off = 8;

	if (ng->len < 8 || ng->ninterfaces == PCAPNG_MAX_INTERFACES)
		return false;
	interfaces = realloc(ng->interfaces,
						 (ng->ninterfaces + 1) * sizeof(*interfaces));
	if (interfaces == NULL)
		return false;
	ng->interfaces = interfaces;
	new = &interfaces[ng->ninterfaces++];
	*new = (struct interface) {
		.link_type = get16(ng, ng->body),.units = 1000000,
		.snaplen = get32(ng, ng->body + 4)
	};
	while (off + 4 <= ng->len)
	{
		uint16_t	code = get16(ng, ng->body + off);
		uint16_t	len = get16(ng, ng->body + off + 2);

		off += 4;
		if (code == 0 || len > ng->len - off)
			break;
		read_option(ng, new, code, ng->body + off, len);
		off += ((size_t) len + 3) & ~(size_t) 3;
	}
	new->is_supported = decode_link_supported(input_pcap_dlt(new->link_type));
	if (!new->is_supported)
		log_warnx("link type %u of interface %zu of capture file \"%s\" "
				  "is not supported", new->link_type, ng->ninterfaces - 1,
				  ng->path);
	return true;
}

static void
set_time(struct pcapng *ng, const struct interface *interface, uint64_t units,
		 struct frame *frame)
{
	__int128	ns;

	if (interface->units == 0)
		ns = -1;
	else
		ns = (__int128) units * 1000000000 / interface->units +
			(__int128) interface->offset_s * 1000000000;
	if (ns < 0 || ns / 1000 > (__int128) MAX_SECONDS * 1000000)
	{
		ng->counters->implausible_times++;
		ns = ns < 0 ? 0 : (__int128) MAX_SECONDS * 1000000000;
	}
	frame->time_us = (int64_t) (ns / 1000);
	frame->time_ns = (uint16_t) (ns % 1000);
}

static void
read_simple(const struct pcapng *ng, const struct interface *interface,
			struct frame *frame)
{
	frame->caplen = ng->len - 4;
	if (frame->caplen > frame->wirelen)
		frame->caplen = frame->wirelen;
	if (interface->snaplen != 0 && frame->caplen > interface->snaplen)
		frame->caplen = interface->snaplen;
	frame->time_us = ng->last_us;
	frame->time_ns = 0;
}

/* Returns false if the block contradicts itself. */
static bool
read_packet(struct pcapng *ng, struct frame *frame,
			const struct interface **interface)
{
	const uint8_t *p = ng->body;
	size_t		header_len = ng->type == BLOCK_PACKET_SIMPLE ? 4 : 20;
	size_t		index = 0;

	if (ng->len < header_len)
		return false;
	if (ng->type != BLOCK_PACKET_SIMPLE)
		index = ng->type == BLOCK_PACKET ? get32(ng, p) : get16(ng, p);
	if (index >= ng->ninterfaces)
		return false;
	*interface = &ng->interfaces[index];
	frame->dlt = input_pcap_dlt((*interface)->link_type);
	frame->bytes = p + header_len;
	frame->wirelen = get32(ng, p + header_len - 4);
	if (ng->type == BLOCK_PACKET_SIMPLE)
	{
		read_simple(ng, *interface, frame);
		return true;
	}
	frame->caplen = get32(ng, p + 12);
	set_time(ng, *interface, (uint64_t) get32(ng, p + 4) << 32 | get32(ng, p + 8), frame);
	ng->last_us = frame->time_us;
	return frame->caplen <= ng->len - header_len;
}

enum capture_result
input_pcapng_read(struct pcapng *ng, struct frame *frame)
{
	const struct interface *interface;

	for (;;)
	{
		enum capture_result result = read_block(ng);

		if (result != CAPTURE_FRAME)
			return result;
		switch (ng->type)
		{
			case BLOCK_SECTION:
				ng->has_section = true;
				ng->ninterfaces = 0;
				break;
			case BLOCK_INTERFACE:
				if (!add_interface(ng))
					return damaged(ng, "invalid interface block");
				break;
			case BLOCK_PACKET:
			case BLOCK_PACKET_OLD:
			case BLOCK_PACKET_SIMPLE:
				if (!read_packet(ng, frame, &interface))
					return damaged(ng, "invalid packet block");
				if (interface->is_supported)
				{
					ng->nframes++;
					return CAPTURE_FRAME;
				}
				ng->nignored++;
				ng->counters->unsupported_link_packets++;
				break;
			default:			/* statistics, names, secrets, ... */
				break;
		}
	}
}
