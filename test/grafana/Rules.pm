# What can be said of alert rules, contact points and policies without Grafana.
package Rules;
use strict;
use warnings;
use Board;

my %no_data = map { $_ => 1 } qw(NoData Alerting OK);
my %failed = map { $_ => 1 } qw(Error Alerting OK);
my %reducers = map { $_ => 1 } qw(min max mean sum count last);

# The contents of provisioning/alerting/*.yaml.
sub load
{
	my ($dir) = @_;
	require YAML::XS;
	return map { YAML::XS::Load(Board::content($_)) } sort glob "$dir/*.yaml";
}

sub interval { return ($_[0] // '') =~ /^\d+[smh]$/; }

# The chain of a rule: a query, reduced, compared.
sub chain
{
	my ($rule) = @_;
	my %step = map { $_->{refId} => $_ } @{ $rule->{data} // [] };
	my @bad;
	push @bad, "data of $_->{refId} has no range" for grep { !($_->{relativeTimeRange}{from} // 0) } values %step;
	my $end = $step{ $rule->{condition} // '' } or return (@bad, 'its condition is none of its data');
	my $conditions = $end->{model}{conditions} // [];
	push @bad, 'its condition is no threshold' unless ($end->{model}{type} // '') eq 'threshold' && $end->{datasourceUid} eq '__expr__';
	push @bad, 'the threshold has no number' unless @$conditions == 1 && $conditions->[0]{evaluator}{type} =~ /^(?:gt|lt)$/
		&& $conditions->[0]{evaluator}{params}[0] =~ /^[\d.]+$/;
	my $reduced = $step{ $end->{model}{expression} // '' } or return (@bad, 'the threshold is of nothing');
	push @bad, 'what is compared is not reduced' unless ($reduced->{model}{type} // '') eq 'reduce' && $reducers{ $reduced->{model}{reducer} // '' };
	my $query = $step{ $reduced->{model}{expression} // '' } or return (@bad, 'nothing is reduced');
	push @bad, 'the query is no query of the data source' unless $query->{datasourceUid} eq 'flowstore' && defined $query->{model}{rawSql};
	push @bad, 'the query is no time series' unless ($query->{model}{format} // '') eq 'time_series' && $query->{model}{rawQuery};
	push @bad, 'a variable of dashboards is in the query' if ($query->{model}{rawSql} // '') =~ /\$(?!__)\{?\w/;
	return @bad;
}

# Complaints about a rule; panels: { uid => { id => 1 } } of all dashboards.
sub rule
{
	my ($rule, $panels) = @_;
	my @bad = map { "$_ is missing" } grep { !defined $rule->{$_} } qw(uid title condition data for noDataState execErrState labels annotations);
	return @bad if @bad;
	push @bad, 'its uid is too long or has other characters' unless $rule->{uid} =~ /^[A-Za-z0-9_-]{1,40}$/;
	push @bad, "for is $rule->{for}" unless interval($rule->{for});
	push @bad, "noDataState is $rule->{noDataState}" unless $no_data{ $rule->{noDataState} };
	push @bad, "execErrState is $rule->{execErrState}" unless $failed{ $rule->{execErrState} };
	push @bad, 'label severity or source is missing' unless $rule->{labels}{severity} && ($rule->{labels}{source} // '') eq 'flowstore';
	# Grafana replaces environment variables in titles and labels, and not in annotations and queries
	push @bad, 'a dollar sign in the title or a label' if grep { /\$/ } $rule->{title}, values %{ $rule->{labels} };
	my $note = $rule->{annotations};
	push @bad, map { "annotation $_ is missing" } grep { !length($note->{$_} // '') } qw(summary description __dashboardUid__ __panelId__);
	push @bad, 'it links to a panel that is not there' unless $panels->{ $note->{__dashboardUid__} // '' }{ $note->{__panelId__} // '' };
	push @bad, 'a template has another value than B' if grep { /\$values\.(?!B\b)/ } values %$note;
	return (@bad, chain($rule));
}

# A label that a template of a rule names is a column of text of its query; a number of a time series is not called metric.
sub labels
{
	my ($rule, $result) = @_;
	my %is_text = map { $result->{names}[$_] => 1 } grep { $result->{types}[$_] =~ /^(?:text|varchar|name)$/ } 0 .. $#{ $result->{names} };
	my @bad;
	push @bad, 'a label is called metric' if $is_text{metric};
	for my $text (values %{ $rule->{annotations} })
	{
		while ($text =~ /\$labels\.(\w+)/g) { push @bad, "there is no label $1" unless $is_text{$1} || $rule->{labels}{$1}; }
	}
	return @bad;
}

# Complaints about contact points and policies.
sub contacts
{
	my (@files) = @_;
	my (%points, %uids, @bad);
	for my $point (map { @{ $_->{contactPoints} // [] } } @files)
	{
		push @bad, "contact point $point->{name} comes twice" if $points{ $point->{name} }++;
		for my $receiver (@{ $point->{receivers} // [] })
		{
			push @bad, "receiver $receiver->{uid} comes twice" if $uids{ $receiver->{uid} }++;
			my $where = $receiver->{settings}{ $receiver->{type} eq 'email' ? 'addresses' : 'url' } // '';
			push @bad, "receiver $receiver->{uid}: where it sends to is not said by a variable" unless $where =~ /^\$[A-Z_]+$/;
		}
	}
	my @policies = map { @{ $_->{policies} // [] } } @files;
	push @bad, 'there is no policy' unless @policies;
	while (my $policy = shift @policies)
	{
		push @bad, "a policy has the unknown receiver $policy->{receiver}" unless $points{ $policy->{receiver} };
		push @bad, "$_ of a policy is $policy->{$_}" for grep { defined $policy->{$_} && !interval($policy->{$_}) } qw(group_wait group_interval repeat_interval);
		push @policies, @{ $policy->{routes} // [] };
	}
	return @bad;
}

1;
