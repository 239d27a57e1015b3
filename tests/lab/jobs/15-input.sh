#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=300
# Real input devices, from the kernel to a guest's bridge: the microseconds that
# the kernel gave each event, devices that come and go, another console and back.
. /src/tests/lab/job.sh

modprobe -a uinput uhid hid-generic
# Else closing the lid would put the computer to sleep, as it should.
mkdir -p /run/systemd/logind.conf.d
printf '[Login]\nHandleLidSwitch=ignore\nHandleLidSwitchExternalPower=ignore\nHandleLidSwitchDocked=ignore\n' \
  >/run/systemd/logind.conf.d/lid.conf
systemctl reload systemd-logind
for card in /dev/dri/card*; do [ "$card" = "$(vkms_card)" ] || virtio=$card; done
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=pixman WLR_DRM_DEVICES=$virtio PHYLLOME_BRIDGE=/bin/true
export PHYLLOME_LOCKER='touch /tmp/lab-locker'
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
python3 /src/tests/lab/input.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/input.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 60 /run/session.log
end_login
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice phyllome'
check 'no key was logged' sh -c '! grep -qi "keycode\|KEY_[A-Z]" /run/session.log'
[ $status -eq 0 ]
