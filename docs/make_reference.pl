#!/usr/bin/perl
# Writes docs/reference.md from the catalog of a server with extension flowstore: every function, aggregate, type, operator, view
# and table of schema flow, with its comment, and the settings.
#
#	make_reference.pl [--test] >docs/reference.md
#
# Connects as psql does (PGHOST, PGDATABASE, ...), and changes nothing.  The subject of an object is that of the file of schema/
# that makes it.  With --test it also complains, by status 1, of objects without a comment.
use strict;
use warnings;
use utf8;
use FindBin;
use JSON::PP;
use Text::Wrap qw(wrap);

my $is_test = grep { $_ eq '--test' } @ARGV;
my $schema = "$FindBin::RealBin/../schema";
$Text::Wrap::columns = 139;
$Text::Wrap::huge = 'overflow';
binmode STDOUT, ':encoding(UTF-8)';

# Subjects in the order of the page, and the files of schema/ that belong to them.
my @subjects = (
	[ 'Flow tables and their options' => qw(access_method tables options) ],
	[ 'Looking inside' => qw(inspection) ],
	[ 'Maintenance' => qw(maintenance) ],
	[ 'Ingest and collectors' => qw(ingest collectors) ],
	[ 'Health over time' => qw(health) ],
	[ 'Time' => qw(time rate) ],
	[ 'Addresses, names and words' => qw(addresses names community_id search) ],
	[ 'Traffic and billing for dashboards' => qw(traffic traffic_rollup billing) ],
	[ 'Roles that only read' => qw(reader) ],
	[ 'Filters' => qw(filter) ],
	[ 'Top groups, counts and entropy' => qw(top counts entropy topk) ],
	[ 'Sketches: distinct values, percentiles, top values' => qw(distinct percentile topk_sketch) ],
	[ 'Numbers, histograms and beacons' => qw(numbers beacon) ],
	[ 'Graphs and investigation' => qw(graph investigate) ],
	[ 'Sets of addresses and indicators' => qw(ipset sets indicators) ],
	[ 'Prefix tables' => qw(prefixes) ],
	[ 'Anomalies' => qw(anomaly detect) ],
	[ 'Detections' => qw(findings detections modifiers hunt host_seen) ],
	[ 'Alerts' => qw(alerts) ],
	[ 'Schedules and changes' => qw(changes schedule schedule_detections watch schedule_run) ],
	[ 'Raw records' => qw(stage) ],
	[ 'Rollups' => qw(rollup rollup_create rollup_series) ],
	[ 'Shared' => qw(begin base) ]);

# What only the worker and other functions of this schema call, beside what the catalog or the comment says that of.
my $inner = qr/^(?:rollup_\w+|watch|watch_(?:parts|column|rename|tidy)|unwatch|wake_worker|schedule_(?:gather|times)|take_run|end_run|pause
	|mark_buckets|is_scheduled|is_fixed|fixed_interval|check_query|alerts_from|host_seen_run|count_hosts|lock_hosts|lock_parser
	|parse_some|parse_statement|column_name|source_query|time_range|anomaly_of|series_arrays|series_model|severity_of|read_prefixes
	|csv_fields|traffic_(?:any|first|groups|internal|keys|level|name|parts|raw|source)|reader_\w+|alert_key|prefix_map_(?:agg|networks|values))$/x;

# Rows of a query, each a hash.
sub rows
{
	my ($query) = @_;
	open my $psql, '-|', qw(psql -X -q -A -t -v ON_ERROR_STOP=1 -c),
		"SET search_path = pg_catalog; SET timezone = 'UTC'; SELECT coalesce(json_agg(q), '[]') FROM ($query) q"
		or die "could not start psql: $!\n";
	my $json = join '', <$psql>;
	close $psql or die "psql failed\n";
	return @{ decode_json($json) };
}

# ---- which subject an object belongs to ---------------------------------------------------

my (%subject_of_file, %subject_of, @faults);
for my $subject (@subjects)
{
	my ($title, @files) = @$subject;
	$subject_of_file{$_} = $title for @files;
}
for my $path (glob "$schema/*.sql")
{
	my ($file) = $path =~ m{([^/]+)\.sql$};
	my $title = $subject_of_file{$file} // do { push @faults, "schema/$file.sql belongs to no subject of docs/make_reference.pl"; 'Shared' };
	open my $in, '<', $path or die "could not read $path: $!\n";
	my $sql = do { local $/; <$in> };
	close $in;
	while ($sql =~ /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|VIEW|TABLE|UNLOGGED TABLE) flow\.(\w+)/mg)
	{
		$subject_of{$1} //= $title;
	}
	while ($sql =~ /^CREATE OPERATOR (?:flow\.)?(\S+) \((.*?)\)/msg)
	{
		$subject_of{"operator $1"} //= $title;
	}
}

