#!/bin/sh
# SPDX-License-Identifier: MIT
# In the computer: makes a vkms graphics card "lab", in place of the one that is there,
# with N monitors (default 2), each with a primary, two overlay and a cursor plane; the last BARE of them (default 0)
# without overlay planes; SHARED overlay planes (default 0) above all of these that any
# monitor can use; and SPARE more monitors (default 0), unplugged, that have no CRTC of their own
# and use any that is free. Writing 2 to
# /sys/kernel/config/vkms/lab/connectors/nX/status unplugs monitor X, 1 plugs it in.
set -eu

count=${1:-2}
bare=${2:-0}
shared=${3:-0}
spare=${4:-0}
modprobe vkms create_default_dev=0
modprobe configfs
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
card=/sys/kernel/config/vkms/lab
if [ -d "$card" ]; then
  echo 0 >"$card/enabled"
  rm -f "$card"/planes/*/possible_crtcs/* "$card"/encoders/*/possible_crtcs/* "$card"/connectors/*/possible_encoders/*
  rmdir "$card"/planes/* "$card"/connectors/* "$card"/encoders/* "$card"/crtcs/* "$card"
  udevadm settle
fi
mkdir "$card"
n=0
while [ "$n" -lt "$count" ]; do
  mkdir "$card/crtcs/c$n" "$card/encoders/e$n" "$card/connectors/n$n"
  echo 1 >"$card/crtcs/c$n/writeback"
  for plane in primary:1 overlay-a:0 overlay-b:0 cursor:2; do
    case $plane in
    overlay*) [ "$n" -lt $((count - bare)) ] || continue ;;
    esac
    dir=$card/planes/${plane%:*}-$n
    mkdir "$dir"
    echo "${plane#*:}" >"$dir/type"
    ln -s "$card/crtcs/c$n" "$dir/possible_crtcs/"
  done
  ln -s "$card/crtcs/c$n" "$card/encoders/e$n/possible_crtcs/"
  ln -s "$card/encoders/e$n" "$card/connectors/n$n/possible_encoders/"
  echo 1 >"$card/connectors/n$n/status"
  n=$((n + 1))
done
while [ "$shared" -gt 0 ]; do
  dir=$card/planes/shared-$shared
  mkdir "$dir"
  echo 0 >"$dir/type"
  for crtc in "$card"/crtcs/*; do
    ln -s "$crtc" "$dir/possible_crtcs/"
  done
  shared=$((shared - 1))
done
while [ "$spare" -gt 0 ]; do
  mkdir "$card/encoders/e$n" "$card/connectors/n$n"
  for crtc in "$card"/crtcs/*; do
    ln -s "$crtc" "$card/encoders/e$n/possible_crtcs/"
  done
  ln -s "$card/encoders/e$n" "$card/connectors/n$n/possible_encoders/"
  echo 2 >"$card/connectors/n$n/status"
  n=$((n + 1)) spare=$((spare - 1))
done
echo 1 >"$card/enabled"
udevadm settle
