# Who sends flows, how well they arrive, and how the collectors are.
use Dashboard;

dashboard 'flow-collectors', 'Flow exporters and collectors', from => 'now-6h', refresh => '1m', about => <<'TEXT';
Who sends flows, what of it arrives, and how the collectors keep up. What collectors say of themselves comes from flow.collectors and
flow.exporters, every ten seconds; lines over time from the samples that flow.watch_health() keeps of it.
TEXT

variables qw(datasource table), {
	name => 'collector', label => 'Collector', about => 'Collectors that write into this database', multi => 1, all => q(''),
	sql => 'SELECT name FROM flow.collectors ORDER BY 1 LIMIT 200'
};

my $chosen = q{('' IN ($collector) OR collector IN ($collector))};
my $named = q{('' IN ($collector) OR name IN ($collector))};

row 'Now';

panel 'stat', 'Collectors', 3, 4,
	about => 'Collectors that have written their row within the last minute.', unit => 'short',
	thresholds => [ [ undef, 'red' ], [ 1, 'green' ] ], sql => <<"SQL";
SELECT count(*) AS alive FROM flow.collectors WHERE last_seen > now() - interval '1 min' AND $named
SQL

panel 'stat', 'Exporters', 3, 4,
	about => 'Exporters that were heard of in the last 5 minutes.', unit => 'short',
	thresholds => [ [ undef, 'red' ], [ 1, 'green' ] ], sql => <<"SQL";
SELECT count(*) AS active FROM flow.exporters WHERE last_seen > now() - interval '5 min' AND $chosen
SQL

panel 'stat', 'Silent exporters', 3, 4,
	about => 'Exporters that were heard of in the last day, but not in the last 5 minutes.', unit => 'short',
	thresholds => [ [ undef, 'green' ], [ 1, 'orange' ] ], sql => <<"SQL";
SELECT count(*) AS silent FROM flow.exporters
WHERE last_seen BETWEEN now() - interval '1 day' AND now() - interval '5 min' AND $chosen
SQL

panel 'stat', 'Rows per second', 3, 4,
	about => 'Rows that all collectors have committed lately.', unit => 'rowsps', sql => <<"SQL";
SELECT coalesce(sum(rows_per_second), 0) AS rate FROM flow.collectors WHERE last_seen > now() - interval '1 min' AND $named
SQL

panel 'stat', 'Lag', 3, 4,
	about => 'Age of the oldest row that a collector has received and not committed.', unit => 's',
	thresholds => [ [ undef, 'green' ], [ 30, 'orange' ], [ 300, 'red' ] ], nothing => 'no collector', sql => <<"SQL";
SELECT extract(epoch FROM max(lag))::float8 AS lag FROM flow.collectors WHERE last_seen > now() - interval '1 day' AND $named
SQL

panel 'stat', 'Spool', 3, 4,
	about => 'Bytes that wait on the disks of collectors to be written.', unit => 'decbytes',
	thresholds => [ [ undef, 'green' ], [ 1e9, 'orange' ] ], sql => <<"SQL";
SELECT coalesce(sum(spool_bytes), 0)::bigint AS bytes FROM flow.collectors WHERE $named
SQL

panel 'stat', 'Records lost on the way', 3, 4,
	about => 'Records that are missing by the sequence numbers of exporters, by all that should have come, since the collectors were started.',
	unit => 'percentunit', decimals => 2, thresholds => [ [ undef, 'green' ], [ 0.001, 'orange' ], [ 0.01, 'red' ] ],
	nothing => 'no exporter', sql => <<"SQL";
SELECT (sum(missed) / nullif(sum(records) + sum(missed), 0))::float8 AS part FROM flow.exporters WHERE $chosen
SQL

panel 'stat', 'Disk days left', 3, 4,
	about => 'In how many days the disk of the table is full at the rate of the last week. Nothing is shown where options of the table end its growth before.',
	unit => 'd', decimals => 0, thresholds => [ [ undef, 'red' ], [ 7, 'orange' ], [ 30, 'green' ] ], nothing => 'no end in sight', sql => <<'SQL';
SELECT days_left FROM flow.forecast(${table:sqlstring}) WHERE days_left IS NOT NULL LIMIT 1
SQL

panel 'table', 'Collectors', 24, 6,
	about => 'Each collector, as it has last said. dropped counts datagrams, records and rows that did not reach the table, for any cause, since it was started.',
	unit => 'short', columns => {
		seen => { title => 'last seen', unit => 's', thresholds => [ [ undef, 'green' ], [ 60, 'orange' ], [ 600, 'red' ] ] },
		up => { title => 'up since', unit => 'dateTimeAsIso' }, rate => { unit => 'rowsps' }, spool => { unit => 'decbytes' },
		lag => { unit => 's', thresholds => [ [ undef, 'green' ], [ 30, 'orange' ], [ 300, 'red' ] ] }
	}, nothing => 'no collector has written here', sql => <<"SQL";
