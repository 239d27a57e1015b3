#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=900
# The tools of other compositors on a session through logind, libinput and KMS: grim,
# kanshi, wlr-randr, swayidle, wl-clipboard, foot, wayvnc, waybar, virt-manager, and the
# portal that shares the screen through PipeWire.
. /src/tests/lab/job.sh

in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(virtio_card)" PHYLLOME_LOCKER='swaylock -f -c 3040a0' --verbose -- tools.py
status=$?
log_out
rm -rf /home/alice/tools
exit $status
