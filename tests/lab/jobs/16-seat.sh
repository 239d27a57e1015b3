#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=400
# The seat and its GPUs: a seat without logind, a GPU that comes and goes, the
# loss of the seat and of the GPU that draws, and each step of a failing start.
. /src/tests/lab/job.sh

export XDG_RUNTIME_DIR=/run/seat-test HOME=/run/seat-test LIBSEAT_BACKEND=seatd WLR_RENDERER=pixman
unset WAYLAND_DISPLAY DISPLAY
log=/run/seat.log
mkdir -m 700 $XDG_RUNTIME_DIR
vkms=/sys/kernel/config/vkms/lab
[ -d $vkms ] || sh /src/tests/lab/vkms.sh 2
sleep 2
echo 0 >$vkms/enabled
virtio=$(echo /dev/dri/card*)

control() { varlinkctl --json=short call $XDG_RUNTIME_DIR/phyllome/control "org.phyllome.Session.$1" '{}'; }
outputs() { control ListOutputs | grep -o '"name"' | wc -l; }
outputs_are() { [ "$(outputs)" -eq "$1" ]; }
start_seatd() {
  seatd -l error >/run/seatd.log 2>&1 &
  seatd=$!
  sleep 1
}
start_session() {
  env ${1:+"$1"} phyllome-compositor --verbose >$log 2>&1 &
  session=$!
  wait_for 60 grep -q 'input: QEMU Virtio Keyboard' $log
}
# Waits for the session to end by itself; its status is then in $status.
wait_session() {
  timeout 30 tail --pid=$session -f /dev/null
  kill -KILL $session 2>/dev/null
  wait $session
  status=$?
  say "it ended with status $status: $(tail -n 1 $log)"
}

start_seatd
start_session
count=$(outputs)
check 'on seatd it has a screen' test "$count" -ge 1
echo 1 >$vkms/enabled
check 'a GPU that is plugged in brings its monitors' wait_for 30 outputs_are $((count + 2))
echo 0 >$vkms/enabled
check 'unplugged it takes them away' wait_for 30 outputs_are "$count"
outer press ctrl alt f3
check 'its key shows another console' wait_for 10 grep -q tty3 /sys/class/tty/tty0/active
sleep 1
kill -KILL $seatd
wait_session
check 'losing the seat ends it with status 1' test $status -eq 1
check 'it says so' grep -q 'seat: lost' $log

echo 1 >$vkms/enabled
udevadm settle
start_seatd
start_session WLR_DRM_DEVICES="$(vkms_card)"
echo 0 >$vkms/enabled
wait_session
check 'losing the GPU that draws ends it with status 1' test $status -eq 1
check 'it says so too' grep -q 'gpu: the one that draws is gone' $log

export WLR_DRM_DEVICES=$virtio
for step in $(phyllome-compositor --list-steps); do
  timeout 60 phyllome-compositor --fail-at "$step" >"/run/fail-$step.log" 2>&1
  check "a start that fails at $step ends well" test $? -eq 1
done
WLR_DRM_DEVICES=/dev/null phyllome-compositor >$log 2>&1
check 'a GPU that is none is named' grep -q 'start: WLR_DRM_DEVICES is /dev/null' $log
kill $seatd
wait $seatd
phyllome-compositor >$log 2>&1
check 'without a seat it says how to get one' grep -q 'start: no seat' $log

# As it was, for the jobs that follow.
echo 1 >$vkms/enabled
udevadm settle
python3 -c 'import fcntl; fcntl.ioctl(open("/dev/tty0", "wb"), 0x5606, 1)' # VT_ACTIVATE
