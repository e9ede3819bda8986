/*-------------------------------------------------------------------------
 *
 * Numbers in the page: short to read, exact in a tooltip and for programs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_VALUE_H
#define CLI_REPORT_VALUE_H

#include "report.h"

/* "bytes", "packets", "flows"; and with a capital letter. */
extern const char *measure_name(enum measure measure);
extern const char *measure_title(enum measure measure);

/* How a sum of a measure is written, and a rate of it: bits/s of bytes. */
extern svg_amount measure_amount(enum measure measure);
extern svg_amount measure_rate(enum measure measure);

/* The same along an axis whose title says what it is. */
extern svg_amount measure_axis(enum measure measure);

/* What makes a rate of a sum a second: 8 for bytes, else 1. */
extern double measure_scale(enum measure measure);

/* Append an element data of a sum, whose exact decimal text is given. */
extern void value_put(struct buffer *to, enum measure measure, const char *exact);

/* Append any amount, escaped. */
extern void value_amount(struct buffer *to, svg_amount amount, double value);

/* Text of an amount that lives on. */
extern const char *value_text(svg_amount amount, double value);

/* The text of a buffer, which is freed, in memory that lives on. */
extern const char *value_keep(struct buffer *buffer);

/* An exact number with commas between thousands. */
extern const char *value_grouped(const char *exact);

/* part of whole in percent, with one decimal, or "<0.1 %"; "" if whole is 0. */
extern const char *value_share(double part, double whole);

/* Append seconds as "1 day", "24 hours", or what number_duration makes of them. */
extern void value_duration(struct buffer *to, double seconds);

#endif
