#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The first process of a command's namespaces (see enter.sh): makes the root this
# namespace's root file system, read-only but for /build, /tmp and /run, then
# hands over to tini, which starts the command, reaps, and passes signals on.
# usage: enter-inner.sh ROOT SRC ro|rw BUILD CACHE N FROM TO… CMD…
set -euo pipefail

root=$1 src=$2 src_mode=$3 build=$4 cache=$5 count=$6
shift 6
binds=("${@:1:count}")
shift "$count"

# Keeps working where this is refused (a file system mounted with flags that a
# user namespace may not change): then the root is merely writable.
make_read_only() { mount -o remount,bind,ro "$1" 2>/dev/null || true; }

mount --bind "$root" "$root"
make_read_only "$root"

mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"

mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
nodes=(null zero full random urandom tty udmabuf)
# Some virtual machines have a /dev/kvm on a processor without virtualization: it
# opens, and then runs a guest slower than emulation does, or not at all.
if grep -qwE 'vmx|svm' /proc/cpuinfo; then
  nodes+=(kvm)
fi
for node in "${nodes[@]}"; do
  [ -e "/dev/$node" ] || continue
  : >"$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
if [ -d /dev/dri ]; then
  mkdir "$root/dev/dri"
  mount --rbind /dev/dri "$root/dev/dri"
fi

mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=1777 tmp "$root/var/tmp"
mount -t tmpfs -o mode=755 run "$root/run"
mkdir -p "$root/run/user/0" "$root/run/home" "$root/run/lock"
chmod 700 "$root/run/user/0"
# What a guest needs to reach the network is the machine's own.
if [ -e /etc/resolv.conf ]; then
  cat /etc/resolv.conf >"$root/run/resolv.conf"
  [ -L "$root/etc/resolv.conf" ] || mount --bind "$root/run/resolv.conf" "$root/etc/resolv.conf" 2>/dev/null || true
fi

mount --bind "$src" "$root/src"
[ "$src_mode" = rw ] || make_read_only "$root/src"
mount --bind "$build" "$root/build"
mount --bind "$cache" "$root/cache"
for ((i = 0; i < count; i += 2)); do
  to=$root${binds[i + 1]}
  if [ -d "${binds[i]}" ]; then
    mkdir -p "$to"
  else
    mkdir -p "${to%/*}"
    [ -e "$to" ] || : >"$to"
  fi
  mount --bind "${binds[i]}" "$to"
done

cd "$root"
pivot_root . mnt
cd /src
umount -l /mnt
exec tini -g -- "$@"
