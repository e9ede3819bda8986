#!/bin/sh
# collector/README.md: each counter of counter_list_*.h and each file of the
# collector is explained in its tables, once, and nothing else is.
cd "$(dirname "$0")/../collector" || exit 2
bad=0

# section TITLE: the names in the first cells of its tables
section()
{
	awk -F '|' -v title="## $1" '
		/^## / { inside = $0 == title }
		inside && /^\| `/ { print $2 }' README.md | tr -d ' `' | tr ',;' '\n\n' | sort
}

# compare WHAT: the two lists on stdin, told apart by their first letters
compare()
{
	awk -v what="$1" '
		$1 == "is" { is[$2] = 1 }
		$1 == "told" { told[$2]++ }
		END {
			for (name in is)
				if (told[name] != 1) {
					print "collector/README.md: " what " " name " is explained " told[name] + 0 " times"
					bad = 1
				}
			for (name in told)
				if (!(name in is)) {
					print "collector/README.md: there is no " what " " name
					bad = 1
				}
			exit bad
		}'
}

{
	sed -n 's/^[[:space:]]*X(\([a-z0-9_]*\)).*/is \1/p' counter_list_*.h
	section Counters | sed 's/^/told /'
} | compare counter || bad=1

# A header without a .c file may stand in the table or not.
{
	for file in *.c
	do
		echo "is ${file%.c}"
	done
	section Pipeline | while read -r name
	do
		[ ! -f "$name.c" ] && [ -f "$name.h" ] || echo "told $name"
	done
} | compare file || bad=1
[ "$(section Counters | wc -l)" -gt 100 ] || {
	echo "collector/README.md: the table of counters was not found"
	bad=1
}
exit $bad
