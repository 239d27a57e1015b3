#!/bin/bash
# SPDX-License-Identifier: MIT
# The computer itself: kernel, screens, planes, input devices, a real login.
. /src/tests/lab/job.sh

say "kernel $(uname -r)"
check 'a stock Debian kernel' grep -q 'Debian' /proc/version
check 'virtio-gpu is a KMS device' test -e /dev/dri/by-path/*-card
check 'udmabuf is there' test -c /dev/udmabuf

sh /src/tests/lab/vkms.sh 2
vkms=$(vkms_card)
check 'vkms is a KMS device' test -c "$vkms"
check 'vkms has two monitors' test "$(grep -l '^connected' /sys/class/drm/"${vkms##*/}"-*/status | wc -l)" -eq 2
check 'vkms has four planes for each' test "$(grep -c '^plane\[' "$(vkms_state)")" -eq 8
echo 2 >/sys/kernel/config/vkms/lab/connectors/n1/status
check 'a monitor can be unplugged' test "$(grep -l '^connected' /sys/class/drm/"${vkms##*/}"-*/status | wc -l)" -eq 1
echo 1 >/sys/kernel/config/vkms/lab/connectors/n1/status

udevadm settle
check 'libinput sees a keyboard' sh -c 'udevadm info --export-db | grep -q ID_INPUT_KEYBOARD=1'
check 'libinput sees a mouse' sh -c 'udevadm info --export-db | grep -q ID_INPUT_MOUSE=1'

login_as alice sh -c 'id -un; cat /proc/self/loginuid; echo session=$XDG_SESSION_ID seat=$XDG_SEAT vt=$XDG_VTNR dir=$XDG_RUNTIME_DIR; loginctl show-session $XDG_SESSION_ID -p Active -p Seat -p Type -p Class -p State; ls -la /dev/dri /dev/input; sleep 2' >/run/login.log 2>&1
cat /run/login.log
check 'alice has a session of logind' grep -q 'seat=seat0 vt=1 dir=/run/user/1000' /run/login.log
check 'it is the active one of its seat' grep -q '^Active=yes' /run/login.log

check 'the outer machine types' bash -c '. /src/tests/lab/job.sh
  node=$(grep -l "Virtio Keyboard" /sys/class/input/event*/device/name | cut -d/ -f5)
  timeout 10 dd if=/dev/input/$node of=/run/keys bs=24 count=4 2>/dev/null & sleep 1; outer press a; wait
  test -s /run/keys'
outer screendump gpu0 0 smoke
check 'the outer machine sees the screen' test -s /share/results/smoke.png
