# How a table lies on disk, how it grows, and what the background worker does for it.
use Dashboard;

dashboard 'flow-storage', 'Flow storage', from => 'now-24h', refresh => '1m', about => <<'TEXT';
How the table lies on disk, how it grows and when the disk is full, and what the background worker does. Lines over time come from
samples that flow.watch_health() keeps.
TEXT

variables qw(datasource table);

row 'Now';

panel 'stat', 'Rows', 4, 4,
	about => 'Rows that queries see: stored ones without those that are deleted.', unit => 'short', sql => <<'SQL';
SELECT rows - deleted AS rows FROM flow.stats(${table:sqlstring}) LIMIT 1
SQL

panel 'stat', 'Size on disk', 4, 4,
	about => 'The file of the table and its directory, free space in the file included.', unit => 'decbytes', sql => <<'SQL';
SELECT file_bytes + directory_bytes AS bytes FROM flow.stats(${table:sqlstring}) LIMIT 1
SQL

panel 'stat', 'Bytes per row', 4, 4,
	about => 'Size without the free space in the file, by rows.', unit => 'decbytes', decimals => 1, sql => <<'SQL';
SELECT (file_bytes - free_bytes + directory_bytes)::float8 / nullif(rows, 0) AS bytes FROM flow.stats(${table:sqlstring}) LIMIT 1
SQL

panel 'stat', 'Growth per day', 4, 4,
	about => 'What the partitions of the last 7 days of rows take, by days, without the newest partition.',
	unit => 'decbytes', sql => <<'SQL';
SELECT bytes_per_day AS bytes FROM flow.forecast(${table:sqlstring}) LIMIT 1
SQL

panel 'stat', 'Disk days left', 4, 4,
	about => 'In how many days the free space of the file system is used up if the table grows as it does. Nothing is shown where its '
	. 'options (retain, max_rows, max_bytes) end the growth before that.', unit => 'd', decimals => 0,
	thresholds => [ [ undef, 'red' ], [ 7, 'orange' ], [ 30, 'green' ] ], nothing => 'no end in sight', sql => <<'SQL';
SELECT days_left FROM flow.forecast(${table:sqlstring}) WHERE days_left IS NOT NULL LIMIT 1
SQL

panel 'stat', 'Disk free', 4, 4,
	about => 'Free space on the file system of the table. Needs the rights of pg_monitor.', unit => 'percentunit', decimals => 0,
	thresholds => [ [ undef, 'red' ], [ 0.1, 'orange' ], [ 0.2, 'green' ] ], nothing => 'not permitted', sql => <<'SQL';
SELECT disk_free_bytes::float8 / nullif(disk_bytes, 0) AS free FROM flow.forecast(${table:sqlstring}) WHERE disk_bytes IS NOT NULL LIMIT 1
SQL

panel 'stat', 'Write amplification', 4, 4,
	about => 'Bytes written by inserts and again by merging and clustering, by bytes of inserts, since the table was made.',
	unit => 'short', decimals => 2, nothing => 'nothing written', sql => <<'SQL';
SELECT write_amplification FROM flow.stats(${table:sqlstring}) WHERE write_amplification IS NOT NULL LIMIT 1
SQL

panel 'stat', 'Rows due', 4, 4,
	about => 'Rows that the worker would merge or cluster by now.', unit => 'short',
	thresholds => [ [ undef, 'green' ], [ 100e6, 'orange' ] ], sql => <<'SQL';
SELECT merge_rows + cluster_rows AS due FROM flow.stats(${table:sqlstring}) LIMIT 1
SQL

panel 'gauge', 'Expiry position', 4, 4,
	about => 'Where the table is between max_rows (0 %) and max_rows + slack (100 %), where the oldest rows go. Below 0 %, nothing goes yet.',
	unit => 'percentunit', min => 0, max => 1, nothing => 'no max_rows', sql => <<'SQL';