SELECT name AS collector, host AS machine, version, started AS up, extract(epoch FROM now() - last_seen)::float8 AS seen,
  rows_per_second AS rate, extract(epoch FROM lag)::float8 AS lag, queue_rows AS queue, spool_bytes AS spool, exporters,
  (SELECT coalesce(sum(d.value::numeric), 0) FROM jsonb_each_text(drops) d) AS dropped,
  (SELECT coalesce(sum(r.value::numeric), 0) FROM jsonb_each_text(refused) r) AS refused
FROM flow.collectors
WHERE $named
ORDER BY name LIMIT 200
SQL

panel 'table', 'Exporters', 24, 10,
	about => 'Each source of flows. missed counts records that are missing in its sequence numbers since the collector was started; templates is '
	. 'empty for protocols without them, and where the collector does not count them.',
	unit => 'short', columns => {
		seen => { title => 'last seen', unit => 's', thresholds => [ [ undef, 'green' ], [ 300, 'orange' ], [ 3600, 'red' ] ] },
		rate => { unit => 'rowsps' },
		lost => { unit => 'percentunit', decimals => 2, thresholds => [ [ undef, 'green' ], [ 0.001, 'orange' ], [ 0.01, 'red' ] ] }
	}, nothing => 'no exporter', sql => <<"SQL";
SELECT address, collector,
  CASE version WHEN 10 THEN 'IPFIX' WHEN 105 THEN 'sFlow' ELSE 'NetFlow ' || version END AS protocol, domain,
  extract(epoch FROM now() - last_seen)::float8 AS seen, records, records_per_second AS rate, gaps, missed,
  (missed / nullif(records + missed, 0)::numeric)::float8 AS lost, templates
FROM flow.exporters
WHERE $chosen
ORDER BY last_seen < now() - interval '5 min' DESC, missed DESC NULLS LAST, address LIMIT 500
SQL

row 'What arrives';

panel 'timeseries', 'Records per second by exporter', 12, 9,
	about => 'Records of the 20 busiest exporters, as their collector has counted them.', unit => 'rowsps', stack => 1, legend => 'table',
	min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), host(address) AS metric, sum(records_per_second) / count(DISTINCT ts) AS value
FROM flow.exporter_health
WHERE \$__timeFilter(ts) AND $chosen
  AND address IN (SELECT e.address FROM flow.exporter_health e WHERE \$__timeFilter(e.ts)
                  GROUP BY 1 ORDER BY sum(e.records_per_second) DESC NULLS LAST LIMIT 20)
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Flows in the table by exporter', 12, 9,
	about => 'Flows per second of the table, where they begin: what is there in the end, whoever has brought it.', unit => 'rowsps',
	stack => 1, legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), coalesce(host(exporter), 'unknown') AS metric, count(*) * 1000.0 / $__interval_ms AS value
FROM $table
WHERE $__timeFilter(ts)
GROUP BY 1, exporter ORDER BY 1
SQL

panel 'timeseries', 'Rows committed per second', 8, 8,
	about => 'Rows that each collector has committed.', unit => 'rowsps', min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), collector AS metric, avg(rows_per_second) AS value
FROM flow.collector_health
WHERE \$__timeFilter(ts) AND last_seen > ts - interval '1 min' AND $chosen
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Bytes of traffic per flow', 8, 8,
	about => 'Mean bytes of the flows that begin in each interval. A step tells of another sampling rate, or of an attack with small packets.',
	unit => 'decbytes', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), avg(bytes) AS bytes
FROM $table
WHERE $__timeFilter(ts)
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'Bytes on disk per flow', 8, 8,
	about => 'Size of the table without free space in its file, by its rows.', unit => 'decbytes', decimals => 1, min_interval => '1m',
	sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval),
  (avg(file_bytes - free_bytes + directory_bytes) / nullif(avg(rows), 0))::float8 AS bytes
FROM flow.table_health
WHERE $__timeFilter(ts) AND relation = ${table:sqlstring}::regclass
GROUP BY 1 ORDER BY 1
SQL

row 'What is lost';

panel 'timeseries', 'Records missing by exporter', 12, 8,
	about => 'Records per second that are missing by the sequence numbers of the 20 exporters that lack most: lost on the way, or in the kernel of the collector.',
	unit => 'rowsps', line => 'bars', stack => 1, min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), host(address) AS metric, sum(lost) * 1000.0 / \$__interval_ms AS value
FROM (SELECT ts, address, collector, greatest(missed - lag(missed) OVER w, 0) AS lost
      FROM flow.exporter_health
      WHERE \$__timeFilter(ts) AND $chosen
      WINDOW w AS (PARTITION BY collector, address, version, domain ORDER BY ts)) d
