# Builds the packages of a copy of the source, and looks at them.  Sourced, after
# tap.sh; tree is the copy, in a folder of its own, which gets the packages.

# build_packages TREE: options are those of DEB_BUILD_OPTIONS, target is -b or -F (with the source), builder is who does
# it, if root does not
build_packages()
{
	(
		unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES CFLAGS CPPFLAGS LDFLAGS COPT PG_CONFIG
		for build_name in $(env | sed -n 's/^\(PG[A-Z_]*\)=.*/\1/p'); do
			unset "$build_name"
		done
		PATH=/usr/sbin:/usr/bin:/sbin:/bin
		cd "$1" || exit 1
		build_options="parallel=$(nproc) $options"
		case $build_options in
		*nocheck*) export DEB_BUILD_PROFILES=nocheck ;;
		esac
		export DEB_BUILD_OPTIONS="$build_options"
		set -- dpkg-buildpackage -us -uc "$target"
		[ -z "${builder-}" ] || set -- setpriv --reuid="$builder" --regid="$builder" --init-groups env HOME="/home/$builder" "$@"
		"$@"
	)
}

# Majors of this Debian need not be those for which debian/control was made.
refresh_control() { (cd "$1" && pg_buildext updatecontrol); }

# names FOLDER: the packages that were built, without those of debug symbols
names() { (cd "$1" && ls ./*.deb | sed 's|^\./||; s|_.*||' | grep -v -- -dbgsym); }

# contents FOLDER PACKAGE: its files, with owner and mode
contents() { dpkg-deb -c "$1/$2"_*.deb | awk '$1 !~ /^d/ { print $1, $2, substr($6, 2) }'; }

# lint FOLDER: nothing that lintian calls an error or a warning, and what it explains is shown
lint()
{
	lintian --allow-root --fail-on error,warning --tag-display-limit 0 --info "$1"/flowstore_*.changes
}

# has FOLDER PACKAGE LINES: its files are these, and those of its documentation
has()
{
	has_want=$(mktemp) || return 1
	printf '%s\n' "$3" | grep . | sort >"$has_want"
	contents "$1" "$2" | grep -v " /usr/share/doc/$2/" | sort | diff - "$has_want"
	has_rc=$?
	rm -f "$has_want"
	return $has_rc
}

# hardened FOLDER: position independent, read-only after relocation, bound at once
hardened()
{
	hardened_in=$(mktemp -d) || return 1
	hardened_rc=0
	for hardened_deb in "$1"/*_*.deb; do
		dpkg-deb -x "$hardened_deb" "$hardened_in" || hardened_rc=1
	done
	find "$hardened_in/usr/bin" "$hardened_in/usr/sbin" "$hardened_in/usr/lib/postgresql" -type f 2>/dev/null |
		xargs -d '\n' sh -c '
			for file; do
				readelf -h "$file" | grep -q "Type:.*DYN" && readelf -lW "$file" | grep -q GNU_RELRO &&
					readelf -dW "$file" | grep -q "NOW" || { echo "$file is not hardened"; exit 1; }
			done' sh || hardened_rc=1
	rm -rf "$hardened_in"
	return $hardened_rc
}

# look FOLDER: everything that can be said without installing them
look()
{
	check 'lintian finds no error and no warning' lint "$1"
	check 'programs and libraries are hardened' hardened "$1"
	file='-rw-r--r-- root/root' program='-rwxr-xr-x root/root'
	look_sql=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$tree/flowstore.control")
	for look_major in $(cd "$tree" && pg_buildext supported-versions); do
		look_share=/usr/share/postgresql/$look_major/extension
		check "postgresql-$look_major-flowstore has its files" has "$1" "postgresql-$look_major-flowstore" \
			"$file /usr/lib/postgresql/$look_major/lib/flowstore.so
$file $look_share/flowstore.control
$file $look_share/flowstore--$look_sql.sql
$(cd "$tree" && find schema/upgrade -name '*.sql' 2>/dev/null | sed "s|.*/|$file $look_share/|")"
	done
	look_units=/lib/systemd/system
	! dpkg-deb -c "$1"/flowcollectd_*.deb | grep -q ' \./usr/lib/systemd/system/.' || look_units=/usr$look_units
	check 'flowcollectd has its files' has "$1" flowcollectd "$file /etc/flowcollectd.conf
$file $look_units/flowcollectd.service
$file $look_units/flowcollectd.socket
$program /usr/sbin/flowcollectd
$file /usr/share/man/man8/flowcollectd.8.gz"
	[ ! -d "$tree/cli" ] || check 'flowstore-client has its files' has "$1" flowstore-client "$program /usr/bin/flow
$file /usr/share/bash-completion/completions/flow
$file /usr/share/man/man1/flow.1.gz
$file /usr/share/zsh/vendor-completions/_flow"
}
