#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=420
# Real input devices, from the kernel to a guest's bridge: the microseconds that
# the kernel gave each event, devices that come and go, another console and back.
# Then a seat without logind, which is lost, and each step of a failing start.
. /src/tests/lab/job.sh

modprobe uinput
for card in /dev/dri/card*; do [ "$card" = "$(vkms_card)" ] || virtio=$card; done
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=pixman WLR_DRM_DEVICES=$virtio PHYLLOME_BRIDGE=/bin/true
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

# On seatd, without a login.
export XDG_RUNTIME_DIR=/run/seat-test LIBSEAT_BACKEND=seatd WLR_RENDERER=pixman WLR_DRM_DEVICES=$virtio HOME=/run/seat-test
mkdir -m 700 $XDG_RUNTIME_DIR
seatd -l error >/run/seatd.log 2>&1 &
seatd=$!
wait_for 10 test -S /run/seatd.sock
phyllome-compositor >/run/seat.log 2>&1 &
compositor=$!
check 'a session on seatd' wait_for 60 grep -q 'input: QEMU Virtio Keyboard' /run/seat.log
outer press ctrl alt f3
check 'there its key shows another console' wait_for 10 grep -q tty3 /sys/class/tty/tty0/active
sleep 1
kill -KILL $seatd
timeout 30 tail --pid=$compositor -f /dev/null
wait $compositor
check 'losing the seat ends it with status 1' test $? -eq 1
check 'it says so' grep -q 'seat: lost' /run/seat.log

seatd -l error >/run/seatd.log 2>&1 &
seatd=$!
sleep 1
for step in $(phyllome-compositor --list-steps); do
  timeout 60 phyllome-compositor --fail-at "$step" >"/run/fail-$step.log" 2>&1
  check "a start that fails at $step ends well" test $? -eq 1
done
WLR_DRM_DEVICES=/dev/null phyllome-compositor >/run/no-gpu.log 2>&1
check 'a GPU that is none is named' grep -q 'start: WLR_DRM_DEVICES is /dev/null' /run/no-gpu.log
kill $seatd
wait $seatd
LIBSEAT_BACKEND=seatd phyllome-compositor >/run/no-seat.log 2>&1
check 'without a seat it says how to get one' grep -q 'start: no seat' /run/no-seat.log
[ $status -eq 0 ]
