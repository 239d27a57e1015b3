# SPDX-License-Identifier: MIT
"""From exec of the session to its first frame, and on to the picture of a guest that is started in it; nothing in the page cache.

And from the death of our compositor to the picture of a guest that goes on running.
"""

import os
import re
import select
import signal
import subprocess
import time

from inside import COMPOSITOR, pids, wait_screen  # tests/lab's
from judge import name_pictures, pair_flips, percentile
from kernel import EXEC, FLIP, TRACE, Screen, Trace, Watch, planes
from look import Look, modes
from sessions import card, control

TURNS = 5
PROGRAMS = {'phyllome': 'phyllome-session', 'gnome-boxes': 'gnome-shell'}


def read_line(line):
    """(µs, event, its text) of a line of the trace; None for any other, and for the kernel's own flips."""
    match = re.search(rf'(\d+)\.(\d{{6}}): ({EXEC}|{FLIP}): (?!file=(?:0+,|\(null\)))(.*)', line.decode(errors='replace'))
    return match and (int(match[1]) * 1000000 + int(match[2]), match[3], match[4])


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
        """Once the session answers: what it did until then is in the trace, which is read from its begin to its first flip."""
        deadline, rest = time.monotonic() + 60, b''
        pipe = os.open(f'{TRACE}/trace_pipe', os.O_RDONLY | os.O_NONBLOCK)
        try:
            # Nothing is read while there is nothing new: the session would be charged for it.
            while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
                *lines, rest = (rest + os.read(pipe, 65536)).split(b'\n')
                for when, event, text in filter(None, map(read_line, lines)):
                    if event == EXEC and not self.begun and text.split()[0].endswith(self.program):
                        self.begun = when
                    elif event == FLIP and self.begun:
                        bench.figure('exec to', 'first frame', (when - self.begun) / 1000, 'ms')
                        return
        finally:
            os.close(pipe)
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


def put_again(bench, session):
    """The compositor is killed: the supervisor starts another, which takes up the guest."""
    width, height = session.size()
    guest, waits = session.guests[0], {'first frame': [], 'guest\'s picture': []}
    control('ShowGuest', name=guest.name)
    guest.show_buffer(1)
    for _ in range(TURNS):
        time.sleep(60)  # or the supervisor waits for longer each time
        look = Look({min(modes()): (width, height, [(width // 2, height // 2)])})
        try:
            killed = time.monotonic_ns() // 1000
            os.kill(*pids(COMPOSITOR), signal.SIGKILL)
            time.sleep(5)
        finally:
            (events,) = look.finish().values()
        wait_screen()
        flips = [flip for flip in pair_flips(events) if flip[0] > killed]
        seen = [when for when, name in name_pictures(flips, {guest.color(1) * 0x010101: guest.name}) if name]
        if not seen:
            raise SystemExit(f'the guest\'s picture was not seen; {len(flips)} flips')
        waits['first frame'].append((flips[0][0] - killed) / 1000)
        waits['guest\'s picture'].append((seen[0] - killed) / 1000)
    for figure, times in waits.items():
        bench.figure('compositor\'s death to', figure, percentile(times, 0.5), 'ms', samples=times,
                     note='the supervisor waits 200 ms of it')
