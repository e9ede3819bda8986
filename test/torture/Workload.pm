# What the writers of crash.pl do: random transactions, each on a heap table
# and its flowstore twin alike, with a line in the ledger.
package Workload;

use strict;
use warnings;
use POSIX ();
use Time::HiRes 'usleep';

# Tables h_NAME and f_NAME; rows are unique by (tx, id), since tx has the
# number of the transaction as its default.
our %tables = (
	tm => { columns => 'ts timestamptz, addr inet, port int, name text, v float8' },
	nt => { columns => 'addr inet, port int, name text, v float8' },
	ul => { columns => 'ts timestamptz, addr inet, port int, name text, v float8', unlogged => 1 },
	# keeps its newest rows; its twin keeps all, and rows are only added
	rt => { columns => 'ts timestamptz, addr inet, port int, name text, v float8', max_rows => 20_000, slack => 2_000 },
);

our $copy_rows = 100_000;

sub setup_sql
{
	my ($dir) = @_;
	my @sql = (
		q{CREATE FUNCTION rows_of(seed bigint, n bigint, hours int)
		RETURNS TABLE (id bigint, ts timestamptz, addr inet, port int, name text, v float8)
		LANGUAGE sql STABLE AS $$
			SELECT g, timestamptz '2026-01-01 00:00+00' + (seed % 24) * interval '1 hour' + g * hours * interval '1 hour' / n,
				CASE WHEN r % 9 = 0 THEN '2001:db8::'::inet + r % 3000 ELSE '10.0.0.0'::inet + r % 20000 END,
				CASE WHEN r % 5 = 0 THEN NULL ELSE (r % 65536)::int END,
				CASE WHEN r % 7 < 3 THEN 'host ' || r % 500 WHEN r % 7 = 3 THEN md5(r::text) END,
				(r % 1000000) / 8.0
			FROM generate_series(1, n) g, LATERAL (SELECT abs(hashint8extended(g, seed) >> 8) AS r) x $$},
		'CREATE TABLE ledger (writer int, n bigint)');
	for my $t (sort keys %tables)
	{
		my $kind = $tables{$t}{unlogged} ? 'UNLOGGED' : '';
		push @sql, "CREATE $kind TABLE $_->[0]_$t (tx bigint DEFAULT current_setting('torture.tx')::bigint, id bigint, "
			. "$tables{$t}{columns}) USING $_->[1]" for [ h => 'heap' ], [ f => 'flowstore' ];
		push @sql, "COPY (SELECT " . columns($t) . " FROM rows_of(7, $copy_rows, 3)) TO '$dir/$t.copy'";
	}
	return @sql;
}

sub columns { return join ', ', 'id', $tables{ $_[0] }{columns} =~ /(\w+) \w+(?:,|$)/g; }

sub span { my ($from, $to) = @_; return $from + int(rand($to - $from + 1)); }

# sizes: single rows, ROWS items, small chunks, seldom a full one
sub batch { my $r = rand; return $r < .35 ? span(1, 3) : $r < .7 ? span(4, 200) : $r < .96 ? span(200, 5000) : span(30000, 70000); }

