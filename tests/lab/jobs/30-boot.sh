#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=1000 fresh
# A real guest, Debian's kernel with a login, in the session of an ordinary user
# on KMS, from its start to its power button. Emulated twice, hence the minutes.
. /src/tests/lab/job.sh

in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(virtio_card)" --verbose -- boot.py
status=$?
log_out
exit $status
