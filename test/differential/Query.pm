# Random queries on the tables of queries.sql.  A query is
#	kind		run, prepared, scroll, change or across: the function of queries.sql
#	tree		its text (see Clause)
#	ordered		whether the order of its rows is fixed
#	settings	what goes with it on both sides
# and, for prepared, types and lists; for scroll, moves; for change, trees of
# the statements: [ text, whether it is a query ]; for across, the change that
# comes after count rows.
package Query;

use strict;
use warnings;
use Clause;

# Tables that have the columns, seldom the empty one.
sub table { return chance(0.03) ? 'e' : chance(0.05) ? pick('w', 'x') : chance(0.05) ? 'v' : 't'; }

sub from
{
	my ($table, $alias) = @_;
	$Clause::plain_table = $table =~ /^[te]$/;
	return $alias ? "$table $alias" : $table;
}

sub select_list
{
	my ($a) = @_;
	return pick('*', "${a}id, *") if chance(0.02);
	return list(', ', [ map { value_of($a) } 1 .. pick(1, 1, 2, 2, 3, 5) ]);
}

# Raises an error on some rows, hence in a query that sees few of them or all.
sub faulty { return pick('1000 / (dst_port - 666)', 'sni::int', '(src_port * 40000)::text', 'protocol * 5000::int2', '1 / tcp_flags', "('0' || left(late, 0) || vc)::int"); }

sub filter
{
	my $from = from(table());
	return { tree => [ 'SELECT ' . faulty() . " FROM $from", conditions('', condition('')) ] } if chance(0.06);
	$from .= pick(' TABLESAMPLE BERNOULLI (100)', ' TABLESAMPLE SYSTEM (100) REPEATABLE (1)') if $from eq 't' && chance(0.04);
	return { tree => [ 'SELECT ', select_list(''), " FROM $from", conditions('') ] };
}

# Keys and what to show of them, by position.
sub keys_of
{
	my ($a, $n) = @_;
	my (@by, @show);
	for (1 .. $n) { my ($k, $s) = key($a); push @by, $k; push @show, $s; }
	return (\@by, \@show);
}

sub having
{
	my ($a) = @_;
	return '' unless chance(0.2);
	return ' HAVING ' . pick('count(*) > ' . pick(1, 5, 100), "sum(${a}bytes) > 1000000", "count(DISTINCT ${a}dst_addr) > 3", "max(${a}ts) > '2024-03-01 00:20'", "min(${a}dst_port) IS NOT NULL");
}

sub total
{
	my $from = from(table());
	return { tree => [ 'SELECT count(' . faulty() . ") FROM $from", conditions('', condition('')) ] } if chance(0.06);
	return { tree => [ 'SELECT ', list(', ', [ map { aggregate('') } 1 .. pick(1, 1, 2, 3, 6) ]), " FROM $from", conditions(''), having('') ] };
}

sub grouped
{
	my $from = from(table());
	my ($by, $show) = keys_of('', pick(1, 1, 1, 2, 2, 3));
	my @aggs = map { aggregate('') } 1 .. pick(0, 1, 1, 2, 3, 4);
	# a list of keys is made smaller as a whole
	return { tree => [ 'SELECT ', list(', ', [ join(', ', @$show), @aggs ]), " FROM $from", conditions(''), ' GROUP BY ' . join(', ', @$by), having('') ] };
}

# The n best groups, ties by all keys.
sub best_groups
{
	my $from = from(table());
	my ($by, $show) = keys_of('', pick(1, 1, 2));
	my $agg = pick('sum(bytes)', 'count(*)', 'count(DISTINCT dst_addr)', 'max(ts)', 'sum(packets)', 'avg(dst_port)');
	my $ties = join ', ', map { 2 + $_ } 1 .. @$show;
	return { ordered => 1, tree => [ "SELECT $agg, " . join(', ', map { "($_)::text COLLATE \"C\"" } @$show), " FROM $from", conditions(''), ' GROUP BY ' . join(', ', @$by), having(''),
		' ORDER BY 1 ' . pick('DESC', 'DESC NULLS LAST', 'ASC') . ', ' . join(', ', 2 .. 1 + @$show) . ' LIMIT ' . pick(1, 5, 10, 100) ] };
}

