/*-------------------------------------------------------------------------
 *
 * Values from text.
 *
 * Decimal fractions are kept as digits, never as floating point, so that a
 * time of microseconds comes out exactly.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scan.h"

#define US_PER_SECOND	INT64_C(1000000)
#define MAX_TIME_US		INT64_C(253402300799999999)	/* end of 9999 */
#define MAX_INTERVAL_US	(INT64_C(366000) * 86400 * US_PER_SECOND)
#define NANO_DIGITS		9
#define MAX_SCIENTIFIC	9007199254740992.0	/* 2^53 */

/* A decimal number: whole part, and the fraction in units of 10^-9. */
struct decimal
{
	uint64_t	whole;
	uint32_t	nano;
	bool		has_fraction;	/* other than zeros */
};

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
scan_fraction(const char *p, const char *end, struct decimal *out)
{
	int			ndigits = 0;

	for (; p < end; p++)
	{
		if (!is_digit(*p))
			return false;
		out->has_fraction |= *p != '0';
		if (ndigits++ < NANO_DIGITS)
			out->nano = out->nano * 10 + (uint32_t) (*p - '0');
	}
	if (ndigits == 0)
		return false;
	for (; ndigits < NANO_DIGITS; ndigits++)
		out->nano *= 10;
	return true;
}

/* A number with an exponent, of which a double has every digit that counts. */
static bool
scan_scientific(const char *text, size_t len, struct decimal *out)
{
	double		value;

	if (!scan_real(text, len, &value) || value < 0 || value > MAX_SCIENTIFIC)
		return false;
	out->whole = (uint64_t) value;
	out->nano = (uint32_t) ((value - (double) out->whole) * 1e9 + 0.5);
	if (out->nano == 1000000000)
	{
		out->whole++;
		out->nano = 0;
	}
	out->has_fraction = out->nano != 0;
	return true;
}

static bool
scan_decimal(const char *text, size_t len, struct decimal *out)
{
	const char *p = text;
	const char *end = text + len;
	struct decimal d = {0};

	while (p < end && is_digit(*p))
	{
		uint64_t	digit = (uint64_t) (*p++ - '0');

		if (d.whole > (UINT64_MAX - digit) / 10)
			return false;
		d.whole = d.whole * 10 + digit;
	}
	if (p > text && (memchr(p, 'e', (size_t) (end - p)) != NULL ||
					 memchr(p, 'E', (size_t) (end - p)) != NULL))
		return scan_scientific(text, len, out);
	if (p == text || (p < end && (*p != '.' || !scan_fraction(p + 1, end, &d))))
		return false;
	*out = d;
	return true;
}

bool
scan_uint(const char *text, size_t len, uint64_t max, uint64_t *out)
{
	struct decimal d;

	if (len > 0 && len < 19)
	{
		uint64_t	n = 0;
		size_t		i = 0;

		while (i < len && is_digit(text[i]))
			n = n * 10 + (uint64_t) (text[i++] - '0');
		if (i == len)
		{
			if (n > max)
				return false;
			*out = n;
			return true;
		}
	}
	if (!scan_decimal(text, len, &d) || d.has_fraction || d.whole > max)
		return false;
	*out = d.whole;
	return true;
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
scan_uint_or_hex(const char *text, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t	n = 0;

	if (len < 3 || text[0] != '0' || (text[1] | 0x20) != 'x')
		return scan_uint(text, len, max, out);
	if (len > 18)
		return false;
	for (size_t i = 2; i < len; i++)
	{
		int			digit = hex_digit(text[i]);

		if (digit < 0)
			return false;
		n = n << 4 | (uint64_t) digit;
	}
	if (n > max)
		return false;
	*out = n;
	return true;
}

bool
scan_int32(const char *text, size_t len, int32_t *out)
{
	bool		is_negative = len > 0 && text[0] == '-';
	uint64_t	n;

	if (!scan_uint(text + is_negative, len - is_negative,
				   (uint64_t) INT32_MAX + is_negative, &n))
		return false;
	*out = (int32_t) (is_negative ? -(int64_t) n : (int64_t) n);
	return true;
}

bool
scan_real(const char *text, size_t len, double *out)
{
	char		copy[64];
	char	   *end;
	double		value;

	if (len == 0 || len >= sizeof(copy) ||
		(!is_digit(text[0]) && text[0] != '-' && text[0] != '.'))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	value = strtod(copy, &end);
	if (end != copy + len || !isfinite(value))
		return false;
	*out = value;
	return true;
}

static bool
scan_number_us(const char *text, size_t len, enum scan_unit unit, int64_t max, int64_t *us)
{
	struct decimal d;
	uint64_t	n;

	if (!scan_decimal(text, len, &d))
		return false;
	switch (unit)
	{
		case SCAN_AUTO:
		case SCAN_SECONDS:
			if (d.whole > (uint64_t) (max / US_PER_SECOND))
				return false;
			n = d.whole * US_PER_SECOND + d.nano / 1000;
			break;
		case SCAN_MS:
			if (d.whole > (uint64_t) (max / 1000))
				return false;
			n = d.whole * 1000 + d.nano / 1000000;
			break;
		case SCAN_US:
			n = d.whole;
			break;
		case SCAN_NS:
			n = d.whole / 1000;
			break;
		default:
			return false;
	}
	if (n > (uint64_t) max)
		return false;
	*us = (int64_t) n;
	return true;
}

/* Days since 1970-01-01; years begin in March, see put_date of the text sink. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t		y = year - (month <= 2);
	int64_t		doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + doy - 719468;
}

/* ndigits decimal digits at p, or -1. */
static int
digits(const char *p, int ndigits)
{
	int			n = 0;

	for (int i = 0; i < ndigits; i++)
	{
		if (!is_digit(p[i]))
			return -1;
		n = n * 10 + p[i] - '0';
	}
	return n;
}

/* A zone to seconds east of Greenwich. */
static bool
scan_zone(const char *p, size_t len, int *east)
{
	int			hours;
	int			minutes = 0;

	if (len == 0 || (len == 1 && (*p | 0x20) == 'z'))
	{
		*east = 0;
		return true;
	}
	if ((len != 3 && len != 5 && len != 6) || (*p != '+' && *p != '-'))
		return false;
	hours = digits(p + 1, 2);
	if (len == 5)
		minutes = digits(p + 3, 2);
	else if (len == 6)
		minutes = p[3] == ':' ? digits(p + 4, 2) : -1;
	if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59)
		return false;
	*east = (hours * 60 + minutes) * 60 * (*p == '-' ? -1 : 1);
	return true;
}

