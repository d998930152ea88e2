#!/bin/sh
# Runs a program as a container would, with the kernel's means: it is the first process of its own process namespace, its root is
# read-only without any writable place, it is no root, and it can gain no privilege.
#
#   container.sh ROOT USER CONFIGURATION PROGRAM…
#
# Started by `unshare --mount --pid --ipc --uts --fork`. CONFIGURATION is mounted at /etc/claviger.
set -eu

root=$1
user=$2
configuration=$3
shift 3

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$configuration" "$root/etc/claviger"
mount -o remount,bind,ro "$root/etc/claviger"
mount -o remount,bind,ro,nosuid,nodev "$root"

# chroot drops the last three with the change of the user.
exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
    chroot --userspec="$user" --groups= "$root" "$@"
