#!/usr/bin/perl
# Random queries on heap tables and on flowstore tables with the same rows.
#
#	queries.pl [--queries N] [--seed S] [--minutes M] [--jobs J] [--rows N]
#	           [--schema NAME] [--query TEXT] [--keep] [--verbose]
#
# Each query (Query.pm) is run once on the heap tables and a few times on
# flowstore tables of different histories (queries.sql), with FlowScan and its
# like on and off, parallel and not, and must give the same rows, or an error
# of the same class.  The run ends after N queries or M minutes; status 1 if
# there were differences, which are printed in their shortest form.
# With --query only that query is run, in all schemas.  Needs initdb and psql in
# PATH and a user who is not root.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Getopt::Long;
use Time::HiRes 'time';
use Clause;
use Query;
use Twins;

my %opt = (queries => 10_000, seed => time % 1_000_000 | 0, minutes => 60, jobs => 2, rows => 3000);
GetOptions(\%opt, 'queries=i', 'seed=i', 'minutes=f', 'jobs=i', 'rows=i', 'schema=s', 'query=s', 'keep', 'verbose') or exit 2;
$| = 1;
$SIG{INT} = $SIG{TERM} = sub { exit 3 };
my $start = time;

my @twins = grep { !$opt{schema} || $_ eq $opt{schema} } @Twins::twins;
die "there is no schema \"$opt{schema}\"\n" unless @twins;
my $tables = Twins->new(keep => $opt{keep}, rows => $opt{rows}, seed => $opt{seed}, conf => "statement_timeout = 3s\n");
my @switches = @{ $tables->{switches} };

# ---- one query ------------------------------------------------------------------

my @serial = (max_parallel_workers_per_gather => 0);
my @parallel = (max_parallel_workers_per_gather => 2, parallel_setup_cost => 0, parallel_tuple_cost => 0, min_parallel_table_scan_size => 0);

# A random way to run a query; starting workers takes longer than most of them.
sub way
{
	my ($few_parallel) = @_;
	my @s;
	# without FlowScan all columns are decoded, so that comes less often
	push @s, $_ => 'off' for grep { chance(/scan/ ? 0.1 : 0.3) } @switches;
	push @s, chance($few_parallel ? 0.03 : 0.13) ? (@parallel, chance(0.2) ? (parallel_leader_participation => 'off') : ()) : @serial;
	push @s, work_mem => '64kB', hash_mem_multiplier => 1 if chance(0.25);
	push @s, map { $_ => 'on' } pick([ 'enable_partitionwise_aggregate' ], [ 'enable_partitionwise_join' ], [ qw(enable_partitionwise_aggregate enable_partitionwise_join) ])->@* if chance(0.15);
	push @s, enable_hashjoin => 'off', enable_mergejoin => 'off' if chance(0.1);
	# tables are small, and sorting cheap: other ways to rows in order are seldom taken otherwise
	push @s, enable_sort => 'off' if chance(0.4);
	push @s, pick(qw(enable_hashagg enable_hashjoin enable_nestloop enable_mergejoin enable_sort enable_memoize enable_material
		enable_partition_pruning parallel_leader_participation)) => 'off' if chance(0.15);
	push @s, plan_cache_mode => pick(qw(force_generic_plan force_custom_plan)) if chance(0.5);
	return \@s;
}

sub in_schema { my ($schema, $way) = @_; return [ search_path => "$schema, q, public", @$way ]; }

# Wrong, even if both say so.
sub wrong { return $_[0] =~ /error XX|moved wrongly/; }

# Does not say anything about who is right.
sub unsettled { return $_[0] =~ /error (?:57014|40P01|55P03|40001)/; }

