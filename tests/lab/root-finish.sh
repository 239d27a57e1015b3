#!/bin/sh
# SPDX-License-Identifier: MIT
# The last step of building the root, run inside it: the vkms kernel module, the
# people of the computer and of the demonstration guest, and mount points.
set -eu

export LC_ALL=C.UTF-8
release=$(basename /lib/modules/*)

# vkms is a kernel's own virtual graphics card, with planes and hotplug. Debian
# ships its source only. Neither source nor headers need to stay.
build_vkms() {
  echo "phyllome: fetching the kernel source, for its vkms driver"
  series=${release%"${release#*.*.}"}
  series=${series%.}
  version=$(dpkg-query -W -f '${Version}' "linux-image-$release")
  apt-get install -y --no-install-recommends "linux-headers-$release=$version"
  work=$(mktemp -d)
  chmod 755 "$work"
  (cd "$work" && apt-get -o APT::Sandbox::User=root download "linux-source-$series=$version")
  echo "phyllome: unpacking and building the vkms driver"
  dpkg-deb --fsys-tarfile "$work"/linux-source-*.deb |
    tar -x -O --wildcards "./usr/src/linux-source-$series.tar.*" |
    xz -d -T0 | tar -x -C "$work" --strip-components=1 "linux-source-$series/drivers/gpu/drm/vkms"
  make -C "/lib/modules/$release/build" M="$work/drivers/gpu/drm/vkms" CONFIG_DRM_VKMS=m modules
  install -D -m 644 "$work/drivers/gpu/drm/vkms/vkms.ko" "/lib/modules/$release/extra/vkms.ko"
  strip --strip-debug "/lib/modules/$release/extra/vkms.ko"
  depmod "$release"
  rm -rf "$work"
  apt-get purge -y --autoremove "linux-headers-$release"
}

# The XML of the wlroots project's own protocols is in no package but one for Rust,
# whose dependencies are a whole toolchain: only the files are taken.
fetch_wlr_protocols() {
  echo "phyllome: fetching the wlroots project's protocols"
  work=$(mktemp -d)
  chmod 755 "$work"
  (cd "$work" && apt-get -o APT::Sandbox::User=root download librust-wayland-protocols-wlr-dev)
  dpkg-deb -x "$work"/*.deb "$work"
  mkdir -p /usr/share/wlr-protocols/unstable
  cp "$work"/usr/share/cargo/registry/wayland-protocols-wlr-*/wlr-protocols/unstable/*.xml /usr/share/wlr-protocols/unstable/
  rm -rf "$work"
}

# alice uses the computer, guest the demonstration guest. Neither is in a group
# that opens devices: logind gives them their seat.
add_people() {
  for name in alice guest; do
    useradd --create-home --shell /bin/bash "$name"
    echo "$name:$name" | chpasswd
  done
  echo root:root | chpasswd
  echo phyllome >/etc/hostname
  printf '127.0.0.1 localhost phyllome\n' >/etc/hosts
}

echo "phyllome: the packages are set up"
build_vkms
fetch_wlr_protocols
add_people
mkdir -p /src /build /cache /share
: >/etc/machine-id
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt
