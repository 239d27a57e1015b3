#!/bin/sh
# SPDX-License-Identifier: MIT
# Gives the screen the size that it prefers now, whenever that changes: the
# compositors of wlroots keep the list of modes that they saw at first.
udevadm monitor --kernel --subsystem-match=drm | while read -r line; do
  case $line in *change*) ;; *) continue ;; esac
  # by then the compositor has had the kernel look at the screen again
  sleep 1
  read -r mode </sys/class/drm/card0-Virtual-1/modes || continue
  wlr-randr --output Virtual-1 --custom-mode "$mode"
done
