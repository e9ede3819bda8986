#!/usr/bin/perl
# The same random history through a heap table and a flowstore table.
#
#	run.pl [--seed N] [--steps N] [--sessions N] [--crash] [--autovacuum]
#	       [--keep] [--shrink-seconds N] [--verbose]
#
# After each step both must have given the same answer or the same SQLSTATE,
# and the tables it touched must hold the same rows, as the session sees them
# and as a session beside it sees them, with FlowScan on and off.  A mismatch
# ends the run with status 1 and the shortest history that still shows it.
# Needs initdb and psql in PATH and a user who is not root.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Spec;
use Getopt::Long;
use Time::HiRes 'time';
use Model;
use Server;

my %opt = (seed => time % 1_000_000 | 0, steps => 1500, sessions => 3, 'shrink-seconds' => 90);
GetOptions(\%opt, 'seed=i', 'steps=i', 'sessions=i', 'crash', 'autovacuum', 'keep', 'verbose', 'shrink-seconds=i') or exit 2;
$| = 1;
my $twin_sql = do { local (@ARGV, $/) = "$FindBin::RealBin/twin.sql"; <> };
my $server = Server->new(keep => $opt{keep}, autovacuum => $opt{autovacuum});
$SIG{INT} = $SIG{TERM} = sub { exit 3 };

# ---- running one step on both sides -----------------------------------------

sub expand
{
	my ($sql, $table, $side) = @_;
	$sql =~ s/%T/${table}_$side/g;
	$sql =~ s/%\{(\w+)\}/$1_$side/g;
	$sql =~ s/%C(\w+)/$1_$side/g;
	# to heap and back; the heap table is rewritten as well, under another name of
	# heap, since a rewrite shows to older snapshots
	$sql =~ s/%M0/$side eq 'f' ? 'flowstore' : 'heap'/ge;
	$sql =~ s/%M1/$side eq 'f' ? 'heap' : 'heap_again'/ge;
	$sql =~ s/%A/$side eq 'f' ? 'USING flowstore' : 'USING heap'/ge;
	return $sql;
}

# A run: sessions in a database of its own, and the history they made.
sub new_run
{
	my $db = $server->database($twin_sql);
	my $run = { db => $db, history => [], compared => 0 };
	$run->{s}[$_] = $server->session($db, timeout => 60) for 0 .. $opt{sessions};
	return $run;
}

sub close_run { $_->close for @{ $_[0]{s} }; return; }

