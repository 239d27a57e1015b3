#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer: a guest that runs when its person logs out, and is there at the next login.

login.py write: puts it into the store; obey: starts it, makes the file READY, and powers off
when its power button is pressed; again: after the next login.
"""

import sys

from inside import Guest, exit_status, result, wait_for

READY = '/run/login-guest'
WAIT_MS = 900000

guest = Guest('three', 'device virtio')
if sys.argv[1] == 'write':
    guest.write()
elif sys.argv[1] == 'obey':
    guest.start()
    guest.tell('acpi')
    with open(READY, 'w', encoding='ascii'):
        pass
    guest.tell(f'wait-button {WAIT_MS}')
    guest.tell('poweroff')
else:
    wait_for('the guest is known', 60, lambda: guest.state() in ('off', 'lost', 'running'))
    result('the guest that ran is off, and not lost', guest.state() == 'off', guest.state())
    guest.start()
    result('it is started again', guest.state() == 'running', guest.state())
    guest.kill()
    sys.exit(exit_status())
