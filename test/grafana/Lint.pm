# What can be said of a dashboard without a database.
package Lint;
use strict;
use warnings;
use Board;
use Template qw(names_in);

my %kinds = map { $_ => 1 }
	qw(timeseries stat gauge bargauge piechart barchart table heatmap histogram nodeGraph state-timeline text row geomap xychart);
my %built_in = map { $_ => 1 } qw(__from __to __url_time_range __value __field __data __interval __interval_ms __timeFilter __timeFrom
	__timeTo __timeGroup __timeGroupAlias __time __timeEpoch __unixEpochFilter __unixEpochFrom __unixEpochTo __unixEpochGroup
	__unixEpochGroupAlias __searchFilter __dashboard);

sub source_is_variable { return ($_[0]{datasource}{uid} // '') eq '${datasource}'; }

# Complaints about one panel.
sub panel
{
	my ($board, $panel, $names) = @_;
	my @bad;
	push @bad, "type $panel->{type} is not one that Grafana comes with" unless $kinds{ $panel->{type} };
	push @bad, 'no title' unless length($panel->{title} // '');
	my $at = $panel->{gridPos};
	push @bad, 'lies beyond the 24 columns' unless $at && $at->{w} > 0 && $at->{h} > 0 && $at->{x} >= 0 && $at->{x} + $at->{w} <= 24;
	return @bad if $panel->{type} eq 'row';
	push @bad, 'no description' unless length($panel->{description} // '') > 15;
	return @bad if $panel->{type} eq 'text';
	push @bad, 'data source is not the variable' unless source_is_variable($panel);
	push @bad, 'no unit' unless length($panel->{fieldConfig}{defaults}{unit} // '');
	push @bad, 'no target' unless @{ $panel->{targets} // [] };
	for my $target (@{ $panel->{targets} // [] })
	{
		push @bad, 'the data source of a target is not the variable' unless source_is_variable($target);
		push @bad, "target $target->{refId} has format $target->{format}" unless $target->{format} =~ /^(?:table|time_series)$/;
		push @bad, statement($target->{rawSql});
		push @bad, "there is no variable \$$_" for grep { !$names->{$_} && !$built_in{$_} && !/^\d+$/ } names_in($target->{rawSql});
	}
	return @bad;
}

# Complaints about a query.
sub statement
{
	my ($sql) = @_;
	my @bad;
	push @bad, 'a fixed interval in $__timeGroup' if $sql =~ /\$__timeGroup(?:Alias)?\([^,]*,\s*'?\d/;
	push @bad, 'ends with a semicolon' if $sql =~ /;\s*$/;
	push @bad, 'neither a LIMIT nor one row or a time' unless $sql =~ /\bLIMIT\b|\$__timeGroup|"time"|\btime\b/i || $sql !~ /GROUP BY|FROM/i || one_row($sql);
	return @bad;
}

# An aggregate without groups.
sub one_row
{
	my ($sql) = @_;
	return $sql !~ /GROUP BY/i && $sql =~ /\b(?:count|sum|max|min|avg|percentile_\w+|extract|EXISTS)\s*\(/i;
}

# Complaints about the whole: all links, all variables, no panel over another.
sub board
{
	my ($board, $uids) = @_;
	my @bad;
	push @bad, "uid $board->{uid} is not flow-$board->{file}" unless $board->{uid} eq "flow-$board->{file}";
	push @bad, 'it is editable' if !exists $board->{editable} || $board->{editable};
	push @bad, 'tag flowstore is missing' unless grep { $_ eq 'flowstore' } @{ $board->{tags} };
	push @bad, 'no shared crosshair' unless $board->{graphTooltip} == 1;
	push @bad, "schemaVersion $board->{schemaVersion}" unless $board->{schemaVersion} == 39;
	push @bad, 'no description' unless length($board->{description} // '') > 15;
	push @bad, 'a title with a blank at an end' if $board->{title} =~ /^\s|\s$/;
	my %names;
	for my $variable (@{ $board->{templating}{list} })
	{
		push @bad, "variable $variable->{name} comes twice" if $names{ $variable->{name} }++;
		next unless $variable->{type} eq 'query';
		push @bad, "variable $variable->{name}: data source is not the variable" unless source_is_variable($variable);
		push @bad, "variable $variable->{name}: no LIMIT" unless $variable->{query} =~ /\bLIMIT\b/ || one_row($variable->{query});
		push @bad, "variable $variable->{name} asks by time and is not asked again"
			if $variable->{query} =~ /\$__time(?:Filter|From|To)/ && $variable->{refresh} != 2;
		push @bad, "variable $variable->{name}: there is no variable \$$_ before it"
			for grep { !$names{$_} && !$built_in{$_} && !/^\d+$/ } names_in($variable->{query});
	}
	push @bad, 'there is no variable datasource' unless $names{datasource};
	my (%ids, %taken);
	for my $panel (Board::panels($board))
	{
		push @bad, map { "panel \"$panel->{title}\": $_" } panel($board, $panel, \%names);
		push @bad, "panel id $panel->{id} comes twice" if $ids{ $panel->{id} }++;
		push @bad, "panel \"$panel->{title}\" lies over another" if overlaps($panel->{gridPos}, \%taken);
	}
	push @bad, links($board, $uids);
	return @bad;
}

sub overlaps
{
	my ($at, $taken) = @_;
	my $is_over = 0;
	for my $y ($at->{y} .. $at->{y} + $at->{h} - 1)
	{
		for my $x ($at->{x} .. $at->{x} + $at->{w} - 1) { $is_over = 1 if $taken->{"$x,$y"}++; }
	}
	return $is_over;
}

# Each /d/UID in the dashboard is one of ours, and links to the dashboard of hosts name the address.
sub links
{
	my ($board, $uids) = @_;
	my @bad;
	my $text = JSON::PP->new->canonical->encode($board);
	while ($text =~ m{/d/([A-Za-z0-9_-]+)}g) { push @bad, "a link to dashboard $1, which is not there" unless $uids->{$1}; }
	while ($text =~ m{"(/d/flow-host[^"]*)"}g)
	{
		my $link = $1;
		push @bad, "the link $link names no address" if $link =~ /\?/ && $link !~ /var-ip=/;
	}
	my %seen;
	return grep { !$seen{$_}++ } @bad;
}

# Files for Grafana: they name what there is, and compose.yaml gives the variables that they need.
sub provisioning
{
	my ($dir) = @_;
	require YAML::XS;
	my @bad;
	my %files = map { ($_ =~ m{([^/]+/[^/]+)$})[0] => YAML::XS::Load(Board::content($_)) } glob "$dir/provisioning/*/*.yaml";
	my $compose = YAML::XS::Load(Board::content("$dir/compose.yaml"))->{services}{grafana};
	push @bad, map { "$_ is not of apiVersion 1" } grep { ($files{$_}{apiVersion} // 0) != 1 } sort keys %files;
	my ($source) = @{ $files{'datasources/flowstore.yaml'}{datasources} };
	push @bad, "the data source is $source->{type} with uid $source->{uid}"
		if $source->{type} ne 'grafana-postgresql-datasource' || $source->{uid} ne 'flowstore';
	my $path = $files{'dashboards/flowstore.yaml'}{providers}[0]{options}{path};
	my %mounts = map { (split /:/)[ 1, 0 ] } @{ $compose->{volumes} };
	push @bad, "compose.yaml does not mount ./dashboards at $path" if ($mounts{$path} // '') ne './dashboards';
	push @bad, 'compose.yaml does not mount ./provisioning' if ($mounts{'/etc/grafana/provisioning'} // '') ne './provisioning';
	for my $file (glob "$dir/provisioning/*/*.yaml")
	{
		my %used = map { $_ => 1 } Board::content($file) =~ /\$\{?(FLOWSTORE_\w+)/g;
		push @bad, map { "compose.yaml does not set $_" } grep { !exists $compose->{environment}{$_} } sort keys %used;
	}
	return @bad;
}

1;
