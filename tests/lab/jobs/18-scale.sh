#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=900
# A guest's picture in another size: the shaders, drawn by GLES2, as they are seen
# on the screen of virtio-gpu; and what Vulkan makes of it, which has none of them.
. /src/tests/lab/job.sh

in_session WLR_RENDERER=gles2 WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(virtio_card)" --verbose -- scale.py
status=$?
check 'the shaders are used' sh -c '! grep -q "scaling: by the renderer" /run/session.log'
log_out

# Vulkan in software has memory from udmabuf where there is no screen, and takes half a minute to begin.
driver=/usr/share/vulkan/icd.d/lvp_icd.json
name='Vulkan scales by a filter of its own, rightly, and it is said'
protocols=$(echo /usr/share/wayland/wayland.xml /usr/share/wayland-protocols/staging/ext-image-c*/*.xml /src/protocols/*.xml)
if [ -e $driver ]; then
  check "$name" env PH_TEST_RENDERER=vulkan WLR_RENDERER_FORCE_SOFTWARE=1 VK_DRIVER_FILES=$driver \
    PH_TEST_XML="${protocols// /:}" PH_TEST_TIMEOUT_FACTOR=12 PYTHONDONTWRITEBYTECODE=1 \
    PH_COMPOSITOR=/usr/bin/phyllome-compositor PH_BRIDGE=/bin/true \
    python3 /src/tests/headless/run.py /src/tests/headless/test_scale.py renderer_without_our_shaders
else
  echo "ok $name # SKIP the package mesa-vulkan-drivers is not installed"
fi
exit $status
