# A flowstore table receives what a heap table elsewhere publishes: the first
# copy, inserts, updates, deletes and truncates, also beside local changes.
# Without this test: a subscriber that stops, or that misses changes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $pub = PostgreSQL::Test::Cluster->new('publisher');
$pub->init(allows_streaming => 'logical');
$pub->start;
my $sub = new_node('subscriber');
my $columns = 'id int, ts timestamptz, src inet, bytes bigint, note text';
$pub->safe_psql('postgres', qq{
	CREATE TABLE full_row ($columns);
	ALTER TABLE full_row REPLICA IDENTITY FULL;
	CREATE TABLE keyed ($columns, PRIMARY KEY (id));
	INSERT INTO full_row SELECT g, timestamptz '2024-01-01 00:00+00' + g * interval '3 s', inet '10.0.0.0' + g, g * 7, CASE WHEN g % 3 = 0 THEN 'n' || g END FROM generate_series(1, 3000) g;
	INSERT INTO keyed SELECT * FROM full_row;
	CREATE PUBLICATION pub FOR TABLE full_row, keyed;});
$sub->safe_psql('postgres', "CREATE TABLE full_row ($columns) USING flowstore; CREATE TABLE keyed ($columns) USING flowstore;");
my $connstr = $pub->connstr . ' dbname=postgres';
$sub->safe_psql('postgres', "CREATE SUBSCRIPTION sub CONNECTION '$connstr' PUBLICATION pub");
$sub->wait_for_subscription_sync($pub, 'sub') if $sub->can('wait_for_subscription_sync');
$sub->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_subscription_rel WHERE srsubstate NOT IN ('r', 's')});

