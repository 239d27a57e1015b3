#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=300
# Fingers and pens, by devices of uinput through libinput: who gets them, gestures
# on a touchpad and at the edge of a touch screen, taps on what is ours.
. /src/tests/lab/job.sh

in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(virtio_card)" PHYLLOME_BRIDGE=/bin/true --verbose -- touch.py
status=$?
end_login
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice phyllome'
exit $status
