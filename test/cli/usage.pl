# Wrong usage is told, with status 2; and help, manual page and completion name the same commands and options.
use strict;
use warnings;
use FlowCommand;
use Test::More;

my @wrong = (
	[[], 'a command or a filter is missing'], [['nonsense'], 'command "nonsense" does not exist'], [['top'], '"flow top" needs COLUMN'],
	[['-n', 3, '--dbname=x', '-24h', 'top'], '"flow top" needs COLUMN'], [['-d', 'x', 'nonsense'], 'command "nonsense" does not exist'],
	[['top', 'proto', '--nonsense'], 'unrecognized option "--nonsense"'], [['top', 'proto', '-x'], 'unrecognized option "-x"'],
	[['top', 'proto', '-n'], 'option "--number" needs an argument'], [['top', 'proto', '-n', 'many'], '"many" is no whole number'],
	[['top', 'proto', '-n', '0'], 'option "--number" must be at least 1'], [['top', 'proto', '-n', '99999999999999999999'], 'is no whole number'],
	[['top', 'proto', '-n', ' 5'], 'is no whole number'], [['top', 'proto', '--bytes=yes'], 'option "--bytes" takes no argument'],
	[['top', 'proto', '--flows', '--bytes'], 'only one of --bytes'], [['top', 'proto', '--p'], 'option "--p" is ambiguous'],
	[['top', 'src_addr/33'], 'is no length of a prefix'], [['top', 'src_addr/x'], 'is no length of a prefix'], [['top', 'src_addr/8/129'], 'is no length of a prefix'],
	[['top', 'src_addr/24/64/1'], 'is no length of a prefix'], [['top', 'proto/8'], 'has no addresses'], [['top', 'proto', '-5x'], '"-5x" is no span of time'],
	[['tables', '-24h'], 'takes no range of time'], [['tables', 'word'], 'does not take "word"'], [['hops'], 'needs ADDRESS'],
	[['ip'], 'needs ADDRESS'], [['ip', '192.0.2.1', '192.0.2.2'], 'does not take'], [['load'], 'needs FILE'], [['search'], 'needs WORD'],
	[['tail', '--json'], 'an array of JSON that has no end is none'], [['tail', '--window', 'x'], 'is no span of time'], [['health', '--stale', 'x'], 'is no span of time'],
	[['export', '--csv', '--binary'], 'only one of --csv'], [['completion', 'fish'], 'completion of "fish" does not exist'], [['help', 'nonsense'], 'command "nonsense" does not exist'],
	[["\e[31m"], 'command "\\\\x1b\[31m" does not exist']);
for my $case (@wrong)
{
	my ($arguments, $pattern) = @$case;
	my ($status, $out, $err) = flow(@$arguments);
	is($status, 2, "status 2 of flow @$arguments" =~ s/\e/ESC/r);
	like($err, qr/^flow: .*$pattern.*\nHINT:  .*\n\z/, 'with a message and a hint') or diag($err);
	is($out, '', 'and no output');
}

# what the server refuses has its words
my @refused = (
	[['top', 'nothing'], qr/^flow: column "nothing" does not exist\nHINT:  The table has ts, /], [['any', '-t', 'absent'], qr/^flow: table "absent" does not exist\nHINT:  Name one by -t/],
	[['src nett 1'], qr/^ERROR:  syntax error in filter at or near "nett"\n  src nett 1\n      \^\nDETAIL:  .*is expected\.\n/], [['any', '--since', 'rubbish'], qr/^ERROR:  invalid input syntax for type timestamp with time zone: "rubbish"/],
	[['any', '--since', '2026-03-02', '--until', '2026-03-01'], qr/^flow: since must be earlier than until\nDETAIL:  since is 2026-03-02/], [['ip', 'rubbish'], qr/^ERROR:  invalid input syntax for type inet: "rubbish"/],
	[['hops', '192.0.2.1', '-1h', '--direction', 'up'], qr/^ERROR:  direction "up" does not exist\nHINT:  Directions are/], [['hunt', 'nothing'], qr/^ERROR:  detection "nothing" does not exist\nHINT:  /],
	[['hunt', '--minimum', 'awful'], qr/invalid input value for enum flow.severity: "awful"/], [['search', ''], qr/^ERROR:  word must not be empty\nHINT:  /], [['any', '-t', 'a.b.c.d'], qr/does not exist|improper/], [['any', '-t', 'a b'], qr/is not a valid identifier/], [['any', '-t', ''], qr/is not a valid identifier/], [['rate', '-b', 'rubbish'], qr/invalid input syntax for type interval/], [['any', '-d', 'absent_database'], qr/^flow: .*database "absent_database" does not exist/s]);
for my $case (@refused)
{
	my ($arguments, $pattern) = @$case;
	my ($status, $out, $err) = flow(@$arguments);
	is($status, 1, "status 1 of flow @$arguments");
	like($err, $pattern, 'and why');
}
my ($status, $out, $err) = flow('tables', '-d', 'postgres');
like($err, qr/HINT:  CREATE EXTENSION flowstore is needed in each database/, 'a database without the extension is told from others');

