# C source as "file:line:code": comments blanked, strings emptied, so that a
# search finds words of the program and not of its prose.
FNR == 1 { inside = 0 }
{
	out = ""
	n = length($0)
	for (i = 1; i <= n; i++) {
		c = substr($0, i, 1)
		two = substr($0, i, 2)
		if (inside) {
			if (two == "*/") { inside = 0; i++ }
		} else if (two == "/*") {
			inside = 1; i++
		} else if (c == "\"" || c == "'") {
			for (i++; i <= n && substr($0, i, 1) != c; i++)
				if (substr($0, i, 1) == "\\") i++
			out = out c c
		} else
			out = out c
	}
	if (out !~ /^[ \t]*$/) print FILENAME ":" FNR ":" out
}