SELECT (s.rows - s.deleted - m.value::numeric)::float8 / nullif(k.value::float8, 0) AS position
FROM flow.stats(${table:sqlstring}) s,
     flow.options(${table:sqlstring}) m, flow.options(${table:sqlstring}) k
WHERE m.name = 'max_rows' AND m.value ~ '^[0-9]+$' AND k.name = 'slack' AND k.value ~ '^[0-9]+$' LIMIT 1
SQL

panel 'stat', 'Rows expired', 4, 4,
	about => 'Rows that retain, max_rows and max_bytes have removed since the table was made.', unit => 'short', sql => <<'SQL';
SELECT rows_expired AS rows FROM flow.stats(${table:sqlstring}) LIMIT 1
SQL

panel 'stat', 'Newest row', 4, 4,
	about => 'How old the newest row is, by its time.', unit => 's', nothing => 'no rows', sql => <<'SQL';
SELECT extract(epoch FROM now() - ts_max)::float8 AS age FROM flow.stats(${table:sqlstring}) WHERE ts_max IS NOT NULL LIMIT 1
SQL

panel 'stat', 'History', 4, 4,
	about => 'The time from the oldest to the newest row.', unit => 's', nothing => 'no rows', sql => <<'SQL';
SELECT extract(epoch FROM ts_max - ts_min)::float8 AS span FROM flow.stats(${table:sqlstring}) WHERE ts_max IS NOT NULL LIMIT 1
SQL

row 'Over time';

panel 'timeseries', 'Rows', 8, 8,
	about => 'Rows that queries see, and those that came to a partition after it was clustered.', unit => 'short',
	min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), max(rows - deleted) AS rows, max(late_rows) AS late
FROM flow.table_health
WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Size', 8, 8,
	about => 'The parts of the file that are used and free, and the directory.', unit => 'decbytes', stack => 1,
	min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), max(file_bytes - free_bytes) AS used, max(free_bytes) AS free,
  max(directory_bytes) AS directory
FROM flow.table_health
WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Free disk', 8, 8,
	about => 'Free space on the file system of the table. Needs the rights of pg_monitor for who called flow.watch_health().',
	unit => 'decbytes', min => 0, min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), min(disk_free_bytes) AS free
FROM flow.table_health
WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Bytes written per second', 8, 8,
	about => 'By inserts, and again by merging and clustering.', unit => 'Bps', min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), avg(loaded) AS loaded, avg(rewritten) AS rewritten
FROM (SELECT ts, greatest(bytes_loaded - lag(bytes_loaded) OVER w, 0) / extract(epoch FROM ts - lag(ts) OVER w) AS loaded,
        greatest(bytes_rewritten - lag(bytes_rewritten) OVER w, 0) / extract(epoch FROM ts - lag(ts) OVER w) AS rewritten
      FROM flow.table_health
      WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
      WINDOW w AS (ORDER BY ts)) d
WHERE loaded IS NOT NULL
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Work that is due', 8, 8,
	about => 'Rows to be merged and to be clustered. What grows for hours is more than the worker can do.', unit => 'short', stack => 1,
	min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), max(merge_rows) AS merge, max(cluster_rows) AS cluster
FROM flow.table_health
WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Part of the file that a scan reads', 8, 8,
	about => 'Pages of the table that were asked for, by scans that began, by pages of the file. What is missing to 100 % was ruled out by '
	. 'time, bounds, the partition index, or is of columns that no query asked for. Pages that the worker reads, and that inserts touch, count, too.',
	unit => 'percentunit', min => 0, min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval),
  least(sum(pages) / nullif(sum(scans), 0) / nullif(max(file_bytes) / 8192.0, 0), 1)::float8 AS part
FROM (SELECT ts, file_bytes, greatest(pages_fetched - lag(pages_fetched) OVER w, 0) AS pages,
        greatest(scans - lag(scans) OVER w, 0) AS scans
      FROM flow.table_health
      WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
      WINDOW w AS (ORDER BY ts)) d
