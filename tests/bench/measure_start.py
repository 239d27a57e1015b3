# SPDX-License-Identifier: MIT
"""From exec of the session to its first frame, and on to the picture of a guest that is started in it; nothing in the page cache."""

import subprocess
import time

from kernel import EXEC, FLIP, Screen, Trace, Watch, planes
from sessions import card

PROGRAMS = {'phyllome': 'phyllome-session', 'gnome-boxes': 'gnome-shell'}


class Start:
    """Made before the login."""

    def __init__(self, session):
        self.session = session
        self.program = '/' + PROGRAMS.get(session.name, session.name.split('-')[0])
        self.screen, self.trace, self.begun = Screen(card()), Trace(execs=True), None
        self.elsewhere = 0  # s since then for which others measured
        # As after a boot: the one before may have read what this one needs.
        subprocess.run(['sync'], check=True)
        with open('/proc/sys/vm/drop_caches', 'w', encoding='ascii') as file:
            file.write('3')

    def put_first(self, bench):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            events = self.trace.read()
            begun = [when for when, event, text in events if event == EXEC and text.split()[0].endswith(self.program)]
            shown = [when for when, event, _ in events if event == FLIP and begun and when > begun[0]]
            if shown:
                self.begun = begun[0]
                bench.figure('exec to', 'first frame', (shown[0] - begun[0]) / 1000, 'ms')
                return
            time.sleep(0.5)
        raise SystemExit('no frame within 60 s')

    def put_picture(self, bench, guest, add):
        """Adds the guest and looks for its colour in the middle of the planes at each flip."""
        width, height = self.session.size()
        gray, seen = guest.color(1) * 0x010101, []

        def look(when):
            if any(self.screen.pixel(plane, width // 2, height // 2) == gray for plane in planes()):
                seen.append(when)

        watch = Watch(look)
        try:
            add(self.session, guest)
            deadline = time.monotonic() + 60  # of the computer's clock: a kiosk draws for seconds until it has its first window
            while not seen and time.monotonic() < deadline:
                time.sleep(0.2)
        finally:
            watch.stop()
        if not seen:
            bench.fail('guest\'s picture', 'it was not found in the middle of a plane')
        elif self.begun:
            bench.figure('exec to', 'guest\'s picture', (seen[0] - self.begun) / 1000 - self.elsewhere * 1000, 'ms')

    def finish(self):
        self.trace.finish()
        self.screen.close()