# the same lists everywhere
($status, my $overview) = flow('--help');
is($status, 0, '--help is no error');
my %summary = (split /Commands:\n/, $overview)[1] =~ /^  (\w+) +(.+)$/mg;
cmp_ok(scalar keys %summary, '>=', 18, 'help lists commands');
($status, my $bash) = flow('completion', 'bash');
($status, my $zsh) = flow('completion', 'zsh');
my $manual = slurp("$ENV{FLOW_TOP}/cli/flow.1") =~ s/\\-/-/gr;
my ($completed) = $bash =~ /local commands='([^']*)'/;
is_deeply([sort split / /, $completed], [sort keys %summary], 'bash completes the same commands');
my %zsh_commands = $zsh =~ /^\t\t'(\w+):(.*)'$/mg;
is_deeply([sort keys %zsh_commands], [sort keys %summary], 'and so does zsh');
is_deeply([sort $manual =~ /^\.SS flow (\w+)/mg], [sort keys %summary], 'the manual page has a section for each');

sub manual_options { return map { /-?-([\w-]+)=?\s*\S*\s*$/ ? $1 : () } $_[0] =~ /^\.BI? (-.*)$/mg }
my %shared;
for my $title ('Every command', 'Ranges of time', 'Forms of output', 'Connections')
{
	my ($section) = $manual =~ /^\.SS \Q$title\E\n(.*?)(?=^\.S[SH] )/ms;
	$shared{ lc $title } = [manual_options($section)];
}
for my $command (sort keys %summary)
{
	($status, my $help) = flow($command, '--help');
	is($status, 0, "$command --help");
	my @help = sort +map { /^  (?:-\w, |    )--([\w-]+)/ ? $1 : () } split /\n/, (split /Options:\n/, $help)[1];
	my ($section) = $manual =~ /^\.SS flow $command\b(.*?)(?=^\.S[SH] )/ms;
	my @manual = (manual_options($section), @{ $shared{'every command'} });
	for my $title (keys %shared) { push @manual, @{ $shared{$title} } if $section =~ /^Takes the options of .*$title/m }
	is_deeply([sort @manual], \@help, "the manual page has the options of $command");
	my ($offered) = $bash =~ /^\t$command\)\n.*?options='([^']*)'/ms;
	is_deeply([sort map { s/^--//r =~ s/=$//r } split / /, $offered], \@help, 'and so has bash');
	my ($zsh_part) = $zsh =~ /^\t$command\)\n(.*?)^\t\t;;/ms;
	is_deeply([sort $zsh_part =~ /--([\w-]+)=?(?:\[|\})/g], \@help, 'and zsh');
	my ($usage) = $help =~ /Usage:\n  (.*)/;
	like($manual, qr/^\.SS \Q$usage\E$/m, 'and its usage');
}
is((flow('top', '--help'))[1], (flow('help', 'top'))[1], 'help top is top --help');
is((flow('version', '--client'))[1], (flow('--version'))[1], 'version');
like((flow('version'))[1], qr/\nPostgreSQL \d.*, extension flowstore 1\.0\n\z/, 'with those of the server');

# completion does what it says
spew("$TMP/flow.bash", $bash);
sub complete
{
	my (@words) = @_;
	my $list = join ' ', map { "'$_'" } @words;
	my $script = "source $TMP/flow.bash; COMP_WORDS=($list); COMP_CWORD=$#words; _flow; printf '%s\\n' \"\${COMPREPLY[\@]}\"";
	open(my $from, '-|', 'bash', '-c', $script) or die;
	my @found = <$from>;
	chomp @found;
	return join ' ', @found;
}
is(complete('flow', 'he'), 'health help', 'bash completes commands');
is(complete($FLOW, 'top', 'src_a'), 'src_addr src_as', 'columns of the table');
is(complete($FLOW, 'top', 'proto,src_a'), 'proto,src_addr proto,src_as', 'behind a comma, too');
is(complete($FLOW, 'rows', '-o', 'http_m'), 'http_method', 'as argument of an option');
is(complete('flow', 'top', '--num'), '--number=', 'options');
is(complete('flow', 'hunt', '--minimum', '=', 'h'), 'high', 'what options may be');
is(complete($FLOW, 'hunt', 'flood_s'), 'flood_syn', 'detections');
is(complete($FLOW, 'top', '-t', 'flo'), 'flows', 'tables');
is(complete($FLOW, 'top', '-d', 'absent_database', 'src_a'), '', 'and nothing without a server');
is(system("bash -n $TMP/flow.bash"), 0, 'bash finds its script sound');
SKIP:
{
	skip 'zsh is not installed', 1 if system('command -v zsh >/dev/null') != 0;
	spew("$TMP/_flow", $zsh);
	is(system("zsh -n $TMP/_flow"), 0, 'zsh finds its script sound');
}
SKIP:
{
	skip 'man is not installed', 1 if system('command -v man >/dev/null && command -v groff >/dev/null') != 0;
	is(`LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z $ENV{FLOW_TOP}/cli/flow.1 2>&1 >/dev/null`, '', 'groff has no warning for the manual page');
}
done_testing();
