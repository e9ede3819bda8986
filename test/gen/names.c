/*-------------------------------------------------------------------------
 *
 * A domain is a prefix, some syllables, and a suffix.
 *
 * JA4 has the form a_b_c: a says transport, TLS version, "d" for a name
 * given, two digits of ciphers, two digits of extensions, first and last
 * letter of the ALPN value; b and c are hashes of 12 hex digits.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "names.h"
#include "rng.h"

static const char *const prefixes[16] = {
	"www.", "www.", "www.", "api.", "cdn.", "img.", "static.", "m.",
	"app.", "mail.", "login.", "edge.", "", "", "media.", "push."
};
static const char *const suffixes[8] = {
	".example", ".example", ".example.com", ".example.com",
	".example.com", ".example.net", ".example.net", ".example.org"
};
static const char onsets[] = "bcdfghjklmnprstvz";
static const char vowels[] = "aeiou";
static const char hex[] = "0123456789abcdef";

static int
put(char *dst, const char *s)
{
	int			n = (int) strlen(s);

	memcpy(dst, s, (size_t) n);
	return n;
}

static int
put_hex(char *dst, uint64_t x, int digits)
{
	for (int i = 0; i < digits; i++)
	{
		dst[i] = hex[x & 15];
		x >>= 4;
	}
	return digits;
}

static int
put_two_digits(char *dst, uint32_t x)
{
	dst[0] = (char) ('0' + x / 10 % 10);
	dst[1] = (char) ('0' + x % 10);
	return 2;
}

uint32_t
names_of_server(uint32_t rank, uint64_t hash)
{
	if (rank < 20)
		return 300;
	if (rank < 1000)
		return 12;
	return 1 + (uint32_t) (hash & 3);
}

int
names_domain(char *dst, uint64_t number)
{
	uint64_t	x = rng_hash(number);
	char	   *p = dst;
	uint32_t	syllables = 2 + (uint32_t) ((x >> 8) % 3);

	p += put(p, prefixes[x & 15]);
	x = rng_hash(x);
	for (uint32_t i = 0; i < syllables; i++)
	{
		uint32_t	draw = x & 0xff;

		x >>= 8;
		*p++ = onsets[draw % 17];
		*p++ = vowels[draw / 17 % 5];
		if (draw > 200)
			*p++ = onsets[draw % 13];
	}
	if ((x & 7) == 0)
		p += put_two_digits(p, (x >> 3 & 0x3f) + 1);
	p += put(p, suffixes[x >> 12 & 7]);
	return (int) (p - dst);
}

int
names_tunnel(char *dst, uint64_t number)
{
	char	   *p = dst;
	uint64_t	x = number;

	for (int i = 0; i < 3; i++)
	{
		x = rng_hash(x);
		p += put_hex(p, x, 16);
	}
	*p++ = '.';
	p += put_hex(p, rng_hash(x), 12);
	p += put(p, ".t.example");
	return (int) (p - dst);
}

int
names_ja3(char *dst, uint32_t profile)
{
	put_hex(dst, rng_hash(profile * 2), 16);
	put_hex(dst + 16, rng_hash(profile * 2 + 1), 16);
	return 32;
}

int
names_ja4(char *dst, uint32_t profile, char transport)
{
	uint64_t	x = rng_hash(profile + UINT64_C(0x4a41));
	char	   *p = dst;

	*p++ = transport;
	p += put(p, transport == 't' && x % 6 == 0 ? "12d" : "13d");
	p += put_two_digits(p, 11 + (x >> 8) % 20);
	p += put_two_digits(p, 8 + (x >> 16) % 12);
	p += put(p, transport == 'q' ? "h3_" : x >> 24 & 3 ? "h2_" : "h1_");
	p += put_hex(p, rng_hash((x >> 32) % 97), 12);
	*p++ = '_';
	p += put_hex(p, rng_hash(x), 12);
	return (int) (p - dst);
}
