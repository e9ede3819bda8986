/*-------------------------------------------------------------------------
 *
 * Would PostgreSQL take this text for a value of that type?
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_value.h"
#include "web_buffer.h"

#define OID_BOOL		16
#define OID_INT8		20
#define OID_INT2		21
#define OID_INT4		23
#define OID_TEXT		25
#define OID_FLOAT4		700
#define OID_FLOAT8		701
#define OID_INET		869
#define OID_BPCHAR		1042
#define OID_VARCHAR		1043
#define OID_DATE		1082
#define OID_TIMESTAMP	1114
#define OID_TIMESTAMPTZ	1184

static bool
is_integer(const char *text, size_t len, int64_t min, int64_t max)
{
	char	   *end;
	long long	n;

	if (len == 0 || len > 20 || text[0] == ' ' || text[0] == '\t')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	return errno == 0 && end == text + len && n >= min && n <= max;
}

static bool
is_double(const char *text, size_t len)
{
	static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
	char	   *end;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (len == strlen(words[i]) && strcasecmp(text, words[i]) == 0)
			return true;
	}
	if (len == 0 || len > 400 || strspn(text, "0123456789+-.eE") != len)
		return false;
	errno = 0;
	(void) strtod(text, &end);
	return errno == 0 && end == text + len;
}

static bool
is_boolean(const char *text)
{
	static const char *const words[] = {"true", "false", "t", "f"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_address(const char *text, size_t len)
{
	char		addr[INET6_ADDRSTRLEN];
	const char *slash = memchr(text, '/', len);
	size_t		addr_len = slash == NULL ? len : (size_t) (slash - text);
	unsigned char bytes[16];
	bool		is_ip4 = memchr(text, ':', len) == NULL;

	if (addr_len >= sizeof(addr))
		return false;
	memcpy(addr, text, addr_len);
	addr[addr_len] = '\0';
	return inet_pton(is_ip4 ? AF_INET : AF_INET6, addr, bytes) == 1 &&
		(slash == NULL || is_integer(slash + 1, len - addr_len - 1, 0,
									 is_ip4 ? 32 : 128));
}

/* Exactly n digits at *pos, with a value of min to max; -1 if not. */
static int
take_digits(const char **pos, int n, int min, int max)
{
	int			value = 0;

	for (int i = 0; i < n; i++, (*pos)++)
	{
		if (**pos < '0' || **pos > '9')
			return -1;
		value = value * 10 + (**pos - '0');
	}
	return value >= min && value <= max ? value : -1;
}

static bool
take_date(const char **pos)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = take_digits(pos, 4, 1, 9999);
	int			month = year < 0 || *(*pos)++ != '-' ? -1 : take_digits(pos, 2, 1, 12);
	bool		is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month > 0 && *(*pos)++ == '-' &&
		take_digits(pos, 2, 1, days[month - 1] + (month == 2 && is_leap)) > 0;
}

static bool
take_zone(const char **pos)
{
	if (**pos == 'Z')
		(*pos)++;
	else if (**pos == '+' || **pos == '-')
	{
		(*pos)++;
		if (take_digits(pos, 2, 0, 14) < 0)
			return false;
		if (**pos == ':')
			(*pos)++;
		if (**pos != '\0' && take_digits(pos, 2, 0, 59) < 0)
			return false;
	}
	return true;
}

/* ISO 8601 with date, and perhaps time, fraction of a second, and zone. */
static bool
is_timestamp(const char *text, size_t len, bool may_have_time)
{
	const char *pos = text;

	if (!take_date(&pos))
		return false;
	if (pos == text + len)
		return true;
	if (!may_have_time || (*pos != 'T' && *pos != ' '))
		return false;
	pos++;
	if (take_digits(&pos, 2, 0, 23) < 0 || *pos++ != ':' ||
		take_digits(&pos, 2, 0, 59) < 0)
		return false;
	if (*pos == ':')
	{
		pos++;
		if (take_digits(&pos, 2, 0, 59) < 0)
			return false;
		if (*pos == '.')
			pos += 1 + strspn(pos + 1, "0123456789");
	}
	return take_zone(&pos) && pos == text + len;
}

static bool
is_text(const char *text, size_t len)
{
	for (size_t pos = 0; pos < len;)
	{
		size_t		n = web_utf8_len(text + pos, len - pos);

		if (n == 0 || text[pos] == '\0')
			return false;
		pos += n;
	}
	return true;
}

bool
import_value_fits(unsigned type_oid, const char *text, size_t len)
{
	if (!is_text(text, len))
		return false;
	switch (type_oid)
	{
		case OID_BOOL:
			return is_boolean(text);
		case OID_INT2:
			return is_integer(text, len, INT16_MIN, INT16_MAX);
		case OID_INT4:
			return is_integer(text, len, INT32_MIN, INT32_MAX);
		case OID_INT8:
			return is_integer(text, len, INT64_MIN, INT64_MAX);
		case OID_FLOAT4:
		case OID_FLOAT8:
			return is_double(text, len);
		case OID_INET:
			return is_address(text, len);
		case OID_DATE:
			return is_timestamp(text, len, false);
		case OID_TIMESTAMP:
		case OID_TIMESTAMPTZ:
			return is_timestamp(text, len, true);
		default:
			return true;
	}
}

static enum import_guess
guess_one(const char *text, size_t len)
{
	if (!is_text(text, len))
		return GUESS_TEXT;
	if (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0)
		return GUESS_BOOLEAN;
	if (is_integer(text, len, INT64_MIN, INT64_MAX))
		return GUESS_LONG;
	if (is_double(text, len))
		return GUESS_DOUBLE;
	if (is_timestamp(text, len, true))
		return GUESS_TIMESTAMP;
	return is_address(text, len) ? GUESS_INET : GUESS_TEXT;
}

enum import_guess
import_value_guess(enum import_guess before, const char *text, size_t len)
{
	enum import_guess one = before == GUESS_TEXT ? GUESS_TEXT : guess_one(text, len);

	if (before == GUESS_NOTHING || before == one)
		return one;
	if ((before == GUESS_LONG && one == GUESS_DOUBLE) ||
		(before == GUESS_DOUBLE && one == GUESS_LONG))
		return GUESS_DOUBLE;
	return GUESS_TEXT;
}

const char *
import_guess_type(enum import_guess guess)
{
	static const char *const names[] = {
		"text", "boolean", "bigint", "double precision", "timestamptz", "inet", "text"
	};

	return names[guess];
}
