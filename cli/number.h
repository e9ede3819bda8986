/*-------------------------------------------------------------------------
 *
 * Numbers as people read them: three digits and a unit, powers of 1000.
 *
 * The powers are those of the filter language: bytes > 1M is what is shown as
 * more than 1.00 MB.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

struct buffer;

/* Append 735 B, 1.23 kB, 45.6 GB. */
extern void number_bytes(struct buffer *buffer, double bytes);

/* Append 99999, 123 k, 1.23 M. */
extern void number_count(struct buffer *buffer, double count);

/* Append 12 ms, 3.45 s, 12m 3s, 4h 5m, 3d 4h. */
extern void number_duration(struct buffer *buffer, double seconds);

/* Append a rate of bits, packets or flows with its unit: 1.23 Mbit/s. */
extern void number_rate(struct buffer *buffer, double rate, const char *unit);

#endif
