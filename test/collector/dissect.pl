# dissect.pl TO DATA FILE...: what Wireshark finds in captures, in TO/0, TO/1, ...: a line for each frame, with all occurrences
# of the fields below, between tabs; several of one field are between commas.
#
# One sharkd reads them all, since starting tshark takes longer than most captures do.  It shows values by name unless its
# preferences say otherwise, so it gets some of its own.
use strict;
use warnings;
use IPC::Open2 qw(open2);

my @fields = qw(frame.number frame.protocols frame.len ip.hdr_len ip.proto ip.src ip.dst ip.len
	ipv6.nxt ipv6.src ipv6.dst ipv6.plen ipv6.hopopts.nxt ipv6.routing.nxt ipv6.fraghdr.nxt
	ipv6.dstopts.nxt ah.next_header ipv6.fraghdr.offset);
my ($to, $data, @files) = @ARGV;
my $nasked = 0;

mkdir $to or die "$to: $!\n";
mkdir "$to/home" or die "$to/home: $!\n";
mkdir "$to/home/wireshark" or die "$to/home/wireshark: $!\n";
open my $preferences, '>', "$to/home/wireshark/preferences" or die "$to: $!\n";
print $preferences 'gui.column.format: ', join(', ', map { qq("$_", "%Cus:$fields[$_]:0:U") } 0 .. $#fields), "\n";
close $preferences or die "$to: $!\n";
$ENV{XDG_CONFIG_HOME} = "$to/home";

my $pid = open2(my $answers, my $questions, 'sharkd', '-');

sub say_to
{
	my ($method, $parameters) = @_;
	$nasked++;
	print $questions qq({"jsonrpc":"2.0","id":$nasked,"method":"$method","params":{$parameters}}\n);
	$questions->flush;
}

# The answer to a question, which is one line.
sub ask
{
	my ($method, $parameters) = @_;
	say_to($method, $parameters);
	while (my $line = <$answers>)
	{
		return $line if index($line, qq("id":$nasked,)) > 0;
	}
	die "sharkd ended at $method $parameters\n";
}

# Of a file that was cut it takes what is there, but does not answer; of one that it cannot open nothing, and still has the one before.
sub has_loaded
{
	my ($file) = @_;
	my ($name) = $file =~ m{([^/]*)$};
	say_to('load', qq("file":"$data/$file"));
	return index(ask('status', ''), qq("filename":"$name")) > 0;
}

alarm 900;
ask('setconf', '"name":"ip.defragment","value":"FALSE"');
ask('setconf', '"name":"ipv6.defragment","value":"FALSE"');
my $columns = join ',', map { qq("column$_":"$fields[$_]:0") } 0 .. $#fields;
for my $number (0 .. $#files)
{
	open my $out, '>', "$to/$number" or die "$to/$number: $!\n";
	if (has_loaded($files[$number]))
	{
		my $frames = ask('frames', $columns);
		print $out join("\t", map { substr $_, 1, -1 } split /(?<="),/, $1), "\n" while $frames =~ /\{"c":\[(.*?)\]/g;
	}
	close $out or die "$to/$number: $!\n";
}
close $questions;
waitpid $pid, 0;
exit $? == 0 ? 0 : 1;
