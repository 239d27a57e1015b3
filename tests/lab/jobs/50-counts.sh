#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=600 fresh
# What a frame, a key and rest cost compositor and bridge: system calls, wake-ups,
# render passes, imports, modes. Counts, which are the same on every machine.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 1
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=$(vkms_card)
exec phyllome-session
END
chmod +x /run/session-start
python3 /src/tests/lab/counts.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/counts.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 40 /run/session.log /run/user/1000/phyllome/*/*.log
end_login
exit $status