static bool
scan_date(const char *p, int64_t *day)
{
	static const uint8_t month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = digits(p, 4);
	int			month = digits(p + 5, 2);
	int			mday = digits(p + 8, 2);
	bool		is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1969 || p[4] != '-' || p[7] != '-' || month < 1 || month > 12 || mday < 1 ||
		mday > month_days[month - 1] || (month == 2 && mday == 29 && !is_leap))
		return false;
	*day = days_of(year, month, mday);
	return true;
}

/* yyyy-mm-dd hh:mm:ss[.fraction][zone] */
static bool
scan_iso(const char *p, size_t len, int64_t *us)
{
	struct decimal fraction = {0};
	int64_t		day;
	int64_t		seconds;
	int			hour;
	int			minute;
	int			second;
	int			east;
	size_t		end = 19;

	if (len < 19 || !scan_date(p, &day) || (p[10] != ' ' && (p[10] | 0x20) != 't') ||
		p[13] != ':' || p[16] != ':')
		return false;
	hour = digits(p + 11, 2);
	minute = digits(p + 14, 2);
	second = digits(p + 17, 2);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	if (end < len && (p[end] == '.' || p[end] == ','))
	{
		while (++end < len && is_digit(p[end]))
			;
		if (!scan_fraction(p + 20, p + end, &fraction))
			return false;
	}
	if (!scan_zone(p + end, len - end, &east))
		return false;
	seconds = day * 86400 + hour * 3600 + minute * 60 + second - east;
	seconds = seconds * US_PER_SECOND + fraction.nano / 1000;
	if (seconds < 0 || seconds > MAX_TIME_US)
		return false;
	*us = seconds;
	return true;
}

static enum scan_unit
unit_by_size(const char *text, size_t len)
{
	const char *dot = memchr(text, '.', len);
	size_t		ndigits = dot == NULL ? len : (size_t) (dot - text);

	return ndigits <= 11 ? SCAN_SECONDS : ndigits <= 14 ? SCAN_MS :
		ndigits <= 17 ? SCAN_US : SCAN_NS;
}

bool
scan_time(const char *text, size_t len, enum scan_unit unit, int64_t *us)
{
	if (len >= 19 && text[4] == '-')
		return scan_iso(text, len, us);
	if (unit == SCAN_AUTO)
		unit = unit_by_size(text, len);
	return scan_number_us(text, len, unit, MAX_TIME_US, us);
}

bool
scan_interval(const char *text, size_t len, enum scan_unit unit, int64_t *us)
{
	return scan_number_us(text, len, unit, MAX_INTERVAL_US, us);
}