# The statements.  sql gives a list, in which %s is h_NAME or f_NAME; both
# sides run it.  alone: outside of a transaction and on flowstore only.
# adds: only adds rows.  repeatable: needs one snapshot for both sides.  probe: left out if the
# server refuses this.
our @statements = (
	{ name => 'insert', weight => 40, adds => 1, sql => sub { my ($t, $w) = @_;
		my ($c, $seed, $n, $hours) = (columns($t), span(1, 1e6), batch(), span(1, 4));
		return "INSERT INTO %s ($c) SELECT $c FROM rows_of($seed, $n, $hours)"; } },
	{ name => 'values', weight => 12, sql => sub { my ($t) = @_;
		return map { "INSERT INTO %s (id, name) VALUES ($_, 'single')" } 1 .. span(1, 5); } },
	{ name => 'copy', weight => 4, adds => 1, sql => sub { my ($t, $w) = @_;
		return "COPY %s (" . columns($t) . ") FROM '$w->{dir}/$t.copy'"; } },
	{ name => 'copy_in_savepoint', weight => 1, adds => 1, sql => sub { my ($t, $w) = @_;
		return ('SAVEPOINT c', "COPY %s (" . columns($t) . ") FROM '$w->{dir}/$t.copy'", 'ROLLBACK TO c'); } },
	{ name => 'rollback_to', weight => 8, adds => 1, sql => sub { my ($t, $w) = @_;
		my ($c, $seed, $n) = (columns($t), span(1, 1e6), batch());
		return ('SAVEPOINT s', "INSERT INTO %s ($c) SELECT $c FROM rows_of($seed, $n, 2)", span(0, 1) ? 'ROLLBACK TO s' : 'RELEASE s'); } },
	{ name => 'from_itself', weight => 3, repeatable => 1, sql => sub { my ($t) = @_;
		my ($c, $k) = (columns($t), span(2, 9));
		(my $from = $c) =~ s/^id/id + 10000000/;
		return "INSERT INTO %s ($c) SELECT $from FROM %s WHERE tx % 10 = $k AND id < 3000"; } },
	{ name => 'truncate', weight => .5, sql => sub { return 'TRUNCATE %s'; } },
	{ name => 'delete', weight => 15, repeatable => 1, probe => 'DELETE FROM f_nt WHERE id < 0', sql => sub { my ($t) = @_;
		my ($k, $m, $hour) = (span(0, 9), span(2, 40), span(0, 26));
		my $start = "timestamptz '2026-01-01 00:00+00' + $hour * interval '1 hour'";
		my @sql = ("DELETE FROM %s WHERE id % $m = 0 AND tx % 10 = $k",
			"DELETE FROM %s WHERE port BETWEEN ${\ ($k * 100)} AND ${\ ($k * 100 + 3000)}",
			"DELETE FROM %s WHERE tx % 10 = $k");
		# a part of the directory, which is read by its index
		push @sql, "DELETE FROM %s WHERE ts >= $start AND ts < $start + interval '1 hour' AND id % $m < 5" if columns($t) =~ /\bts\b/;
		return $sql[ rand @sql ]; } },
	{ name => 'update', weight => 15, repeatable => 1, probe => 'UPDATE f_nt SET v = 0 WHERE id < 0', sql => sub {
		my ($k, $m) = (span(0, 9), span(10, 200));
		return ("UPDATE %s SET v = v + 1, name = 'updated' WHERE id % $m = 0 AND tx % 10 = $k",
			"UPDATE %s SET port = $k WHERE addr = inet '10.0.0.$k'")[ span(0, 1) ]; } },
	{ name => 'vacuum', weight => 5, alone => 1, sql => sub { return 'VACUUM %s'; } },
	{ name => 'vacuum_full', weight => 1, alone => 1, sql => sub { return 'VACUUM FULL %s'; } },
	{ name => 'vacuum_directory', weight => 1, alone => 1, sql => sub { return 'VACUUM (FREEZE, PROCESS_TOAST) %s'; } },
	{ name => 'analyze', weight => 1, alone => 1, sql => sub { return 'ANALYZE %s'; } },
	{ name => 'checkpoint', weight => 2, alone => 1, sql => sub { return 'CHECKPOINT'; } },
	{ name => 'optimize', weight => 4, alone => 1, probe => "SELECT flow.optimize('f_nt')",
		sql => sub { return "SELECT flow.optimize('%s'" . (span(0, 3) ? '' : ', "full" => true') . ')'; } },
);

# Leaves out what this server does not know; returns the names left out.
sub probe
{
	my ($session) = @_;
	my (@known, @unknown);
	for my $t (grep { $tables{$_}{max_rows} } sort keys %tables)
	{
		my (undef, $state) = $session->ask("SELECT flow.set('f_$t', max_rows => '$tables{$t}{max_rows}', slack => '$tables{$t}{slack}')");
		next if !$state;
		die "flow.set gave $state\n" if $state !~ /^(?:0A000|42883)$/;
		delete $tables{$t};
		push @unknown, 'max_rows';
	}
	for my $s (@statements)
	{
		my $state = '';
		if ($s->{probe})
		{
			$session->ask('BEGIN');
			$session->ask('SAVEPOINT p');
			(undef, $state) = $session->ask($s->{probe});
			$session->ask('ROLLBACK');
			# 25001: known, but not inside a transaction
			$state = '' if $state eq '25001';
		}
		if ($state =~ /^(?:0A000|42883)$/) { push @unknown, $s->{name}; }
		elsif ($state) { die "probe of $s->{name} gave $state\n"; }
		else { push @known, $s; }
	}
	@statements = @known;
	return @unknown;
}

sub pick
{
	my ($alone, $adds) = @_;
	my @from = grep { !$alone == !$_->{alone} && (!$adds || $_->{adds}) } @statements;
	my $sum = 0;
	$sum += $_->{weight} for @from;
	my $r = rand $sum;
	for (@from) { return $_ if ($r -= $_->{weight}) < 0; }
	return $from[-1];
}

