#!/bin/sh
# The notebook's code cells, run one after the other as a script: what they answer is what is saved in it, and the planted
# attacks are found.  Against the server that PGHOST names, else one of its own.  Without this test the notebook would show
# what some earlier version answered.

top=$(readlink -f "$(dirname "$0")/../..")
python=/usr/bin/python3

. "$top/test/lib/say.sh"
. "$top/test/lib/server.sh"

if ! modules=$($python -c 'import matplotlib, nbformat, pandas, psycopg' 2>&1); then
	echo "1..0 # skip $(printf '%s\n' "$modules" | tail -n 1); the packages are in test/lib/packages.sh"
	exit 0
fi

build()
{
	server_make src all && server_make src install && server_make src/test/gen
}

if [ -z "${PGHOST-}" ]; then
	keep=
	server_private flowstore-notebook build
	server_start "shared_preload_libraries = 'flowstore'" 'flowstore.worker = off' 'fsync = off' >start.log 2>&1 || {
		cat start.log
		exit 1
	}
	as_server_user env PGHOST="$server_dir" PGPORT=5432 PGUSER=postgres sh "$server_dir/src/test/notebook/run.sh"
	exit
fi

database=flowstore_notebook_$$
leave()
{
	psql -Xq -d postgres -c "DROP DATABASE IF EXISTS $database"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

sh "$top/notebook/load.sh" "$database" || exit 1
PGDATABASE=$database $python "$top/test/notebook/check.py" "$top/notebook/outliers.ipynb"
