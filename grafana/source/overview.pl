# What the network does: how much, of what, by whom.
use Dashboard;

dashboard 'flow-overview', 'Flow overview', from => 'now-6h', refresh => '1m', about => <<'TEXT';
How much traffic there is, of which kind, and who makes it.
TEXT

variables qw(datasource table exporter);

row 'Traffic';

panel 'timeseries', 'Bits per second by protocol', 16, 9,
	about => 'Bits per second by IP protocol, counted where a flow begins.',
	unit => 'bps', stack => 1, legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), flow.proto_name(proto) AS metric, sum(bytes) * 8000.0 / $__interval_ms AS value
FROM $table
WHERE $__timeFilter(ts) AND ('0.0.0.0/0' IN ($exporter) OR exporter IN ($exporter))
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'table', 'Top sources', 8, 9,
	about => 'The sources with most bytes.', unit => 'decbytes', columns => { flows => { unit => 'short' } }, sql => <<'SQL';
SELECT src_addr, sum(bytes) AS bytes, count(*) AS flows
FROM $table
WHERE $__timeFilter(ts) AND ('0.0.0.0/0' IN ($exporter) OR exporter IN ($exporter))
GROUP BY 1 ORDER BY 2 DESC LIMIT 20
SQL

1;
