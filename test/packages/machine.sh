# A machine of its own: systemd as the first process of namespaces, in a
# changeroot.  Sourced, after ../lib/chroot.sh, whose variable child it shares.
# Nothing of the host is changed: kernel settings are read-only, the network is
# an own loopback, and the control group goes with the machine.

machine_group=''
machine_pid=''

# machine_start ROOT: returns when the services are up
machine_start()
{
	machine_parent=$(awk '$9 == "cgroup2" || $10 == "cgroup2" || $8 == "cgroup2" { print $5; exit }' /proc/self/mountinfo)
	[ -n "$machine_parent" ] || {
		echo 'there is no control group hierarchy (cgroup2) on this host'
		return 1
	}
	machine_group=$machine_parent/flowstore-packages.$$
	mkdir "$machine_group" || return 1
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec unshare --mount --pid --fork --kill-child --net --uts --ipc --cgroup "$@"' \
		sh "$machine_group" sh "$here/boot.sh" "$1" </dev/null >"$log.machine" 2>&1 &
	child=$!
	machine_try=0
	while [ $machine_try -lt 120 ]; do
		machine_pid=$(cat "/proc/$child/task/$child/children" 2>/dev/null)
		machine_pid=${machine_pid%% *}
		if [ -n "$machine_pid" ] && [ -S "/proc/$machine_pid/root/run/systemd/private" ]; then
			case $(enter systemctl is-system-running 2>/dev/null) in
			running | degraded) return 0 ;;
			esac
		fi
		kill -0 "$child" 2>/dev/null || break
		sleep 0.5
		machine_try=$((machine_try + 1))
	done
	echo 'the machine did not start'
	tail -n 30 "$log.machine"
	return 1
}

# enter COMMAND...: runs it on the machine, as root
enter()
{
	nsenter --target "$machine_pid" --all \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

machine_stop()
{
	[ -n "$machine_group" ] || return 0
	if [ -n "$child" ]; then
		# the first process of the namespaces takes all others with it
		kill -KILL "$child" 2>/dev/null
		wait "$child" 2>/dev/null
		child=''
	fi
	machine_try=0
	while [ -d "$machine_group" ] && [ $machine_try -lt 50 ]; do
		find "$machine_group" -depth -type d -exec rmdir {} ';' 2>/dev/null
		sleep 0.1
		machine_try=$((machine_try + 1))
	done
	[ ! -d "$machine_group" ] || echo "could not remove $machine_group" >&2
	machine_group=''
}