my $digest = 'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %s t';
sub same
{
	my ($table, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$pub->wait_for_catchup('sub');
	(my $sql = $digest) =~ s/%s/$table/;
	return is($sub->safe_psql('postgres', $sql), $pub->safe_psql('postgres', $sql), $what);
}
same($_, "$_: the first copy") for qw(full_row keyed);

# every kind of change, one transaction after the other
my @changes = (
	[ 'one insert', q{INSERT INTO full_row VALUES (5001, now(), '::1', -1, 'single')} ],
	[ 'many inserts', q{INSERT INTO full_row SELECT g, NULL, NULL, g, 'many' FROM generate_series(6001, 7500) g} ],
	[ 'one update', q{UPDATE full_row SET note = 'updated' WHERE id = 5} ],
	[ 'the same row again', q{UPDATE full_row SET note = note || ' twice' WHERE id = 5} ],
	[ 'an update of the time', q{UPDATE full_row SET ts = ts + interval '1 day' WHERE id BETWEEN 10 AND 20} ],
	[ 'one delete', q{DELETE FROM full_row WHERE id = 6} ],
	[ 'some deletes', q{DELETE FROM full_row WHERE id BETWEEN 100 AND 160} ],
	[ 'all in one transaction', q{BEGIN; INSERT INTO full_row SELECT g, NULL, NULL, g, 'tx' FROM generate_series(8001, 8020) g; UPDATE full_row SET bytes = 0 WHERE note = 'tx';
		DELETE FROM full_row WHERE id IN (8001, 8002, 7); SAVEPOINT s; DELETE FROM full_row WHERE id > 8000; ROLLBACK TO s; UPDATE full_row SET note = 'tx2' WHERE id = 8003; COMMIT} ],
	[ 'what was rolled back', q{BEGIN; DELETE FROM full_row WHERE id < 100; ROLLBACK} ],
	[ 'rows that are alike', q{INSERT INTO full_row SELECT 9000, NULL, NULL, 1, 'twin' FROM generate_series(1, 3); UPDATE full_row SET bytes = 2 WHERE ctid = (SELECT min(ctid) FROM full_row WHERE id = 9000)} ],
	[ 'one of rows that are alike', q{DELETE FROM full_row WHERE ctid = (SELECT max(ctid) FROM full_row WHERE id = 9000)} ],
	[ 'truncate', q{TRUNCATE full_row} ],
	[ 'truncate and more in one transaction', q{BEGIN; INSERT INTO full_row (id) VALUES (1), (2); TRUNCATE full_row; INSERT INTO full_row (id) VALUES (3), (4), (5); DELETE FROM full_row WHERE id = 3;
		TRUNCATE full_row; INSERT INTO full_row (id) VALUES (6), (7), (8); UPDATE full_row SET note = 'x' WHERE id = 6; COMMIT} ]);
for (@changes)
{
	$pub->safe_psql('postgres', $_->[1]);
	same('full_row', $_->[0]);
}

# beside changes of a local session: another row of the chunk is not waited
# for, the same row is
$pub->safe_psql('postgres', q{TRUNCATE full_row; INSERT INTO full_row SELECT g, NULL, NULL, g, 'c' FROM generate_series(1, 2000) g});
same('full_row', 'filled anew');
my ($ask, undef, $finish) = start_psql($sub);
$ask->(q{BEGIN; DELETE FROM full_row WHERE id = 10; UPDATE full_row SET note = 'local' WHERE id = 11;});
$pub->safe_psql('postgres', q{UPDATE full_row SET note = 'remote' WHERE id = 12; DELETE FROM full_row WHERE id = 13});
$pub->wait_for_catchup('sub');
is($sub->safe_psql('postgres', q{SELECT string_agg(id || note, ',' ORDER BY id) FROM full_row WHERE id BETWEEN 9 AND 14}),
	'9c,10c,11c,12remote,14c', 'other rows are not waited for');
$pub->safe_psql('postgres', q{UPDATE full_row SET note = 'remote' WHERE id = 10});
$sub->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')});
$ask->('ROLLBACK;');
$pub->wait_for_catchup('sub');
is($sub->safe_psql('postgres', q{SELECT string_agg(id || note, ',' ORDER BY id) FROM full_row WHERE id BETWEEN 9 AND 14}),
	'9c,10remote,11c,12remote,14c', 'the same row is, and changed when it is free');
# gone meanwhile: the change is passed over, as on a heap table
$ask->(q{BEGIN; DELETE FROM full_row WHERE id = 20; UPDATE full_row SET note = 'local' WHERE id = 21;});
$pub->safe_psql('postgres', q{UPDATE full_row SET note = 'remote' WHERE id IN (20, 21, 22)});
$sub->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')});
$ask->('COMMIT;');
$pub->wait_for_catchup('sub');
is($sub->safe_psql('postgres', q{SELECT string_agg(id || note, ',' ORDER BY id) FROM full_row WHERE id BETWEEN 19 AND 23}),
	'19c,21local,22remote,23c', 'a row that is gone is passed over');
$finish->();

# two sessions here and the subscription change the same rows all the time
$sub->safe_psql('postgres', q{CREATE PROCEDURE busy(n int) LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP
	UPDATE full_row SET bytes = bytes + 1 WHERE id = 500 + i % 20; COMMIT; END LOOP; END $$});
my @busy = map { IPC::Run::start([ 'psql', '-XAtq', '-d', $sub->connstr('postgres'), '-c', 'CALL busy(150)' ]) } 1 .. 2;
$pub->safe_psql('postgres', "UPDATE full_row SET note = 'r$_' WHERE id BETWEEN 500 AND 530") for 1 .. 20;
IPC::Run::finish($_) for @busy;
$pub->wait_for_catchup('sub');
is($sub->safe_psql('postgres', 'SELECT count(*), count(DISTINCT id) FROM full_row WHERE id BETWEEN 500 AND 530'), '31|31', 'no row lost or doubled');
is($sub->safe_psql('postgres', q{SELECT sum(bytes) - sum(id) FROM full_row WHERE id BETWEEN 500 AND 520}), '300', 'no local change lost');

# a key on the publisher alone does not help to find the row here: an error
# that core has for every table without a key of its own
$pub->safe_psql('postgres', q{INSERT INTO keyed (id) VALUES (9001)});
same('keyed', 'keyed: inserts arrive');
my $offset = -s $sub->logfile;
$pub->safe_psql('postgres', q{UPDATE keyed SET bytes = 5 WHERE id = 9001});
$sub->wait_for_log(qr/logical replication target relation "public.keyed" has neither REPLICA IDENTITY index nor PRIMARY KEY/, $offset);
pass('keyed: an update says that a key is missing');
$sub->safe_psql('postgres', 'ALTER SUBSCRIPTION sub DISABLE; ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub;');

done_testing();
