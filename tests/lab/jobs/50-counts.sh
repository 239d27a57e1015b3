#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=600
# What a frame, a key and rest cost compositor and bridge: system calls, wake-ups,
# render passes, imports, modes. Counts, which are the same on every machine.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 1
in_session WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(vkms_card)" -- counts.py
status=$?
end_login
exit $status
