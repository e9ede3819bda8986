/*-------------------------------------------------------------------------
 *
 * How many distinct values there are, about.
 *
 * A hash gives a token: 26 bits v and a level 1..39, the place of the first
 * one among its low 38 bits (39: none), which has probability 2^-level.  A
 * token says which register it belongs to, v * FS_HLL_REGISTERS >> 26, so few
 * tokens are kept as they are and become registers later.
 *
 * A register is a byte: the highest level seen (0: none) times 4, and whether
 * each of the two levels below was seen, the nearer one times 2.
 *
 * The estimate is the most likely one.  With l hashes a register on average,
 * Poisson distributed, a level k was not seen with probability exp(-l / 2^k).
 * Of a register it is known for its highest level, the two below it, and all
 * above it.  With a the sum of 2^-k over what was not seen and b[k] the number
 * of registers that saw k, the logarithm of the likelihood is
 *
 *		sum of b[k] * ln(1 - exp(-l / 2^k)) - l * a
 *
 * Its derivative falls and is convex, so Newton's method from below finds the
 * root; sum(b) / (a + sum(b[k] / 2^k) / 2) is below, for 1 / (e^y - 1) is at
 * least 1 / y - 1 / 2.
 *
 * Encoded, with integers little-endian and bits from the low end:
 *
 *	offset	size  meaning
 *		 0	   1  version, 1
 *		 1	   1  form: 1 tokens, 2 coded registers, 3 plain registers
 *	tokens
 *		 2	   .  4 bytes a token, v * 64 + level, rising
 *	coded
 *		 2	   1  base, a level
 *		 3	   .  for each register a code for its highest level, and a bit for
 *				  each of the two levels below that are not below 1
 *	plain
 *		 2	   .  FS_HLL_REGISTERS registers
 *
 * The code is for the rank of d = level - base in 0 1 2 -1, 3 4 5 -2, 6 7 8 -3
 * and so on: ranks 0 and 1 take 2 bits (0, 1), 2 to 4 take 3 (4, 5, 6, high
 * bit first), a rank r from 5 on 111, r - 5 ones and a zero.  The base is the
 * one that gives the fewest bits, the lowest of several.  Registers are plain
 * if the codes take as many bytes or more.
 *
 * Invalid: another form; tokens that do not rise, or level 0 or above 39; more
 * than FS_HLL_MAX_TOKENS; a level outside 0 .. 39; bytes missing or left over;
 * a bit set after the last register; coded ones for which plain is shorter;
 * two bits that a plain register cannot have.
 *
 * Source: Flajolet et al., HyperLogLog, AofA 2007; Heule, Nunkesser, Hall,
 * HyperLogLog in Practice, EDBT 2013 (few values are kept as they are); Ertl,
 * UltraLogLog, VLDB 2024 (two more bits, the likelihood, the error 0.76).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "vector/hll.h"

#define VERSION			1
#define FORM_TOKENS		1
#define FORM_CODED		2
#define FORM_PLAIN		3

#define LEVEL_BITS		38
#define MAX_LEVEL		(LEVEL_BITS + 1)
#define V_BITS			26
#define MIN_SLOTS		16
#define TOKEN_BYTES		4

StaticAssertDecl(V_BITS + LEVEL_BITS == 64, "a hash has 64 bits");
StaticAssertDecl(FS_HLL_MAX_TOKENS * TOKEN_BYTES + 6 <= FS_HLL_MAX_BYTES,
				 "tokens must have room");

void
fs_hll_init(FsHll *hll, FsAllocator *allocator)
{
	memset(hll, 0, sizeof(FsHll));
	hll->memory.allocator = allocator;
}

static void
release_slots(FsHll *hll)
{
	fs_memory_release(&hll->memory, hll->slots, hll->cap * sizeof(uint32));
	hll->slots = NULL;
	hll->cap = hll->ntokens = 0;
}

void
fs_hll_release(FsHll *hll)
{
	release_slots(hll);
	fs_memory_release(&hll->memory, hll->registers, FS_HLL_REGISTERS);
	hll->registers = NULL;
}

/* --- registers ---------------------------------------------------------- */

/* What is known of a register, with bit 2 for its highest level. */
static inline uint32
known(uint32 reg)
{
	return reg < 4 ? 0 : 4 | (reg & 3);
}

/* What two registers saw together. */
static inline uint8
join(uint32 a, uint32 b)
{
	uint32		high = Max(a >> 2, b >> 2);
	uint32		below;

	/* of which one seen level at a distance of more than two leaves nothing */
	below = (known(a) >> Min(high - (a >> 2), 3)) |
		(known(b) >> Min(high - (b >> 2), 3));
	return (uint8) (high << 2 | (below & 3));
}

