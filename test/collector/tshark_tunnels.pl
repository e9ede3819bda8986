# tshark_tunnels.pl OURS THEIRS: compare sums of our text output, tunnels
# opened, with tshark's innermost IP headers.  Prints what differs.
#
# frame.protocols says in which order the headers came, so the last IP header
# before any ICMP, whose errors quote headers, is the innermost packet's.
use strict;
use warnings;

my (%ours, %theirs);

sub add
{
	my ($sums, $key, $packets, $bytes) = @_;
	my $sum = $sums->{$key} ||= [0, 0];

	$sum->[0] += $packets;
	$sum->[1] += $bytes;
}

open(my $in, '<', $ARGV[0]) or die "$ARGV[0]: $!";
while (<$in>)
{
	chomp;
	my ($src, $dst, $packets, $bytes) = split /\t/;

	add(\%ours, "$src $dst", $packets, $bytes);
}
close($in);

open($in, '<', $ARGV[1]) or die "$ARGV[1]: $!";
while (<$in>)
{
	chomp;
	my @f = map { [split /,/] } split /\t/, $_, -1;
	my %seen = (ip => 0, ipv6 => 0);
	my $last;

	for my $name (split /:/, $f[1][0] // '')
	{
		last if $name =~ /^icmp/;
		next if !exists $seen{$name};
		$seen{$name}++;
		$last = $name;
	}
	next if !defined $last;
	my $i = $seen{$last} - 1;
	my ($src, $dst, $len) = map { $_->[$i] } $last eq 'ip' ? @f[5 .. 7] : @f[9 .. 11];

	next if !defined $dst;
	$len = ($len // 0) + 40 if $last eq 'ipv6';
	add(\%theirs, "$src $dst", 1, $len // 0);
}
close($in);

my $ndiffer = 0;
for my $key (sort keys %{ { %ours, %theirs } })
{
	my $o = $ours{$key} || [0, 0];
	my $t = $theirs{$key} || [0, 0];

	next if $o->[0] == $t->[0] && $o->[1] == $t->[1];
	print "$key: ours @$o, tshark @$t\n";
	$ndiffer++;
}
exit($ndiffer > 0);
