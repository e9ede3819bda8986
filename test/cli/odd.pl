# Odd tables, odd settings of a server, odd files and descriptors: nothing of them reaches a terminal raw, is lost, or goes where it must not.
use strict;
use warnings;
use Encode qw(decode encode);
use FlowCommand;
use Fcntl ':mode';
use JSON::PP;
use Test::More;

my $raw = qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]/;

# names of columns, and times that are none
sql(q{DO $$ BEGIN EXECUTE format('CREATE TABLE titled (ts timestamptz, %I integer)', chr(27) || ']0;x' || chr(7) || chr(8238) || chr(10)); END $$; INSERT INTO titled VALUES ('2026-03-01', 1)});
my ($status, $out, $err) = flow('any', '-t', 'titled', '-o', 'all');
unlike($out, $raw, 'a title is harmless');
like($out, qr/\\x1b\]0;x\\x07\\u202e\\x0a\n/, 'and shown');
(undef, $out) = flow('any', '-t', 'titled', '-o', 'all', '--ndjson');
is((() = $out =~ /\n/g), 1, 'and a name in JSON');
sql(q{CREATE VIEW timeless AS SELECT E'a\x1b]0;x\x07' AS ts, 1 AS n});
($status, undef, $err) = flow('not any', '-t', 'timeless', '-o', 'n');
like($err, qr/The table has rows from a\\x1b\]0;x\\x07 to/, 'a time that is text is harmless in messages');

# JSON
sql(q{CREATE TABLE odd_json (ts timestamptz, j json, b jsonb, t text, n numeric, i bigint, f float8); INSERT INTO odd_json VALUES ('2026-03-01', E'{"a":\n\t"x\\\\u0041"}', jsonb_build_object('a', chr(155) || chr(8238) || chr(127)), chr(8238) || 'x' || chr(917569), '-12345678901234567890.000000001', 9223372036854775807, 'NaN'),
	('infinity', 'null', '[]', '', 'Infinity', -9223372036854775808, 1e-300)});
