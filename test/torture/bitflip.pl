#!/usr/bin/perl
# Damage to the files of flowstore tables: a flipped bit, a wrong byte, lost
# sectors and pages, at random places, thousands of times.
#
#	bitflip.pl [--flips N] [--seed S] [--class main|metapage|directory|index]
#	           [--checksums | --no-checksums] [--keep] [--verbose]
#
# Every answer is then the right one, or an error of class DATA_CORRUPTED; with
# on_corrupt_chunk = skip it is a part of the right rows and a warning.  No
# crash, no wrong row, no query that does not end.  For damage to the main fork
# all this must hold; its metapage is a class of its own.  The directory is a heap table and its index, which
# without data checksums cannot know that they are damaged: there only crashes
# and endless queries count, in the index not even those, since its pages are
# read by core alone; the rest is shown with --verbose.
#
# How the server is made to see the bytes: TRUNCATE gives the table new files
# that no buffer knows, and these are then filled from outside with the bytes
# of the whole table and the damage.  One fifth of the flips is done in a
# cluster with data checksums.  The last line is "N passed, N failed".
# Needs initdb and psql in PATH and a user who is not root: see run.sh.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Getopt::Long;
use Time::HiRes 'time';
use Victim;

my %opt = (flips => 1000, seed => time % 1_000_000 | 0, keep => 0);
GetOptions(\%opt, 'flips=i', 'seed=i', 'class=s', 'checksums!', 'keep', 'verbose') or exit 2;
die "--class takes main, metapage, directory or index\n" if $opt{class} && $opt{class} !~ /^(?:main|metapage|directory|index)$/;
$| = 1;
srand($opt{seed});
print "seed $opt{seed}\n";
$SIG{INT} = $SIG{TERM} = sub { exit 3 };

# ---- tables -------------------------------------------------------------------

my $rows = q{(SELECT g::bigint AS id, timestamptz '2026-01-01 00:00+00' + g * interval '%s' AS ts,
	CASE WHEN r %% 9 = 0 THEN '2001:db8::'::inet + r %% 900 ELSE '10.0.0.0'::inet + r %% 2000 END AS addr,
	('10.1.' || r %% 9 || '.0/24')::cidr AS net,
	CASE WHEN r %% 5 > 0 THEN (r %% 65536)::int END AS port, (6 + 11 * (r %% 2))::smallint AS proto,
	CASE WHEN r %% 7 < 3 THEN 'host ' || r %% 500 WHEN r %% 7 = 3 THEN md5(r::text) END AS name,
	(r %% 1000000) / 8.0::float8 AS v, ((r %% 1000) / 10.0)::numeric AS num, r %% 2 = 0 AS flag, r AS big, 7 AS seven
	FROM generate_series(1, %d) g, LATERAL (SELECT abs(hashint8extended(g, %d) >> 8) AS r) x) y};

# name => statements that fill f_NAME from h_NAME; optimize comes in when the
# server can do it
my %fill = (
	hours => [ sprintf($rows, '2.5 seconds', 6000, 1), 'INSERT INTO %f SELECT * FROM %h' ],
	vectors => [ sprintf($rows, '0.1 seconds', 20000, 2), 'INSERT INTO %f SELECT * FROM %h' ],
	# free extents of several sizes, ROWS items, a chunk written into a hole
	holes => [ sprintf($rows, '2.5 seconds', 3000, 3),
		'BEGIN', 'INSERT INTO %f SELECT * FROM %h', 'ROLLBACK', 'INSERT INTO %f SELECT * FROM %h WHERE id <= 900', 'VACUUM %f',
		'INSERT INTO %f SELECT * FROM %h WHERE id > 900 AND id <= 2900',
		(map { "INSERT INTO %f SELECT * FROM %h WHERE id BETWEEN 2801 + $_ * 20 + 80 AND 2820 + $_ * 20 + 80" } 1 .. 5),
		'BEGIN', 'INSERT INTO %f SELECT * FROM %h', 'INSERT INTO %f SELECT * FROM %h LIMIT 500', 'ROLLBACK',
		'INSERT INTO %f SELECT * FROM %h WHERE id > 3000', 'VACUUM %f' ],
	merged => [ sprintf($rows, '1 second', 9000, 4), (map { "INSERT INTO %f SELECT * FROM %h WHERE id % 3 = $_" } 0 .. 2),
		"SELECT flow.optimize('%f')" ],
	deleted => [ sprintf($rows, '1 second', 5000, 5), 'INSERT INTO %f SELECT * FROM %h', 'DELETE FROM %h WHERE id % 3 = 0',
		'DELETE FROM %f WHERE id % 3 = 0' ],
);

