/*-------------------------------------------------------------------------
 * Names of counters of what is received, spooled, loaded and written.
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_COUNTER_LIST_ROWS_H
#define COLLECTOR_COUNTER_LIST_ROWS_H

#define COUNTER_LIST_ROWS(X) \
	X(lines_written) \
	X(rows_queued) \
	X(rows_written) \
	X(rows_dropped) \
	X(rows_rejected) \
	X(rows_known) \
	X(rows_reread) \
	X(batches) \
	X(batches_retried) \
	X(reconnects) \
	X(received_datagrams) \
	X(received_bytes) \
	X(received_not_allowed) \
	X(received_over_rate) \
	X(tcp_connections) \
	X(tcp_connections_refused) \
	X(tcp_connections_idle) \
	X(tcp_connections_revoked) \
	X(tcp_messages) \
	X(tcp_malformed) \
	X(tcp_bytes_cut) \
	X(spool_records_appended) \
	X(spool_records_refused) \
	X(spool_records_read) \
	X(spool_records_replayed) \
	X(spool_records_dropped) \
	X(spool_content_bytes_dropped) \
	X(spool_files_dropped) \
	X(spool_bytes_written) \
	X(spool_write_errors) \
	X(spool_damaged) \
	X(spool_records_unknown) \
	X(kafka_messages) \
	X(kafka_offsets_missed) \
	X(feed_lines) \
	X(feed_records) \
	X(feed_other_lines) \
	X(feed_malformed) \
	X(feed_bad_values) \
	X(feed_incomplete) \
	X(feed_long_lines) \
	X(line_connections) \
	X(line_connections_closed) \
	X(received_lines) \
	X(lines_received) \
	X(line_records) \
	X(line_comments) \
	X(lines_cut) \
	X(lines_malformed) \
	X(lines_unknown_table) \
	X(line_values_unknown)

#endif
