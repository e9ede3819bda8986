# On a terminal: tables fit, colours and bars as the environment wants them, and no byte of data does anything there.
use strict;
use warnings;
use utf8;
use Encode qw(decode encode);
use FlowCommand;
use Test::More;

if (system('script -qec true /dev/null </dev/null >/dev/null 2>&1') != 0)
{
	plan skip_all => 'script(1) is not there';
}

# what is seen of a line: without colours, one column a character but for wide and combining ones
sub seen
{
	my ($line) = @_;
	$line =~ s/\e\[[0-9;]*m//g;
	return $line;
}

sub width
{
	my ($line) = @_;
	my $width = 0;
	for my $character (split //, $line)
	{
		$width += $character =~ /\p{Mn}/ ? 0 : $character =~ /\p{East_Asian_Width: W}|\p{East_Asian_Width: F}/ ? 2 : 1;
	}
	return $width;
}

my %utf8 = (LC_ALL => 'C.UTF-8', TERM => 'xterm');
my @commands = (
	['top', 'src_addr,dst_addr', @DAY], ['any', '-n', '5'], ['any', '-n', '5', '-o', 'all'], ['hunt', '-24h', @DAY, '--evidence'],
	['ip', '10.12.0.0/16', @DAY], ['rate', '-24h', @DAY], ['search', '*', @DAY], ['tables'], ['detections'], ['health']);
for my $columns (20, 40, 80, 133)
{
	for my $command (@commands)
	{
		my ($status, $text) = on_terminal($columns, \%utf8, @$command);
		my @wide = grep { width(seen($_)) > $columns } split /\n/, decode('UTF-8', $text);
		is(scalar @wide, 0, "$command->[0] fits $columns columns") or diag($wide[0]);
	}
}
my ($status, $text) = on_terminal(60, { %utf8, COLUMNS => 100 }, 'any', '-n', '3');
cmp_ok((sort { $b <=> $a } map { length seen($_) } split /\n/, $text)[0], '>', 60, 'COLUMNS comes before the window');
my ($plain_status, $plain) = flow('any', '-n', '2', '-o', 'all');
cmp_ok(length((split /\n/, $plain)[0]), '>', 200, 'in a pipe lines have the length they need');
unlike($plain, qr/\e|more column/, 'and no colours');
unlike($plain, qr/ $/m, 'and no blanks at their ends');
(undef, $plain) = flow_with({ COLUMNS => 50 }, 'any', '-n', '2', '-o', 'all');
cmp_ok((sort { $b <=> $a } map { length } split /\n/, decode('UTF-8', $plain))[0], '<=', 50, 'COLUMNS holds in a pipe, too');

# colours
($status, $text) = on_terminal(100, \%utf8, 'top', 'proto', @DAY);
like($text, qr/\e\[1m.*\e\[0m/, 'a terminal gets colours');
like($text, qr/\xe2\x96\x88/, 'and bars of blocks');
for my $no ([{ %utf8, NO_COLOR => '1' }, 'NO_COLOR'], [{ %utf8, TERM => 'dumb' }, 'a dumb terminal'])
{
	(undef, $text) = on_terminal(100, $no->[0], 'top', 'proto', @DAY);
	unlike($text, qr/\e/, "$no->[1] gets none");
}
(undef, $text) = on_terminal(100, { %utf8, NO_COLOR => '' }, 'top', 'proto', @DAY);
like($text, qr/\e\[1m/, 'an empty NO_COLOR is none');
(undef, $text) = on_terminal(100, { LC_ALL => 'C', TERM => 'xterm' }, 'top', 'proto', @DAY);
like($text, qr/  (?:\e\[36m)?#{8,}/, 'without UTF-8 bars are of #');
unlike($text, qr/[\x80-\xff]/, 'and nothing is beyond ASCII');
(undef, $text) = on_terminal(48, { LC_ALL => 'C', TERM => 'xterm' }, 'top', 'src_addr,dst_addr,sni', @DAY);
unlike($text, qr/[\x80-\xff]/, 'also where texts are cut');
(undef, $text) = flow_with({ LC_ALL => 'C' }, 'rate', '--line', '-24h', @DAY);
unlike($text, qr/[\x80-\xff]/, 'also in a line of rates');

# data that would do something to a terminal
my @evil = ("\e]0;title\a", "\e[2J\e[1;1H", "\x{9b}31mC1", "line\nfeed\rreturn", "\x{202e}gnp.exe", "\x{200b}zero\x{feff}", "a\x{301}combined", "中文字", "\x{7f}del", "tab\tstop", "\x{e0041}tag");
my $tab = 0;
sql("CREATE TABLE evil (ts timestamptz, src_addr inet, sensor text, bytes bigint)");
for my $text (@evil)
{
	sql("INSERT INTO evil VALUES (timestamptz '2026-03-01' + interval '1 s' * " . $tab++ . ", '192.0.2.1', " . join('||', map { 'chr(' . ord($_) . ')' } split //, $text) . ', 1)');
}
for my $form ([], ['--raw'], ['--csv'], ['--json'], ['--ndjson'])
{
	(undef, $text) = on_terminal(200, { %utf8, NO_COLOR => 1 }, 'any', '-t', 'evil', '-o', 'sensor,bytes', @$form);
	unlike($text, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, "no control character reaches the terminal (@$form)");
}
(undef, $text) = on_terminal(200, { %utf8, NO_COLOR => 1 }, 'top', 'sensor', '-n', '20', '-t', 'evil', @DAY);
unlike($text, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xef\xbb\xbf|\xf3\xa0/, 'nor one that turns or hides text');
like($text, qr/\\x1b\]0;title\\x07/, 'it is shown as what it is');
like($text, qr/\\u202egnp\.exe/, 'also that which turns text around');
(undef, $text) = on_terminal(200, { %utf8, NO_COLOR => 1 }, 'export', 'any', '-t', 'evil');
unlike($text, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, 'export to a terminal is harmless, too');
(undef, $text) = on_terminal(80, { %utf8, NO_COLOR => 1 }, 'sensor "\x1b]0;x\x07"', "--table=evil\e[31m");
unlike($text, qr/[\x00-\x09\x0b-\x1f\x7f]/, 'and so are messages');
(undef, $text) = flow('any', '-t', 'evil', '-o', 'sensor,bytes', '--asc');
my @table = map { decode('UTF-8', $_) } split /\n/, $text;
my %widths = map { width($_) => 1 } @table;
is(scalar keys %widths, 1, 'wide and combining characters are counted as wide as they are') or diag(encode('UTF-8', join "\n", @table));

# waiting is shown on a terminal only
sql("CREATE VIEW slow AS SELECT f.* FROM flows f, pg_sleep(3.5)");
(undef, $text) = on_terminal(80, \%utf8, '--count', 'any', '-t', 'slow');
like($text, qr/\r3 s \.\.\. /, 'a long query shows that it is alive');
my ($slow_status, undef, $err) = flow('--count', 'any', '-t', 'slow');
is($err, '', 'but not in a pipe');
done_testing();
