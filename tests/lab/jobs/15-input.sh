#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=300
# Real input devices, from the kernel to a guest's bridge: the microseconds that
# the kernel gave each event, devices that come and go, another console and back.
. /src/tests/lab/job.sh

ignore_lid
in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(virtio_card)" PHYLLOME_BRIDGE=/bin/true \
  PHYLLOME_LOCKER='touch /tmp/lab-locker' --verbose -- input.py
status=$?
end_login
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice phyllome'
check 'no key was logged' sh -c '! grep -qi "keycode\|KEY_[A-Z]" /run/session.log'
exit $status
