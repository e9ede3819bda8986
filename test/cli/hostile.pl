# Nothing that is typed becomes SQL: hostile words at every place of every command change nothing, and are never parsed
# as SQL.  Names of tables and columns may be as hostile.
use strict;
use warnings;
use FlowCommand;
use Test::More;

# what an attack would do: write, call a function that tells, or break the query
sql("CREATE TABLE canary (n integer); INSERT INTO canary VALUES (1); CREATE SEQUENCE sung; GRANT ALL ON canary, sung TO PUBLIC");
my $before = sql("SELECT count(*), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM flows) FROM canary");
my @words = (
	"'; INSERT INTO canary VALUES (2); --", "'||nextval('sung')||'", "1'; SELECT nextval('sung'); --", "\"; DROP TABLE canary; --", "1); SELECT nextval('sung'); --",
	"x' OR nextval('sung') > 0 OR 'a' = '", "\\'; SELECT nextval('sung'); --", "\$\$; SELECT nextval('sung'); \$\$", "/* */ nextval('sung')", "ts, nextval('sung')", "src_addr, (SELECT nextval('sung'))",
	"bytes) FROM flows; SELECT nextval('sung'); --", "any; SELECT 1", "sensor \"a' OR nextval('sung') > 0 --\"", "sensor 'x'' OR true'", "any UNION SELECT 1", "\xff\xfe'; --", "%s%n\$1", "flows\"; DROP TABLE canary; --", "{\"a\":1}", "now() + nextval('sung')", "-1h'; SELECT 1; --");

# so many are tried with the ordinary build; the sanitizers see some of the words in other parts
my $plain = $FLOW =~ s/build/plain/r;
system("make -s -C $ENV{FLOW_TOP}/cli BUILD=$plain >/dev/null 2>&1") if !-x "$plain/flow";
symlink "$ENV{FLOW_TOP}/collector/build/flowcollectd", "$plain/flowcollectd";
$FlowCommand::FLOW = "$plain/flow";

# every place: each word and each argument of an option of every command
my ($status, $overview) = flow('--help');
my @commands = map { /^  (\w+) / ? $1 : () } split /\n/, (split /Commands:\n/, $overview)[1];
my %words = (
	top => [['WORD'], ['WORD,proto'], ['proto', 'WORD'], ['src_addr/24WORD']], ip => [['WORD']], rows => [['WORD'], ['any', 'or', 'WORD']], tail => [['WORD']], rate => [['WORD']], hunt => [['WORD'], ['flood_syn', 'WORD']],
	alerts => [['WORD']], search => [['WORD']], hops => [['WORD'], ['192.0.2.1', 'WORD']], load => [['WORD']], export => [['WORD']], report => [['WORD']]);
my %needed = (top => ['proto'], ip => ['192.0.2.1'], search => ['443'], hops => ['192.0.2.1', '1'], load => ['/dev/null'], completion => ['columns'], hunt => ['flood_syn', '-1h'], report => ['-1h']);
my @tries;
sub try { push @tries, [@_] }

# what is wrong with the answer to a try; nothing mostly
sub wrong_with
{
	my (@arguments) = @_;
	my ($status, $out, $err) = flow(@arguments);
	# a syntax error of a filter is flow.filter's; any other would be SQL that somebody has typed
	my $text = $err =~ s/syntax error in filter//r;
	return ("@arguments: status $status, $err\n")
		if $text =~ /syntax error|unterminated|ERROR:  (column|relation|function|operator|schema) .*does not exist|read-only transaction|canary_|AddressSanitizer|runtime error/
		|| $status > 4 && $status != 124 || $err =~ /nextval.*sequence/;
	return ();
}

