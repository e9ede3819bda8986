/*-------------------------------------------------------------------------
 *
 * xoshiro256** seeded by splitmix64 (Blackman and Vigna, 2018), and the
 * distributions built on it in fixed point with 16 fractional bits.
 *
 * The exponential distribution is a table of 4096 quantiles with linear
 * interpolation; a draw above the last one starts again on top of it, which
 * is exact because the distribution has no memory.
 *
 * Weighted choice is the alias method (Walker 1977; Vose 1991) on integers.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "rng.h"

#define QUANTILES		4096
#define FIXED_ONE		65536
#define LN2_FIXED		45426	/* ln 2 */
#define LOG2E_FIXED		94548	/* 1 / ln 2 */

struct cell
{
	uint32_t	keep;			/* a draw below this stays in the cell */
	uint32_t	other;			/* where the remaining draws go */
};

struct weighted
{
	uint32_t	n;
	struct cell cells[];
};

static uint32_t quantiles[QUANTILES];
static int	quantiles_ready;

/* log2(x), x >= 1, by repeated squaring of the mantissa */
static uint32_t
log2_fixed(uint32_t x)
{
	uint32_t	whole = 31 - (uint32_t) __builtin_clz(x);
	uint64_t	mantissa = (uint64_t) x << (31 - whole);
	uint32_t	result = whole << 16;

	for (int bit = 15; bit >= 0; bit--)
	{
		mantissa = (mantissa * mantissa) >> 31;
		if (mantissa >> 32)
		{
			mantissa >>= 1;
			result |= 1u << bit;
		}
	}
	return result;
}

static void
build_quantiles(void)
{
	for (uint32_t i = 0; i < QUANTILES; i++)
	{
		uint64_t	bits = (12u << 16) - log2_fixed(QUANTILES - i);

		quantiles[i] = (uint32_t) ((bits * LN2_FIXED) >> 16);
	}
	quantiles_ready = 1;
}

/* exponential variate of mean FIXED_ONE */
static uint64_t
exp_fixed(struct rng *rng)
{
	uint64_t	base = 0;

	for (;;)
	{
		uint64_t	draw = rng_next(rng);
		uint32_t	i = draw >> 52;
		uint32_t	part = draw & 0xffff;

		if (i == QUANTILES - 1)
		{
			base += quantiles[i];
			continue;
		}
		return base + quantiles[i] +
			(((uint64_t) (quantiles[i + 1] - quantiles[i]) * part) >> 16);
	}
}

/* splitmix64 */
static uint64_t
mix_next(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
rotate_left(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

void
rng_seed(struct rng *rng, uint64_t seed)
{
	if (!quantiles_ready)
		build_quantiles();
	for (int i = 0; i < 4; i++)
		rng->state[i] = mix_next(&seed);
}

uint64_t
rng_next(struct rng *rng)
{
	uint64_t   *s = rng->state;
	uint64_t	result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t	t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint32_t
rng_below(struct rng *rng, uint32_t n)
{
	return (uint32_t) (((rng_next(rng) >> 32) * n) >> 32);
}

uint32_t
rng_between(struct rng *rng, uint32_t lo, uint32_t hi)
{
	return lo + rng_below(rng, hi - lo + 1);
}

uint32_t
rng_exp(struct rng *rng, uint32_t mean)
{
	return (uint32_t) ((exp_fixed(rng) * mean) >> 16);
}

uint64_t
rng_pareto(struct rng *rng, uint32_t lo, uint32_t alpha_pct, uint64_t hi)
{
	uint64_t	power = ((exp_fixed(rng) * LOG2E_FIXED) >> 16) * 100 / alpha_pct;
	uint64_t	shift = power >> 16;
	uint64_t	f = power & 0xffff;
	uint64_t	scale;

	if (shift > 30)
		return hi;

	/* 2^f for 0 <= f < 1, cubic, error below 0.0002 */
	scale = FIXED_ONE + ((f * (45546 + ((f * (14830 + ((f * 5160) >> 16))) >> 16))) >> 16);
	scale = ((lo * scale) << shift) >> 16;
	return scale < hi ? scale : hi;
}

uint64_t
rng_hash(uint64_t x)
{
	return mix_next(&x);
}

struct weighted *
weighted_create(const uint64_t *weights, uint32_t n)
{
	struct weighted *w = malloc(sizeof(*w) + n * sizeof(struct cell));
	uint64_t   *scaled = malloc(n * sizeof(uint64_t));
	uint32_t   *stack = malloc(n * sizeof(uint32_t));
	uint64_t	total = 0;
	uint32_t	nsmall = 0;
	uint32_t	nlarge = 0;

	if (w == NULL || scaled == NULL || stack == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	w->n = n;
	for (uint32_t i = 0; i < n; i++)
		total += weights[i];

	/* small ones grow from the bottom of the stack, large ones from its top */
	for (uint32_t i = 0; i < n; i++)
	{
		scaled[i] = weights[i] * n;
		if (scaled[i] < total)
			stack[nsmall++] = i;
		else
			stack[n - ++nlarge] = i;
	}
	while (nsmall > 0 && nlarge > 0)
	{
		uint32_t	small = stack[--nsmall];
		uint32_t	large = stack[n - nlarge];

		w->cells[small].keep = (uint32_t) (((unsigned __int128) scaled[small] << 32) / total);
		w->cells[small].other = large;
		scaled[large] -= total - scaled[small];
		if (scaled[large] < total)
		{
			nlarge--;
			stack[nsmall++] = large;
		}
	}
	while (nlarge > 0)
		stack[nsmall++] = stack[n - nlarge--];
	while (nsmall > 0)
	{
		uint32_t	i = stack[--nsmall];

		w->cells[i].keep = UINT32_MAX;
		w->cells[i].other = i;
	}
	free(scaled);
	free(stack);
	return w;
}

/* weight of the k-th is 1 / (k + offset) */
struct weighted *
weighted_create_zipf(uint32_t n, uint32_t offset)
{
	uint64_t   *weights = malloc(n * sizeof(uint64_t));
	struct weighted *w;

	if (weights == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	for (uint32_t i = 0; i < n; i++)
		weights[i] = (UINT64_C(1) << 39) / (i + offset);
	w = weighted_create(weights, n);
	free(weights);
	return w;
}

uint32_t
weighted_pick_by(const struct weighted *w, uint64_t random)
{
	uint32_t	i = (uint32_t) (((random >> 32) * w->n) >> 32);

	return (uint32_t) random < w->cells[i].keep ? i : w->cells[i].other;
}

uint32_t
weighted_pick(const struct weighted *w, struct rng *rng)
{
	return weighted_pick_by(w, rng_next(rng));
}

void
weighted_free(struct weighted *w)
{
	free(w);
}
