/*-------------------------------------------------------------------------
 *
 * The checks of flow health.
 *
 * What has not been seen for a week is taken for gone, not for ill.
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>

#include "health_checks.h"

#define MONITOR "GRANT pg_monitor lets the role read it."

/* Seconds of an interval, for {D:n}. */
#define SECONDS(interval) "round(extract(epoch FROM " interval "), 1)"

const struct health_check health_checks[] = {
	{"worker", NULL, false,
		"SELECT CASE WHEN current_setting('flowstore.worker', true) = 'off' OR w.last_error_at > now() - interval '1 day'"
		"  THEN 1 ELSE 0 END, 'worker',"
		" CASE WHEN current_setting('flowstore.worker', true) = 'off' THEN 'flowstore.worker is off: tables are not maintained'"
		"  WHEN w.last_error_at > now() - interval '1 day'"
		"  THEN format('%s errors, the last {D:%s} ago: %s', w.errors, " SECONDS("now() - w.last_error_at") ","
		"   coalesce(w.last_error, 'not shown to this role'))"
		"  WHEN w.activity IS NOT NULL AND w.pid IS NOT NULL THEN format('at work: %s', w.activity)"
		"  WHEN w.last_run IS NULL THEN 'has had nothing to do in this database'"
		"  ELSE format('at rest, last look {D:%s} ago', " SECONDS("clock_timestamp() - w.last_run") ") END"
		" FROM (SELECT) one LEFT JOIN flow.worker_status() w ON w.database = current_database()"},
	{"table", "GRANT SELECT on the table.", true,
		"SELECT 0, 'table', format('{N:%s} rows, {B:%s} on disk%s', s.rows - s.deleted,"
		"  s.file_bytes + s.directory_bytes, CASE WHEN s.rows > s.deleted THEN format(', %s bytes a row',"
		"  round((s.file_bytes - s.free_bytes + s.directory_bytes)::numeric / (s.rows - s.deleted), 1)) END)"
		" FROM given, flow.stats(given.relation) s WHERE s.rows IS NOT NULL"
		" UNION ALL SELECT CASE WHEN s.future_refused + s.future_set_aside > 0 THEN 1 ELSE 0 END, 'future rows',"
		" format('{N:%s} rows of the future were refused, {N:%s} set aside: a clock is wrong',"
		"  s.future_refused, s.future_set_aside)"
		" FROM given, flow.stats(given.relation) s WHERE s.future_refused + s.future_set_aside > 0"},
	{"maintenance", NULL, true,
		"SELECT CASE WHEN d.n > 0 AND (current_setting('flowstore.worker', true) = 'off' OR w.pid IS NULL"
		"  AND NOT w.has_news AND w.last_run < clock_timestamp() - interval '10 minutes')"
		"  THEN 1 ELSE 0 END, 'maintenance', CASE WHEN d.n = 0 THEN 'nothing waits to be merged or clustered'"
		"  ELSE format('%s partitions with {N:%s} rows wait to be merged or clustered%s', d.n, d.rows,"
		"   CASE WHEN w.pid IS NOT NULL THEN ', the worker is there' END) END"
		" FROM given, LATERAL (SELECT count(*) AS n, sum(p.rows) AS rows FROM flow.partitions(given.relation) p"
		"  WHERE p.due IS NOT NULL AND p.is_quiet AND NOT EXISTS (SELECT FROM flow.options(given.relation) o"
		"   WHERE o.name IN ('merge', 'cluster') AND o.value = 'off')) d"
		" LEFT JOIN flow.worker_status() w ON w.database = current_database()"},
	{"retention", NULL, true,
		"SELECT 0, 'retention', coalesce('keeps ' || string_agg(CASE o.name WHEN 'retain' THEN o.value"
		"   WHEN 'max_rows' THEN format('{N:%s} rows', o.value) ELSE o.value END, ' and at most ' ORDER BY o.name DESC),"
		"  'nothing limits the table (flow.set: retain, max_bytes, max_rows)')"
		" FROM given, flow.options(given.relation) o"
		" WHERE o.name IN ('retain', 'max_rows', 'max_bytes') AND NOT o.is_default"},
	{"collectors", MONITOR, false,
		"SELECT CASE WHEN age > interval '10 minutes' OR lag > interval '5 minutes' THEN 2"
		"  WHEN age > interval '1 minute' OR lag > interval '30 seconds' OR lost > g.loss THEN 1 ELSE 0 END,"
		" format('collector %s', name),"
		" concat_ws(', ', CASE WHEN age > interval '1 minute' THEN format('silent for {D:%s}', " SECONDS("age") ")"
		"   ELSE format('{N:%s} rows a second', round(coalesce(rows_per_second, 0)::numeric)) END,"
		"  CASE WHEN lag > interval '1 second' THEN format('lags {D:%s} behind', " SECONDS("lag") ") END,"
		"  CASE WHEN queue_rows > 0 THEN format('{N:%s} rows wait in memory', queue_rows) END,"
		"  CASE WHEN spool_bytes > 0 THEN format('{B:%s} wait on disk', spool_bytes) END,"
		"  CASE WHEN dropped > 0 THEN format('{N:%s} records did not become rows (%s)', dropped, reasons) END)"
		" FROM given g, (SELECT c.*, clock_timestamp() - c.last_seen AS age, d.dropped, d.reasons,"
		"   100 * d.dropped / nullif(d.dropped + coalesce((SELECT sum(e.records) FROM flow.exporters e"
		"    WHERE e.collector = c.name), 0), 0) AS lost"
		"  FROM flow.collectors c CROSS JOIN LATERAL (SELECT coalesce(sum(value::numeric), 0) AS dropped,"
		"   string_agg(key, ' ' ORDER BY value::numeric DESC) AS reasons FROM jsonb_each_text(c.drops)) d"
		"  WHERE c.last_seen > clock_timestamp() - interval '7 days') x ORDER BY name"},
	{"exporters", MONITOR, false,
		"SELECT CASE WHEN lost > 10 * g.loss THEN 2 WHEN lost > g.loss OR age > interval '15 minutes' THEN 1 ELSE 0 END,"
		" format('exporter %s', host(address)),"
		" concat_ws(', ', CASE WHEN age > interval '15 minutes' THEN format('silent for {D:%s}', " SECONDS("age") ")"
		"   ELSE format('{N:%s} records a second', round(coalesce(records_per_second, 0)::numeric)) END,"
		"  CASE WHEN missed > 0 THEN format('%s %% of its records were lost on the way', round(lost::numeric, 2)) END)"
		" FROM given g, (SELECT e.*, clock_timestamp() - e.last_seen AS age,"
		"   100 * e.missed::double precision / nullif(e.missed + e.records, 0) AS lost"
		"  FROM flow.exporters e JOIN flow.collectors c ON c.name = e.collector"
		"   AND c.last_seen > clock_timestamp() - interval '7 days'"
		"  WHERE e.last_seen > clock_timestamp() - interval '7 days') x"
		" ORDER BY 1 DESC, lost DESC NULLS LAST, address LIMIT 50"},
	{"schedules", NULL, false,
		"SELECT CASE WHEN s.failures > 0 OR s.lag > 3 * s.every + interval '10 minutes' THEN 1 ELSE 0 END,"
		" format('schedule %s', s.name),"
		" concat_ws(', ', CASE WHEN s.failures > 0 THEN format('failed %s times: %s', s.failures, s.error) END,"
		"  CASE WHEN s.lag > 3 * s.every + interval '10 minutes' THEN format('{D:%s} behind', " SECONDS("s.lag") ") END,"
		"  CASE WHEN s.missed > 0 THEN format('%s buckets were given up', s.missed) END,"
		"  format('%s runs, %s alerts', s.runs, s.alerts)) FROM flow.schedules s ORDER BY 1 DESC, s.name"},
	{"rollups", NULL, false,
		"SELECT CASE WHEN r.state IN ('failing', 'orphaned') OR r.lag > interval '1 hour' THEN 1 ELSE 0 END,"
		" format('rollup %s', r.name), concat_ws(', ', format('%s: %s', r.step, r.state),"
		"  CASE WHEN r.state = 'failing' THEN r.error END,"
		"  CASE WHEN r.lag > interval '1 minute' THEN format('{D:%s} behind', " SECONDS("r.lag") ") END)"
		" FROM flow.rollups r ORDER BY 1 DESC, r.name, r.step"},
	{"alerts", "SELECT flow.grant_alerts(role) lets it.", false,
		"SELECT 0, 'alerts', CASE WHEN count(*) = 0 THEN 'none of the last day is open'"
		" ELSE format('{N:%s} of the last day are open, the worst is %s', count(*), max(worst)) END"
		" FROM flow.alerts WHERE hour >= flow.time_bucket(interval '1 hour', flow.now() - interval '1 day')"
		" AND ts >= flow.now() - interval '1 day' AND NOT acknowledged"},
	{NULL, NULL, false, NULL}
};

const struct health_check health_check_damage = {
	"damage", NULL, true,
	"SELECT CASE WHEN count(*) > 0 THEN 2 ELSE 0 END, 'damage', CASE WHEN count(*) > 0"
	" THEN format('%s problems, the first: %s (flow.check lists them)', count(*), min(c.problem))"
	" ELSE 'everything was read and is sound' END FROM given, flow.check(given.relation) c"
};
