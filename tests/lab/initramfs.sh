#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the initramfs of the computer and the demonstration guest: busybox, the
# few modules that the root disk needs, and the units of both roles. Run in the
# root; takes a second. Not compressed: unpacking costs an emulated CPU more
# than loading.
# usage: initramfs.sh FILE
set -eu

target=$1
here=$(cd "$(dirname "$0")" && pwd)
release=$(basename /lib/modules/*)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/bin" "$work/proc" "$work/sys" "$work/dev" "$work/run" "$work/modules" "$work/units"
cp /usr/bin/busybox "$work/bin/busybox"
install -m 755 "$here/machine/init" "$work/init"
cp -r "$here/machine/masked" "$here/machine/masked-user" "$here/machine/all" "$here/machine/computer" "$here/machine/guest" "$work/units/"

: >"$work/modules/order"
modprobe --set-version "$release" --show-depends --all virtio_blk ext4 9pnet_virtio 9p | while read -r verb path _; do
  [ "$verb" = insmod ] || continue
  name=$(basename "$path" .xz)
  [ ! -e "$work/modules/$name" ] || continue
  case $path in
  *.xz) xz -dc "$path" >"$work/modules/$name" ;;
  *) cp "$path" "$work/modules/$name" ;;
  esac
  echo "$name" >>"$work/modules/order"
done

mkdir -p "$(dirname "$target")"
(cd "$work" && find . -mindepth 1 | sort | cpio --quiet -o -H newc -R 0:0) >"$target.part"
mv "$target.part" "$target"