sub sets
{
	my $from = from(table());
	my @c = map { pick(qw(dst_port protocol b tcp_flags en added src_addr sni)) } 1 .. 2;
	my $by = pick("ROLLUP (@{[ join ', ', @c ]})", "CUBE (@{[ join ', ', @c ]})", "GROUPING SETS (($c[0]), ($c[1]), ())", "GROUPING SETS (($c[0], $c[1]), ($c[1]))");
	return { tree => [ 'SELECT ', list(', ', [ "$c[0], $c[1], grouping($c[0])", map { aggregate('') } 1 .. pick(1, 2) ]), " FROM $from", conditions(''), " GROUP BY $by" ] };
}

sub distinct
{
	my $from = from(table());
	my (undef, $show) = keys_of('', pick(1, 1, 2, 3));
	return { tree => [ 'SELECT DISTINCT ' . join(', ', @$show), " FROM $from", conditions('') ] } if chance(0.6);
	my ($by) = keys_of('', 1);
	return { tree => [ "SELECT DISTINCT ON ($by->[0]) ", list(', ', [ 'id', value_of(''), value_of('') ]), " FROM $from", conditions(''), " ORDER BY $by->[0], id" . pick('', ' DESC') ] };
}

sub window
{
	my $from = from(table());
	my ($by) = keys_of('', 1);
	my @f = map { pick("row_number() OVER (PARTITION BY $by->[0] ORDER BY id)", "lag(dst_port) OVER (PARTITION BY src_addr ORDER BY ts, id)", "sum(bytes) OVER (PARTITION BY $by->[0])",
		"count(*) OVER (ORDER BY id ROWS 3 PRECEDING)", "rank() OVER (PARTITION BY protocol ORDER BY bytes DESC)", "count(*) OVER ()", "ntile(4) OVER (ORDER BY bytes, id)",
		"first_value(sni) OVER (PARTITION BY $by->[0] ORDER BY id DESC)", "sum(packets) OVER (ORDER BY ts RANGE BETWEEN '5 min' PRECEDING AND CURRENT ROW)") } 1 .. pick(1, 1, 2);
	return { tree => [ 'SELECT ', list(', ', [ 'id', @f ]), " FROM $from", conditions('') ] };
}

sub ordered
{
	my $from = from(table());
	my $name = pick(qw(ts ts ts ts id bytes dst_port src_addr tl sni ti num f8 b u added));
	my $order = pick("$name DESC, id", "$name, id", "$name DESC NULLS LAST, id DESC", "$name NULLS FIRST, id", "id DESC");
	# ties in what sorts alike but looks different are settled by id
	my $limit = chance(0.85) ? ' LIMIT ' . pick(0, 1, 5, 10, 100, 'ALL', 'NULL', '(SELECT 7)') : '';
	$limit .= ' OFFSET ' . pick(0, 3, 50, 5000) if chance(0.25);
	return { ordered => 1, tree => [ 'SELECT ', list(', ', [ 'id', value_of('') ]), " FROM $from", conditions(''), " ORDER BY $order$limit" ] };
}

# The first rows by time, where there are more like the last of them, for others, or for each of a few.
sub first_rows
{
	my $from = from(table(), 'a');
	my $order = pick('', ' DESC', ' DESC NULLS LAST', ' NULLS FIRST');
	my $limit = pick(1, 3, 20, 300, 2000) . pick('', '', ' OFFSET 4', ' OFFSET 250', ' OFFSET 2990');
	my $r = rand;
	return { ordered => 1, tree => [ "SELECT a.ts FROM $from", conditions('a.'), " ORDER BY a.ts$order LIMIT $limit" ] } if $r < 0.4;
	return { ordered => 1, tree => [ "SELECT a.id, s.name FROM $from JOIN s ON " . pick('s.k = a.dst_port', 's.addr = a.src_addr', 's.name = a.sni'), conditions('a.'),
		" ORDER BY a.ts$order, a.id, s.addr LIMIT $limit" ] } if $r < 0.6;
	return { tree => [ "SELECT s.addr, l.* FROM s, LATERAL (SELECT a.id, a.ts FROM $from",
		conditions('a.', pick('a.dst_port = s.k', 'a.src_addr = s.addr', 'a.ts < s.since', 'a.ts > s.since')), " ORDER BY a.ts$order, a.id LIMIT $limit) l WHERE s.weight < 1.5" ] } if $r < 0.8;
	return { tree => [ 'SELECT ' . pick('min(a.ts)', 'max(a.ts)', 'min(a.ts), max(a.ts)') . " FROM $from", conditions('a.') ] };
}