# What a statement may fail with: conflicts, timeouts, and being ended.
my $allowed = qr/^(?:40001|40P01|55P03|57014|57P01|57P02|57P03|25P02|08006|lost)?$/;

# One writer, until the server is gone or the file "stop" is there.  Each
# line it reports is one system call, so what was written is complete:
#	c N      commit of transaction N was acknowledged
#	a N      the same under synchronous_commit = off: may be lost
#	p N GID  PREPARE was acknowledged     r N  is about to be rolled back
#	odd ...  an answer that cannot be explained
sub write_until_dead
{
	my ($w) = @_;
	open(my $report, '>>', $w->{report}) or die "could not open $w->{report}: $!\n";
	my $say = sub { syswrite($report, "$_[0]\n"); };
	my $s = $w->{server}->session('torture');
	my ($pid) = $s->ask('SELECT pg_backend_pid()');
	$say->("pid $pid") if $pid;
	until (-e $w->{stop})
	{
		$w->{n}++;
		my ($state, $sql) = rand() < .12 ? maintenance($w, $s) : transaction($w, $s, $say);
		if ($state eq 'lost') { last; }
		# a table with max_rows cannot be part of a prepared transaction
		my $refused = $state eq '0A000' && $sql =~ /^PREPARE/;
		if ($state !~ $allowed && !$refused) { $say->("odd $state in: $sql"); }
		last if $state eq 'hang';
		$s->ask('ROLLBACK') if $state;
	}
	$s->close;
	return;
}

sub maintenance
{
	my ($w, $s) = @_;
	my $m = pick(1);
	my $t = (sort keys %tables)[ span(0, keys(%tables) - 1) ];
	my ($sql) = $m->{sql}->($t, $w);
	$sql =~ s/%s/f_$t/g;
	my (undef, $state) = $s->ask($sql);
	return ($state, $sql);
}

sub transaction
{
	my ($w, $s, $say) = @_;
	my ($n, @sql) = ($w->{n});
	my $repeatable = 0;
	for (1 .. span(1, 3))
	{
		my $t = (sort keys %tables)[ span(0, keys(%tables) - 1) ];
		my $m = pick(0, $tables{$t}{max_rows});
		$repeatable ||= $m->{repeatable};
		for my $line ($m->{sql}->($t, $w))
		{
			if ($line !~ /%s/) { push @sql, $line; next; }
			for my $side ('h', 'f') { (my $x = $line) =~ s/%s/${side}_$t/g; push @sql, $x; }
		}
	}
	my $end = rand() < .12 ? 'ROLLBACK' : rand() < .08 ? 'prepare' : 'COMMIT';
	my $async = rand() < .2;
	unshift @sql, 'BEGIN' . ($repeatable || span(0, 3) == 0 ? ' ISOLATION LEVEL REPEATABLE READ' : ''),
		"SET LOCAL torture.tx = ${\ ($w->{number} * 10**9 + $n)}", 'SET LOCAL synchronous_commit = ' . ($async ? 'off' : 'on'),
		"INSERT INTO ledger VALUES ($w->{number}, $n)";
	push @sql, $end eq 'prepare' ? "PREPARE TRANSACTION 'torture_$w->{number}_$n'" : $end;
	for my $sql (@sql)
	{
		my (undef, $state) = $s->ask($sql);
		return ($state, $sql) if $state;
	}
	if ($end eq 'COMMIT') { $say->($async ? "a $n" : "c $n"); }
	return ('', '') if $end ne 'prepare';

	$say->("p $n torture_$w->{number}_$n");
	# some are left for after the crash
	return ('', '') if rand() < .3;
	my $verb = span(0, 1) ? 'COMMIT' : 'ROLLBACK';
	$say->("r $n") if $verb eq 'ROLLBACK';
	my (undef, $state) = $s->ask("$verb PREPARED 'torture_$w->{number}_$n'");
	$say->("c $n") if !$state && $verb eq 'COMMIT';
	return ($state, "$verb PREPARED");
}

# Starts a writer in a process of its own; returns its id.
sub start
{
	my ($w) = @_;
	my $pid = fork // die "could not fork: $!\n";
	return $pid if $pid;
	$SIG{INT} = $SIG{TERM} = 'DEFAULT';
	srand($w->{seed});
	eval { write_until_dead($w); 1 } or print STDERR "writer: $@";
	POSIX::_exit(0);
}

1;
