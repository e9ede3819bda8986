/*-------------------------------------------------------------------------
 *
 * The bytes of spool files.
 *
 * A file is a header and records; integers are big-endian.
 *
 *	  header	offset  size  meaning
 *				     0     8  "FLOWSPL\n"
 *				     8     4  version of the format, 1
 *				    12     4  number of the file
 *				    16    16  id of the spool
 *				    32     8  created, microseconds since 1970
 *				    40    20  0
 *				    60     4  CRC-32C of the 60 bytes before
 *
 *	  record	     0     4  CRC-32C of all that follows
 *				     4     4  len, of the body, SPOOL_SOURCE_LEN .. SPOOL_MAX_BODY
 *				     8     1  type
 *				     9     3  0
 *				    12    40  source
 *				    52     .  content, len - 40 bytes; of a gap: records and bytes
 *							  that are missing, 8 bytes each
 *
 *	  source	     0     8  received, microseconds since 1970
 *				     8    16  address; IPv4 in the first four bytes, the rest 0
 *				    24     1  family, 0, 4 or 6
 *				    25     1  flags, SPOOL_IS_*
 *				    26     2  port of the peer
 *				    28     2  our port
 *				    30     2  0
 *				    32     8  tag of a landing, landing.h, or 0
 *
 * Invalid: another magic or checksum, a version above SPOOL_VERSION, len out of
 * range, an unknown type or family.  Bytes that are 0 are not looked at.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SPOOL_FORMAT_H
#define COLLECTOR_SPOOL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define SPOOL_VERSION		1
#define SPOOL_HEADER_LEN	64
#define SPOOL_PREFIX_LEN	12
#define SPOOL_SOURCE_LEN	40
#define SPOOL_GAP_LEN		16
#define SPOOL_MAX_BODY		(128 * 1024)
#define SPOOL_MAX_CONTENT	(SPOOL_MAX_BODY - SPOOL_SOURCE_LEN)
#define SPOOL_ID_LEN		16

enum spool_type
{
	SPOOL_DATAGRAM = 1,			/* a datagram, or a message of a connection */
	SPOOL_FLOW = 2,				/* a packed row */
	SPOOL_LINES = 3,			/* whole lines of text */
	SPOOL_STREAM = 4,			/* a piece of a TCP connection */
	SPOOL_GAP = 5				/* here records are missing */
};

#define SPOOL_IS_TCP	0x01	/* the source is a connection */
#define SPOOL_IS_BEGIN	0x02	/* the first piece of a connection */
#define SPOOL_IS_END	0x04	/* the last one; may be empty */

struct spool_source
{
	int64_t		received_us;	/* since 1970 */
	struct flow_addr addr;		/* of the peer, or FLOW_FAMILY_NONE */
	uint8_t		flags;			/* SPOOL_IS_* */
	uint16_t	port;			/* of the peer */
	uint16_t	local_port;
	uint64_t	tag;			/* 0: none */
};

struct spool_record
{
	enum spool_type type;
	struct spool_source source;
	const uint8_t *bytes;		/* content, bytes[len]; none for a gap */
	size_t		len;			/* <= SPOOL_MAX_CONTENT */
	uint64_t	gap_records;	/* SPOOL_GAP: missing here; 0 if not known */
	uint64_t	gap_bytes;		/* of content, or of the file if not known */
	uint64_t	position;		/* set by the reader */
	uint64_t	end;			/* position of the next record */
};

struct spool_header
{
	uint32_t	version;
	uint32_t	number;
	uint8_t		id[SPOOL_ID_LEN];
	int64_t		created_us;
};

enum spool_parse
{
	SPOOL_PARSED,
	SPOOL_SHORT,				/* more bytes are needed */
	SPOOL_DAMAGED
};

/* What a record takes in a file. */
static inline size_t
spool_record_bytes(const struct spool_record *record)
{
	return SPOOL_PREFIX_LEN + SPOOL_SOURCE_LEN +
		(record->type == SPOOL_GAP ? SPOOL_GAP_LEN : record->len);
}

/* Write a record to dst[spool_record_bytes(record)]. */
extern void spool_encode(const struct spool_record *record, uint8_t *dst);

/*
 * Read the record at bytes[len].  *size is what it takes in the file, or, for
 * SPOOL_SHORT, how many bytes are needed at least.  record->bytes points into
 * bytes.
 */
extern enum spool_parse spool_decode(const uint8_t *bytes, size_t len,
									 struct spool_record *record, size_t *size);

/* dst[SPOOL_HEADER_LEN]; the version is SPOOL_VERSION. */
extern void spool_encode_header(const struct spool_header *header, uint8_t *dst);

/* A header of a version that is too new is not damaged: look at it. */
extern enum spool_parse spool_decode_header(const uint8_t *bytes, size_t len,
											struct spool_header *header);

#endif
