# A private server that is made to die in several ways.
package Victim;

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../differential";
use parent 'Server';
use Session;
use Time::HiRes qw(time usleep);

# fsync => 1, conf => lines of postgresql.conf, initdb => its options
sub new
{
	my ($class, %opt) = @_;
	my $fsync = $opt{fsync} ? 'on' : 'off';
	my $preload = defined $ENV{FLOWSTORE_NO_PRELOAD} ? '' : "shared_preload_libraries = 'flowstore'";
	return $class->SUPER::new(keep => $opt{keep}, autovacuum => $opt{autovacuum}, initdb => $opt{initdb}, conf => <<"CONF" . ($opt{conf} // ''));
$preload
fsync = $fsync
shared_buffers = 16MB
max_wal_size = 64MB
min_wal_size = 32MB
checkpoint_timeout = 30s
deadlock_timeout = 100ms
log_line_prefix = '%m [%p] %q%x '
log_checkpoints = off
flowstore.worker_naptime = 200ms
CONF
}

sub postmaster
{
	my ($s) = @_;
	open(my $file, '<', "$s->{dir}/data/postmaster.pid") or return;
	my $pid = <$file>;
	return $pid ? $pid + 0 : undef;
}

# Processes of the server: they all work in its data folder.
sub processes
{
	my ($s) = @_;
	return grep { (readlink("/proc/$_/cwd") // '') eq "$s->{dir}/data" && alive_process($_) } map { m{(\d+)$} } glob '/proc/[0-9]*';
}

# The postmaster first, so that it starts nobody in place of those who go.
sub kill_all
{
	my ($s) = @_;
	my $pid = $s->postmaster or return;
	kill 'KILL', $pid;
	my $until = time + 20;
	while (my @left = $s->processes)
	{
		die "processes of the server do not end\n" if time > $until;
		kill 'KILL', @left;
		usleep(2_000);
	}
	# whoever adopted the postmaster may take its time to bury it
	unlink "$s->{dir}/data/postmaster.pid", "$s->{dir}/.s.PGSQL.$s->{port}.lock";
	return;
}

# Not a zombie either.
sub alive_process
{
	my ($pid) = @_;
	open(my $stat, '<', "/proc/$pid/stat") or return 0;
	my $line = <$stat> // return 0;
	return $line !~ /\) [ZX] /;
}

# kill -9 of one process of the server, which restarts by itself.
sub kill_one
{
	my ($s) = @_;
	my $pid = $s->postmaster or return;
	my @children = split ' ', `ps -o pid= --ppid $pid`;
	return kill 'KILL', $children[ rand @children ];
}

sub stop_immediately
{
	my ($s) = @_;
	return Server::run("pg_ctl -D $s->{dir}/data -m immediate stop > /dev/null");
}

# Starts the server; $twice: kills it once in the middle of recovery.
sub start_again
{
	my ($s, $twice) = @_;
	if ($twice)
	{
		system("pg_ctl -D $s->{dir}/data -l $s->{dir}/log -W start > /dev/null");
		for (1 .. 200) { last if $s->postmaster; usleep(5_000); }
		usleep(rand 150_000);
		$s->kill_all;
	}
	return $s->start_cleared;
}

# A transaction that made an unlogged table's file and was rolled back leaves
# an empty file until the next checkpoint.  If the server is killed before the
# record of the rollback is on disk, PostgreSQL's recovery makes the table's
# init fork again, finds that file where its copy shall be, and gives up; a
# heap table does the same.  True if such a file was there and is removed.
sub clear_leftover
{
	my ($s) = @_;
	my ($file) = $s->log_end =~ /FATAL:  could not create file "(base\/\d+\/\d+)": File exists/ or return 0;
	my $path = "$s->{dir}/data/$file";
	return 0 unless -e "${path}_init" && -f $path && -z $path;
	$s->{leftovers}++;
	return unlink $path;
}

# Starts the server, and clears what keeps PostgreSQL from coming up.
sub start_cleared
{
	my ($s) = @_;
	do
	{
		return 1 if system("pg_ctl -D $s->{dir}/data -l $s->{dir}/log -w -t 120 start > /dev/null") == 0;
	} while ($s->clear_leftover);
	return 0;
}

# Waits until the server has recovered from the death of a process.
sub wait_recovered
{
	my ($s) = @_;
	my $until = time + 120;
	while (time < $until)
	{
		return 1 if system("psql -XAtq -h $s->{dir} -d postgres -c 'SELECT 1' > /dev/null 2>&1") == 0;
		return $s->start_cleared if !$s->postmaster && $s->clear_leftover;
		usleep(50_000);
	}
	return 0;
}

# The end of the log, for a server that does not start.
sub log_end { my ($s) = @_; return scalar `tail -n 30 $s->{dir}/log`; }

# Lines of the log since the last call that only a defect explains.
sub log_defects
{
	my ($s) = @_;
	open(my $log, '<', "$s->{dir}/log") or return "no log";
	seek($log, $s->{log_at} // 0, 0);
	my @lines = grep { /PANIC|TRAP|inconsistent page|invalid page|terminated by signal (?!9\b)|XX00[012]|\bcould not (?:read|write|open|fsync)/ } <$log>;
	$s->{log_at} = tell $log;
	# those that fell to SIGQUIT of the postmaster
	return grep { !/terminated by signal 3/ } @lines;
}

1;
