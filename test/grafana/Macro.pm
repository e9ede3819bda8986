# What Grafana's PostgreSQL data source makes of a query before the database sees it: comments go, intervals are put in, then
# macros.  Written from the list of expansions in docs/grafana.md; expand_test.pl holds it to that list.
package Macro;
use strict;
use warnings;
use POSIX qw(floor strftime);
use Exporter 'import';

our @EXPORT_OK = qw(expand seconds_of interval_text round_interval time_text);

my %unit = (
	ns => 1e-9, us => 1e-6, "\x{b5}s" => 1e-6, ms => 1e-3, s => 1, m => 60, h => 3600, d => 86400, w => 7 * 86400, M => 30 * 86400,
	y => 365 * 86400
);

# '5m', '1h30m', '20ms', '12d' in seconds; undef if it is not understood.
sub seconds_of
{
	my ($text) = @_;
	my $total = 0;
	return undef unless $text =~ /^(?:\d+(?:\.\d+)?(?:ns|us|ms|[smhdwMy]))+$/;
	while ($text =~ /(\d+(?:\.\d+)?)(ns|us|ms|[smhdwMy])/g) { $total += $1 * $unit{$2}; }
	return $total;
}

# A time in seconds since 1970 (with milliseconds) as RFC 3339, in UTC; fractions without zeros at their end.
sub time_text
{
	my ($at) = @_;
	my $ms = floor($at * 1000 + 0.5);
	my $fraction = sprintf '%03d', $ms % 1000;
	$fraction =~ s/0+$//;
	return strftime('%Y-%m-%dT%H:%M:%S', gmtime(floor($ms / 1000))) . (length $fraction ? ".$fraction" : '') . 'Z';
}

# The interval that a panel asks for: range by points, rounded to what people say, at least $low; all in milliseconds.
my @steps = (
	[ 10, 1 ], [ 15, 10 ], [ 35, 20 ], [ 75, 50 ], [ 150, 100 ], [ 350, 200 ], [ 750, 500 ], [ 1500, 1000 ], [ 3500, 2000 ],
	[ 7500, 5000 ], [ 12500, 10000 ], [ 17500, 15000 ], [ 25000, 20000 ], [ 45000, 30000 ], [ 90000, 60000 ],
	[ 210000, 120000 ], [ 450000, 300000 ], [ 750000, 600000 ], [ 1050000, 900000 ], [ 1500000, 1200000 ], [ 2700000, 1800000 ],
	[ 5400000, 3600000 ], [ 9000000, 7200000 ], [ 16200000, 10800000 ], [ 32400000, 21600000 ], [ 86400000, 43200000 ],
	[ 604800000, 86400000 ], [ 1814400000, 604800000 ], [ 3628800000, 2592000000 ]
);

sub round_interval
{
	my ($range_ms, $points, $low_ms) = @_;
	my $exact = $range_ms / $points;
	my ($step) = grep { $exact < $_->[0] } @steps;
	my $rounded = $step ? $step->[1] : 31536000000;
	return $rounded < $low_ms ? $low_ms : $rounded;
}

sub interval_text
{
	my ($ms) = @_;
	for my $try ([ 86400000, 'd' ], [ 3600000, 'h' ], [ 60000, 'm' ], [ 1000, 's' ])
	{
		return $ms / $try->[0] . $try->[1] if $ms >= $try->[0] && $ms % $try->[0] == 0;
	}
	return "${ms}ms";
}

# Without comments; strings, quoted names and dollar-quoted strings stay, and comments of the form key='value'.
sub without_comments
{
	my ($sql) = @_;
	my $out = '';
	pos($sql) = 0;
	while (pos($sql) < length $sql)
	{
		if ($sql =~ /\G('(?:[^']|'')*'|"(?:[^"]|"")*")/gc) { $out .= $1; }
		elsif ($sql =~ /\G(\$([A-Za-z_]\w*)?\$.*?\$(??{ defined $2 ? quotemeta $2 : '' })\$)/gcs) { $out .= $1; }
		elsif ($sql =~ /\G--[^\n]*/gc) { }
		elsif ($sql =~ m{\G/\*(.*?)\*/}gcs)
		{
			my $comment = $1;
			$out .= "/*$comment*/" if $comment =~ /^\s*\w+='[^']*'(?:,\w+='[^']*')*\s*$/;
		}
		elsif ($sql =~ /\G(.)/gcs) { $out .= $1; }
	}
	return $out;
}

