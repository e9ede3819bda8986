# Random conditions, values, group keys and aggregates on the columns of
# queries.sql.  Text is a tree: strings, [ parts ], and lists
# { items, sep, min, pre, post } of which an item may be left out when a query
# is made smaller.
package Clause;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(pick chance condition conditions literal value_of key known_key aggregate known_aggregate filtered order_free
	list render %columns @columns);

# kind, type, and what makes values that compare equal look equal, if they may
# look different
our %columns = (
	id => [ int => 'int8' ], ts => [ time => 'timestamptz' ], tl => [ time => 'timestamp' ], d => [ time => 'date' ],
	dur => [ int => 'int4' ], src_addr => [ inet => 'inet' ], dst_addr => [ inet => 'inet' ], net => [ inet => 'cidr' ],
	src_port => [ int => 'int4' ], dst_port => [ int => 'int4' ], protocol => [ int => 'int2' ], packets => [ int => 'int8' ],
	bytes => [ int => 'int8' ], tcp_flags => [ int => 'int2' ], big => [ int => 'int8' ], b => [ bool => 'bool' ],
	f4 => [ float => 'float4', '(%s + 0)' ], f8 => [ float => 'float8', '(%s + 0)' ], num => [ number => 'numeric', 'trim_scale(%s)' ],
	price => [ number => 'numeric' ], sni => [ text => 'text' ], tc => [ text => 'text' ], ti => [ text => 'text' ],
	tn => [ folded => 'text', 'lower(%s)' ], vc => [ text => 'varchar' ], bp => [ text => 'bpchar' ], ba => [ other => 'bytea' ],
	u => [ other => 'uuid' ], j => [ json => 'jsonb' ], ia => [ array => 'int[]' ], ta => [ array => 'text[]' ], dm => [ int => 'int4' ],
	en => [ other => 'q.verdict' ], iv => [ interval => 'interval', 'extract(epoch FROM %s)' ], mac => [ other => 'macaddr' ], fall => [ time => 'timestamptz' ],
	nothing => [ int => 'int4' ], one => [ int => 'int2' ], added => [ int => 'int4' ], late => [ text => 'text' ]);
our @columns = sort keys %columns;
# those that people filter and group by come more often
my @popular = (@columns, qw(ts ts ts src_addr src_addr src_addr dst_addr dst_addr dst_port dst_port dst_port protocol protocol
	bytes packets sni sni tcp_flags b added late src_port));

our %samples;       # column => [ text of values that are there ]
our $parameters;    # undef, or { types, lists }: literals become parameters

sub pick { return $_[int rand @_]; }
sub chance { return rand() < $_[0]; }

sub list { my ($sep, $items, %more) = @_; return { sep => $sep, items => $items, min => 1, pre => '', post => '', %more }; }

sub render
{
	my ($x) = @_;
	return $x unless ref $x;
	return join '', map { render($_) } @$x if ref $x eq 'ARRAY';
	return '' unless @{ $x->{items} };
	return $x->{pre} . join($x->{sep}, map { render($_) } @{ $x->{items} }) . $x->{post};
}

