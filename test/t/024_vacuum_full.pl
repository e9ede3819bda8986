# VACUUM FULL leaves the rows out that no snapshot can see, of fresh, merged
# and clustered chunks, and no others: old snapshots read and change what they see.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('full', conf => "shared_preload_libraries = 'flowstore'\nflowstore.worker = off\n");

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub both
{
	my ($sql) = @_;
	for my $table (qw(h f))
	{
		sql($sql =~ s/\bT\b/$table/gr);
	}
	return;
}

sub rows_in_items { return sql('SELECT coalesce(sum(rows), 0) FROM flow.chunks(\'f\') WHERE level <> \'index\'') }

sub sound
{
	my ($what) = @_;
	twin_ok($node, 'h', 'f', $what);
	is(sql("SELECT count(*) FROM flow.check('f')"), 0, "$what, sound");
	return;
}

my $row = "timestamptz '2026-01-01' + i * interval '1 second', i, set_masklen('10.0.0.0'::inet + i % 300, 32), 'name ' || i % 700";
both('CREATE TABLE T (ts timestamptz, i int, a inet, t text)');
sql('DROP TABLE f; CREATE TABLE f (LIKE h) USING flowstore');
both("INSERT INTO T SELECT $row FROM generate_series(1, 7000) i");
sql("SELECT flow.optimize('f')");
both("INSERT INTO T SELECT $row FROM generate_series(7001, 10000) i");
both("INSERT INTO T SELECT $row FROM generate_series($_, $_) i") for 10001 .. 10003;
is(rows_in_items(), 10003, 'all rows are in items');
like(sql("SELECT string_agg(DISTINCT level, ',' ORDER BY level) FROM flow.chunks('f')"),
	qr/clustered.*fresh/, 'there are clustered and fresh chunks');

# all kinds: some rows of each, all rows of an hour
both("DELETE FROM T WHERE i % 3 = 0");
both("DELETE FROM T WHERE ts >= '2026-01-01 01:00' AND ts < '2026-01-01 01:30'");
both("UPDATE T SET t = t || ' changed' WHERE i % 100 = 1");
sql('VACUUM FULL f');
sound('deleted rows of all kinds');
my $left = sql('SELECT count(*) FROM f');
# three rows that stand alone keep their place until they are merged
cmp_ok(rows_in_items(), '<=', $left + 3, 'the deleted rows are gone');
both("UPDATE T SET t = 'again' WHERE i % 7 = 1");
both("DELETE FROM T WHERE i % 7 = 2");
sound('changed again');
sql("SELECT flow.optimize('f')");
sql('VACUUM FULL f');
sound('clustered again');
is(rows_in_items(), sql('SELECT count(*) FROM f'), 'nothing is left of what was deleted');

# a column that older rows lack, and rows to leave out, at once
both("ALTER TABLE T ADD COLUMN extra int DEFAULT 5");
both("DELETE FROM T WHERE i % 5 = 0");
sql('VACUUM FULL f');
sound('a new column');

# an old snapshot keeps the rows that it sees
my ($ask, undef, $finish) = start_psql($node);
$ask->('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1;');
my $before = sql('SELECT count(*), sum(i) FROM h');
both("DELETE FROM T WHERE i % 11 = 0");
both("UPDATE T SET t = 'new' WHERE i % 11 = 1");
sql('VACUUM FULL f');
sound('with an old snapshot');
is($ask->('SELECT count(*), sum(i) FROM f;'), $before, 'it sees the rows as they were');
is($ask->("DELETE FROM f WHERE i = (SELECT min(i) FROM f WHERE i % 11 = 2) RETURNING i;"),
	sql('SELECT min(i) FROM h WHERE i % 11 = 2'), 'and changes one of them');
sql("DELETE FROM h WHERE i = (SELECT min(i) FROM h WHERE i % 11 = 2)");
$ask->('COMMIT;');
sound('after its commit');
sql('VACUUM FULL f');
sound('when it is gone');
cmp_ok(rows_in_items(), '<=', sql('SELECT count(*) FROM f') + 3, 'what it saw is gone, too');

# nothing at all
both('DELETE FROM T');
sql('VACUUM FULL f');
is(rows_in_items(), 0, 'an empty table has no items');
is(sql("SELECT pg_relation_size('f')"), 8192, 'and one page');
both("INSERT INTO T SELECT $row FROM generate_series(1, 500) i");
sound('filled again');

$finish->();
$node->stop;
done_testing();