static bool
scan_ip4(const char *p, size_t len, uint8_t *bytes)
{
	const char *end = p + len;

	for (int i = 0; i < 4; i++)
	{
		const char *start = p;
		unsigned	n = 0;

		while (p < end && is_digit(*p) && p - start < 3)
			n = n * 10 + (unsigned) (*p++ - '0');
		if (p == start || n > 255 || (p - start > 1 && *start == '0'))
			return false;
		bytes[i] = (uint8_t) n;
		if (i < 3 && (p == end || *p++ != '.'))
			return false;
	}
	return p == end;
}

static bool
ends_with(const char *text, size_t len, const char *suffix)
{
	size_t		n = strlen(suffix);

	return len > n && memcmp(text + len - n, suffix, n) == 0;
}

bool
scan_addr(const char *text, size_t len, struct flow_addr *out)
{
	struct flow_addr addr = {FLOW_FAMILY_IP4, {0}};
	char		copy[INET6_ADDRSTRLEN];

	if (len > 3 && ends_with(text, len, "/32") && memchr(text, ':', len) == NULL)
		len -= 3;
	if (scan_ip4(text, len, addr.bytes))
	{
		*out = addr;
		return true;
	}
	if (ends_with(text, len, "/128"))
		len -= 4;
	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	addr.family = FLOW_FAMILY_IP6;
	if (inet_pton(AF_INET6, copy, addr.bytes) != 1)
		return false;
	*out = addr;
	return true;
}

bool
scan_mac(const char *text, size_t len, uint8_t *out)
{
	size_t		step = len == 17 ? 3 : 2;
	uint8_t		mac[6];

	if (len != 17 && len != 12)
		return false;
	for (size_t i = 0; i < 6; i++)
	{
		int			high = hex_digit(text[i * step]);
		int			low = hex_digit(text[i * step + 1]);

		if (high < 0 || low < 0 ||
			(step == 3 && i < 5 && text[i * step + 2] != ':' && text[i * step + 2] != '-'))
			return false;
		mac[i] = (uint8_t) (high << 4 | low);
	}
	memcpy(out, mac, 6);
	return true;
}

bool
scan_tcp_flags(const char *text, size_t len, uint8_t *out)
{
	static const char letters[] = "FSRPAUEC";	/* from bit 0 */
	uint64_t	n;
	uint8_t		flags = 0;

	if (len > 0 && is_digit(text[0]))
	{
		if (!scan_uint_or_hex(text, len, 255, &n))
			return false;
		*out = (uint8_t) n;
		return true;
	}
	for (size_t i = 0; i < len; i++)
	{
		const char *found = text[i] == '\0' ? NULL : strchr(letters, text[i] & ~0x20);

		if (text[i] == '.')
			continue;
		if (found == NULL || *found == '\0')
			return false;
		flags |= (uint8_t) (1 << (found - letters));
	}
	if (len == 0)
		return false;
	*out = flags;
	return true;
}

bool
scan_proto(const char *text, size_t len, uint8_t *out)
{
	static const struct
	{
		const char *name;
		uint8_t		number;
	}			names[] = {
		{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmp6", 58}, {"ipv6-icmp", 58},
		{"icmpv6", 58}, {"gre", 47}, {"esp", 50}, {"sctp", 132}, {"igmp", 2},
		{"ipv6", 41}, {"ipip", 4}, {"ipencap", 4}, {"ah", 51}, {"ospf", 89},
		{"ospfigp", 89}, {"pim", 103}, {"vrrp", 112}, {"l2tp", 115}, {"eigrp", 88},
		{"dccp", 33}, {"rsvp", 46}, {"udplite", 136}, {"ipcomp", 108}, {"egp", 8},
		{"igp", 9}, {"hopopt", 0}, {"etherip", 97}, {"ipv6-frag", 44},
		{"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"ipv6-route", 43}, {"mobility", 135},
		{"mpls-in-ip", 137}, {"rdp", 27}, {"fc", 133}, {"hip", 139},
		{"unknown_transport", 255}
	};
	uint64_t	n;

	if (len > 5 && strncasecmp(text, "ipv4-", 5) == 0)
	{
		text += 5;
		len -= 5;
	}
	if (len > 0 && is_digit(text[0]))
	{
		if (!scan_uint(text, len, 255, &n))
			return false;
		*out = (uint8_t) n;
		return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (strlen(names[i].name) != len || strncasecmp(names[i].name, text, len) != 0)
			continue;
		*out = names[i].number;
		return true;
	}
	return false;
}

/* The length of the UTF-8 sequence at p, 0 if there is none. */
static size_t
sequence_len(const uint8_t *p, size_t left)
{
	size_t		len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool
scan_is_text(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *) text;

	for (size_t i = 0; i < len;)
	{
		size_t		n = 1;

		if (p[i] == 0)
			return false;
		if (p[i] >= 0x80 && (n = sequence_len(p + i, len - i)) == 0)
			return false;
		i += n;
	}
	return true;
}
