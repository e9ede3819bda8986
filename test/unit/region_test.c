/*-------------------------------------------------------------------------
 *
 * Of a chunk that is fetched in pieces nothing is read that was not loaded,
 * and what is loaded is checked.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "convs.h"
#include "tap.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) memset((p), 0x5a, (n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void) (p), (void) (n))
#endif

#define NROWS	20000

typedef struct Source
{
	FsFetch		fetch;			/* first: callbacks get its address */
	uint8	   *bytes;
	FsArena    *arena;
	uint64		loaded;
	uint32		ncalls;
} Source;

static const uint8 *
get(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	FsArena    *arena = ((Source *) fetch)->arena;
	uint8	   *room = arena->alloc(arena, len + 16);

	ASAN_POISON_MEMORY_REGION(room, len);
	return room;
}

static bool
load(FsFetch *fetch, uint32 off, uint32 len, uint8 *dst, FsFault *fault)
{
	Source	   *source = (Source *) fetch;

	ASAN_UNPOISON_MEMORY_REGION(dst, len);
	memcpy(dst, source->bytes + off, len);
	source->loaded += len;
	source->ncalls++;
	return true;
}

typedef struct Fixture
{
	FsArena    *arena;
	MemDomains	domains;
	Convs	   *convs;
	Source		source;
	FsChunkHead *head;
	Source	   *used;			/* of the column opened last */
} Fixture;

static void
begin(Fixture *f, ConvsRule rule)
{
	FsFault		fault = {"", 0};
	uint32		head_len;
	uint32		version;
	uint32		len;

	f->arena = tap_arena();
	convs_domains(&f->domains, f->arena);
	f->convs = convs_make(rule, NROWS, &f->domains, f->arena);
	f->source.bytes = fs_chunk_encode_clustered(&f->convs->in, f->arena, &len, &fault);
	f->source.fetch.get = get;
	f->source.fetch.load = load;
	f->source.arena = f->arena;
	f->source.loaded = f->source.ncalls = 0;
	if (!fs_chunk_head_len(f->source.bytes, &head_len, &version, &fault))
		exit(2);
	f->head = fs_chunk_head_parse(f->source.bytes, head_len, f->arena, &fault);
}

/* The chunk lies in memory. */
static const uint8 *
get_whole(FsFetch *fetch, uint32 off, uint32 len, FsFault *fault)
{
	return ((Source *) fetch)->bytes + off;
}

/* A column, in pieces or with all bytes there. */
static FsColumnReader *
open_column(Fixture *f, int col, bool is_whole, FsFault *fault)
{
	Source	   *source = f->arena->alloc(f->arena, sizeof(Source));
	FsChunkReader *reader;

	*source = f->source;
	if (is_whole)
	{
		source->fetch.get = get_whole;
		source->fetch.load = NULL;
	}
	f->used = source;
	reader = fs_chunkreader_open(f->head, &source->fetch, &f->domains.source, f->arena);
	return fs_chunkreader_column(reader, f->convs->specs[col].id, fault);
}

/* Whether vector v of two readers is the same. */
static bool
is_same_vector(FsColumnReader *a, FsColumnReader *b, uint32 v)
{
	FsFault		fault = {"", 0};
	FsVector	x;
	FsVector	y;
	uint32		i;

	if (!fs_column_read(a, v, &x, &fault) || !fs_column_read(b, v, &y, &fault) || x.nrows != y.nrows)
		return false;
	for (i = 0; i < x.nrows; i++)
	{
		if (x.is_null[i] != y.is_null[i])
			return false;
		if (x.is_null[i])
			continue;
		if (x.ints ? x.ints[i] != y.ints[i] :
			x.codes ? x.codes[i] != y.codes[i] :
			x.addrs ? memcmp(&x.addrs[i], &y.addrs[i], sizeof(FsAddr)) != 0 :
			(x.lens[i] != y.lens[i] || memcmp(x.ptrs[i], y.ptrs[i], x.lens[i]) != 0))
			return false;
	}
	return true;
}

static bool
read_all(FsColumnReader *column, FsFault *fault)
{
	FsVector	vector;
	uint32		v;

	for (v = 0; v * FS_VECTOR_ROWS < NROWS; v++)
		if (!fs_column_read(column, v, &vector, fault))
			return false;
	return true;
}

