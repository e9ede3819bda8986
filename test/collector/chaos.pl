# Kills flowcollectd, PostgreSQL and both, cuts connections and stops the server for a while, at random, while NetFlow
# arrives; in the end the table must hold what was sent, each record once.  With --full, the spool is small, the server away for
# long, and nobody kills flowcollectd: what was sent is in the table, or counted as dropped.
#
#	perl chaos.pl --flowcollectd FILE [--minutes N] [--seed N] [--rate DATAGRAMS/s] [--full drop|refuse] [--keep]
#
# The sockets are held by this program, as a service manager would hold them.  Run by chaos.sh, as a user who may run a server.
use strict;
use warnings;
use Fcntl qw(F_GETFD F_SETFD FD_CLOEXEC);
use FindBin;
use lib "$FindBin::RealBin/../torture", "$FindBin::RealBin/../differential";
use Getopt::Long;
use IO::Socket::INET;
use POSIX qw(:sys_wait_h dup2);
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Time::HiRes qw(time usleep);
use Victim;

my %opt = (minutes => 2, seed => int(rand(1e6)));
GetOptions(\%opt, 'flowcollectd=s', 'minutes=f', 'seed=i', 'rate=i', 'full=s', 'keep') && $opt{flowcollectd}
	or die "usage: chaos.pl --flowcollectd FILE [--minutes N] [--seed N] [--rate N] [--full drop|refuse] [--keep]\n";
$opt{rate} //= $opt{full} ? 400 : 100;
srand($opt{seed});
print "seed $opt{seed}\n";

my $per_datagram = 20;		# records of each, with --full
my ($passed, $failed) = (0, 0);

sub check
{
	my ($ok, $what, $why) = @_;
	$ok ? $passed++ : $failed++;
	print $ok ? "ok $what\n" : "not ok $what" . (defined $why ? ": $why" : '') . "\n";
	return $ok;
}

# ---- the server, the collector, the sender -----------------------------------

my $server = Victim->new(keep => $opt{keep}, fsync => 0, autovacuum => 1);
my $dir = $server->{dir};

sub sql
{
	my ($sql) = @_;
	my $out = `psql -XAtq -h $dir -p 5432 -d postgres -v ON_ERROR_STOP=1 -c "$sql" 2>>$dir/psql.log`;
	return $? == 0 ? $out =~ s/\s+\z//r : undef;
}

defined sql('CREATE EXTENSION flowstore; CREATE TABLE flows (ts timestamptz NOT NULL, duration_ms int, exporter inet, '
	. 'src_addr inet, dst_addr inet, src_port int, dst_port int, proto smallint, packets bigint, bytes bigint, sampling int) USING flowstore')
	or die "could not prepare the database, see $dir/psql.log\n";

my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => 0) or die "socket: $!\n";
setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 64 << 20);
my $port = $socket->sockport;

open(my $conf, '>', "$dir/flowcollectd.conf") or die "flowcollectd.conf: $!\n";
print $conf <<"CONF";
spool = $dir/spool
database = "host=$dir port=5432 dbname=postgres"
table = flows
connections = 2
batch-rows = 2000
batch-age = 0.5
stats = json
CONF
print $conf <<"CONF" if $opt{full};
spool-bytes = 1M
spool-full = $opt{full}
queue-bytes = 1M
CONF
close $conf;

my $collector;

sub start_collector
{
	$collector = fork() // die "fork: $!\n";
	return if $collector;
	$ENV{LISTEN_FDS} = 1;
	$ENV{LISTEN_PID} = $$;
	open(STDERR, '>>', "$dir/flowcollectd.log");
	dup2(fileno($socket), 3) if fileno($socket) != 3;
	open(my $three, '+<&=', 3);
	fcntl($three, F_SETFD, fcntl($three, F_GETFD, 0) & ~FD_CLOEXEC);
	exec $opt{flowcollectd}, "--config=$dir/flowcollectd.conf" or POSIX::_exit(1);
}

# Signal it and wait; gives the status.
sub end_collector
{
	my ($signal) = @_;
	kill $signal, $collector;
	waitpid($collector, 0);
	return $?;
}

# Records are numbered in bytes; a number in a file says how many have been sent.
sub sender
{
	my $pid = fork() // die "fork: $!\n";
	return $pid if $pid;
	my ($n, $stop) = (0, 0);
	local $SIG{TERM} = sub { $stop = 1 };
	my $out = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $port) or POSIX::_exit(1);
	until ($stop)
	{
		my $nrecords = $opt{full} ? $per_datagram : 1 + int(rand(30));
		my $datagram = pack('nnNNNNCCn', 5, $nrecords, 100000, time, 0, $n, 0, 0, 0);
		$datagram .= pack('NNNnnNNNNnnCCCCnnCCn', 0xc0000200 + $_ % 250, 0xc0000202, 0, 1, 2, 1, ++$n,
			99000, 99500, $n % 65536, 443, 0, 16, 6, 0, 0, 0, 24, 24, 0) for 1 .. $nrecords;
		defined $out->send($datagram) or POSIX::_exit(1);
		usleep(2e6 / $opt{rate} * rand);
	}
	open(my $sent, '>', "$dir/sent");
	print $sent $n;
	close $sent;
	POSIX::_exit(0);
}

