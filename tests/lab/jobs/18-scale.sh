#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=240
# A guest's picture in another size: the shaders, drawn by GLES2, as they are seen
# on the screen of virtio-gpu.
. /src/tests/lab/job.sh

in_session WLR_RENDERER=gles2 WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(virtio_card)" --verbose -- scale.py
status=$?
check 'the shaders are used' sh -c '! grep -q "scaling: by the renderer" /run/session.log'
log_out
exit $status