sub group_of
{
	my ($as, @args) = @_;
	die "macro timeGroup needs time column and interval\n" if @args < 2;
	(my $text = $args[1]) =~ s/^['"]+|['"]+$//g;
	my $secs = seconds_of($text);
	die "error parsing interval $args[1]\n" unless defined $secs && $secs > 0;
	my $sql = $as->{timescale}
		? sprintf("time_bucket('%.3fs',%s)", $secs, $args[0])
		: sprintf('floor(extract(epoch from %s)/%s)*%s', $args[0], $secs, $secs);
	return $sql;
}

sub epoch_group
{
	my (@args) = @_;
	die "macro unixEpochGroup needs time column and interval\n" if @args < 2;
	(my $text = $args[1]) =~ s/^['"]+|['"]+$//g;
	my $secs = seconds_of($text) || die "error parsing interval $args[1]\n";
	return "floor(($args[0])/$secs)*$secs";
}

my %macros = (
	__time => sub { "$_[1] AS \"time\"" },
	__timeEpoch => sub { "extract(epoch from $_[1]) as \"time\"" },
	__timeFilter => sub { "$_[1] BETWEEN '" . time_text($_[0]{from}) . "' AND '" . time_text($_[0]{to}) . "'" },
	__timeFrom => sub { "'" . time_text($_[0]{from}) . "'" },
	__timeTo => sub { "'" . time_text($_[0]{to}) . "'" },
	__timeGroup => \&group_of,
	__timeGroupAlias => sub { group_of(@_) . ' AS "time"' },
	__unixEpochFilter => sub { sprintf '%s >= %d AND %s <= %d', $_[1], floor($_[0]{from}), $_[1], floor($_[0]{to}) },
	__unixEpochNanoFilter => sub { sprintf '%s >= %d AND %s <= %d', $_[1], $_[0]{from} * 1e9, $_[1], $_[0]{to} * 1e9 },
	__unixEpochNanoFrom => sub { sprintf '%d', $_[0]{from} * 1e9 },
	__unixEpochNanoTo => sub { sprintf '%d', $_[0]{to} * 1e9 },
	__unixEpochGroup => sub { shift; epoch_group(@_) },
	__unixEpochGroupAlias => sub { shift; epoch_group(@_) . ' AS "time"' }
);

# expand(SQL, { from, to (seconds since 1970), interval_ms, timescale => 0 or 1 })
sub expand
{
	my ($sql, $as) = @_;
	my ($from, $to) = (floor($as->{from}), floor($as->{to}));
	my $interval = interval_text($as->{interval_ms});
	$sql = without_comments($sql);
	$sql =~ s/\$__interval_ms/$as->{interval_ms}/g;
	$sql =~ s/\$__interval/$interval/g;
	$sql =~ s/\$__unixEpochFrom\(\)/$from/g;
	$sql =~ s/\$__unixEpochTo\(\)/$to/g;
	$sql =~ s/\$([A-Za-z0-9_]+)\(([^)]*)\)(,?)/replaced($as, $1, $2, $3)/ge;
	return $sql;
}

sub replaced
{
	my ($as, $name, $text, $comma) = @_;
	my $macro = $macros{$name} // die "unknown macro \$$name\n";
	my @args = map { s/^\s+|\s+$//gr } split /,/, $text;
	my $sql = $macro->($as, @args);
	$sql .= ' AS "time"' if $comma && $name =~ /^__(?:time|unixEpoch)Group$/;
	return $sql . $comma;
}

1;
