#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=600 fresh
# Zero copy: the guest's own dma-buf is what the plane shows, by the kernel's
# own account, for 600 frames of a 3D guest and of a 2D guest with blobs.
. /src/tests/lab/job.sh

[ -d /sys/kernel/config/vkms/lab ] || sh /src/tests/lab/vkms.sh 2
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=$(vkms_card)
exec phyllome-session
END
chmod +x /run/session-start
python3 /src/tests/lab/planes.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/planes.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 40 /run/session.log /run/user/1000/phyllome/*/*.log
end_login
exit $status
