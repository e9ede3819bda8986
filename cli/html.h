/*-------------------------------------------------------------------------
 *
 * HTML into a buffer, in which text of strangers stays text.
 *
 * What is written is also XML: elements are closed, attributes are in double
 * quotes, and there are no entities but the five of XML.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_HTML_H
#define CLI_HTML_H

struct buffer;

/*
 * Append text, for an element or an attribute.  Characters that do not show,
 * and bytes that are no UTF-8, are written out as \u202e and \xff.
 */
extern void html_text(struct buffer *to, const char *text);

/*
 * Append markup.  form is a constant of the program; each %s in it stands for
 * text, which is escaped as by html_text.  Also known are %d, %zu, %% and %.Nf
 * with N from 0 to 6, whose decimal point is a point in every locale.
 */
extern void html_put(struct buffer *to, const char *form, ...)
	__attribute__((format(printf, 2, 3)));

/* Append a number with so many decimals, 0 to 6; never "-0". */
extern void html_number(struct buffer *to, double value, int decimals);

#endif
