# send_udp.pl HOST PORT COUNT FIRST [PAUSE_MS]: send COUNT NetFlow v5 datagrams of 30 records;
# record n, counted from FIRST, has source port n % 65536 and n bytes.  With
# COUNT 0, send one datagram of version 9 and one cut short.
use strict;
use warnings;
use IO::Socket::IP;
use Time::HiRes 'usleep';

my ($host, $port, $count, $n, $pause_ms) = @ARGV;
my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port,
	Proto => 'udp') or die "socket: $@";

sub header
{
	my ($version, $nrecords, $sequence) = @_;

	return pack('nnNNNNCCn', $version, $nrecords, 100000, 1700000000, 0,
		$sequence, 0, 0, 0);
}

sub record
{
	my ($i) = @_;

	return pack('NNNnnNNNNnnCCCCnnCCn', 0xc0000201, 0xc0000202, 0, 1, 2, 1, $i,
		99000, 99500, $i % 65536, 443, 0, 16, 6, 0, 64496, 64497, 24, 24, 0);
}

if ($count == 0)
{
	$socket->send(header(9, 1, 0));
	$socket->send(substr(header(5, 1, 0) . record(1), 0, 60));
}
while ($count-- > 0)
{
	my $datagram = header(5, 30, $n);

	$datagram .= record($n++) for 1 .. 30;
	defined $socket->send($datagram) or die "send: $!";
	usleep(1000 * $pause_ms) if $pause_ms;
}