GROUP BY 1 ORDER BY 1
SQL

row 'Partitions';

panel 'timeseries', 'Bytes by partition', 12, 8,
	about => 'Bytes of the chunks and indexes of each partition, at its begin.', unit => 'decbytes', stack => 1, line => 'bars', sql => <<'SQL';
SELECT partition AS "time", bytes AS chunks, index_bytes AS "index"
FROM flow.partitions(${table:sqlstring})
WHERE $__timeFilter(partition)
ORDER BY 1 LIMIT 10000
SQL

panel 'timeseries', 'Rows by partition', 12, 8,
	about => 'Rows of each partition, at its begin, by how far they have come: fresh, merged, clustered.', unit => 'short', stack => 1,
	line => 'bars', sql => <<'SQL';
SELECT partition AS "time", clustered, merged, fresh
FROM flow.partitions(${table:sqlstring})
WHERE $__timeFilter(partition)
ORDER BY 1 LIMIT 10000
SQL

panel 'table', 'Newest partitions', 24, 10,
	about => 'The newest 200 partitions in the time range. due is what the worker would do now.', unit => 'short',
	columns => {
		bytes => { unit => 'decbytes' }, index_bytes => { unit => 'decbytes' }, bytes_per_row => { unit => 'decbytes', decimals => 1 },
		partition => { unit => 'dateTimeAsIso' }
	}, sql => <<'SQL';
SELECT partition, rows, deleted, fresh, merged, clustered, chunks, bytes, index_bytes,
  (bytes + index_bytes)::float8 / nullif(rows, 0) AS bytes_per_row, is_quiet AS quiet, due
FROM flow.partitions(${table:sqlstring})
WHERE $__timeFilter(partition)
ORDER BY partition DESC LIMIT 200
SQL

row 'Columns';

panel 'bargauge', 'Bytes by column', 12, 12,
	about => 'What each column takes on disk, its part of the indexes included, as flow.watch_health() has read it last, once a day.',
	unit => 'decbytes', all => 1, nothing => 'not read yet: flow.watch_health()', sql => <<'SQL';
SELECT column_name, bytes
FROM flow.column_health
WHERE relation = ${table:sqlstring}::regclass
  AND ts = (SELECT max(h.ts) FROM flow.column_health h WHERE h.relation = ${table:sqlstring}::regclass)
ORDER BY bytes DESC LIMIT 50
SQL

panel 'table', 'Compression by column', 12, 12,
	about => 'Bytes that the values would take in a row of PostgreSQL, and those that they take, as flow.watch_health() has read it last.',
	unit => 'decbytes', columns => { ratio => { unit => 'short', decimals => 1 }, part => { unit => 'percentunit', decimals => 1, bar => 1, min => 0, max => 1 } },
	nothing => 'not read yet: flow.watch_health()', sql => <<'SQL';
SELECT column_name AS "column", raw_bytes AS raw, bytes, raw_bytes::float8 / nullif(bytes, 0) AS ratio,
  (bytes / nullif(sum(bytes) OVER (), 0))::float8 AS part
FROM flow.column_health
WHERE relation = ${table:sqlstring}::regclass
  AND ts = (SELECT max(h.ts) FROM flow.column_health h WHERE h.relation = ${table:sqlstring}::regclass)
ORDER BY bytes DESC LIMIT 100
SQL

row 'Background worker';

panel 'table', 'Worker', 24, 5,
	about => 'What the background worker does now, for each database, and its last error. Counts are since the server was started.',
	unit => 'short', columns => {
		wal_bytes => { unit => 'decbytes' }, last_run => { unit => 'dateTimeAsIso' }, next_run => { unit => 'dateTimeAsIso' },
		last_error_at => { unit => 'dateTimeAsIso' }, errors => { thresholds => [ [ undef, 'green' ], [ 1, 'red' ] ] }
	}, sql => <<'SQL';
