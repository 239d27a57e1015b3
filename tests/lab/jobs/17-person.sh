#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=600
# A person at the session on virtio-gpu: what the outer machine presses arrives in
# a guest's virtio-input queues, and what the guest draws is what it sees; with
# a laptop's keys for its light, and with another console and back. At last a guest in
# an encrypted directory.
. /src/tests/lab/job.sh

in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(virtio_card)" --verbose -- person.py
status=$?
log_out
exit $status
