# The space of loads that failed comes back with VACUUM, is used again, and
# the file stays bounded while loads succeed and fail side by side.
# Without this test: a collector that retries fills the disk.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('space');
my $size = sub { return $node->safe_psql('postgres', q{SELECT pg_relation_size('f')}); };
$node->safe_psql('postgres', q{
	CREATE TABLE f (id bigint, v text) USING flowstore;
	INSERT INTO f SELECT g, md5(g::text) FROM generate_series(1, 70000) g;});
my $load = q{INSERT INTO f SELECT g, md5(g::text) FROM generate_series(1, 140000) g;};
my $one = $size->();

# aborted, then VACUUM: the tail is truncated
$node->safe_psql('postgres', "BEGIN; $load ROLLBACK;");
cmp_ok($size->(), '>', $one, 'an aborted load leaves blocks');
$node->safe_psql('postgres', 'VACUUM f');
cmp_ok($size->(), '<=', $one * 1.05, 'VACUUM truncates them');

# with a reader holding the table open truncation has to wait, reuse has not
my ($ask, undef, $finish) = start_psql($node);
$node->safe_psql('postgres', "BEGIN; $load ROLLBACK;");
my $high = $size->();
$ask->('BEGIN; SELECT count(*) FROM f;');
$node->safe_psql('postgres', 'VACUUM f');
$node->safe_psql('postgres', $load);
cmp_ok($size->(), '<=', $high * 1.05, 'free blocks are reused beside a reader');
is($ask->('SELECT count(*), count(*) FILTER (WHERE v <> md5(id::text)) FROM f;'), '210000|0', 'and hold the right rows');
$finish->();

# ten loads, every second one fails, VACUUM after each: bounded
my $live = $size->();
my $max = 0;
for my $i (1 .. 10)
{
	$node->safe_psql('postgres', $i % 2 ? "BEGIN; $load ROLLBACK;" : 'TRUNCATE f; ' . $load);
	$node->safe_psql('postgres', 'VACUUM f');
	my $s = $size->();
	$max = $s if $s > $max;
}
cmp_ok($max, '<=', $live * 1.6, 'the file does not grow without bound');

# a COPY that fails in its last line
my ($rc, $out, $err) = $node->psql('postgres', q{COPY f FROM PROGRAM 'for i in $(seq 1 100000); do echo "$i	abc"; done; echo bad'});
like($err, qr/missing data for column|invalid input syntax/, 'COPY fails');
$node->safe_psql('postgres', 'VACUUM f');
cmp_ok($size->(), '<=', $max * 1.05, 'its space is back');

# the crash of a server with loads in flight
my $before = $size->();
for (1 .. 3)
{
	my ($a, undef, $fin) = start_psql($node);
	$a->("BEGIN; $load");
	$node->stop('immediate');
	$fin->();
	$node->start;
}
cmp_ok($size->(), '>', $before, 'crashed loads leave blocks');
$node->safe_psql('postgres', 'VACUUM f');
cmp_ok($size->(), '<=', $before * 1.05, 'VACUUM gives them back');
is($node->safe_psql('postgres', 'SELECT count(*) = count(DISTINCT ctid), count(*) FILTER (WHERE v <> md5(id::text)) FROM f'), 't|0', 'the rows are whole');

# a subtransaction that aborts each time, in one long transaction
$node->safe_psql('postgres', q{
	DO $$ BEGIN
		FOR i IN 1..5 LOOP
			BEGIN
				INSERT INTO f SELECT g, 'x' FROM generate_series(1, 70000) g;
				PERFORM 1 / 0;
			EXCEPTION WHEN division_by_zero THEN NULL;
			END;
		END LOOP;
	END $$; VACUUM f;});
cmp_ok($size->(), '<=', $before * 1.05, 'aborted subtransactions, too');

# a table that was emptied
$node->safe_psql('postgres', "TRUNCATE f; BEGIN; $load ROLLBACK; VACUUM f;");
cmp_ok($size->(), '<=', 2 * 8192, 'an empty table keeps no more than its first block');

done_testing();
