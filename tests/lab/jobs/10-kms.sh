#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=180
# The session as a person logs in to it: logind, libinput and real KMS; first
# on virtio-gpu, whose screen the outer machine sees, without any guest.
. /src/tests/lab/job.sh

log=/run/session.log
cat >/run/session-start <<'END'
#!/bin/sh
export WLR_RENDERER_ALLOW_SOFTWARE=1
exec phyllome-session -- --verbose
END
chmod +x /run/session-start

control() { varlinkctl --json=short call /run/user/1000/phyllome/control "org.phyllome.Session.$1" "${2:-{\}}"; }
shown() { control ListOutputs | grep -q '"presented":[1-9]'; }

for card in /dev/dri/card*; do [ "$card" = "$(vkms_card)" ] || virtio=$card; done
sed -i "2i export WLR_DRM_DEVICES=$virtio" /run/session-start
start_login alice $log /run/session-start
check 'the session shows its first screen' wait_for 60 shown
sleep 1
outer screendump gpu0 0 first-screen
control ListOutputs
grep -E 'input:|output ' $log
check 'libinput gives it a keyboard' grep -q 'input: QEMU Virtio Keyboard' $log
outer press meta_l shift e
check 'its key logs out' wait_for 30 sh -c '! systemctl is-active -q lab-login.service'
check 'it says so' grep -q 'session: ended by its key' $log
check 'no leftovers' test -z "$(pgrep -u alice phyllome)"
