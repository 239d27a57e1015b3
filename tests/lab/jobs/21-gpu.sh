#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=1500
# A GPU context only when one is needed: none for a guest on a plane, one for a picture
# that must be drawn, none again a while later.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 1
in_session WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(vkms_card)" --verbose -- gpu.py
status=$?
end_login
exit $status