static inline void
add_to_registers(FsHll *hll, uint32 token)
{
	uint64		v = token >> 6;
	uint8	   *reg = &hll->registers[v * FS_HLL_REGISTERS >> V_BITS];

	*reg = join(*reg, (token & 63) << 2);
}

static void
make_registers(FsHll *hll)
{
	hll->registers = fs_memory_take(&hll->memory, FS_HLL_REGISTERS);
	memset(hll->registers, 0, FS_HLL_REGISTERS);
	for (uint32 i = 0; i < hll->cap; i++)
		if (hll->slots[i] != 0)
			add_to_registers(hll, hll->slots[i]);
	release_slots(hll);
}

/* --- tokens ------------------------------------------------------------- */

static inline uint32
token_of(uint64 hash)
{
	uint64		low = hash & ((UINT64CONST(1) << LEVEL_BITS) - 1);
	uint32		level = low == 0 ? MAX_LEVEL : __builtin_ctzll(low) + 1;

	return (uint32) (hash >> LEVEL_BITS) << 6 | level;
}

/* The slot of a token, or the free one where it would be. */
static inline uint32 *
find_slot(const FsHll *hll, uint32 token)
{
	uint32		pos = (token >> 6) & (hll->cap - 1);

	while (hll->slots[pos] != 0 && hll->slots[pos] != token)
		pos = (pos + 1) & (hll->cap - 1);
	return &hll->slots[pos];
}

static void
grow_slots(FsHll *hll)
{
	uint32	   *old = hll->slots;
	uint32		old_cap = hll->cap;

	hll->cap = Max(MIN_SLOTS, 2 * old_cap);
	hll->slots = fs_memory_take(&hll->memory, hll->cap * sizeof(uint32));
	memset(hll->slots, 0, hll->cap * sizeof(uint32));
	for (uint32 i = 0; i < old_cap; i++)
		if (old[i] != 0)
			*find_slot(hll, old[i]) = old[i];
	fs_memory_release(&hll->memory, old, old_cap * sizeof(uint32));
}

static void
add_token(FsHll *hll, uint32 token)
{
	uint32	   *slot;

	if (hll->registers != NULL)
	{
		add_to_registers(hll, token);
		return;
	}
	if (hll->ntokens >= hll->cap / 4 * 3)
	{
		if (hll->ntokens > 0 && *find_slot(hll, token) == token)
			return;
		if (hll->ntokens == FS_HLL_MAX_TOKENS)
		{
			make_registers(hll);
			add_to_registers(hll, token);
			return;
		}
		grow_slots(hll);
	}
	slot = find_slot(hll, token);
	hll->ntokens += *slot == 0;
	*slot = token;
}

void
fs_hll_add(FsHll *hll, uint64 hash)
{
	add_token(hll, token_of(hash));
}

void
fs_hll_merge(FsHll *dst, const FsHll *src)
{
	if (src->registers == NULL)
	{
		for (uint32 i = 0; i < src->cap; i++)
			if (src->slots[i] != 0)
				add_token(dst, src->slots[i]);
		return;
	}
	if (dst->registers == NULL)
		make_registers(dst);
	for (uint32 i = 0; i < FS_HLL_REGISTERS; i++)
		dst->registers[i] = join(dst->registers[i], src->registers[i]);
}

/* --- the estimate ------------------------------------------------------- */

/* What was not seen, and how many registers saw each level. */
static double
observe(const FsHll *hll, uint32 *seen)
{
	double		unseen = 0;

	memset(seen, 0, (MAX_LEVEL + 1) * sizeof(uint32));
	for (uint32 i = 0; i < FS_HLL_REGISTERS; i++)
	{
		uint32		level = hll->registers[i] >> 2;

		if (level > 0)
			seen[level]++;
		/* all levels above; the last one has what is left */
		if (level < MAX_LEVEL)
			unseen += ldexp(1, -(int) level);
		for (uint32 back = 1; back <= 2 && level > back; back++)
		{
			if (hll->registers[i] >> (2 - back) & 1)
				seen[level - back]++;
			else
				unseen += ldexp(1, -(int) (level - back));
		}
	}
	return unseen;
}

