# pg_dump and restore: the same rows, the same access method, in every format.
# Without this test: tables that come back as heap, or do not come back.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump');
my $dir = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', q{
	CREATE TABLE h AS SELECT * FROM twin.flows(1, 20000);
	CREATE TABLE f (LIKE h) USING flowstore;
	INSERT INTO f SELECT * FROM h;
	CREATE TABLE p (id int, ts timestamptz) PARTITION BY RANGE (ts);
	CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') USING flowstore;
	CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
	INSERT INTO p SELECT g, timestamptz '2024-12-01' + g * interval '1 day' FROM generate_series(1, 60) g;
	CREATE MATERIALIZED VIEW mv USING flowstore AS SELECT protocol, count(*) AS n FROM f GROUP BY 1;
	CREATE UNLOGGED TABLE u (a int) USING flowstore;
	INSERT INTO u VALUES (1);
	CREATE TABLE gen (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c text NOT NULL DEFAULT 'x', CHECK (a > 0)) USING flowstore;
	INSERT INTO gen VALUES (1), (2);
	ALTER TABLE f ADD COLUMN late int DEFAULT 4, DROP COLUMN rtt;
	ALTER TABLE h ADD COLUMN late int DEFAULT 4, DROP COLUMN rtt;
	CREATE TABLE fk (a int, h int) USING flowstore;});

my $methods = q{SELECT relname, amname FROM pg_class c LEFT JOIN pg_am a ON a.oid = relam
	WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm', 'p') ORDER BY 1};
my $want = $node->safe_psql('postgres', $methods);

sub check
{
	my ($db, $what) = @_;
	is($node->safe_psql($db, $methods), $want, "$what: access methods");
	is($node->safe_psql($db, q{SELECT heap_only, flow_only, n FROM twin.diff('h', 'f')}), '0|0|20000', "$what: rows");
	is($node->safe_psql($db, 'SELECT count(*), count(DISTINCT tableoid) FROM p'), '60|2', "$what: partitions");
	is($node->safe_psql($db, 'SELECT sum(n) FROM mv'), '20000', "$what: materialized view");
	is($node->safe_psql($db, 'SELECT a, b, c FROM gen ORDER BY a'), "1|2|x\n2|4|x", "$what: generated column");
	return;
}

# plain
my $port = $node->port;
my @conn = ('-h', $node->host, '-p', $port);
command_ok([ 'pg_dump', @conn, '-f', "$dir/plain.sql", 'postgres' ], 'pg_dump, plain');
$node->safe_psql('postgres', 'CREATE DATABASE plain');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @conn, '-d', 'plain', '-f', "$dir/plain.sql" ], 'restored by psql');
check('plain', 'plain');
unlike(slurp_file("$dir/plain.sql"), qr/pg_toast/, 'the directory is not dumped');

# custom and directory, in parallel
for my $format (qw(custom directory))
{
	my @jobs = $format eq 'directory' ? ('-j', '2') : ();
	command_ok([ 'pg_dump', @conn, '-F', $format, @jobs, '-f', "$dir/$format", 'postgres' ], "pg_dump, $format");
	$node->safe_psql('postgres', "CREATE DATABASE $format");
	command_ok([ 'pg_restore', @conn, '-j', '2', '-e', '-d', $format, "$dir/$format" ], 'pg_restore -j2');
	check($format, $format);
}

# rows as INSERT statements, several to a statement
command_ok([ 'pg_dump', @conn, '--rows-per-insert=500', '-f', "$dir/inserts.sql", 'postgres' ], 'pg_dump, inserts');
$node->safe_psql('postgres', 'CREATE DATABASE inserts');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @conn, '-d', 'inserts', '-f', "$dir/inserts.sql" ], 'restored by psql');
check('inserts', 'inserts');

# schema only, then data only; one transaction
command_ok([ 'pg_dump', @conn, '--schema-only', '-f', "$dir/schema.sql", 'postgres' ], 'pg_dump --schema-only');
command_ok([ 'pg_dump', @conn, '--data-only', '-f', "$dir/data.sql", 'postgres' ], 'pg_dump --data-only');
$node->safe_psql('postgres', 'CREATE DATABASE halves');
command_ok([ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', @conn, '-d', 'halves', '-f', "$dir/schema.sql" ], 'schema restored');
is($node->safe_psql('halves', $methods), $want, 'schema only: access methods');
is($node->safe_psql('halves', 'SELECT count(*) FROM f'), '0', 'schema only: no rows');
command_ok([ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', @conn, '-d', 'halves', '-f', "$dir/data.sql" ], 'data restored in one transaction');
$node->safe_psql('halves', 'REFRESH MATERIALIZED VIEW mv');
check('halves', 'halves');

# one table with --clean over an existing one; without access methods it becomes heap
command_ok([ 'pg_dump', @conn, '-t', 'f', '--clean', '--if-exists', '-f', "$dir/one.sql", 'postgres' ], 'pg_dump -t');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=0', @conn, '-d', 'plain', '-c', 'DROP MATERIALIZED VIEW mv' ], 'view dropped');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @conn, '-d', 'plain', '-f', "$dir/one.sql" ], 'one table restored over itself');
is($node->safe_psql('plain', q{SELECT heap_only, flow_only FROM twin.diff('h', 'f')}), '0|0', 'one table: rows');

# pg_dumpall of the roles and all databases at least runs
command_ok([ 'pg_dumpall', @conn, '-f', "$dir/all.sql" ], 'pg_dumpall');

# a copy of the database by CREATE DATABASE ... TEMPLATE, both strategies
for my $strategy (qw(wal_log file_copy))
{
	$node->safe_psql('template1', "CREATE DATABASE copy_$strategy TEMPLATE postgres STRATEGY $strategy");
	check("copy_$strategy", "template, $strategy");
	$node->safe_psql("copy_$strategy", 'INSERT INTO f (id) SELECT -g FROM generate_series(1, 3000) g; INSERT INTO h (id) SELECT -g FROM generate_series(1, 3000) g; VACUUM f;');
	is($node->safe_psql("copy_$strategy", q{SELECT heap_only, flow_only FROM twin.diff('h', 'f')}), '0|0', "template, $strategy: writable");
}

# DROP EXTENSION CASCADE takes the tables along and leaves heap alone
$node->safe_psql('halves', 'DROP EXTENSION flowstore CASCADE');
is($node->safe_psql('halves', q{SELECT to_regclass('f') IS NULL, count(*) FROM h}), 't|20000', 'DROP EXTENSION CASCADE');

done_testing();
