#!/usr/bin/perl
# sqlsmith against flowstore tables.
#
#	sqlsmith.pl [--minutes M] [--seed S] [--keep]
#
# Its statements are rolled back and their answers looked at by nobody; what
# must not happen is a crash, a failed assertion, an internal error (SQLSTATE
# class XX) from our code, or one that the same statement does not raise with
# all kill switches off.  Afterwards the tables are what they were.
# Needs sqlsmith, initdb and psql in PATH and a user who is not root.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Getopt::Long;
use Time::HiRes 'time';
use Twins;

my %opt = (minutes => 10, seed => time % 1_000_000 | 0);
GetOptions(\%opt, 'minutes=f', 'seed=i', 'keep') or exit 2;
$| = 1;
$SIG{INT} = $SIG{TERM} = sub { exit 3 };

my $tables = Twins->new(keep => $opt{keep}, rows => 2000, seed => $opt{seed},
	conf => "log_error_verbosity = verbose\nlog_min_messages = error\nlog_min_error_statement = error\n"
		. "min_parallel_table_scan_size = 0\nparallel_setup_cost = 10\n");
my $s = $tables->session;
# no superuser, who could do harm by functions that are not ours; no heap tables and no plain q.rows
Twins::must($s, 'CREATE ROLE smith LOGIN; GRANT USAGE ON SCHEMA q, flow TO smith');
for (@Twins::twins) { Twins::must($s, "GRANT USAGE ON SCHEMA $_ TO smith; GRANT ALL ON ALL TABLES IN SCHEMA $_ TO smith; ALTER TABLE $_.t DISABLE ROW LEVEL SECURITY"); }
Twins::must($s, 'DROP SCHEMA heap CASCADE; DROP SCHEMA twin CASCADE');
my $before = digest();

my $from = -s "$tables->{dir}/log";
my $pid = fork // die "could not fork: $!\n";
if (!$pid)
{
	open STDOUT, '>', "$tables->{dir}/sqlsmith.out";
	open STDERR, '>&', \*STDOUT;
	exec 'timeout', $opt{minutes} * 60 . 's', 'sqlsmith', "--target=host=$tables->{dir} port=5432 dbname=$tables->{db} user=smith",
		'--exclude-catalog', "--seed=$opt{seed}" or die "could not run sqlsmith: $!\n";
}
waitpid $pid, 0;
my $status = $? >> 8;
$tables->{server}->alive;
$s = $tables->session;

my ($failed, %seen) = (0);
if (my $crashes = $tables->crashes) { print "the server crashed\n$crashes"; $failed = 1; }
# timeout ends it with 124
if ($status != 124 && !$failed)
{
	open(my $fh, '<', "$tables->{dir}/sqlsmith.out") or die;
	my @out = <$fh>;
	print "sqlsmith ended with status $status:\n", @out > 10 ? @out[-10 .. -1] : @out;
	$failed = 1;
}

# Errors in the log: [ SQLSTATE, message, place, statement ].
sub errors
{
	open(my $fh, '<', "$tables->{dir}/log") or die "could not read the log: $!\n";
	seek $fh, $from, 0;
	my (@errors, $last);
	while (my $line = <$fh>)
	{
		if ($line =~ /(?:ERROR|FATAL|PANIC):  (\w{5}): (.*)/) { push @errors, [ $1, $2, '', '' ]; $last = undef; }
		elsif (@errors && $line =~ /LOCATION:  (.*)/) { $errors[-1][2] = $1; $last = undef; }
		elsif (@errors && $line =~ /STATEMENT:  (.*)/s) { $errors[-1][3] = $1; $last = 1; }
		elsif ($last && $line =~ /^\t(.*)/s) { $errors[-1][3] .= $1; }
		else { $last = undef; }
	}
	return @errors;
}

my $our_files = join '|', map { m{([^/]+)$} } glob "$FindBin::RealBin/../../src/*/*.c $FindBin::RealBin/../../src/*.c";
my @errors = errors();
my ($tried, %states) = (0);
$states{ $_->[0] }++ for @errors;
for my $e (grep { $_->[0] =~ /^XX/ } @errors)
{
	my ($state, $message, $place, $statement) = @$e;
	(my $kind = "$message, $place") =~ s/\d+/N/g;
	next if $seen{$kind}++ >= 3;
	my $ours = $place =~ /\bfs_|\b(?:$our_files):/;
	if (!$ours && $tried++ < 50)
	{
		my @state;
		for my $set ('on', 'off')
		{
			my $off = join '; ', map { "SET $_ = $set" } @{ $tables->{switches} };
			push @state, ($s->ask("$off; SET statement_timeout = '5s'; BEGIN; SET LOCAL role = smith;\n$statement;\n"))[1];
			$s->ask('ROLLBACK');
		}
		$ours = $state[0] =~ /^XX/ && $state[1] !~ /^XX/;
	}
	print $ours ? 'INTERNAL ERROR' : 'internal error of others', ": $state: $message, $place\n", $ours ? "$statement;\n\n" : '';
	$failed = 1 if $ours;
}

my $after = digest();
if ($after ne $before) { print "the tables were changed:\n$before\n$after\n"; $failed = 1; }
my $problems = Twins::must($s, join ' UNION ALL ', map { "SELECT count(*) FROM flow.check('$_.t')" } grep { $_ ne 'parted' } @Twins::twins);
if ($problems =~ /[1-9]/) { print "flow.check found $problems problems\n"; $failed = 1; }
my $n = Twins::must($s, "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '$tables->{db}'");
my $errors = @errors;
print join(', ', map { "$_ $states{$_}" } sort keys %states), "\n";
printf "seed %d: %d transactions, %d errors, %s\n", $opt{seed}, $n, $errors, $failed ? 'FAILED' : 'nothing found';
$s->close;
exit $failed;

sub digest
{
	return Twins::must($s, join ' UNION ALL ', map { "SELECT count(*) || ' ' || sum(hashtextextended(t::text, 0)) FROM $_.t" } @Twins::twins);
}
