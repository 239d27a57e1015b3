#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=1000 fresh
# A real guest, Debian's kernel with a login, in the session of an ordinary user
# on KMS, from its start to its power button. Emulated twice, hence the minutes.
. /src/tests/lab/job.sh

for card in /dev/dri/card*; do [ "$card" = "$(vkms_card)" ] || virtio=$card; done
cat >/run/session-start <<END
#!/bin/sh
export WLR_RENDERER=pixman WLR_DRM_DEVICES=$virtio
exec phyllome-session -- --verbose
END
chmod +x /run/session-start
python3 /src/tests/lab/boot.py prepare || exit
start_login alice /run/session.log /run/session-start
python3 /src/tests/lab/boot.py run 2>&1
status=$?
[ $status -eq 0 ] || tail -n 40 /run/session.log /run/user/1000/phyllome/*/*.log /home/alice/serial
outer press meta_l shift e
check 'its key logs out' wait_for 30 sh -c '! systemctl is-active -q lab-login.service'
check 'no leftovers' wait_for 20 sh -c '! pgrep -u alice "phyllome|qemu"'
end_login
exit $status
