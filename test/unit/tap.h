/*-------------------------------------------------------------------------
 *
 * The harness of the unit tests: TAP lines, an arena, random numbers.
 *
 * Each test is a program that calls ok() for each promise and ends with
 * `return tap_done();`.  Random numbers are the same in each run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_TAP_H
#define FS_TEST_TAP_H

#include "c.h"

#include "format/column.h"

/* One TAP line; gives is_ok. */
extern bool ok(bool is_ok, const char *fmt,...) pg_attribute_printf(2, 3);

/* Whether two stretches of bytes are the same; prints both if not. */
extern bool ok_bytes(const void *got, size_t got_len, const void *expected,
					 size_t expected_len, const char *name);

/* The plan line; gives the exit status. */
extern int	tap_done(void);

/* An arena on malloc; tap_arena_free() frees all that it gave. */
extern FsArena *tap_arena(void);
extern void tap_arena_free(FsArena *arena);

/* Bytes that an arena has given so far. */
extern size_t tap_arena_used(FsArena *arena);

/* xorshift64*, begun by seed; never 0 bits only. */
extern uint64 tap_random(uint64 *state);

/* 0 .. n - 1 */
extern uint64 tap_below(uint64 *state, uint64 n);

#endif							/* FS_TEST_TAP_H */
