#!/bin/sh
# A .c or .sql file has at most 800 lines, a .h file fewer than 150.  No exceptions.
cd "$(dirname "$0")/.." || exit 2
find src schema collector cli test \( -name '*.[ch]' -o -path 'schema/*.sql' \) -exec awk '
	function judge()
	{
		if (file ~ /\.(c|sql)$/ && lines > 800 || file ~ /\.h$/ && lines >= 150) {
			print file ":" lines ": too long"
			bad = 1
		}
	}
	FNR == 1 { judge(); file = FILENAME }
	{ lines = FNR }
	END { judge(); exit bad }' {} +
