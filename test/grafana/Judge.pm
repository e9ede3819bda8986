# Whether what a query gives is what the format of its panel needs.
package Judge;
use strict;
use warnings;

my %is_time = map { $_ => 1 } qw(timestamptz timestamp date);
my %is_number = map { $_ => 1 } qw(int2 int4 int8 float4 float8 numeric);
my %is_text = map { $_ => 1 } qw(text varchar bpchar char name unknown);
my $max_series_rows = 200_000;
my $max_table_rows = 20_000;

# result: { names => [...], types => [...], rows => [[...]] }
sub columns_of
{
	my ($result, $kind) = @_;
	return grep { $kind->{ $result->{types}[$_] } } 0 .. $#{ $result->{types} };
}

sub index_of
{
	my ($result, $name) = @_;
	my ($i) = grep { lc $result->{names}[$_] eq $name } 0 .. $#{ $result->{names} };
	return $i;
}

# Complaints about a result of format time_series.
sub time_series
{
	my ($result, $is_alert) = @_;
	my $time = index_of($result, 'time');
	return 'there is no column time' unless defined $time;
	my @bad;
	my $type = $result->{types}[$time];
	push @bad, "column time has type $type" unless $is_time{$type} || $is_number{$type};
	my @others = grep { $_ != $time } 0 .. $#{ $result->{types} };
	my @numbers = grep { $is_number{ $result->{types}[$_] } } @others;
	my @texts = grep { $is_text{ $result->{types}[$_] } } @others;
	push @bad, 'there is no column of numbers' unless @numbers;
	push @bad, map { "column $result->{names}[$_] has type $result->{types}[$_], which is neither number nor text" }
		grep { !$is_number{ $result->{types}[$_] } && !$is_text{ $result->{types}[$_] } } @others;
	push @bad, 'more than one column of text' if @texts > 1 && !$is_alert;
	push @bad, "column $result->{names}[$texts[0]] names the series, and is not called metric"
		if @texts == 1 && $result->{names}[ $texts[0] ] ne 'metric' && !$is_alert;
	my ($last, %seen) = ('');
	for my $row (@{ $result->{rows} })
	{
		my $at = $row->[$time] // return (@bad, 'a time is NULL');
		my $key = join "\0", $at, map { $row->[$_] // '' } @texts;
		push @bad, "times are not in order: $at after $last" if length $last && ($is_number{$type} ? $at < $last : $at lt $last);
		push @bad, "two rows for $at " . join(' ', map { $row->[$_] // 'NULL' } @texts) if $seen{$key}++;
		$last = $at;
		last if @bad;
	}
	push @bad, scalar(@{ $result->{rows} }) . ' rows' if @{ $result->{rows} } > $max_series_rows;
	return @bad;
}

# Complaints about a result of format table, by type of panel.
sub table
{
	my ($result, $panel) = @_;
	my @bad;
	my %seen;
	push @bad, map { "two columns are called $_" } grep { $seen{$_}++ } @{ $result->{names} };
	push @bad, scalar(@{ $result->{rows} }) . ' rows' if @{ $result->{rows} } > $max_table_rows;
	my @numbers = columns_of($result, \%is_number);
	my @texts = columns_of($result, { %is_text, inet => 1, cidr => 1 });
	my $kind = $panel->{type};
	push @bad, 'there is no column of numbers' if $kind =~ /^(?:gauge|bargauge|piechart|barchart|histogram)$/ && !@numbers;
	push @bad, 'there is no column of numbers' if $kind eq 'stat' && !@numbers && ($panel->{options}{reduceOptions}{fields} // '') eq '' && !columns_of($result, \%is_time);
	push @bad, 'there is no column of names' if $kind =~ /^(?:piechart|barchart)$/ && !@texts && !columns_of($result, \%is_time);
	push @bad, 'its first column is no time' if $kind eq 'state-timeline' && !defined index_of($result, 'time');
	push @bad, unlinked($result, $panel) if $kind eq 'table' && !matrix($panel);
	push @bad, matrix_columns($result, matrix($panel)) if matrix($panel);
	return @bad;
}

sub matrix
{
	my ($panel) = @_;
	my ($is) = grep { $_->{id} eq 'groupingToMatrix' } @{ $panel->{transformations} // [] };
	return $is ? $is->{options} : undef;
}

sub matrix_columns
{
	my ($result, $options) = @_;
	my @bad = map { "there is no column $options->{$_}" }
		grep { !defined index_of($result, lc $options->{$_}) } qw(rowField columnField valueField);
	return @bad if @bad;
	my ($row, $column) = map { index_of($result, lc $options->{$_}) } qw(rowField columnField);
	my (%cells, %columns);
	for my $one (@{ $result->{rows} })
	{
		push @bad, 'a cell comes twice' if $cells{"$one->[$row]\0$one->[$column]"}++;
		$columns{ $one->[$column] } = 1;
	}
	push @bad, keys(%columns) . ' columns' if keys %columns > 60;
	return @bad;
}

# Columns of addresses without a link to the dashboard of hosts.
sub unlinked
{
	my ($result, $panel) = @_;
	my %linked;
	for my $override (@{ $panel->{fieldConfig}{overrides} })
	{
		next unless grep { $_->{id} eq 'links' } @{ $override->{properties} };
		$linked{ $override->{matcher}{options} } = 1;
	}
	return map { "column $result->{names}[$_] is an address without a link" }
		grep { $result->{types}[$_] eq 'inet' && !$linked{ $result->{names}[$_] } } 0 .. $#{ $result->{types} };
}

# The frames of a node graph: columns of each, and edges between nodes that are there.
sub graph
{
	my ($nodes, $edges) = @_;
	my @bad;
	for my $need ([ $nodes, qw(id title mainstat) ], [ $edges, qw(id source target mainstat) ])
	{
		my ($frame, @names) = @$need;
		push @bad, map { "there is no column $_" } grep { !defined index_of($frame, $_) } @names;
	}
	return @bad if @bad;
	my $id = index_of($nodes, 'id');
	my %is_node;
	push @bad, map { "node $_->[$id] comes twice" } grep { $is_node{ $_->[$id] }++ } @{ $nodes->{rows} };
	for my $end (qw(source target))
	{
		my $i = index_of($edges, $end);
		push @bad, map { "an edge leads to $_->[$i], which is no node" } grep { !$is_node{ $_->[$i] } } @{ $edges->{rows} };
	}
	return @bad > 3 ? @bad[ 0 .. 2 ] : @bad;
}

sub annotation
{
	my ($result) = @_;
	my @bad = map { "there is no column $_" } grep { !defined index_of($result, $_) } qw(time text tags);
	return @bad if @bad;
	my $type = $result->{types}[ index_of($result, 'time') ];
	push @bad, "column time has type $type" unless $is_time{$type} || $is_number{$type};
	push @bad, scalar(@{ $result->{rows} }) . ' rows' if @{ $result->{rows} } > 1000;
	return @bad;
}

sub variable
{
	my ($result) = @_;
	my @bad;
	my $named = grep { /^__(?:text|value)$/ } @{ $result->{names} };
	push @bad, 'more than one column' if @{ $result->{names} } > 1 && $named != 2;
	push @bad, scalar(@{ $result->{rows} }) . ' rows' if @{ $result->{rows} } > 1000;
	return @bad;
}

1;
