# What is exported and loaded again are the same rows; what cannot be loaded is told, and nothing is half written.
use strict;
use warnings;
use FlowCommand;
use Test::More;

my $files = "$ENV{PGDATABASE}_files";
my $FLOW_TOP = $ENV{FLOW_TOP};
my $all = "(SELECT * FROM flows WHERE ts < '2026-03-01 04:00')";
my @early = ('--until', '2026-03-01 04:00');
my $nearly = sql("SELECT count(*) FROM $all x");

sub make_table { sql("DROP TABLE IF EXISTS flows; SELECT flow.create_table('flows', '{tls,dns,http,payload}')", $files) }
# rows of a table as one hash, in no order
sub digest { return sql("SELECT count(*), sum(hashtextextended(f::text, 0)::numeric) FROM $_[0] f", $_[1] // $ENV{PGDATABASE}) }
my $expected = digest($all);

for my $form (qw(csv json ndjson))
{
	my $file = "$TMP/rows.$form";
	my ($status, $out, $err) = flow('export', "--$form", '-o', $file, @early);
	is("$status$out$err", '0', "export --$form to a file");
	is(join(' ', glob("$file?*")), '', 'of which no part stays');
	next if $form eq 'json';
	make_table();
	my ($row) = @{ json_of('load', $file, '-d', $files) };
	is($row->{rows}, $nearly, 'load reads it');
	is(digest('flows', $files), $expected, 'and the rows are the same');
	is(json_of('load', $file, '-d', $files)->[0]{known}, $nearly, 'loaded twice it adds nothing');
	is(digest('flows', $files), $expected, 'really');
}
is(scalar @{ JSON::PP->new->utf8->decode(slurp("$TMP/rows.json")) }, $nearly, 'JSON has all rows');
for my $form (qw(text binary))
{
	my ($status, $out, $err) = flow('export', "--$form", @early);
	spew("$TMP/rows.$form", $out);
	make_table();
	is(system('psql', '-Xqd', $files, '-c', "\\copy flows FROM '$TMP/rows.$form' (FORMAT $form)"), 0, "psql copies --$form");
	is(digest('flows', $files), $expected, 'and the rows are the same');
}
my ($status, $out, $err) = flow('export', 'dst', 'port', '443', 'and', 'proto', 'tcp', '--columns', 'bytes', @early);
is($out =~ tr/\n//, 1 + sql("SELECT count(*) FROM $all x WHERE dst_port = 443 AND proto = 6"), 'export takes a filter');
is((flow('export', 'port 1 and port 2', '--exit-code'))[0], 4, 'nothing to export is told by --exit-code');

# memory stays the same
my $rows = 300000;
sql("CREATE VIEW endless AS SELECT f.* FROM flows f, generate_series(1, 5)");
for my $form (qw(--csv --ndjson))
{
	my $plain = ($FLOW =~ s/build/plain/r);
	SKIP:
	{
		skip 'GNU time is not installed', 1 if !-x '/usr/bin/time';
		system("make -s -C $ENV{FLOW_TOP}/cli BUILD=$plain >/dev/null 2>&1") if !-x "$plain/flow";
		my $used = `/usr/bin/time -f %M $plain/flow export -t endless $form 2>&1 >/dev/null`;
		cmp_ok($used, '<', 30000, "export $form of $rows rows takes less than 30 MB");
	}
}

# where it cannot be written
SKIP:
{
	skip '/dev/full is not there', 2 if !-c '/dev/full';
	($status, undef, $err) = flow('export', '-o', '/dev/full', @early);
	is($status, 1, 'a full disk is an error');
	like($err, qr/^flow: could not write "\/dev\/full": No space left on device\n/, 'in words');
	is(system("$FLOW any -n 0 -o all --csv >/dev/full 2>$TMP/full.err") >> 8, 1, 'also of standard output');
	like(slurp("$TMP/full.err"), qr/could not write to standard output: No space left/, 'in words');
}
($status, undef, $err) = flow('export', '-o', "$TMP/absent/rows.csv");
is($status, 1, 'a folder that is not there is an error');
like($err, qr/^flow: could not open ".*": No such file or directory\n/, 'in words');
spew("$TMP/kept.csv", 'kept');
($status) = flow('export', '-o', "$TMP/kept.csv", '-t', 'flows', '--since', 'rubbish');
is(slurp("$TMP/kept.csv"), 'kept', 'a file stays as it was if the export fails');
sql("CREATE VIEW breaking AS SELECT f.*, 1 / (row_number() OVER () - 3000) AS boom FROM flows f");
($status, undef, $err) = flow('export', '-o', "$TMP/kept.csv", '-t', 'breaking');
is($status, 1, 'also if that happens on the way');
like($err, qr/^ERROR:  division by zero\n/, 'with the reason');
is(slurp("$TMP/kept.csv"), 'kept', 'and what was there stays');
is(join(' ', glob("$TMP/kept.csv?*")), '', 'and no part of it');

# loading
make_table();
my $demo = "$ENV{FLOW_TOP}/test/data/demo.pcap";
my ($row) = @{ json_of('load', $demo, '-d', $files, '--payload', '--sensor', 'tap "1"') };
is($row->{rows}, sql('SELECT count(*) FROM flows', $files), 'a capture is metered');
cmp_ok($row->{rows}, '>', 1000, 'into many rows');
is(sql('SELECT DISTINCT sensor FROM flows', $files), 'tap "1"', '--sensor is passed on');
cmp_ok(sql('SELECT least(count(sni), count(dns_query)) FROM flows', $files), '>', 0, '--payload is, too, and fills the standard columns');
my $standard = sql("SELECT string_agg(column_name, ',') FROM flow.standard_columns()");
is(system("$FLOW_TOP/collector/build/flowcollectd -r $demo -o /dev/null --columns=$standard 2>/dev/null"), 0, 'the collector knows all standard columns');
is(json_of('load', $demo, '-d', $files, '--again')->[0]{rows}, $row->{rows}, '--again loads it again');
spew("$TMP/zeek.log", "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\tresp_bytes\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\n1767225600.5\tC1\t192.0.2.1\t5000\t192.0.2.2\t80\ttcp\t10\t20\t1\t50\t1\t60\n");
system("gzip -kf $TMP/zeek.log");
cmp_ok(json_of('load', "$TMP/zeek.log.gz", '-d', $files)->[0]{rows}, '>=', 1, "Zeek's log, compressed");
cmp_ok(json_of('load', "$TMP/zeek.log", '-d', $files)->[0]{known}, '>=', 1, 'which is known when it comes uncompressed');
spew("$TMP/-x.csv", "ts,src_addr,bytes\n2026-01-01 00:00:00+00,192.0.2.3,5\n");
chdir $TMP;
($status, $out) = flow('load', '-d', $files, '--csv', '--', '-x.csv');
like($out, qr/\n-x\.csv,1,0,0,/, 'a file may be called like an option');
chdir '/';
($status, $out, $err) = flow_with({ in => "ts,src_addr,bytes\n2026-01-01 00:00:00+00,192.0.2.4,6\n" }, 'load', '-', '-d', $files, '--csv');
is($out =~ s/,[\d.]+\n\z/\n/r, "file,rows,known,left_out,seconds\n-,1,0,0\n", 'standard input is loaded');
sql('CREATE SCHEMA "Odd One"; CREATE TABLE "Odd One"."My ""Flows" (LIKE flows)', $files);
is(json_of('load', '-d', $files, "$TMP/-x.csv", '-t', '"Odd One"."My ""Flows"')->[0]{rows}, 1, 'into a table with an odd name');

# what cannot be loaded
spew("$TMP/empty", '');
spew("$TMP/nfcapd.1", "\x0c\xa5\x02\x00" . 'x' x 100);
spew("$TMP/junk.bin", join '', map { chr(($_ * 7919) % 251) } 1 .. 4000);
system("gzip -c $demo >$TMP/demo.pcap.gz");
my $before = sql('SELECT count(*) FROM flows', $files);
for my $case (["$TMP/absent", qr/could not be opened: No such file/], [$TMP, qr/is a directory\nHINT:/], ["$TMP/empty", qr/is empty/], ["$TMP/nfcapd.1", qr/binary format of nfdump\nHINT:  nfdump -r FILE -o csv/], ["$TMP/junk.bin", qr/holds no flows\nHINT:  Captures/], ["$TMP/demo.pcap.gz", qr/holds no flows\nHINT:  A capture that is compressed/])
{
	($status, $out, $err) = flow('load', $case->[0], '-d', $files);
	is($status, 1, "$case->[0] is not loaded");
	like($err, $case->[1], 'and that is told in words');
}
is(sql('SELECT count(*) FROM flows', $files), $before, 'nothing was loaded of them');
($status, $out, $err) = flow('load', "$TMP/absent", "$TMP/-x.csv", '-d', $files, '--again', '--csv');
is($status, 1, 'one of several that fails is told');
like($out, qr/-x\.csv,1,0,0/, 'and the others are loaded');
($status, undef, $err) = flow('load', $demo, '-t', 'absent', '-d', $files);
is($status, 1, 'a table that is not there');
like($err, qr/table "absent" does not exist/, 'is told before anything is read');
system("cp $FLOW $TMP/alone && chmod +x $TMP/alone");
{
	my $kept = $FlowCommand::FLOW;
	$FlowCommand::FLOW = "$TMP/alone";
	($status, undef, $err) = flow_with({ PATH => '/usr/bin:/bin' }, 'load', $demo, '-d', $files);
	$FlowCommand::FLOW = $kept;
	SKIP:
	{
		skip 'flowcollectd is installed here', 1 if -x '/usr/sbin/flowcollectd' || -x '/usr/local/sbin/flowcollectd';
		like($err, qr/^flow: program flowcollectd was not found\nHINT:/, 'without the collector that is told');
	}
}
# no password in the list of processes: it goes by the environment
sql("CREATE ROLE loader_$$ LOGIN PASSWORD 'sesame'") ;
($status, undef, $err) = flow('load', "$TMP/-x.csv", '-d', "dbname=$files user=loader_$$ password=sesame", '-t', 'flows');
like($err, qr/permission denied/, 'the role of the connection loads') or diag($err);
sql("DROP ROLE loader_$$");
done_testing();
