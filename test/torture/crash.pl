#!/usr/bin/perl
# A server that is killed again and again while several sessions change
# flowstore tables and their heap twins.
#
#	crash.pl [--rounds N] [--minutes M] [--seed S] [--writers N] [--fsync]
#	         [--autovacuum] [--conf LINE]... [--keep] [--stop-on-failure]
#	         [--verbose]
#
# A round: writers work for a moment, the server or one of its processes is
# ended, it recovers.  Then every acknowledged commit must be there and nothing
# of what was not committed, each flowstore table must equal its heap twin,
# flow.check() must find nothing, and after VACUUM every page must be in use,
# free or gone.  The last line is "N passed, N failed".
# Needs initdb and psql in PATH and a user who is not root: see run.sh.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Temp 'tempdir';
use Getopt::Long;
use Time::HiRes qw(time usleep);
use Victim;
use Workload;

my %opt = (seed => time % 1_000_000 | 0, writers => 4, conf => []);
GetOptions(\%opt, 'rounds=i', 'minutes=f', 'seed=i', 'writers=i', 'fsync', 'autovacuum', 'conf=s@', 'keep', 'verbose', 'stop-on-failure') or exit 2;
$opt{rounds} //= $opt{minutes} ? 10**9 : 50;
my $until = $opt{minutes} ? time + 60 * $opt{minutes} : undef;
$| = 1;
srand($opt{seed});
print "seed $opt{seed}\n";

my ($passed, $failed) = (0, 0);
my $server = Victim->new(keep => $opt{keep}, fsync => $opt{fsync}, autovacuum => $opt{autovacuum},
	conf => join("\n", @{ $opt{conf} }, ''));
