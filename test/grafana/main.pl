# Runs every query of grafana/ against a database, as Grafana would; run.sh starts it.
#
#	--rows N		flows in the database (300,000)
#	--limit S		seconds that a query may take (2)
#	--only TEXT		only dashboards or rules whose name has TEXT
#	--verbose		each query with its time
#	--keep			leaves the database there
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use Test::More;
use Board;
use Database;
use Judge;
use Lint;
use Rules;
use Macro qw(expand round_interval seconds_of);
use Template qw(fill);

my %option = (rows => 300_000, limit => 2, only => '');
GetOptions(\%option, 'rows=i', 'limit=f', 'only=s', 'verbose', 'keep') or die "see the head of main.pl\n";
my $top = "$FindBin::Bin/../..";
my %ranges = ('5 min' => 300, '6 h' => 6 * 3600, '24 h' => 86400, '30 days' => 30 * 86400);
my @boards = grep { index($_->{uid}, $option{only}) >= 0 } Board::load("$top/grafana/dashboards");
my @alerts = grep { index($_->{what}, $option{only}) >= 0 } Board::alert_queries("$top/grafana/provisioning/alerting");
my %uids = map { $_->{uid} => 1 } Board::load("$top/grafana/dashboards");
my (%asked, %given, %slowest, $database);
my ($count, $now) = (0, time);

END { my $status = $?; $database->remove() if $database && !$option{keep}; $? = $status; }
$SIG{INT} = $SIG{TERM} = sub { exit 1 };

sub complain
{
	my ($what, @bad) = @_;
	ok(!@bad, $what) or diag(map { "  $_\n" } @bad > 8 ? (@bad[ 0 .. 7 ], '...') : @bad);
	return;
}

# --- without a database

is(system('/usr/bin/perl', "$top/grafana/make", '--check'), 0, 'the dashboards are what their sources make');
for my $board (@boards)
{
	complain("$board->{uid} is in order", Lint::board($board, \%uids));
}
complain('the files for Grafana are in order', Lint::provisioning("$top/grafana"));
my %twice;
ok(!(grep { $twice{ $_->{uid} }++ } @boards), 'each dashboard has a uid of its own');

