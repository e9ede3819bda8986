#!/bin/sh
# Version numbers agree, and what is released stays as it is: the SQL of released
# versions, and a way from each of them to the version of the source.
cd "$(dirname "$0")/.." || exit 2
bad=0
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

complain()
{
	echo "$*"
	bad=1
}

# --- the numbers: release in CHANGELOG.md, SQL version in the control file

release=$(sed -n 's/^## \([0-9.]*\), .*/\1/p' CHANGELOG.md | head -n 1)
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" flowstore.control)
[ "$(printf '%s\n' "$release" "$version" | sort -V | tail -n 1)" = "$release" ] ||
	complain "flowstore.control: SQL version $version is newer than release $release of CHANGELOG.md"
for makefile in collector/Makefile cli/Makefile; do
	[ ! -f "$makefile" ] || grep -qx "VERSION = $release" "$makefile" || complain "$makefile: VERSION is not $release"
done
for page in collector/*.8 cli/*.1; do
	[ ! -f "$page" ] || sed -n 's/^\.TH //p' "$page" | grep -qF "\"flowstore $release\"" ||
		complain "$page: .TH has not \"flowstore $release\""
done
package=$(sed -n '1s/^flowstore (\([^)]*\)).*/\1/p' debian/changelog)
case $package in
"$release" | "$release"[~+]*) ;;
*) complain "debian/changelog: version $package is none of release $release" ;;
esac

# --- what is released: frozen by golden/freeze_sql.sh, with checksums

sums=test/golden/sql/SHA256SUMS
if [ -f "$sums" ]; then
	sha256sum --check --quiet --strict "$sums" || complain "$sums: the SQL of a released version has changed"
fi
frozen=''
for file in test/golden/sql/flowstore--*.sql; do
	[ -f "$file" ] || continue
	grep -qF "  $file" "$sums" 2>/dev/null || complain "$file: not in $sums"
	file=${file##*--}
	frozen="$frozen ${file%.sql}"
done
grep -q "^## $release, unreleased\$" CHANGELOG.md || case " $frozen " in
*" $version "*) ;;
*) complain "CHANGELOG.md: $release is released, but test/golden/sql has no SQL of $version: run test/golden/freeze_sql.sh" ;;
esac

# reaches FROM: scripts lead from there to the version of the source
reaches()
{
	[ "$1" != "$version" ] || return 0
	for reaches_script in schema/upgrade/flowstore--"$1"--*.sql; do
		[ -f "$reaches_script" ] || continue
		reaches_to=${reaches_script##*--}
		(reaches "${reaches_to%.sql}") && return 0
	done
	return 1
}

for old in $frozen; do
	reaches "$old" || complain "schema/upgrade: no way from $old to $version"
done
for script in schema/upgrade/*; do
	[ -f "$script" ] || continue
	case $script in
	schema/upgrade/flowstore--[0-9]*.[0-9]*--[0-9]*.[0-9]*.sql) ;;
	*) complain "$script: not the name of an upgrade script" ;;
	esac
	to=${script##*--}
	to=${to%.sql}
	from=${script%--*}
	from=${from##*--}
	case " $frozen " in
	*" $from "*) ;;
	*) complain "$script: version $from was never released" ;;
	esac
	case " $frozen " in
	*" $to "*) grep -qF "  $script" "$sums" || complain "$script: leads to a released version, but is not in $sums" ;;
	*) [ "$to" = "$version" ] || complain "$script: version $to is neither released nor that of the source" ;;
	esac
done
case " $frozen " in
*" $version "*)
	make -s -C "$tmp" -f "$PWD/Makefile" VPATH="$PWD" "flowstore--$version.sql" &&
		cmp "$tmp/flowstore--$version.sql" "test/golden/sql/flowstore--$version.sql" || complain \
		"schema: $version is released; give flowstore.control the next version, and schema/upgrade a script that leads there"
	;;
esac
exit $bad
