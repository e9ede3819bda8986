#!/bin/sh
# Part of a release that has a new SQL version: keeps in sql/ what CREATE EXTENSION
# runs, and its checksum with that of the scripts that lead there.  From then on
# check_release.sh refuses changes, and t/044_upgrade.pl updates from this version.
set -eu
cd "$(dirname "$0")/../.."
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" flowstore.control)
kept=test/golden/sql/flowstore--$version.sql
[ ! -e "$kept" ] || {
	echo "freeze_sql.sh: version $version is released already" >&2
	exit 1
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
make -s -C "$tmp" -f "$PWD/Makefile" VPATH="$PWD" "flowstore--$version.sql"
mkdir -p test/golden/sql
cp "$tmp/flowstore--$version.sql" "$kept"
for file in schema/upgrade/flowstore--*--"$version".sql "$kept"; do
	[ ! -f "$file" ] || sha256sum "$file" >>test/golden/sql/SHA256SUMS
done
