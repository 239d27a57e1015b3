#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the directory of a guest that is real and yet boots inside the computer in
# minutes: Debian's stock kernel with busybox as its user space, a login on its
# screen. What costs an emulated CPU time is left out: the kernel is unpacked
# beforehand (and started by its PVH entry), nothing is compressed, and qboot is
# the firmware. Log in as guest, password guest. Run where the kernel is.
# usage: small-guest.sh DIR SERIAL [QMP]
# SERIAL is a file that gets what the guest says on its serial line: "PHYLLOME-READY"
# once its screen shows the login, "PHYLLOME-SHELL" after a login. QMP is a socket
# for a test.
set -eu

dir=$1 serial=$2 qmp=${3:-}
release=$(basename /lib/modules/*)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$dir" "$work/bin" "$work/dev" "$work/etc/acpi/PWRF" "$work/home" "$work/modules" "$work/proc" "$work/sys" "$work/tmp"
chmod 700 "$dir"

# The head of a bzImage says where in it the real kernel lies, packed by zstd.
python3 - "/boot/vmlinuz-$release" "$dir/vmlinux" <<'END'
import compression.zstd
import struct
import sys

with open(sys.argv[1], 'rb') as file:
    image = file.read()
start = (image[0x1f1] + 1) * 512 + struct.unpack_from('<I', image, 0x248)[0]
kernel = compression.zstd.ZstdDecompressor().decompress(image[start:])
if kernel[:4] != b'\x7fELF':
    raise SystemExit(f'small-guest.sh: {sys.argv[1]}: its kernel is not packed as expected')
with open(sys.argv[2], 'wb') as file:
    file.write(kernel)
END

cp /usr/bin/busybox "$work/bin/busybox"
: >"$work/modules/order"
modprobe --set-version "$release" --show-depends --all virtio_gpu virtio_input evdev button | while read -r verb path _; do
  [ "$verb" = insmod ] || continue
  name=$(basename "$path" .xz)
  [ ! -e "$work/modules/$name" ] || continue
  case $path in
  *.xz) xz -dc "$path" >"$work/modules/$name" ;;
  *) cp "$path" "$work/modules/$name" ;;
  esac
  strip --strip-debug "$work/modules/$name" # and of its signature, which takes time to check
  echo "$name" >>"$work/modules/order"
done

cat >"$work/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do
  insmod "/modules/$module"
done </modules/order
hostname phyllome
chmod 666 /dev/ttyS0
exec init
END
cat >"$work/etc/login" <<'END'
#!/bin/sh
echo "PHYLLOME-READY after $(cut -d' ' -f1 /proc/uptime) s" >/dev/ttyS0
exec getty 0 tty1 linux
END
cat >"$work/etc/acpi/PWRF/00000080" <<'END'
#!/bin/sh
echo PHYLLOME-POWER-BUTTON >/dev/ttyS0
exec poweroff -f
END
chmod 755 "$work/init" "$work/etc/login" "$work/etc/acpi/PWRF/00000080"
printf '%s\n' 'tty1::respawn:/etc/login' '::respawn:acpid -f -l /dev/null' >"$work/etc/inittab"
echo 'echo "PHYLLOME-SHELL of $(id -un) on $(tty)" >/dev/ttyS0' >"$work/etc/profile"
printf '%s\n' 'Log in as guest, password guest.' '' >"$work/etc/issue"
printf '%s\n' 'root:x:0:0:root:/:/bin/sh' "guest:$(busybox mkpasswd -m md5 guest):1000:1000:guest:/home:/bin/sh" >"$work/etc/passwd"
printf '%s\n' 'root:x:0:' 'guest:x:1000:' >"$work/etc/group"
(cd "$work" && find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0) >"$dir/initramfs"

cat >"$dir/guest.scfg" <<END
name "Debian's kernel"
memory 256M
cpus 1
machine pc
accel tcg
kernel vmlinux {
  initrd initramfs
  cmdline "console=ttyS0 quiet nokaslr mitigations=off rodata=off tsc=reliable nolapic_timer hpet=disable no_timer_check audit=0 apparmor=0 cryptomgr.notests random.trust_cpu=on rcupdate.rcu_expedited=1"
}
display {
  device virtio
}
pointer relative
network none
agent off
qemu {
  # Time by instructions: in real time the ticks of its clock would keep so slow a CPU busy.
  arg -accel "tcg,thread=single"
  arg -icount shift=0
  arg -cpu Nehalem
  arg -bios /usr/share/qemu/qboot.rom
  arg -serial "file:$serial"
END
[ -z "$qmp" ] || echo "  arg -qmp \"unix:$qmp,server=on,wait=off\"" >>"$dir/guest.scfg"
echo '}' >>"$dir/guest.scfg"
