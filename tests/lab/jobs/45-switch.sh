#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=900 fresh
# A thousand switches among eight guests, by key, on a screen whose plane shows the
# guests' own buffers.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 1
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=$(vkms_card)
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
python3 /src/tests/lab/switch.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/switch.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 40 /run/session.log
end_login
exit $status