sub quote { my ($s) = @_; $s =~ s/'/''/g; return "'$s'"; }

my %special = (
	int => [ 0, -1, 1, 443, 53, 22, 6, 17, 7, 2147483647, -32768 ],
	float => [ 'NaN', 0, '-0', 1.5, 'infinity', '-infinity', 100 ], number => [ 0, 1.5, '1.50', 'NaN', -3, '0.01', 1e20 ],
	time => [ '2024-03-01 00:10', '2024-03-01 01:00', 'infinity', '-infinity', '2024-03-01', '2030-01-01', '2000-01-01' ],
	inet => [ qw(10.1.0.0/24 10.1.0.5 192.0.2.7 2001:db8::7 10.0.0.0/8 0.0.0.0/0 ::/0 2001:db8::/32 10.1.0.64/26) ],
	text => [ '', 'zz', 'host7.example.net', 'A', 'late3', 'curl' ], folded => [ '', 'cURL', 'wget', 'zz' ], bool => [ 'true', 'false' ],
	json => [ '{}', '{"k": 3}', '{"app": "dns"}' ], array => [ '{}', '{NULL}' ], interval => [ '1 day', '0', '1 mon', '30 days' ], other => [],
);

sub sample
{
	my ($name) = @_;
	my ($kind) = @{ $columns{$name} };
	my @s = @{ $samples{$name} // [] };
	my @special = @{ $special{$kind} };
	@special = grep { $_ !~ /^(?:-32768|2147483647|-1)$/ || $name !~ /^(?:protocol|tcp_flags|one)$/ } @special;
	# no cidr has bits to the right of its mask, no array of text these
	@special = grep { $name ne 'net' || $_ =~ m{/} } @special if $kind eq 'inet';
	return pick(@special) if @special && (!@s || chance(0.2));
	return @s ? pick(@s) : '0';
}

# A constant, parameter or subquery with a value that column may have.
sub literal
{
	my ($name, $type) = @_;
	my $own = $columns{$name}[1];
	$type //= $own;
	my $text = quote(sample($name));
	if ($parameters && chance(0.7))
	{
		push @{ $parameters->{types} }, $type;
		push @{ $_ }, chance(0.1) ? 'NULL' : quote(sample($name)) . "::$type" for @{ $parameters->{lists} };
		return '$' . @{ $parameters->{types} };
	}
	return "NULL::$type" if chance(0.02);
	return "(SELECT $text\::$type)" if chance(0.06);
	return $1 if $own =~ /^int\d$/ && $type eq $own && $text =~ /^'(\d+)'$/ && chance(0.6);
	return "$text\::$type" if chance(0.7) || $type ne $own;
	return $text;
}

my @compare = ('=', '=', '=', '<>', '<', '<=', '>', '>=');
my %mirror = ('=' => '=', '<>' => '<>', '<' => '>', '>' => '<', '<=' => '>=', '>=' => '<=');

# Another type that the column can be compared with.
sub other_type
{
	my ($name) = @_;
	my ($kind, $type) = @{ $columns{$name} };
	return pick(qw(int8 int4 numeric float8)) if $kind eq 'int' && $type =~ /^int/;
	return pick(qw(float4 float8)) if $kind eq 'float';
	return pick(qw(timestamptz timestamp date)) if $kind eq 'time';
	return 'inet' if $kind eq 'inet';
	return $type;
}

# What every type can do.
sub comparison
{
	my ($a, $name) = @_;
	my $col = $a . $name;
	my ($kind, $type) = @{ $columns{$name} };
	my $r = rand;
	if ($parameters && $kind ne 'array' && chance(0.15))
	{
		push @{ $parameters->{types} }, "$type\[]";
		push @{ $_ }, pick(map { my $n = $_; 'ARRAY[' . join(', ', (map { quote(sample($name)) } 1 .. $n), chance(0.1) ? 'NULL' : ()) . "]::$type\[]" } 1, 2, 3, 3, 12, 0)
			for @{ $parameters->{lists} };
		return "$col " . pick('= ANY', '= ANY', '= ANY', '<> ALL', '> ANY', '<= ALL') . ' ($' . @{ $parameters->{types} } . ')';
	}
	return "$col IS " . pick('NULL', 'NOT NULL') if $r < 0.08;
	return "$col IS " . pick('', 'NOT ') . 'DISTINCT FROM ' . literal($name) if $r < 0.14;
	my $as = chance(0.2) ? other_type($name) : undef;
	return "$col " . pick('', '', 'NOT ') . 'BETWEEN ' . pick('', '', 'SYMMETRIC ') . literal($name, $as) . ' AND ' . literal($name) if $r < 0.24;
	return "$col " . pick('', '', 'NOT ') . 'IN (' . join(', ', map { literal($name) } 1 .. pick(1, 2, 3, 3, 9, 12))
		. pick('', '', '', ', NULL') . ')' if $r < 0.36;
	return "$col " . pick('= ANY', '= ANY', '<> ALL', '< ANY', '>= ALL', '<> ANY') . ' (ARRAY[' . join(', ', map { literal($name) } 1 .. pick(1, 2, 4))
		. pick('', '', ', NULL') . "]::$type\[])" if $r < 0.44 && $kind ne 'array';
	my $op = pick(@compare);
	return literal($name, $as) . " $mirror{$op} $col" if $r < 0.58;
	return "$col $op " . literal($name, $as);
}

# Conditions that only some kinds know.  $_[0] is the column, $_[1] its name.
my %special_condition = (
	int => sub { my ($c, $n) = @_; return pick(
		"$c & " . pick(1, 2, 16, 18, 3) . ' ' . pick('<> 0', '= 0', '= 2', '> 1', '<> 16'), "($c & 18) = " . pick(2, 18, 16, 0),
		"0 <> ($c & 2)", "$c % 7 = " . pick(0, 3), "$c / 10 < " . literal($n, 'int8'), "$c + 0 = " . literal($n), "-($c % 1000) > -50",
		"$c " . pick(qw(= < > <>)) . " $_[2]" . pick(qw(src_port dst_port protocol tcp_flags added one big f8 num)),
		"CASE WHEN $c > 0 THEN 1000 / $c > 3 ELSE " . pick('false', 'true', 'NULL') . ' END', "($c <> 0 AND 100000 / $c > 7)",
		"coalesce($c, -1) = " . literal($n), "q.plus(($c % 100)::int) = 7", "abs($c % 50) IN (1, 2, 3)", "nullif($c, 443) IS NULL"); },
	float => sub { my ($c, $n) = @_; return pick("$c = 'NaN'", "$c <> 'NaN'", "$c > 1 OR $c <= 1", "abs($c) < 10", "$c * 2 >= " . literal($n),
		"$c < $_[2]" . pick(qw(f4 f8 dur price)), "$c IN (0, 'NaN', 'infinity')", "$c = 0", "floor($c) = 3"); },
	number => sub { my ($c, $n) = @_; return pick("$c < $_[2]" . pick(qw(num price dst_port)), "$c * 2 > 10", "round($c) = " . literal($n), "$c = 1.5"); },
	time => sub { my ($c, $n) = @_; return pick(
		"($c >= '2024-03-01 00:" . pick(10 .. 50) . "' AND $c < '2024-03-01 0" . pick('0:55', '1:05', '1:40') . "')",
		"$c >= timestamptz '2024-03-01 00:00+00' + interval '" . pick(1 .. 110) . " min'",
		"$c < $_[2]" . pick(qw(ts tl d)), "date_trunc('hour', $c) = '2024-03-01 01:00'", "extract(minute FROM $c" . ($n eq 'd' ? '::timestamp' : '') . ') < 10',
		"$c\::date = '2024-03-01'", "$c > now() - interval '100 years'", "$c < '2024-03-01'::date + 1", "isfinite($c)"); },
	inet => sub { my ($c, $n) = @_; return pick(
		(map { "$c $_ " . literal($n, 'inet') } '<<', '<<=', '<<=', '>>', '>>=', '&&', '<<='), literal($n, 'inet') . ' ' . pick('>>=', '>>', '<<=') . " $c",
		"family($c) = " . pick(4, 6), "masklen($c) < " . pick(32, 33, 25), "host($c) LIKE '10.1.0.1%'", "set_masklen($c, 24) = '10.1.0.0/24'",
		"network($c) <<= '10.1.0.0/25'", "$c " . pick('=', '<', '<<=') . " $_[2]" . pick(qw(src_addr dst_addr net)),
		"($c = " . literal($n) . " OR $_[2]dst_addr = " . literal('dst_addr') . ')', "$c <<= ANY (ARRAY['10.1.0.0/26', '2001:db8::/64']::inet[])"); },
	text => sub { my ($c, $n) = @_; return pick(
		"$c LIKE " . quote(pick(qw(host1% % A%), '', '%net', 'h_st%', 'Host%', '%1_', 'late3', 'a\\_%')), "$c NOT LIKE 'host%'", "$c ILIKE 'HOST1%'",
		"$c ~ " . quote(pick('^host', '^(A|B)', '[0-9]{2}', 'net$', '^late', 'é')), "$c !~* '^a'", "starts_with($c, 'host2')", "$c ^@ 'ho'",
		"length($c) > " . pick(0, 3, 20), "lower($c) = 'host7.example.net'", "$c COLLATE \"C\" " . pick('<', '>=', '=') . ' ' . literal($n),
		"$c || 'x' > " . literal($n), "coalesce($c, '') = ''", "left($c, 1) IN ('h', 'A', 'c')", "$c COLLATE q.icu " . pick('<', '=') . ' ' . literal($n),
		"$c COLLATE q.folded = 'HOST7.example.net'"); },
	folded => sub { my ($c) = @_; return pick("$c = 'CURL'", "$c > 'D'", "$c <> 'wget'", "$c IN ('Curl', 'x')", "length($c) > 4", "$c COLLATE \"C\" = 'curl'"); },
	bool => sub { my ($c) = @_; return pick($c, $c, "NOT $c", "$c IS " . pick('', 'NOT ') . pick(qw(TRUE FALSE UNKNOWN)), "$c = true", "$c IN (false, NULL)",
		"$c <> ($_[2]dst_port = 443)", "coalesce($c, true)", "CASE WHEN $c THEN $_[2]dst_port = 443 ELSE $_[2]protocol = 6 END"); },
	json => sub { my ($c) = @_; return pick("$c @> '{\"k\": 3}'", "$c ->> 'app' = 'dns'", "$c ? 'app'", "($c ->> 'k')::int < 5", "$c ->> 'app' IS NULL"); },
	array => sub { my ($c, $n) = @_; return pick("cardinality($c) > 1", "$c\[1] IS NULL", $n eq 'ia' ? ("3 = ANY ($c)", "$c @> '{2}'", "$c\[1] = 2") : ("'x3' = ANY ($c)", "$c && '{a,b}'")); },
	interval => sub { my ($c) = @_; return pick("$c > '1 day'", "extract(epoch FROM $c) < 900", "$c * 2 < '1 day'"); },
	other => sub { my ($c, $n) = @_; return pick("$c\::text < '8'", "$c IS NOT NULL", "$c\::text LIKE 'a%'"); },
);

# Conditions that are not about one column.
sub strange
{
	my ($a) = @_;
	return pick(
		'true', '1 = 0', 'NULL::bool', "current_setting('search_path') <> ''", "now() > '2000-01-01'", '(SELECT true)', "(SELECT count(*) FROM s) > 5",
		"(${a}dst_port, ${a}protocol) < (" . literal('dst_port') . ', 10)', "(${a}protocol, ${a}b) IN ((6, true), (17, false))",
		"(${a}src_addr, ${a}dst_port) = (" . literal('src_addr') . ', ' . literal('dst_port') . ')', "ROW(${a}dst_port, ${a}b) IS NULL",
		"${a}dst_port + ${a}protocol = 449", "${a}src_addr = ${a}dst_addr", "greatest(${a}src_port, ${a}dst_port) < 5000",
		"coalesce(${a}dst_port, ${a}src_port) = 443", "CASE ${a}protocol WHEN 6 THEN ${a}dst_port = 443 WHEN 17 THEN ${a}dst_port = 53 ELSE ${a}b END",
		"EXISTS (SELECT 1 FROM s WHERE s.k = ${a}dst_port" . pick('', ' AND s.weight > 20') . ')', "NOT EXISTS (SELECT FROM s WHERE s.addr = ${a}src_addr)",
		"${a}dst_port " . pick('IN', 'NOT IN') . ' (SELECT k FROM s WHERE weight < ' . pick(0, 3, 40) . ')', "${a}src_addr IN (SELECT addr FROM s)",
		"${a}dst_port = (SELECT max(k) FROM s WHERE s.since < " . pick("${a}ts", "'2024-03-01 00:40+00'") . ')',
		"${a}bytes > (SELECT avg(bytes) FROM e" . pick('', " WHERE e.dst_port = ${a}dst_port") . ')', "${a}ts >= ALL (SELECT since FROM s WHERE k = 22)",
		"${a}id IN (SELECT id FROM t i WHERE i.protocol = 1 AND i.dst_port = 53)", "${a}protocol = (SELECT min(i.protocol) FROM t i WHERE i.dst_port = 22)",
		"${a}id % 2 = 1 OR ${a}id < 50", "num_nulls(${a}dur, ${a}sni, ${a}b) = 1", "${a}ts < ${a}tl", "${a}ctid IS NOT NULL");
}

our $plain_table;    # false where ctid is not to be had

sub condition
{
	my ($a, $depth) = @_;
	$depth //= 0;
	if ($depth < 3 && chance(0.3))
	{
		my @kids = map { condition($a, $depth + 1) } 1 .. pick(2, 2, 3);
		my $r = rand;
		return list(' AND ', \@kids, pre => '(', post => ')') if $r < 0.4;
		return list(' OR ', \@kids, pre => '(', post => ')') if $r < 0.8;
		return [ 'NOT (', $kids[0], ')' ];
	}
	if (chance(0.1))
	{
		my $s = strange($a);
		return $s =~ /ctid/ && (!$plain_table || $a eq 'c.') ? 'true' : $s;
	}
	my $name = pick(@popular);
	my $kind = $columns{$name}[0];
	return comparison($a, $name) if chance($kind eq 'bool' ? 0.2 : 0.6);
	return $special_condition{$kind}->($a . $name, $name, $a);
}

# WHERE and what follows, perhaps nothing; more are further conditions.
sub conditions
{
	my ($a, @more) = @_;
	return list(' AND ', [ @more, map { condition($a) } 1 .. pick(0, 1, 1, 1, 2, 2, 3) ], pre => ' WHERE ', min => scalar @more);
}

sub order_free { my ($name, $col) = @_; my $form = $columns{$name}[2]; return $form ? sprintf($form, $col) : $col; }

# Something to select.
sub value_of
{
	my ($a) = @_;
	my $name = pick(@popular);
	return $a . $name if chance(0.7);
	return pick("${a}bytes / nullif(${a}packets, 0)", "upper(${a}sni)", "${a}dst_port + ${a}protocol", "${a}ts - interval '1 hour'", "${a}src_addr - 1",
		"CASE WHEN ${a}b THEN ${a}sni ELSE ${a}late END", "coalesce(${a}added, -1)", "${a}f8 * 2", "${a}j -> 'k'", "${a}ia[1]", "host(${a}src_addr)",
		"(SELECT name FROM s WHERE s.k = ${a}dst_port ORDER BY s.weight LIMIT 1)", "(SELECT count(*) FROM s WHERE s.addr = ${a}src_addr)",
		"q.plus(${a}dst_port)", "${a}dst_port = 443", "ROW(${a}id, ${a}sni)", "1", "'x'::text", "length(${a}tc)", "1000 / nullif(${a}dst_port, 0)",
		"1000 / (${a}src_port - 1025)", "${a}num + ${a}price");
}

# Steps of time, by the clocks of several zones.
sub step
{
	my ($a) = @_;
	my $zone = pick(qw(Europe/Berlin America/New_York America/St_Johns Asia/Kolkata UTC));
	my $unit = pick(qw(minute hour day week month quarter));
	my $t = $a . pick(qw(fall fall ts));
	my $k = pick("date_trunc('$unit', $t, '$zone')", "date_trunc('$unit', $t, '$zone')", "date_trunc('$unit', $t)", "date_trunc('$unit', $t AT TIME ZONE '$zone')", "($t AT TIME ZONE '$zone')::date",
		"date_trunc('day', date_trunc('hour', $t, '$zone'))", "date_bin('" . pick('15 min', '7 min 30 s', '1 day') . "', $t, '2024-01-01 00:07+05:30')", "date_trunc('$unit', ${a}tl)",
		"flow.time_bucket('1 day', $t)", "flow.time_bucket('3 hours', $t, '2024-10-01 01:00+02')", "floor(extract(epoch FROM $t) / 1800) * 1800", "extract(hour FROM $t)", "to_char($t, 'DD HH24')",
		"date_trunc('hour', ${a}tl AT TIME ZONE '$zone')");
	return ($k, $k);
}

# A group key: (expression, how to show it).
sub key
{
	my ($a) = @_;
	if (chance(0.6))
	{
		my $name = pick(@popular, qw(dst_port protocol src_addr dst_addr sni b en tcp_flags added));
		return ($a . $name, order_free($name, $a . $name));
	}
	return step($a) if chance(0.15);
	my $k = pick("date_trunc('" . pick(qw(minute hour day)) . "', ${a}ts)", "date_bin('5 min', ${a}ts, '2024-01-01')", "date_bin('90 s', ${a}tl, '2001-01-01')",
		"flow.time_bucket('" . pick('5 min', '1 hour', '1 month', '7 days') . "', ${a}ts)", 'floor(extract(epoch FROM ' . $a . 'ts) / 300) * 300',
		"flow.time_bucket('1 day', ${a}tl)", "flow.time_bucket('7 days', ${a}d)", "${a}ts::date", "extract(hour FROM ${a}ts)", "to_char(${a}ts, 'HH24:MI')",
		"family(${a}src_addr)", "set_masklen(${a}src_addr, CASE family(${a}src_addr) WHEN 4 THEN 24 ELSE 64 END)", "network(set_masklen(${a}dst_addr, 28))",
		"host(${a}src_addr)", "set_masklen(${a}dst_addr, 26)", "masklen(${a}net)", "${a}dst_port / 100", "${a}src_port % 10", "${a}tcp_flags & 18",
		"least(${a}src_addr, ${a}dst_addr)", "greatest(${a}src_port, ${a}dst_port)", "CASE WHEN ${a}dst_port < 1024 THEN ${a}dst_port ELSE 0 END",
		"CASE ${a}protocol WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp' ELSE 'other' END", "coalesce(${a}sni, 'none')", "lower(${a}sni)", "${a}dst_port IS NULL",
		"${a}dst_port = 443", "length(${a}vc)", "${a}j ->> 'app'", "${a}ia[1]", "left(${a}sni, 2)", "width_bucket(${a}price, 0, 900, 5)");
	return ($k, $k);
}

my @sums = qw(bytes packets dst_port src_port protocol tcp_flags dur added dm num price f8 f4 one nothing big);
my @extremes = grep { !/^(?:b|u|j|ba|mac)$/ } @columns;

sub aggregate
{
	my ($a) = @_;
	my $name = pick(@popular);
	my $n = pick(@sums);
	my $m = pick(@extremes, qw(ts ts bytes src_addr dst_port));
	my $distinct = pick(grep { $columns{$_}[0] ne 'json' } @popular);
	my $agg = pick('count(*)', 'count(*)', "count($a$name)", "sum($a$n)", "sum($a$n)", "avg($a$n)", "sum(${a}bytes)", "sum(${a}packets)",
		"count(DISTINCT $a$distinct)", "count(DISTINCT ${a}dst_addr)", "min($a$m)", "max($a$m)", "min($a$m)", "max($a$m)",
		pick(qw(stddev stddev_pop variance var_pop)) . "($a" . pick(@sums) . ')', pick('bool_and', 'bool_or', 'every') . "(${a}" . pick('b', 'dst_port = 443') . ')',
		pick(qw(bit_and bit_or bit_xor)) . "($a" . pick(qw(tcp_flags dst_port bytes)) . ')', "string_agg(${a}sni, ',' ORDER BY ${a}id)",
		"array_agg(${a}dst_port ORDER BY ${a}id)", "sum(DISTINCT ${a}dst_port)", "sum(CASE WHEN ${a}b THEN ${a}bytes ELSE 0 END)", "max(${a}ts) - min(${a}ts)",
		"sum(${a}bytes * 8) / 300", "sum(${a}bytes) / nullif(sum(${a}packets), 0)", "percentile_disc(0.5) WITHIN GROUP (ORDER BY ${a}bytes)",
		"flow.entropy(${a}dst_port)", "flow.entropy_norm(${a}src_addr, ${a}bytes)", "corr(${a}bytes, ${a}packets)", "regr_count(${a}dur, ${a}dst_port)",
		"avg(${a}iv)", "count(DISTINCT (${a}src_addr, ${a}dst_port))", "sum(${a}dst_port + 1)", "max(least(${a}src_addr, ${a}dst_addr))", "count(${a}dst_port + ${a}dur % 10)");
	# the two ends of values that look different and are equal
	$agg = sprintf "$1(%s)", order_free($m, $a . $m) if $agg =~ /^(min|max)\(\Q$a\E$m\)$/ && $columns{$m}[2];
	return $agg if $agg !~ /^\w+\([^()]*\)$/ || chance(0.85);
	return filtered($a, $agg);
}

sub filtered
{
	my ($a, $agg) = @_;
	my ($head, $call, $tail) = $agg =~ /^(round\()(.*?\))(::.*)$/ ? ($1, $2, $3) : ('', $agg, '');
	return [ "$head$call FILTER (WHERE ", condition($a, 2), ")$tail" ];
}

# Keys and aggregates that FlowAggregate knows.
sub known_key
{
	my ($a) = @_;
	return step($a) if chance(0.2);
	my $name = pick(qw(dst_port protocol src_addr dst_addr sni b en tcp_flags added late vc u src_port net fall id tc one nothing dm mac));
	return ($a . $name, $a . $name);
}

sub known_aggregate
{
	my ($a) = @_;
	my $n = pick(qw(bytes packets dst_port protocol tcp_flags dur added dm one nothing f8 f4));
	my $d = pick(qw(dst_port src_addr dst_addr sni protocol id en late fall b nothing));
	my $w = pick(qw(bytes packets protocol), 'f4', 'tcp_flags', 'nothing', 'dur');
	return pick('count(*)', "count($a$n)", "sum($a$n)", "sum($a$n)", "avg($a$n)", "min($a$n)", "max($a$n)", "min(${a}ts)", "max(${a}fall)", pick(qw(min max)) . "(${a}" . pick(qw(tl d ts)) . ')',
		pick(qw(stddev stddev_pop variance var_pop var_samp stddev_samp)) . "($a$n)", pick(qw(bool_and bool_or every)) . "(${a}b)",
		pick(qw(bit_and bit_or)) . "($a" . pick(qw(tcp_flags dst_port bytes protocol id nothing big)) . ')', "count(DISTINCT $a$d)", "count(DISTINCT $a$d)",
		"round(flow." . pick(qw(entropy entropy_norm)) . "($a$d)::numeric, 6)", "round(flow." . pick(qw(entropy entropy_norm)) . "($a$d, $a$w)::numeric, 6)",
		own_aggregate($a));
}

# Those that FlowAggregate computes by their own functions.
sub own_aggregate
{
	my ($a) = @_;
	my $d = pick(qw(dst_port src_addr dst_addr sni protocol en b nothing bytes ts));
	my $n = pick(qw(bytes packets dst_port protocol tcp_flags), "bytes + ${a}packets", "dst_port / 7.5");
	return pick("flow.approx_distinct($a$d)", "flow.approx_distinct($a$d)", "md5(flow.hll_agg($a$d)::text)", "flow.approx_percentile($a$n, " . pick('0.5', '0.95', 'ARRAY[0, 0.9]') . ')',
		"md5(flow.ddsketch_agg($a$n)::text)", "flow.hist($a$n, 0, 2000, 5)", "flow.log2_hist(${a}bytes)", "flow.mad($a$n)", "md5(flow.ipset_agg(${a}src_addr)::text)",
		"flow.topk(($a$d)::text, 3)");
}

1;
