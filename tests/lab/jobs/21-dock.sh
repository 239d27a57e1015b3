#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=300
# A portable computer at a dock, on vkms: its lid is closed and opened, the other
# monitor goes and comes, also while the session is locked. A third one can be
# plugged in, for which the card has no CRTC.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 2 0 0 1
ignore_lid
# shellcheck disable=SC2046
in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(vkms_card)" PHYLLOME_BRIDGE=/bin/true \
  PHYLLOME_LOCKER='swaylock -f -c 3040a0' --verbose -- dock.py $(vkms_monitors)
status=$?
end_login
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice "phyllome|swaylock"'
exit $status
