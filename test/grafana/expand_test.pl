#!/usr/bin/perl
# The expander of macros and the one of variables, by the list of docs/grafana.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Macro qw(expand interval_text round_interval time_text);
use Template qw(fill names_in);

my $from = 1523556000;
my %as = (from => $from, to => $from + 300, interval_ms => 600000, timescale => 0);

sub gives
{
	my ($sql, $expected, %other) = @_;
	is(eval { expand($sql, { %as, %other }) } // "error: $@", $expected, $sql . (%other ? ' ' . join('=', %other) : ''));
	return;
}

gives('$__time(c)', 'c AS "time"');
gives('$__timeEpoch(c)', 'extract(epoch from c) as "time"');
gives('$__timeFilter(c)', "c BETWEEN '2018-04-12T18:00:00Z' AND '2018-04-12T18:05:00Z'");
gives('$__timeFilter( f.ts )', "f.ts BETWEEN '2018-04-12T18:00:00.25Z' AND '2018-04-12T18:05:00Z'", from => $from + 0.25);
gives('$__timeFrom(), $__timeTo()', "'2018-04-12T18:00:00Z', '2018-04-12T18:05:00Z'");
gives("\$__timeGroup(c,'5m')", 'floor(extract(epoch from c)/300)*300');
gives("\$__timeGroup(c,'5m')", "time_bucket('300.000s',c)", timescale => 1);
gives("\$__timeGroup(c,'20ms')", "time_bucket('0.020s',c)", timescale => 1);
gives("\$__timeGroup(c,'12d')", "time_bucket('1036800.000s',c)", timescale => 1);
gives("\$__timeGroup(c,'5m',NULL)", 'floor(extract(epoch from c)/300)*300');
gives("\$__timeGroup(c,'5m'), x", 'floor(extract(epoch from c)/300)*300 AS "time", x');
gives("\$__timeGroupAlias(c,'5m'), x", 'floor(extract(epoch from c)/300)*300 AS "time", x');
gives("\$__timeGroupAlias(c,\$__interval)", 'floor(extract(epoch from c)/600)*600 AS "time"');
gives('$__unixEpochFilter(c)', 'c >= 1523556000 AND c <= 1523556300');
gives('$__unixEpochNanoFilter(c)', 'c >= 1523556000000000000 AND c <= 1523556300000000000');
gives('$__unixEpochNanoFrom() $__unixEpochNanoTo()', '1523556000000000000 1523556300000000000');
gives('$__unixEpochFrom() $__unixEpochTo()', '1523556000 1523556300');
gives("\$__unixEpochGroup(c,'5m')", 'floor((c)/300)*300');
gives("\$__unixEpochGroupAlias(c,'5m')", 'floor((c)/300)*300 AS "time"');
gives("\$__interval_ms '\$__interval'", "600000 '10m'");
gives('$__rate_interval(x)', "error: unknown macro \$__rate_interval\n");
gives("\$__timeGroup(c,'0s')", "error: error parsing interval '0s'\n");
gives("\$__timeGroup(c)", "error: macro timeGroup needs time column and interval\n");
gives("a -- b\nc /* d */ '-- e' \"/* f */\" \$x\$ -- g \$x\$ /*k='v'*/", "a \nc  '-- e' \"/* f */\" \$x\$ -- g \$x\$ /*k='v'*/");
gives('f($__timeFilter(g(c)))', "f(g(c BETWEEN '2018-04-12T18:00:00Z' AND '2018-04-12T18:05:00Z'))");

is(time_text(1523556000.001), '2018-04-12T18:00:00.001Z', 'milliseconds stay');
is(interval_text(86400000) . interval_text(90000) . interval_text(500), '1d90s500ms', 'intervals are said in whole units');
is(round_interval(6 * 3600e3, 1000, 10000), 20000, 'six hours by 1000 points are 20 seconds');
is(round_interval(300e3, 1000, 10000), 10000, 'never less than the data source allows');
is(round_interval(30 * 86400e3, 1000, 10000), 1800000, '30 days by 1000 points are 30 minutes');

my %variables = (
	one => { values => ["it's"] },
	list => { values => [ 'a', "b'c" ], multi => 1 },
	single => { values => ['a'], multi => 1 },
	every => { values => [ 'x', 'y' ], all => 1, multi => 1, includeAll => 1, allValue => q('0.0.0.0/0') },
	expanded => { values => [ 'x', 'y' ], all => 1, multi => 1, includeAll => 1 }
);
my @filled = (
	[ '$one', "it''s" ], [ '${one:raw}', "it's" ], [ '${one:sqlstring}', "'it''s'" ], [ '[[one]]', "it''s" ],
	[ 'IN ($list)', "IN ('a','b''c')" ], [ '${list:csv}', "a,b'c" ], [ '${list:pipe}', "a|b'c" ], [ '${list:json}', q(["a","b'c"]) ],
	[ 'IN ($single)', "IN ('a')" ], [ 'IN ($every)', "IN ('0.0.0.0/0')" ], [ 'IN ($expanded)', "IN ('x','y')" ],
	[ '${list:queryparam}', 'var-list=a&var-list=b%27c' ], [ '$__timeFilter($unknown) $1', '$__timeFilter($unknown) $1' ]
);
is(fill($_->[0], \%variables), $_->[1], "$_->[0] with variables") for @filled;
is_deeply([ names_in('$a [[b:csv]] ${c.text} ${d:raw}') ], [qw(a b c d)], 'names in all forms');
done_testing();
