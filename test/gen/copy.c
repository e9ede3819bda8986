/*-------------------------------------------------------------------------
 *
 * The time of day is formatted once for each second, octets of addresses
 * come from a table; the rest is plain.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "copy.h"

#define PG_EPOCH_MS		INT64_C(946684800000)	/* 2000-01-01 */
#define FAMILY_INET4	2		/* in binary inet */
#define FAMILY_INET6	3

static void
put_be(struct copy *copy, uint64_t x, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*copy->at++ = (char) (x >> (8 * i));
}

static char *
put_digits(char *at, uint64_t x)
{
	char		digits[20];
	int			n = 0;

	do
		digits[n++] = (char) ('0' + x % 10);
	while ((x /= 10) > 0);
	while (n > 0)
		*at++ = digits[--n];
	return at;
}

static void
flush(struct copy *copy)
{
	size_t		len = (size_t) (copy->at - copy->buffer);

	if (fwrite(copy->buffer, 1, len, copy->file) != len)
		copy->has_failed = true;
	copy->at = copy->buffer;
}

void
copy_begin(struct copy *copy, FILE *file, bool is_binary)
{
	memset(copy, 0, sizeof(*copy));
	copy->file = file;
	copy->is_binary = is_binary;
	copy->second = -1;
	copy->at = copy->buffer;
	for (unsigned i = 0; i < 256; i++)
		copy->octet_len[i] = (uint8_t) (put_digits(copy->octet_text[i], i) -
										copy->octet_text[i]);
	if (is_binary)
	{
		memcpy(copy->at, "PGCOPY\n\377\r\n\0", 11);
		copy->at += 11;
		put_be(copy, 0, 8);
	}
}

void
copy_row_begin(struct copy *copy, int ncolumns)
{
	if (copy->is_binary)
		put_be(copy, (uint64_t) ncolumns, 2);
}

void
copy_next_column(struct copy *copy)
{
	if (!copy->is_binary)
		*copy->at++ = '\t';
}

void
copy_row_end(struct copy *copy)
{
	if (!copy->is_binary)
		*copy->at++ = '\n';
	if (copy->at >= copy->buffer + COPY_BUFFER_BYTES - COPY_ROW_MAX_BYTES)
		flush(copy);
}

void
copy_int(struct copy *copy, uint64_t x, int bytes)
{
	if (copy->is_binary)
	{
		put_be(copy, (uint64_t) bytes, 4);
		put_be(copy, x, bytes);
	}
	else
		copy->at = put_digits(copy->at, x);
}

void
copy_null(struct copy *copy)
{
	if (copy->is_binary)
		put_be(copy, UINT32_MAX, 4);
	else
	{
		*copy->at++ = '\\';
		*copy->at++ = 'N';
	}
}

char *
copy_text_begin(struct copy *copy)
{
	return copy->at + (copy->is_binary ? 4 : 0);
}

void
copy_text_end(struct copy *copy, int len)
{
	if (copy->is_binary)
		put_be(copy, (uint64_t) len, 4);
	copy->at += len;
}

void
copy_text(struct copy *copy, const char *text)
{
	int			len = (int) strlen(text);

	memcpy(copy_text_begin(copy), text, (size_t) len);
	copy_text_end(copy, len);
}

/* seconds since 1970 to a date (Hinnant, "chrono-compatible low-level date algorithms") */
static void
set_second(struct copy *copy, int64_t second)
{
	int64_t		z = second / 86400 + 719468;
	int64_t		era = z / 146097;
	int			doe = (int) (z - era * 146097);
	int			yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int			doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int			mp = (5 * doy + 2) / 153;
	int			month = mp < 10 ? mp + 3 : mp - 9;
	int			year = (int) (yoe + era * 400) + (month <= 2);
	int			time = (int) (second % 86400);

	snprintf(copy->second_text, sizeof(copy->second_text), "%04u-%02u-%02u %02u:%02u:%02u",
			 (unsigned) year % 10000, (unsigned) month % 100,
			 (unsigned) (doy - (153 * mp + 2) / 5 + 1) % 100,
			 (unsigned) time / 3600 % 100, (unsigned) time / 60 % 60, (unsigned) time % 60);
	copy->second = second;
}