double
fs_hll_estimate(const FsHll *hll)
{
	uint32		seen[MAX_LEVEL + 1];
	double		unseen;
	double		sum = 0;
	double		half = 0;
	double		l;

	if (hll->registers == NULL)
		return hll->ntokens;
	/* with nothing unseen there is no most likely number */
	unseen = Max(observe(hll, seen), ldexp(1, -LEVEL_BITS));
	for (int k = 1; k <= MAX_LEVEL; k++)
	{
		sum += seen[k];
		half += seen[k] * ldexp(0.5, -Min(k, LEVEL_BITS));
	}
	l = sum / (unseen + half);
	for (int i = 0; i < 200; i++)
	{
		double		value = -unseen;
		double		slope = 0;
		double		step;

		for (int k = 1; k <= MAX_LEVEL; k++)
		{
			double		p = ldexp(1, -Min(k, LEVEL_BITS));
			double		e = expm1(l * p);

			if (seen[k] == 0 || isinf(e))
				continue;
			value += seen[k] * p / e;
			slope += seen[k] * p * p * (1 + e) / e / e;
		}
		step = slope > 0 ? value / slope : 0;
		l += step;
		if (fabs(step) <= 1e-12 * l)
			break;
	}
	return l * FS_HLL_REGISTERS;
}

/* --- bytes -------------------------------------------------------------- */

typedef struct BitWriter
{
	uint8	   *out;
	uint32		n;				/* bits written */
} BitWriter;

static inline void
put_bit(BitWriter *writer, uint32 bit)
{
	if (writer->n % 8 == 0)
		writer->out[writer->n / 8] = 0;
	writer->out[writer->n / 8] |= bit << writer->n % 8;
	writer->n++;
}

/* The rank of a level's distance to the base, and back. */
static inline uint32
rank_of(int d)
{
	return d < 0 ? 4 * (uint32) (-d - 1) + 3
		: 4 * ((uint32) d / 3) + (uint32) d % 3;
}

static inline int
distance_of(uint32 rank)
{
	return rank % 4 == 3 ? -(int) (rank / 4) - 1
		: 3 * (int) (rank / 4) + (int) (rank % 4);
}

static inline uint32
code_bits(uint32 rank)
{
	return rank < 2 ? 2 : rank < 5 ? 3 : rank - 1;
}

static void
put_rank(BitWriter *writer, uint32 rank)
{
	/* 00, 01, 100, 101, 110 */
	static const uint8 codes[] = {0, 1, 4, 5, 6};

	if (rank < 5)
	{
		for (uint32 i = code_bits(rank); i-- > 0;)
			put_bit(writer, codes[rank] >> i & 1);
		return;
	}
	for (uint32 i = 0; i < rank - 2; i++)
		put_bit(writer, 1);
	put_bit(writer, 0);
}

static inline uint32
n_below(uint32 level)
{
	return level > 2 ? 2 : level > 1 ? 1 : 0;
}

/* The base that gives the fewest bits, and how many these are. */
static uint32
choose_base(const FsHll *hll, uint32 *nbits)
{
	uint32		n[MAX_LEVEL + 1] = {0};
	uint32		best = 0;

	for (uint32 i = 0; i < FS_HLL_REGISTERS; i++)
		n[hll->registers[i] >> 2]++;
	*nbits = PG_UINT32_MAX;
	for (int base = 0; base <= MAX_LEVEL; base++)
	{
		uint32		sum = 0;

		for (int level = 0; level <= MAX_LEVEL; level++)
			sum += n[level] * (code_bits(rank_of(level - base)) +
							   n_below(level));
		if (sum < *nbits)
		{
			*nbits = sum;
			best = base;
		}
	}
	return best;
}

static int
compare_tokens(const void *a, const void *b)
{
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	return x < y ? -1 : x > y;
}

static uint32
encode_tokens(const FsHll *hll, uint8 *out)
{
	uint32		tokens[FS_HLL_MAX_TOKENS];
	uint32		n = 0;

	for (uint32 i = 0; i < hll->cap; i++)
		if (hll->slots[i] != 0)
			tokens[n++] = hll->slots[i];
	qsort(tokens, n, sizeof(uint32), compare_tokens);
	for (uint32 i = 0; i < n; i++)
		for (int j = 0; j < TOKEN_BYTES; j++)
			out[2 + TOKEN_BYTES * i + j] = (uint8) (tokens[i] >> (8 * j));
	return 2 + TOKEN_BYTES * n;
}

uint32
fs_hll_encode(const FsHll *hll, uint8 *out)
{
	BitWriter	writer = {out + 3, 0};
	uint32		base;
	uint32		nbits;

	out[0] = VERSION;
	out[1] = FORM_TOKENS;
	if (hll->registers == NULL)
		return encode_tokens(hll, out);
	base = choose_base(hll, &nbits);
	if (1 + (nbits + 7) / 8 >= FS_HLL_REGISTERS)
	{
		out[1] = FORM_PLAIN;
		memcpy(out + 2, hll->registers, FS_HLL_REGISTERS);
		return FS_HLL_WORST_BYTES;
	}
	out[1] = FORM_CODED;
	out[2] = (uint8) base;
	for (uint32 i = 0; i < FS_HLL_REGISTERS; i++)
	{
		uint32		reg = hll->registers[i];

		put_rank(&writer, rank_of((int) (reg >> 2) - (int) base));
		for (uint32 j = 0; j < n_below(reg >> 2); j++)
			put_bit(&writer, reg >> (1 - j) & 1);
	}
	Assert(writer.n == nbits);
	return 3 + (nbits + 7) / 8;
}