# two at once; each tells what is broken, and at the end how many it has tried
sub try_all
{
	my ($ntried, @broken) = (0);
	my @workers = map {
		my $worker = $_;
		my $pid = open(my $from, '-|') // die "fork: $!";
		if ($pid == 0)
		{
			my @mine = @tries[grep { $_ % 2 == $worker } 0 .. $#tries];
			for (@mine) { print wrong_with(@$_) }
			print scalar(@mine), " tried\n";
			close STDOUT;
			require POSIX;
			POSIX::_exit(0);
		}
		$from;
	} 0, 1;
	for my $from (@workers)
	{
		while (my $line = <$from>)
		{
			if ($line =~ /\A(\d+) tried\n\z/) { $ntried += $1 }
			else { push @broken, $line }
		}
		close $from;
	}
	return ($ntried, @broken);
}

for my $command (grep { $_ !~ /^(help|version)$/ } @commands)
{
	my ($status, $help) = flow($command, '--help');
	my @options = map { /^  (?:-\w, |    )--([\w-]+)=(\w+)/ && $2 ne 'N' ? $1 : () } split /\n/, $help;
	my @fixed = @{ $needed{$command} // [] };
	for my $word (@words)
	{
		for my $place (@{ $words{$command} // [] })
		{
			# tail does not end by itself when its filter is right
			next if $command eq 'tail' && $word =~ /^sensor/;
			try($command, map { s/WORD/$word/r } @$place);
		}
	}
	for my $option (@options)
	{
		# these say where the server is, what the file is called; that they are no SQL is seen by a few words
		my @some = $option =~ /^(dbname|host|port|username|output|stale|window|interval|title)$/ ? @words[0, 3] :
			$option =~ /^(now|since|until)$/ ? @words[0, 1, 2, 5, 8, -2, -1] : @words;
		for my $word (@some)
		{
			next if $command eq 'tail' || ($command eq 'load' && $option =~ /sensor|format/);
			next if $option =~ /^(host|port)$/ && $command ne 'rows';
			next if $option eq 'output' ;
			try($command, @fixed, "--$option=$word");
		}
	}
}
my ($ntried, @broken) = try_all();
cmp_ok($ntried, '>', 1000, 'hostile words were tried at every place');
is(scalar @broken, 0, 'none of them was parsed as SQL') or diag(join "\n", @broken[0 .. ($#broken > 9 ? 9 : $#broken)]);
is(sql("SELECT count(*), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM flows) FROM canary"), $before, 'nothing has changed');
is(sql("SELECT is_called FROM sung"), 'f', 'and no function was called');
is(sql("SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'canary' AND n_tup_ins + n_tup_upd + n_tup_del > 1"), 0, 'nor anything written that was taken back');

# the session is read-only, whatever a table does
sql(q{CREATE FUNCTION tell() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'read only is %, path is %', current_setting('transaction_read_only'), current_setting('search_path'); RETURN true; END $$; CREATE VIEW telling AS SELECT * FROM flows WHERE tell()});
sub last_told { my (undef, undef, $err) = @_; return $err =~ /WARNING:  (read only is .*)/ ? $1 : 'nothing' }
for my $command (['any', '-n', '1'], ['top', 'proto', '-1h', '--now', '2026-03-01 00:10'], ['rate', '-1h', '--now', '2026-03-01 00:10'], ['export', '-1h', '--now', '2026-03-01 00:10'], ['hunt', 'flood_syn', '--now', '2026-03-01 00:10'])
{
	is(last_told(flow_with({ PGOPTIONS => '' }, @$command, '-t', 'telling')), 'read only is on, path is pg_catalog, pg_temp', "$command->[0] is read-only, with a path of its own")
		if $command->[0] ne 'hunt';
	like(last_told(flow_with({ PGOPTIONS => '' }, @$command, '-t', 'telling')), qr/read only is on/, "$command->[0] is read-only");
}

# an operator of the user's own schema does not stand in for that of PostgreSQL
sql(q{CREATE SCHEMA trap; CREATE FUNCTION trap.fire(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'trapped'; RETURN true; END $$; CREATE OPERATOR trap.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.fire); CREATE OPERATOR trap.>= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.fire)});
(my $s, undef, my $err) = flow_with({ PGOPTIONS => '-c search_path=trap,pg_catalog,public' }, '--count', 'dst port 443 or src port > 5');
is("$s$err", '0', 'operators are those of pg_catalog');

# names that are hostile themselves
sql(q{CREATE TABLE "x""; DROP TABLE canary; --" ("ts" timestamptz, "a""b'c; --" text, "%s\d" integer, src_addr inet, dst_addr inet, bytes bigint, "Großes" inet) USING flowstore; INSERT INTO "x""; DROP TABLE canary; --" VALUES ('2026-03-01 10:00', 'v', 7, '192.0.2.1', '192.0.2.2', 3, '192.0.2.9')});
my @table = ('-t', q{"x""; DROP TABLE canary; --"});
is(json_of('top', q{a"b'c; --,%s\d}, @table, @DAY)->[0]{q{a"b'c; --}}, 'v', 'top by columns with hostile names');
is(json_of('any', @table, '-o', q{%s\d})->[0]{q{%s\d}}, 7, 'rows of such columns');
is(json_of('any', @table, '-o', 'all')->[0]{bytes}, 3, 'and of all');
is((flow('export', @table, '--columns', q{a"b'c; --}))[1], qq{"a""b'c; --"\nv\n}, 'export of such a table');
is(json_of('hops', '192.0.2.1', '1', @table, @DAY)->[1]{address}, '192.0.2.2', 'hops in it');
is(sql("SELECT count(*) FROM canary"), 1, 'the canary lives');

# a word with a zero byte cannot be, one that is no UTF-8 is refused by the server and shown harmless
(my $bad, undef, $err) = flow('search', "\xff\e[31m");
is($bad, 1, 'what is no UTF-8 is refused');
unlike($err, qr/[\x00-\x09\x0b-\x1f]/, 'in harmless words');
done_testing();
