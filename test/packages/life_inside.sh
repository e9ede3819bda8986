#!/bin/sh
# The part of run.sh that runs on the machine, as root: the life of the packages
# in /var/tmp/flowstore/1, from the first installation over those in 2 to the purge.
#
# life_inside.sh NUMBER writes TAP from there on, and keeps number and result in "tap".
set -u
folder=/var/tmp/flowstore
here=$folder/source/test/packages
page=$folder/source/docs/installation.md
. "$here/tap.sh"
. "$here/blocks.sh"
tap_number=$1
major=$(sed -n 's/^major=//p' "$folder/settings")
ours=$(cd "$folder/1" && ls ./*.deb | sed 's|^\./||; s|_.*||' | grep -v -- -dbgsym)

# The page speaks of PostgreSQL 15.
documented()
{
	blocks "$page" "$1" | sed "s/\\b15\\b/$major/g" >"$folder/commands"
	[ -s "$folder/commands" ] && (cd "$folder/1" && sh -eux "$folder/commands")
}

as_postgres() { runuser -u postgres -- "$@"; }
ask() { as_postgres psql -X -At -v ON_ERROR_STOP=1 -d net -c "$1"; }
answers()
{
	answers_got=$(ask "$1") || return 1
	is "$answers_got" "$2"
}
# soon SECONDS SQL ANSWER
soon()
{
	soon_try=0
	until [ "$(ask "$2" 2>&1)" = "$3" ]; do
		soon_try=$((soon_try + 1))
		[ $soon_try -lt $(($1 * 5)) ] || { ask "$2"; journalctl --no-pager -n 6 -u flowcollectd; return 1; }
		sleep 0.2
	done
}
is() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; false; }; }
apt() { apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }
repository()
{
	echo "deb [trusted=yes] file:$folder/$1 ./" >/etc/apt/sources.list.d/flowstore.list
	apt-get -q update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/flowstore.list -o Dir::Etc::sourceparts=-
}

# What is in the file system, but for what is not ours; a file in /etc with its content.
state()
{
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /mnt -o -path /var/tmp \
		-o -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/lib/postgresql \
		-o -path /var/lib/systemd -o -path /etc/postgresql -o -path /root \) -prune \
		-o -printf '%p %y %M %u:%g %l\n' | sort
	find /etc -xdev -type f ! -path '/etc/postgresql/*' ! -name 'passwd*' ! -name 'group*' ! -name '*shadow*' \
		! -name ld.so.cache ! -name flowstore.list -exec sha256sum '{}' + | sort -k 2
}
settled() { state | diff "$folder/before" -; }

# --- installation

untouched()
{
	(cd "$folder/1" && apt install $(for package in $ours; do echo "./${package}_"*.deb; done)) || return 1
	sha256sum --check --quiet "$folder/configuration" || return 1
	is "$(systemctl is-enabled flowcollectd.service flowcollectd.socket | tr '\n' ' ')" 'disabled disabled ' &&
		is "$(systemctl is-active flowcollectd.service flowcollectd.socket | tr '\n' ' ')" 'inactive inactive '
}

rights()
{
	is "$(stat -c '%U:%G %a' /var/lib/flowcollectd)" 'flowcollectd:flowcollectd 700' &&
		is "$(stat -c '%U:%G %a' /etc/flowcollectd.conf)" 'root:flowcollectd 640' &&
		is "$(getent passwd flowcollectd | cut -d: -f6,7)" '/var/lib/flowcollectd:/usr/sbin/nologin'
}

units()
{
	is "$(systemd-analyze verify flowcollectd.service flowcollectd.socket 2>&1 | grep -v 'man flowcollectd')" '' || return 1
	systemd-analyze security --no-pager --threshold=25 flowcollectd.service
}

repository_works() { repository 1 && is "$(apt-cache policy $ours | grep -c "file:$folder/1")" "$(echo "$ours" | wc -l)"; }

# --- flows

# The flows of the capture that comes with the source, which softflowd exports.
exported() { softflowd -r "$folder/source/test/data/demo.pcap" -n 127.0.0.1:"${1:-2055}" -v 9 -t maxlife=60; }
loaded()
{
	ask "SELECT flow.create_table('loaded')" || return 1
	as_postgres flowcollectd -r "$folder/source/test/data/demo.pcap" -d dbname=net -t loaded || return 1
	answers 'SELECT count(*) > 100, sum(packets) > 1000 FROM loaded' 't|t'
}
received()
{
	exported "$@" || return 1
	soon 20 "SELECT count(*) > $(cat "$folder/seen") FROM flows" t || return 1
	ask 'SELECT count(*) FROM flows' >"$folder/seen"
}
# Datagrams wait in the sockets that systemd holds.
held()
{
	systemctl stop flowcollectd.service && exported && received
}

# An interface, and a port below 1024, with the rights that the unit gives.
captured()
{
	systemctl disable --now flowcollectd.socket flowcollectd.service || return 1
	printf 'capture = lo\nfilter = udp port 9999\nidle-timeout = 1\nlisten = udp://:514\nlisten = udp://:2055\n' >>/etc/flowcollectd.conf
	systemctl enable --now flowcollectd.service || return 1
	for number in 1 2 3; do
		bash -c "echo datagram $number >/dev/udp/127.0.0.1/9999"
	done
	soon 20 'SELECT sum(packets) FROM flows WHERE dst_port = 9999' 3 || return 1
	ask 'SELECT count(*) FROM flows' >"$folder/seen"
	received 514
}

# What a reader of the command sees.
commanded()
{
	as_postgres env PGDATABASE=net flow top src_addr -n 3 >"$folder/top" && grep -q 'src_addr' "$folder/top" || return 1
	as_postgres env PGDATABASE=net flow report >"$folder/report.html" && grep -q '</html>' "$folder/report.html" || return 1
	MANPAGER=cat man -l /usr/share/man/man1/flow.1.gz 2>/dev/null | cat >/dev/null
}

# --- an upgrade, with everything running

upgraded()
{
	old_collector=$(systemctl show -p MainPID --value flowcollectd)
	old_server=$(ask 'SELECT pg_postmaster_start_time()')
	ask 'SELECT count(*), sum(bytes), sum(hashtextextended(f::text, 0)) FROM loaded f' >"$folder/loaded" || return 1
	cp /etc/flowcollectd.conf "$folder/kept.conf"
	repository 2 && apt install $ours || return 1
	is "$(dpkg-query -W -f '${Version}\n' $ours | grep -c 'next$')" "$(echo "$ours" | wc -l)" || return 1
	cmp /etc/flowcollectd.conf "$folder/kept.conf" && [ -f /etc/flowcollectd.conf.dpkg-dist ] || return 1
	systemctl is-active flowcollectd && [ "$(systemctl show -p MainPID --value flowcollectd)" != "$old_collector" ] || return 1
	is "$(ask 'SELECT pg_postmaster_start_time()')" "$old_server" && received
}

updated()
{
	systemctl restart "postgresql@$major-main" || return 1
	answers 'SELECT count(*), sum(bytes), sum(hashtextextended(f::text, 0)) FROM loaded f' "$(cat "$folder/loaded")" || return 1
	received || return 1
	ask 'ALTER EXTENSION flowstore UPDATE' && answers 'SELECT flow.next_power(8)' 3 || return 1
	answers 'SELECT count(*), sum(bytes), sum(hashtextextended(f::text, 0)) FROM loaded f' "$(cat "$folder/loaded")" && received
}

# --- and the end

removed()
{
	apt remove flowcollectd || return 1
	! pgrep -x flowcollectd || return 1
	cmp /etc/flowcollectd.conf "$folder/kept.conf" && [ -d /var/lib/flowcollectd/spool ] || return 1
	apt install flowcollectd && systemctl start flowcollectd && received
}

dropped()
{
	ask 'DROP EXTENSION flowstore CASCADE' || return 1
	pg_conftool "$major" main remove shared_preload_libraries && systemctl restart "postgresql@$major-main" || return 1
	apt remove "postgresql-$major-flowstore" && systemctl restart "postgresql@$major-main" && ask 'SELECT 1'
}

purged()
{
	apt purge $ours || return 1
	rm -f /etc/apt/sources.list.d/flowstore.list
	! pgrep -x flowcollectd && [ ! -e /var/lib/flowcollectd ] && is "$(systemctl is-active flowcollectd)" inactive || return 1
	getent passwd flowcollectd && settled
}

state >"$folder/before"
find /etc/postgresql -type f -exec sha256sum '{}' + >"$folder/configuration"
echo 0 >"$folder/seen"

check 'they are installed, change no configuration and start nothing' untouched || exit 1
check 'the user of the collector, and who may read what' rights
check 'systemd understands the units, and finds them safe' units
check 'they can be purged at once, and nothing stays' eval 'apt purge $ours && settled'
check 'they are installed from a repository' eval 'repository_works && apt install $ours'
check 'docs/installation.md makes a database' documented 'Make a database of flows'
check 'the background worker runs' soon 20 'SELECT count(*) > 0 FROM flow.worker_status()' t
check 'the collector loads a capture' loaded
check 'docs/installation.md starts the collector' documented 'Start the collector'
check 'what softflowd exports is in the table' received
check 'systemd holds the sockets while the service is stopped' held
check 'the unit may capture, and listen below port 1024' captured
case $ours in
*flowstore-client*) check 'flow answers, and writes a report' commanded ;;
esac
check 'an upgrade restarts the collector, and keeps configuration, server and data' upgraded
check 'the SQL is updated after a restart of the server' updated
check 'removal keeps configuration and spool, which serve again' removed
check 'without the extension the server starts again' dropped
check 'after a purge nothing is left but the user' purged
tap_end >/dev/null
echo "$tap_number $tap_bad" >"$folder/tap"
exit "$tap_bad"
