# What the detections have raised, what of it is shown, and what became of it.
use Dashboard;

dashboard 'flow-alerts', 'Flow alerts', from => 'now-24h', refresh => '1m', about => <<'TEXT';
What scheduled detections have raised, what of it is shown or suppressed, and how long it takes until somebody says that he has seen it. Detections are
scheduled by flow.schedule_detections().
TEXT

my %severities = (info => ['info', 'blue'], low => ['low', 'green'], medium => ['medium', 'yellow'], high => ['high', 'orange'],
	critical => ['critical', 'red']);
my %steps = (0 => ['', 'transparent'], 1 => ['info', 'blue'], 2 => ['low', 'green'], 3 => ['medium', 'yellow'], 4 => ['high', 'orange'],
	5 => ['critical', 'red']);

variables qw(datasource table), {
	name => 'severity', label => 'Severity', about => 'How much an alert matters', multi => 1, all => q('all'),
	sql => 'SELECT unnest(enum_range(NULL::flow.severity))::text LIMIT 10'
}, {
	name => 'rule', label => 'Rule', about => 'Detections that have raised alerts', multi => 1, all => q('all'), refresh => 'range',
	sql => 'SELECT DISTINCT rule FROM flow.alert WHERE $__timeFilter(ts) ORDER BY 1 LIMIT 200'
};

my $chosen = q{('all' IN ($severity) OR severity::text IN ($severity)) AND ('all' IN ($rule) OR rule IN ($rule))};
# whole hours before the times: alerts are counted as repetitions by the hour
my $hours = q{hour BETWEEN $__timeFrom()::timestamptz - interval '1 hour' AND $__timeTo()::timestamptz AND $__timeFilter(ts)};

row 'In this time range';

panel 'stat', 'Alerts', 4, 4,
	about => 'Alerts to be looked at: without repetitions within an hour, and without what the list of exceptions allows.', unit => 'short', sql => <<"SQL";
SELECT count(*) AS alerts FROM flow.alerts WHERE $hours AND $chosen
SQL

panel 'stat', 'Open', 4, 4,
	about => 'Alerts that nobody has acknowledged.', unit => 'short', thresholds => [ [ undef, 'green' ], [ 1, 'orange' ] ], sql => <<"SQL";
SELECT count(*) AS open FROM flow.alerts WHERE $hours AND NOT acknowledged AND $chosen
SQL

panel 'stat', 'High and critical', 4, 4,
	about => 'Alerts of these severities that nobody has acknowledged.', unit => 'short',
	thresholds => [ [ undef, 'green' ], [ 1, 'red' ] ], sql => <<"SQL";
SELECT count(*) AS high FROM flow.alerts WHERE $hours AND NOT acknowledged AND worst >= 'high' AND $chosen
SQL

panel 'stat', 'Repetitions', 4, 4,
	about => 'Alerts that say again what another one of the same hour says.', unit => 'short', sql => <<"SQL";
SELECT coalesce(sum(repetitions - 1), 0)::bigint AS repetitions FROM flow.alerts WHERE $hours AND $chosen
SQL

panel 'stat', 'Suppressed', 4, 4,
	about => 'Alerts that the list of exceptions (flow.allow) hides.', unit => 'short', sql => <<"SQL";
SELECT count(*) AS suppressed FROM flow.alerts_allowed WHERE \$__timeFilter(ts) AND $chosen
SQL

panel 'stat', 'Mean time to acknowledge', 4, 4,
	about => 'Mean time from the moment an alert was raised until somebody acknowledged it, of those that were.', unit => 's',
	nothing => 'none acknowledged', sql => <<"SQL";
SELECT avg(extract(epoch FROM acknowledged_at - raised))::float8 AS mean
FROM flow.alerts
WHERE $hours AND acknowledged_at >= raised AND $chosen
HAVING count(*) > 0
SQL

row 'Open alerts';

panel 'table', 'Open alerts', 24, 12,
	about => 'Alerts that nobody has acknowledged, the worst first. Addresses lead to the dashboard of the host. SELECT flow.acknowledge(key) takes one off the '
	. 'list, flow.allow() all of its kind.',
	unit => 'short', nothing => 'nothing is open', columns => {
		ts => { title => 'began', unit => 'dateTimeAsIso', width => 190 }, severity => { map => \%severities, width => 90 },
		rule => { width => 150 }, src_addr => { width => 200 }, dst_addr => { width => 200 }, port => { width => 110 },
		score => { decimals => 1, width => 90 }, times => { width => 70 }, age => { unit => 's', width => 110 }
	}, sql => <<"SQL";
