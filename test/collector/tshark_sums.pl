# tshark_sums.pl OURS THEIRS: compare sums of our text output with sums of
# the fields of dissect.pl.  Prints what differs.
use strict;
use warnings;

my (%ours, %theirs);
my %extension = (0 => 12, 43 => 13, 44 => 14, 60 => 15, 51 => 16);

sub add
{
	my ($sums, $proto, $src, $dst, $packets, $bytes) = @_;
	my $sum = $sums->{"$proto $src $dst"} ||= [0, 0];

	$sum->[0] += $packets;
	$sum->[1] += $bytes;
}

# The protocol behind the extension headers; lists of next headers by kind.
sub last_header
{
	my ($proto, @lists) = @_;

	while (exists $extension{$proto})
	{
		my $next = shift @{ $lists[$extension{$proto} - 12] };

		last if !defined $next;
		$proto = $next;
	}
	return $proto;
}

open(my $in, '<', $ARGV[0]) or die "$ARGV[0]: $!";
while (<$in>)
{
	chomp;
	my @f = split /\t/, $_, -1;

	add(\%ours, $f[10], $f[6], $f[7], $f[13], $f[14]);
}
close($in);

open($in, '<', $ARGV[1]) or die "$ARGV[1]: $!";
while (<$in>)
{
	chomp;
	my @f = map { [split /,/] } split /\t/, $_, -1;
	my $protocols = $f[1][0] // '';

	next if $protocols !~ /^(.*?)(?:^|:)(ip|ipv6)(?::|$)/;
	next if $1 =~ /:pweth/;
	if ($2 eq 'ip')
	{
		my ($header_len, $proto, $src, $dst, $len) = map { $_->[0] } @f[3 .. 7];

		next if !defined $proto || !defined $dst || $len && $len < $header_len;
		add(\%theirs, $proto, $src, $dst, 1, $len // 0);
	}
	else
	{
		my ($next, $src, $dst, $len) = map { $_->[0] } @f[8 .. 11];

		next if !defined $next || !defined $dst;
		add(\%theirs, last_header($next, @f[12 .. 16]), $src, $dst, 1,
			40 + ($len // 0));
	}
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
