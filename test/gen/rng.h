/*-------------------------------------------------------------------------
 *
 * Random numbers that are the same on every machine.
 *
 * Everything is integer arithmetic; no function of the C library is involved.
 * Two draws must not stand in one expression or one list of arguments or
 * initializers: C leaves open which comes first.
 * None of these functions can fail except weighted_create.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_RNG_H
#define GEN_RNG_H

#include <stdint.h>

struct rng
{
	uint64_t	state[4];
};

extern void rng_seed(struct rng *rng, uint64_t seed);
extern uint64_t rng_next(struct rng *rng);

/* 0 .. n - 1, n >= 1 */
extern uint32_t rng_below(struct rng *rng, uint32_t n);

/* lo .. hi, both included */
extern uint32_t rng_between(struct rng *rng, uint32_t lo, uint32_t hi);

/* exponential variate of the given mean, rounded down */
extern uint32_t rng_exp(struct rng *rng, uint32_t mean);

/* Pareto variate: at least lo, tail exponent alpha_pct / 100, cut at hi */
extern uint64_t rng_pareto(struct rng *rng, uint32_t lo, uint32_t alpha_pct,
						   uint64_t hi);

/* a fixed, well mixed function of x */
extern uint64_t rng_hash(uint64_t x);

/* A choice among n things of different weight, in constant time. */
struct weighted;

/* weights[n], sum of weights above 0 and below 2^63 / n; exits when out of memory */
extern struct weighted *weighted_create(const uint64_t *weights, uint32_t n);
extern struct weighted *weighted_create_zipf(uint32_t n, uint32_t offset);
extern uint32_t weighted_pick(const struct weighted *w, struct rng *rng);
extern uint32_t weighted_pick_by(const struct weighted *w, uint64_t random);
extern void weighted_free(struct weighted *w);

#endif
