# blocks FILE HEADING: the commands for root below a heading of a page.  Sourced.

blocks()
{
	awk -v heading="## $2" '
		/^## / { inside = $0 == heading }
		/^<!-- root -->$/ { root = inside; next }
		/^```/ { if (open) { open = 0; root = 0 } else if (root) open = 1; next }
		open' "$1"
}
