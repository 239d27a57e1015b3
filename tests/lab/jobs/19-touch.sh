#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=300
# Fingers and pens, by devices of uinput through libinput: who gets them, gestures
# on a touchpad and at the edge of a touch screen, taps on what is ours.
. /src/tests/lab/job.sh

modprobe uinput
for card in /dev/dri/card*; do [ "$card" = "$(vkms_card)" ] || virtio=$card; done
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=pixman WLR_DRM_DEVICES=$virtio PHYLLOME_BRIDGE=/bin/true
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
# These are the only guests, and nothing is known of where they were.
rm -rf /home/alice/.local/share/phyllome /home/alice/.local/state/phyllome
python3 /src/tests/lab/touch.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/touch.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 60 /run/session.log
end_login
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice phyllome'
[ $status -eq 0 ]
