#!/bin/bash
# SPDX-License-Identifier: MIT
# In the computer: a person logs in to the session, on the computer's own screen,
# with the demonstration guest. For ./dev run --computer.
. /src/tests/lab/job.sh

chmod o+r /dev/vdb
dir=/home/alice/.local/share/phyllome/guests/debian
install -d -o alice /home/alice/.local /home/alice/.local/share
sh /src/tests/lab/demo-guest.sh "$dir" /dev/vdb desktop
chown -R alice: /home/alice/.local

echo "logging in"
start_login alice /run/session.log env WLR_RENDERER=pixman phyllome-session -- --guest "$dir" --start
if ! wait_for 60 test -s /run/user/1000/phyllome/wayland-display; then
  cat /run/session.log
  exit 1
fi
sleep 5
outer screendump gpu0 0 session
echo "the session runs on the computer's own screen; its guest, emulated twice, needs some minutes"
if [ ! -e /share/stay ]; then
  end_login
  exit 0
fi
wait
cat /run/session.log
