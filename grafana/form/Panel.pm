# A panel: what a source says of it, and the JSON of Grafana's types of panels.
package Panel;
use strict;
use warnings;
use JSON::PP ();

my ($true, $false) = (JSON::PP::true, JSON::PP::false);

# Words of every panel; those of one type stand in %types.
#	about		description, needed
#	sql			one query, or a list of them (A, B, ...); or [ [REFID => SQL], ... ]
#	unit		of all columns of numbers, needed where there are some: Grafana's identifier
#	decimals	digits behind the point
#	min, max	of axes, gauges and bars
#	thresholds	[ [undef, 'green'], [0.8, 'red'] ]
#	columns		{ NAME => { unit, title, width, link, hide, bar, colour, decimals, map, negative, axis, dashed, max } }
#	address		columns, or with [] none, whose values are addresses, linked to the dashboard of hosts; names that always
#				are (see %addresses) need not be said
#	links		[ [TITLE, URL], ... ]: links of every value
#	min_interval	the smallest $__interval
#	shift		time range moved back by this: '1d'
#	nothing		text where the query gives no rows
#	map			{ VALUE => [TEXT, COLOUR] }: texts for values
my %base = map { $_ => 1 } qw(about sql unit decimals min max thresholds columns address links min_interval shift nothing map);

# The columns that are addresses by their names.
my %addresses = map { $_ => 1 } qw(src_addr dst_addr address peer neighbour client server host member);

# format: of the queries.  words: further words.  options: sub that gives panel options.  custom: the same of
# fieldConfig.defaults.custom.
my %types = (
	timeseries => {
		format => 'time_series', words => [qw(stack points legend line fill calcs)], options => \&timeseries_options,
		custom => \&timeseries_custom
	},
	stat => { format => 'table', words => [qw(calc graph text field size)], options => \&stat_options },
	gauge => { format => 'table', words => [qw(calc field)], options => \&reduced_options },
	bargauge => { format => 'table', words => [qw(calc field all)], options => \&bargauge_options },
	piechart => { format => 'table', words => [qw(calc field)], options => \&piechart_options },
	barchart => { format => 'table', words => [qw(x stack turned)], options => \&barchart_options, custom => \&bar_custom },
	table => { format => 'table', words => [qw(sort matrix)], options => \&table_options, custom => \&table_custom },
	heatmap => { format => 'time_series', words => [qw(scheme)], options => \&heatmap_options },
	histogram => { format => 'table', words => [qw(buckets)], options => \&histogram_options },
	nodeGraph => { format => 'table', words => [qw(edge_unit)], options => \&nodegraph_options },
	'state-timeline' => { format => 'time_series', words => [], options => \&state_options, custom => \&state_custom },
	text => { format => undef, words => [qw(markdown)], options => \&text_options }
);

sub only
{
	my ($what, $say, @known) = @_;
	for my $word (sort keys %$say)
	{
		die "$what: there is no word \"$word\"\n" unless grep { $_->{$word} } @known;
	}
	return;
}

# Lines of a text in the source, as one line.
sub prose
{
	my ($text) = @_;
	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}

# SQL without blank lines at its ends and without common indent.
sub statement
{
	my ($sql) = @_;
	$sql =~ s/\s+\z//;
	$sql =~ s/\A(?:[ \t]*\n)+//;
	$sql =~ s/[ \t]+$//mg;
	my ($indent) = sort { length $a <=> length $b } $sql =~ /^([ \t]*)(?=\S)/mg;
	$sql =~ s/^\Q$indent\E//mg if length $indent;
	return $sql;
}

sub datasource
{
	return { type => 'grafana-postgresql-datasource', uid => '${datasource}' };
}

sub target
{
	my ($id, $format, $sql) = @_;
	return {
		refId => $id, datasource => datasource(), format => $format, rawQuery => $true, editorMode => 'code',
		rawSql => statement($sql)
	};
}

sub targets
{
	my ($type, $sql) = @_;
	my @queries = ref $sql ? @$sql : ($sql);
	my $letter = 'A';
	return [ map { ref $_ ? target($_->[0], $type->{format}, $_->[1]) : target($letter++, $type->{format}, $_) } @queries ];
}

