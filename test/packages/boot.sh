#!/bin/sh
# The first process of new namespaces: makes the changeroot $1 a machine, and
# becomes its service manager.
set -eu
root=$1

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
# what belongs to the whole kernel stays as the host has set it
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
for device in null zero full random urandom tty; do
	: >"$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
chroot "$root" ip link set lo up

cd "$root"
mkdir -p mnt
pivot_root . mnt
exec env -i container=flowstore PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	sh -c 'umount -l /mnt && exec /lib/systemd/systemd --log-target=console --show-status=no --unit=multi-user.target'