# Of keys and aggregates that FlowAggregate knows; some in order, ties by all keys.
sub known
{
	my $from = from(chance(0.1) ? table() : 't');
	my (@by, @show);
	for (1 .. pick(0, 1, 1, 2, 2, 3)) { my ($k, $s) = known_key(''); push @by, $k; push @show, $s; }
	my @aggs = map { chance(0.35) ? filtered('', known_aggregate('')) : known_aggregate('') } 1 .. pick(1, 2, 3, 5);
	my $by = @by ? ' GROUP BY ' . join(', ', @by) : '';
	return { tree => [ 'SELECT ', list(', ', [ @by ? join(', ', @show) : (), @aggs ]), " FROM $from", conditions(''), $by, having('') ] } unless @by && chance(0.3);
	my $best = pick('sum(bytes)', 'count(*)', 'count(DISTINCT dst_addr)', 'max(fall)', 'sum(packets) FILTER (WHERE protocol = 17)', 'avg(dst_port)', 'bit_or(tcp_flags)');
	my @places = map { 1 + $_ } 1 .. @show;
	return { ordered => 1, tree => [ "SELECT $best, ", list(', ', [ join(', ', map { "($_)::text COLLATE \"C\"" } @show), @aggs ]), " FROM $from", conditions(''), $by, having(''),
		' ORDER BY 1 ' . pick('DESC', 'DESC NULLS LAST', 'ASC') . ', ' . join(', ', @places) . ' LIMIT ' . pick(1, 5, 10, 100) . pick('', '', ' OFFSET 3') ] };
}

