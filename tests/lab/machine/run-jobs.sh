#!/bin/bash
# SPDX-License-Identifier: MIT
# In the computer: runs the jobs that /share/jobs names ("PATH SECONDS" a line),
# one after the other. What a job prints goes line by line to the outer machine
# through the port lab.log, framed by lines "@begin NAME" and "@end NAME STATUS".
set -u

port() {
  local name
  for name in /sys/class/virtio-ports/*/name; do
    [ "$(cat "$name")" = "$1" ] || continue
    basename "$(dirname "$name")"
  done
}

exec 7>"/dev/$(port lab.log)"
OUTER=/dev/$(port lab.outer)
export OUTER
echo "@up $(cut -d' ' -f1 /proc/uptime)" >&7

# The programs of the checkout, as a user would have installed them.
if [ -d /build/installed ]; then
  cp -a /build/installed/. /
  # Without libraries of ours it would only cost time.
  [ -z "$(find /build/installed -name '*.so.*' -print -quit)" ] || ldconfig
fi

while read -r job limit; do
  echo "@begin $job" >&7
  timeout --kill-after=10 "$limit" bash "/src/$job" </dev/null >&7 2>&1
  status=$?
  # A job that was cut short leaves its login behind; the next one needs the seat.
  systemctl stop lab-login.service 2>/dev/null
  echo "@end $job $status" >&7
done </share/jobs
echo "@down $(cut -d' ' -f1 /proc/uptime)" >&7
sync