my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
my @writers;
$SIG{INT} = $SIG{TERM} = sub { kill 'TERM', map { $_->{pid} // () } @writers; exit 3 };

sub check
{
	my ($ok, $what, $why) = @_;
	if ($ok) { $passed++; return 1; }
	$failed++;
	print "FAILED: $what", defined $why && $why ne '' ? ": $why" : '', "\n";
	return 0;
}

my $admin;
sub connect_admin { $admin->close if $admin; $admin = $server->session('torture'); $admin->ask(q{SET work_mem = '256MB'}); return; }

# An answer, or a failed check.
sub value
{
	my ($sql) = @_;
	my ($out, $state) = $admin->ask($sql);
	check(0, 'a question of the checker', "$state in: $sql") if $state;
	return $out;
}

# ---- before -------------------------------------------------------------------

sub set_up
{
	my $first = $server->session('postgres');
	$first->ask('CREATE DATABASE torture');
	$first->close;
	connect_admin();
	for my $sql ("SET client_min_messages = warning; CREATE EXTENSION flowstore; CREATE EXTENSION amcheck; CREATE EXTENSION pageinspect",
		do { local (@ARGV, $/) = "$FindBin::RealBin/../differential/twin.sql"; <> }, Workload::setup_sql($dir))
	{
		my (undef, $state) = $admin->ask($sql);
		die "could not prepare the database, SQLSTATE $state: $sql\n" if $state;
	}
	my @unknown = Workload::probe($admin);
	print 'not supported by this server, left out: ', join(', ', @unknown), "\n" if @unknown;
	return;
}

# ---- a round ------------------------------------------------------------------

my %reported;	# what the writers were told: {writer}{n}{letter}

sub start_writers
{
	my ($round) = @_;
	@writers = map { {
		number => $_, server => $server, dir => $dir, stop => "$dir/stop", report => "$dir/report.$_",
		seed => int(rand 2**31), n => $round * 10_000, base => $round * 10_000 } } 1 .. $opt{writers};
	unlink "$dir/stop", map { $_->{report} } @writers;
	$_->{pid} = Workload::start($_) for @writers;
	return;
}

sub end_writers
{
	open(my $stop, '>', "$dir/stop") or die "could not write $dir/stop: $!\n";
	close $stop;
	for my $w (@writers) { waitpid $w->{pid}, 0; delete $w->{pid}; }
	return;
}

# Reads the reports; returns a list of oddities.
sub read_reports
{
	my @odd;
	for my $w (@writers)
	{
		open(my $in, '<', $w->{report}) or next;
		while (<$in>)
		{
			chomp;
			if (/^([capr]) (\d+)/) { $reported{ $w->{number} }{$2}{$1} = 1; }
			elsif (/^odd (.*)/) { push @odd, $1; }
		}
	}
	return @odd;
}

# Server processes of the writers, as far as they have said.
sub backends
{
	my @pids;
	for my $w (@writers)
	{
		open(my $in, '<', $w->{report}) or next;
		push @pids, map { /^pid (\d+)/ ? $1 : () } <$in>;
	}
	return @pids;
}

# The ways to go; all but the last two end in recovery.
my @attacks = (('kill_all') x 5, ('immediate') x 3, ('kill_one') x 2, ('kill_backend') x 3, 'terminate', 'cancel');

sub attack
{
	my ($how) = @_;
	if ($how eq 'kill_all') { $server->kill_all; }
	elsif ($how eq 'immediate') { $server->stop_immediately; }
	elsif ($how eq 'kill_one') { $server->kill_one; }
	else
	{
		my @pids = backends();
		my $signal = { kill_backend => 'KILL', terminate => 'TERM', cancel => 'INT' }->{$how};
		kill $signal, $pids[ rand @pids ] if @pids;
		usleep(rand 300_000) if $signal ne 'KILL';
	}
	end_writers();
	if ($how =~ /^(?:kill_all|immediate)$/)
	{
		return $server->start_again(rand() < .15);
	}
	# the postmaster needs a moment to notice
	usleep(50_000) if $how =~ /^kill/;
	return $server->wait_recovered;
}

# ---- after it -----------------------------------------------------------------

# Decides what was left prepared, and compares the ledger with the reports.
sub check_ledger
{
	my %decided;
	for my $gid (split /\n/, value('SELECT gid FROM pg_prepared_xacts'))
	{
		my $verb = rand() < .5 ? 'COMMIT' : 'ROLLBACK';
		my (undef, $state) = $admin->ask("$verb PREPARED '$gid'");
		check($state eq '', "$verb PREPARED after recovery", "$state for $gid");
		$decided{$gid} = $verb;
	}
	my %ledger;
	for (split /\n/, value('SELECT writer, n FROM ledger')) { my ($w, $n) = split /\|/; $ledger{$w}{$n}++; }
	my (@lost, @unknown, @double);
	for my $w (@writers)
	{
		my ($told, $there) = ($reported{ $w->{number} } // {}, $ledger{ $w->{number} } // {});
		my ($last) = sort { $b <=> $a } keys %$there;
		for my $n (grep { $_ > $w->{base} } keys %$told)
		{
			my $t = $told->{$n};
			my $verb = $decided{"torture_$w->{number}_$n"};
			my $must = $t->{c} || $t->{p} && !$t->{r} || defined $verb && $verb eq 'COMMIT';
			$must = 0 if defined $verb && $verb eq 'ROLLBACK';
			push @lost, "$w->{number}/$n" if $must && !$there->{$n};
		}
		for my $n (grep { $_ > $w->{base} } keys %$there)
		{
			push @double, "$w->{number}/$n" if $there->{$n} != 1;
			# only the very last commit may have been done but not been told
			push @unknown, "$w->{number}/$n" if !$told->{$n} && $n != $last;
		}
	}
	check(!@lost, 'every acknowledged commit is there', "@lost");
	check(!@unknown && !@double, 'nothing else is there', "@unknown @double");
	return scalar map { keys %{ $_ } } values %ledger;
}

sub check_twins
{
	my ($when, $thorough) = @_;
	for my $t (sort keys %Workload::tables)
	{
		check_retention($when, $t), next if $Workload::tables{$t}{max_rows};
		my %got;
		for my $setting ('on', 'off')
		{
			value("SET flowstore.enable_scan = $setting");
			$got{$setting} = value("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM f_$t t");
			last if rand() < .7;
		}
		value('RESET flowstore.enable_scan');
		my $want = value("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM h_$t t");
		my @bad = grep { $_ ne $want } values %got;
		my $why = @bad ? "heap $want, flowstore @bad" : '';
		if (@bad || $thorough)
		{
			my $diff = value("SELECT heap_only, flow_only FROM twin.diff('h_$t', 'f_$t')");
			$why .= " heap only|flowstore only $diff" if $diff ne '0|0';
		}
		check($why eq '', "$when: f_$t equals its heap twin", $why);
		my $damage = value("SELECT string_agg(c::text, ' ') FROM flow.check('f_$t') c");
		check($damage eq '', "$when: flow.check('f_$t')", $damage);
	}
	return;
}

# The table holds rows of its twin only, all that are newer than the last of the
# newest max_rows, and not more than slack above that.
sub check_retention
{
	my ($when, $t) = @_;
	my ($max, $slack) = @{ $Workload::tables{$t} }{qw(max_rows slack)};
	my $strange = value("SELECT count(*) FROM (SELECT t::text FROM f_$t t EXCEPT ALL SELECT t::text FROM h_$t t) x");
	check($strange eq '0', "$when: f_$t holds rows of its heap twin", "$strange rows are not");
	my $newest = "ts > (SELECT coalesce(min(ts), '-infinity') FROM (SELECT ts FROM h_$t ORDER BY ts DESC LIMIT $max) x)";
	my $missing = value("SELECT count(*) FROM (SELECT t::text FROM h_$t t WHERE $newest EXCEPT ALL SELECT t::text FROM f_$t t) x");
	check($missing eq '0', "$when: f_$t holds the newest rows", "$missing of the newest $max rows are missing");
	my $rows = value("SELECT count(*) || ' of ' || (SELECT count(*) FROM h_$t) FROM f_$t");
	my ($n, $all) = split / of /, $rows;
	check($n <= $max + $slack && $n >= ($all < $max ? $all : $max), "$when: f_$t has about $max rows", "$rows rows");
	my $damage = value("SELECT string_agg(c::text, ' ') FROM flow.check('f_$t') c");
	check($damage eq '', "$when: flow.check('f_$t')", $damage);
	return;
}

# Pages of the table: in the file, named by items, on the list of free ones;
# and what is wrong with them.
sub account
{
	my ($t) = @_;
	my $pages = value("SELECT pg_relation_size('f_$t') / 8192");
	return (0, 0, 0, '') if !$pages;
	# CHUNK, INDEX and MOVED items have their extent at byte 16
	my $directory = value("SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'f_$t'::regclass");
	my @extents = map { [ unpack('VV', pack 'H*', $_), 'named' ] } split /\n/,
		value("SELECT encode(substr(chunk_data, 17, 8), 'hex') FROM $directory WHERE get_byte(chunk_data, 0) IN (2, 4, 5)");
	my $meta = pack 'H*', value("SELECT encode(get_raw_page('f_$t', 0), 'hex')");
	# the list of 960 extents is what the page ends with
	my ($lower, $nfree) = unpack 'x12 v x20 v', $meta;
	my $free_list_at = $lower - 960 * 8;
	push @extents, map { [ unpack('VV', substr($meta, $free_list_at + 8 * $_, 8)), 'free' ] } 0 .. $nfree - 1;
	my ($next, $why, %sum) = (1, '', named => 0, free => 0);
	for my $e (sort { $a->[0] <=> $b->[0] } @extents)
	{
		my ($first, $n, $kind) = @$e;
		$sum{$kind} += $n;
		$why .= " $kind extent $first+$n overlaps what ends at $next" if $first < $next;
		# a list that is full lacks the small ones
		$why .= " pages $next to $first are neither named nor free" if $first > $next && $nfree < 960;
		$next = $first + $n if $first + $n > $next;
	}
	$why .= " the file has $pages pages, $next are known" if $next != $pages && $nfree < 960;
	return ($pages, $sum{named}, $sum{free}, $why);
}

my (%most_pages, %most_named);

sub check_space
{
	for my $t (sort keys %Workload::tables)
	{
		my ($pages, $named, $free, $why);
		# a worker may be at it
		for (1 .. 5)
		{
			value("VACUUM f_$t; VACUUM f_$t;");
			($pages, $named, $free, $why) = account($t);
			last if $why eq '';
			usleep(200_000);
		}
		check($why eq '', "pages of f_$t after VACUUM", $why);
		$_ //= 0 for $most_pages{$t}, $most_named{$t};
		$most_pages{$t} = $pages if $pages > $most_pages{$t};
		$most_named{$t} = $named if $named > $most_named{$t};
	}
	return;
}

# Nothing may grow for ever: neither the checker's time nor the files.
sub trim
{
	for my $t (sort keys %Workload::tables)
	{
		next if value("SELECT count(*) FROM h_$t") < 200_000;
		value("BEGIN; TRUNCATE h_$t, f_$t; COMMIT;");
	}
	return;
}

# A table that is emptied and loaded again and again uses its pages again.
sub check_reuse
{
	my @pages;
	value('CREATE TABLE reuse (a int, b text) USING flowstore');
	for (1 .. 6)
	{
		value("BEGIN; INSERT INTO reuse SELECT g, md5(g::text) FROM generate_series(1, 100000) g; ROLLBACK; VACUUM reuse;") ;
		value("INSERT INTO reuse SELECT g, 'a' FROM generate_series(1, 200) g");
		value("BEGIN; INSERT INTO reuse SELECT g, md5(g::text) FROM generate_series(1, 100000) g; ROLLBACK;");
		push @pages, value("SELECT pg_relation_size('reuse') / 8192");
	}
	check($pages[-1] <= $pages[1] + 30, 'a later load reuses free pages', "@pages");
	return;
}

sub finish
{
	check_twins('at the end', 1);
	check_space();
	check_reuse();
	check(system("pg_amcheck -h $server->{dir} -d torture --heapallindexed --parent-check > $dir/amcheck 2>&1") == 0,
		'pg_amcheck', do { local (@ARGV, $/) = "$dir/amcheck"; <> });
	return;
}

# ---- all of it ----------------------------------------------------------------

set_up();
my ($round, $transactions, $up) = (0, 0, 1);
my %count;
my $began = time;
while ($round < $opt{rounds} && (!$until || time < $until))
{
	$round++;
	my $how = $attacks[ rand @attacks ];
	$count{$how}++;
	start_writers($round);
	usleep(60_000 + rand(rand() < .2 ? 2_500_000 : 700_000));
	$up = attack($how);
	if (!$up)
	{
		check(0, "round $round, $how: the server comes up again", $server->log_end);
		last;
	}
	connect_admin();
	my @odd = read_reports();
	check(!@odd, "round $round, $how: answers to the writers", join '; ', map { substr $_, 0, 200 } @odd[ 0 .. ($#odd > 4 ? 4 : $#odd) ]);
	$transactions = check_ledger();
	check_twins("round $round, $how", $round % 20 == 0);
	if ($round % 4 == 0)
	{
		check_space();
		check_twins("round $round, after VACUUM", 0);
	}
	my @defects = $server->log_defects;
	check(!@defects, "round $round, $how: log of the server", join '', @defects[ 0 .. ($#defects > 4 ? 4 : $#defects) ]);
	trim();
	printf "round %d, %s: %d transactions, %d passed, %d failed, %.0f s\n", $round, $how, $transactions, $passed, $failed, time - $began
		if $opt{verbose};
	last if $failed > 20 || $failed && $opt{'stop-on-failure'};
}
finish() if $up;
$admin->close;
printf "%d rounds (%s), %d transactions, %.0f s; most pages %s; %d empty files of unlogged tables removed\n", $round, join(', ', map { "$_ $count{$_}" } sort keys %count),
	$transactions, time - $began, join(', ', map { "f_$_ $most_pages{$_} ($most_named{$_} in use)" } sort keys %most_pages),
	$server->{leftovers} // 0;
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