# The table with itself, of which one side is small or not.
sub with_itself
{
	my $part = sub { my ($n) = @_; local $Clause::plain_table; return [ '(SELECT * FROM t', conditions('', "id % $n = " . int rand $n), ')' ]; };
	my $from = from('t', 'a');
	my $on = pick('c.src_addr = a.dst_addr', 'c.src_addr = a.src_addr AND c.dst_port = a.dst_port', 'c.ts = a.ts', 'c.sni = a.sni AND c.id <> a.id', 'c.dst_port = a.src_port',
		'c.src_addr = a.dst_addr AND c.dst_addr = a.src_addr AND c.ts >= a.ts', 'c.u = a.u', 'c.fall = a.fall AND c.protocol < a.protocol', 'c.net >>= a.src_addr');
	my $small = pick(20, 100, 1000);
	my $r = rand;
	return { tree => [ 'SELECT ', list(', ', [ 'count(*)', 'sum(a.id)' ]), " FROM $from", conditions('a.', pick('', 'NOT ') . "EXISTS (SELECT FROM t c WHERE $on AND c.id % $small = 3)") ] } if $r < 0.35;
	return { tree => [ 'SELECT ', list(', ', [ 'a.id', 'a.src_addr' ]), ' FROM ', $part->(10), ' a LEFT JOIN ', $part->($small), " c ON $on WHERE c.id IS NULL" ] } if $r < 0.45;
	my $kind = $on =~ /[<>]/ ? pick('JOIN', 'LEFT JOIN', 'RIGHT JOIN') : pick('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
	return { tree => [ 'SELECT ', list(', ', [ 'count(*)', 'sum(a.id)', 'sum(c.id)', known_aggregate('a.') ]), ' FROM ', $part->(pick(1, 3)), " a $kind ", $part->($small), " c ON $on" ] } if $r < 0.75;
	return { tree => [ 'SELECT ', list(', ', [ 'count(*)', 'sum(a.id)', 'min(c.ts)' ]), " FROM $from JOIN s ON s.addr = a.src_addr JOIN ", $part->($small), ' c ON ' . pick('c.dst_port = s.k', 'c.src_addr = s.addr', $on),
		conditions('a.', 'a.id % 20 = 7') ] } if $r < 0.9;
	return { tree => [ 'WITH RECURSIVE r(addr, hops) AS (SELECT addr, 0 FROM s WHERE weight < 2 UNION SELECT a.dst_addr, r.hops + 1 FROM r JOIN ' . $from . ' ON a.src_addr = r.addr',
		conditions('a.', 'r.hops < 2'), ') SELECT hops, count(*), count(DISTINCT addr) FROM r GROUP BY hops' ] };
}

# Read again for each row of another: aggregates, groups and first rows that depend on it.
sub rescanned
{
	my $from = from(table(), 'a');
	my $key = pick('a.src_addr = s.addr', 'a.dst_port = s.k', 'a.sni = s.name', "a.ts < s.since AND a.dst_port = 443", 'a.dst_addr = s.addr OR a.src_addr = s.addr', 'a.src_addr <<= s.subnet', 'a.tcp_flags > s.weight * 10');
	my $few = 's.weight < ' . pick(1, 2, 4);
	my ($k, $show) = known_key('a.');
	my $r = rand;
	return { tree => [ 'SELECT s.k, s.weight, l.* FROM s ' . pick('JOIN LATERAL', 'LEFT JOIN LATERAL') . ' (SELECT ', list(', ', [ map { known_aggregate('a.') . " AS x$_" } 1 .. 2 ]), " FROM $from", conditions('a.', $key), ') l',
		" ON true WHERE $few" ] } if $r < 0.15;
	return { tree => [ 'SELECT s.weight, l.* FROM s, LATERAL (SELECT ', "($show)::text COLLATE \"C\" AS shown, ", list(', ', [ map { known_aggregate('a.') . " AS x$_" } 1 .. pick(1, 2) ]), " FROM $from", conditions('a.', $key),
		" GROUP BY $k ORDER BY 2 DESC, 1 LIMIT " . pick(1, 4, 1000) . ") l WHERE $few" ] } if $r < 0.4;
	return { tree => [ 'SELECT s.weight, ', list(', ', [ map { [ '(SELECT ', known_aggregate('a.'), " FROM $from", conditions('a.', $key), ')' ] } 1, 2 ]), " FROM s WHERE $few" ] } if $r < 0.6;
	return { tree => [ "SELECT s.weight FROM s WHERE $few AND " . pick('s.k', '443') . ' ' . pick('IN', 'NOT IN', '< ANY', '>= ALL') . " (SELECT a.dst_port FROM $from", conditions('a.', $key), ' LIMIT 5000)' ] } if $r < 0.75;
	return { tree => [ 'SELECT s.weight, (SELECT a.id FROM ' . $from, conditions('a.', $key), ' ORDER BY a.ts' . pick('', ' DESC') . ', a.id LIMIT 1' . pick('', ' OFFSET 2') . ") AS first FROM s WHERE $few" ] } if $r < 0.9;
	return { tree => [ 'SELECT g.n, (SELECT ', known_aggregate('a.'), " FROM $from", conditions('a.', "a.id > g.n * 500"), ') FROM generate_series(1, 7) g(n)' ] };
}

# Several tables as one.
sub appended
{
	my @parts = map { my $from = from($_ ? pick('t', 'e', 'x') : 't'); local $Clause::plain_table; [ "SELECT * FROM $from", conditions('', 'id % 3 = ' . int rand 3) ] } 0 .. pick(1, 1, 2);
	my @all = map { ($_ ? ' UNION ALL ' : '', $parts[$_]) } 0 .. $#parts;
	local $Clause::plain_table;
	my ($by, $show) = known_key('');
	my $r = rand;
	return { tree => [ 'SELECT ', list(', ', [ $show, known_aggregate(''), known_aggregate('') ]), ' FROM (', @all, ') t', conditions(''), " GROUP BY $by" ] } if $r < 0.4;
	return { tree => [ 'SELECT ', list(', ', [ known_aggregate(''), aggregate('') ]), ' FROM (', @all, ') t', conditions('') ] } if $r < 0.6;
	return { ordered => 1, tree => [ 'SELECT ts, id FROM (', @all, ') t', conditions(''), ' ORDER BY ts' . pick('', ' DESC') . ', id LIMIT ' . pick(1, 10, 200) . pick('', ' OFFSET 7') ] } if $r < 0.85;
	return { tree => [ 'SELECT t.id, s.name FROM (', @all, ') t JOIN s ON ' . pick('s.addr = t.src_addr', 's.k = t.dst_port', 's.name = t.sni'), conditions('t.') ] };
}

# One row more or less does not matter in how many there are.
sub limited
{
	my $from = from(table());
	return { tree => [ "SELECT count(*) FROM (SELECT " . value_of('') . " FROM $from", conditions(''), ' LIMIT ' . pick(1, 10, 500) . pick('', ' OFFSET 4') . ') l' ] };
}

# Small tables, each with keys of the large one, in a tree of joins.
sub tree_of_joins
{
	my ($from, $where) = @_;
	my $on = sub { my ($x) = @_; pick("$x.addr = a.src_addr", "$x.addr = a.src_addr", "$x.k = a.dst_port", "$x.name = a.sni", "a.src_addr <<= $x.subnet", "$x.addr IN (a.src_addr, a.dst_addr)",
		"$x.k = a.dst_port AND $x.weight < a.tcp_flags", "($x.addr = a.src_addr AND a.b) OR ($x.k = a.src_port AND $x.addr = a.dst_addr)", "$x.weight = a.protocol", "$x.weight = a.f8", "$x.addr + 1 = a.dst_addr",
		"coalesce($x.k, 443) = a.dst_port", "$x.since = a.ts", "date_trunc('minute', a.ts) = $x.since") };
	my $any = sub { pick('JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN') };
	my $few = sub { my ($x) = @_; pick("s $x", "(SELECT * FROM s WHERE weight < 3) $x", "(SELECT * FROM s WHERE weight < 0) $x", "(SELECT DISTINCT k, addr, subnet, name, since, weight FROM s) $x",
		"(SELECT * FROM s WHERE k = 53 UNION ALL SELECT * FROM s WHERE k = 22) $x", "(SELECT * FROM s ORDER BY weight LIMIT 5) $x") };
	my $tree = pick(
		$few->('y') . ' ' . $any->() . " ($from " . $any->() . ' ' . $few->('z') . ' ON ' . $on->('z') . ') ON ' . $on->('y'),
		"($from " . $any->() . ' ' . $few->('z') . ' ON ' . $on->('z') . ') ' . $any->() . ' ' . $few->('y') . ' ON ' . $on->('y'),
		'(s y ' . pick('JOIN', 'LEFT JOIN', 'FULL JOIN') . ' s z ON y.k = z.k AND y.weight < 4 AND z.weight < 4) ' . $any->() . " $from ON " . $on->(pick('y', 'z')));
	return { tree => [ 'SELECT ', list(', ', [ 'count(*)', 'sum(a.id)', 'sum(y.weight)', 'count(z.k)' ]), " FROM $tree", $where ] } if chance(0.6);
	my $semi = join ' AND ', map { pick('', '', 'NOT ') . 'EXISTS (SELECT FROM ' . $few->($_) . ' WHERE ' . $on->($_) . ')' } pick('y', 'z'), chance(0.4) ? 'x' : ();
	return { tree => [ 'SELECT a.id, a.src_addr', " FROM $from WHERE $semi" ] };
}

sub joined
{
	my $from = from(table(), 'a');
	my $where = sub { my $c = conditions('a.'); return @{ $c->{items} } ? $c : '' };
	my @out = map { value_of('a.') } 1 .. 2;
	my $agg = aggregate('a.');
	my ($k, $show) = key('a.');
	my $small = pick('s.k = a.dst_port', 's.k = a.dst_port AND a.bytes > 1000 * s.weight', 's.addr = a.src_addr', 's.addr = a.src_addr OR s.addr = a.dst_addr',
		's.name = a.sni', 's.since > a.ts AND s.k = a.dst_port', 'a.src_addr <<= s.subnet', 's.k = a.dst_port AND s.k = a.added + 436', 'date_trunc(\'minute\', a.ts) = s.since');
	my $kind = pick('JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN');
	$kind = 'FULL JOIN' if chance(0.1) && $small !~ /OR|<<=|>/;
	my $what = pick('count(*), sum(a.bytes), sum(s.weight)', "count(*), min($k)", 's.name, a.id') . '';
	$what =~ s/min\(.*\)/count(DISTINCT a.id)/;
	return tree_of_joins($from, $where->()) if chance(0.2);
	my $pairs = '(VALUES (443, 6), (53, 17), (22, NULL), (80, 1), (7, 7)) p(port, proto)';
	my $r = rand;
	return { tree => [ 'SELECT ', list(', ', [ split /(?<=\)), /, $what ]), " FROM $from $kind s ON $small", $where->() ] } if $r < 0.3;
	return { tree => [ 'SELECT ', list(', ', [ 'p.port', @out ]), " FROM $from " . pick('JOIN', 'LEFT JOIN') . " $pairs ON a.dst_port = p.port" . pick('', ' AND a.protocol = p.proto'), $where->() ] } if $r < 0.42;
	return { tree => [ 'SELECT s.name, l.n, l.top FROM s, LATERAL (SELECT count(*) AS n, max(a.ts) AS top FROM ' . $from,
		conditions('a.', pick('a.dst_port = s.k', 'a.src_addr = s.addr', 'a.src_addr <<= s.subnet', "a.ts >= s.since AND a.ts < s.since + interval '2 min'")), ') l WHERE s.weight <= ' . pick(1, 3) ] } if $r < 0.55;
	return { tree => [ "SELECT count(*), sum(a.id - c.id) FROM $from JOIN t c ON " . pick('a.id = c.id', 'a.id = c.id + 1', 'a.ctid = c.ctid AND a.tableoid = c.tableoid', 'a.ts = c.ts', 'a.u = c.u AND a.protocol = c.protocol')
		. pick(' AND a.id % 20 = 3', ' AND c.dst_port = 666', '') , $where->() ] } if $Clause::plain_table && $r < 0.65;
	return { tree => [ "SELECT $show, ", $agg, " FROM $from JOIN s ON s.k = a.dst_port", $where->(), " GROUP BY $k" ] } if $r < 0.75;
	return { tree => [ 'SELECT s.k, s.name, (SELECT ', $agg, " FROM $from", conditions('a.', 'a.dst_port = s.k'), ') FROM s WHERE s.weight < 2' ] } if $r < 0.85;
	return { tree => [ "SELECT count(*) FROM s WHERE " . pick('', 'NOT ') . "EXISTS (SELECT FROM $from", conditions('a.', pick('a.dst_port = s.k', 'a.src_addr = s.addr', 'a.sni = s.name')), ')' ] } if $r < 0.93;
	return { tree => [ "SELECT count(*) FROM $from WHERE a.dst_port " . pick('= ANY', '<> ALL', '<') . ' (SELECT ' . pick('k', 'max(k)') . ' FROM s WHERE k > 1)' ] } if chance(0.1);
	return { tree => [ "SELECT k, count(*) FROM s WHERE k " . pick('IN', 'NOT IN') . " (SELECT a.dst_port FROM $from", conditions('a.', 'a.dst_port IS NOT NULL'), ') GROUP BY k' ] };
}

