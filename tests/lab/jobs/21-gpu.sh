#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=600 fresh
# A GPU context only when one is needed: none for a guest on a plane, one for a picture
# that must be drawn, none again a while later.
. /src/tests/lab/job.sh

[ -d /sys/kernel/config/vkms/lab ] || sh /src/tests/lab/vkms.sh 1
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=$(vkms_card)
exec phyllome-session
END
chmod +x /run/session-start
python3 /src/tests/lab/gpu.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/gpu.py run 2>&1
status=$?
[ $status -eq 0 ] || { grep -v backend/drm /run/session.log | tail -n 60; tail -n 40 /run/user/1000/phyllome/*/*.log; }
end_login
exit $status