# Lines with the same text, but for the last digits of numbers.
sub close_enough
{
	my ($x, $y) = @_;
	return 1 if $x eq $y;
	my $number = qr/-?\d+\.?\d*(?:e[-+]?\d+)?/;
	my (@x, @y);
	(my $xs = $x) =~ s/($number)/push @x, $1; '#'/ge;
	(my $ys = $y) =~ s/($number)/push @y, $1; '#'/ge;
	return 0 if $xs ne $ys || @x != @y;
	for (0 .. $#x)
	{
		return 0 if abs($x[$_] - $y[$_]) > 1e-9 * (abs($x[$_]) + abs($y[$_])) + 1e-9 && $x[$_] ne $y[$_];
	}
	return 1;
}

# undef if both sides agree, else both answers: digests, and up to five rows
# that only one of them has.
sub differs
{
	my ($s, $q, $schema, $way) = @_;
	my @digest = map { ($s->ask(Query::statement($q, $_)))[0] } in_schema('heap', \@serial), in_schema($schema, $way);
	return { lost => 1 } unless $s->{alive};
	return if $digest[0] eq $digest[1] && !wrong($digest[0]) || unsettled("@digest");
	my @full = map { [ split /\x01/, ($s->ask(Query::statement($q, $_, 1)))[0] ] } in_schema('heap', \@serial), in_schema($schema, $way);
	return { lost => 1 } unless $s->{alive};
	if (@{ $full[0] } == @{ $full[1] } && "@digest" !~ /error|moved wrongly/)
	{
		# rows that only differ by rounding may sort differently
		my %rest;
		$rest{$_}++ for @{ $full[1] };
		my @left = grep { !$rest{$_} || !$rest{$_}-- } @{ $full[0] };
		my @right = map { my $t = $_; ($t) x $rest{$t} } sort grep { $rest{$_} } keys %rest;
		return if @left == @right && ($q->{ordered} ? !@left || !grep { !close_enough($full[0][$_], $full[1][$_]) } 0 .. $#{ $full[0] }
			: !grep { !close_enough($left[$_], $right[$_]) } 0 .. $#left) && ($q->{ordered} ? "@{ $full[0] }" ne "@{ $full[1] }" : @left);
	}
	my %seen;
	$seen{$_} |= 1 for @{ $full[0] };
	$seen{$_} |= 2 for @{ $full[1] };
	my $only = sub { my ($k) = @_; my @l = sort grep { $seen{$_} == $k } keys %seen; return map { substr($_, 0, 300) } @l > 5 ? @l[0 .. 4] : @l; };
	return { heap => [ $digest[0], $only->(1) ], flow => [ $digest[1], $only->(2) ] };
}

# Leaves out what is not needed for the difference.
sub reduce
{
	my ($s, $q, $schema, $way) = @_;
	my $until = time + 30;
	my $worse = sub { my $d = differs($s, $q, $schema, $_[0] // $way); return $d && !$d->{lost} ? $d : undef; };
	my $again = 1;
	while ($again && time < $until)
	{
		$again = 0;
		for my $list (Query::lists($q))
		{
			for (my $k = $#{ $list->{items} }; $k >= 0 && @{ $list->{items} } > $list->{min} && time < $until; $k--)
			{
				my ($item) = splice @{ $list->{items} }, $k, 1;
				if ($worse->()) { $again = 1; }
				else { splice @{ $list->{items} }, $k, 0, $item; }
			}
		}
	}
	my @way = @$way;
	for (my $k = @way - 2; $k >= 0 && time < $until; $k -= 2)
	{
		my @try = @way;
		splice @try, $k, 2;
		@way = @try if $worse->(\@try);
	}
	return \@way;
}

sub report
{
	my ($s, $q, $schema, $way, $number, $job) = @_;
	my $d = differs($s, $q, $schema, $way) or return;
	my $text = sprintf "DIFFERENCE: seed %d, job %d, query %d, schema %s\n", $opt{seed}, $job, $number, $schema;
	if (!$d->{lost})
	{
		$text .= "as it was: " . Query::statement($q, in_schema($schema, $way)) . "\n";
		$way = reduce($s, $q, $schema, $way);
		$d = differs($s, $q, $schema, $way) // $d;
	}
	$text .= Query::statement($q, in_schema($schema, $way)) . ";\n";
	$text .= "the server went away\n" . ($tables->{server}->alive, $tables->crashes)[1] if $d->{lost};
	$text .= join("\n  ", 'heap:', @{ $d->{heap} }) . "\n" . join("\n  ", 'flowstore:', @{ $d->{flow} }) . "\n" unless $d->{lost};
	print $text . "\n";
	return 1;
}

# ---- many of them ----------------------------------------------------------------

# Sends queries in one go and gives back their answers, undef for a lost one.
sub ask_all
{
	my ($s, @sql) = @_;
	my ($out) = $s->ask(join ";\n", @sql);
	my @answers = split /\n/, $out, -1;
	return @answers if @answers == @sql && $s->{alive};
	return ();
}

sub run_job
{
	my ($job, $queries, $tally) = @_;
	srand($opt{seed} * 100 + $job);
	my $s = $tables->session;
	my ($number, $bad) = (0, 0);
	while ($number < $queries && time - $start < $opt{minutes} * 60 && $bad < 10)
	{
		my @asked;
		while (@asked < 20 && $number < $queries)
		{
			my $q = Query::any();
			my $twin = pick(@twins);
			my $few = @{ $q->{lists} // [] } > 3;
			push @asked, { q => $q, number => ++$number, runs => [ [ $twin, \@serial ], [ $twin, way($few) ], chance(0.2) ? [ pick(@twins), way($few) ] : () ] };
		}
		my @sql = map { my $a = $_; map { Query::statement($a->{q}, $_) } in_schema('heap', \@serial), map { in_schema(@$_) } @{ $a->{runs} } } @asked;
		my $t0 = time;
		my @answers = ask_all($s, @sql);
		printf "job %d: %.1f s to query %d\n", $job, time - $t0, $number if $opt{verbose} && time - $t0 > 5;
		my $lost = !@answers;
		for my $a (@asked)
		{
			my ($want, @got) = $lost ? () : splice @answers, 0, 1 + @{ $a->{runs} };
			$tally->{ $a->{q}{kind} }++;
			$tally->{runs} += @{ $a->{runs} };
			$tally->{'too slow'} += grep { /error 57014/ } $want // '', @got;
			if (!$lost && $want =~ /error (\w+)(.*)/)
			{
				$tally->{"error $1"}++;
				print "$1$2: ", Query::statement($a->{q}, []), "\n" if $opt{verbose} && $2;
			}
			for my $k (0 .. $#{ $a->{runs} })
			{
				next if !$lost && $got[$k] eq $want && !wrong($want);
				if (!$s->{alive})
				{
					$tables->{server}->alive;
					$s = $tables->session;
				}
				my ($schema, $way) = @{ $a->{runs}[$k] };
				$tally->{'looked at twice'}++ unless $lost;
				next unless report($s, $a->{q}, $schema, $way, $a->{number}, $job);
				$bad++;
				last;
			}
		}
		my $a = pick(@asked);
		my $plan = Query::plan_statement($a->{q}, in_schema(@{ $a->{runs}[int rand 2] }));
		if ($plan && $s->{alive})
		{
			my ($nodes) = $s->ask($plan);
			$tally->{plans}++;
			my %has = map { $_ => 1 } $nodes =~ /(\w+)/g;
			$tally->{"plans with $_"}++ for grep { /^(?:FlowScan|FlowAggregate|FlowOrder|Parallel)$/ } keys %has;
		}
	}
	$tally->{queries} = $number;
	$tally->{differences} = $bad;
	$s->close;
	return;
}

if (defined $opt{query})
{
	my $s = $tables->session;
	my $bad = 0;
	for my $schema (@twins)
	{
		$bad += report($s, { kind => 'run', settings => [], tree => $opt{query} }, $schema, $_, 0, 0) // 0 for \@serial, \@parallel, map { [ $_ => 'off' ] } @switches;
	}
	print $s->ask(Query::statement({ kind => 'run', settings => [], tree => $opt{query} }, in_schema('heap', \@serial))), "\n";
	exit($bad ? 1 : 0);
}

printf "seed %d: tables of %d rows after %.0f s\n", $opt{seed}, $opt{rows}, time - $start;
my @kids;
for my $job (1 .. $opt{jobs})
{
	my $pid = fork // die "could not fork: $!\n";
	if (!$pid)
	{
		my %tally;
		run_job($job, int(($opt{queries} + $opt{jobs} - $job) / $opt{jobs}), \%tally);
		open(my $fh, '>', "$tables->{dir}/tally$job") or die "could not write: $!\n";
		print $fh "$_\t$tally{$_}\n" for keys %tally;
		close $fh;
		exit 0;
	}
	push @kids, $pid;
}
my %tally;
my $failed = 0;
for my $job (1 .. $opt{jobs})
{
	waitpid $kids[ $job - 1 ], 0;
	$failed = 1 if $?;
	open(my $fh, '<', "$tables->{dir}/tally$job") or next;
	/^(.*)\t(\d+)$/ and $tally{$1} += $2 while <$fh>;
}
print join(', ', map { "$_ $tally{$_}" } grep { !/^(?:queries|differences|runs)$/ } sort keys %tally), "\n";
if (my $crashes = $tables->crashes) { print "the server crashed\n$crashes"; $failed = 1; }
# what was rolled back has left nothing
elsif (!eval { $tables->verify; 1 }) { print $@; $failed = 1; }
# queries that mean nothing prove nothing, nor do those that we take no part in
my $nonsense = 0;
$nonsense += $tally{$_} for grep { /^error 42/ } keys %tally;
if ($nonsense * 50 > ($tally{queries} // 0)) { print "$nonsense queries were not understood\n"; $failed = 1; }
for my $node (grep { !$tally{"plans with $_"} } $tally{plans} > 200 ? qw(FlowScan FlowOrder FlowAggregate) : 'FlowScan') { print "no plan had a $node\n"; $failed = 1; }
printf "seed %d: %d queries, run %d times on flowstore, %.0f s, %s\n", $opt{seed}, $tally{queries} // 0, $tally{runs} // 0, time - $start,
	$tally{differences} ? "$tally{differences} DIFFERENCES" : $failed ? 'FAILED' : 'no difference';
exit($failed || $tally{differences} ? 1 : 0);
