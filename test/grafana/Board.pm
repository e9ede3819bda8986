# The dashboards and alert rules in grafana/, and all that asks the database in them.
package Board;
use strict;
use warnings;
use JSON::PP ();

sub content
{
	my ($file) = @_;
	open my $in, '<', $file or die "could not read $file: $!\n";
	local $/;
	return <$in>;
}

# All dashboards in folder $dir, by name of file.
sub load
{
	my ($dir) = @_;
	my @boards;
	for my $file (sort glob "$dir/*.json")
	{
		my ($name) = $file =~ m{([^/]+)\.json$};
		push @boards, { %{ JSON::PP::decode_json(content($file)) }, file => $name };
	}
	return @boards;
}

sub panels
{
	my ($board) = @_;
	return map { ($_, @{ $_->{panels} // [] }) } @{ $board->{panels} };
}

# What a dashboard asks: { what, kind => panel|variable|annotation, sql, format, panel, ref, variable }.
sub queries
{
	my ($board) = @_;
	my @all;
	for my $variable (grep { $_->{type} eq 'query' } @{ $board->{templating}{list} })
	{
		push @all, {
			what => "$board->{uid}, variable $variable->{name}", kind => 'variable', sql => $variable->{query}, variable => $variable,
			format => 'table', ref => ''
		};
	}
	for my $panel (panels($board))
	{
		push @all, map {
			{
				what => "$board->{uid}, panel \"$panel->{title}\"" . (@{ $panel->{targets} } > 1 ? " $_->{refId}" : ''), kind => 'panel',
				sql => $_->{rawSql}, format => $_->{format}, panel => $panel, ref => $_->{refId}
			}
		} @{ $panel->{targets} // [] };
	}
	for my $annotation (@{ $board->{annotations}{list} })
	{
		next unless $annotation->{target} && $annotation->{target}{rawSql};
		push @all, {
			what => "$board->{uid}, annotation $annotation->{name}", kind => 'annotation', sql => $annotation->{target}{rawSql},
			format => 'table', ref => 'A'
		};
	}
	return @all;
}

# The queries of alert rules in provisioning/alerting/*.yaml: { what, kind => alert, sql, format, range in seconds }.
sub alert_queries
{
	my ($dir) = @_;
	my @files = glob "$dir/*.yaml";
	return () unless @files;
	require YAML::XS;
	my @all;
	for my $rule (map { @{ $_->{rules} // [] } } map { @{ YAML::XS::Load(content($_))->{groups} // [] } } @files)
	{
		push @all, map {
			{
				what => "alert rule $rule->{uid} $_->{refId}", kind => 'alert', sql => $_->{model}{rawSql},
				format => $_->{model}{format} // 'table', ref => $_->{refId}, rule => $rule,
				range => $_->{relativeTimeRange}{from} - ($_->{relativeTimeRange}{to} // 0)
			}
		} grep { defined $_->{model}{rawSql} } @{ $rule->{data} };
	}
	return @all;
}

1;