# %t is h_NAME or f_NAME
my @questions = (
	'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %t t',
	'SELECT count(*) FROM %t',
	"SELECT count(*), sum(v), min(name COLLATE \"C\") FROM %t WHERE ts >= '2026-01-01 01:00+00' AND ts < '2026-01-01 02:00+00'",
	"SELECT sum(id), max(big) FROM %t WHERE addr = '10.0.0.77' OR addr <<= '2001:db8::40/122'",
	'SELECT count(port), sum(num), bool_or(flag) FROM %t WHERE port BETWEEN 1000 AND 9000 AND proto = 6',
	"SELECT count(*), sum(id) FROM %t WHERE name = 'host 77' OR net = '10.1.3.0/24' AND v > 100",
	'SELECT min(ts), max(ts), sum(seven) FROM %t',
);

my ($server, $s, %want, %bytes, @names);

sub reconnect
{
	$s->close if $s;
	$s = $server->session('torture', timeout => 40);
	$s->ask("SET statement_timeout = '15s'; SET client_min_messages = warning; SET work_mem = '64MB'; SET max_parallel_workers_per_gather = 0;");
	return;
}

sub must
{
	my ($sql) = @_;
	my ($out, $state) = $s->ask($sql);
	die "SQLSTATE $state: $sql\n" if $state;
	return $out;
}

