# A dashboard from its source: the words that a source is written in, and the JSON that becomes of it.
package Dashboard;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP ();
use Panel;
use Variable;

our @EXPORT = qw(dashboard variables row panel annotation link_to);

my $schema_version = 39;
my $current;

my %dashboard_words = map { $_ => 1 } qw(about from to refresh tags);

# dashboard UID, TITLE, about => TEXT, from => 'now-6h', refresh => '1m', tags => [...]
sub dashboard
{
	my ($uid, $title, %say) = @_;
	Panel::only("dashboard $uid", \%say, \%dashboard_words);
	die "dashboard $uid: about is missing\n" unless $say{about};
	$current = {
		say => \%say, uid => $uid, title => $title,
		panels => [], variables => [], annotations => [], links => [],
		x => 0, y => 0, height => 0, id => 0
	};
	return;
}

# variables NAME, { name => ..., ... }, ...: shared ones by name, own ones as Variable::own() takes them
sub variables
{
	push @{ $current->{variables} }, map { ref $_ ? Variable::own($_) : Variable::shared($_) } @_;
	return;
}

sub end_line
{
	$current->{y} += $current->{height};
	$current->{x} = $current->{height} = 0;
	return;
}

# row TITLE: a heading above the panels that follow
sub row
{
	my ($title) = @_;
	end_line();
	push @{ $current->{panels} },
		{
		id => ++$current->{id}, type => 'row', title => $title, collapsed => JSON::PP::false, panels => [],
		gridPos => { h => 1, w => 24, x => 0, y => $current->{y} }
		};
	$current->{y}++;
	return;
}

# panel TYPE, TITLE, WIDTH, HEIGHT, ...: from left to right, of 24 columns; see Panel.pm
sub panel
{
	my ($type, $title, $w, $h, %say) = @_;
	end_line() if $current->{x} + $w > 24;
	my $panel = Panel::make($type, $title, $current->{uid}, \%say);
	$panel->{id} = ++$current->{id};
	$panel->{gridPos} = { h => $h, w => $w, x => $current->{x}, y => $current->{y} };
	push @{ $current->{panels} }, $panel;
	$current->{x} += $w;
	$current->{height} = $h if $h > $current->{height};
	return;
}

# annotation NAME, SQL, colour: marks in time on all panels; columns time, text, tags, perhaps timeend
sub annotation
{
	my ($name, $sql, $colour) = @_;
	push @{ $current->{annotations} },
		{
		name => $name, enable => JSON::PP::true, iconColor => $colour,
		datasource => Panel::datasource(),
		target => Panel::target('A', 'table', $sql),
		mappings => {
			time => { source => 'field', value => 'time' }, text => { source => 'field', value => 'text' },
			tags => { source => 'field', value => 'tags' }
		}
		};
	return;
}

# link_to TITLE, UID: a link at the top to one other dashboard, with time range and variables kept
sub link_to
{
	my ($title, $uid) = @_;
	push @{ $current->{links} },
		{
		type => 'link', title => $title, url => "/d/$uid", icon => 'dashboard', tooltip => '', tags => [],
		asDropdown => JSON::PP::false, includeVars => JSON::PP::true, keepTime => JSON::PP::true,
		targetBlank => JSON::PP::false
		};
	return;
}

sub all_dashboards
{
	return {
		type => 'dashboards', title => 'Flow dashboards', tags => ['flowstore'], icon => 'external link', tooltip => '',
		url => '', asDropdown => JSON::PP::true, includeVars => JSON::PP::true, keepTime => JSON::PP::true,
		targetBlank => JSON::PP::false
	};
}

sub finished
{
	my $say = $current->{say};
	return {
		uid => $current->{uid},
		title => $current->{title},
		description => Panel::prose($say->{about}),
		tags => [ 'flowstore', @{ $say->{tags} // [] } ],
		schemaVersion => $schema_version,
		version => 1,
		editable => JSON::PP::false,
		fiscalYearStartMonth => 0,
		graphTooltip => 1,
		refresh => $say->{refresh} // '1m',
		time => { from => $say->{from} // 'now-6h', to => $say->{to} // 'now' },
		timepicker => { refresh_intervals => [qw(30s 1m 5m 15m 1h)] },
		timezone => 'browser',
		weekStart => '',
		links => [ all_dashboards(), @{ $current->{links} } ],
		annotations => { list => $current->{annotations} },
		templating => { list => $current->{variables} },
		panels => $current->{panels}
	};
}

# The JSON of the dashboard that file $source describes.
sub from_source
{
	my ($source) = @_;
	undef $current;
	local ($@, $!);
	my $done = do $source;
	die $@ if $@;
	die "could not read $source: $!\n" if !defined $done && $!;
	die "$source describes no dashboard\n" unless $current && @{ $current->{panels} };
	return JSON::PP->new->utf8->canonical->indent->indent_length(2)->space_after->encode(finished());
}

1;