# The sum of a counter over all runs of the collector.
sub counted
{
	my ($name) = @_;
	my $sum = 0;
	open(my $log, '<', "$dir/flowcollectd.log") or return 0;
	while (my $line = <$log>) { $sum += $1 while $line =~ /"$name": ?(\d+)/g; }
	return $sum;
}

# ---- what happens --------------------------------------------------------------

sub backends { return split /\s+/, sql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'flowcollectd%'") // ''; }

my @events = (
	[ 6, 'kill flowcollectd', sub { end_collector('KILL'); usleep(1e6 * rand); start_collector(); } ],
	[ 3, 'stop flowcollectd', sub {
		check(end_collector('TERM') == 0, 'flowcollectd stops', $? >> 8);
		usleep(1e6 * rand);
		start_collector(); } ],
	[ 4, 'kill the server', sub { $server->kill_all; usleep(2e6 * rand); $server->start_again; } ],
	[ 4, 'kill both', sub { $server->kill_all; end_collector('KILL'); start_collector(); usleep(2e6 * rand); $server->start_again; } ],
	[ 2, 'stop the server', sub { $server->stop_immediately; usleep(4e6 * rand); $server->start_again; } ],
	[ 6, 'cut the connections', sub { sql("SELECT pg_terminate_backend($_)") for backends(); } ],
	[ 3, 'kill one backend', sub { my @pids = backends(); kill 'KILL', $pids[rand @pids] if @pids; usleep(5e5); } ],
	[ 3, 'freeze the backends', sub { my @pids = backends(); kill 'STOP', @pids; usleep(2e6 * rand); kill 'CONT', @pids; } ],
	[ 2, 'lock the table', sub { sql('BEGIN; LOCK TABLE flows; SELECT pg_sleep(1); COMMIT'); } ],
);

@events = ([ 6, 'stop the server', sub { $server->stop_immediately; usleep(2e6 + 6e6 * rand); $server->start_again; } ],
	[ 3, 'stop both', sub {
		$server->stop_immediately;
		usleep(8e6 + 4e6 * rand);
		check(end_collector('TERM') == 0, 'flowcollectd stops', $? >> 8);
		start_collector();
		usleep(3e6 * rand);
		$server->start_again; } ],
	grep { $_->[1] !~ /^kill (flowcollectd|both)|^stop the server/ } @events) if $opt{full};

sub choose
{
	my $total = 0;
	$total += $_->[0] for @events;
	my $r = rand $total;
	for my $event (@events)
	{
		return $event if ($r -= $event->[0]) < 0;
	}
	return $events[0];
}

# ---- all of it -------------------------------------------------------------------

start_collector();
my $sender = sender();
my $until = time + 60 * $opt{minutes};
my %count;
while (time < $until)
{
	usleep(3e6 * rand);
	my $event = choose();
	$count{ $event->[1] }++;
	$event->[2]->();
	if (waitpid($collector, WNOHANG) == $collector)
	{
		check(0, "flowcollectd goes on after: $event->[1]", "status $?");
		start_collector();
	}
}
kill 'TERM', $sender;
waitpid($sender, 0);
my $sent = do { local (@ARGV, $/) = "$dir/sent"; <> };
print "# $_: $count{$_}\n" for sort keys %count;
print "# records sent: $sent\n";
my $rows = 0;
for (1 .. 120)
{
	my $before = $rows;
	$rows = sql('SELECT count(*) FROM flows') // 0;
	last if $rows >= $sent || ($opt{full} && $_ > 10 && $rows == $before);
	sleep 1;
}
check(end_collector('TERM') == 0, 'flowcollectd stops at the end');
if ($opt{full})
{
	my ($datagrams, $dropped) = (counted('spool_records_dropped') + counted('spool_records_refused'), counted('rows_dropped'));
	$rows = sql('SELECT count(*) FROM flows');
	print "# in the table: $rows, dropped: $datagrams datagrams of $per_datagram records, $dropped rows\n";
	check($datagrams > 0, 'the spool was full');
	check(counted('datagrams_lost_in_kernel') == 0, 'the kernel has lost nothing');
	check($rows + $datagrams * $per_datagram + $dropped == $sent, 'all records are there, or counted',
		$sent - $rows - $datagrams * $per_datagram - $dropped . ' are not');
}
else
{
	check($rows == $sent, 'all records are there', "$rows of $sent");
}
check((sql('SELECT count(DISTINCT bytes) FROM flows') // '') eq $rows, 'each once');
check((sql("SELECT count(*) FROM flows WHERE bytes NOT BETWEEN 1 AND $sent") // '') eq '0', 'no other');
check((sql('SELECT count(*) < 10 FROM flow.ingest') // '') eq 't', 'the ranges of flow.ingest are merged');
check(`grep -ciE 'sanitizer|assert' $dir/flowcollectd.log` == 0, 'no report of a sanitizer');
print "$passed passed, $failed failed\n";
print "# kept: $dir\n" if $opt{keep};
exit($failed > 0);
