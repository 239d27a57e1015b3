# SPDX-License-Identifier: MIT
"""Long days in a session: a person, twelve guests and two monitors do anything in any order.

The order is the same each time (PH_TEST_SEED has another one). After each
stretch everything has to be as if nothing had happened.
"""

import contextlib
import os
import random
import signal
import time

from fixture import Failure, Session, check, check_equal, eventually
from hand import NAMED, memory
from run import limit
from test_lock import Locker
from test_protocol import LOST, OFF, PAUSED, RUNNING, STARTING, Bridge
from wire import ProtocolError, WireError

KEYS = ('1', '2', '3', '0', 'tab', 'grave', 'h', 'o', 's', 'l', 'p', 'esc', 'enter', 'up', 'down', 'left', 'right', 'space', 'a', 'k', 'f1')
HELD = (('super',), ('super', 'shift'), ('super', 'ctrl'), ('ctrl',), ('alt',), ())
CONFIGS = (
    '', 'theme {\n scheme light\n text-scale 2.5\n}\n', 'theme {\n high-contrast on\n}\nstrip {\n delay 0\n}\n', 'edge on\n',
    'theme {\n text-scale 99\n}\n', 'theme {\n', 'bind Super+1 nonsense\n', '\x00\x01', 'focus follow\n', 'guest guest1 {\n scale sharp\n colour "#010203"\n}\n',
    'output HEADLESS-1 {\n scale 1.5\n}\n', 'output * {\n transform 90\n}\n', 'release F12 100\n', 'guest guest2 {\n keys volume\n}\n',
)


class Guest(Bridge):
    """One of the guests, as its bridge and the system in it."""

    def __init__(self, session, name, colour):
        super().__init__(session, name)
        self.name, self.colour, self.state = name, colour, RUNNING
        self.guest = self.control()
        self.guest.set_state(STARTING, '')
        self.guest.set_state(RUNNING, '')
        self.head()
        self.show(320, 200, colour)

    def act(self, chance):
        """Something that a guest may do at any time."""
        kind = chance.randrange(7)
        if kind == 0:
            self.show(*chance.choice(((320, 200), (1280, 720), (1, 1), (2000, 30))), self.colour)
        elif kind == 1:
            self.guest.set_pointer_mode(chance.randrange(3))
        elif kind == 2:
            self.guest.set_leds(chance.randrange(8))
        elif kind == 3 and self.state == RUNNING:
            self.state = PAUSED
            self.guest.set_state(PAUSED, '')
        elif kind == 4 and self.state == PAUSED:
            self.state = RUNNING
            self.guest.set_state(RUNNING, '')
        elif kind == 5 and self.state in (RUNNING, PAUSED) and chance.random() < 0.2:
            self.state = chance.choice((LOST, OFF))
            self.guest.set_state(self.state, 'something broke\x07 in the long run, and it says so at length' * 3)
        elif kind == 6 and self.state in (LOST, OFF):
            self.state = RUNNING
            self.guest.set_state(STARTING, '')
            self.guest.set_state(RUNNING, '')


class AnyLocker(Locker):
    """One that covers the monitors that are left."""

    def cover(self, color):
        for output in self.outputs:
            surface = self.compositor.create_surface()
            lock_surface = self.lock.get_lock_surface(surface, output)
            self.client.roundtrip()
            if not lock_surface.named('configure'):
                continue  # it is off
            serial, width, height = lock_surface.last('configure')
            lock_surface.ack_configure(serial)
            fd = memory(width * height * 4)
            surface.attach(self.shm.create_pool(fd, width * height * 4).create_buffer(0, width, height, width * 4, 1), 0, 0)
            os.close(fd)
            surface.commit()
        self.client.roundtrip()
        self.outputs = []

    def locked(self):
        """Once or more often."""
        self.client.wait_until(lambda: self.lock.named('locked'), 'ext_session_lock_v1.locked')


