#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=1500 fresh
# Two guests side by side, and a guest under the strip, without a render pass: each
# picture on a plane of its own, by the kernel's own account and to the pixel of what
# vkms composes. A monitor whose planes are too few is composited, with the reason.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 2 1
in_session WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(vkms_card)" -- overlay.py
status=$?
end_login
exit $status
