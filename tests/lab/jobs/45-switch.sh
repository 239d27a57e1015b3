#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=900
# A thousand switches among eight guests, by key, on a screen whose plane shows the
# guests' own buffers.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 1
in_session WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(vkms_card)" --verbose -- switch.py
status=$?
end_login
exit $status