(undef, $out) = flow('any', '-t', 'odd_json', '-o', 'all', '--asc', '--ndjson');
my @lines = split /\n/, $out;
is(scalar @lines, 2, 'a newline within json does not end the line of NDJSON');
unlike($out, $raw, 'JSON has no control character, also of json and jsonb');
my $row = JSON::PP->new->utf8->allow_bignum->decode($lines[0]);
is($row->{j}{a}, 'xA', 'and json is what it was');
is($row->{b}{a}, "\x{9b}\x{202e}\x7f", 'jsonb, too');
is($row->{t}, "\x{202e}x\x{e0041}", 'and text beyond 16 bits');
like($lines[0], qr/"n": -12345678901234567890\.000000001, "i": 9223372036854775807, "f": "NaN"/, 'numbers have all digits');
like($lines[1], qr/"ts": "infinity".*"n": "Infinity", "i": -9223372036854775808, "f": 1e-300/, 'and what is no number of JSON is text');
is_deeply([sort keys %{ json_of('top', 'bytes', @DAY, '-n', '1')->[0] }], [qw(bytes cumulative flows packets percent rank total_bytes)], 'a group by bytes keeps its own name');
is((flow('any', '-o', 'bytes,line,bytes', '-n', '1', '--ndjson'))[1] =~ s/"bytes"//gr, (flow('any', '-o', 'bytes,line', '-n', '1', '--ndjson'))[1] =~ s/"bytes"//r, 'a column that is named twice comes once');
is((flow('top', 'proto,proto'))[0], 2, 'a group cannot have a column twice');

# settings of a role or database
($status, $out) = flow_with({ PGOPTIONS => '-c standard_conforming_strings=off -c datestyle=German -c intervalstyle=iso_8601 -c bytea_output=escape -c escape_string_warning=on' }, '--count', '--csv', q{sensor "a\\' or true --"}, '--since', '2026-03-01');
is($out, "flows\n0\n", 'old rules for backslashes do not change a filter');

# descriptors
for my $case ([['--help'], 'help'], [['top', '--help'], 'help of a command'], [['--version'], 'version'], [['not any', '--exit-code', '--csv'], 'nothing found'], [['completion', 'bash'], 'completion'])
{
	SKIP:
	{
		skip '/dev/full is not there', 1 if !-c '/dev/full';
		is(system('sh', '-c', 'exec "$@" >/dev/full 2>/dev/null', 'sh', $FLOW, @{ $case->[0] }) >> 8, 1, "$case->[1] on a full disk is an error");
	}
}
sql("CREATE TABLE wide (ts timestamptz, t text); INSERT INTO wide SELECT timestamptz '2026-03-01' + i * interval '1 s', repeat('Q', 1000) FROM generate_series(1, 200) i");
for my $closed ('>&-', '<&- >&-')
{
	is(system('sh', '-c', "exec \"\$@\" $closed 2>$TMP/closed.err", 'sh', $FLOW, 'any', '-t', 'wide', '-n', '0', '--csv') >> 8, 1, "a closed standard output is an error ($closed)");
	like(slurp("$TMP/closed.err"), qr/^flow: could not write to standard output: Bad file descriptor\n\z/, 'and no row goes to the server instead');
}
is(system('sh', '-c', 'exec "$@" <&- 2>&-', 'sh', $FLOW, 'any', '-t', 'absent') >> 8, 1, 'closed standard error and input do no harm');

# files of export
my $file = "$TMP/rights.csv";
spew($file, 'before');
chmod 0600, $file;
symlink $file, "$TMP/link.csv";
spew("$file.part", 'of somebody');
is((flow('export', '-o', "$TMP/link.csv", '-1h', @DAY))[0], 0, 'export through a link');
ok(-l "$TMP/link.csv", 'which stays one');
is(sprintf('%o', S_IMODE((stat $file)[2])), '600', 'and the file keeps its rights');
is(slurp("$file.part"), 'of somebody', 'no other file is written over');
like(slurp($file), qr/\Ats,/, 'and has the rows');
my @beside = grep { $_ ne "$file.part" } glob("$TMP/rights.csv?*");
is("@beside", '', 'nothing is left beside it');

# load from a pipe loses nothing of it
SKIP:
{
	skip 'the collector is not there', 2 if !-x "$ENV{FLOW_TOP}/collector/build/flowcollectd";
	sql("SELECT flow.create_table('piped')");
	my $rows = join '', map { sprintf "2026-01-01 00:%02d:%02d+00,192.0.2.1,%d\n", $_ / 60, $_ % 60, $_ } 0 .. 999;
	spew("$TMP/piped.csv", "ts,src_addr,bytes\n$rows");
	for my $name ('pipe', "-a\nb")
	{
		system('mkfifo', '--', "$TMP/$name");
		my $pid = fork() // die;
		exec('timeout', '60', 'sh', '-c', 'exec cat "$1" >"$2"', 'sh', "$TMP/piped.csv", "$TMP/$name") if $pid == 0;
		chdir $TMP;
		($status, $out, $err) = flow('load', '-t', 'piped', '--again', '--csv', '--', $name);
		chdir '/';
		waitpid($pid, 0);
		like($out, qr/,1000,0,0,/, 'a named pipe is loaded as a whole') or diag("$out$err");
	}
}

# an empty table that gets old rows, and newest rows that are deleted, with tail at them
sub tail
{
	my ($out) = @_;
	my $pid = fork() // die;
	if ($pid == 0)
	{
		open(STDOUT, '>', $out);
		open(STDERR, '>', "$out.err");
		exec('timeout', '60', $FLOW, 'tail', '-t', 'quiet', '--csv', '-o', 'ts,n', '-n', '1', '--window', '10m') or exit 126;
	}
	return $pid;
}
sub wait_for
{
	my ($pattern) = @_;
	for (1 .. 100) { return if slurp("$TMP/quiet.out") =~ $pattern; select(undef, undef, undef, 0.1) }
}
sql('CREATE TABLE quiet (ts timestamptz, n integer)');
spew("$TMP/quiet.out", '');
my $pid = tail("$TMP/quiet.out");
wait_for(qr/ts,n\n/);
select(undef, undef, undef, 1.5);
sql("INSERT INTO quiet SELECT timestamptz '2020-01-01 12:00' + i * interval '5 minutes', i FROM generate_series(1, 6) i");
wait_for(qr/,6\n/);
like(slurp("$TMP/quiet.out"), qr/,1\n.*,2\n.*,6\n\z/s, 'tail of an empty table shows old rows that come');
select(undef, undef, undef, 2.5);
sql('DELETE FROM quiet WHERE n >= 4');
select(undef, undef, undef, 2.5);
sql("INSERT INTO quiet VALUES ('2020-01-01 12:31', 7)");
wait_for(qr/,7\n/);
select(undef, undef, undef, 1.2);
is(join(' ', slurp("$TMP/quiet.out") =~ /,(\d)\n/g), '1 2 3 4 5 6 7', 'and none again if the newest are deleted');
kill 'INT', $pid;
waitpid($pid, 0);
done_testing();
