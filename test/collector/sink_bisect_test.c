/*-------------------------------------------------------------------------
 *
 * If this goes, one row that the server refuses may take good ones with it,
 * or a batch may be sent for ever; or a silent host may hide the others.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "sink_bisect.h"
#include "sink_hosts.h"
#include "tap.h"

#define MAX_ROWS 50000

static bool is_bad[MAX_ROWS];
static int	nwritten[MAX_ROWS];
static int	nrejected[MAX_ROWS];

/* Returns the number of refusals, or -1 if the search does not go forward. */
static int
search(size_t begin, size_t end)
{
	struct bisect b;
	int			nrefused = 0;

	memset(nwritten, 0, sizeof(nwritten));
	memset(nrejected, 0, sizeof(nrejected));
	bisect_begin(&b, begin, end);
	for (int i = 0; b.from < b.end; i++)
	{
		size_t		from = b.from;
		size_t		n = b.nrows;
		bool		has_bad = false;

		if (n == 0 || n > b.end - from || i > 4 * MAX_ROWS)
			return -1;
		for (size_t row = from; row < from + n; row++)
			has_bad |= is_bad[row];
		if (has_bad)
		{
			nrefused++;
			n = bisect_refused(&b);
		}
		else
			bisect_accepted(&b);
		for (size_t row = from; row < from + n; row++)
			(has_bad ? nrejected : nwritten)[row]++;
	}
	return nrefused;
}

/* Rows that were not settled once, as they should be. */
static int
count_wrong(size_t begin, size_t end)
{
	int			nwrong = 0;

	for (size_t row = 0; row < MAX_ROWS; row++)
	{
		bool		is_in = row >= begin && row < end;

		nwrong += nwritten[row] != (is_in && !is_bad[row]) ||
			nrejected[row] != (is_in && is_bad[row]);
	}
	return nwrong;
}

static void
test_small(void)
{
	int			nwrong = 0;

	for (size_t n = 1; n <= 9; n++)
	{
		for (unsigned bits = 0; bits < 1u << n; bits++)
		{
			for (size_t row = 0; row < n; row++)
				is_bad[3 + row] = bits >> row & 1;
			nwrong += search(3, 3 + n) < 0 || count_wrong(3, 3 + n) > 0;
		}
	}
	memset(is_bad, 0, sizeof(is_bad));
	is(nwrong, 0, "each combination of bad rows in batches of 1 .. 9");
}

static void
test_large(void)
{
	int			nsettled = 0;
	int			nrefused;

	is_bad[33333] = true;
	ok(search(0, MAX_ROWS) <= 18, "one bad row is found in 18 refusals");
	is(count_wrong(0, MAX_ROWS), 0, "and alone rejected");
	for (size_t row = 0; row < MAX_ROWS; row++)
		is_bad[row] = true;
	nrefused = search(0, MAX_ROWS);
	ok(nrefused >= BISECT_MAX_REFUSED && nrefused <= BISECT_MAX_REFUSED + 18,
	   "the search is bounded");
	for (size_t row = 0; row < MAX_ROWS; row++)
		nsettled += nrejected[row] == 1 && nwritten[row] == 0;
	is(nsettled, MAX_ROWS, "and all rows are counted");
}

static void
test_hosts(void)
{
	char		list[] = "a,bb,,dddd";
	char		one[] = "a";

	is(hosts_count(list), 4, "four hosts");
	is(hosts_find(list, "", "bb", "5432"), 1, "the second one");
	is(hosts_find("a,a,a", "1,2,3", "a", "3"), 2, "found by its port");
	is(hosts_find("a,b", "7", "b", "7"), 1, "one port for all");
	is(hosts_find(list, "", "b", "5432"), -1, "none has that name");
	hosts_rotate(list, 1);
	ok(strcmp(list, "bb,,dddd,a") == 0, "rotated by one");
	hosts_rotate(list, 3);
	ok(strcmp(list, "a,bb,,dddd") == 0, "and back");
	hosts_rotate(one, 3);
	ok(strcmp(one, "a") == 0, "a list of one stays");
}

int
main(void)
{
	test_small();
	test_large();
	test_hosts();
	return tap_failed;
}