SELECT database, activity, task_rows_done::float8 / nullif(task_rows, 0) AS done, tasks, rows, wal_bytes, last_run,
  next_run, errors, last_error_at, last_error
FROM flow.worker_status()
ORDER BY database <> current_database(), database LIMIT 50
SQL

panel 'timeseries', 'Rows worked on per second', 8, 8,
	about => 'Rows that the worker has read for its tasks.', unit => 'rowsps', min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), avg(rate) AS rows
FROM (SELECT ts, greatest(rows - lag(rows) OVER w, 0) / extract(epoch FROM ts - lag(ts) OVER w) AS rate
      FROM flow.worker_health WHERE $__timeFilter(ts) WINDOW w AS (ORDER BY ts)) d
WHERE rate IS NOT NULL
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Log written per second', 8, 8,
	about => 'Bytes of write-ahead log that the worker has written.', unit => 'Bps', min_interval => '1m', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), avg(rate) AS bytes
FROM (SELECT ts, greatest(wal_bytes - lag(wal_bytes) OVER w, 0) / extract(epoch FROM ts - lag(ts) OVER w) AS rate
      FROM flow.worker_health WHERE $__timeFilter(ts) WINDOW w AS (ORDER BY ts)) d
WHERE rate IS NOT NULL
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Tasks and errors', 8, 8,
	about => 'Tasks that the worker has done and errors that it had in each interval.', unit => 'short', line => 'bars', min_interval => '1m',
	sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), sum(done) AS tasks, sum(failed) AS errors
FROM (SELECT ts, greatest(tasks - lag(tasks) OVER w, 0) AS done, greatest(errors - lag(errors) OVER w, 0) AS failed
      FROM flow.worker_health WHERE $__timeFilter(ts) WINDOW w AS (ORDER BY ts)) d
WHERE done IS NOT NULL
GROUP BY 1 ORDER BY 1
SQL

row 'Schedules, rollups and options';

panel 'table', 'Schedules', 24, 9,
	about => 'What the worker runs for each bucket of time. behind is by how much a schedule is later than it is at rest; failures are in a row.',
	unit => 'short', columns => {
		every => { unit => 's' }, behind => { unit => 's', thresholds => [ [ undef, 'green' ], [ 600, 'orange' ], [ 3600, 'red' ] ] },
		took => { unit => 's' }, failures => { thresholds => [ [ undef, 'green' ], [ 1, 'red' ] ] },
		done_until => { unit => 'dateTimeAsIso' }, error_at => { unit => 'dateTimeAsIso' }
	}, nothing => 'nothing is scheduled', sql => <<'SQL';
SELECT name, owner::text AS owner, extract(epoch FROM every)::float8 AS every, done_until,
  extract(epoch FROM behind)::float8 AS behind, extract(epoch FROM last_took)::float8 AS took, runs, alerts, again, failed, missed,
  failures, error_at, error
FROM flow.schedule_status()
ORDER BY failures DESC, behind DESC, name LIMIT 200
SQL

panel 'table', 'Rollups', 16, 8,
	about => 'The levels of rollups. Reading one is exact in every state, but slower the more is pending; lag is since when something is.',
	unit => 'short', columns => {
		step => { unit => 's' }, keep => { unit => 's' }, lag => { unit => 's', thresholds => [ [ undef, 'green' ], [ 7200, 'orange' ] ] }
	}, nothing => 'there is none', sql => <<'SQL';
SELECT reading::text AS view, relation::text AS "of", extract(epoch FROM step)::float8 AS step,
  extract(epoch FROM keep)::float8 AS keep, state, extract(epoch FROM lag)::float8 AS lag, rows_estimate AS rows, error
FROM flow.rollups
ORDER BY schema_name, name, step LIMIT 200
SQL

panel 'table', 'Options of the table', 8, 8,
	about => 'What the table keeps and how it is maintained.', unit => 'none', sql => <<'SQL';
SELECT name, value, is_default AS "default" FROM flow.options(${table:sqlstring}) LIMIT 50
SQL

1;