sub nested
{
	my $from = from(table());
	my $r = rand;
	my ($k, $show) = key('');
	return { tree => [ 'WITH c AS ' . pick('', 'MATERIALIZED ') . "(SELECT * FROM $from", conditions(''), ') SELECT ', aggregate('c.'), ', ', aggregate('c.'), ' FROM c', do { local $Clause::plain_table; conditions('c.') } ] } if $r < 0.25;
	if ($r < 0.5)
	{
		my $cols = pick('dst_port, id', 'src_addr, protocol', 'sni, b', 'ts, late');
		return { tree => [ "SELECT $cols FROM $from", conditions(''), ' ' . pick('UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT', 'EXCEPT ALL') . " SELECT $cols FROM $from", conditions('') ] };
	}
	return { tree => [ "SELECT count(*), sum(n), max(n) FROM (SELECT $show AS shown, count(*) AS n FROM $from", conditions(''), " GROUP BY $k) g WHERE n > " . pick(0, 1, 30) ] } if $r < 0.75;
	return { tree => [ "SELECT n, count(*) FROM (SELECT src_addr, count(DISTINCT dst_port) AS n FROM $from", conditions(''), ' GROUP BY 1) g GROUP BY n' ] } if $r < 0.9;
	return { ordered => 1, tree => [ "SELECT * FROM (SELECT id, ts, dst_port FROM $from", conditions(''), ' ORDER BY ts DESC NULLS LAST, id LIMIT 50) n', ' WHERE dst_port = 443 ORDER BY id' ] };
}

