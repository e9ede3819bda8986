#!/bin/sh
# "make install-world" puts every file where it belongs, below DESTDIR, each part
# can be had alone, and "make uninstall-world" leaves nothing.  Writes TAP.
set -u
top=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
. "$top/test/packages/tap.sh"

in_tree() { make -s -C "$top" DESTDIR="$tmp/root" "$@"; }
files() { (cd "$tmp/root" 2>/dev/null && find . ! -type d | sed 's/^\.//' | sort); }
nothing() { [ -z "$(files)" ] || { files; false; }; }
same() { files | diff - "$tmp/$1" >&2; }

# What belongs where; PostgreSQL says where its own things lie.
pg() { "${PG_CONFIG:-pg_config}" "--$1"; }
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$top/flowstore.control")
{
	echo "$(pg pkglibdir)/flowstore.so"
	echo "$(pg sharedir)/extension/flowstore.control"
	echo "$(pg sharedir)/extension/flowstore--$version.sql"
	for script in "$top"/schema/upgrade/*.sql; do
		[ ! -f "$script" ] || echo "$(pg sharedir)/extension/${script##*/}"
	done
} | sort >"$tmp/extension"
printf '%s\n' /etc/flowcollectd.conf.example /opt/lib/systemd/system/flowcollectd.service \
	/opt/lib/systemd/system/flowcollectd.socket /opt/sbin/flowcollectd /opt/share/man/man8/flowcollectd.8 >"$tmp/collector"
[ ! -d "$top/cli" ] || printf '%s\n' /opt/bin/flow /opt/share/bash-completion/completions/flow \
	/opt/share/man/man1/flow.1 /opt/share/zsh/site-functions/_flow >"$tmp/cli"
[ ! -d "$top/grafana" ] || (cd "$top/grafana" && find . -name '*.json' -o -name '*.yaml') |
	sed 's|^\.|/opt/share/flowstore/grafana|' | sort >"$tmp/grafana"
# no page may be left out
[ ! -d "$top/docs" ] || (cd "$top" && ls README.md CHANGELOG.md LICENSE collector/flowcollectd.conf src/format/README.md */README.md && find docs -type f ! -name '*.p[lm]' ! -name '*.sh') |
	sed 's|^|/opt/share/doc/flowstore/|' | sort -u >"$tmp/docs"
parts=$(cd "$tmp" && ls)
for part in $parts; do cat "$tmp/$part"; done | sort >"$tmp/world"

check 'everything builds' make -s -C "$top" world
for part in $parts; do
	suffix=-$part
	[ "$part" != extension ] || suffix=''
	check "make install$suffix" in_tree PREFIX=/opt "install$suffix"
	check "make install$suffix: its files" same "$part"
	check "make uninstall$suffix" in_tree PREFIX=/opt "uninstall$suffix"
	check "make uninstall$suffix leaves nothing" nothing
done
check 'make install-world' in_tree PREFIX=/opt install-world
check 'make install-world: all files' same world
check 'make install-world again' in_tree PREFIX=/opt install-world
check 'programs can be run' "$tmp/root/opt/sbin/flowcollectd" --version
check 'the unit names the program' grep -q '^ExecStart=/opt/sbin/flowcollectd ' \
	"$tmp/root/opt/lib/systemd/system/flowcollectd.service"
check 'make uninstall-world' in_tree PREFIX=/opt uninstall-world
check 'make uninstall-world leaves nothing' nothing

# The flags of who builds reach every compiler and linker: a defined name, and a stamp in the program.
flagged()
{
	for flagged_part in collector cli; do
		[ ! -d "$top/$flagged_part" ] || CFLAGS=-O1 CPPFLAGS=-DFLAG=1 LDFLAGS=-Wl,-z,now \
			make -n -C "$top" -B build-$flagged_part >"$tmp/make" || return 1
		if [ -d "$top/$flagged_part" ]; then
			grep -q -- '-O1 .*-DFLAG=1 .*-c ' "$tmp/make" && grep -q -- '-Wl,-z,now ' "$tmp/make" || return 1
			! grep -qE -- '-Werror( |$)|/server' "$tmp/make" || return 1
		fi
	done
	COPT=-DFLAG=1 make -n -C "$top" -B all | grep -q -- '-DFLAG=1 .*-c '
}
check "the caller's flags are used, and a warning is no error" flagged
tap_end
