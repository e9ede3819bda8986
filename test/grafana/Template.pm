# Template variables, as the browser puts them into a query before it is sent.
package Template;
use strict;
use warnings;
use JSON::PP ();
use Exporter 'import';

our @EXPORT_OK = qw(fill names_in);

my $form = qr/\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}/;

my %formats = (
	raw => sub { join ',', @{ $_[0] } },
	csv => sub { join ',', @{ $_[0] } },
	text => sub { join ' + ', @{ $_[0] } },
	pipe => sub { join '|', @{ $_[0] } },
	sqlstring => sub { join ',', map { literal($_) } @{ $_[0] } },
	singlequote => sub { join ',', map { "'" . s/'/\\'/gr . "'" } @{ $_[0] } },
	doublequote => sub { join ',', map { '"' . s/"/\\"/gr . '"' } @{ $_[0] } },
	json => sub { JSON::PP->new->allow_nonref->encode(@{ $_[0] } > 1 ? $_[0] : $_[0][0]) },
	percentencode => sub { join ',', map { s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger } @{ $_[0] } },
	queryparam => sub { join '&', map { "var-$_[1]=" . s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger } @{ $_[0] } }
);

sub literal { return "'" . $_[0] =~ s/'/''/gr . "'"; }

# Without a format: lists, and values of variables that may be lists, are quoted; in others only quotes are doubled.
sub plain
{
	my ($values, $variable) = @_;
	return join ',', map { literal($_) } @$values if @$values > 1 || $variable->{multi} || $variable->{includeAll};
	return ($values->[0] // '') =~ s/'/''/gr;
}

# fill(TEXT, { NAME => { values => [...], all => 0 or 1, multi, includeAll, allValue } }): names that are no variable stay.
sub fill
{
	my ($text, $variables) = @_;
	$text =~ s/$form/one($&, $1 \/\/ $2 \/\/ $4, $3 \/\/ $6, $variables)/ge;
	return $text;
}

sub one
{
	my ($whole, $name, $format, $variables) = @_;
	my $variable = $variables->{$name} // return $whole;
	if ($variable->{all} && defined $variable->{allValue} && ($format // '') ne 'text')
	{
		return fill($variable->{allValue}, $variables);
	}
	my $values = $variable->{values};
	return plain($values, $variable) unless defined $format;
	my $how = $formats{$format} // die "variable \$$name: there is no format $format\n";
	return $how->($values, $name);
}

# All names that a text speaks of, variables or not.
sub names_in
{
	my ($text) = @_;
	my %names;
	while ($text =~ /$form/g) { $names{ $1 // $2 // $4 } = 1; }
	return sort keys %names;
}

1;
