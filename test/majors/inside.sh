#!/bin/sh
# The part of run.sh that runs inside a changeroot, as root: inside.sh MAJOR [tap],
# or inside.sh MAJOR build to have the extension there and no more.
# It prints the output of steps that fail, and names them in the file "failed".
set -u
major=$1
source=/var/tmp/flowstore
cluster=/var/tmp/flowstore-cluster
bin=/usr/lib/postgresql/$major/bin
PATH=$bin:$PATH
cd "$source" || exit 1

packages()
{
	# pg_locale.h of the server wants ICU's headers
	dpkg-query -W libicu-dev libzstd-dev "postgresql-$major" "postgresql-server-dev-$major" \
		libipc-run-perl gcc make >/dev/null 2>&1 && return
	mkdir -p /etc/postgresql-common/createcluster.d
	echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/flowstore.conf
	export DEBIAN_FRONTEND=noninteractive
	set -- gcc make libc6-dev libicu-dev libzstd-dev libpq-dev perl libipc-run-perl \
		"postgresql-$major" "postgresql-server-dev-$major"
	# debootstrap has left lists of packages; they are fetched again once they are too old
	apt-get -q -y install --no-install-recommends "$@" && return
	apt-get -q update && apt-get -q -y install --no-install-recommends "$@"
}

as_postgres()
{
	runuser -u postgres -- env PATH="$PATH" PG_CONFIG="$bin/pg_config" \
		PGHOST="$cluster" PGUSER=postgres "$@"
}

build()
{
	make -s clean
	make -s -C test/gen clean
	make -s PG_CONFIG="$bin/pg_config" WERROR=-Werror && make -s -C test/gen
}

start()
{
	rm -rf "$cluster"
	install -d -o postgres -g postgres "$cluster" &&
		chown -R postgres: "$source" &&
		as_postgres initdb -k -D "$cluster/data" -A trust -E UTF8 --locale=C.UTF-8 --no-sync || return 1
	for line in "listen_addresses = ''" "unix_socket_directories = '$cluster'" \
		"shared_preload_libraries = 'flowstore'" 'flowstore.worker = off' 'fsync = off' 'wal_level = logical' \
		'max_prepared_transactions = 10' 'max_worker_processes = 16'; do
		echo "$line"
	done >>"$cluster/data/postgresql.conf"
	as_postgres pg_ctl -w -t 120 -D "$cluster/data" -l "$cluster/log" start
}

smoke()
{
	as_postgres sh -c '
		mkdir -p "$PGHOST/space" &&
			test/gen/flowgen -n 300000 --seed 1 >"$PGHOST/flows.copy" &&
			createdb smoke &&
			psql -X -q -d smoke -v ON_ERROR_STOP=1 -v data="$PGHOST/flows.copy" \
				-v space="$PGHOST/space" -v source="$PWD" -f test/majors/smoke.sql'
}

# installcheck SUITE: "make installcheck" with the lists of the other suites emptied
installcheck()
{
	case $1 in
	regress) set -- ISOLATION= TAP_TESTS= ;;
	isolation) set -- REGRESS= TAP_TESTS= ;;
	tap) set -- REGRESS= ISOLATION= ;;
	esac
	as_postgres make -s PG_CONFIG="$bin/pg_config" installcheck "$@" PROVE_FLAGS=--verbose && return
	for diffs in regression.diffs output_iso/regression.diffs; do
		[ ! -s "$diffs" ] || head -n 200 "$diffs"
	done
	return 1
}

stop() { as_postgres pg_ctl -w -m fast -D "$cluster/data" stop; }

quiet_log() { ! grep -nE 'PANIC:|TRAP:|was terminated by signal' "$cluster/log"; }

steps="packages:build:make -s install PG_CONFIG=$bin/pg_config"
[ "${2-}" = build ] || steps="$steps:start:smoke:installcheck regress:installcheck isolation:quiet_log:stop"
[ "${2-}" != tap ] || steps="$steps:installcheck tap"
IFS=:
for step in $steps; do
	unset IFS
	$step >step.log 2>&1 && continue
	echo "--- $step"
	tail -n 150 step.log
	echo "${step%% PG_CONFIG=*}" >>failed
	# without a server or a program the rest says nothing
	case $step in
	packages | build | make* | start) break ;;
	esac
done
[ ! -e failed ]
