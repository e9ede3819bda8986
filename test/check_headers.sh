#!/bin/sh
# Every header compiles by itself, and twice.  Headers of the server's rooms may
# count on postgres.h, as everywhere in PostgreSQL; format/ and vector/ may not.
cd "$(dirname "$0")/.." || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
server=$("${PG_CONFIG:-pg_config}" --includedir-server) || exit 2
libpq=$("${PG_CONFIG:-pg_config}" --includedir)

number=0
for header in src/*.h src/*/*.h collector/*.h cli/*.h; do
	[ -f "$header" ] || continue
	number=$((number + 1))
	case $header in
	src/format/* | src/vector/*) first='' flags="-DFRONTEND -Isrc -I$server" ;;
	src/*) first='#include "postgres.h"' flags="-Isrc -I$server" ;;
	*) first='' flags="-D_GNU_SOURCE -I${header%/*} -I$libpq" ;;
	esac
	printf '%s\n#include "%s"\n#include "%s"\n' \
		"$first" "${header#*/}" "${header#*/}" >"$tmp/$number.c"
	echo "$header $tmp/$number.c $flags"
done >"$tmp/list"

# shellcheck disable=SC2016
xargs -P "$(nproc)" -L 1 sh -c '
	header=$1 source=$2
	shift 2
	gcc -fsyntax-only -D_FORTIFY_SOURCE=2 -O1 -Wall -Werror "$@" "$source" ||
		echo "$header:1: does not compile by itself, or not twice"
' sh <"$tmp/list" >"$tmp/bad"

if [ -s "$tmp/bad" ]; then
	cat "$tmp/bad"
	exit 1
fi

# a guard is named after room and file
bad=0
for header in src/*/*.h; do
	[ -f "$header" ] || continue
	guard=FS_$(echo "${header#src/}" | tr 'a-z/.' 'A-Z__')
	grep -q "^#ifndef $guard\$" "$header" || {
		echo "$header:1: its guard is not $guard"
		bad=1
	}
done
exit $bad