WHERE lost IS NOT NULL
  AND address IN (SELECT e.address FROM flow.exporter_health e WHERE \$__timeFilter(e.ts)
                  GROUP BY 1 ORDER BY max(e.missed) DESC NULLS LAST LIMIT 20)
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Drops by cause', 12, 8,
	about => 'What did not become rows, by the counter of the collector (its README tells what each counts), per second. Nothing is drawn while nothing is dropped.',
	unit => 'cps', line => 'bars', stack => 1, min_interval => '1m', nothing => 'nothing was dropped', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), cause AS metric, sum(n) * 1000.0 / \$__interval_ms AS value
FROM (SELECT h.ts, d.key AS cause, d.value::numeric - CASE WHEN h.same THEN coalesce((h.before ->> d.key)::numeric, 0) ELSE 0 END AS n
      FROM (SELECT ts, drops, lag(drops) OVER w AS before, lag(started) OVER w IS NOT DISTINCT FROM started AS same
            FROM flow.collector_health
            WHERE \$__timeFilter(ts) AND $chosen
            WINDOW w AS (PARTITION BY collector ORDER BY ts)) h, jsonb_each_text(h.drops) d
      WHERE h.before IS NOT NULL) x
WHERE n > 0
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'table', 'Drops since the start', 12, 8,
	about => 'The counters of what did not become rows, since each collector was started.', unit => 'short', nothing => 'nothing was dropped', sql => <<"SQL";
SELECT c.name AS collector, d.key AS cause, d.value::numeric AS count
FROM flow.collectors c, jsonb_each_text(c.drops) d
WHERE $named
UNION ALL
SELECT c.name, 'refused by rule ' || r.key, r.value::numeric
FROM flow.collectors c, jsonb_each_text(c.refused) r
WHERE $named
ORDER BY 3 DESC, 1, 2 LIMIT 200
SQL

panel 'timeseries', 'Data without template', 12, 8,
	about => 'Data sets per second that were given up because their template did not come, of NetFlow v9 and IPFIX.',
	unit => 'cps', line => 'bars', min_interval => '1m', nothing => 'no template is missing', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), collector AS metric, sum(n) * 1000.0 / \$__interval_ms AS value
FROM (SELECT h.ts, h.collector, d.value::numeric - CASE WHEN h.same THEN coalesce((h.before ->> d.key)::numeric, 0) ELSE 0 END AS n
      FROM (SELECT ts, collector, drops, lag(drops) OVER w AS before, lag(started) OVER w IS NOT DISTINCT FROM started AS same
            FROM flow.collector_health
            WHERE \$__timeFilter(ts) AND $chosen
            WINDOW w AS (PARTITION BY collector ORDER BY ts)) h, jsonb_each_text(h.drops) d
      WHERE h.before IS NOT NULL AND d.key IN ('sets_unparkable', 'sets_park_expired', 'sets_park_evicted')) x
WHERE n > 0
GROUP BY 1, 2 ORDER BY 1
SQL

row 'How collectors keep up';

panel 'timeseries', 'Lag', 8, 8,
	about => 'Age of the oldest row that is received and not committed: the time that a flow waits for its batch.', unit => 's', min => 0,
	min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), collector AS metric, max(lag_s) AS value
FROM flow.collector_health
WHERE \$__timeFilter(ts) AND $chosen
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Rows that wait in memory', 8, 8,
	about => 'Rows that are decoded and not committed.', unit => 'short', min => 0, min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), collector AS metric, max(queue_rows) AS value
FROM flow.collector_health
WHERE \$__timeFilter(ts) AND $chosen
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Bytes in the spool', 8, 8,
	about => 'Bytes on disk that are received and not committed. What grows is more than the database takes.', unit => 'decbytes', min => 0,
	min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), collector AS metric, max(spool_bytes) AS value
FROM flow.collector_health
WHERE \$__timeFilter(ts) AND $chosen
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'state-timeline', 'Exporters heard of', 24, 8,
	about => 'Which exporters sent something in the 5 minutes before each sample, of those that were active in the time range; 40 at most.',
	unit => 'none', min_interval => '1m', map => { 1 => [ 'active', 'green' ], 0 => [ 'silent', 'red' ] }, sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), host(address) AS metric, min((last_seen > ts - interval '5 min')::int) AS value
FROM flow.exporter_health
WHERE \$__timeFilter(ts) AND $chosen
  AND address IN (SELECT e.address FROM flow.exporter_health e WHERE \$__timeFilter(e.ts)
                  GROUP BY 1 ORDER BY sum(e.records_per_second) DESC NULLS LAST LIMIT 40)
GROUP BY 1, 2 ORDER BY 1
SQL

1;