# Returns undef if both sides agree, else what differs.
sub perform
{
	my ($run, $step) = @_;
	my $session = $run->{s}[ $step->{session} ];
	if ($step->{kind} eq 'crash')
	{
		$server->crash;
		close_run($run);
		$run->{s}[$_] = $server->session($run->{db}, timeout => 60) for 0 .. $opt{sessions};
		return;
	}
	my %got;
	my @sides = $step->{table} ? qw(h f) : qw(h);
	for my $side (@sides)
	{
		my $sql = expand($step->{sql}, $step->{table} // '', $side);
		push @{ $run->{history} }, [ $step->{session}, $sql ];
		my ($out, $state) = $session->ask($sql);
		$got{$side} = [ $out, $state ];
		$step->{state} = $state;
		if ($state =~ /^(?:lost|hang)$/)
		{
			$server->alive;
			return "session $step->{session}: $state in: $sql\n" . $server->log_tail;
		}
		# internal errors are always wrong
		return "session $step->{session}: $state in: $sql" if $state =~ /^XX/;
		# after a serialization failure both sides are rolled back, but one
		# that only flowstore finds needs an excuse
		if ($state =~ /^40|^25P02|^55P03/)
		{
			return if $side eq 'h' || $got{h}[1] ne '' || ($step->{level} // '') eq 'SERIALIZABLE';
			return "session $step->{session}: $state from flowstore alone: $sql";
		}
	}
	if ($got{h} && $got{f})
	{
		return "SQLSTATE '$got{h}[1]' from heap, '$got{f}[1]' from flowstore: " . expand($step->{sql}, $step->{table}, 'f')
			if $got{h}[1] ne $got{f}[1];
		return "answers differ: " . expand($step->{sql}, $step->{table}, 'f') . "\nheap:      $got{h}[0]\nflowstore: $got{f}[0]"
			if $got{h}[0] ne $got{f}[0];
	}
	return;
}

# Compare one table as one session sees it, by a digest of its rows; thoroughly
# means EXCEPT ALL both ways as well, off that FlowScan is also switched off.
sub compare
{
	my ($run, $i, $name, $predicate, $thorough, $off) = @_;
	my $session = $run->{s}[$i];
	my %got;
	$run->{compared}++;
	for my $side (qw(h f))
	{
		my @settings = $side eq 'f' && $off ? qw(on off) : qw(on);
		for my $setting (@settings)
		{
			my $where = $predicate ? " WHERE $predicate" : '';
			my $local = $setting eq 'off' ? 'SET flowstore.enable_scan = off; ' : '';
			my $sql = "${local}SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM ${name}_$side t$where"
				. ($setting eq 'off' ? '; SET flowstore.enable_scan = on' : '');
			my ($out, $state) = $session->ask($sql);
			return "session $i: $state in: $sql\n" . $server->log_tail if $state =~ /^(?:lost|hang|XX)/;
			if ($state =~ /^40|^25P02|^55P03/)
			{
				$run->{unseen}++;
				return;
			}
			# a temporary table of another session, or a snapshot without the table
			$got{"$side$setting"} = "$state $out";
			print "  comparison: $state in $sql\n" if $opt{verbose} && $state ne '';
		}
	}
	for my $key (qw(fon foff))
	{
		next if !exists $got{$key} || $got{$key} eq $got{hon};
		my ($diff) = $session->ask("SELECT * FROM twin.diff('${name}_h', '${name}_f')");
		return "session $i, table $name" . ($predicate ? " WHERE $predicate" : '')
			. ", FlowScan " . substr($key, 1) . ": '$got{$key}', heap '$got{hon}'; n|heap_only|flow_only: $diff";
	}
	if ($thorough)
	{
		my ($diff, $state) = $session->ask("SELECT heap_only + flow_only FROM twin.diff('${name}_h', '${name}_f')");
		return "session $i, table $name: twin.diff says $diff" if $state eq '' && $diff ne '0';
	}
	return;
}

# ---- shrinking ---------------------------------------------------------------

# Does this list of steps still go wrong?  All tables are compared at the end
# from every session, and after it once more outside of transactions.
sub goes_wrong
{
	my ($steps, $focus) = @_;
	my $run = new_run();
	my %names;
	my $wrong;
	for my $step (@$steps)
	{
		$names{ $step->{table} } = 1 if $step->{table};
		$wrong = perform($run, $step);
		if ($wrong)
		{
			# a lock that is waited for is an artefact of leaving steps out
			$wrong = undef if ($step->{state} // '') eq '55P03';
			last;
		}
		last if ($step->{state} // '') eq '55P03';
		if ($step->{check} && (!$focus || $step->{check}[1] eq $focus))
		{
			$wrong = compare($run, @{ $step->{check} }) and last;
		}
	}
	if (!$wrong)
	{
		OUTER: for my $i (0 .. $opt{sessions})
		{
			for my $name ($focus // sort keys %names)
			{
				$wrong = compare($run, $i, $name, undef, 0, 1) and last OUTER;
			}
		}
	}
	my $history = $run->{history};
	if ($wrong && $wrong =~ /lost|hang/) { $server->alive; }
	close_run($run);
	return ($wrong, $history);
}

# Tables whose rows went into this one, by any way.
sub relatives
{
	my ($steps, $table) = @_;
	my %in = ($table => 1);
	my $grown = 1;
	while ($grown)
	{
		$grown = 0;
		for my $step (grep { $_->{table} && $in{ $_->{table} } } @$steps)
		{
			for my $from ($step->{sql} =~ /%\{(\w+)\}/g) { $grown = 1 unless $in{$from}++; }
		}
	}
	return %in;
}

# Delta debugging: leave out ever smaller runs of steps while it still goes wrong.
sub shrink
{
	my ($steps, $table) = @_;
	my $until = time + $opt{'shrink-seconds'};
	my @best = @$steps;
	my ($best_wrong, $best_history);
	if ($table)
	{
		# the table alone, or else with all whose rows went into it
		my %in = relatives($steps, $table);
		for my $try ([ grep { !$_->{table} || ($_->{table} eq $table && $_->{sql} !~ /%\{/) } @best ],
			[ grep { !$_->{table} || $in{ $_->{table} } } @best ])
		{
			($best_wrong, $best_history) = goes_wrong($try, $table);
			next unless $best_wrong;
			@best = @$try;
			last;
		}
		$table = undef unless $best_wrong;
	}
	($best_wrong, $best_history) = goes_wrong(\@best) unless $best_wrong;
	return unless $best_wrong;
	my $size = int((@best + 1) / 2);
	while ($size >= 1 && time < $until)
	{
		my $removed = 0;
		my $end = @best;
		while ($end > 0 && time < $until)
		{
			my $from = $end > $size ? $end - $size : 0;
			my @try = @best;
			splice @try, $from, $end - $from;
			$end = $from;
			next unless @try;
			my ($w, $h) = goes_wrong(\@try, $table);
			next unless $w;
			@best = @try;
			($best_wrong, $best_history) = ($w, $h);
			$removed = 1;
		}
		$size = $size > 1 ? int(($size + 1) / 2) : $removed ? 1 : 0;
	}
	return ($best_wrong, $best_history);
}

sub script
{
	my ($history) = @_;
	my $last = -1;
	my $text = '';
	for my $h (@$history)
	{
		$text .= "-- session $h->[0]\n" if $h->[0] != $last;
		$last = $h->[0];
		$text .= "$h->[1];\n";
	}
	return $text;
}

# ---- the history ---------------------------------------------------------------

srand($opt{seed});
my $start = time;
my $run = new_run();
my $model = Model->new(sessions => $opt{sessions}, file => "$server->{dir}/copy");
my (@steps, %kinds, $wrong, @slow);

while (@steps < $opt{steps})
{
	my $i = int rand $opt{sessions};
	my $step;
	if ($opt{crash} && rand() < 0.01)
	{
		# unlogged tables are emptied, temporary ones go, open work is lost
		for my $j (0 .. $opt{sessions} - 1)
		{
			my $s = $model->{s}[$j];
			if ($s->{tx}) { $model->restore($j, 0); $model->forget($j); }
		}
		delete $model->{tables}{$_} for grep { $model->{tables}{$_}{temp} } keys %{ $model->{tables} };
		$step = { session => 0, kind => 'crash', sql => '', table => undef, after => sub { } };
	}
	elsif (%{ $model->{prepared} // {} } && rand() < 0.1) { $step = $model->finish_prepared($i); }
	else { $step = $model->step($i); }
	next unless $step;
	push @steps, $step;
	$kinds{ $step->{kind} }++;
	$step->{level} = $model->{s}[$i]{level} if $model->{s}[$i]{tx};
	printf "%d s%d %s %s\n", scalar(@steps), $i, $step->{table} // '', substr($step->{sql}, 0, 300) if $opt{verbose};
	my $t0 = time;
	$wrong = perform($run, $step);
	push @slow, [ time - $t0, $step ];
	last if $wrong;
	my $state = $step->{state} // '';
	$kinds{"$step->{kind} failed"}++ if $state ne '';
	print "  $state\n" if $opt{verbose} && $state ne '';
	if ($state eq '')
	{
		$model->note($step);
		$step->{after}->();
	}
	elsif ($model->{s}[$i]{tx} || $step->{kind} eq 'commit')
	{
		# the transaction is aborted: end it, to the last savepoint or altogether
		my $end = @{ $model->{s}[$i]{saves} } && $state !~ /^40/ && rand() < 0.5 ? undef : $model->rollback($i);
		if (!$end)
		{
			my $save = $model->{s}[$i]{saves}[-1];
			$end = $model->make($i, undef, 'rollback to', "ROLLBACK TO $save->{name}",
				sub { $model->restore($i, $save->{undo}); $model->{s}[$i]{cursors} = { %{ $save->{cursors} } }; });
		}
		push @steps, $end;
		$wrong = perform($run, $end);
		last if $wrong;
		$end->{after}->();
	}
	next if $step->{kind} eq 'crash';
	# reading writes pending rows: leave them pending now and then
	next if $model->{s}[$i]{tx} && rand() < 0.5;
	my $name = $step->{table};
	if (!$name || !$model->{tables}{$name})
	{
		my @u = $model->usable($i);
		$name = @u ? Model::pick(@u) : undef;
	}
	if ($name)
	{
		my @check = ($i, $name, rand() < 0.5 ? Model::predicate($model->{tables}{$name}) : undef, rand() < 0.05, rand() < 0.5);
		$wrong = compare($run, @check);
		$model->touch($i, $name);
		$steps[-1]{check} = [@check];
		last if $wrong;
		# from a session beside it, which has no transaction open
		if (rand() < 0.3 && !$model->{tables}{$name}{temp} && !grep { $_->{ddl}{$name} } @{ $model->{s} })
		{
			$wrong = compare($run, $opt{sessions}, $name, undef, 0, 0);
			last if $wrong;
		}
	}
}

# End what is open and look at everything once more.
if (!$wrong)
{
	END: for my $j (0 .. $opt{sessions} - 1)
	{
		next unless $model->{s}[$j]{tx};
		my $end = $model->make($j, undef, 'commit', 'COMMIT', sub { $model->forget($j); });
		push @steps, $end;
		$wrong = perform($run, $end) and last END;
		if (($end->{state} // '') ne '') { $model->restore($j, 0); }
		$end->{after}->();
	}
	for my $name (sort keys %{ $model->{tables} })
	{
		last if $wrong;
		$wrong = compare($run, $model->{tables}{$name}{owner} // $opt{sessions}, $name, undef, 1, 1);
	}
}

my $summary = sprintf 'seed %d: %d steps, %d comparisons, %.0f s', $opt{seed}, scalar(@steps), $run->{compared}, time - $start;
if (!$wrong)
{
	my $panic = $server->log_tail;
	$panic =~ s/^.*terminating connection due to.*\n//mg;
	if ($panic =~ /PANIC|TRAP|signal 11/) { print "$summary, server crashed\n$panic"; exit 1; }
	print "$summary, no difference\n";
	if ($opt{verbose})
	{
		print join(', ', map { "$_ $kinds{$_}" } sort keys %kinds), "\n";
		printf "%.1f s: %s\n", $_->[0], substr($_->[1]{sql}, 0, 200) for grep { defined } (sort { $b->[0] <=> $a->[0] } @slow)[0 .. 4];
	}
	close_run($run);
	exit 0;
}
print "$summary, DIFFERENCE\n$wrong\n";
my $full = $run->{history};
$server->alive;
close_run($run);
my ($small_wrong, $history);
unless ($opt{crash}) { ($small_wrong, $history) = shrink(\@steps, $steps[-1]{check} ? $steps[-1]{check}[1] : $steps[-1]{table}); }
if ($history)
{
	printf "shortest history found, %d of %d statements: %s\n", scalar(@$history), scalar(@$full), $small_wrong;
	if (@$history <= 60) { print script($history); }
	else
	{
		my $file = File::Spec->tmpdir . "/differential-$opt{seed}.sql";
		open(my $fh, '>', $file) or die "could not create $file: $!\n";
		print $fh script($history);
		print "written to $file\n";
	}
}
else
{
	print "it did not happen again in a second run of the same history; the last statements:\n", script([ @$full > 40 ? @$full[-40 .. -1] : @$full ]);
}
exit 1;
