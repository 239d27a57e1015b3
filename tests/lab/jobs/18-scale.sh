#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=240
# A guest's picture in another size: the shaders, drawn by GLES2, as they are seen
# on the screen of virtio-gpu.
. /src/tests/lab/job.sh

for card in /dev/dri/card*; do [ "$card" = "$(vkms_card)" ] || virtio=$card; done
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=gles2 WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=$virtio
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
python3 /src/tests/lab/scale.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/scale.py run 2>&1
status=$?
check 'the shaders are used' sh -c '! grep -q "scaling: by the renderer" /run/session.log'
[ $status -eq 0 ] || tail -n 40 /run/session.log /run/user/1000/phyllome/*/*.log
outer press meta_l shift e
check 'its key logs out' wait_for 30 sh -c '! systemctl is-active -q lab-login.service'
end_login
exit $status
