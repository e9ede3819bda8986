# send_frames.pl INTERFACE CAPTURE: put the frames of a pcap file (little
# endian, Ethernet) on a network interface, as they are; not those beyond its
# MTU.
use strict;
use warnings;
use Errno;
use Socket;

my ($interface, $path) = @ARGV;
open(my $in, '<:raw', $path) or die "$path: $!";
read($in, my $header, 24) == 24 or die "$path is no capture";
socket(my $socket, 17, SOCK_RAW, 0) or die "socket: $!";	# AF_PACKET
my $request = pack('a16x16', $interface);
ioctl($socket, 0x8933, $request) or die "$interface: $!";	# SIOCGIFINDEX
my $index = unpack('x16l', $request);

while (read($in, my $record, 16) == 16)
{
	my (undef, undef, $caplen) = unpack('V4', $record);
	my $to = pack('SnlSCCa8', 17, 0, $index, 0, 0, 0, '');

	read($in, my $frame, $caplen) == $caplen or last;
	send($socket, $frame, 0, $to) or $!{EMSGSIZE} or die "send: $!";
}
