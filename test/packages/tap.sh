# Lines of TAP for commands, with what they say if they fail.  Sourced.

tap_number=0
tap_bad=0
tap_out=$(mktemp) || exit 1

# check NAME COMMAND...
check()
{
	tap_number=$((tap_number + 1))
	check_name=$1
	shift
	check_from=$(date +%s)
	if "$@" >"$tap_out" 2>&1 </dev/null; then
		echo "ok $tap_number - $check_name ($(($(date +%s) - check_from)) s)"
	else
		echo "not ok $tap_number - $check_name"
		tail -n "${tap_lines:-40}" "$tap_out" | cut -c1-300 | sed 's/^/# /'
		tap_bad=1
		return 1
	fi
}

skip()
{
	tap_number=$((tap_number + 1))
	echo "ok $tap_number - $1 # skip $2"
}

# tap_end: the plan, and the exit status
tap_end()
{
	rm -f "$tap_out"
	echo "1..$tap_number"
	return "$tap_bad"
}
