# Variables of dashboards: those that several share, and how one is described.
package Variable;
use strict;
use warnings;
use JSON::PP ();
use Panel;

# What the shared ones are; see own() for the words.
my %shared = (
	table => {
		label => 'Table', about => 'The table of flows',
		sql => <<'SQL'
SELECT c.oid::regclass::text
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')
  AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid
       AND a.attname IN ('ts', 'src_addr', 'dst_addr', 'dst_port', 'proto', 'bytes', 'packets')) = 7
ORDER BY c.oid::regclass::text <> current_setting('flowstore.default_table', true), 1
LIMIT 50
SQL
	},
	exporter => {
		label => 'Exporter', about => 'Devices that report flows', multi => 1, all => q('0.0.0.0/0'),
		sql => <<'SQL'
SELECT DISTINCT host(address) FROM flow.exporters ORDER BY 1 LIMIT 500
SQL
	},
	measure => { label => 'Measure', about => 'What is counted', values => [qw(bytes packets flows)] },
	n => { label => 'N', about => 'How many are shown; the others are summed up', values => [ 10, 5, 20, 50 ] },
	ip => { label => 'Address', about => 'An address or a network; empty for all', text => '' },
	filter => {
		label => 'Filter', about => 'As in flow.filter(): src net 10.0.0.0/8 and dst port 443; empty for all', text => ''
	},
	where => {
		label => 'Where', about => 'The filter as SQL, to be used as ${where:raw}', hide => 1,
		sql => q{SELECT '(' || flow.filter(coalesce(nullif(btrim('$filter'), ''), 'any')) || ')' LIMIT 1}
	}
);

my %words = map { $_ => 1 } qw(name label about sql values text multi all refresh hide);

sub shared
{
	my ($name) = @_;
	return source() if $name eq 'datasource';
	die "there is no shared variable $name\n" unless $shared{$name};
	return own({ name => $name, %{ $shared{$name} } });
}

sub source
{
	return {
		name => 'datasource', label => 'Data source', type => 'datasource', query => 'grafana-postgresql-datasource',
		description => 'A PostgreSQL database with the extension flowstore',
		current => { text => 'flowstore', value => 'flowstore', selected => JSON::PP::false },
		hide => 0, includeAll => JSON::PP::false, multi => JSON::PP::false, options => [], refresh => 1, regex => '',
		skipUrlSync => JSON::PP::false
	};
}

sub option
{
	my ($value, $is_chosen) = @_;
	return { text => "$value", value => "$value", selected => $is_chosen ? JSON::PP::true : JSON::PP::false };
}

# A variable: name, label, about, and one of
#	sql			a query; its first column, or those that are called __text and __value, are the choices.
#				refresh => 'range' if it depends on the time range; else it is asked when the dashboard is loaded
#	values		a list, the first one chosen
#	text		a text field with this in it
# and perhaps multi => 1 (several may be chosen), all => what stands for all of them, hide => 1 (not shown)
sub own
{
	my ($say) = @_;
	my $name = $say->{name} // die "a variable has no name\n";
	Panel::only("variable $name", $say, \%words);
	my %base = (
		name => $name, label => $say->{label} // $name, description => $say->{about} // die("variable $name: no about\n"),
		hide => $say->{hide} ? 2 : 0, skipUrlSync => $say->{hide} ? JSON::PP::true : JSON::PP::false
	);
	if (defined $say->{text})
	{
		my $choice = option($say->{text}, 1);
		return { %base, type => 'textbox', query => $say->{text}, current => $choice, options => [$choice] };
	}
	my $multi = $say->{multi} ? JSON::PP::true : JSON::PP::false;
	my %choice = (%base, multi => $multi, includeAll => defined $say->{all} ? JSON::PP::true : JSON::PP::false);
	$choice{allValue} = $say->{all} if defined $say->{all};
	if ($say->{values})
	{
		my @values = @{ $say->{values} };
		return {
			%choice, type => 'custom', query => join(',', @values), current => option($values[0], 1),
			options => [ map { option($values[$_], $_ == 0) } 0 .. $#values ]
		};
	}
	my $sql = Panel::statement($say->{sql} // die "variable $name: neither sql, values nor text\n");
	return {
		%choice, type => 'query', query => $sql, datasource => Panel::datasource(),
		refresh => ($say->{refresh} // '') eq 'range' ? 2 : 1, regex => '', sort => 0, options => [],
		current => defined $say->{all}
		? { text => ['All'], value => ['$__all'], selected => JSON::PP::true }
		: { text => '', value => '', selected => JSON::PP::false }
	};
}

1;