/* Vectors in any order, of a reader in pieces and of one that has all bytes. */
static void
pieces_are_the_whole(ConvsRule rule, const char *name)
{
	Fixture		f;
	FsFault		fault = {"", 0};
	uint64		state = 5;
	bool		is_ok = true;
	int			col;
	int			i;

	begin(&f, rule);
	for (col = 0; col < CONV_NCOLS; col++)
	{
		FsColumnReader *pieces = open_column(&f, col, false, &fault);
		FsColumnReader *whole = open_column(&f, col, true, &fault);

		is_ok &= pieces && whole && read_all(whole, &fault);
		for (i = 0; i < 12 && is_ok; i++)
			is_ok &= is_same_vector(pieces, whole, tap_below(&state, NROWS / FS_VECTOR_ROWS + 1));
	}
	ok(is_ok, "%s: vectors in any order", name);
	tap_arena_free(f.arena);
}

static void
one_vector_is_cheap(void)
{
	Fixture		f;
	FsFault		fault = {"", 0};
	FsVector	vector;
	FsColumnReader *column;
	uint32		len;

	begin(&f, CONVS_USUAL);
	column = open_column(&f, CONV_RANDOM, false, &fault);
	len = fs_chunk_column(f.head, f.convs->specs[CONV_RANDOM].id)->len;
	ok(len > 8 * FS_REGION_PIECE && fs_column_read(column, 10, &vector, &fault) &&
	   f.used->loaded < len / 2, "a vector is read of a part of %u bytes", len);
	column = open_column(&f, CONV_RANDOM, false, &fault);
	ok(read_all(column, &fault) && f.used->ncalls <= 8,
	   "%u pieces that are read in order are fetched at few times", fs_region_pieces(len));
	tap_arena_free(f.arena);
}

/* Change bytes of a column, or of the frame; reading all tells. */
static bool
is_noticed(Fixture *f, int col, uint32 off, uint32 len)
{
	bool		is_ok = true;
	uint32		i;

	for (i = 0; i < len; i += i < 64 || i + 64 > len ? 1 : 509)
	{
		FsFault		fault = {"", 0};
		FsColumnReader *column;
		const uint8 *const *ptrs;
		const uint32 *lens;
		uint32		n;

		f->source.bytes[off + i] ^= 0x10;
		column = open_column(f, col, false, &fault);
		is_ok &= !column || !read_all(column, &fault) ||
			!fs_column_dict_bytes(column, &n, &ptrs, &lens, &fault);
		is_ok &= strstr(fault.reason, "checksum") != NULL;
		f->source.bytes[off + i] ^= 0x10;
	}
	return is_ok;
}

static void
all_bytes_are_checked(void)
{
	static const int cols[] = {CONV_TS, CONV_SRC, CONV_SPORT, CONV_NAME, CONV_LABEL, CONV_RANDOM};
	Fixture		f;
	FsColumnReader *column;
	FsFault		fault = {"", 0};
	FsVector	vector;
	const FsColumnMeta *meta;
	bool		is_ok = true;
	size_t		i;

	begin(&f, CONVS_USUAL);
	for (i = 0; i < lengthof(cols); i++)
	{
		meta = fs_chunk_column(f.head, f.convs->specs[cols[i]].id);
		is_ok &= is_noticed(&f, cols[i], meta->off, meta->len);
	}
	is_ok &= is_noticed(&f, CONV_SRC, f.head->total_len - f.head->frame_len, f.head->frame_len);
	ok(is_ok, "a changed byte fails a checksum");
	meta = fs_chunk_column(f.head, f.convs->specs[CONV_RANDOM].id);
	f.source.bytes[meta->off + meta->len - 1] ^= 1;
	column = open_column(&f, CONV_RANDOM, false, &fault);
	ok(fs_column_read(column, 0, &vector, &fault) &&
	   !fs_column_read(column, NROWS / FS_VECTOR_ROWS, &vector, &fault) &&
	   strstr(fault.reason, "checksum"), "of the vectors that it is in");
	tap_arena_free(f.arena);
}

int
main(void)
{
	pieces_are_the_whole(CONVS_USUAL, "pairs");
	pieces_are_the_whole(CONVS_SINGLE, "single rows");
	pieces_are_the_whole(CONVS_NO_HINTS, "no hints");
	pieces_are_the_whole(CONVS_ODD, "odd second rows");
	one_vector_is_cheap();
	all_bytes_are_checked();
	return tap_done();
}
