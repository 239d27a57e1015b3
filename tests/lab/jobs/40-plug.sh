#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=400 fresh
# Monitors that come and go at random under three guests.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 3
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=pixman WLR_DRM_DEVICES=$(vkms_card)
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
card=$(vkms_card)
monitors=$(for one in /sys/class/drm/"${card##*/}"-*; do echo "${one##*/card?-}"; done | sort -V)
# shellcheck disable=SC2086
python3 /src/tests/lab/plug.py prepare $monitors || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/plug.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 40 /run/session.log
end_login
exit $status
