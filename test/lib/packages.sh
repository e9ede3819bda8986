# Debian packages: finds those that are missing and installs only them.
# Sourced after say.sh.

packages_build='gcc make pkg-config libc6-dev libmaxminddb-dev libpcap-dev libpq-dev librdkafka-dev libssl-dev libyajl-dev libzstd-dev zlib1g-dev'
packages_server='postgresql-15 postgresql-server-dev-15'
packages_test='curl iproute2 openssl perl libipc-run-perl tshark clang-14 libclang-rt-14-dev'
packages_softflowd='softflowd iperf3 iputils-ping curl iproute2 python3'
packages_notebook='python3-psycopg python3-pandas python3-matplotlib python3-nbformat'
packages_package='debhelper lintian postgresql-server-dev-all'

# The names among the arguments that are not installed.
packages_missing()
{
	for package_name; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package_name" 2>/dev/null |
			grep -qx installed || printf '%s ' "$package_name"
	done
}

# Runs as root.  While postgresql-15 is being installed, a setting keeps Debian
# from creating and starting a cluster of its own; clusters that exist already
# are not touched, and the setting is gone afterwards.
packages_apt='
set -u
setting=/etc/postgresql-common/createcluster.d/flowstore-install.conf
case " $* " in
*" postgresql-15 "*)
	mkdir -p /etc/postgresql-common/createcluster.d || exit 1
	trap "rm -f $setting" EXIT
	trap "exit 1" HUP INT TERM
	echo "create_main_cluster = false" >$setting || exit 1
	;;
esac
export DEBIAN_FRONTEND=noninteractive
get()
{
	apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "$@" </dev/null
}
get "$@" && exit 0
echo "trying again with a fresh list of packages"
apt-get -q -o DPkg::Lock::Timeout=600 update </dev/null
get "$@"
'

# Makes sure that the named packages are there.  Returns 1, after saying what
# to do, if they are not and cannot be installed.
packages_need()
{
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
		say "This script installs what it needs with apt-get, on Debian 12."
		say "Elsewhere see \"From source\" in docs/installation.md; needed are:"
		say "  $*"
		return 1
	}
	package_list=$(packages_missing "$@")
	[ -n "$package_list" ] || return 0

	# shellcheck disable=SC2086
	set -- $package_list
	if [ "$(id -u)" -eq 0 ]; then
		step "installing $# Debian packages" sh -c "$packages_apt" apt "$@"
	elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
		step "installing $# Debian packages (sudo)" sudo -n sh -c "$packages_apt" apt "$@"
	else
		say "Packages are missing, and this user cannot install them.  As root, run"
		say "  apt-get update && apt-get install --no-install-recommends $*"
		return 1
	fi
}
