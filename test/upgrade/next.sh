#!/bin/sh
# next.sh TREE: makes a copy of the source the next SQL version of flowstore, one
# that nobody will release, with every kind of change that an upgrade can bring:
#
#	a function with another body, a table with another column and another row,
#	a view with another column, and the objects of next.sql
#
# schema/ says what a fresh installation gets, schema/upgrade/ how to come there.
# Prints the version.
set -eu
here=$(dirname "$(readlink -f "$0")")
cd "$1"

now=$(sed -n "s/^default_version = '\(.*\)'/\1/p" flowstore.control)
next=${now%.*}.$((${now##*.} + 1))
script=schema/upgrade/flowstore--$now--$next.sql

# change FILE PATTERN TEXT: replaces the first, which must be there once
change()
{
	[ "$(grep -c -- "$2" "$1")" -eq 1 ] || {
		echo "next.sh: \"$2\" is not once in $1" >&2
		exit 1
	}
	sed -i "s|$2|$3|" "$1"
}

# statement FILE FIRST LAST: the lines from one that begins with FIRST to the next that ends with LAST
statement()
{
	awk -v first="$2" -v last="$3" '
		index($0, first) == 1 { inside = 1 }
		inside { print }
		inside && substr($0, length($0) - length(last) + 1) == last { exit }' "$1"
}

change flowstore.control "^default_version = '$now'" "default_version = '$next'"
sed -i '/^SCHEMA = /,/[^\\]$/{/\\$/!s/$/ next/}' Makefile
cp "$here/next.sql" schema/next.sql
change schema/base.sql "HINT = 'Name a table in argument relation" "HINT = 'Name one in argument relation"
change schema/names.sql '    own boolean NOT NULL DEFAULT true,' '    own boolean NOT NULL DEFAULT true,\n    note text,'
change schema/names.sql "    ('6', 20, 'ftp-data')," "    ('6', 20, 'ftp-data'), ('6', 28015, 'rethinkdb'),"
change schema/host_seen.sql 'sum(flows)::bigint AS flows, count(\*) AS days' \
	'sum(flows)::bigint AS flows, count(*) AS days, max(day) AS last_day'

mkdir -p schema/upgrade
{
	cat <<EOF
/* flowstore $now to $next */

\\echo Use "ALTER EXTENSION flowstore UPDATE TO '$next'" to load this file. \\quit

EOF
	statement schema/base.sql 'CREATE FUNCTION flow.relation(' '$$;' | sed 's/^CREATE FUNCTION/CREATE OR REPLACE FUNCTION/'
	echo
	echo 'ALTER TABLE flow.service ADD COLUMN note text;'
	echo "INSERT INTO flow.service (proto, port, name, own) VALUES (6, 28015, 'rethinkdb', false) ON CONFLICT DO NOTHING;"
	echo
	statement schema/host_seen.sql 'CREATE VIEW flow.host_seen' ';' | sed 's/^CREATE VIEW/CREATE OR REPLACE VIEW/'
	echo
	cat schema/next.sql
} >"$script"
echo "$next"
