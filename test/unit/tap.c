/*-------------------------------------------------------------------------
 *
 * The harness of the unit tests.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <stdarg.h>

#include "tap.h"

typedef struct Piece
{
	struct Piece *next;
	size_t		size;
} Piece;

typedef struct Pieces
{
	FsArena		arena;
	Piece	   *first;
	size_t		used;
} Pieces;

static int	tests = 0;
static int	failures = 0;

bool
ok(bool is_ok, const char *fmt,...)
{
	va_list		args;

	printf("%sok %d - ", is_ok ? "" : "not ", ++tests);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	if (!is_ok)
		failures++;
	return is_ok;
}

static void
print_bytes(const char *what, const uint8 *bytes, size_t len)
{
	size_t		i;

	printf("# %s %zu:", what, len);
	for (i = 0; i < len && i < 200; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

bool
ok_bytes(const void *got, size_t got_len, const void *expected,
		 size_t expected_len, const char *name)
{
	bool		is_ok = got_len == expected_len && memcmp(got, expected, got_len) == 0;

	ok(is_ok, "%s", name);
	if (!is_ok)
	{
		print_bytes("got", got, got_len);
		print_bytes("expected", expected, expected_len);
	}
	return is_ok;
}

int
tap_done(void)
{
	printf("1..%d\n", tests);
	return failures == 0 ? 0 : 1;
}

static void *
allocate(FsArena *arena, size_t size)
{
	Pieces	   *pieces = (Pieces *) arena;
	Piece	   *piece = malloc(sizeof(Piece) + size);

	if (!piece)
	{
		fprintf(stderr, "out of memory for %zu bytes\n", size);
		exit(2);
	}
	piece->next = pieces->first;
	piece->size = size;
	pieces->first = piece;
	pieces->used += size;
	return piece + 1;
}

FsArena *
tap_arena(void)
{
	Pieces	   *pieces = calloc(1, sizeof(Pieces));

	pieces->arena.alloc = allocate;
	return &pieces->arena;
}

void
tap_arena_free(FsArena *arena)
{
	Pieces	   *pieces = (Pieces *) arena;

	while (pieces->first)
	{
		Piece	   *piece = pieces->first;

		pieces->first = piece->next;
		free(piece);
	}
	free(pieces);
}

size_t
tap_arena_used(FsArena *arena)
{
	return ((Pieces *) arena)->used;
}

uint64
tap_random(uint64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64CONST(2685821657736338717);
}

uint64
tap_below(uint64 *state, uint64 n)
{
	return (tap_random(state) >> 11) % n;
}
