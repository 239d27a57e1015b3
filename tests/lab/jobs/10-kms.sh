#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=500
# The session as a person logs in to it: logind, libinput and real KMS; first
# on virtio-gpu, whose screen the outer machine sees, without any guest.
. /src/tests/lab/job.sh

log=/run/session.log
control() { varlinkctl --json=short call /run/user/1000/phyllome/control "org.phyllome.Session.$1" "${2:-{\}}"; }
shown() { control ListOutputs | grep -q '"presented":[1-9]'; }

start_login alice $log env WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES="$(virtio_card)" phyllome-session -- --verbose
check 'the session shows its first screen' wait_for 240 shown
sleep 1
outer screendump gpu0 0 first-screen
control ListOutputs
grep -E 'input:|output ' $log
check 'libinput gives it a keyboard' wait_for 30 grep -q 'input: QEMU Virtio Keyboard' $log
log_out
check 'it says so' grep -q 'session: ended by its key' $log
