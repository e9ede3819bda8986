# Helpers shared by the TAP tests: a cluster with the extension, the heap
# twin, and ways to find the bytes of a table on disk.
package FlowTest;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(new_node twin_ok load_twin table_file kill_backend start_psql);

# A running primary with the extension and the twin helpers in database
# postgres.  conf => text for postgresql.conf, any other argument goes to init.
sub new_node
{
	my ($name, %opt) = @_;
	my $conf = delete $opt{conf} // '';
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(%opt);
	$node->append_conf('postgresql.conf', "autovacuum = off\nmax_prepared_transactions = 10\n$conf");
	$node->start;
	load_twin($node, 'postgres');
	return $node;
}

sub load_twin
{
	my ($node, $db) = @_;
	$node->safe_psql($db, 'CREATE EXTENSION IF NOT EXISTS flowstore');
	my $sql = slurp_file(dirname(__FILE__) . '/../differential/twin.sql');
	$node->safe_psql($db, "SET client_min_messages = warning; $sql");
	return;
}

# Both tables hold the same rows, and so many of them if $n is given.
sub twin_ok
{
	my ($node, $heap, $flow, $what, $n) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $got = $node->safe_psql('postgres',
		"SELECT heap_only || ' ' || flow_only || ' ' || n FROM twin.diff('$heap', '$flow')");
	$n //= $node->safe_psql('postgres', "SELECT count(*) FROM $heap");
	return is($got, "0 0 $n", $what);
}

# Absolute path of the first segment of a relation's main fork.
sub table_file
{
	my ($node, $rel, $db) = @_;
	return $node->data_dir . '/'
		. $node->safe_psql($db // 'postgres', "SELECT pg_relation_filepath('$rel')");
}

# An interactive psql; returns handle, references to its input and output.
sub start_psql
{
	my ($node, $db) = @_;
	my ($in, $out, $err) = ('', '', '');
	my $timer = IPC::Run::timer($PostgreSQL::Test::Utils::timeout_default);
	my $h = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=0', '-d', $node->connstr($db // 'postgres') ],
		'<', \$in, '>', \$out, '2>', \$err, $timer);
	my $s = { h => $h, in => \$in, out => \$out, err => \$err };
	my $ask = sub {
		my ($sql) = @_;
		$out = '';
		$in .= "$sql\n\\echo done-marker\n";
		# a session that the server ended answers nothing
		eval { $h->pump until $out =~ /done-marker\n/; 1 } or return '';
		my $r = $out;
		$r =~ s/done-marker\n.*//s;
		chomp $r;
		return $r;
	};
	# send without waiting for the answer
	my $send = sub {
		$in .= "$_[0]\n";
		for (1 .. 100) { last unless length $in; $h->pump_nb; usleep(1000); }
		return;
	};
	my $finish = sub { eval { $in .= "\\q\n"; $h->finish; }; return; };
	return ($ask, $send, $finish, $s);
}

# kill -9 one backend; the server restarts by itself.
sub kill_backend
{
	my ($node, $pid) = @_;
	my $offset = -s $node->logfile;
	kill 'KILL', $pid;
	$node->wait_for_log(qr{(?:server process|client backend) .PID $pid. was terminated.*ready to accept connections}s, $offset);
	return;
}

1;