sub whole
{
	my $from = from(table(), 't');
	my $some = conditions('', "id % @{[ pick(5, 20) ]} = 2");
	my @forms = ('t', 't.*', 'hashtextextended(t::text, 0)', 'to_jsonb(t) ->> \'sni\'', '(t).src_addr', 't IS NULL', 'row_to_json(t)::text', 't IS NOT NULL');
	push @forms, 'tableoid > 0', 'ctid IS NULL', 'count(*) OVER (PARTITION BY tableoid, ctid)' if $Clause::plain_table;
	return { tree => [ 'SELECT ', list(', ', [ 'id', map { pick(@forms) } 1 .. pick(1, 2) ]), " FROM $from", $some ] };
}

my @plain = ((\&filter) x 5, (\&total) x 3, (\&grouped) x 3, (\&known) x 5, \&best_groups, \&sets, \&distinct, \&window, (\&ordered) x 2, (\&first_rows) x 2, \&limited,
	(\&joined) x 4, \&with_itself, \&with_itself, \&rescanned, \&rescanned, \&appended, (\&nested) x 2, \&whole);

# Conditions that only see what a policy lets through raise no error.
sub guarded
{
	my $from = from(pick('t', 't', 'w', 'x', 'v'));
	return { settings => [ role => 'q_user' ], tree => [ 'SELECT ', pick('id', 'count(*)', 'count(*), sum(bytes)'), " FROM $from", conditions('', 'q.never(dst_port, protocol)') ] } if $from eq 't' && chance(0.6);
	my $q = pick(@plain)->();
	$q->{settings} = [ role => 'q_user' ];
	return $q;
}

