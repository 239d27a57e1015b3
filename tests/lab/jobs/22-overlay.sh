#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=1500 fresh
# Two guests side by side, and a guest under the strip, without a render pass: each
# picture on a plane of its own, by the kernel's own account and to the pixel. A
# monitor whose planes are too few is composited, with the reason.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 2 1
cat >/run/session-start <<END
#!/bin/sh
export PHYLLOME_PLANES=1 WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=$(vkms_card)
exec phyllome-session
END
chmod +x /run/session-start
python3 /src/tests/lab/overlay.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/overlay.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 60 /run/session.log
end_login
exit $status
