#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=300
# A portable computer at a dock, on vkms: its lid is closed and opened, the other
# monitor goes and comes, also while the session is locked.
. /src/tests/lab/job.sh

modprobe uinput
[ -d /sys/kernel/config/vkms/lab ] || sh /src/tests/lab/vkms.sh 2
card=$(vkms_card)
monitors=$(for one in /sys/class/drm/"${card##*/}"-Virtual*; do echo "${one##*/card?-}"; done | sort -V)
# Else closing the lid would put the computer to sleep, as it should.
mkdir -p /run/systemd/logind.conf.d
printf '[Login]\nHandleLidSwitch=ignore\nHandleLidSwitchExternalPower=ignore\nHandleLidSwitchDocked=ignore\n' \
  >/run/systemd/logind.conf.d/lid.conf
systemctl reload systemd-logind
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=pixman WLR_DRM_DEVICES=$card PHYLLOME_BRIDGE=/bin/true PHYLLOME_LOCKER='swaylock -f -c 3040a0'
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
# These are the only guests, and nothing is known of where they were.
rm -rf /home/alice/.local/share/phyllome /home/alice/.local/state/phyllome
# shellcheck disable=SC2086
python3 /src/tests/lab/dock.py prepare $monitors || exit
start_login alice /run/session.log /run/session-start
# shellcheck disable=SC2086
python3 /src/tests/lab/dock.py run $monitors 2>&1
status=$?
[ $status -eq 0 ] || tail -n 60 /run/session.log
end_login
rm -rf /home/alice/.config/phyllome
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice "phyllome|swaylock"'
[ $status -eq 0 ]
