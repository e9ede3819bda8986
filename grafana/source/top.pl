# The largest of anything, over time and in a table.
use Dashboard;

dashboard 'flow-top', 'Flow top N', from => 'now-6h', refresh => '5m', about => <<'TEXT';
The largest groups by any dimension, over time, compared with the time before, and with their numbers.
TEXT

variables qw(datasource table measure), {
	name => 'dimension', label => 'Dimension', about => 'What is grouped by',
	values => [
		qw(src_addr dst_addr port dst_port proto direction family exporter in_if out_if src_as dst_as sensor tos tcp_flags)
	]
}, qw(n filter), {
	name => 'factor', label => 'Factor', about => 'Bits for bytes', hide => 1,
	sql => q(SELECT CASE WHEN '$measure' = 'bytes' THEN 8 ELSE 1 END LIMIT 1)
}, 'where';
link_to 'Overview', 'flow-overview';
link_to 'Conversations', 'flow-conversations';

row 'Over time';

panel 'timeseries', 'Top $n by $dimension, per second', 24, 11,
	about => 'The groups with most in the time range, the others as Other: bits, packets or flows per second, counted where a flow begins.',
	unit => 'si:', stack => 1, legend => 'table', calcs => [qw(mean max lastNotNull)],
	columns => { Other => { colour => 'dark-blue' } }, sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) * $factor AS value
FROM flow.traffic('$__interval', '{$dimension}', '$measure', $n, since => $__timeFrom(), until => $__timeTo(),
                  filter => '$filter', relation => '$table')
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'All of it, now and before', 24, 7,
	about => 'All that the filter lets through, per second, and the time range of the same length before (dashed).',
	unit => 'si:', columns => { before => { dashed => 1, colour => 'text' } }, sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), metric, sum(per_second) * $factor AS value
FROM (SELECT bucket, 'now' AS metric, per_second
      FROM flow.traffic('$__interval', measure => '$measure', since => $__timeFrom(), until => $__timeTo(), filter => '$filter', relation => '$table')
      UNION ALL
      SELECT bucket + ($__timeTo()::timestamptz - $__timeFrom()), 'before', per_second
      FROM flow.traffic('$__interval', measure => '$measure', since => $__timeFrom()::timestamptz - ($__timeTo()::timestamptz - $__timeFrom()),
                        until => $__timeFrom(), filter => '$filter', relation => '$table')) t
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

row 'Numbers';

panel 'table', 'Top $n by $dimension', 24, 12,
	about => 'Of each group: its total and share, and of its buckets the smallest, mean, largest and 95th percentile (nearest rank), per second; buckets without it count as 0. Previous is its total in the time range of the same length before.',
	unit => 'si:', address => ['address'],
	columns => {
		total => { unit => 'short', decimals => 1 }, previous => { unit => 'short', decimals => 1 },
		change => { unit => 'percent', decimals => 0 }, percent => { unit => 'percent', bar => 1, min => 0, max => 100, decimals => 1 }
	}, sql => <<'SQL';
WITH s AS (
    SELECT value, key, bucket, sum(amount) AS amount, sum(per_second) * $factor AS rate
    FROM flow.traffic('$__interval', '{$dimension}', '$measure', $n, since => $__timeFrom(), until => $__timeTo(), filter => '$filter', relation => '$table')
    GROUP BY 1, 2, 3),
slots AS (
    SELECT ceil(extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()) * 1000 / $__interval_ms)::integer AS n),
before AS (
    SELECT value, sum(amount) AS amount
    FROM flow.traffic(NULL, '{$dimension}', '$measure', 10 * $n, since => $__timeFrom()::timestamptz - ($__timeTo()::timestamptz - $__timeFrom()),
                      until => $__timeFrom(), filter => '$filter', relation => '$table')
    WHERE key IS NOT NULL
    GROUP BY 1),
g AS (
    SELECT s.value, s.key, sum(s.amount) AS total, min(s.rate) AS least, max(s.rate) AS most, sum(s.rate) AS rates,
           array_agg(s.rate ORDER BY s.rate) AS sorted, count(*) AS present
    FROM s GROUP BY 1, 2)
SELECT g.value AS "$dimension",
       CASE WHEN '$dimension' IN ('src_addr', 'dst_addr', 'exporter') THEN (g.key ->> '$dimension')::inet END AS address,
       g.total, 100 * g.total / nullif(sum(g.total) OVER (), 0) AS percent,
       CASE WHEN g.present < slots.n THEN 0 ELSE g.least END AS min, g.rates / greatest(slots.n, g.present) AS mean, g.most AS max,
       coalesce(g.sorted[ceil(0.95 * greatest(slots.n, g.present))::integer - (greatest(slots.n, g.present) - g.present)::integer], 0) AS p95,
       before.amount AS previous, 100 * (g.total / nullif(before.amount, 0) - 1) AS change
FROM g CROSS JOIN slots LEFT JOIN before ON before.value = g.value AND g.key IS NOT NULL
ORDER BY g.key IS NULL, g.total DESC LIMIT 60
SQL

panel 'bargauge', 'Share', 12, 10,
	about => 'Totals of the time range.', unit => 'short', all => 1, sql => <<'SQL';
SELECT value AS name, amount AS total
FROM flow.traffic(NULL, '{$dimension}', '$measure', $n, since => $__timeFrom(), until => $__timeTo(), filter => '$filter', relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 60
SQL

panel 'histogram', 'Sizes of flows', 12, 10,
	about => 'How many flows had how many bytes: the newest 20,000 that the filter lets through.',
	unit => 'decbytes', buckets => 40, sql => <<'SQL';
SELECT bytes
FROM $table
WHERE $__timeFilter(ts) AND ${where:raw}
ORDER BY ts DESC LIMIT 20000
SQL

1;
