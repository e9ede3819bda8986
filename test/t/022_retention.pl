# A table bounded by rows holds the newest max_rows and never more than
# max_rows + slack, at any commit, with eight sessions that insert at once, and
# others that update, delete, roll back and look.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($max, $slack, $sessions, $commits, $batch) = (2000, 300, 8, 150, 7);

my $node = new_node('bounded');
$node->safe_psql('postgres', <<"END");
CREATE TABLE bounded (ts timestamptz, session int, k int) USING flowstore;
SELECT flow.set('bounded', max_rows => $max, slack => $slack, partition => '1 minute');
CREATE SEQUENCE tick;
-- what was committed, in the order in which its rows are old
CREATE TABLE ledger (ts timestamptz, session int, k int);
CREATE FUNCTION refuse(what text, is_wrong boolean) RETURNS void LANGUAGE plpgsql AS
  \$\$ BEGIN IF is_wrong THEN RAISE EXCEPTION '%', what; END IF; END \$\$;
END

# one statement a script line, each a transaction: rows get ascending times
my $insert = <<"END";
BEGIN;
WITH n AS (SELECT '2026-01-01'::timestamptz + nextval('tick') * interval '1 second' AS ts,
    :client_id AS session, i AS k FROM generate_series(1, $batch) i),
  l AS (INSERT INTO ledger SELECT * FROM n RETURNING 1)
INSERT INTO bounded SELECT * FROM n;
COMMIT;
SELECT refuse('too many: ' || count(*), count(*) > $max + $slack) FROM bounded;
END
my $dir = PostgreSQL::Test::Utils::tempdir;
open my $fh, '>', "$dir/insert.sql" or die $!;
print $fh $insert;
close $fh;
open $fh, '>', "$dir/rollback.sql" or die $!;
print $fh "BEGIN;\nINSERT INTO bounded SELECT '2030-01-01', 99, i FROM generate_series(1, 50) i;\nROLLBACK;\n";
close $fh;
open $fh, '>', "$dir/look.sql" or die $!;
# one snapshot: as many rows as there are, but the newest of those committed
print $fh <<"END";
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT refuse('not bounded: ' || count(*), count(*) > $max + $slack OR
  count(*) < least($max, (SELECT count(*) FROM ledger))) FROM bounded;
SELECT refuse('not the newest', EXISTS ((SELECT * FROM ledger ORDER BY ts DESC LIMIT $max)
  EXCEPT ALL SELECT * FROM bounded));
COMMIT;
END
close $fh;

$node->command_ok(
	[ 'pgbench', '-n', '-c', $sessions, '-j', 2, '-t', $commits,
		'-f', "$dir/insert.sql\@8", '-f', "$dir/rollback.sql\@1", '-f', "$dir/look.sql\@2",
		$node->connstr('postgres') ],
	'eight sessions insert, roll back and look: never more than the bound, always the newest');

my $n = $node->safe_psql('postgres', 'SELECT count(*) FROM bounded');
cmp_ok($n, '<=', $max + $slack, 'bounded at the end');
cmp_ok($n, '>=', $max, 'no row too few at the end');
is($node->safe_psql('postgres', <<"END"), '0', 'the newest of the ledger are there');
SELECT count(*) FROM ((SELECT * FROM ledger ORDER BY ts DESC LIMIT $max) EXCEPT ALL SELECT * FROM bounded) x
END
is($node->safe_psql('postgres', 'SELECT count(*) FROM (SELECT * FROM bounded EXCEPT ALL SELECT * FROM ledger) x'),
	'0', 'and nothing else');

# steady load: the file stops growing
sub file_size { return $node->safe_psql('postgres', "SELECT pg_total_relation_size('bounded')") }
my $load = "INSERT INTO bounded SELECT '2027-01-01'::timestamptz + nextval('tick') * interval '1 second', 1, i FROM generate_series(1, 500) i";
for (1 .. 20) { $node->safe_psql('postgres', $load); $node->safe_psql('postgres', 'VACUUM bounded') if $_ % 4 == 0 }
my $before = file_size();
for (1 .. 40) { $node->safe_psql('postgres', $load); $node->safe_psql('postgres', 'VACUUM bounded') if $_ % 4 == 0 }
cmp_ok(file_size(), '<=', $before * 1.5, 'expired space is used again');
is($node->safe_psql('postgres', "SELECT count(*) FROM flow.check('bounded')"), '0', 'sound');

$node->stop;
done_testing();