sub number { return defined $_[0] ? $_[0] + 0 : undef; }

sub thresholds
{
	my ($steps) = @_;
	return {
		mode => 'absolute',
		steps => [ map { { value => number($_->[0]), color => $_->[1] } } @{ $steps // [ [ undef, 'green' ] ] } ]
	};
}

sub mappings
{
	my ($map) = @_;
	my $index = 0;
	return [] unless $map;
	return [
		{
			type => 'value',
			options => {
				map { $_ => { text => $map->{$_}[0], color => $map->{$_}[1], index => $index++ } } sort keys %$map
			}
		}
	];
}

# The link from an address to the dashboard of hosts, with the same source, table and times.
sub host_link
{
	return {
		title => 'Look at ${__value.raw}',
		url => '/d/flow-host?var-ip=${__value.raw}&var-datasource=${datasource}&var-table=${table:percentencode}&${__url_time_range}',
		targetBlank => $false
	};
}

sub property { return { id => $_[0], value => $_[1] }; }

# The properties of one column.
my %column_words = map { $_ => 1 } qw(unit title width link hide bar colour decimals map negative axis dashed max min thresholds);

sub column_properties
{
	my ($where, $say) = @_;
	only($where, $say, \%column_words);
	my @list;
	push @list, property('unit', $say->{unit}) if $say->{unit};
	push @list, property('decimals', number($say->{decimals})) if defined $say->{decimals};
	push @list, property('min', number($say->{min})) if defined $say->{min};
	push @list, property('max', number($say->{max})) if defined $say->{max};
	push @list, property('displayName', $say->{title}) if $say->{title};
	push @list, property('custom.width', number($say->{width})) if $say->{width};
	push @list, property('custom.hidden', $true) if $say->{hide};
	push @list, property('custom.cellOptions', { type => 'gauge', mode => 'gradient', valueDisplayMode => 'text' }) if $say->{bar};
	push @list, property('color', { mode => 'fixed', fixedColor => $say->{colour} }) if $say->{colour};
	push @list, property('thresholds', thresholds($say->{thresholds})),
		property('custom.cellOptions', { type => 'color-text' }) if $say->{thresholds};
	push @list, property('mappings', mappings($say->{map})), property('custom.cellOptions', { type => 'color-text' }) if $say->{map};
	push @list, property('custom.transform', 'negative-Y') if $say->{negative};
	push @list, property('custom.axisPlacement', $say->{axis}) if $say->{axis};
	push @list, property('custom.lineStyle', { fill => 'dash', dash => [ 8, 8 ] }), property('custom.fillOpacity', 0),
		property('custom.stacking', { mode => 'none', group => 'A' }) if $say->{dashed};
	push @list, property('links', [ ($say->{link} // '') eq 'host' ? host_link() : link_of(@{ $say->{link} }) ]) if $say->{link};
	return \@list;
}

sub link_of { return { title => $_[0], url => $_[1], targetBlank => $false }; }

# A name is a column, /.../ all columns or series that match.
sub overrides
{
	my ($where, $say) = @_;
	my %columns = map { $_ => { %{ $say->{columns}{$_} } } } keys %{ $say->{columns} // {} };
	my @linked = $say->{address} ? @{ $say->{address} } : sort keys %addresses;
	$columns{$_}{link} //= 'host' for @linked;
	return [
		map {
			{
				matcher => m{^/} ? { id => 'byRegexp', options => $_ } : { id => 'byName', options => $_ },
				properties => column_properties("$where, column $_", $columns{$_})
			}
		} sort keys %columns
	];
}

sub make
{
	my ($kind, $title, $uid, $say) = @_;
	my $where = "$uid, panel \"$title\"";
	my $type = $types{$kind} // die "$where: there is no type $kind\n";
	only($where, $say, \%base, { map { $_ => 1 } @{ $type->{words} } });
	die "$where: about is missing\n" unless $say->{about};
	my %panel = (
		type => $kind, title => $title, description => prose($say->{about}), options => $type->{options}->($say)
	);
	return \%panel unless $type->{format};
	die "$where: sql or unit is missing\n" unless $say->{sql} && $say->{unit};
	my %defaults = (
		unit => $say->{unit}, thresholds => thresholds($say->{thresholds}), mappings => mappings($say->{map}),
		color => { mode => $say->{matrix} ? 'continuous-BlPu' : $say->{thresholds} ? 'thresholds' : 'palette-classic' },
		custom => $type->{custom} ? $type->{custom}->($say) : {}
	);
	for my $word (qw(decimals min max)) { $defaults{$word} = number($say->{$word}) if defined $say->{$word}; }
	$defaults{noValue} = $say->{nothing} if defined $say->{nothing};
	$defaults{links} = [ map { link_of(@$_) } @{ $say->{links} } ] if $say->{links};
	$panel{datasource} = datasource();
	$panel{targets} = targets($type, $say->{sql});
	$panel{fieldConfig} = { defaults => \%defaults, overrides => $kind eq 'table' || $say->{columns} ? overrides($where, $say) : [] };
	$panel{interval} = $say->{min_interval} if $say->{min_interval};
	$panel{timeShift} = $say->{shift} if $say->{shift};
	$panel{transformations} = matrix(@{ $say->{matrix} }) if $say->{matrix};
	return \%panel;
}

# --- the types

# legend => 'table', 'list' (default) or 'hidden'; calcs => [qw(mean max)]
sub timeseries_options
{
	my ($say) = @_;
	my $legend = $say->{legend} // 'list';
	return {
		legend => {
			showLegend => $legend eq 'hidden' ? $false : $true, displayMode => $legend eq 'table' ? 'table' : 'list',
			placement => $legend eq 'table' ? 'right' : 'bottom',
			calcs => $legend eq 'table' ? $say->{calcs} // [qw(mean max)] : []
		},
		tooltip => { mode => 'multi', sort => 'desc' }
	};
}

# line => 'bars' or 'line' (default); stack, points => 1; fill => 0 to 100
sub timeseries_custom
{
	my ($say) = @_;
	my $bars = ($say->{line} // '') eq 'bars';
	return {
		drawStyle => $bars ? 'bars' : 'line', lineInterpolation => 'linear', lineWidth => 1,
		fillOpacity => $say->{fill} // ($say->{stack} || $bars ? 60 : 10), showPoints => $say->{points} ? 'always' : 'never',
		spanNulls => $false, stacking => { mode => $say->{stack} ? 'normal' : 'none', group => 'A' },
		axisPlacement => 'auto', thresholdsStyle => { mode => $say->{thresholds} ? 'line' : 'off' }
	};
}

# calc => how many values become one (lastNotNull); field => which column (a pattern; all numbers by default); text => 1
# if a column of text is shown
sub reduce
{
	my ($say) = @_;
	return { calcs => [ $say->{calc} // 'lastNotNull' ], fields => $say->{field} // ($say->{text} ? '/.*/' : ''), values => $false };
}

sub stat_options
{
	my ($say) = @_;
	return {
		reduceOptions => reduce($say), orientation => 'auto', textMode => 'auto', colorMode => $say->{thresholds} ? 'background' : 'value',
		graphMode => $say->{graph} ? 'area' : 'none', justifyMode => 'auto'
	};
}

sub reduced_options
{
	my ($say) = @_;
	return { reduceOptions => reduce($say), orientation => 'auto', showThresholdLabels => $false, showThresholdMarkers => $true };
}

# all => 1: a bar for each row, named by its first column of text
sub bargauge_options
{
	my ($say) = @_;
	return {
		reduceOptions => { %{ reduce($say) }, values => $say->{all} ? $true : $false }, orientation => 'horizontal',
		displayMode => 'gradient', valueMode => 'color', showUnfilled => $true, minVizHeight => 16, minVizWidth => 8
	};
}

sub piechart_options
{
	my ($say) = @_;
	return {
		reduceOptions => { %{ reduce($say) }, values => $true }, pieType => 'donut', displayLabels => ['percent'],
		legend => { showLegend => $true, displayMode => 'table', placement => 'right', values => [qw(value percent)], calcs => [] },
		tooltip => { mode => 'single', sort => 'none' }
	};
}

# x => column of names; stack => 1; turned => 1: bars lie
sub barchart_options
{
	my ($say) = @_;
	return {
		orientation => $say->{turned} ? 'horizontal' : 'auto', stacking => $say->{stack} ? 'normal' : 'none', showValue => 'auto',
		barWidth => 0.9, groupWidth => 0.7, barRadius => 0, fullHighlight => $false, xTickLabelRotation => 0, xTickLabelSpacing => 0,
		legend => { showLegend => $say->{stack} ? $true : $false, displayMode => 'list', placement => 'bottom', calcs => [] },
		tooltip => { mode => 'multi', sort => 'desc' }, $say->{x} ? (xField => $say->{x}) : ()
	};
}

sub bar_custom { return { fillOpacity => 80, lineWidth => 1, axisPlacement => 'auto' }; }

# sort => [COLUMN, 'desc' or 'asc']; rows come as the query orders them if it is not said.  matrix => [ROW, COLUMN, VALUE]:
# of rows with these three columns one table, cells coloured by value
sub table_options
{
	my ($say) = @_;
	my $sort = $say->{sort};
	return {
		showHeader => $true, cellHeight => 'sm', footer => { show => $false, reducer => ['sum'], countRows => $false },
		sortBy => $sort ? [ { displayName => $sort->[0], desc => ($sort->[1] // '') eq 'desc' ? $true : $false } ] : []
	};
}

sub table_custom
{
	my ($say) = @_;
	my $cell = $say->{matrix} ? { type => 'color-background', mode => 'basic' } : { type => 'auto' };
	return { align => 'auto', cellOptions => $cell, filterable => $say->{matrix} ? $false : $true, inspect => $false };
}

sub matrix
{
	my ($row, $column, $value) = @_;
	return [
		{
			id => 'groupingToMatrix',
			options => { rowField => $row, columnField => $column, valueField => $value, emptyValue => 'zero' }
		}
	];
}

# rows are series, buckets of time are columns; scheme => colours
sub heatmap_options
{
	my ($say) = @_;
	return {
		calculate => $false, cellGap => 1, showValue => 'never',
		color => {
			mode => 'scheme', scheme => $say->{scheme} // 'Spectral', steps => 64, scale => 'exponential', exponent => 0.5,
			fill => 'dark-orange', reverse => $false
		},
		rowsFrame => { layout => 'auto' }, yAxis => { axisPlacement => 'left', unit => 'short', reverse => $false },
		cellValues => { unit => $say->{unit} }, exemplars => { color => 'rgba(255,0,255,0.7)' }, filterValues => { le => 1e-9 },
		legend => { show => $true }, tooltip => { mode => 'single', yHistogram => $false, showColorScale => $false }
	};
}

sub histogram_options
{
	my ($say) = @_;
	return {
		$say->{buckets} ? (bucketCount => number($say->{buckets})) : (),
		combine => $false, legend => { showLegend => $true, displayMode => 'list', placement => 'bottom', calcs => [] },
		tooltip => { mode => 'multi', sort => 'none' }
	};
}

# its queries have the refIds nodes and edges: sql => [ [nodes => ...], [edges => ...] ]
sub nodegraph_options
{
	my ($say) = @_;
	return {
		nodes => { mainStatUnit => $say->{unit} }, edges => { mainStatUnit => $say->{edge_unit} // $say->{unit} }, zoomMode => 'cooperative'
	};
}

sub state_options
{
	return {
		showValue => 'auto', mergeValues => $true, rowHeight => 0.9, alignValue => 'left',
		legend => { showLegend => $true, displayMode => 'list', placement => 'bottom', calcs => [] }, tooltip => { mode => 'single', sort => 'none' }
	};
}

sub state_custom { return { fillOpacity => 70, lineWidth => 0 }; }

sub text_options { return { mode => 'markdown', content => statement($_[0]{markdown} // die "a text has no markdown\n") }; }

1;
