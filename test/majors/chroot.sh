# Changeroots of the Debian releases that package newer majors.  Sourced; uses
# top, dir and log, and ../lib/chroot.sh.

suite_of()
{
	case $1 in
	17) echo trixie ;;
	18) echo forky ;;
	*) return 1 ;;
	esac
}

# prepare_root MAJOR: sets root and copy; unpacks the release if need be, and
# puts the source tree into it
prepare_root()
{
	root=$dir/chroot-$(suite_of "$1")
	copy=$root/var/tmp/flowstore
	if [ ! -e "$root/.bootstrapped" ]; then
		[ ! -e "$root" ] || {
			echo "$root exists, and is not a changeroot of a former run"
			return 1
		}
		bootstrap "$(suite_of "$1")" "$root" >"$log.bootstrap" 2>&1 || {
			tail -n 50 "$log.bootstrap"
			return 1
		}
	fi
	cp -L /etc/resolv.conf "$root/etc/" 2>/dev/null
	rm -rf "$copy"
	mkdir -p "$copy" &&
		tar -C "$top" -c --exclude=./.git --exclude-vcs-ignores . |
		tar -C "$copy" -x --no-same-owner
}
