# cut_commit.pl SOCKET COUNT DIR: a proxy in front of a PostgreSQL server that
# cuts the first COUNT connections when the server has answered that a COPY is
# done, before the client sees it.  Listens on DIR/.s.PGSQL.5434; prints 5434.
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;

my ($server_path, $ncuts, $dir) = @ARGV;
my $port = 5434;
my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Listen => 20,
	Local => "$dir/.s.PGSQL.$port") or die "socket: $!";
my $select = IO::Select->new($listener);
my %peer;
my %is_server;

sub end
{
	my ($socket) = @_;

	for my $one ($socket, delete $peer{$socket})
	{
		$select->remove($one);
		delete $is_server{$one};
		delete $peer{$one};
		$one->close;
	}
}

$| = 1;
print "$port\n";
while (1)
{
	for my $ready ($select->can_read)
	{
		if ($ready == $listener)
		{
			my $client = $listener->accept or next;
			my $server = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $server_path);

			($peer{$client}, $peer{$server}) = ($server, $client);
			$is_server{$server} = 1;
			$select->add($client, $server);
			next;
		}
		next unless $peer{$ready};
		my $is_server = $is_server{$ready};
		if (!sysread($ready, my $bytes, 65536))
		{
			end($ready);
		}
		elsif ($is_server && $ncuts > 0 && $bytes =~ /COPY \d+\0/)
		{
			$ncuts--;
			end($ready);
		}
		else
		{
			my $off = 0;

			while ($off < length $bytes)
			{
				my $n = syswrite($peer{$ready}, $bytes, length($bytes) - $off, $off);

				last unless defined $n;
				$off += $n;
			}
		}
	}
}
