/*-------------------------------------------------------------------------
 *
 * If this goes, the first bytes of a connection are put in the wrong order,
 * and names in them are missed or made up.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "stream.h"
#include "tap.h"

static uint8_t text[STREAM_BYTES + 4096];

static void
make_text(void)
{
	uint32_t	x = 1;

	for (size_t i = 0; i < sizeof(text); i++)
	{
		x = x * 1664525 + 1013904223;
		text[i] = (uint8_t) (x >> 24);
	}
}

static bool
add(struct stream *stream, int64_t offset, size_t len)
{
	return stream_add(stream, offset, text + offset, len);
}

static bool
holds(const struct stream *stream, size_t len)
{
	return stream->len == len &&
		(len == 0 || memcmp(stream->bytes, text, len) == 0);
}

static void
test_order(void)
{
	struct stream stream = {0};

	ok(add(&stream, 100, 100) && holds(&stream, 0), "behind a gap");
	ok(add(&stream, 300, 100) && holds(&stream, 0), "behind two");
	ok(add(&stream, 0, 50) && holds(&stream, 50), "the beginning");
	ok(add(&stream, 50, 50) && holds(&stream, 200), "the first gap is filled");
	ok(add(&stream, 150, 200) && holds(&stream, 400),
	   "what overlaps both sides of the second fills it");
	ok(add(&stream, 0, 400) && holds(&stream, 400), "a retransmission");
	ok(add(&stream, 390, 20) && holds(&stream, 410), "and one with new bytes");
	stream_clear(&stream);
	ok(stream.len == 0 && !stream.has_base, "cleared");
}

static void
test_first_stays(void)
{
	struct stream stream = {0};
	uint8_t		other[200];

	memset(other, 'x', sizeof(other));
	ok(add(&stream, 50, 50), "a piece");
	ok(stream_add(&stream, 0, other, 150), "others around it");
	ok(stream.len == 150 && memcmp(stream.bytes + 50, text + 50, 50) == 0 &&
	   stream.bytes[49] == 'x' && stream.bytes[100] == 'x',
	   "of bytes that come twice the first ones stay");
	ok(stream_add(&stream, -50, other, 60) && stream.len == 150,
	   "what begins before the beginning");
	stream_clear(&stream);
}

static void
test_bounds(void)
{
	struct stream stream = {0};

	for (int i = 0; i < STREAM_GAPS; i++)
		ok(add(&stream, 100 + 20 * i, 10), "a piece behind a gap");
	ok(!add(&stream, 1000, 10), "one more is not kept");
	ok(add(&stream, 110, 10), "but one that joins two is");
	ok(add(&stream, 1000, 10), "and makes room for it");
	ok(add(&stream, 0, 1000) && holds(&stream, 1010), "all of it");
	ok(add(&stream, STREAM_BYTES - 10, 100) && stream.room == STREAM_BYTES,
	   "beyond the end nothing is kept");
	ok(add(&stream, 1000000000, 100) && holds(&stream, 1010), "nor far away");
	ok(add(&stream, 500, STREAM_BYTES) && holds(&stream, STREAM_BYTES),
	   "full");
	is((int64_t) stream_growth(&stream, 1 << 20), 0, "it does not grow then");
	stream_clear(&stream);
	is((int64_t) stream_growth(&stream, 1500), 2048, "by powers of two before");
	is((int64_t) stream_growth(&stream, -5), 0, "for nothing by nothing");
}

static void
test_sequence_numbers(void)
{
	struct stream stream = {0};

	is(stream_offset(&stream, 0xfffffff0), 0, "without a SYN it begins here");
	is(stream_offset(&stream, 0x10), 0x20, "numbers wrap");
	is(stream_offset(&stream, 0xffffffef), -1, "one before");
	stream_clear(&stream);
	stream_syn(&stream, 0xffffffff);
	is(stream_offset(&stream, 0), 0, "it begins behind the SYN");
	ok(add(&stream, 0, 10), "bytes");
	stream_syn(&stream, 0xffffffff);
	is(stream.len, 10, "the SYN again changes nothing");
	stream_syn(&stream, 5);
	is(stream.len, 0, "another one begins anew");
	stream_clear(&stream);
}

/* Random pieces in random order, against a map of what has come. */
static void
test_random(void)
{
	bool		is_good = true;
	uint32_t	x = 7;

	for (int round = 0; round < 300; round++)
	{
		struct stream stream = {0};
		static bool has[STREAM_BYTES + 1];
		size_t		prefix = 0;

		memset(has, 0, sizeof(has));
		while (prefix < 3000)
		{
			size_t		begin;
			size_t		len;

			x = x * 1664525 + 1013904223;
			begin = (x >> 8) % 3000;
			len = 1 + (x >> 20) % 400;
			if (add(&stream, (int64_t) begin, len))
				memset(has + begin, true, len);
			while (has[prefix])
				prefix++;
			is_good = is_good && holds(&stream, prefix);
		}
		stream_clear(&stream);
	}
	ok(is_good, "the prefix is what has come without a gap");
}

int
main(void)
{
	make_text();
	test_order();
	test_first_stays();
	test_bounds();
	test_sequence_numbers();
	test_random();
	return tap_failed;
}
