# What the driver knows about its tables and sessions, and the random
# statements it makes of that.  A statement is a template in which %T stands
# for the table, %{t} for another one, %C for a cursor, %A for the access method
# clause and %M0 or %M1 for its own or the other access method.
package Model;

use strict;
use warnings;

# type => [ SQL of a value out of x (a random bigint), constants ]
our %TYPES = (
	'smallint' => [ '((x >> 8) & 1023)::smallint', qw(0 7 '-32768' 32767) ],
	'integer' => [ '(x & 65535)::int - 100', qw(0 53 443 '-2147483648' 2147483647) ],
	'bigint' => [ 'x >> (x & 31)::int', qw(0 '-1' 9223372036854775807) ],
	'boolean' => [ '(x & 3) = 1', qw(true false) ],
	'real' => [ '((x & 1023) / 8.0)::real', qw('NaN' 0 '-0.5' 1e30) ],
	'double precision' => [ '(CASE x & 7 WHEN 0 THEN \'NaN\' WHEN 1 THEN \'-0\' WHEN 2 THEN \'Infinity\' ELSE ((x >> 3) / 1e6)::text END)::float8', qw('NaN' 0 1.5 '-Infinity') ],
	'numeric' => [ '((x >> 20) / 1000.0)::numeric', qw(0 1.50 'NaN' 1e20) ],
	'numeric(12,2)' => [ '((x & 1048575) / 100.0)::numeric(12,2)', qw(0 1.50 '-99.99') ],
	'text' => [ q{CASE x & 7 WHEN 0 THEN '' WHEN 1 THEN 'host' || ((x >> 3) & 255) || '.example' WHEN 2 THEN repeat(md5(x::text), ((x >> 3) & 31)::int) ELSE md5((x & 1023)::text) END}, q('') , q('host7.example'), q('zz') ],
	'varchar(40)' => [ q{left(md5((x & 8191)::text), (x & 31)::int)}, q('abc'), q('') ],
	'inet' => [ q{CASE x & 7 WHEN 0 THEN inet '2001:db8::' + ((x >> 3) & 1023) WHEN 1 THEN set_masklen(inet '10.0.0.0' + ((x >> 3) & 255), 24) ELSE inet '10.0.0.0' + ((x >> 3) & 4095) END}, q('10.0.0.5'), q('2001:db8::7'), q('10.0.0.9/24') ],
	'cidr' => [ q{network(set_masklen(inet '10.0.0.0' + (x & 65535), 16 + (x & 7)::int * 2))::cidr}, q('10.0.0.0/8'), q('::/0') ],
	'macaddr' => [ q{left(md5((x & 255)::text), 12)::macaddr}, q('00:00:00:00:00:00') ],
	'timestamp' => [ q{timestamp '2024-01-01' + ((x >> 8) & 1048575) * interval '1 s'}, q('2024-01-05'), q('infinity') ],
	'timestamptz' => [ q{timestamptz '2024-01-01 00:00:00+00' + ((x >> 8) & 262143) * interval '100 ms'}, q('2024-01-01 03:00:00+00'), q('-infinity') ],
	'date' => [ q{date '2024-01-01' + (x & 127)::int}, q('2024-02-02'), q('infinity') ],
	'interval' => [ q{(x & 65535) * interval '1 s'}, q('1 day'), q('1 mon') ],
	'uuid' => [ q{md5((x & 4095)::text)::uuid}, q('00000000-0000-0000-0000-000000000000') ],
	'bytea' => [ q{decode(left(md5(x::text), (x & 15)::int * 2), 'hex')}, q('\x00'), q('') ],
	'jsonb' => [ q{jsonb_build_object('k', x & 63, 'l', md5((x & 7)::text))}, q('{}'), q('{"k": 1}') ],
	'integer[]' => [ q{CASE WHEN x & 3 = 0 THEN '{}' ELSE ARRAY[x & 7, NULL, x & 15]::int[] END}, q('{}'), q('{1,NULL}') ],
	'int4range' => [ q{int4range((x & 255)::int, (x & 255)::int + 10)}, q('empty') ],
);
our @TYPES = sort keys %TYPES;

sub new
{
	my ($class, %arg) = @_;
	my $self = bless { tables => {}, next => 0, file => $arg{file}, nsessions => $arg{sessions} }, $class;
	$self->{s}[$_] = { tx => 0, saves => [], touched => {}, ddl => {}, undo => [] } for 0 .. $arg{sessions} - 1;
	return $self;
}

