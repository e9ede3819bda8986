/*-------------------------------------------------------------------------
 *
 * The page around the sections.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_PAGE_H
#define CLI_REPORT_PAGE_H

#include "report.h"

/* The style sheet: colours of light and dark, the screen, and paper. */
extern const char report_style[];

/*
 * Append all that stands above the sections.  The facts in it are what the
 * sections have found, so these are made first, in a buffer of their own.
 */
extern void report_page_begin(struct report *report, const char *title);

/* Append the end, with what the page cost. */
extern void report_page_end(struct report *report);

#endif
