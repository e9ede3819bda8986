# Options of tables come back from every kind of dump and from pg_upgrade, in
# sessions that did not preload the library.
# Without this test: retention that is forgotten by a restore.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('options');
my $dir = PostgreSQL::Test::Utils::tempdir();

# SET and RESET need the library; flow.set brings it along
my ($rc, $out, $err) = $node->psql('postgres',
	q{CREATE TABLE nothing (a int) USING flowstore WITH (flowstore.merge = off)});
like($err, qr/unrecognized parameter namespace "flowstore"/, 'without the library core refuses WITH');
is($node->safe_psql('postgres', q{
	CREATE TABLE plain (a int) USING flowstore;
	SELECT flow.set('plain', merge => false);
	SELECT label FROM pg_seclabel WHERE objoid = 'plain'::regclass}), "\nmerge=off", 'flow.set needs nothing');
is($node->safe_psql('postgres', q{SELECT flow.set('plain', merge => true); SELECT value FROM flow.options('plain') WHERE name = 'merge'}),
	"\non", 'in a new session as well');

$node->safe_psql('postgres', q{
	LOAD 'flowstore';
	CREATE SCHEMA before_flow;
	CREATE TABLE t (gone int, ts timestamptz, seen timestamptz, src inet, "Odd, 'name" inet, port int) USING flowstore
		WITH (flowstore.partition = '15 minutes', flowstore.time_column = seen, flowstore.zorder = 'src,"Odd, ''name"',
			flowstore.bitmap = 'gone,port', flowstore.retain = '90 days', flowstore.max_rows = 1000000, flowstore.slack = 1000,
			flowstore.max_bytes = '100 GB', flowstore.max_future = '1 hour', flowstore.future_rows = 'set_aside',
			flowstore.lateness = '1 minute', flowstore.merge = off, flowstore.cluster = off, fillfactor = 90);
	INSERT INTO t SELECT g, timestamptz '2024-01-01 00:00+00', timestamptz '2024-01-01 00:00+00' + g * interval '10 minutes', '10.0.0.1', NULL, g
		FROM generate_series(0, 11) g;
	ALTER TABLE t DROP COLUMN gone;
	ALTER TABLE t RENAME COLUMN src TO source;
	CREATE TABLE before_flow.t2 (ts timestamptz) USING flowstore WITH (flowstore.partition = '1 day');
	CREATE MATERIALIZED VIEW mv USING flowstore WITH (flowstore.partition = '1 day') AS SELECT seen FROM t;
	CREATE TABLE parent (ts timestamptz) PARTITION BY RANGE (ts);
	CREATE TABLE child PARTITION OF parent FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') USING flowstore WITH (flowstore.partition = '2 days');
	DROP TABLE plain;});

my $labels = q{SELECT c.oid::regclass::text, l.label FROM pg_seclabel l JOIN pg_class c ON c.oid = l.objoid
	JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.provider = 'flowstore' ORDER BY n.nspname, c.relname};
