#!/usr/bin/perl
# How much private memory the server takes for a query.
#
#	memory.pl [--work-mem KB] [--parallel N] [--allowance MB | --no-bound] < STATEMENTS
#
# Each line of STATEMENTS has a table, a name, what psql is told first, and the
# query, with tabs between them.  Each query runs in a session of its own, while
# RssAnon of its backend and of its parallel workers is read from /proc every two
# milliseconds.  Prints a line each, with tabs between them: table, name, work_mem
# in kB, nodes of the plan, processes, kB of the largest process, kB of all at one
# time, and the bound for one: work_mem for each node of the plan, and the
# allowance (100 MB), or "-" if it has none, as those whose name ends with *.  With --parallel N all that can be parallel is, or nothing
# if N is 0.  Exit status 1 if a query failed or a process went beyond the bound.
# Needs psql in PATH and the server of PGHOST on this machine.
use strict;
use warnings;
use Getopt::Long;
use IO::Select;
use IPC::Open2;
use Time::HiRes 'time';

my %opt = (allowance => 100, bound => 1);
GetOptions(\%opt, 'work-mem=i', 'parallel=i', 'allowance=i', 'bound!') or exit 2;

my @settings = ('statement_timeout=15min', 'timezone=UTC', 'client_min_messages=error');
push @settings, "work_mem=$opt{'work-mem'}kB" if $opt{'work-mem'};
push @settings, "max_parallel_workers_per_gather=$opt{parallel}" if defined $opt{parallel};
push @settings, 'parallel_setup_cost=0', 'parallel_tuple_cost=0', 'min_parallel_table_scan_size=0' if $opt{parallel};
$ENV{PGOPTIONS} = join ' ', $ENV{PGOPTIONS} // (), map { "-c $_" } @settings;

sub content
{
	my ($file) = @_;
	open(my $fh, '<', $file) or return '';
	local $/;
	return scalar(<$fh>) // '';
}

sub anonymous_kb { return content("/proc/$_[0]/status") =~ /^RssAnon:\s*(\d+)/m ? $1 : 0; }

sub children { return split ' ', content("/proc/$_[0]/task/$_[0]/children"); }

# Sends text and waits for the line "done", calling $watch meanwhile; returns what came before it.
sub ask
{
	my ($s, $text, $watch) = @_;
	syswrite($s->{in}, "$text\n\\echo done\n") or die "psql is gone\n";
	my $answer = '';
	until ($answer =~ s/^done\n\z//m)
	{
		$watch->() if $watch;
		next unless $s->{select}->can_read($watch ? 0.002 : undef);
		sysread($s->{out}, $answer, 65536, length $answer) or die "the session ended: $answer\n";
	}
	return $answer;
}

# Runs a query and returns what is known of it.
sub measure
{
	my ($first, $query) = @_;
	my $pid_of_psql = open2(my $out, my $in, 'psql -XAtq 2>&1');
	my %s = (in => $in, out => $out, select => IO::Select->new($out));
	ask(\%s, $first);
	my ($pid, $work_mem) = ask(\%s, "SELECT pg_backend_pid(), pg_size_bytes(current_setting('work_mem')) / 1024;") =~ /^(\d+)\|(\d+)$/m
		or die "the server gave no process\n";
	my ($postmaster) = content("/proc/$pid/status") =~ /^PPid:\s*(\d+)/m or die "process $pid is not on this machine\n";
	my $plan = ask(\%s, "EXPLAIN (FORMAT JSON) $query;");
	my $nodes = () = $plan =~ /"Node Type"/g;
	my %others = map { $_ => 1 } children($postmaster);
	my (%workers, $one, $all);
	($one, $all) = (0, 0);
	my $watch = sub {
		for my $child (grep { !$others{$_} && !$workers{$_} } children($postmaster))
		{
			$workers{$child} = 1 if content("/proc/$child/cmdline") =~ /parallel worker for PID $pid\b/;
		}
		my $sum = 0;
		for my $kb (map { anonymous_kb($_) } $pid, keys %workers)
		{
			$one = $kb if $kb > $one;
			$sum += $kb;
		}
		$all = $sum if $sum > $all;
	};
	my $answer = ask(\%s, "\\o /dev/null\n$query;\n\\o", $watch);
	close $in;
	waitpid $pid_of_psql, 0;
	my ($error) = "$plan$answer" =~ /(ERROR:.*)/;
	return { work_mem => $work_mem, nodes => $nodes, processes => 1 + keys %workers, one => $one, all => $all, error => $error };
}

my $failed = 0;
while (my $line = <STDIN>)
{
	chomp $line;
	my ($table, $name, $first, $query) = split /\t/, $line, 4;
	my $m = measure($first, $query);
	my $bound = $opt{bound} && $name !~ /\*$/ ? $m->{nodes} * $m->{work_mem} + $opt{allowance} * 1024 : '-';
	print join("\t", $table, $name, @$m{qw(work_mem nodes processes one all)}, $bound), "\n";
	if ($m->{error} || ($bound ne '-' && $m->{one} > $bound))
	{
		print STDERR "$name on $table: ", $m->{error} // "$m->{one} kB, more than $bound", "\n";
		$failed = 1;
	}
}
exit $failed;