class Day:
    """Everything that may happen, one thing after the other."""

    def __init__(self, session, chance):
        self.session, self.chance, self.hand = session, chance, session.hand
        self.guests, self.locker, self.down, self.on, self.story = {}, None, set(), [True, True], []
        self.open_all()

    def open_all(self):
        for number in range(1, 13):
            self.open(f'guest{number}', number)

    def open(self, name, number):
        eventually(lambda: not self.session.guest(name)['bridge'], f'the bridge of {name} is gone')
        self.guests[name] = Guest(self.session, name, 0x101010 * (number + 1))

    def type(self):
        codes = [NAMED.get(key) or key for key in (*self.chance.choice(HELD), self.chance.choice(KEYS))]
        if self.chance.random() < 0.1:
            codes = codes[:-1]  # a tap of what is held
        self.hand.press(*codes, hold=self.chance.choice((0, 0, 0.005, 0.02)))

    def hold(self):
        """A key that is pressed now and let go some time."""
        code = self.chance.choice((NAMED['super'], NAMED['ctrl'], 30))
        self.hand.key(code, code not in self.down)
        self.down ^= {code}
        if self.chance.random() < 0.3:
            time.sleep(0.35)  # the strip comes

    def point(self):
        self.hand.move_to(self.chance.randrange(1280), self.chance.randrange(720), 1280, 720)
        if self.chance.random() < 0.4:
            self.hand.click(self.chance.choice(('left', 'right')))
        elif self.chance.random() < 0.3:
            self.hand.scroll(self.chance.choice((-2, 1)))

    def insist(self, change):
        """Of the monitors, whose arrangement may just be another one: then this one is cancelled."""
        for _ in range(5):
            with contextlib.suppress(WireError):
                return change()
            time.sleep(0.2)
        return change()

    def plug(self):
        self.on = self.chance.choice(([True, True], [True, False], [False, True], [False, False]))
        self.insist(lambda: self.hand.switch_outputs(*self.on))

    def resize(self):
        output = self.chance.randrange(2)
        if self.on[output]:
            with contextlib.suppress(WireError):
                self.hand.resize_output(*self.chance.choice(((1280, 720), (800, 600), (640, 480), (1920, 1080))), output=output,
                                        scale=self.chance.choice((1, 1.25, 2)))

    def lock(self):
        if self.locker:
            if self.chance.random() < 0.3:
                self.locker.close()  # it dies; another one comes when that is known
                self.hand.client.roundtrip()
                self.hand.client.roundtrip()
                self.locker = AnyLocker(self.session)
            self.locker.cover((0, 0, 255))
            self.locker.locked()
            self.locker.unlock()
            self.locker.close()
            self.locker = None
            return
        self.locker = AnyLocker(self.session)
        if self.chance.random() < 0.7:
            self.locker.cover((0, 0, 255))
            self.locker.locked()

    def call(self):
        command = self.chance.choice((['strip'], ['overview'], ['home'], ['grab'], ['split'], ['last'], ['recent'], ['next'], ['scale'], ['show', 'guest7']))
        with contextlib.suppress(Exception):
            self.session.call('Run', command=command)

    def configure(self):
        self.session.write_config(self.chance.choice(CONFIGS))
        os.kill(self.session.compositor.pid, signal.SIGHUP)

    def guest(self):
        name = self.chance.choice(sorted(self.guests))
        if self.chance.random() < 0.05:
            self.guests.pop(name).client.close()
            self.open(name, int(name[5:]))
            return
        self.guests[name].act(self.chance)

    def go_on(self):
        kinds = (self.type, self.type, self.type, self.hold, self.point, self.call, self.guest, self.guest, self.configure)
        rare = (self.plug, self.resize, self.lock)
        what = self.chance.choice(rare) if self.chance.random() < 0.12 else self.chance.choice(kinds)
        self.story.append(what.__name__)
        what()

    def end(self):
        """Back to the desk: everything let go, unlocked, plugged in. Then all has to work as ever."""
        for code in sorted(self.down):
            self.hand.key(code, False)
        self.down.clear()
        if self.locker:
            self.chance = random.Random(1)
            self.lock()
        self.session.write_config('')
        os.kill(self.session.compositor.pid, signal.SIGHUP)
        self.on = [True, True]
        self.insist(lambda: self.hand.switch_outputs(True, True))
        for output in range(2):
            self.insist(lambda: self.hand.resize_output(1280, 720, output=output, scale=1))
        for one in self.guests.values():
            one.client.roundtrip()


def live(seed, count):
    names = {f'guest{number}': '' for number in range(1, 13)}
    session = Session(names, bridges=False, outputs=2)
    session.environment['PHYLLOME_LOCKER'] = '/bin/false'  # what locks is the test
    with session, contextlib.ExitStack() as opened:
        day = Day(session, random.Random(seed))
        opened.callback(lambda: [one.client.close() for one in day.guests.values()])
        done = 0
        try:
            for done in range(count):
                check(session.compositor.poll() is None, f'the compositor has ended with {session.compositor.poll()}')
                day.go_on()
            day.end()
            look(session, day)
        except (ProtocolError, WireError, OSError):
            print(f'seed {seed}, {done} of {count} things, the last ones: {" ".join(day.story[-40:])}; monitors {day.on}')
            raise


def count_spots(picture, colour):
    """Of 64 all over the picture, which may be shown on a half of a monitor."""
    spots = [picture.pixel(picture.width * x // 16, picture.height * y // 16) for x in range(1, 16, 2) for y in range(1, 16, 2)]
    return spots.count((colour & 0xff,) * 3)


def look(session, day):
    """Each guest, shown again, has the screen and the keys, and no other one gets any of them."""
    for name, one in day.guests.items():
        if one.state in (LOST, OFF):
            one.guest.set_state(STARTING, '')
        if one.state != RUNNING:
            one.guest.set_state(RUNNING, '')
        one.guest.set_pointer_mode(1)
        one.show(1280, 720, one.colour)
    session.call('Run', command=['home'])
    for name, one in day.guests.items():
        session.show_guest(name)
        eventually(lambda: session.guest(name)['focused'], f'{name} has the input')
        try:
            eventually(lambda: sum(count_spots(session.screenshot(output), one.colour) for output in range(2)) >= 8, f'{name} is shown')
        except Failure:
            for output in range(2):
                session.keep(f'not-shown-{output}', session.screenshot(output))
            raise
        for other in day.guests.values():
            other.client.roundtrip()
            other.guest.events.clear()
        session.hand.press('b')
        eventually(lambda: one.client.roundtrip() or len(one.guest.named('key')) >= 2, f'{name} gets a key')
        for other in day.guests.values():
            other.client.roundtrip()
            check_equal([key[-2:] for key in other.guest.named('key')], [(48, 1), (48, 0)] if other is one else [],
                        f'the keys that {other.name} gets while {name} has the input')


@limit(240)
def test_anything_in_any_order():
    live(int(os.environ.get('PH_TEST_SEED', '1')), int(os.environ.get('PH_TEST_COUNT', '200')))
