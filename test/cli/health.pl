# flow health says what is wrong, and by its status whether anything is.
use strict;
use warnings;
use FlowCommand;
use Test::More;

# a table of its own, since retention removes rows where a worker runs
sql("CREATE TABLE watched (LIKE flows) USING flowstore; INSERT INTO watched TABLE flows");
$ENV{PGOPTIONS} .= ' -c flowstore.default_table=watched';

sub health
{
	my ($status, $out, $err) = flow('health', '--json', @_);
	my %found = map { $_->{what} => "$_->{status}: $_->{message}" } @{ JSON::PP->new->utf8->decode($out) };
	note("$_ $found{$_}") for grep { $found{$_} !~ /^ok/ } sort keys %found;
	return ($status, \%found, $err);
}
# the server of the test runs without a worker; that is the first thing it has to say
my $preloaded = sql("SELECT current_setting('shared_preload_libraries') LIKE '%flowstore%' AND current_setting('flowstore.worker') = 'off'") eq 't';
my ($status, $found) = health();
is($status, $preloaded ? 1 : 0, 'a worker that is off is a warning');
like($found->{worker}, $preloaded ? qr/^warning: flowstore\.worker is off/ : qr/^ok/, 'and said');
like($found->{table}, qr/^ok: 60000 rows, \S+ [kM]B on disk, \d+\.\d bytes a row$/, 'the table and its size');
like($found->{freshness}, qr/^ok: the newest row is of \d+d \d+h ago; no collector writes here$/, 'old rows are well where no collector writes');
like($found->{retention}, qr/^ok: nothing limits/, 'no retention is said');
like($found->{disk} // 'ok: 1 % full', qr/^(?:ok|warning|critical): \d+ % full/, 'the disk');

# collectors and exporters
sql("SELECT flow.set('watched', retain => '90 days', max_bytes => '1 GB')");
sql("INSERT INTO flow.collectors (name, last_seen, rows_per_second, lag, queue_rows, spool_bytes, drops) VALUES ('edge', clock_timestamp(), 12345, '2 s', 0, 5000000, '{}')");
sql("INSERT INTO flow.exporters (collector, address, version, domain, last_seen, records, records_per_second, gaps, missed, templates) VALUES ('edge', '192.0.2.1', 9, 0, clock_timestamp(), 1000000, 100, 0, 0, 3), ('edge', '192.0.2.2', 10, 0, clock_timestamp() - interval '1 hour', 1000, 0, 0, 0, 3)");
($status, $found) = health();
is($status, 2, 'a collector that writes into a table without new rows is critical');
like($found->{freshness}, qr/^critical: the newest row is of/, 'by the age of its rows');
like($found->{'collector edge'}, qr/^ok: 12345 rows a second, lags 2\.00 s behind, 5\.00 MB wait on disk$/, 'the collector in words') ;
like($found->{'exporter 192.0.2.1'}, qr/^ok: 100 records a second$/, 'the exporter');
like($found->{'exporter 192.0.2.2'}, qr/^warning: silent for 1h 0m$/, 'one that is silent');
like($found->{retention}, qr/^ok: keeps 90 days and at most 1 ?GB$/, 'retention') ;
sql("INSERT INTO watched (ts, src_addr, bytes) VALUES (clock_timestamp(), '192.0.2.1', 1); DELETE FROM flow.exporters WHERE address = '192.0.2.2'");
($status, $found) = health();
is($status, $preloaded ? 1 : 0, 'new rows make it well');
my %cases = (
	"UPDATE flow.exporters SET missed = 20000" => [1, 'exporter 192.0.2.1', qr/^warning: .*1\.96 % of its records were lost/],
	"UPDATE flow.exporters SET missed = 200000" => [2, 'exporter 192.0.2.1', qr/^critical: .*16\.67 %/],
	"UPDATE flow.collectors SET last_seen = clock_timestamp() - interval '3 minutes'" => [1, 'collector edge', qr/^warning: silent for 3m 0s/],
	"UPDATE flow.collectors SET last_seen = clock_timestamp() - interval '30 minutes'" => [2, 'collector edge', qr/^critical: silent for 30m/],
	"UPDATE flow.collectors SET lag = '2 minutes'" => [1, 'collector edge', qr/^warning: .*lags 2m 0s behind/],
	"UPDATE flow.collectors SET drops = '{\"rows_dropped\": 900000, \"malformed\": 5}'" => [1, 'collector edge', qr/^warning: .*900 k records did not become rows \(rows_dropped malformed\)/]);
for my $change (sort keys %cases)
{
	my ($expected, $what, $pattern) = @{ $cases{$change} };
	sql("CREATE TABLE kept_c AS TABLE flow.collectors; CREATE TABLE kept_e AS TABLE flow.exporters; $change");
	($status, $found) = health();
	is($status, $expected, $change);
	like($found->{$what}, $pattern, 'is told');
	sql("DELETE FROM flow.exporters; DELETE FROM flow.collectors; INSERT INTO flow.collectors TABLE kept_c; INSERT INTO flow.exporters TABLE kept_e; DROP TABLE kept_c, kept_e");
}
is((health('--loss', '0'))[0] < 2 ? 1 : 0, 1, '--loss is the bound') ;
sql("UPDATE flow.collectors SET last_seen = clock_timestamp() - interval '8 days'");
($status, $found) = health();
is($found->{'collector edge'}, undef, 'what was not seen for a week is gone');
sql("DELETE FROM flow.exporters; DELETE FROM flow.collectors");

# schedules and rollups that fail
sql(q{SELECT flow.schedule('breaks', 'SELECT 1 / (count(*) - count(*)) AS score FROM flows WHERE ts >= $1 AND ts < $2', '10 min')});
sql("UPDATE flow.schedule_state SET failures = 3, error = E'division by zero\\n{B:5} |' WHERE name = 'breaks'");
($status, $found) = health();
like($found->{'schedule breaks'}, qr/^warning: failed 3 times: division by zero/, 'a schedule that fails');
($status, my $out) = flow('health', '--plugin');
is($status, 1, '--plugin has the same status');
like($out, qr/\AFLOW WARNING - .*schedule breaks: failed 3 times: division by zero[^|\n]*\n\z/, 'and one line, without |');
sql("SELECT flow.unschedule('breaks')");

# damage is looked for on demand
($status, $found) = health('--check');
like($found->{damage}, qr/^ok: everything was read and is sound/, '--check reads everything');

# what cannot be asked
($status, $out) = flow('health', '--plugin', '-d', 'absent_database');
is($status, 2, 'a database that is not there is critical');
is($out, "FLOW CRITICAL - the server could not be asked\n", 'in the form of a plugin');
($status, $found) = health('-t', 'absent');
is($status, 2, 'so is a table that is not there');
is($found->{table}, 'critical: does not exist', 'in words');
sql("CREATE TABLE plain (ts timestamptz, bytes bigint)");
($status, $found) = health('-t', 'plain');
like($found->{table}, qr/^unknown: "plain" is not a flowstore table/, 'a heap table is not known');
done_testing();