sub pick { return $_[int rand @_]; }
sub chance { return rand() < $_[0]; }

sub copy_tables
{
	my ($t) = @_;
	return { map { my $k = $_; $k => { %{ $t->{$k} }, cols => [ map { { %$_ } } @{ $t->{$k}{cols} } ] } } keys %$t };
}

# ---- values and predicates -------------------------------------------------

# Nulls come in runs, spread, or not at all, by column and statement.
sub value
{
	my ($type) = @_;
	my $v = $TYPES{$type}[0];
	return pick($v, $v, $v,
		"CASE WHEN x & 16 = 0 THEN $v END",
		"CASE WHEN (g / 700) % 2 = 0 THEN $v END",
		"NULL::$type", constant($type));
}

sub constant
{
	my ($type) = @_;
	my @c = @{ $TYPES{$type} };
	return pick(@c[1 .. $#c]) . "::$type";
}

# A value that some row may have.
sub probe
{
	my ($type) = @_;
	return chance(0.3) ? constant($type)
		: "(SELECT $TYPES{$type}[0] FROM (SELECT hashint8extended(@{[ 1 + int rand 3000 ]}, @{[ 1 + int rand 5 ]}) AS x) p)";
}

sub predicate
{
	my ($t, $depth) = @_;
	$depth //= 0;
	if ($depth < 2 && chance(0.3))
	{
		my ($a, $b) = (predicate($t, $depth + 1), predicate($t, $depth + 1));
		return pick("($a AND $b)", "($a OR $b)", "NOT ($a)");
	}
	my $col = pick(@{ $t->{cols} });
	my ($n, $type) = ($col->{name}, $col->{type});
	return pick("$n IS NULL", "$n IS NOT NULL") if chance(0.15);
	return pick($n, "NOT $n", "$n IS NOT TRUE") if $type eq 'boolean';
	my $p = probe($type);
	if ($type eq 'inet' || $type eq 'cidr')
	{
		return "$n " . pick('=', '<>', '<', '>=', '<<=', '<<', '>>=', '&&') . " $p" if chance(0.8);
		return "$n <<= inet '10.0." . int(rand 16) . '.0/' . pick(20, 22, 24, 31) . "'";
	}
	if ($type =~ /text|varchar/)
	{
		return "$n LIKE '" . pick('host1%', 'a%', '%', '', 'host7.example', '%e') . "'" if chance(0.3);
		return "$n " . pick('=', '<', '>=') . " $p COLLATE \"C\"" if chance(0.2);
	}
	return "$n & " . pick(1, 2, 16, 19) . ' ' . pick('<> 0', '= 0', '= 1') if $type =~ /^(?:smallint|integer|bigint)$/ && chance(0.2);
	return "$n IN ($p, " . probe($type) . ', ' . constant($type) . ')' if chance(0.15);
	return "$n BETWEEN $p AND " . probe($type) if chance(0.15);
	return "$n " . pick('=', '<>', '<', '<=', '>', '>=') . " $p";
}

# ---- what a session may touch ---------------------------------------------

# Tables that session i can use without waiting: nobody else has changed them
# by DDL in an open transaction.
sub usable
{
	my ($self, $i) = @_;
	my %bad;
	for my $j (0 .. $#{ $self->{s} }) { next if $j == $i; $bad{$_} = 1 for keys %{ $self->{s}[$j]{ddl} }; }
	$bad{$_} = 1 for map { keys %{ $_->{ddl} } } values %{ $self->{prepared} };
	return grep { !$bad{$_} && (!defined $self->{tables}{$_}{owner} || $self->{tables}{$_}{owner} == $i) } sort keys %{ $self->{tables} };
}

# Tables that session i can lock exclusively: no other open transaction has
# touched them.
sub lockable
{
	my ($self, $i) = @_;
	my %bad;
	for my $j (0 .. $#{ $self->{s} }) { next if $j == $i; $bad{$_} = 1 for keys %{ $self->{s}[$j]{touched} }; }
	$bad{$_} = 1 for map { keys %{ $_->{touched} } } values %{ $self->{prepared} };
	return grep { !$bad{$_} } $self->usable($i);
}

sub open_session { my ($self, $i) = @_; return $self->{s}[$i]{tx}; }

# ---- one random step -------------------------------------------------------

# Returns a step: { session, sql (a template),
# table, kind, after => code to run on success }, or undef for "try again".
sub step
{
	my ($self, $i) = @_;
	my $s = $self->{s}[$i];
	my @all = sort keys %{ $self->{tables} };
	return $self->create($i) if @all < 2 || (@all < 5 && chance(0.03));
	return $self->begin($i) if !$s->{tx} && chance(0.22);
	if ($s->{tx} && chance(0.35))
	{
		return $self->end($i) if chance(0.35);
		return $self->savepoint($i);
	}
	my @usable = $self->usable($i) or return;
	my $name = pick(@usable);
	my $t = $self->{tables}{$name};
	return $self->insert($i, $name) if chance(0.45);
	return $self->change($i, $name) if chance(0.45);
	return $self->set($i) if chance(0.08);
	return $self->cursor($i, $name) if $s->{tx} && chance(0.25);
	return $self->query($i, $name) if chance(0.2);
	my @lockable = grep { !$self->{tables}{$_}{fixed} } $self->lockable($i) or return;
	return $self->ddl($i, pick(@lockable));
}

sub make
{
	my ($self, $i, $name, $kind, $sql, $after) = @_;
	return { session => $i, table => $name, kind => $kind, sql => $sql, after => $after };
}

sub create
{
	my ($self, $i) = @_;
	my $name = 't' . $self->{next}++;
	my @cols = ({ name => 'id', type => 'bigint' });
	push @cols, { name => 'ts', type => chance(0.8) ? 'timestamptz' : 'timestamp' } if chance(0.8);
	push @cols, { name => "c$_", type => pick(@TYPES) } for 1 .. 1 + int rand 7;
	my $n = @cols;
	my $kind = chance(0.15) ? 'UNLOGGED ' : chance(0.1) ? 'TEMP ' : '';
	my $t = { cols => \@cols, ncol => $n, rows => 0, temp => $kind eq 'TEMP ', unlogged => $kind eq 'UNLOGGED ' };
	$t->{owner} = $i if $t->{temp};
	my $list = join ', ', map { "$_->{name} $_->{type}" } @cols;
	my $after = sub { $self->{tables}{$name} = $t; $self->{s}[$i]{ddl}{$name} = $self->{s}[$i]{touched}{$name} = 1 if $self->{s}[$i]{tx}; };
	if (!$kind && chance(0.2))
	{
		# partitioned by the remainder of id; partitions come and go
		@$t{qw(parted detached)} = (1, {});
		return $self->make($i, $name, 'create partitioned', "CREATE TABLE %T ($list) PARTITION BY LIST ((id % 4));\n"
			. join(";\n", map { "CREATE TABLE %T_p$_ PARTITION OF %T FOR VALUES IN ($_) %A" } 0 .. 3), $after);
	}
	if ($self->{s}[$i]{tx} == 0 && !$t->{temp} && chance(0.3) && keys %{ $self->{tables} })
	{
		my @from = grep { !$self->{tables}{$_}{temp} } $self->usable($i);
		if (@from)
		{
			my $from = pick(@from);
			$t->{cols} = [ map { { %$_ } } @{ $self->{tables}{$from}{cols} } ];
			$t->{ncol} = $self->{tables}{$from}{ncol};
			my $cols = join ', ', map { $_->{name} } @{ $t->{cols} };
			my $what = predicate($t);
			return $self->make($i, $name, 'create as', "CREATE ${kind}TABLE %T %A AS SELECT $cols FROM %{$from} WHERE $what", $after);
		}
	}
	return $self->make($i, $name, 'create', "CREATE ${kind}TABLE %T ($list) %A", $after);
}

sub begin
{
	my ($self, $i) = @_;
	my $level = pick('READ COMMITTED', 'READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'REPEATABLE READ', 'SERIALIZABLE');
	return $self->make($i, undef, 'begin', "BEGIN ISOLATION LEVEL $level",
		sub { my $s = $self->{s}[$i]; $s->{tx} = 1; $s->{level} = $level; $s->{undo} = []; });
}

# Remember what a table looks like before this session's step changes it.
sub note
{
	my ($self, $step) = @_;
	my $s = $self->{s}[ $step->{session} ];
	my $name = $step->{table};
	return unless $s->{tx} && $name;
	my $old = $self->{tables}{$name};
	push @{ $s->{undo} }, [ $name, $old ? copy_tables({ x => $old })->{x} : undef ];
	return;
}

# Put back what was changed since the undo log had this length.
sub restore
{
	my ($self, $i, $length) = @_;
	my $undo = $self->{s}[$i]{undo};
	while (@$undo > $length)
	{
		my ($name, $old) = @{ pop @$undo };
		if ($old) { $self->{tables}{$name} = $old; }
		else { delete $self->{tables}{$name}; }
	}
	return;
}

sub forget
{
	my ($self, $i) = @_;
	my $s = $self->{s}[$i];
	$s->{tx} = 0;
	@$s{qw(touched ddl saves cursors undo)} = ({}, {}, [], {}, []);
	return;
}

sub end
{
	my ($self, $i) = @_;
	my $s = $self->{s}[$i];
	if ($s->{level} ne 'SERIALIZABLE' && !%{ $s->{ddl} } && chance(0.15) && !grep { $self->{tables}{$_} && $self->{tables}{$_}{temp} } keys %{ $s->{touched} })
	{
		my $gid = 'g' . $self->{next}++;
		return $self->make($i, undef, 'prepare', "PREPARE TRANSACTION '$gid'",
			sub { $self->{prepared}{$gid} = { touched => $s->{touched}, ddl => {} }; $self->forget($i); });
	}
	return $self->make($i, undef, 'commit', 'COMMIT', sub { $self->forget($i); }) if chance(0.6);
	return $self->rollback($i);
}

sub rollback
{
	my ($self, $i) = @_;
	return $self->make($i, undef, 'rollback', 'ROLLBACK',
		sub { $self->restore($i, 0); $self->forget($i); });
}

sub finish_prepared
{
	my ($self, $i) = @_;
	my ($gid) = sort keys %{ $self->{prepared} };
	return unless $gid && !$self->{s}[$i]{tx};
	return $self->make($i, undef, 'finish prepared', pick('COMMIT', 'ROLLBACK') . " PREPARED '$gid'",
		sub { delete $self->{prepared}{$gid}; });
}

sub savepoint
{
	my ($self, $i) = @_;
	my $s = $self->{s}[$i];
	my @saves = @{ $s->{saves} };
	if (!@saves || chance(0.5))
	{
		my $name = 'sp' . @saves;
		return $self->make($i, undef, 'savepoint', "SAVEPOINT $name",
			sub { push @{ $s->{saves} }, { name => $name, undo => scalar @{ $s->{undo} }, cursors => { %{ $s->{cursors} // {} } } }; });
	}
	my $k = int rand @saves;
	return $self->make($i, undef, 'release', "RELEASE $saves[$k]{name}", sub { splice @{ $s->{saves} }, $k; }) if chance(0.4);
	return $self->make($i, undef, 'rollback to', "ROLLBACK TO $saves[$k]{name}",
		sub {
			$self->restore($i, $saves[$k]{undo});
			splice @{ $s->{saves} }, $k + 1;
			$s->{cursors} = { %{ $saves[$k]{cursors} } };
		});
}

sub touch { my ($self, $i, $name) = @_; $self->{s}[$i]{touched}{$name} = 1 if $self->{s}[$i]{tx}; return; }

# How many rows: one, few, around the sizes the format knows, a chunk.
sub how_many
{
	my ($t) = @_;
	return 1 + int rand 3 if chance(0.45);
	return 1 + int rand 120 if chance(0.5);
	return pick(63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 2048, 3000) if chance(0.8) || $t->{rows} > 12000;
	return pick(10000, 65535, 65536, 66000);
}

sub source
{
	my ($t, $n, $seed) = @_;
	my $first = 1 + int rand 3000;
	my $last = $first + $n - 1;
	my @cols = @{ $t->{cols} };
	# sometimes not all columns, sometimes in another order
	@cols = ($cols[0], grep { chance(0.7) } @cols[1 .. $#cols]) if chance(0.2);
	@cols = reverse @cols if chance(0.1);
	my $names = join ', ', map { $_->{name} } @cols;
	my $values = join ', ', map { $_->{name} eq 'id' ? 'g::bigint' : value($_->{type}) } @cols;
	# ts mostly rises, as time does
	my $select = "SELECT $values FROM (SELECT g, hashint8extended(g, $seed) AS x FROM generate_series($first, $last) g) r";
	return ($names, $select);
}

sub insert
{
	my ($self, $i, $name) = @_;
	my $t = $self->{tables}{$name};
	my $s = $self->{s}[$i];
	my $n = how_many($t);
	my $seed = 1 + int rand 5;
	my ($names, $select) = source($t, $n, $seed);
	my $after = sub { $t->{rows} += $n; $self->touch($i, $name); };
	if ($t->{rows} > 25000 && !$s->{tx} && grep { $_ eq $name } $self->lockable($i))
	{
		return $self->make($i, $name, 'truncate', 'TRUNCATE %T', sub { $t->{rows} = 0; });
	}
	my $r = rand;
	if ($r < 0.12)
	{
		my $file = $self->{file} . int(rand 4);
		my $format = pick('text', 'csv', 'binary');
		return $self->make($i, $name, 'copy', "COPY ($select) TO '$file' (FORMAT $format);\nCOPY %T ($names) FROM '$file' (FORMAT $format)", $after);
	}
	if ($r < 0.24 && $t->{rows} < 30000)
	{
		my $p = predicate($t);
		my $rows = $t->{rows};
		return $self->make($i, $name, 'insert self', "INSERT INTO %T SELECT * FROM %T WHERE $p", sub { $t->{rows} += $rows; $self->touch($i, $name); });
	}
	if ($r < 0.32)
	{
		my @other = grep { $_ ne $name && (!$self->{tables}{$_}{temp} || ($self->{tables}{$_}{owner} // -1) == $i) && $self->{tables}{$_}{rows} < 30000 } $self->usable($i);
		if (@other)
		{
			my $from = pick(@other);
			my $p = predicate($self->{tables}{$from});
			return $self->make($i, $name, 'insert other', "INSERT INTO %T (id) SELECT id FROM %{$from} WHERE $p",
				sub { $t->{rows} += $self->{tables}{$from}{rows}; $self->touch($i, $name); $self->touch($i, $from); });
		}
	}
	if ($r < 0.40 && $n < 4000)
	{
		my $every = pick(2, 3, 7);
		return $self->make($i, $name, 'exception loop', "DO \$\$ DECLARE r record; n bigint; BEGIN FOR r IN SELECT * FROM generate_series(1, @{[ 1 + int rand 25 ]}) k LOOP BEGIN"
			. " INSERT INTO %T ($names) $select WHERE g % 10 = r.k % 10;"
			. pick('', " SELECT count(*) INTO n FROM %T;", " PERFORM 1 FROM %T WHERE id = r.k;")
			. " IF r.k % $every = 0 THEN RAISE EXCEPTION 'back'; END IF;"
			. " EXCEPTION WHEN raise_exception THEN NULL; END; END LOOP; END \$\$", sub { $t->{rows} += $n * 3; $self->touch($i, $name); });
	}
	if ($r < 0.46)
	{
		return $self->make($i, $name, 'insert returning', "WITH new AS (INSERT INTO %T ($names) $select RETURNING *) SELECT count(*), sum(hashtextextended(new::text, 0)) FROM new", $after);
	}
	if ($r < 0.50)
	{
		return $self->make($i, $name, 'failing insert', "INSERT INTO %T (id) SELECT 1 / (g - " . int(rand $n) . ") FROM generate_series(0, $n) g", $after) if !$s->{tx};
	}
	return $self->make($i, $name, 'insert', "INSERT INTO %T ($names) $select", $after);
}

# New values for some columns of a row, made of its id.
sub assignments
{
	my ($t, $seed) = @_;
	my @cols = grep { chance(0.4) } @{ $t->{cols} }[1 .. $#{ $t->{cols} }];
	return 'id = id + 4' if !@cols && chance(0.5);
	return 'id = id' . pick('', ' + 1', ' * 2') if !@cols;
	return '(' . join(', ', map { $_->{name} } @cols) . ') = (SELECT ' . join(', ', map { value($_->{type}) } @cols)
		. " FROM (SELECT id AS g, hashint8extended(id, $seed) AS x) r)";
}

# DELETE, UPDATE and MERGE in all their forms; the number of rows is compared.
sub change
{
	my ($self, $i, $name) = @_;
	my $t = $self->{tables}{$name};
	my $seed = 1 + int rand 5;
	my $touch = sub { $self->touch($i, $name); };
	my $where = predicate($t);
	my $some = pick(2, 3, 7, 50, 1000);
	$where = "($where) AND id % $some = " . int(rand $some) if chance(0.7);
	$where = 'id BETWEEN ' . join(' AND ', sort { $a <=> $b } 1 + int rand 3000, 1 + int rand 3000) if chance(0.15);
	my $set = assignments($t, $seed);
	my $count = ";\n\\echo :ROW_COUNT";
	my $returning = sub { my ($sql) = @_; return "WITH c AS ($sql RETURNING *) SELECT count(*), sum(hashtextextended(c::text, 0)) FROM c"; };
	my $r = rand;
	return $self->make($i, $name, 'delete', "DELETE FROM %T WHERE $where$count", $touch) if $r < 0.2;
	return $self->make($i, $name, 'update', "UPDATE %T SET $set WHERE $where$count", $touch) if $r < 0.4;
	return $self->make($i, $name, 'delete returning', $returning->("DELETE FROM %T WHERE $where"), $touch) if $r < 0.47;
	return $self->make($i, $name, 'update returning', $returning->("UPDATE %T SET $set WHERE $where"), $touch) if $r < 0.54;
	return $self->make($i, $name, 'delete using', "DELETE FROM %T a USING %T b WHERE a.id = b.id + 1 AND b.id % $some = 0$count", $touch) if $r < 0.59;
	return $self->make($i, $name, 'update from', "UPDATE %T a SET id = a.id FROM %T b WHERE a.id = b.id AND b.id % 100 = " . int(rand 100) . $count, $touch) if $r < 0.63;
	return $self->make($i, $name, 'move', "WITH d AS (DELETE FROM %T WHERE $where RETURNING *) INSERT INTO %T SELECT * FROM d$count", $touch) if $r < 0.70;
	return $self->make($i, $name, 'update twice', "WITH a AS (UPDATE %T SET $set WHERE id % 20 = 1 RETURNING id), b AS (DELETE FROM %T WHERE id % 20 = 2 RETURNING id)"
		. ' SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)', $touch) if $r < 0.75;
	my $first = 1 + int rand 3000;
	my $last = $first + int rand 60;
	return $self->make($i, $name, 'merge', "MERGE INTO %T USING generate_series($first, $last) n ON id = n"
		. pick('', " WHEN MATCHED AND n % 3 = 0 THEN DO NOTHING") . " WHEN MATCHED AND n % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET $set"
		. pick('', ' WHEN NOT MATCHED AND n % 5 = 0 THEN INSERT (id) VALUES (n)') . $count, $touch) if $r < 0.85;
	my $every = pick(2, 3, 7);
	return $self->make($i, $name, 'exception changes', "DO \$\$ DECLARE r record; n bigint; BEGIN FOR r IN SELECT * FROM generate_series(1, @{[ 1 + int rand 20 ]}) k LOOP"
		. pick('', " DELETE FROM %T WHERE id = $first + r.k;") . ' BEGIN'
		. " DELETE FROM %T WHERE id % 400 = r.k;" . pick('', ' SELECT count(*) INTO n FROM %T;') . " UPDATE %T SET $set WHERE id % 500 = r.k;"
		. " IF r.k % $every = 0 THEN RAISE EXCEPTION 'back'; END IF;"
		. " EXCEPTION WHEN raise_exception THEN " . pick('NULL', "DELETE FROM %T WHERE id % 600 = r.k") . "; END; END LOOP; END \$\$", $touch) if $r < 0.93;
	return $self->make($i, $name, 'loop changes', "DO \$\$ DECLARE r record; BEGIN FOR r IN SELECT id FROM %T WHERE id % 300 = 1 ORDER BY id LOOP"
		. " UPDATE %T SET $set WHERE id = r.id; DELETE FROM %T WHERE id = r.id + 1; END LOOP; END \$\$", $touch);
}

sub set
{
	my ($self, $i) = @_;
	return if $self->{s}[$i]{tx};
	return $self->make($i, undef, 'set', pick(
		'SET max_parallel_workers_per_gather = 0',
		'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0',
		'SET flowstore.load_memory = ' . pick("'1MB'", "'32MB'"),
		'SET flowstore.enable_scan = ' . pick('on', 'on', 'off'),
		'SET enable_hashjoin = ' . pick('on', 'off'),
		'SET enable_hashagg = ' . pick('on', 'off'),
		'SET plan_cache_mode = ' . pick('auto', 'force_generic_plan')), sub { });
}

sub cursor
{
	my ($self, $i, $name) = @_;
	my $s = $self->{s}[$i];
	my $t = $self->{tables}{$name};
	my @open = sort keys %{ $s->{cursors} // {} };
	if (@open && chance(0.6))
	{
		my $c = pick(@open);
		return $self->make($i, $s->{cursors}{$c}, 'fetch', pick("FETCH " . pick(1, 5, 50) . " FROM %C$c", "FETCH BACKWARD " . pick(1, 5, 50) . " FROM %C$c",
			"FETCH ALL FROM %C$c", "FETCH BACKWARD ALL FROM %C$c", "FETCH ABSOLUTE 7 FROM %C$c", "MOVE FORWARD ALL IN %C$c", "MOVE BACKWARD ALL IN %C$c", "FETCH LAST FROM %C$c"), sub { });
	}
	my $c = 'c' . $self->{next}++;
	my $p = predicate($t);
	return $self->make($i, $name, 'declare', "DECLARE %C$c SCROLL CURSOR FOR SELECT md5(t::text) FROM %T t WHERE id % 37 = 3 AND $p ORDER BY 1",
		sub { $s->{cursors}{$c} = $name; $self->touch($i, $name); });
}

sub query
{
	my ($self, $i, $name) = @_;
	my $t = $self->{tables}{$name};
	my $p = predicate($t);
	my @c = map { $_->{name} } @{ $t->{cols} };
	my ($a, $b) = (pick(@c), pick(@c));
	return $self->make($i, $name, 'query', pick(
		"SELECT count(*), sum(hashtextextended(ROW($a, $b)::text, 0)) FROM %T WHERE $p",
		"SELECT count(*), count($a), count(DISTINCT ${b}::text) FROM %T WHERE $p",
		"SELECT md5(string_agg(r::text, ';' ORDER BY r::text)) FROM (SELECT $a, count(*) FROM %T WHERE $p GROUP BY 1) r",
		"SELECT sum(hashtextextended(t::text, 0)) FROM %T t WHERE $p",
		"SELECT count(*) FROM %T a JOIN %T b ON a.id = b.id + 1 AND a.id < 50 WHERE b.id < 50",
		"SELECT id FROM %T WHERE $p ORDER BY id LIMIT 5",
		"SELECT count(*) FROM (SELECT id FROM %T WHERE $p LIMIT 10) x",
		"SELECT count(*) FROM %T WHERE id IN (SELECT id FROM %T WHERE $p)",
		"SELECT count(*) FROM %T TABLESAMPLE BERNOULLI (100) WHERE $p",
		"SELECT count(*) FROM %T TABLESAMPLE SYSTEM (100) WHERE $p"), sub { $self->touch($i, $name); });
}

sub ddl
{
	my ($self, $i, $name) = @_;
	my $s = $self->{s}[$i];
	my $t = $self->{tables}{$name};
	my $mark = sub { if ($s->{tx}) { $s->{ddl}{$name} = $s->{touched}{$name} = 1; } };
	# an open cursor of this session forbids most of it
	return if $s->{tx} && grep { $_ eq $name } values %{ $s->{cursors} // {} };
	my @cols = @{ $t->{cols} };
	return $self->partition($i, $name, $mark) if $t->{parted} && chance(0.4);
	if (!$s->{tx} && chance(0.3))
	{
		return $self->make($i, $name, 'vacuum', pick('VACUUM %T', 'VACUUM %T', 'VACUUM (FREEZE) %T', 'VACUUM FULL %T', 'VACUUM FULL %T', 'ANALYZE %T', 'VACUUM (TRUNCATE off) %T'), sub { });
	}
	my $r = rand;
	if ($r < 0.16)
	{
		return $self->make($i, $name, 'truncate', 'TRUNCATE %T', sub { $t->{rows} = 0; $mark->(); });
	}
	if ($r < 0.36 && @cols < 14)
	{
		my $c = { name => 'c' . (100 + $self->{next}++), type => pick(@TYPES) };
		$c->{name} = 'ts' if chance(0.2) && !grep { $_->{name} eq 'ts' } @cols;
		$c->{type} = pick('timestamptz', 'timestamp') if $c->{name} eq 'ts';
		my $default = pick('', ' DEFAULT ' . constant($c->{type}), ' DEFAULT ' . constant($c->{type}), ' DEFAULT twin.volatile_value(' . constant($c->{type}) . ')');
		return $self->make($i, $name, 'add column', "ALTER TABLE %T ADD COLUMN $c->{name} $c->{type}$default", sub { push @{ $t->{cols} }, $c; $mark->(); });
	}
	if ($r < 0.48 && @cols > 2)
	{
		my $k = 1 + int rand $#cols;
		return $self->make($i, $name, 'drop column', "ALTER TABLE %T DROP COLUMN $cols[$k]{name}", sub { splice @{ $t->{cols} }, $k, 1; $mark->(); });
	}
	if ($r < 0.58 && @cols > 1)
	{
		my $c = pick(@cols[1 .. $#cols]);
		my $to = { smallint => 'integer', integer => 'bigint', bigint => 'numeric', real => 'double precision', timestamp => 'timestamptz', timestamptz => 'timestamp', cidr => 'inet', date => 'timestamp', 'varchar(40)' => 'text', 'numeric(12,2)' => 'numeric' }->{ $c->{type} } // 'text';
		my $using = $to eq 'timestamp' && $c->{type} eq 'timestamptz' ? " USING $c->{name} AT TIME ZONE 'UTC'" : $to eq 'timestamptz' ? " USING $c->{name} AT TIME ZONE 'UTC'" : $to eq 'text' ? " USING $c->{name}::text" : '';
		# a default may not fit the new type
		return $self->make($i, $name, 'alter type', "ALTER TABLE %T ALTER $c->{name} DROP DEFAULT, ALTER $c->{name} TYPE $to$using", sub { $c->{type} = $to; $mark->(); });
	}
	if ($r < 0.64)
	{
		my $c = pick(@cols);
		return $self->make($i, $name, 'default', "ALTER TABLE %T ALTER $c->{name} SET DEFAULT " . constant($c->{type}), $mark);
	}
	if ($r < 0.70)
	{
		my @ts = grep { $_->{type} =~ /^timestamp/ } @cols;
		return unless @ts;
		my $c = pick(@ts);
		my $new = $c->{name} eq 'ts' ? 'was_ts' . $self->{next}++ : (grep { $_->{name} eq 'ts' } @cols) ? 'x' . $self->{next}++ : 'ts';
		return $self->make($i, $name, 'rename column', "ALTER TABLE %T RENAME $c->{name} TO $new", sub { $c->{name} = $new; $mark->(); });
	}
	if ($r < 0.78)
	{
		return if $t->{parted};
		my $other = $t->{away} ? 0 : 1;
		return $self->make($i, $name, 'access method', "ALTER TABLE %T SET ACCESS METHOD %M$other", sub { $t->{away} = $other; $mark->(); });
	}
	if ($r < 0.82 && !$t->{temp} && !$t->{parted})
	{
		return $self->make($i, $name, 'persistence', 'ALTER TABLE %T SET ' . pick('LOGGED', 'UNLOGGED'), $mark);
	}
	if ($r < 0.86 && !$t->{temp})
	{
		return $self->make($i, $name, 'tablespace', 'ALTER TABLE %T SET TABLESPACE ' . pick('space', 'pg_default'), $mark);
	}
	return if $s->{tx};
	return $self->make($i, $name, 'drop', 'DROP TABLE %T', sub { delete $self->{tables}{$name}; });
}

# What is done to one partition of a partitioned table.
sub partition
{
	my ($self, $i, $name, $mark) = @_;
	my $t = $self->{tables}{$name};
	my $k = int rand 4;
	if ($t->{detached}{$k})
	{
		my $n = pick(1, 30, 1100);
		return $self->make($i, $name, 'insert detached', "INSERT INTO %T_p$k (id) SELECT 4 * g + $k FROM generate_series(1, $n) g", $mark) if chance(0.3);
		return $self->make($i, $name, 'attach', "ALTER TABLE %T ATTACH PARTITION %T_p$k FOR VALUES IN ($k)",
			sub { $t->{detached} = { %{ $t->{detached} } }; delete $t->{detached}{$k}; $mark->(); });
	}
	return $self->make($i, $name, 'detach', "ALTER TABLE %T DETACH PARTITION %T_p$k",
		sub { $t->{detached} = { %{ $t->{detached} }, $k => 1 }; $mark->(); }) if chance(0.4);
	return $self->make($i, $name, 'truncate partition', "TRUNCATE %T_p$k", $mark) if chance(0.3);
	return $self->make($i, $name, 'partition method', "ALTER TABLE %T_p$k SET ACCESS METHOD %M" . int(rand 2), $mark);
}

1;
