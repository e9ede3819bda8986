# fake_server.pl silent|starting: a PostgreSQL server that accepts connections
# and says nothing, or that it is starting up.  Prints its port first.
use strict;
use warnings;
use IO::Socket::INET;

my $mode = $ARGV[0];
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 50)
	or die "socket: $@";
my @silent;

$| = 1;
print $listener->sockport, "\n";
while (my $client = $listener->accept)
{
	if ($mode eq 'silent')
	{
		push @silent, $client;
		next;
	}
	my $fields = "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
	$client->sysread(my $startup, 4096);
	$client->syswrite('E' . pack('N', 4 + length $fields) . $fields);
	$client->close;
}
