/*-------------------------------------------------------------------------
 *
 * The sections of a report, in the order of the page.
 *
 * Each appends itself.  One whose columns the table lacks appends nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_SECTIONS_H
#define CLI_REPORT_SECTIONS_H

struct report;

extern void report_traffic(struct report *report);
extern void report_talkers(struct report *report);
extern void report_applications(struct report *report);
extern void report_networks(struct report *report);
extern void report_names(struct report *report);
extern void report_matrix(struct report *report);
extern void report_findings(struct report *report);
extern void report_health(struct report *report);
extern void report_storage(struct report *report);

#endif