SELECT ts, worst::text AS severity, rule, src_addr, dst_addr,
  CASE WHEN dst_port IS NOT NULL THEN flow.port_name(dst_port, coalesce((evidence ->> 'proto')::int, 6)) END AS port,
  score, repetitions AS times, extract(epoch FROM now() - raised)::float8 AS age,
  left((evidence - 'modifiers')::text, 500) AS evidence, dedup_key AS key
FROM flow.alerts
WHERE $hours AND NOT acknowledged AND $chosen
ORDER BY worst DESC, ts DESC LIMIT 500
SQL

row 'Over time';

panel 'timeseries', 'Alerts by severity', 12, 8,
	about => 'Alerts that began in each interval, by their severity.', unit => 'short', stack => 1, line => 'bars', min_interval => '1m',
	columns => { map { $_ => { colour => $severities{$_}[1] } } keys %severities }, sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), worst::text AS metric, count(*) AS value
FROM flow.alerts
WHERE $hours AND $chosen
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Shown, repeated, suppressed', 12, 8,
	about => 'All alerts that were raised, by what became of them: shown, repetitions of one that is shown, and hidden by the list of exceptions.',
	unit => 'short', stack => 1, line => 'bars', min_interval => '1m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), metric, sum(n) AS value
FROM (SELECT ts, 'shown' AS metric, 1 AS n FROM flow.alerts WHERE $hours AND $chosen
      UNION ALL
      SELECT ts, 'repeated', repetitions - 1 FROM flow.alerts WHERE $hours AND repetitions > 1 AND $chosen
      UNION ALL
      SELECT ts, 'suppressed', 1 FROM flow.alerts_allowed WHERE \$__timeFilter(ts) AND $chosen) a
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'state-timeline', 'Timeline of rules', 24, 10,
	about => 'The worst severity of the alerts of each rule in each interval. Only rules that have raised something are there.',
	unit => 'none', map => \%steps, min_interval => '10m', nothing => 'no alert', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), metric, max(step) AS value
FROM (SELECT ts, rule AS metric, array_position(enum_range(NULL::flow.severity), worst) AS step
      FROM flow.alerts WHERE $hours AND $chosen
      UNION ALL
      SELECT g.ts, r.rule, 0
      FROM generate_series(\$__timeFrom()::timestamptz, \$__timeTo()::timestamptz, interval '\$__interval') g(ts),
           (SELECT DISTINCT rule FROM flow.alerts WHERE $hours AND $chosen) r) a
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Time to acknowledge', 12, 8,
	about => 'Mean and longest time from raising to acknowledging, at the begin of the alerts.', unit => 's', points => 1, min_interval => '10m',
	nothing => 'none acknowledged', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), avg(extract(epoch FROM acknowledged_at - raised))::float8 AS mean,
  max(extract(epoch FROM acknowledged_at - raised))::float8 AS longest
FROM flow.alerts
WHERE $hours AND acknowledged_at >= raised AND $chosen
GROUP BY 1 ORDER BY 1
SQL

panel 'timeseries', 'From begin to alert', 12, 8,
	about => 'Mean time from the begin of what an alert tells of until it was raised: how late detections are. Buckets that were made up for count, too.',
	unit => 's', points => 1, min_interval => '10m', sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), rule AS metric, avg(extract(epoch FROM raised - ts))::float8 AS value
FROM flow.alerts
WHERE $hours AND $chosen
GROUP BY 1, 2 ORDER BY 1
SQL

row 'By rule, severity and host';

panel 'table', 'By rule', 12, 10,
	about => 'Alerts of each rule: shown, open, repetitions, hidden by exceptions, and the mean time to acknowledge.', unit => 'short',
	columns => { worst => { map => \%severities }, acknowledge => { title => 'time to acknowledge', unit => 's' }, last => { unit => 'dateTimeAsIso' } },
	sql => <<"SQL";
