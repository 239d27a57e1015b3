#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the directory of the demonstration guest: the forky root itself, booted
# as a virtual machine of its own, every write thrown away. Run in the root.
# usage: demo-guest.sh DIR IMAGE console|desktop [SERIAL]
# IMAGE is the disk image (ensure_image), as the guest's QEMU will see it. SERIAL
# is a file that gets what the guest says on its serial line: a login prompt, and
# "PHYLLOME-READY" once its screen shows a login or the desktop.
set -eu

dir=$1 image=$2 kind=$3 serial=${4:-}
case $kind in
console) target=phyllome-guest.target ;;
desktop) target=phyllome-desktop.target ;;
*)
  echo "demo-guest.sh: a guest is console or desktop, not '$kind'" >&2
  exit 2
  ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
release=$(basename /lib/modules/*)

mkdir -p "$dir"
chmod 700 "$dir"
sh "$here/initramfs.sh" "$dir/initramfs"
cp "/boot/vmlinuz-$release" "$dir/vmlinuz"
{
  cat <<EOF
# Debian in a virtual machine, to look at and to test with.
name "Debian ($kind)"
memory 1G
cpus 2
disk "$image" {
  format raw
  snapshot
}
kernel vmlinuz {
  initrd initramfs
  cmdline "console=ttyS0 console=tty0 quiet mitigations=off net.ifnames=0 audit=0 apparmor=0 phyllome.role=guest systemd.unit=$target systemd.show_status=no"
}
display {
  device virtio
}
network none
EOF
  [ -z "$serial" ] || printf 'qemu {\n  arg -serial "file:%s"\n}\n' "$serial"
} >"$dir/guest.scfg.part"
mv "$dir/guest.scfg.part" "$dir/guest.scfg"
