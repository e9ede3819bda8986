# Write an IPFIX file: a template, then messages of 20 flows, numbered in
# packetDeltaCount; the last but one message withdraws the template, and the last
# has data of it.
#
#	ipfix_write.pl FLOWS > FILE
use strict;
use warnings;

my $flows = shift;
my $sequence = 0;
my @fields = ([8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [2, 8], [1, 8], [152, 8], [153, 8]);
binmode STDOUT;

sub message
{
	my ($nrecords, @sets) = @_;
	my $body = join '', map { pack('nn', $_->[0], 4 + length $_->[1]) . $_->[1] } @sets;
	print pack('nnNNN', 10, 16 + length $body, 1700000000, $sequence, 7), $body;
	$sequence += $nrecords;
}

sub flow
{
	my $n = shift;
	return pack('NNnnCQ>Q>Q>Q>', 0xc0000200 + $n % 250, 0xc6336401, $n % 60000, 443, 6, $n, 60 * $n,
		1699999990000 + $n, 1699999990000 + $n + 5);
}

message(0, [2, pack('nn', 300, scalar @fields) . join '', map { pack 'nn', @$_ } @fields]);
for (my $n = 1; $n <= $flows; $n += 20)
{
	my $last = $n + 19 < $flows ? $n + 19 : $flows;
	message($last - $n + 1, [300, join '', map { flow($_) } $n .. $last]);
}
message(0, [2, pack('nn', 300, 0)]);
message(1, [300, flow($flows + 1)]);