SELECT rule, max(worst)::text AS worst, sum(shown) AS alerts, sum(open) AS open, sum(repeated) AS repetitions, sum(hidden) AS suppressed,
  avg(took)::float8 AS acknowledge, max(ts) AS last
FROM (SELECT rule, worst, 1 AS shown, (NOT acknowledged)::int AS open, repetitions - 1 AS repeated, 0 AS hidden,
        extract(epoch FROM CASE WHEN acknowledged_at >= raised THEN acknowledged_at - raised END) AS took, last_ts AS ts
      FROM flow.alerts WHERE $hours AND $chosen
      UNION ALL
      SELECT rule, severity, 0, 0, 0, 1, NULL, ts FROM flow.alerts_allowed WHERE \$__timeFilter(ts) AND $chosen) a
GROUP BY rule ORDER BY 3 DESC, 1 LIMIT 200
SQL

panel 'piechart', 'By severity', 6, 10,
	about => 'Alerts by their severity.', unit => 'short', sql => <<"SQL";
SELECT worst::text AS severity, count(*) AS alerts
FROM flow.alerts WHERE $hours AND $chosen
GROUP BY worst ORDER BY worst DESC LIMIT 10
SQL

panel 'barchart', 'By rule', 6, 10,
	about => 'Alerts of the ten rules that raised most.', unit => 'short', x => 'rule', turned => 1, sql => <<"SQL";
SELECT rule, count(*) AS alerts
FROM flow.alerts WHERE $hours AND $chosen
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10
SQL

panel 'table', 'Sources with most alerts', 12, 9,
	about => 'Who did what alerts tell of: the 50 addresses with most.', unit => 'short', columns => { worst => { map => \%severities } }, sql => <<"SQL";
SELECT src_addr, max(worst)::text AS worst, count(*) AS alerts, count(DISTINCT rule) AS rules,
  left(string_agg(DISTINCT rule, ', '), 200) AS "which"
FROM flow.alerts WHERE $hours AND src_addr IS NOT NULL AND $chosen
GROUP BY 1 ORDER BY max(worst) DESC, 3 DESC, 1 LIMIT 50
SQL

panel 'table', 'Targets with most alerts', 12, 9,
	about => 'To whom it was done: the 50 addresses with most.', unit => 'short', columns => { worst => { map => \%severities } }, sql => <<"SQL";
SELECT dst_addr, max(worst)::text AS worst, count(*) AS alerts, count(DISTINCT rule) AS rules,
  left(string_agg(DISTINCT rule, ', '), 200) AS "which"
FROM flow.alerts WHERE $hours AND dst_addr IS NOT NULL AND $chosen
GROUP BY 1 ORDER BY max(worst) DESC, 3 DESC, 1 LIMIT 50
SQL

row 'What is not shown';

panel 'table', 'Suppressed alerts', 12, 9,
	about => 'Alerts that the list of exceptions hides, and why. To take an entry off the list shows them again, the past ones, too.', unit => 'short',
	nothing => 'nothing is suppressed', columns => { ts => { unit => 'dateTimeAsIso' }, severity => { map => \%severities } }, sql => <<"SQL";
SELECT ts, severity::text AS severity, rule, src_addr, dst_addr, dst_port AS port, reason, author::text AS author
FROM flow.alerts_allowed
WHERE \$__timeFilter(ts) AND $chosen
ORDER BY ts DESC LIMIT 500
SQL

panel 'table', 'Exceptions', 12, 9,
	about => 'The list of exceptions, with the number of alerts that each hides in the time range.', unit => 'short',
	nothing => 'the list is empty', columns => { until => { unit => 'dateTimeAsIso' }, created => { unit => 'dateTimeAsIso' } }, sql => <<'SQL';
SELECT w.id, w.reason, w.rule, w.src_addr::text AS source, w.dst_addr::text AS target, w.until, w.author::text AS author, w.created,
  coalesce(h.hides, 0) AS hides
FROM flow.alert_allow w
LEFT JOIN (SELECT allowed_by, count(*) AS hides FROM flow.alerts_allowed WHERE $__timeFilter(ts) GROUP BY 1) h ON h.allowed_by = w.id
ORDER BY w.id DESC LIMIT 200
SQL

1;
