# Write numbered flows to the logs of a directory, as programs and logrotate do:
# one log is renamed and later compressed, one is copied and emptied, and
# compressed ones appear whole.
#
#	watch_write.pl DIRECTORY ROWS SECONDS
use strict;
use warnings;

my ($dir, $rows, $seconds) = @ARGV;
my $head = "ts,src_addr,src_port,bytes\n";
my $turns = 100 * $seconds;
my $next = 0;
my $file = 0;

sub lines
{
	my $n = shift;
	my $text = '';
	for (1 .. $n)
	{
		last if $next == $rows;
		$next++;
		$text .= sprintf "%d.%06d,192.0.2.%d,%d,%d\n", 1700000000 + $next / 1000, $next % 1000 * 1000,
			$next % 250, $next % 60000, $next;
	}
	return $text;
}

sub put
{
	my ($path, $mode, $text) = @_;
	open my $out, $mode, $path or die "$path: $!";
	# in two pieces, so that half a line may be seen
	my $half = int(length($text) / 2);
	syswrite $out, substr($text, 0, $half);
	syswrite $out, substr($text, $half);
	close $out;
}

sub compress
{
	my ($from, $to) = @_;
	system("gzip -c '$from' > '$to.tmp'") == 0 or die;
	rename "$to.tmp", $to or die;
}

for my $turn (1 .. $turns)
{
	my $n = int($rows / $turns / 3) + 1;
	for my $log ('a', 'b')
	{
		my $text = lines($n);
		next if $text eq '';
		put("$dir/$log.csv", '>>', (-s "$dir/$log.csv" ? '' : $head) . $text);
	}
	if ($turn % 29 == 0)
	{
		$file++;
		rename "$dir/a.csv", "$dir/a.$file.csv";
		if (-e "$dir/a." . ($file - 1) . '.csv')
		{
			my $old = "$dir/a." . ($file - 1) . '.csv';
			compress($old, "$old.gz");
			unlink $old;
		}
	}
	if ($turn % 37 == 0 && -s "$dir/b.csv")
	{
		system("cp '$dir/b.csv' '$dir/b.$turn.csv.tmp'") == 0 or die;
		rename "$dir/b.$turn.csv.tmp", "$dir/b.$turn.csv";
		truncate "$dir/b.csv", 0;
	}
	if ($turn % 7 == 0)
	{
		my $text = lines($n * 7);
		next if $text eq '';
		put("$dir/.c", '>', $head . $text);
		compress("$dir/.c", "$dir/c.$turn.csv.gz");
	}
	select undef, undef, undef, 0.005;
}
put("$dir/last.csv", '>', $head . lines($rows)) if $next < $rows;
