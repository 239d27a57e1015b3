#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=600
# Zero copy: the guest's own dma-buf is what the plane shows, by the kernel's
# own account, for 600 frames of a 3D guest and of a 2D guest with blobs.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 2
in_session WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(vkms_card)" -- planes.py
status=$?
end_login
exit $status