void
copy_time(struct copy *copy, int64_t ms)
{
	int			part = (int) (ms % 1000);

	if (copy->is_binary)
	{
		copy_int(copy, (uint64_t) ((ms - PG_EPOCH_MS) * 1000), 8);
		return;
	}
	if (ms / 1000 != copy->second)
		set_second(copy, ms / 1000);
	memcpy(copy->at, copy->second_text, 19);
	copy->at += 19;
	*copy->at++ = '.';
	*copy->at++ = (char) ('0' + part / 100);
	*copy->at++ = (char) ('0' + part / 10 % 10);
	*copy->at++ = (char) ('0' + part % 10);
	memcpy(copy->at, "+00", 3);
	copy->at += 3;
}

static void
put_addr4_text(struct copy *copy, const uint8_t *a)
{
	for (int i = 0; i < 4; i++)
	{
		memcpy(copy->at, copy->octet_text[a[i]], 4);
		copy->at += copy->octet_len[a[i]];
		*copy->at++ = '.';
	}
	copy->at--;
}

/* RFC 5952: the longest run of two or more zero groups is left out */
static void
put_addr6_text(struct copy *copy, const uint8_t *a)
{
	static const char hex[] = "0123456789abcdef";
	int			best = 8;
	int			best_len = 1;
	int			len = 0;

	for (int i = 0; i < 8; i++)
	{
		len = a[2 * i] == 0 && a[2 * i + 1] == 0 ? len + 1 : 0;
		if (len > best_len)
		{
			best_len = len;
			best = i + 1 - len;
		}
	}
	for (int i = 0; i < 8; i++)
	{
		uint32_t	group = (uint32_t) a[2 * i] << 8 | a[2 * i + 1];

		if (i >= best && i < best + best_len)
		{
			if (i == best)
				*copy->at++ = ':';
			continue;
		}
		if (i > 0)
			*copy->at++ = ':';
		for (int shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0; shift >= 0; shift -= 4)
			*copy->at++ = hex[group >> shift & 15];
	}
	if (best < 8 && best + best_len == 8)
		*copy->at++ = ':';
}

void
copy_addr(struct copy *copy, const struct addr *addr)
{
	if (copy->is_binary)
	{
		int			len = addr->family == 4 ? 4 : 16;

		put_be(copy, (uint64_t) len + 4, 4);
		put_be(copy, addr->family == 4 ? FAMILY_INET4 : FAMILY_INET6, 1);
		put_be(copy, (uint64_t) len * 8, 1);
		put_be(copy, 0, 1);
		put_be(copy, (uint64_t) len, 1);
		memcpy(copy->at, addr->bytes, (size_t) len);
		copy->at += len;
	}
	else if (addr->family == 4)
		put_addr4_text(copy, addr->bytes);
	else
		put_addr6_text(copy, addr->bytes);
}

void
copy_real_milli(struct copy *copy, uint32_t milli)
{
	if (copy->is_binary)
	{
		float		value = (float) (milli / 1000.0);
		uint32_t	bits;

		memcpy(&bits, &value, sizeof(bits));
		copy_int(copy, bits, 4);
		return;
	}
	copy->at = put_digits(copy->at, milli / 1000);
	*copy->at++ = '.';
	*copy->at++ = (char) ('0' + milli / 100 % 10);
	*copy->at++ = (char) ('0' + milli / 10 % 10);
	*copy->at++ = (char) ('0' + milli % 10);
}

bool
copy_end(struct copy *copy)
{
	if (copy->is_binary)
		put_be(copy, UINT16_MAX, 2);
	flush(copy);
	return !copy->has_failed && fflush(copy->file) == 0;
}
