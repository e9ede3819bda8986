# Progress of long steps.  Sourced; nothing here needs a server.
#
#	say TEXT...			one line
#	die TEXT...			one line on stderr, then exit 1
#	step TEXT COMMAND...		runs the command with its output in $step_log and
#					shows the seconds; when it fails, shows the end of
#					the output and returns the command's status
#
# A step runs in a subshell: it cannot set variables of its caller.

step_log=${step_log:-/dev/null}
step_pid=

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

step()
{
	step_text=$1
	shift
	step_from=$(date +%s)
	step_shown=0
	step_last=$(wc -l <"$step_log" 2>/dev/null || echo 0)

	if [ -t 1 ]; then
		printf '  %-44s' "$step_text"
	fi
	"$@" >>"$step_log" 2>&1 </dev/null &
	step_pid=$!
	while kill -0 "$step_pid" 2>/dev/null; do
		sleep 0.2
		step_secs=$(($(date +%s) - step_from))
		if [ -t 1 ] && [ "$step_secs" -gt "$step_shown" ]; then
			step_shown=$step_secs
			printf '\r  %-44s %4d s' "$step_text" "$step_secs"
		elif [ ! -t 1 ] && [ $((step_secs - step_shown)) -ge 20 ]; then
			step_shown=$step_secs
			say "  $step_text: $step_secs s so far"
		fi
	done
	wait "$step_pid"
	step_rc=$?
	step_pid=
	step_secs=$(($(date +%s) - step_from))
	[ -t 1 ] && printf '\r'
	if [ $step_rc -eq 0 ]; then
		printf '  %-44s %4d s\n' "$step_text" "$step_secs"
	else
		printf '  %-44s FAILED after %d s\n' "$step_text" "$step_secs"
		tail -n +$((step_last + 1)) "$step_log" | tail -n 40 >&2
	fi
	return $step_rc
}
