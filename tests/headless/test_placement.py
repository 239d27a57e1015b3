# SPDX-License-Identifier: MIT
"""Guests on several monitors: who is where, what each is told, what comes back."""

import contextlib
import os
import random
import time

import wire
from fixture import Session, check, check_equal, eventually
from hand import memory
from run import limit

MANAGER = 'phyllome_guest_manager_v1'
RUNNING, PAUSED = 2, 3
GUESTS = {name: 'memory 64M\n' for name in ('a', 'b', 'c')}  # number 1, 2, 3
SIZES = ((1280, 720), (1024, 768), (800, 600))
HOME = 'home'


class Guest:
    """A bridge whose guest fills each of its monitors with a colour of its own."""

    def __init__(self, session, name, heads=1, state=RUNNING):
        self.session, self.name = session, name
        self.client = session.opened.enter_context(contextlib.closing(wire.Display(session.guests_socket)))
        self.manager = self.client.bind(MANAGER)
        self.compositor = self.client.bind('wl_compositor', 4)
        self.shm = self.client.bind('wl_shm')
        token = session.token(name)
        self.control = self.manager.get_guest(token)
        self.control.set_state(state, '')
        self.heads, self.surfaces, self.told = [], [], [[] for _ in range(heads)]
        self.drawn = [None] * heads
        for console in range(heads):
            surface = self.compositor.create_surface()
            self.surfaces.append(surface)
            self.heads.append(self.manager.get_head(token, console, surface))
        self.client.roundtrip()
        self.obey()

    def colour(self, console):
        return (0x40 + 0x30 * (ord(self.name) - ord('a'))) << 16 | 0x4000 * (console + 1) | 0x55

    def obey(self):
        """Acknowledges what came, and draws in the size that each monitor has now."""
        self.client.roundtrip()
        for console, head in enumerate(self.heads):
            news = head.named('configure')
            del head.events[:]
            if not news:
                continue
            self.told[console] += [(event[1], event[2], event[7]) for event in news]
            head.ack_configure(news[-1][0])
            width, height, _ = self.told[console][-1]
            if width and self.drawn[console] != (width, height):
                self.draw(console, width, height)
        self.client.roundtrip()

    def draw(self, console, width, height):
        fd = memory(width * height * 4)
        os.pwrite(fd, self.colour(console).to_bytes(4, 'little') * (width * height), 0)
        pool = self.shm.create_pool(fd, width * height * 4)
        buffer = pool.create_buffer(0, width, height, width * 4, 1)
        os.close(fd)
        surface = self.surfaces[console]
        surface.attach(buffer, 0, 0)
        surface.damage_buffer(0, 0, width, height)
        surface.commit()
        self.drawn[console] = (width, height)

    def sizes(self):
        return [told[-1][:2] for told in self.told]

    def visible(self):
        return [bool(told[-1][2]) for told in self.told]


@contextlib.contextmanager
def desk(outputs=3, heads=(1, 1, 1), **more):
    """A session with three monitors of different sizes and three guests that run."""
    with Session(GUESTS, bridges=False, outputs=outputs, size=SIZES[0], **more) as session:
        for output in range(1, outputs):
            session.resize(*SIZES[output], output=output)
        session.size = SIZES[0]
        guests = [Guest(session, name, count) for name, count in zip('abc', heads)]
        yield session, guests


