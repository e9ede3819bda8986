# The connection is that of psql; Ctrl-C cancels what runs on the server; nothing is left behind.
use strict;
use warnings;
use FlowCommand;
use Test::More;
use Time::HiRes qw(sleep time);

my ($host, $port) = ($ENV{PGHOST}, $ENV{PGPORT} // 5432);
my %bare = map { $_ => undef } qw(PGHOST PGPORT PGDATABASE PGUSER);
my $user = sql('SELECT current_user');
my @count = ('--count', 'any', '--csv');
my $good = "flows\n60000\n";
is((flow_with(\%bare, @count, '-h', $host, '-p', $port, '-U', $user, '-d', $ENV{PGDATABASE}))[1], $good, '-h, -p, -U and -d');
is((flow_with(\%bare, @count, "--host=$host", "--port=$port", "--username=$user", "--dbname=$ENV{PGDATABASE}"))[1], $good, 'and their long names');
is((flow_with(\%bare, @count, '-d', "host=$host port=$port user=$user dbname=$ENV{PGDATABASE}"))[1], $good, 'a connection string');
(my $escaped = $host) =~ s/([^\w])/sprintf('%%%02X', ord $1)/ge;
is((flow_with(\%bare, @count, '-d', "postgresql://$user\@$escaped:$port/$ENV{PGDATABASE}"))[1], $good, 'a URI');
spew("$TMP/service.conf", "[flows]\nhost=$host\nport=$port\nuser=$user\ndbname=$ENV{PGDATABASE}\n");
is((flow_with({ %bare, PGSERVICEFILE => "$TMP/service.conf", PGSERVICE => 'flows' }, @count))[1], $good, 'a service');
is((flow_with({ %bare, PGSERVICEFILE => "$TMP/service.conf" }, @count, '-d', 'service=flows'))[1], $good, 'also by -d');
is((flow_with({ PGAPPNAME => 'mine' }, @count))[1], $good, 'the environment');
my ($status, $out, $err) = flow(@count, '-h', "$TMP/nowhere");
is($status, 1, 'a server that is not there');
like($err, qr/^flow: connection to server on socket ".*nowhere.*" failed: No such file/, 'is told as libpq does');

# the default table, and the search_path of the user
sql(q{CREATE SCHEMA other; CREATE TABLE other."Odd Table" (ts timestamptz, src_addr inet, dst_addr inet, bytes bigint) USING flowstore; INSERT INTO other."Odd Table" VALUES ('2026-03-01', NULL, NULL, 1)});
is((flow_with({ PGOPTIONS => '-c search_path=other' }, @count, '-t', '"Odd Table"'))[1], "flows\n1\n", 'tables are found by the search_path of the user');
is((flow(@count, '-t', 'other."Odd Table"'))[1], "flows\n1\n", 'or by their schema');
is((flow_with({ PGOPTIONS => '-c flowstore.now=2026-03-01T12:00:00Z' }, '--count', '-1h', '--csv'))[1], "flows\n" . sql("SELECT count(*) FROM flows WHERE ts >= '2026-03-01 11:00' AND ts < '2026-03-01 12:00'") . "\n", 'flowstore.now is the present');

# rights: who may read one table may use the command
sql("CREATE ROLE flow_reader_$$ LOGIN; GRANT SELECT ON flows TO flow_reader_$$");
for my $command (['top', 'proto', @DAY], ['any', '-n', '1'], ['ip', '10.12.0.1', @DAY], ['rate', @DAY], ['hunt', '-1h', @DAY], ['hops', '10.12.0.1', @DAY], ['search', '443'], ['tables'], ['export', '-1h', @DAY], ['detections'])
{
	($status, undef, $err) = flow(@$command, '-U', "flow_reader_$$");
	is($status, 0, "a reader may use $command->[0]") or diag($err);
}
($status, $out) = flow('health', '-U', "flow_reader_$$");
ok($status == 1 || $status == 3, 'health of a reader is not ok') or diag("status $status");
like($out, qr/unknown/, 'since not all is known to him');
like($out, qr/permission denied.*pg_monitor/, 'and says what would help');
($status, undef, $err) = flow('alerts', '-U', "flow_reader_$$");
like($err, qr/^ERROR:  permission denied for view alerts/, 'what he may not see is told');
($status, undef, $err) = flow('optimize', '-U', "flow_reader_$$");
like($err, qr/^ERROR:  must be owner/, 'so is what he may not do');
sql("REVOKE ALL ON flows FROM flow_reader_$$; DROP ROLE flow_reader_$$");

# Ctrl-C
sql("CREATE VIEW forever AS SELECT f.* FROM flows f, pg_sleep(100)");
my $pid = fork() // die;
if ($pid == 0)
{
	open(STDOUT, '>', "$TMP/int.out");
	open(STDERR, '>', "$TMP/int.err");
	exec($FLOW, '--count', 'any', '-t', 'forever') or exit 126;
}
my $until = time + 20;
my $running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flow' AND query LIKE '%forever%' AND state = 'active'";
sleep 0.1 while sql($running) == 0 && time < $until;
is(sql($running), 1, 'a long query runs');
my $from = time;
kill 'INT', $pid;
waitpid($pid, 0);
is($? & 127, 2, 'Ctrl-C ends the command by its signal');
cmp_ok(time - $from, '<', 5, 'at once');
is(slurp("$TMP/int.err"), '', 'without a word');
sleep 0.3;
is(sql($running), 0, 'and the query on the server');

# also while a pipe is full that nobody reads
sql("CREATE VIEW unending AS SELECT f.ts, n FROM generate_series(1, 10000000) n, (SELECT min(ts) AS ts FROM flows) f");
pipe(my $full, my $into) or die;
$pid = fork() // die;
if ($pid == 0)
{
	open(STDOUT, '>&', $into);
	open(STDERR, '>', "$TMP/int.err");
	exec($FLOW, 'export', '-t', 'unending') or exit 126;
}
close $into;
$until = time + 20;
sleep 0.1 while slurp("/proc/$pid/wchan") !~ /pipe/ && time < $until;
kill 'INT', $pid;
waitpid($pid, 0);
is(($? & 127) . slurp("$TMP/int.err"), '2', 'Ctrl-C ends a write without a word, too');
close $full;

# a reader that goes away
is(system("$FLOW export 2>$TMP/pipe.err | head -n 2 >/dev/null"), 0, 'a pipe that is closed ends it');
is(slurp("$TMP/pipe.err"), '', 'without a word');

# a password from the terminal, not from standard input
SKIP:
{
	skip 'script(1) is not there', 6 if system('script -qec true /dev/null </dev/null >/dev/null 2>&1') != 0;
	# what is typed, then the words that the shell says behind
	my $asked = sub {
		my ($typed, $command) = @_;
		spew("$TMP/asked.sh", "trap : INT\n$FLOW $command\necho \"status \$?\"\nstty -a\n");
		system("{ for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.2; grep -q Password $TMP/asked && break; done; sleep 0.3; printf '$typed'; sleep 0.7; } | timeout 30 script -qefc 'sh $TMP/asked.sh' /dev/null >$TMP/asked 2>&1");
		return slurp("$TMP/asked");
	};
	spew("$TMP/asked", '');
	my $text = $asked->('sesame\n', 'version -W -w');
	like($text, qr/^Password: /m, '-W asks for a password');
	unlike($text, qr/sesame/, 'which is not shown');
	like($text, qr/status 0\r/, 'and used');
	spew("$TMP/asked", '');
	$text = $asked->('\003', 'version -W -w');
	like($text, qr/status 130\r/, 'Ctrl-C at the question ends the command');
	like($text, qr/[ ;]echo[ ;]/, 'and the terminal echoes again');
	my $status;
	($status, $text) = on_terminal(80, { TERM => 'xterm' }, 'version', '-w');
	unlike($text, qr/Password/, '-w does not');
}
done_testing();