sub subject
{
	my ($name) = @_;
	return $subject_of{$name} // do { push @faults, "no file of schema/ makes $name"; 'Shared' };
}

# ---- how things are written ------------------------------------------------------------------

# Text that is shown as it is.
sub plain
{
	my ($text) = @_;
	$text =~ s/([\\*<>|])/\\$1/g;
	$text =~ s/(?<!\w)_|_(?!\w)/\\_/g;
	$text =~ s/\[(?=[^\]]*\]\()/\\[/g;
	return $text;
}

# A comment: its paragraphs filled, its indented lines kept.
sub comment
{
	my ($object) = @_;
	my $text = $object->{comment};
	if (!defined $text || $text eq '')
	{
		push @faults, "$object->{what} has no comment";
		return "(no comment)\n";
	}
	my ($page, @fill) = ('');
	my $fill = sub {
		return unless @fill;
		my $words = plain(join ' ', @fill);
		$words =~ s/  +/ /g;
		$words =~ s/^([-+#]|\d+\.)(?= )/\\$1/;
		my $lines = wrap('', '', $words);
		$lines =~ s/\n([-+#]|\d+[.)])(?= )/\n\\$1/g;
		$page .= "$lines\n";
		@fill = ();
	};
	my @lines = split /\n/, $text;
	while (@lines)
	{
		my $line = shift @lines;
		if ($line =~ /^ {2}\S/)
		{
			my @kept = ($line);
			push @kept, shift @lines while @lines && $lines[0] =~ /^ {2}/;
			s/^ {2}// for @kept;
			$fill->();
			$page .= join '', "\n```text\n", map({ "$_\n" } @kept), "```\n\n";
		}
		else { push @fill, $line }
	}
	$fill->();
	$page =~ s/\n\n+/\n\n/g;
	return $page =~ s/\n+\z/\n/r;
}

# A signature: in one line, or with a line for each argument.
sub signature
{
	my ($f) = @_;
	my @arguments = @{ $f->{arguments} };
	my $result = !defined $f->{result} ? '' : ' → ' . $f->{result};
	my $line = "flow.$f->{name}(" . join(', ', @arguments) . ")$result";
	return "$line\n" if length $line <= 130;
	$result =~ s/, /,\n    /g, $result =~ s/table \(/table (\n    / if length $result > 120;
	return "flow.$f->{name}(" . join(', ', @arguments) . ")\n$result\n" if @arguments < 3 && length "@arguments" < 100;
	return "flow.$f->{name}(\n" . join(",\n", map { "    $_" } @arguments) . "\n)$result\n";
}

# The columns of a table: with their comments where they have some.
sub columns
{
	my (@columns) = @_;
	return wrap('', '', 'Columns: ' . join(', ', map { "`$_->{name}` $_->{type}" } @columns) . '.') . "\n"
		unless grep { defined $_->{comment} } @columns;
	return "| column | type | meaning |\n|---|---|---|\n"
		. join '', map { "| `$_->{name}` | `$_->{type}` | " . plain(($_->{comment} // '') =~ s/\s*\n\s*/ /gr) . " |\n" } @columns;
}

# ---- what there is -------------------------------------------------------------------------------

# What aggregates, types, operators, casts, triggers and operator classes call; nobody else does.
my $behind = q{
	SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[])
	FROM pg_aggregate
	UNION ALL SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typanalyze, typmodin, typmodout]::oid[]) FROM pg_type
	UNION ALL SELECT unnest(ARRAY[oprcode, oprrest, oprjoin]::oid[]) FROM pg_operator WHERE oprnamespace = 'flow'::regnamespace
	UNION ALL SELECT castfunc FROM pg_cast UNION ALL SELECT amproc FROM pg_amproc UNION ALL SELECT tgfoid FROM pg_trigger
	UNION ALL SELECT amhandler FROM pg_am UNION ALL SELECT prosupport FROM pg_proc
	UNION ALL SELECT oid FROM pg_proc WHERE prorettype IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)};

my @functions = rows(qq{
	SELECT p.proname AS name, p.prokind AS kind, p.oid IN ($behind) AS behind, obj_description(p.oid, 'pg_proc') AS comment,
		p.oid::regprocedure::text AS what,
		CASE WHEN p.prokind = 'p' THEN NULL
			WHEN 't' = ANY (p.proargmodes) THEN 'table (' || (SELECT string_agg(a.name || ' ' || format_type(a.type, NULL), ', ' ORDER BY a.n)
				FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) WITH ORDINALITY a(name, type, mode, n) WHERE a.mode = 't') || ')'
			WHEN p.prorettype = 'record'::regtype AND 'o' = ANY (p.proargmodes)
				THEN CASE WHEN p.proretset THEN 'table (' ELSE '(' END || (SELECT string_agg(a.name || ' ' || format_type(a.type, NULL), ', ' ORDER BY a.n)
				FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) WITH ORDINALITY a(name, type, mode, n) WHERE a.mode IN ('o', 'b')) || ')'
			ELSE CASE WHEN p.proretset THEN 'setof ' ELSE '' END || format_type(p.prorettype, NULL) END AS result,
		coalesce((SELECT json_agg(CASE WHEN a.mode = 'v' THEN 'VARIADIC ' ELSE '' END || coalesce(nullif(a.name, '') || ' ', '')
				|| format_type(a.type, NULL)
				|| coalesce(' DEFAULT ' || regexp_replace(pg_get_function_arg_default(p.oid, a.input::int), '::[a-z][a-z. ]*(\\[\\])?\$', ''), '')
				ORDER BY a.n)
			FROM (SELECT u.name, u.type, coalesce(u.mode, 'i') AS mode, u.n,
					count(*) FILTER (WHERE coalesce(u.mode, 'i') IN ('i', 'b', 'v')) OVER (ORDER BY u.n) AS input
				FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes) WITH ORDINALITY u(name, type, mode, n)) a
			WHERE a.mode IN ('i', 'b', 'v')), '[]') AS arguments
	FROM pg_proc p WHERE p.pronamespace = 'flow'::regnamespace ORDER BY p.proname COLLATE "C", p.pronargs DESC, p.oid::regprocedure::text COLLATE "C"});

my @relations = rows(q{
	SELECT c.relname AS name, c.relkind AS kind, obj_description(c.oid, 'pg_class') AS comment, c.oid::regclass::text AS what,
		(SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
			'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
			FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
		obj_description(c.reltype, 'pg_type') AS type_comment
	FROM pg_class c WHERE c.relnamespace = 'flow'::regnamespace AND c.relkind IN ('r', 'v', 'c', 'p', 'm', 'f')
	ORDER BY c.relname COLLATE "C"});

my @types = rows(q{
	SELECT t.typname AS name, obj_description(t.oid, 'pg_type') AS comment, t.oid::regtype::text AS what, t.typtype AS kind,
		(SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels
	FROM pg_type t WHERE t.typnamespace = 'flow'::regnamespace AND t.typtype <> 'c' AND t.typelem = 0 ORDER BY t.typname COLLATE "C"});

my @operators = rows(q{
	SELECT o.oprname AS name, format_type(o.oprleft, NULL) AS "left", format_type(o.oprright, NULL) AS "right",
		format_type(o.oprresult, NULL) AS result, obj_description(o.oid, 'pg_operator') AS comment, o.oid::regoperator::text AS what
	FROM pg_operator o WHERE o.oprnamespace = 'flow'::regnamespace
	ORDER BY o.oprname COLLATE "C", o.oid::regoperator::text COLLATE "C"});

my @settings = rows(q{
	SELECT name, boot_val AS value, unit, min_val AS least, max_val AS most, context, vartype AS type, enumvals AS labels,
		short_desc AS short, extra_desc AS extra
	FROM pg_settings WHERE name LIKE 'flowstore.%' ORDER BY name COLLATE "C"});

# ---- the page ------------------------------------------------------------------------------------

my %parts;

# Functions of one name stand under one heading.
my %heading;
for my $f (@functions)
{
	my $part = $parts{ subject($f->{name}) } //= {};
	if ($f->{behind} || $f->{name} =~ $inner || ($f->{comment} // '') =~ /not to be called/)
	{
		push @{ $part->{behind} }, $f;
		next;
	}
	push @{ $heading{ $f->{name} } //= do { push @{ $part->{functions} }, my $new = []; $new } }, $f;
}
push @{ $parts{ subject($_->{name}) }{relations} }, $_ for @relations;
push @{ $parts{ subject($_->{name}) }{types} }, $_ for @types;
push @{ $parts{ subject("operator $_->{name}") }{operators} }, $_ for @operators;

my $page = <<'END';
# Reference of schema flow

Every function, aggregate, type, operator, view and table of schema `flow`, and the settings. `docs/make_reference.pl` makes this page from
the comments in the catalog of a server, which psql shows by `\df+ flow.*`, `\dT+ flow.*` and `\dt+ flow.*`; a test holds it against
them. Arguments may be given by name: `flow.top('dst_port', n => 5)`.

END
my @titles = grep { $parts{$_} } map { $_->[0] } @subjects;
for my $title (@titles, 'Settings')
{
	my $anchor = lc($title) =~ s/[^\w\- ]//gr =~ s/ /-/gr;
	my @names = map { "`$_->[0]{name}`" } @{ $parts{$title}{functions} // [] };
	$page .= wrap('', '  ', "- [$title](#$anchor)" . (@names ? ': ' : '') . join ', ', @names) . "\n";
}

for my $title (@titles)
{
	my $part = $parts{$title};
	$page .= "\n## $title\n";
	for my $group (sort { $a->[0]{name} cmp $b->[0]{name} } @{ $part->{functions} // [] })
	{
		my %kinds = map { $_->{kind} => 1 } @$group;
		my $kind = join ', ', ('aggregate') x !!$kinds{a}, ('window function') x !!$kinds{w}, ('procedure') x !!$kinds{p};
		$page .= "\n### flow.$group->[0]{name}" . ($kind ? " ($kind)" : '') . "\n";
		for my $f (@$group)
		{
			$page .= "\n```text\n" . signature($f) . "```\n\n" . comment($f);
		}
	}
	for my $type (@{ $part->{types} // [] })
	{
		$page .= "\n### Type flow.$type->{name}\n\n";
		$page .= 'Values, in their order: ' . join(', ', map { "`$_`" } @{ $type->{labels} }) . ".\n\n" if $type->{labels};
		$page .= comment($type);
	}
	if ($part->{operators})
	{
		$page .= "\n### Operators" . (@titles > 1 ? ': ' . lc $title : '') . "\n\n| operator | result | meaning |\n|---|---|---|\n";
		for my $o (@{ $part->{operators} })
		{
			push @faults, "operator $o->{what} has no comment" unless defined $o->{comment};
			(my $name = $o->{name}) =~ s/\|/\\|/g;
			$page .= "| `$o->{left} $name $o->{right}` | `$o->{result}` | " . plain($o->{comment} // '') . " |\n";
		}
	}
	for my $relation (@{ $part->{relations} // [] })
	{
		my $kind = { r => 'Table', p => 'Table', v => 'View', m => 'Materialized view', f => 'Foreign table', c => 'Row type' }->{ $relation->{kind} };
		$relation->{comment} //= $relation->{type_comment};
		$page .= "\n### $kind flow.$relation->{name}\n\n" . comment($relation) . "\n" . columns(@{ $relation->{columns} });
	}
	next unless $part->{behind};
	$page .= "\n### Behind these: " . lc($title) . "\n\nWhat aggregates, types, operators, triggers, the worker and other functions call.\n\n| function | meaning |\n|---|---|\n";
	for my $f (@{ $part->{behind} })
	{
		push @faults, "$f->{what} has no comment" unless defined $f->{comment};
		$page .= '| `' . (signature($f) =~ s/\s*\n\s*/ /gr =~ s/ $//r =~ s/\|/\\|/gr) . '` | ' . plain(($f->{comment} // '') =~ s/\s*\n\s*/ /gr) . " |\n";
	}
}

$page .= "\n## Settings\n\n| setting | default | values | who, and when | meaning |\n|---|---|---|---|---|\n";
my %context = (user => 'anyone, at any time', superuser => 'superusers, at any time', sighup => 'in `postgresql.conf`, then reload',
	postmaster => 'in `postgresql.conf`, then restart');
for my $s (@settings)
{
	my $values = $s->{labels} ? join(', ', map { "`$_`" } @{ $s->{labels} })
		: defined $s->{least} ? "$s->{least} to $s->{most}" . (defined $s->{unit} ? " $s->{unit}" : '') : $s->{type} eq 'bool' ? '`on`, `off`' : 'text';
	my $value = defined $s->{value} && $s->{value} ne '' ? "`$s->{value}`" . (defined $s->{unit} ? " $s->{unit}" : '') : 'empty';
	$page .= "| `$s->{name}` | $value | $values | $context{ $s->{context} } | " . plain(join ' ', grep { defined && $_ ne '' } $s->{short}, $s->{extra}) . " |\n";
}

print $page;
print STDERR map { "$_\n" } @faults;
exit($is_test && @faults ? 1 : 0);
