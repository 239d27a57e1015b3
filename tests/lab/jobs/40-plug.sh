#!/bin/bash
# SPDX-License-Identifier: MIT
# lab: timeout=400
# Monitors that come and go at random under three guests.
. /src/tests/lab/job.sh

sh /src/tests/lab/vkms.sh 3
# shellcheck disable=SC2046
in_session WLR_RENDERER=pixman WLR_DRM_DEVICES="$(vkms_card)" PHYLLOME_BRIDGE=/tmp/talkative-bridge --verbose -- plug.py $(vkms_monitors)
status=$?
end_login
exit $status
