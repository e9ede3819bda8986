/*-------------------------------------------------------------------------
 *
 * Weaving conversations to rows gives what a plain loop gives, whatever the
 * flags and however many there are.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/layout.h"
#include "format/weave.h"
#include "tap.h"

#define N		FS_VECTOR_ROWS
#define ROUNDS	400
#define GUARD	UINT64CONST(0xa5a5a5a5a5a5a5a5)

static uint64 first[N];
static uint64 second[N];
static uint64 differences[N + 1];
static bool seconds[N];
static bool turn[N];
static uint64 expected[N];
static uint64 sums[N];
static uint64 rows64[N + FS_WEAVE_ROOM + 1];
static uint32 first32[N];
static uint32 second32[N];
static uint32 rows32[N + FS_WEAVE_ROOM];
static bool first_bools[N];
static bool second_bools[N];
static bool row_bools[N + FS_WEAVE_ROOM];

/* Make n conversations of at most N rows; density of 16 have a second. */
static uint32
make(uint32 n, uint32 density, bool is_turned, uint64 *state, FsWeave *weave)
{
	uint32		nrows = 0;
	uint32		nseconds = 0;
	uint32		c;

	for (c = 0; c < n; c++)
	{
		first[c] = tap_random(state);
		second[c] = tap_random(state);
		differences[c] = tap_random(state);
		first32[c] = (uint32) first[c];
		second32[c] = (uint32) second[c];
		first_bools[c] = first[c] & 1;
		second_bools[c] = second[c] & 1;
		turn[c] = tap_below(state, 2);
		seconds[c] = tap_below(state, 16) < density && nrows + (n - c) < N;
		nrows += 1 + seconds[c];
	}
	weave->n = n;
	weave->seconds = seconds;
	weave->turn = is_turned ? turn : NULL;
	nrows = 0;
	for (c = 0; c < n; c++)
	{
		bool		is_turn = is_turned && turn[c];

		sums[nrows] = first[c];
		expected[nrows++] = is_turn ? second[c] : first[c];
		if (!seconds[c])
			continue;
		sums[nrows] = first[c] + differences[nseconds++];
		expected[nrows++] = is_turn ? first[c] : second[c];
	}
	return nrows;
}

static bool
check(const FsWeave *weave, uint32 nrows)
{
	bool		is_ok = true;
	uint32		i;

	rows64[nrows + FS_WEAVE_ROOM] = GUARD;
	fs_weave64(weave, first, second, rows64);
	is_ok &= memcmp(rows64, expected, nrows * sizeof(uint64)) == 0;
	fs_weave_sums(weave, first, differences, rows64);
	is_ok &= memcmp(rows64, sums, nrows * sizeof(uint64)) == 0;
	fs_weave32(weave, first32, second32, rows32);
	fs_weave_bools(weave, first_bools, second_bools, row_bools);
	for (i = 0; i < nrows; i++)
		is_ok &= rows32[i] == (uint32) expected[i] && row_bools[i] == (expected[i] & 1);
	return is_ok && rows64[nrows + FS_WEAVE_ROOM] == GUARD;
}

int
main(void)
{
	uint64		state = 11;
	bool		is_ok[2] = {true, true};
	uint32		round;

	for (round = 0; round < ROUNDS; round++)
	{
		uint32		n = round < 20 ? round + 1 : 1 + tap_below(&state, N);
		bool		is_turned = round % 2;
		FsWeave		weave;
		uint32		nrows = make(n, tap_below(&state, 17), is_turned, &state, &weave);

		is_ok[is_turned] &= check(&weave, nrows);
	}
	ok(is_ok[0], "rows come in their order");
	ok(is_ok[1], "turned ones, too");
	return tap_done();
}
