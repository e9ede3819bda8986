#!/bin/sh
# What no compiler checks of the form: blanks, comments, words, file names.
cd "$(dirname "$0")/.." || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

# complain TEXT: shows stdin as violations, if there are any (in a pipe, hence the file)
complain()
{
	sed "s|\$|	<- $1|" >"$tmp/found"
	if [ -s "$tmp/found" ]; then
		cat "$tmp/found"
		touch "$tmp/bad"
	fi
}

find . -name .git -prune -o -name results -prune -o -name tmp_check -prune -o -name log -prune -o \
	-type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' -o -name '*.p[lmy]' -o -name '*.awk' \
	-o -name '*.md' -o -name '*.spec' -o -name Makefile -o -name '*.control' -o -path './.ci/*' \) \
	-print | sort >"$tmp/text"
grep '\.[ch]$' "$tmp/text" >"$tmp/c"

# in every text; rows of COPY in sql/ may end as they like
all() { xargs -d '\n' grep -HnE "$1" <"$tmp/text"; }
all '[[:blank:]]$' | grep -v '^\./sql/' | complain 'blank at the end of the line'
all '^	* +	' | complain 'blank before a tab'
all '(^|[^A-Za-z])(TO''DO|FIX''ME)' | complain 'forbidden word'
all '/wor''k/' | complain 'path of one machine'
all '(^|[^A-Za-z])(stri''pe|row gro''up)s?([^A-Za-z]|$)' | grep -v '/README.md:' | complain 'not our word; see the glossary'

# in C
if [ -s "$tmp/c" ]; then
	xargs -d '\n' awk -f test/lib/code.awk <"$tmp/c" >"$tmp/code"
	grep -E '^[^:]*:[0-9]+:.*//' "$tmp/code" | complain 'comment with //'
	grep -E '^[^:]*:[0-9]+:	*    ' "$tmp/code" | complain 'indented with spaces'
	xargs -d '\n' grep -LE '^/\*' <"$tmp/c" | complain 'no banner'
	xargs -d '\n' grep -HnE '^ \* *[A-Za-z_/]+\.[ch]$' <"$tmp/c" | complain 'file name in the banner'
fi

# names of drawers
grep -E '/(utils?|common|misc|types|defs|helpers?)\.[a-z]+$' "$tmp/text" | complain 'forbidden file name'

[ ! -e "$tmp/bad" ]