my @files = Rules::load("$top/grafana/provisioning/alerting");
my %panels = map { my $board = $_; $board->{uid} => { map { $_->{id} => 1 } Board::panels($board) } } Board::load("$top/grafana/dashboards");
my %rules;
for my $rule (map { @{ $_->{rules} } } map { @{ $_->{groups} // [] } } @files)
{
	complain("alert rule $rule->{uid} is in order", Rules::rule($rule, \%panels), $rules{ $rule->{uid} }++ ? 'its uid comes twice' : ());
}
complain('contact points and policies are in order', Rules::contacts(@files));

# --- what stands for variables

# The chosen values of the variables of a dashboard: those in %$chosen, else the default ones.
sub variables_of
{
	my ($board, $as, $chosen) = @_;
	my %variables = ('datasource' => { values => ['flowstore'] });
	$variables{__from} = { values => [ int($as->{from} * 1000) ] };
	$variables{__to} = { values => [ int($as->{to} * 1000) ] };
	for my $variable (@{ $board->{templating}{list} })
	{
		my %set = map { $_ => $variable->{$_} } qw(multi includeAll allValue);
		my $name = $variable->{name};
		if (defined $chosen->{$name}) { $set{values} = [ $chosen->{$name} ]; }
		elsif ($variable->{type} eq 'query') { @set{qw(values all)} = choices($board, $variable, \%variables, $as); }
		else { $set{values} = [ $given{"$board->{uid} $name"} // $variable->{current}{value} ]; }
		$variables{$name} = \%set;
	}
	return \%variables;
}

# The value that a query gives first, or all of them.
sub choices
{
	my ($board, $variable, $variables, $as) = @_;
	my $sql = expand(fill($variable->{query}, $variables), $as);
	my $rows = ($asked{$sql} //= $database->ask($sql))->{rows} // [];
	my ($value) = grep { ($asked{$sql}{names} // [])->[$_] eq '__value' } 0 .. $#{ $asked{$sql}{names} // [] };
	my @values = map { $_->[ $value // 0 ] // '' } @$rows;
	return (\@values, 1) if ref $variable->{current}{value} && $variable->{current}{value}[0] eq '$__all';
	return ([ $values[0] // '' ], 0);
}

sub interval_of
{
	my ($query, $seconds, $variables) = @_;
	my $panel = $query->{panel} // {};
	my $points = $panel->{maxDataPoints} // ($panel->{gridPos} ? $panel->{gridPos}{w} * 70 : 1000);
	my $low = 1000 * seconds_of(fill($panel->{interval} // '10s', $variables));
	return round_interval($seconds * 1000, $points, $low);
}

# --- one query

sub judged
{
	my ($query, $result) = @_;
	return "error: $result->{error}" if $result->{error};
	return Judge::variable($result) if $query->{kind} eq 'variable';
	return Judge::annotation($result) if $query->{kind} eq 'annotation';
	return Judge::time_series($result, $query->{kind} eq 'alert') if $query->{format} eq 'time_series';
	return Judge::table($result, $query->{panel} // {});
}

# Asks the query for one range; returns complaints and keeps the result in $query->{result}.
sub attempt
{
	my ($board, $query, $label, $as, $variables) = @_;
	my $sql = eval { expand(fill($query->{sql}, $variables), $as) };
	return "$label: $@" unless defined $sql;
	my $known = $asked{$sql};
	my $result = $known // $database->ask($sql);
	$result = $database->ask($sql) if !$known && $result->{seconds} > $option{limit};
	$asked{$sql} = $result;
	$count++ unless $known;
	$query->{result} = $result;
	$query->{sent} = $sql;
	my @bad = judged($query, $result);
	push @bad, sprintf '%.2f s', $result->{seconds} if $result->{seconds} > $option{limit};
	my $slow = $slowest{ $query->{what} };
	$slowest{ $query->{what} } = [ $result->{seconds}, $label, scalar @{ $result->{rows} // [] } ] if !$slow || $slow->[0] < $result->{seconds};
	diag(sprintf '%6.0f ms %7d rows  %s, %s', $result->{seconds} * 1000, scalar @{ $result->{rows} // [] }, $query->{what}, $label)
		if $option{verbose} && !$known;
	return map { "$label: $_" . (/error/ ? "\n  $sql" : '') } @bad;
}

# A query for a list of ranges, with the switch of the data source on and off.
sub try_ranges
{
	my ($board, $query, $chosen, @names) = @_;
	my @bad;
	for my $name (@names)
	{
		my $seconds = $query->{range} // $ranges{$name} // 86400;
		my $to = $name eq 'empty' ? 1_000_000_000 : $now;
		for my $timescale (1, 0)
		{
			my %as = (from => $to - $seconds, to => $to, timescale => $timescale);
			my $variables = $board ? variables_of($board, { %as, interval_ms => 60000 }, $chosen) : {};
			$as{interval_ms} = interval_of($query, $seconds, $variables);
			push @bad, attempt($board, $query, $name . ($timescale ? '' : ', no TimescaleDB'), \%as, $variables);
			last if @bad;
		}
	}
	return @bad;
}

sub graphs
{
	my ($board) = @_;
	for my $panel (grep { $_->{type} eq 'nodeGraph' } Board::panels($board))
	{
		my %frames = map { $_->{ref} => $_->{result} } grep { ($_->{panel} // {}) == $panel } @{ $board->{queries} };
		complain("$board->{uid}, panel \"$panel->{title}\" is a graph",
			$frames{nodes} && $frames{edges} ? Judge::graph(@frames{qw(nodes edges)}) : 'its queries are not called nodes and edges');
	}
	return;
}

# Every other value of variables with a list of values, one at a time, and text fields filled.
sub variants
{
	my ($board, %texts) = @_;
	for my $variable (@{ $board->{templating}{list} })
	{
		my @values = $variable->{type} eq 'custom' ? map { $_->{value} } @{ $variable->{options} }
			: $variable->{type} eq 'textbox' ? @{ $texts{ $variable->{name} } // [] } : ();
		for my $value (@values)
		{
			my @bad = map { my $query = $_; map { "$query->{what}: $_" } try_ranges($board, $query, { $variable->{name} => $value }, '24 h') }
				grep { $_->{sql} =~ /\$\{?$variable->{name}\b/ } @{ $board->{queries} };
			complain("$board->{uid} with $variable->{name} = \"$value\"", @bad);
		}
	}
	return;
}

sub not_empty
{
	my ($query) = @_;
	return () if $query->{kind} ne 'panel' || defined $query->{panel}{fieldConfig}{defaults}{noValue} || @{ $query->{result}{rows} // [] };
	return '30 days: no rows';
}

# --- all of it

$_->{queries} = [ Board::queries($_) ] for @boards;
plan_empty_installation();
plan_filled();
done_testing();

sub plan_empty_installation
{
	$database = Database->new("grafana empty $$", $top);
	$database->make();
	for my $board (@boards)
	{
		complain("$board->{uid} shows an empty installation",
			map { my $query = $_; map { "$query->{what}: $_" } try_ranges($board, $query, {}, '24 h') } @{ $board->{queries} });
	}
	$database->remove();
	%asked = ();
	return;
}

sub plan_filled
{
	$database = Database->new("grafana $$", $top);
	$database->make();
	$database->fill($option{rows});
	$now = time;
	my ($busy) = $database->owner()->selectrow_array(
		"SELECT host(src_addr) FROM flows WHERE ts >= now() - interval '5 min' AND flow.is_internal(src_addr) GROUP BY 1 ORDER BY sum(bytes) DESC LIMIT 1");
	$given{'flow-host ip'} = $busy // '10.0.0.1';
	for my $board (@boards)
	{
		my @bad = map { my $query = $_; map { "$query->{what}: $_" } try_ranges($board, $query, {}, '24 h', '30 days') }
			grep { $_->{sql} =~ /flow\.traffic/ } @{ $board->{queries} };
		complain("$board->{uid} without rollups", @bad);
	}
	$database->roll_up();
	%asked = ();
	for my $board (@boards)
	{
		for my $query (@{ $board->{queries} })
		{
			my @bad = try_ranges($board, $query, {}, '5 min', '6 h', '24 h', 'empty', '30 days');
			push @bad, not_empty($query) unless @bad;
			push @bad, whole_table($query) unless @bad;
			complain($query->{what}, @bad);
		}
		graphs($board);
		variants($board, ip => [ '', $given{'flow-host ip'}, '10.0.0.0/8' ], filter => [ '', 'any', 'dst port 443 and not src net 10.0.0.0/8' ]);
	}
	complain($_->{what}, try_ranges(undef, $_, {}, 'now'), Rules::labels($_->{rule}, $_->{result})) for @alerts;
	my @slow = sort { $slowest{$b}[0] <=> $slowest{$a}[0] } keys %slowest;
	splice @slow, 10 if @slow > 10 && !$option{verbose};
	note("$count queries; the slowest:");
	note(sprintf '%6.0f ms %7d rows  %s, %s', $slowest{$_}[0] * 1000, $slowest{$_}[2], $_, $slowest{$_}[1]) for @slow;
	return;
}

# What asks flow.traffic for 30 days without a filter reads a rollup, and of the table the ends.
sub whole_table
{
	my ($query) = @_;
	return () unless $query->{sql} =~ /flow\.traffic\(/ && $query->{sql} !~ /filter|\$dimension/;
	my $share = $database->share_read($query->{sent});
	return $share > 0.5 ? sprintf('30 days: %.0f %% of the table is read', 100 * $share) : ();
}