sub files
{
	my ($name) = @_;
	my @f = split /\|/, must("SELECT pg_relation_filepath(c.oid), pg_relation_filepath(reltoastrelid), pg_relation_filepath(indexrelid)
		FROM pg_class c JOIN pg_index ON indrelid = reltoastrelid WHERE c.oid = 'f_$name'::regclass");
	my %f;
	@f{qw(main directory index)} = map { "$server->{dir}/data/$_" } @f;
	return %f;
}

sub slurp { my ($file) = @_; open(my $in, '<:raw', $file) or die "could not read $file: $!\n"; local $/; return scalar(<$in>) // ''; }

sub set_up
{
	my ($checksums) = @_;
	$s->close if $s;
	undef $s;
	undef $server;
	$server = Victim->new(keep => $opt{keep}, initdb => $checksums ? '--data-checksums' : '', conf => "log_min_messages = fatal\nwork_mem = 64MB\nflowstore.worker = off\n");
	my $first = $server->session('postgres');
	$first->ask('CREATE DATABASE torture');
	$first->close;
	reconnect();
	must('CREATE EXTENSION flowstore');
	@names = ();
	NAME: for my $name (sort keys %fill)
	{
		my ($source, @sql) = @{ $fill{$name} };
		must("CREATE TABLE h_$name AS SELECT * FROM $source; CREATE TABLE f_$name (LIKE h_$name) USING flowstore;");
		for my $sql (@sql)
		{
			$sql =~ s/%([fh])\b/${1}_$name/g;
			my (undef, $state) = $s->ask($sql);
			# not in this server
			if ($state =~ /^(?:0A000|42883)$/) { print "left out: $name ($sql)\n" if !$checksums; next NAME; }
			die "SQLSTATE $state: $sql\n" if $state;
		}
		# what is frozen is visible whatever becomes of relfrozenxid
		must("VACUUM (FREEZE) f_$name") for 1, 2;
		must('CHECKPOINT');
		my %f = files($name);
		$bytes{$name} = { map { $_ => slurp($f{$_}) } keys %f };
		for my $q (@questions)
		{
			my @a = map { (my $x = $q) =~ s/%t/${_}_$name/g; must($x) } 'h', 'f';
			die "the tables differ before anything happened: $q\n" if $a[0] ne $a[1];
			push @{ $want{$name} }, $a[0];
		}
		push @names, $name;
	}
	return;
}

# ---- damage -------------------------------------------------------------------

my @kinds = (('bit') x 12, ('byte') x 3, 'run', 'sector', 'page', 'other_page', 'cut');

# Changes bytes of the file: in the main class those behind the metapage, in its
# own class mostly its first ones.  Returns where.
sub damage
{
	my ($ref, $kind, $class) = @_;
	my $len = length $$ref;
	my $pages = $len / 8192;
	my $at = $class eq 'main' ? 8192 + int(rand $len - 8192) : $class eq 'metapage' ? int(rand(rand() < .7 ? 200 : 8192)) : int(rand $len);
	if ($kind eq 'bit') { substr($$ref, $at, 1) ^= chr(1 << int(rand 8)); }
	elsif ($kind eq 'byte') { substr($$ref, $at, 1) ^= chr(1 + int(rand 255)); }
	elsif ($kind eq 'run')
	{
		my $n = 16 < $len - $at ? 16 : $len - $at;
		substr($$ref, $at, $n) = join '', map { chr int rand 256 } 1 .. $n;
	}
	elsif ($kind eq 'sector') { $at -= $at % 512; substr($$ref, $at, 512) = "\0" x 512; }
	elsif ($kind eq 'page') { $at -= $at % 8192; substr($$ref, $at, 8192) = "\0" x 8192; }
	elsif ($kind eq 'other_page') { $at -= $at % 8192; substr($$ref, $at, 8192) = substr($$ref, 8192 * int(rand $pages), 8192); }
	else { $at -= $at % 8192; substr($$ref, $at) = ''; }
	return $at;
}

# New files for the table, filled with its bytes.
sub place
{
	my ($name, $new) = @_;
	must("TRUNCATE f_$name");
	my %f = files($name);
	for my $part (keys %f)
	{
		# in place: the server may have the file open
		open(my $out, '+<:raw', $f{$part}) or die "could not write $f{$part}: $!\n";
		print $out $new->{$part};
		truncate($out, length $new->{$part});
		close $out or die "could not write $f{$part}: $!\n";
	}
	return;
}

# ---- what became of it --------------------------------------------------------

# One question: right, error, skipped, or what is wrong with the answer.
sub judge
{
	my ($sql, $want) = @_;
	my ($out, $state) = $s->ask($sql);
	if ($state =~ /^(?:lost|hang)$/) { return $state; }
	return 'hang' if $state eq '57014';
	return $state eq 'XX001' ? 'error' : "SQLSTATE $state" if $state;
	return $out eq $want ? 'right' : 'wrong';
}

# All questions about one damaged table; a list of pairs (question, judgement).
sub examine
{
	my ($name, $write) = @_;
	my @seen;
	my $say = sub { push @seen, [@_]; return $_[1] =~ /^(?:lost|hang)$/; };
	my $any = 0;
	for my $setting ('on', 'off')
	{
		$s->ask("SET flowstore.enable_scan = $setting");
		for my $i (0 .. ($setting eq 'on' ? $#questions : 0))
		{
			(my $sql = $questions[$i]) =~ s/%t/f_$name/g;
			my $j = judge($sql, $want{$name}[$i]);
			$any ||= $j ne 'right';
			return @seen if $say->($sql, $j);
		}
	}
	$s->ask('RESET flowstore.enable_scan');
	my $complaints = judge("SELECT count(*) > 0 FROM flow.check('f_$name')", 't');
	# an error of flow.check() is a complaint, too; none is wrong if a query had one
	return @seen if $say->('flow.check', $complaints eq 'wrong' ? ($any ? 'silent' : 'right') : $complaints eq 'right' ? 'noticed' : $complaints);
	if ($any)
	{
		my $j = judge("SET flowstore.on_corrupt_chunk = skip; SELECT count(*) FROM (SELECT t::text FROM f_$name t EXCEPT ALL SELECT t::text FROM h_$name t) x", '0');
		my $warned = $s->{messages} =~ /WARNING/;
		return @seen if $say->('skip', $j eq 'right' ? ($warned ? 'skipped' : 'right') : $j);
		if ($j eq 'right' && !$warned)
		{
			(my $sql = $questions[0]) =~ s/%t/f_$name/g;
			return @seen if $say->('skip without a warning', judge($sql, $want{$name}[0]));
		}
		$s->ask('RESET flowstore.on_corrupt_chunk');
	}
	return @seen if !$write;

	# a damaged table that is written to: nothing old may be lost that was whole
	my ($first) = judge("SELECT sum(hashtextextended(t::text, 0)) FROM f_$name t", '');
	my $before = $first eq 'error' ? undef : must_or_undef("SELECT sum(hashtextextended(t::text, 0)) FROM f_$name t");
	for my $sql ("VACUUM f_$name", "INSERT INTO f_$name SELECT (y).* FROM (SELECT h AS y FROM h_$name h ORDER BY id LIMIT 2000) x",
		"INSERT INTO f_$name (id) VALUES (-1)")
	{
		my (undef, $state) = $s->ask($sql);
		return @seen if $say->($sql, $state eq '' ? 'right' : $state =~ /^(?:lost|hang)$/ ? $state : $state eq '57014' ? 'hang'
			: $state =~ /^(?:XX001|0A000|23505)$/ ? 'error' : "SQLSTATE $state");
	}
	return @seen if !defined $before;
	# they could all be read before
	my $old = judge("SELECT count(*) FROM (SELECT t::text FROM h_$name t EXCEPT ALL SELECT t::text FROM f_$name t) x", 0);
	$say->('the old rows after a write', $old eq 'error' ? 'lost by a write' : $old);
	my $j = judge("SELECT count(*) = count(DISTINCT ctid) FROM f_$name", 't');
	$say->('row numbers after a write', $j);
	return @seen;
}

sub must_or_undef { my ($sql) = @_; my ($out, $state) = $s->ask($sql); return $state ? undef : $out; }

# ---- all of it ----------------------------------------------------------------

my (%count, %kinds_seen, @shown);
my ($passed, $failed, $unsure) = (0, 0, 0);
my $began = time;

sub one_flip
{
	my ($number, $checksums) = @_;
	my $class = $opt{class} // (('main') x 14, 'metapage', 'metapage', ('directory') x 3, 'index')[ rand 20 ];
	my $name = $names[ rand @names ];
	my $kind = $kinds[ rand @kinds ];
	my %new = %{ $bytes{$name} };
	my $part = $class eq 'metapage' ? 'main' : $class;
	my $at = damage(\$new{$part}, $kind, $class);
	my $same = $new{$part} eq $bytes{$name}{$part};
	place($name, \%new);
	my @seen = examine($name, $class eq 'metapage' || rand() < .1);
	my @bad;
	my %worst = map { $_->[1] => 1 } @seen;
	for (@seen)
	{
		my ($what, $j) = @$_;
		next if $j =~ /^(?:right|error|noticed|skipped)$/;
		# the directory is heap's; see the head
		next if $class eq 'index' || $class eq 'directory' && $j !~ /^(?:lost|hang)$/;
		push @bad, "$j: $what";
	}
	my $result = $worst{lost} ? 'crash' : $worst{'lost by a write'} ? 'rows lost by a write' : $worst{hang} ? 'hang' : $worst{wrong} ? 'wrong answer' : (grep { /SQLSTATE/ } keys %worst) ? 'other error'
		: $worst{silent} ? 'flow.check silent' : $worst{error} || $worst{skipped} ? 'error' : 'all right';
	$result = 'no change' if $same;
	$count{ $class . ($checksums ? ', checksums' : '') }{$result}++;
	if (@bad) { $failed++; } else { $passed++; }
	if (@bad || $opt{verbose} && $result !~ /^(?:all right|error|no change)$/)
	{
		my $text = sprintf "%s flip %d: %s, %s at byte %d (page %d, offset %d) of f_%s%s: %s\n", @bad ? 'FAILED' : 'note', $number, $class, $kind, $at,
			$at / 8192, $at % 8192, $name, $checksums ? ' with checksums' : '', join '; ', @bad ? @bad[ 0 .. ($#bad > 3 ? 3 : $#bad) ]
			: map { "$_->[1]: $_->[0]" } grep { $_->[1] !~ /^(?:right|error|noticed|skipped)$/ } @seen;
		print $text;
	}
	# a query that does not listen to its timeout holds the table
	if ($worst{hang}) { $server->stop_immediately; $server->start_again; }
	if ($worst{lost} || $worst{hang})
	{
		$server->wait_recovered or die "the server does not come back\n";
		reconnect();
	}
	return;
}

my $with = !defined $opt{checksums} ? int($opt{flips} / 5) : $opt{checksums} ? $opt{flips} : 0;
my $n = 0;
for my $part ([ 0, $opt{flips} - $with ], [ 1, $with ])
{
	my ($checksums, $flips) = @$part;
	next if !$flips;
	set_up($checksums);
	for (1 .. $flips)
	{
		one_flip(++$n, $checksums);
		printf "%d flips, %d failed, %.0f s\n", $n, $failed, time - $began if $n % 500 == 0;
	}
}
$s->close;
printf "%-24s %s\n", "$_:", do { my $c = $count{$_}; join ', ', map { "$_ $c->{$_}" } sort keys %$c } for sort keys %count;
printf "%d flips, %.0f s\n", $n, time - $began;
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
