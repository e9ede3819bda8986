/*-------------------------------------------------------------------------
 *
 * Whole numbers of type numeric, as integers.
 *
 * What is read here is the short form of PostgreSQL's numeric.c, the same on
 * disk in all majors since 9.1: 16 bits of header, then digits to base 10000,
 * the most significant first, 16 bits each.  Of the header, bits 15 and 14 are
 * 1 and 0, bit 13 is the sign, bits 12 to 7 are the number of decimals, bit 6
 * the sign of the weight and bits 5 to 0 the rest of it, in two's complement:
 * the first digit counts 10000^weight.  Zeroes at the end are left out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "compat.h"
#include "group/whole.h"

#define FORM_MASK		0xC000
#define FORM_SHORT		0x8000
#define SIGN			0x2000
#define DECIMALS		0x1F80
#define WEIGHT			0x007F
#define MAX_WEIGHT		3		/* a negative one is greater as well */
#define BASE			10000

bool
fs_whole_of_numeric(Datum value, int64 *whole)
{
	const char *p = DatumGetPointer(value);
	Size		len;
	uint16		head;
	uint16		digit;
	uint32		weight;
	uint32		ndigits;
	int64		sum = 0;

	if (VARATT_IS_EXTERNAL(p) || VARATT_IS_COMPRESSED(p))
		return false;
	len = VARSIZE_ANY_EXHDR(p);
	p = VARDATA_ANY(p);
	if (len < sizeof(head))
		return false;
	memcpy(&head, p, sizeof(head));
	weight = head & WEIGHT;
	ndigits = (uint32) (len / sizeof(digit)) - 1;
	if ((head & FORM_MASK) != FORM_SHORT || (head & DECIMALS) != 0 ||
		weight > MAX_WEIGHT || ndigits > weight + 1)
		return false;
	for (uint32 i = 0; i <= weight; i++)
	{
		digit = 0;
		if (i < ndigits)
			memcpy(&digit, p + sizeof(head) + i * sizeof(digit), sizeof(digit));
		sum = sum * BASE + digit;
	}
	*whole = (head & SIGN) != 0 ? -sum : sum;
	return true;
}