def seen(session, guests):
    """What each monitor shows, by the colour in its middle: "a0", or home."""
    names = {}
    for guest in guests:
        guest.obey()
    for guest in guests:
        for console in range(len(guest.heads)):
            value = guest.colour(console)
            names[(value >> 16, value >> 8 & 255, value & 255)] = f'{guest.name}{console}'
    found = []
    for output in range(len(session.hand.outputs)):
        if not session.hand.is_on(output):
            found.append('off')
            continue
        shot = session.screenshot(output)
        left = names.get(shot.pixel(shot.width // 4, shot.height // 2), HOME)
        right = names.get(shot.pixel(shot.width * 3 // 4, shot.height // 2), HOME)
        found.append(left if left == right else f'{left}|{right}')
    return found


def expect_seen(session, guests, *wanted):
    eventually(lambda: seen(session, guests) == list(wanted),
               f'the monitors show {wanted}, not {seen(session, guests)}', 60)


def chord(session, *names):
    session.hand.press('super', *names)


def test_each_monitor_shows_another_guest():
    with desk() as (session, guests):
        a, b, c = guests
        expect_seen(session, guests, HOME, HOME, HOME)
        chord(session, '1')
        expect_seen(session, guests, 'a0', HOME, HOME)
        chord(session, 'right')
        chord(session, '2')
        chord(session, 'right')
        chord(session, '3')
        expect_seen(session, guests, 'a0', 'b0', 'c0')
        check_equal([guest.sizes()[0] for guest in guests], list(SIZES), 'what the guests were told')
        # A guest that is shown gets the focus where it is; nothing moves.
        chord(session, '1')
        expect_seen(session, guests, 'a0', 'b0', 'c0')
        eventually(lambda: session.guest('a')['focused'], 'the first guest has the input')


def test_hidden_guest_keeps_its_size_and_comes_back_at_once():
    with desk() as (session, guests):
        a, b, c = guests
        chord(session, 'right')
        chord(session, '1')
        expect_seen(session, guests, HOME, 'a0', HOME)
        told = len(a.told[0])
        chord(session, '2')
        expect_seen(session, guests, HOME, 'b0', HOME)
        check_equal((a.sizes(), a.visible()), ([SIZES[1]], [False]), 'what the hidden guest was told')
        chord(session, '1')
        # Its picture is there although its bridge has not read a byte since.
        shot = session.screenshot(1)
        value = a.colour(0)
        check_equal(shot.pixel(500, 300), (value >> 16, value >> 8 & 255, value & 255), 'the pixel after the switch')
        a.obey()
        check_equal([event[:2] for event in a.told[0][told:]], [SIZES[1]] * 2, 'the sizes told by the switches')


def test_show_here_takes_the_guest_from_elsewhere():
    with desk(heads=(2, 1, 1)) as (session, guests):
        chord(session, '1')
        expect_seen(session, guests, 'a0', 'a1', HOME)
        chord(session, 'right')
        chord(session, 'right')
        chord(session, 'ctrl', '1')
        expect_seen(session, guests, HOME, HOME, 'a0')
        check_equal(guests[0].sizes(), [SIZES[2], (0, 0)], 'the sizes of its two monitors')


def test_heads_change_places():
    with desk(heads=(2, 1, 1)) as (session, guests):
        chord(session, '1')
        expect_seen(session, guests, 'a0', 'a1', HOME)
        chord(session, 'shift', 'right')
        expect_seen(session, guests, 'a1', 'a0', HOME)
        chord(session, 'shift', 'right')
        expect_seen(session, guests, 'a1', HOME, 'a0')
        chord(session, '2')
        chord(session, '1')
        expect_seen(session, guests, 'a1', HOME, 'a0')
        check_equal(guests[0].sizes(), [SIZES[2], SIZES[0]], 'the sizes of its monitors')


def test_monitor_that_grows_moves_the_one_beside_it():
    with Session(GUESTS, bridges=False, outputs=2) as session:
        def places():
            return [(one['x'], one['width']) for one in session.outputs()]

        check_equal(places(), [(0, 1280), (1280, 1280)], 'where the monitors are')
        for width, height in ((1920, 1080), (800, 600)):
            session.hand.resize_output(width, height)
            eventually(lambda: places() == [(0, width), (width, 1280)], f'the second one is beside the first, which is {width} wide')
        # And as before when it was switched on.
        session.hand.switch_outputs(True, False)
        session.hand.switch_outputs(True, True)
        session.hand.resize_output(1280, 720)
        eventually(lambda: places() == [(0, 1280), (1280, 1280)], 'the second one is beside the first again')


def test_split_monitor():
    with desk(outputs=1) as (session, guests):
        a, b, c = guests
        chord(session, '2')
        chord(session, '1')
        expect_seen(session, guests, 'a0')
        chord(session, 's')
        expect_seen(session, guests, 'a0|b0')
        check_equal((a.sizes(), b.sizes()), ([(640, 720)], [(640, 720)]), 'the sizes of the halves')
        chord(session, 'right')
        eventually(lambda: session.guest('b')['focused'], 'the right half has the input')
        chord(session, '3')
        expect_seen(session, guests, 'a0|c0')
        chord(session, 's')
        expect_seen(session, guests, 'c0')
        check_equal(c.sizes(), [(1280, 720)], 'the size of all of it')
        check_equal(b.sizes(), [(640, 720)], 'the size of a guest that was hidden meanwhile')


def test_split_monitor_shows_two_heads_of_a_guest():
    with desk(outputs=1, heads=(2, 1, 1)) as (session, guests):
        a = guests[0]
        chord(session, '2')
        chord(session, '1')
        expect_seen(session, guests, 'a0')
        check_equal(a.sizes()[1], (0, 0), 'the monitor that is shown nowhere')
        chord(session, 's')
        expect_seen(session, guests, 'a0|a1')
        check_equal(a.sizes(), [(640, 720), (640, 720)], 'its monitors')
        chord(session, 's')
        expect_seen(session, guests, 'a0')
        check_equal(a.sizes()[0], (1280, 720), 'the one that is left')


def test_paused_guest_is_shown_at_once():
    with desk(outputs=1) as (session, guests):
        for number in '12':
            chord(session, number)
        guests[0].control.set_state(PAUSED, '')
        guests[0].client.roundtrip()
        told = [list(told) for told in guests[0].told]
        chord(session, '1')
        # It is not asked to draw, and does not: what it showed last is seen.
        eventually(lambda: session.screenshot().pixel(640, 360) == tuple(guests[0].colour(0).to_bytes(3, 'big')),
                   'the last picture of a guest that is paused', 60)
        check_equal(told, [list(told) for told in guests[0].told], 'what it has acknowledged meanwhile')
        check_equal(guests[0].control.named('action'), [], 'what its machine was asked')


def test_recently_used():
    with desk(outputs=1) as (session, guests):
        for number in '123':
            chord(session, number)
        expect_seen(session, guests, 'c0')
        chord(session, 'grave')
        expect_seen(session, guests, 'b0')
        chord(session, 'grave')
        expect_seen(session, guests, 'c0')
        # Super held: further and further back; let go, the order is new.
        chord(session, 'tab', 'tab')
        expect_seen(session, guests, 'b0')


def test_guest_that_is_gone_is_passed_over():
    with desk(outputs=1) as (session, guests):
        for number in '123':
            chord(session, number)
        expect_seen(session, guests, 'c0')
        session.stop()
        os.rename(f'{session.guests_dir}/b', f'{session.dir}/b')  # its disk is missing
        session.start()
        left = [Guest(session, name) for name in 'ac']
        expect_seen(session, left, 'c0')
        chord(session, 'tab')
        expect_seen(session, left, 'a0')
        chord(session, 'grave')
        expect_seen(session, left, 'c0')
        chord(session, 's')
        expect_seen(session, left, 'c0|a0')
        chord(session, 's')
        session.stop()
        os.rename(f'{session.dir}/b', f'{session.guests_dir}/b')
        session.start()
        guests = [Guest(session, name) for name in 'abc']
        expect_seen(session, guests, 'c0')
        chord(session, 'shift', 'tab')  # the one that was used longest ago
        expect_seen(session, guests, 'b0')


def test_pointer_takes_the_focus_along():
    with desk(outputs=2) as (session, guests):
        chord(session, '1')
        chord(session, 'right')
        chord(session, '2')
        eventually(lambda: session.guest('b')['focused'], 'the second guest has the input')
        session.hand.move_to(600, 300, 1280 + 1024, 768)
        eventually(lambda: session.guest('a')['focused'], 'the guest under the pointer has the input')
        session.hand.move_to(1280 + 500, 300, 1280 + 1024, 768)
        eventually(lambda: session.guest('b')['focused'], 'the guest under the pointer has the input again')
        chord(session, '1')
        session.hand.move_by(1, 0)
        eventually(lambda: session.guest('a')['focused'], 'the pointer came along with the focus')


def test_focus_waits_for_a_click_where_that_is_wanted():
    with desk(outputs=2) as (session, guests):
        a, b, c = guests
        session.write_config('focus click\n')
        session.call('Reload')
        chord(session, '1')
        chord(session, 'right')
        chord(session, '2')
        expect_seen(session, guests, 'a0', 'b0')
        eventually(lambda: session.guest('b')['focused'], 'the second guest has the input')
        session.hand.move_to(600, 300, 1280 + 1024, 768)
        session.hand.press('a')
        b.obey()
        check_equal([event[-2:] for event in b.control.named('key')], [(30, 1), (30, 0)], 'keys of the guest with the focus')
        check(not session.guest('a')['focused'], 'the guest under the pointer has got the input without a click')
        session.hand.click()
        eventually(lambda: session.guest('a')['focused'], 'a click gives it the input')
        session.hand.press('a')
        a.obey()
        check_equal([event[-2:] for event in a.control.named('key')], [(30, 1), (30, 0)], 'keys of the guest that was clicked')


def test_monitor_that_is_turned():
    with desk(outputs=1) as (session, guests):
        a, b, c = guests
        chord(session, '1')
        expect_seen(session, guests, 'a0')
        for transform, size in (('90', (720, 1280)), ('180', (1280, 720)), ('flipped-270', (720, 1280)), ('normal', (1280, 720))):
            session.write_config(f'output HEADLESS-1 {{\n\ttransform {transform}\n\tscale 1.5\n}}\n')
            session.call('Reload')
            eventually(lambda transform=transform: session.outputs()[0]['transform'] == transform, f'it is turned: {transform}', 60)
            eventually(lambda size=size: a.obey() or a.sizes() == [size], f'{transform}: the guest has exactly its pixels', 60)
            # Every pixel of it: as many as the monitor has, so there is nothing around the picture.
            eventually(lambda: session.screenshot().colors() == 1, f'{transform}: the picture covers it', 60)


def test_drag_stays_with_its_guest():
    with desk(outputs=2) as (session, guests):
        a, b, c = guests
        a.control.set_pointer_mode(1)
        a.obey()
        chord(session, '2')
        chord(session, 'right')
        chord(session, '1')
        expect_seen(session, guests, 'b0', 'a0')
        session.hand.move_to(1280 + 500, 300, 1280 + 1024, 768)
        session.hand.button('left', True)
        session.hand.move_to(600, 300, 1280 + 1024, 768)
        check(session.guest('a')['focused'], 'the guest lost the input during a drag')
        a.client.roundtrip()
        check_equal(a.control.last('motion_absolute')[3], 0, 'x of the pointer that left the monitor')
        session.hand.button('left', False)
        session.hand.move_by(1, 0)
        eventually(lambda: session.guest('b')['focused'], 'after the drag the other guest has the input')


def test_monitors_go_and_come_back():
    with desk(heads=(2, 1, 1)) as (session, guests):
        a, b, c = guests
        chord(session, '1')
        chord(session, 'right')
        chord(session, 'right')
        chord(session, '3')
        expect_seen(session, guests, 'a0', 'a1', 'c0')
        session.hand.switch_outputs(True, False, False)
        expect_seen(session, guests, 'a0', 'off', 'off')
        check_equal(a.sizes(), [SIZES[0], (0, 0)], 'the second monitor of the guest is unplugged')
        check_equal(c.sizes(), [SIZES[2]], 'a guest without a monitor keeps its size')
        session.hand.switch_outputs(True, True, True)
        expect_seen(session, guests, 'a0', 'a1', 'c0')
        check_equal(a.sizes(), [SIZES[0], SIZES[1]], 'its monitors are as they were')
        # Only the others: the guest at work goes with the person.
        session.hand.switch_outputs(False, True, False)
        expect_seen(session, guests, 'off', 'a1', 'off')
        sizes = [guest.sizes() for guest in guests]
        check_equal(sizes[0][1], SIZES[1], 'what the guest at work is told')
        session.hand.switch_outputs(False, False, False)
        expect_seen(session, guests, 'off', 'off', 'off')
        # As on another virtual terminal: no guest moves its windows because of that.
        check_equal([guest.sizes() for guest in guests], sizes, 'what they are told without any monitor')
        session.hand.switch_outputs(True, True, True)
        expect_seen(session, guests, 'a0', 'a1', 'c0')


def test_layout_survives_the_compositor():
    with desk(heads=(2, 1, 1)) as (session, guests):
        chord(session, '1')
        chord(session, 'right')
        chord(session, 'right')
        chord(session, '2')
        expect_seen(session, guests, 'a0', 'a1', 'b0')
        session.stop()
        session.start()
        for output in (1, 2):
            session.resize(*SIZES[output], output=output)
        session.size = SIZES[0]
        again = [Guest(session, name, count) for name, count in zip('abc', (2, 1, 1))]
        expect_seen(session, again, 'a0', 'a1', 'b0')
        eventually(lambda: session.guest('b')['focused'], 'the guest with the input has it again')
        # The pointer is there as well: its first motion takes the input nowhere else.
        session.hand.move_by(1, 1)
        time.sleep(0.2)
        check(session.guest('b')['focused'], 'the pointer has taken the input away at its first motion')


LAYOUT = '''
layout {
    show a on HEADLESS-1
    show b on HEADLESS-2 left
}
'''


def test_declared_layout():
    session = Session(GUESTS, bridges=False, outputs=2)
    session.write_config(LAYOUT)
    with session:
        names = session.hand.names
        guests = [Guest(session, name) for name in 'abc']
        wanted = {'HEADLESS-1': 'a0', 'HEADLESS-2': 'b0|home'}
        expect_seen(session, guests, *[wanted[name] for name in names])
        chord(session, '3')
        shown = seen(session, guests)
        check('c0' in ''.join(shown), f'a person cannot change a declared layout: {shown}')
        # Other monitors, and these again: as the person left them.
        session.hand.switch_outputs(True, False)
        session.hand.switch_outputs(True, True)
        expect_seen(session, guests, *shown)
        # The file is read again: as it says.
        session.write_config(LAYOUT + 'focus click\n')
        chord(session, 'shift', 'r')
        expect_seen(session, guests, *[wanted[name] for name in names])


def test_broken_memory_is_put_aside():
    session = Session(GUESTS, bridges=False, outputs=1)
    path = f'{session.dir}/.local/state/phyllome/placement'
    os.makedirs(os.path.dirname(path))
    with open(path, 'w', encoding='utf-8') as file:
        file.write('monitors {\n\toutput HEADLESS-1 {\n\t\tcell a\n\t}\n}\n')
    with session:
        with open(session.log, encoding='utf-8') as file:
            check('placement:3: expected 1 times cell [GUEST CONSOLE]' in file.read(), 'no line about the wrong file')
        check(os.path.exists(path + '.broken'), 'the wrong file is lost')


def test_memory_cannot_be_written():
    session = Session(GUESTS, bridges=False, outputs=1)
    path = f'{session.dir}/.local/state/phyllome'
    os.makedirs(os.path.dirname(path))
    with open(path, 'w', encoding='utf-8'):
        pass  # a file where the directory should be
    with session:
        guest = Guest(session, 'a')
        chord(session, '1')
        expect_seen(session, [guest], 'a0')
        with open(session.log, encoding='utf-8') as file:
            check_equal(file.read().count('placement: cannot write'), 1, 'how often it is said')


def test_numbers_stay_when_guests_are_made():
    session = Session({'m': 'memory 64M\n', 'z': 'memory 64M\n'}, bridges=False)
    with session:
        check_equal([session.guest(name)['number'] for name in 'mz'], [1, 2], 'the first numbers')
        session.write_guest('a', 'memory 64M\n')
        session.call('ShowHome')
        check_equal([session.guest(name)['number'] for name in 'mza'], [1, 2, 3], 'numbers with a new guest')
        session.stop()
        session.start()
        check_equal([session.guest(name)['number'] for name in 'mza'], [1, 2, 3], 'numbers in the next session')


def test_guests_of_the_command_line_come_first():
    names = ('one', 'two', 'three')
    session = Session({name: 'memory 64M\n' for name in names}, bridges=False)
    session.write_config('guest two {\n\tnumber 7\n}\nguest three {\n\tnumber 1\n}\n')
    alone = session.command
    session.command = [*alone, '--guest', f'{session.guests_dir}/one']
    with session:
        numbers = lambda: {name: session.guest(name)['number'] for name in names}  # noqa: E731
        check_equal(numbers(), {'one': 1, 'two': 7, 'three': 2}, 'the numbers with --guest one')
        session.stop()
        session.command = alone
        session.start()
        check_equal(numbers(), {'one': 2, 'two': 7, 'three': 1}, 'the numbers of the next login')


@limit(120)
def test_random_plugging():
    """Whatever monitors come and go, the same ones show the same, and nobody is told another size."""
    rng = random.Random(7)
    with desk(heads=(2, 1, 1)) as (session, guests):
        arrangements = {}
        for _ in range(40):
            plugged = [rng.random() < 0.6 for _ in range(3)]
            session.hand.switch_outputs(*plugged)
            shown = seen(session, guests)
            key = tuple(plugged)
            if key in arrangements:
                check_equal(shown, arrangements[key], f'what {key} shows when it comes back')
            for action in rng.sample((('1',), ('2',), ('3',), ('right',), ('left',), ('shift', 'right')), 2):
                chord(session, *action)
            arrangements[key] = seen(session, guests)
        for guest in guests:
            for told in guest.told:
                wrong = {event[:2] for event in told} - {*SIZES, (0, 0)}
                check(not wrong, f'guest {guest.name} was told {wrong}')
            check((0, 0) not in {event[:2] for event in guest.told[0]}, f'guest {guest.name} lost its first monitor')