typedef struct BitReader
{
	const uint8 *in;
	uint32		n;				/* bits read */
	uint32		end;
} BitReader;

/* Ones without end after the end, so that codes become too long. */
static inline uint32
take_bit(BitReader *reader)
{
	uint32		bit = 1;

	if (reader->n < reader->end)
		bit = reader->in[reader->n / 8] >> reader->n % 8 & 1;
	reader->n++;
	return bit;
}

static uint32
take_rank(BitReader *reader)
{
	uint32		rank = 5;

	if (take_bit(reader) == 0)
		return take_bit(reader);
	if (take_bit(reader) == 0)
		return 2 + take_bit(reader);
	if (take_bit(reader) == 0)
		return 4;
	while (rank < 4 * (MAX_LEVEL + 2) && take_bit(reader) == 1)
		rank++;
	return rank;
}

static bool
decode_coded(FsHll *hll, const uint8 *in, uint32 len, const char **reason)
{
	BitReader	reader = {in + 3, 0, (len - 3) * 8};
	uint32		nbits;

	for (uint32 i = 0; i < FS_HLL_REGISTERS; i++)
	{
		int			level = in[2] + distance_of(take_rank(&reader));
		uint32		below = 0;

		if (level < 0 || level > MAX_LEVEL)
		{
			*reason = "a level is out of range";
			return false;
		}
		for (uint32 j = 0; j < n_below(level); j++)
			below |= take_bit(&reader) << (1 - j);
		hll->registers[i] = (uint8) ((uint32) level << 2 | below);
	}
	*reason = "the number of bytes is wrong";
	if ((reader.n + 7) / 8 != len - 3)
		return false;
	*reason = "registers are not encoded as they should be";
	while (reader.n < reader.end)
		if (take_bit(&reader) != 0)
			return false;
	return choose_base(hll, &nbits) == in[2] &&
		3 + (nbits + 7) / 8 < FS_HLL_WORST_BYTES;
}

static bool
decode_plain(FsHll *hll, const uint8 *in, uint32 len, const char **reason)
{
	uint32		nbits;

	*reason = "the number of bytes is wrong";
	if (len != FS_HLL_WORST_BYTES)
		return false;
	*reason = "a register is out of range";
	memcpy(hll->registers, in + 2, FS_HLL_REGISTERS);
	for (uint32 i = 0; i < FS_HLL_REGISTERS; i++)
	{
		uint32		level = hll->registers[i] >> 2;

		if (level > MAX_LEVEL ||
			(hll->registers[i] & 3 & ~(3u << (2 - n_below(level)))) != 0)
			return false;
	}
	*reason = "registers are not encoded as they should be";
	choose_base(hll, &nbits);
	return 1 + (nbits + 7) / 8 >= FS_HLL_REGISTERS;
}

static bool
decode_tokens(FsHll *hll, const uint8 *in, uint32 len, const char **reason)
{
	uint32		last = 0;

	*reason = "the number of bytes is wrong";
	if ((len - 2) % TOKEN_BYTES != 0 ||
		(len - 2) / TOKEN_BYTES > FS_HLL_MAX_TOKENS)
		return false;
	*reason = "a token is out of range or out of order";
	for (uint32 i = 2; i < len; i += TOKEN_BYTES)
	{
		uint32		token = in[i] | (uint32) in[i + 1] << 8 |
			(uint32) in[i + 2] << 16 | (uint32) in[i + 3] << 24;

		if (token <= last || (token & 63) == 0 || (token & 63) > MAX_LEVEL)
			return false;
		add_token(hll, token);
		last = token;
	}
	return true;
}

bool
fs_hll_decode(FsHll *hll, const uint8 *in, uint32 len, const char **reason)
{
	*reason = "it is too short";
	if (len < 2)
		return false;
	*reason = "its version is not known";
	if (in[0] != VERSION)
		return false;
	if (in[1] == FORM_TOKENS)
		return decode_tokens(hll, in, len, reason);
	*reason = "its form is not known";
	if (in[1] != FORM_CODED && in[1] != FORM_PLAIN)
		return false;
	*reason = "it is too short";
	if (len < 3)
		return false;
	make_registers(hll);
	return in[1] == FORM_CODED ? decode_coded(hll, in, len, reason)
		: decode_plain(hll, in, len, reason);
}
