# Which peers there are.  Sourced.
#
#	peers_folder		where "peers.sh install" puts them: $FLOWSTORE_PEERS, or a folder of the user's cache
#	peers_use FOLDER	makes node and nfdump find what is there
#	peers_list		a line for each peer: its name, and the reason if it is absent

peers_all='duckdb clickhouse nfdump'

peers_folder()
{
	echo "${FLOWSTORE_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/flowstore-peers}"
}

peers_use()
{
	export NODE_PATH=$1/node_modules
	PATH=$1/nfdump/usr/bin:$PATH
}

peers_list()
{
	local name
	for name in $peers_all; do
		if ! command -v node >/dev/null; then
			printf '%s\tnode is not installed\n' "$name"
			continue
		fi
		case $name in
			duckdb) node -e "require('@duckdb/node-api')" 2>/dev/null && echo "$name" || printf '%s\tno npm package @duckdb/node-api\n' "$name" ;;
			clickhouse) node -e "require('chdb')" 2>/dev/null && echo "$name" || printf '%s\tno npm package chdb\n' "$name" ;;
			nfdump)
				if command -v nfdump >/dev/null && command -v nfcapd >/dev/null; then
					echo "$name"
				else
					printf '%s\tno nfdump or no nfcapd\n' "$name"
				fi
				;;
		esac
	done
}
