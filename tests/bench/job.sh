#!/bin/bash
# SPDX-License-Identifier: MIT
# The bench, inside the computer: what /share/bench.json asks for.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 4 # MONITORS of sessions.py
mkdir -p /run/bench
vkms_card >/run/bench/card
exec python3 /src/tests/bench/measure.py