# Every string of a tree through a function.
sub each_text
{
	my ($x, $do) = @_;
	for (ref $x eq 'HASH' ? @{ $x->{items} } : @$x)
	{
		if (ref $_) { each_text($_, $do); }
		else { $do->(); }
	}
	return;
}

# Numbers the parameters that were chosen from 1 on, and forgets the others.
sub renumber
{
	my ($tree, $p) = @_;
	my (%new, @old);
	each_text($tree, sub { s{\$(\d+)}{'$' . ($new{$1} //= push @old, $1 - 1)}ge; });
	@$p{qw(types lists)} = ([ @{ $p->{types} }[@old] ], [ map { [ @$_[@old] ] } @{ $p->{lists} } ]);
	return scalar @old;
}

sub prepared
{
	my $n = pick(1, 2, 2, 6);
	local $Clause::parameters = { types => [], lists => [ map { [] } 1 .. $n ] };
	my $q;
	for (1 .. 20)
	{
		@$Clause::parameters{qw(types lists)} = ([], [ map { [] } 1 .. $n ]);
		$q = pick(@plain)->();
		last if renumber($q->{tree}, $Clause::parameters);
	}
	return $q unless @{ $Clause::parameters->{types} };
	@$q{qw(kind types lists)} = ('prepared', @$Clause::parameters{qw(types lists)});
	return $q;
}

sub scroll
{
	my $from = from(table());
	my $tree = chance(0.6) ? [ 'SELECT ', list(', ', [ 'id', value_of('') ]), " FROM $from", conditions('', 'id % 10 = ' . int rand 10) ]
		: chance(0.5) ? ordered()->{tree} : grouped()->{tree};
	return { kind => 'scroll', tree => $tree, moves => [ map { int rand 5000 } 1 .. 6 ] };
}

# A statement that changes t.
sub one_change
{
	my $from = from('t');
	my $few = sub { conditions('', 'id % ' . pick(10, 40, 300) . ' = ' . int rand 10) };
	my $set = pick('dst_port = 443', 'sni = NULL, f8 = 1', "ts = ts + interval '1 hour'", 'bytes = bytes * 2, b = NOT b', "src_addr = '10.1.0.7', added = protocol", 'id = id + 100000', "(late, dst_port) = (SELECT name, k FROM s WHERE s.k = t.dst_port ORDER BY weight LIMIT 1)");
	return pick([ 'DELETE FROM t', $few->(), ' RETURNING id, ts' ], [ "UPDATE t SET $set", $few->(), ' RETURNING id, ts, dst_port, src_addr' ],
		[ "UPDATE t SET $set FROM s WHERE s.k = t.dst_port AND s.weight < 2 AND t.id % 30 = 1 RETURNING t.id" ],
		[ 'DELETE FROM t USING s WHERE s.addr = t.src_addr AND s.weight < 2 RETURNING t.id, s.name' ],
		[ "INSERT INTO t SELECT * FROM q.make_rows(@{[ join ', ', map { $_, $_ + pick(0, 5, 70, 1200) } 20000 + int rand 100 ]}, 9) RETURNING id, src_addr" ],
		[ 'INSERT INTO t SELECT * FROM t', $few->(), ' RETURNING id' ],
		[ 'DELETE FROM t RETURNING id' ], [ 'UPDATE t SET protocol = ' . pick(1, 17, 99) . ', fall = ts', $few->(), ' RETURNING id, protocol' ]);
}

sub change
{
	my @change = map { one_change() } 1 .. pick(1, 1, 2, 3);
	my @trees;
	for my $c (@change)
	{
		my $q = pick(@plain)->();
		push @trees, [ [ 'WITH q AS (', $c, ') SELECT ' . "count(*) || ' ' || coalesce(sum(hashtextextended(q::text, 0)), 0) FROM q" ], 0 ];
		push @trees, [ $q->{tree}, 1, $q->{ordered} ] if chance(0.8);
	}
	return { kind => 'change', trees => [ @trees, [ [ 'SELECT id, ts, src_addr, dst_port, sni, bytes FROM t' ], 1 ] ] };
}

sub across
{
	my $q = pick(\&filter, \&grouped, \&known, \&first_rows, \&ordered, \&joined, \&whole)->();
	my $c = one_change();
	$c->[-1] =~ s/ RETURNING .*//;
	return { kind => 'across', tree => $q->{tree}, count => pick(1, 1, 2, 20, 500), change => $c };
}

sub any
{
	my $r = rand;
	my $q = $r < 0.71 ? pick(@plain)->() : $r < 0.86 ? prepared() : $r < 0.92 ? guarded() : $r < 0.97 ? scroll() : $r < 0.985 ? across() : change();
	$q->{kind} //= 'run';
	$q->{settings} //= [];
	push @{ $q->{settings} }, TimeZone => pick(qw(America/St_Johns Asia/Kolkata Europe/Berlin)) if chance(0.06);
	return $q;
}

my $digest = "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(q::text, 0)), 0) FROM (%s) q";
my $digest_in_order = "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(q.r::text, q.n)), 0) FROM (SELECT r, row_number() OVER () AS n FROM (%s) r) q";

sub wrap
{
	my ($text, $ordered, $in_full) = @_;
	my $form = $in_full ? "SELECT string_agg(q.t, E'\\x01' ORDER BY " . ($ordered ? 'n' : 'q.t COLLATE "C"')
		. ") FROM (SELECT r::text AS t, row_number() OVER () AS n FROM (%s) r) q" : $ordered ? $digest_in_order : $digest;
	return sprintf $form, $text;
}

sub dollar { return "\$q\$$_[0]\$q\$"; }

# The statement that runs a query with settings (a list of names and values),
# for a digest, or in full for all of its rows.
sub statement
{
	my ($q, $settings, $in_full) = @_;
	my $set = 'ARRAY[' . join(', ', map { "'$_'" } @$settings, @{ $q->{settings} }) . ']::text[]';
	if ($q->{kind} eq 'change')
	{
		my @texts = map { my ($tree, $is_query, $ordered) = @$_; my $t = render($tree); dollar($is_query ? wrap($t, $ordered, $in_full) : $t) } @{ $q->{trees} };
		return "SELECT q.change($set, ARRAY[" . join(', ', @texts) . '])';
	}
	my $text = render($q->{tree});
	return "SELECT q.scroll($set, " . dollar($text) . ', ARRAY[' . join(', ', @{ $q->{moves} }) . '], ' . ($in_full ? 'true' : 'false') . ')' if $q->{kind} eq 'scroll';
	return "SELECT q.across($set, " . dollar($text) . ", $q->{count}, " . dollar(render($q->{change})) . ', ' . ($in_full ? 'true' : 'false') . ')' if $q->{kind} eq 'across';
	my $wrapped = dollar(wrap($text, $q->{ordered}, $in_full));
	return "SELECT q.run($set, $wrapped)" if $q->{kind} eq 'run';
	my $lists = join ', ', map { dollar(join ', ', @$_) } @{ $q->{lists} };
	return "SELECT q.prepared($set, $wrapped, '" . join(', ', @{ $q->{types} }) . "', ARRAY[$lists])";
}

# Which plan nodes; undef where that cannot be asked.
sub plan_statement
{
	my ($q, $settings) = @_;
	return unless $q->{kind} eq 'run';
	my $set = 'ARRAY[' . join(', ', map { "'$_'" } @$settings, @{ $q->{settings} }) . ']::text[]';
	return "SELECT q.nodes($set, " . dollar(render($q->{tree})) . ')';
}

# All lists of which something can be left out.
sub lists_in
{
	my ($x) = @_;
	return ref $x eq 'ARRAY' ? map { lists_in($_) } @$x : ref $x eq 'HASH' ? ($x, map { lists_in($_) } @{ $x->{items} }) : ();
}

sub lists { my ($q) = @_; return lists_in($q->{trees} ? [ map { $_->[0] } @{ $q->{trees} } ] : $q->{tree}); }

1;
