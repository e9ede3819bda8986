#!/bin/bash
# The other systems that run.sh --peers measures: installs them into a folder
# outside of this tree, or says which are there.  README.md says more.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
. "$here/peers/present.sh"

usage()
{
	cat <<-END
		Usage: test/bench/peers.sh install [DIR]
		       test/bench/peers.sh list [DIR]

		DIR is by default \$FLOWSTORE_PEERS or else $(peers_folder).
		Needs npm (packages @duckdb/node-api and chdb, 700 MB) and apt-get (nfdump, unpacked into DIR, not installed).
	END
}

install_npm()
{
	command -v npm >/dev/null || {
		echo "peers.sh: npm is not installed, so neither DuckDB nor ClickHouse" >&2
		return 1
	}
	npm install --silent --no-audit --no-fund --prefix "$1" @duckdb/node-api chdb
}

# the package is only unpacked: no root is needed, and no service begins to run
install_nfdump()
{
	local unpack
	command -v nfdump >/dev/null && command -v nfcapd >/dev/null && return
	unpack=$(mktemp -d) || return 1
	(cd "$unpack" && apt-get download nfdump >/dev/null 2>&1 && mkdir -p "$1/nfdump" && dpkg-deb -x nfdump_*.deb "$1/nfdump")
	local result=$?
	rm -rf "$unpack"
	[ $result -eq 0 ] || echo "peers.sh: could not get the Debian package nfdump" >&2
	return $result
}

main()
{
	local folder result=0
	folder=${2:-$(peers_folder)}
	[ $# -le 2 ] || { usage >&2; exit 2; }
	case $1 in
		install)
			mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 1
			peers_use "$folder"
			install_npm "$folder" || result=1
			install_nfdump "$folder" || result=1
			;;
		list) peers_use "$folder" ;;
		--help) usage; exit 0 ;;
		*) usage >&2; exit 2 ;;
	esac
	echo "in $folder:"
	peers_list | awk -F '\t' '{ printf "  %-12s %s\n", $1, $2 == "" ? "present" : "absent: " $2 }'
	exit $result
}

main "$@"
