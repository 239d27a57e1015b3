#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=900 fresh
# Guests on overlay planes while all around them changes: settings, monitors that want the
# same plane, the lock, the console, a driver that breaks its word, a session that dies.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 2 2 1
cc -shared -fPIC -o /run/refuse.so /src/tests/lab/refuse.c || exit
in_session WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(vkms_card)" PHYLLOME_LOCKER='swaylock -f -c 3040a0' \
  LD_PRELOAD=/run/refuse.so -- overlay_changes.py
status=$?
end_login
exit $status
