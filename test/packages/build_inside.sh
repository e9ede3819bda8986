#!/bin/sh
# The part of run.sh that runs in the changeroot of the build, as root: from the
# tree in /var/tmp/flowstore/source it makes, in folders beside it,
#
#	doc/	the packages, as docs/installation.md says
#	1/	the same by another user, with their tests and the source package
#	2/	those of a next version
#
# build_inside.sh NUMBER writes TAP from there on, and keeps number and result in "tap".
set -u
folder=/var/tmp/flowstore
here=$folder/source/test/packages
. "$here/tap.sh"
. "$here/build.sh"
. "$here/blocks.sh"
tap_number=$1
export DEBIAN_FRONTEND=noninteractive

# copy NAME: the source in a folder of its own, for the user who builds
copy()
{
	rm -rf "${folder:?}/$1"
	mkdir "$folder/$1" && cp -a "$folder/source" "$folder/$1/flowstore" && chown -R "${builder:-root}:" "$folder/$1"
	tree=$folder/$1/flowstore
}

documented()
{
	copy doc && cd "$tree" || return 1
	blocks docs/installation.md 'Build the packages' >"$folder/commands"
	grep -q dpkg-buildpackage "$folder/commands" && sh -eux "$folder/commands"
}

# What the tests of the build and lintian need.
packages()
{
	apt-get -q -y install --no-install-recommends lintian && apt-get -q -y build-dep --no-install-recommends "$folder/source"
}

build()
{
	copy "$1" || return 1
	[ "$1" != 2 ] || next_version "$tree" || return 1
	build_packages "$tree"
}

# Another SQL version, another default of the configuration, a higher version of the packages.
next_version()
{
	next_sql=$(sh "$here/../upgrade/next.sh" "$1") || return 1
	echo "# Of the next version." >>"$1/collector/flowcollectd.conf"
	next_now=$(sed -n '1s/^flowstore (\([^)]*\)).*/\1/p' "$1/debian/changelog")
	{
		cat <<EOF
flowstore ($next_now+next) UNRELEASED; urgency=medium

  * SQL version $next_sql.

 -- flowstore maintainers <maintainers@flowstore.example>  $(date -R)

EOF
		cat "$1/debian/changelog"
	} >"$1/debian/changelog.new" && mv "$1/debian/changelog.new" "$1/debian/changelog"
}

reproduced()
{
	for first in "$folder"/1/*.deb; do
		cmp "$first" "$folder/doc/${first##*/}" || return 1
	done
}

indexed()
{
	for index in 1 2; do
		(cd "$folder/$index" && dpkg-scanpackages . /dev/null >Packages) || return 1
	done
}

check 'what docs/installation.md says builds the packages' documented
check 'the packages of the build are there' packages || exit 1
id builder >/dev/null 2>&1 || useradd -m builder
builder=builder
options='' target=-F
if check 'another user builds them, with their tests' build 1; then
	check 'both have built the same, bit for bit' reproduced
	look "$folder/1"
	options='nocheck noopt' target=-b
	check 'the next version is built' build 2 && check 'they are indexed' indexed
fi
tap_end >/dev/null
echo "$tap_number $tap_bad" >"$folder/tap"
exit "$tap_bad"