my $want = $node->safe_psql('postgres', $labels);
is($want, <<'END' =~ s/\n\z//r, 'the labels');
before_flow.t2|partition='1 day'
child|partition='2 days'
mv|partition='1 day'
t|time_column=seen, partition='15 minutes', zorder='source, "Odd, ''name"', bitmap=port, retain='90 days', max_rows=1000000, slack=1000, max_bytes='100 GB', max_future='1 hour', future_rows=set_aside, lateness='1 minute', merge=off, cluster=off
END
my $layout = q{SELECT count(DISTINCT partition) FROM flow.chunks('t')};
is($node->safe_psql('postgres', $layout), '8', 'rows lie in quarters of an hour');

my @conn = ('-h', $node->host, '-p', $node->port);

sub restore
{
	my ($db, $program, @args) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	command_ok([ $program, @conn, '-d', $db, @args ], "$db: restored");
	return;
}
my @psql = ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1');

# everything, as text and in parallel: the rows lie as the options say
command_ok([ 'pg_dump', @conn, '-f', "$dir/plain.sql", 'postgres' ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE plain');
command_ok([ @psql, @conn, '-d', 'plain', '-f', "$dir/plain.sql" ], 'plain: restored');
command_ok([ 'pg_dump', @conn, '-Fd', '-j', '2', '-f', "$dir/directory", 'postgres' ], 'pg_dump -j2');
restore('jobs', 'pg_restore', '-j', '2', '-e', "$dir/directory");
for my $db (qw(plain jobs))
{
	is($node->safe_psql($db, $labels), $want, "$db: labels");
	is($node->safe_psql($db, 'SELECT count(*) FROM t'), '12', "$db: rows");
}
# what is written from then on is laid out by the options
for my $db (qw(plain jobs))
{
	$node->safe_psql($db, q{TRUNCATE t; INSERT INTO t (seen) SELECT timestamptz '2024-01-01 00:00+00' + g * interval '10 minutes' FROM generate_series(0, 11) g});
	is($node->safe_psql($db, $layout), '8', "$db: options are in force");
}

# parts of it
for my $part ([ 'schema_only', '--schema-only' ], [ 'pre_data', '--section=pre-data' ])
{
	my ($db, @args) = @$part;
	command_ok([ 'pg_dump', @conn, @args, '-f', "$dir/$db.sql", 'postgres' ], "pg_dump @args");
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	command_ok([ @psql, @conn, '-d', $db, '-f', "$dir/$db.sql" ], "$db: restored");
	is($node->safe_psql($db, $labels), $want, "$db: labels");
}
$want = join("\n", grep { /^t\|/ } split(/\n/, $want));
command_ok([ 'pg_dump', @conn, '-t', 't', '-f', "$dir/one.sql", 'postgres' ], 'pg_dump -t');
$node->safe_psql('postgres', 'CREATE DATABASE one');
$node->safe_psql('one', 'CREATE EXTENSION flowstore');
command_ok([ @psql, @conn, '-d', 'one', '-f', "$dir/one.sql" ], 'one: restored');
is($node->safe_psql('one', $labels), $want, 'one table: label');
command_ok([ 'pg_dump', @conn, '-Fc', '-f', "$dir/custom", 'postgres' ], 'pg_dump -Fc');
$node->safe_psql('postgres', 'CREATE DATABASE one_of_many');
$node->safe_psql('one_of_many', 'CREATE EXTENSION flowstore');
command_ok([ 'pg_restore', @conn, '-e', '-t', 't', '-d', 'one_of_many', "$dir/custom" ], 'pg_restore -t');
is($node->safe_psql('one_of_many', 'SELECT count(*) FROM t'), '12', 'pg_restore -t: rows');
is($node->safe_psql('one_of_many', $labels), $want, 'pg_restore -t: label');

# without labels the tables come back with defaults
command_ok([ 'pg_dump', @conn, '--no-security-labels', '-f', "$dir/none.sql", 'postgres' ], 'pg_dump --no-security-labels');
$node->safe_psql('postgres', 'CREATE DATABASE without');
command_ok([ @psql, @conn, '-d', 'without', '-f', "$dir/none.sql" ], 'without: restored');
is($node->safe_psql('without', $labels), '', 'no labels');

# a copy of the database
$node->safe_psql('template1', 'CREATE DATABASE copied TEMPLATE plain');
is($node->safe_psql('copied', q{SELECT value FROM flow.options('t') WHERE name = 'retain'}), '90 days', 'template: options');

# pg_upgrade, and restart in between
$node->safe_psql('postgres', "DROP DATABASE $_") for qw(plain jobs schema_only pre_data one one_of_many without copied);
$node->stop;
my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
my $bindir = $node->config_data('--bindir');
chdir($dir) or die;
command_ok([ 'pg_upgrade', '--no-sync', '-d', $node->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir,
		'-s', $new->host, '-p', $node->port, '-P', $new->port ], 'pg_upgrade');
$new->start;
like($new->safe_psql('postgres', $labels), qr/^\Q$want\E$/m, 'pg_upgrade: label');
is($new->safe_psql('postgres', $layout), '8', 'pg_upgrade: rows lie as before');
$new->stop;

done_testing();
