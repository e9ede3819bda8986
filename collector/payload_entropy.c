/*-------------------------------------------------------------------------
 *
 * How often each byte value occurs, and the entropy of that.
 *
 * One table has to wait for the last addition where a byte is repeated; four
 * tables in turn do not, and are worth their sum for payloads that are not
 * short.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "payload_entropy.h"

#define SHORT_LEN	512
#define PIECE_LEN	65536		/* what the tables take before they are added */

static void
add(uint32_t counts[256], uint8_t value, uint32_t n)
{
	uint32_t	sum = counts[value] + n;

	counts[value] = sum < INT32_MAX ? sum : INT32_MAX;
}

static void
count_piece(uint32_t counts[256], const uint8_t *bytes, size_t len)
{
	uint32_t	tables[4][256];
	size_t		i;

	memset(tables, 0, sizeof(tables));
	for (i = 0; i + 4 <= len; i += 4)
	{
		tables[0][bytes[i]]++;
		tables[1][bytes[i + 1]]++;
		tables[2][bytes[i + 2]]++;
		tables[3][bytes[i + 3]]++;
	}
	for (; i < len; i++)
		tables[0][bytes[i]]++;
	for (int value = 0; value < 256; value++)
		add(counts, (uint8_t) value, tables[0][value] + tables[1][value] +
			tables[2][value] + tables[3][value]);
}

void
payload_count_bytes(uint32_t counts[256], const uint8_t *bytes, size_t len)
{
	if (len < SHORT_LEN)
	{
		for (size_t i = 0; i < len; i++)
			add(counts, bytes[i], 1);
		return;
	}
	while (len > 0)
	{
		size_t		n = len < PIECE_LEN ? len : PIECE_LEN;

		count_piece(counts, bytes, n);
		bytes += n;
		len -= n;
	}
}

double
payload_entropy(const uint32_t counts[256])
{
	double		total = 0;
	double		sum = 0;

	for (int value = 0; value < 256; value++)
		total += counts[value];
	if (total == 0)
		return 0;
	for (int value = 0; value < 256; value++)
		if (counts[value] > 0)
			sum -= counts[value] * log2(counts[value] / total);
	return sum > 0 ? sum / total : 0;
}
