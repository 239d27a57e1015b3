# SPDX-License-Identifier: MIT
"""The strip over guests, in a real session; the test is the guests' bridges."""

import contextlib
import os
import signal
import time

import wire
from fixture import Session, check, check_equal, eventually
from hand import NAMED, memory
from picture import Picture
from run import Skip
from test_lock import Locker
from test_protocol import RUNNING, STARTING, Bridge

SUPER = NAMED['super']
# A strip hides within a frame; what would still come has this long to do so.
SETTLED = 0.15
# Of the dark theme.
ACCENT, PANEL = (0x7f, 0xcf, 0x9f), (0x19, 0x1c, 0x21)


class Guest(Bridge):
    """A running guest whose picture is a pattern of its own."""

    def __init__(self, session, name, seed=0):
        super().__init__(session, name)
        self.guest = self.control()
        self.guest.set_state(STARTING, '')
        self.guest.set_state(RUNNING, '')
        self.head()
        self.paint(seed, *session.size)

    def paint(self, seed, width, height):
        row = bytearray()
        for x in range(width):
            row += bytes(((x * 3 + seed) % 256, (x // 7 * 5 + seed * 40) % 200, (seed * 90 + x // 3) % 256, 0))
        rows = [row[y % 16 * 4:] + row[:y % 16 * 4] for y in range(16)]
        data = b''.join(bytes(rows[y // 20 % 16]) for y in range(height))
        fd = memory(len(data))
        os.pwrite(fd, data, 0)
        pool = self.shm.create_pool(fd, len(data))
        buffer = pool.create_buffer(0, width, height, width * 4, 1)
        os.close(fd)
        self.surface.attach(buffer, 0, 0)
        self.surface.damage_buffer(0, 0, width, height)
        self.surface.commit()
        self.client.roundtrip()
        self.picture = Picture.from_xrgb(width, height, width * 4, data)

    def got(self, name):
        """The events of that kind until now."""
        self.client.roundtrip()
        return self.guest.named(name)


@contextlib.contextmanager
def guests(*names, config='', **more):
    with Session({name: config for name in names}, bridges=False, **more) as session:
        with contextlib.ExitStack() as opened:
            found = []
            for number, name in enumerate(names):
                found.append(Guest(session, name, number + 1))
                opened.callback(found[-1].client.close)
            session.show_guest(names[0])
            session.expect_picture(lambda: found[0].picture, 'the first guest')
            yield session, found


def hold_super(session):
    """Holds Super and gives the picture with the strip, once it does not change any more."""
    before = session.screenshot()
    session.hand.key(SUPER, True)
    eventually(lambda: session.screenshot() != before, 'the strip is shown')
    time.sleep(SETTLED)
    return session.screenshot()


def release_super(session, guest):
    session.hand.key(SUPER, False)
    session.expect_picture(lambda: guest.picture, 'the guest alone')


def find_card(picture, index):
    """A pixel of the card's lower right corner, found by the focused card's line around it."""
    inner = range(20, picture.width - 20)  # the edge of the screen may have the same colour
    bottom = max(y for y in range(20, picture.height - 20) if picture.pixel(350, y) == ACCENT)
    sides = [x for x in inner if picture.pixel(x, bottom - 30) == ACCENT]
    return sides[-1] - 12 + index * (sides[-1] - sides[0] + 11), bottom - 12


def test_strip_is_there_while_super_is_held():
    with guests('one', 'two') as (session, (one, two)):
        shown = hold_super(session)
        session.keep('strip', shown)
        # The guest shines through above the strip, darker than it is, and the strip is at the bottom.
        check(sum(shown.pixel(640, 40)) < sum(one.picture.pixel(640, 40)), 'the guest is not shaded')
        check(shown.pixel(640, 40) != shown.pixel(645, 40), 'the guest cannot be seen any more')
        check_equal(shown.pixel(640, 690), shown.pixel(700, 690), 'the lower edge of the strip')
        release_super(session, one)
        check_equal(one.got('key') + two.got('key'), [], 'keys that the guests got')


def test_short_tap_shows_nothing_and_is_the_guests():
    with guests('one') as (session, (one,)):
        session.hand.press('super')
        time.sleep(0.5)
        session.expect_picture(lambda: one.picture, 'the guest alone')
        check_equal([event[-2:] for event in one.got('key')], [(SUPER, 1), (SUPER, 0)], 'the tap that the guest got')


def test_strip_follows_what_happens():
    with guests('one', 'two') as (session, (one, two)):
        first = hold_super(session)
        two.client.close()
        eventually(lambda: session.screenshot() != first, 'the strip says that the second guest is lost')
        second = session.screenshot()
        text, marks = second.difference(first)
        session.keep('lost', second)
        changed = [y for y in range(720) if marks.rgb[y * 3840:(y + 1) * 3840].count(b'\xff')]
        check(changed[-1] - changed[0] < 110, f'more than the card has changed: rows {changed[0]} to {changed[-1]}')
        release_super(session, one)


def test_pointer_is_the_strips():
    with guests('one', 'two') as (session, (one, two)):
        one.guest.set_pointer_mode(1)
        session.hand.move_to(600, 100, 1280, 720)
        eventually(lambda: one.got('motion_absolute'), 'the guest gets the pointer')
        count = len(one.got('motion_absolute'))
        before = hold_super(session)
        # Somewhere on the second card: moving over it lights it up, a click shows the guest.
        x, y = find_card(before, 1)
        session.hand.move_to(x, y, 1280, 720)
        eventually(lambda: session.screenshot() != before, 'the card lights up')
        session.hand.click()
        eventually(lambda: session.guest('two')['shown'], 'a click on a card shows its guest')
        session.hand.scroll(1)
        check_equal(len(one.got('motion_absolute')), count, 'positions that the guest got')
        check_equal(one.got('button') + two.got('button') + two.got('axis'), [], 'what guests got of the click')
        release_super(session, two)


def test_strip_scrolls_by_detents():
    many = [f'guest-{i}' for i in range(60)]
    with guests('one') as (session, _):
        for name in many:
            session.write_guest(name, '')
        session.call('ShowHome')
        session.show_guest('one')
        session.hand.move_to(640, 10, 1280, 720)

        def settled():
            time.sleep(SETTLED)
            return session.screenshot()
        hold_super(session)
        first = settled()
        session.hand.scroll(1)
        second = settled()
        check(second != first, 'a detent scrolls nothing')
        session.hand.scroll(1)
        third = settled()
        check(third != second, 'there is no third page')
        session.hand.scroll(-2)
        check(settled() == first, 'two detents up are not two down')
        # Fingers: many events, of which ten are a little more than a detent.
        session.hand.slide(1.55, 9)
        check(settled() == first, 'less than a detent scrolls')
        session.hand.slide(1.55)
        check(settled() == second, 'a detent of fingers is not one of the wheel')
        session.hand.slide(-1.55, 11)
        check(settled() == first, 'the fingers do not come back')
        session.hand.slide(32)  # and what was too much before
        check(settled() == third, 'two detents at once')
        session.hand.key(SUPER, False)


def test_strip_is_sharp_at_every_scale():
    with guests('one') as (session, (one,)):
        for scale in (1.25, 1.5, 2):
            session.resize(1920, 1080, scale=scale)
            one.paint(1, 1920, 1080)
            session.expect_picture(lambda: one.picture, f'scale {scale}')
            shown = hold_super(session)
            session.keep(f'scale-{scale}', shown)
            # Not blended by scaling: the area of the panel beside its text has one colour only.
            check_equal(shown.pixel(960, 1080 - int(40 * scale)), shown.pixel(964, 1080 - int(40 * scale)), 'the panel')
            release_super(session, one)


def cover_everything(client, shm):
    """A program's surface over all of the screen, in the uppermost layer, that wants all keys; green. Returns it."""
    shell, compositor = client.bind('zwlr_layer_shell_v1', 4), client.bind('wl_compositor', 4)
    surface = compositor.create_surface()
    layer = shell.get_layer_surface(surface, None, 3, 'cover')
    layer.set_size(0, 0)
    layer.set_anchor(15)
    layer.set_exclusive_zone(-1)
    layer.set_keyboard_interactivity(1)
    surface.commit()
    serial, width, height = layer.wait('configure')
    layer.ack_configure(serial)
    fd = memory(width * height * 4)
    os.pwrite(fd, (0x00ff00).to_bytes(4, 'little') * (width * height), 0)
    surface.attach(shm.create_pool(fd, width * height * 4).create_buffer(0, width, height, width * 4, 1), 0, 0)
    os.close(fd)
    surface.damage_buffer(0, 0, width, height)
    surface.commit()
    client.roundtrip()
    return layer


def test_program_over_everything_neither_covers_the_strip_nor_keeps_it_away():
    with guests('one', 'two') as (session, (one, two)):
        with contextlib.closing(wire.Display(session.wayland)) as client:
            if 'zwlr_layer_shell_v1' not in client.interfaces:
                raise Skip('no XML of the wlroots protocols')
            keyboard = client.bind('wl_seat', 5).get_keyboard()
            cover_everything(client, client.bind('wl_shm'))
            eventually(lambda: session.screenshot().pixel(640, 690) == (0, 255, 0), 'the program covers the screen', 60)
            session.hand.press('a')
            client.roundtrip()
            check_equal([key[-2:] for key in keyboard.named('key')], [(30, 1), (30, 0)], 'keys of the program')
            shown = hold_super(session)
            session.keep('covered', shown)
            check_equal(shown.pixel(640, 690), PANEL, 'the lower edge of the strip')
            session.hand.press('2')
            session.hand.key(SUPER, False)
            eventually(lambda: session.guest('two')['shown'], 'its chords reach the session', 60)
            client.roundtrip()
            check_equal([key[-2] for key in keyboard.named('key')], [30, 30], 'the program got nothing of them')
        session.expect_picture(lambda: two.picture, 'the program has gone', 60)


def test_edge_has_the_guests_colour():
    with guests('one', config='colour "#12ab9e"\n') as (session, (one,)):
        shown = hold_super(session)
        for x, y in ((0, 0), (1279, 0), (0, 360), (1279, 360)):
            pixel = shown.pixel(x, y)
            check_equal(pixel, (0x12, 0xab, 0x9e), f'the colour at {x},{y}')
        release_super(session, one)


def test_edge_stays_where_it_is_asked_for():
    with Session({'one': 'colour "#12ab9e"\nedge\n'}, bridges=False) as session:
        one = Guest(session, 'one', 3)
        session.show_guest('one')
        eventually(lambda: session.screenshot().pixel(0, 0) == (0x12, 0xab, 0x9e), 'the edge')
        shown = session.screenshot()
        for x, y in ((1279, 0), (2, 719), (1279, 719), (1277, 360), (0, 360)):
            check_equal(shown.pixel(x, y), (0x12, 0xab, 0x9e), f'the pixel at {x},{y}')
        check_equal(shown.crop(3, 3, 1274, 714), one.picture.crop(3, 3, 1274, 714), 'the guest within its edge')
        one.client.close()


def test_overview_shows_all_guests():
    with guests('one', 'two', 'off') as (session, (one, two, off)):
        off.guest.set_state(0, '')
        off.client.close()
        two.show(1280, 720, 0x1177ff)
        session.hand.press('super', 'o')
        eventually(lambda: session.screenshot() != one.picture, 'the overview is shown')
        time.sleep(SETTLED)
        shown = session.screenshot()
        session.keep('overview', shown)
        blue = [(x, y) for y in range(0, 720, 4) for x in range(0, 1280, 4) if shown.pixel(x, y) == (0x11, 0x77, 0xff)]
        check(len(blue) > 2000, f'the second picture has {len(blue)} * 16 pixels only')
        left, top = min(blue)[0], min(y for _, y in blue)
        right, bottom = max(blue)[0], max(y for _, y in blue)
        check(abs((right - left) / (bottom - top) - 16 / 9) < 0.1, f'the second picture is at {left},{top} to {right},{bottom}')
        # It is live.
        two.show(1280, 720, 0xff7711)
        eventually(lambda: session.screenshot().pixel(left + 8, top + 8) == (0xff, 0x77, 0x11), 'a new frame is shown')
        check_equal(one.got('key'), [], 'keys that the guest got')
        # Chosen by keys: guest two is right of guest one.
        session.hand.press('right')
        session.hand.press('enter')
        eventually(lambda: session.guest('two')['shown'], 'the chosen guest is shown')
        eventually(lambda: session.screenshot().pixel(3, 3) == (0xff, 0x77, 0x11), 'its picture covers the screen')
        session.hand.press('a')
        eventually(lambda: two.got('key'), 'it has the keyboard')
        check_equal([event[-2:] for event in two.got('key')], [(30, 1), (30, 0)], 'the keys that it got')
        check_equal(one.got('key'), [], 'keys that the other guest got')


def test_overview_is_left_by_escape_click_and_digit():
    with guests('one', 'two') as (session, (one, two)):
        def show():
            before = session.screenshot()
            session.hand.press('super', 'o')
            eventually(lambda: session.screenshot() != before, 'the overview is shown')

        show()
        session.hand.press('esc')
        session.expect_picture(lambda: one.picture, 'the first guest again')
        show()
        session.hand.press('2')
        session.expect_picture(lambda: two.picture, 'the second guest by its digit')
        show()
        # The pictures are beside each other, in the middle of the screen's height.
        session.hand.move_to(400, 340, 1280, 720)
        session.hand.click()
        session.expect_picture(lambda: one.picture, 'the first guest by a click')
        check_equal(one.got('button'), [], 'what the guest got of the click')
        show()
        session.hand.press('super', 'o')
        session.expect_picture(lambda: one.picture, 'the first guest by the same chord')
        show()
        hold_super(session)
        session.hand.key(SUPER, False)
        time.sleep(SETTLED)
        check(session.screenshot() != one.picture, 'the strip has ended the overview')
        one.client.close()
        two.client.close()


def test_strip_is_on_the_focused_output_and_moves_when_it_goes():
    with guests('one', 'two', outputs=2) as (session, (one, two)):
        before = [session.screenshot(0), session.screenshot(1)]
        session.hand.key(SUPER, True)
        eventually(lambda: session.screenshot(0) != before[0], 'the strip is shown')
        time.sleep(SETTLED)
        check_equal(session.screenshot(1) == before[1], True, 'whether the other output is as it was')
        session.hand.switch_outputs(False, True)
        eventually(lambda: session.screenshot(1).pixel(640, session.screenshot(1).height - 40) == PANEL,
                   'the strip on the output that is left')
        session.hand.switch_outputs(True, True)
        session.hand.key(SUPER, False)
        eventually(lambda: session.screenshot(1).pixel(640, session.screenshot(1).height - 40) != PANEL, 'it is gone')
        session.expect_picture(lambda: one.picture, 'the guest alone')


def test_strip_over_the_end_of_the_session():
    with guests('one') as (session, (one,)):
        hold_super(session)
        session.stop()


def test_strip_and_overview_end_with_the_lock():
    with guests('one') as (session, (one,)):
        session.hand.press('super', 'o')
        eventually(lambda: session.screenshot() != one.picture, 'the overview is shown')
        time.sleep(SETTLED)
        hold_super(session)
        locker = Locker(session)
        locker.cover((0, 0, 255))
        locker.locked()
        blue = Picture(1280, 720, b'\0\0\xff' * (1280 * 720))
        session.expect_picture(lambda: blue, 'the locker alone')
        session.hand.key(SUPER, False)
        session.hand.key(SUPER, True)
        time.sleep(0.5)
        session.expect_picture(lambda: blue, 'the locker alone while Super is held')
        session.hand.key(SUPER, False)
        locker.unlock()
        session.expect_picture(lambda: one.picture, 'the guest alone')
        locker.close()


def test_theme_follows_the_configuration():
    with guests('one') as (session, (one,)):
        check_equal(hold_super(session).pixel(640, 680), PANEL, 'the dark panel')
        session.write_config('theme {\n scheme light\n text-scale 1.5\n}\nguest one {\n colour "#123456"\n}\n')
        os.kill(session.compositor.pid, signal.SIGHUP)
        eventually(lambda: session.screenshot().pixel(640, 680) == (0xf5, 0xf6, 0xf4), 'the light panel')
        time.sleep(SETTLED)
        session.keep('light', session.screenshot())
        check_equal(session.screenshot().pixel(1, 1), (0x12, 0x34, 0x56), "the guest's edge")
        release_super(session, one)


def test_button_sends_its_chord():
    with guests('one') as (session, (one,)):
        shown = hold_super(session)
        # The first button is at the left, below the card.
        x, y = find_card(shown, 0)
        left = min(x for x in range(20, 1260) if shown.pixel(x, y - 20) == ACCENT)
        session.hand.move_to(left + 80, y + 40, 1280, 720)
        session.hand.click()
        eventually(lambda: len(one.got('key')) >= 6, 'the guest gets the chord')
        check_equal([event[-2:] for event in one.got('key')],
                    [(29, 1), (56, 1), (111, 1), (111, 0), (56, 0), (29, 0)], 'the keys that the guest got')
        release_super(session, one)
        check_equal(len(one.got('key')), 6, 'keys that the guest got in the end')


def test_grab_is_told_and_goes_by():
    with guests('one') as (session, (one,)):
        session.hand.press('super', 'esc')
        eventually(lambda: session.screenshot() != one.picture, 'the notice')
        session.keep('grab', session.screenshot())
        session.hand.press('super')
        check_equal([event[-2:] for event in one.got('key')], [(SUPER, 1), (SUPER, 0)], 'the keys that the guest got')
        session.expect_picture(lambda: one.picture, 'the guest alone, after a while')
        session.write_config('nonsense\n')
        session.hand.key(SUPER, True)
        session.hand.key(NAMED['esc'], True)
        eventually(lambda: session.screenshot() != one.picture, 'the notice that the grab is over', 5)
        session.hand.key(NAMED['esc'], False)
        session.hand.key(SUPER, False)
        os.kill(session.compositor.pid, signal.SIGHUP)
        time.sleep(0.5)
        session.keep('wrong', session.screenshot())
        session.expect_picture(lambda: one.picture, 'the guest alone, after the error')


def test_strip_that_stays_is_used_with_keys():
    with guests('one', 'two', config='') as (session, (one, two)):
        session.call('Run', command=['strip'])
        eventually(lambda: session.screenshot() != one.picture, 'the strip is shown without Super')
        check(not session.guest('one')['focused'], 'the guest has the input while it is shown')
        session.hand.press('esc')
        session.expect_picture(lambda: one.picture, 'the guest alone, after Esc')
        session.call('Run', command=['strip'])
        eventually(lambda: session.screenshot() != one.picture, 'the strip again')
        session.hand.press('right')
        session.hand.press('right')
        session.hand.press('enter')
        session.expect_picture(lambda: two.picture, 'the guest that was chosen')
        session.call('Run', command=['strip'])
        session.hand.press('1')
        session.expect_picture(lambda: one.picture, 'the guest with that digit')
        session.call('Run', command=['strip'])
        session.call('Run', command=['strip'])
        session.expect_picture(lambda: one.picture, 'the guest alone, after the second time')
        # Around, from the first guest backwards: the last button.
        session.call('Run', command=['strip'])
        for _ in range(2 + 7):
            session.hand.press('left')
        session.hand.press('tab')
        session.hand.press('esc')
        session.expect_picture(lambda: one.picture, 'the guest alone in the end')
        # The fourth thing is the second button of those that send keys.
        session.call('Run', command=['strip'])
        for _ in range(4):
            session.hand.press('tab')
        session.hand.press('enter')
        eventually(lambda: len(one.got('key')) >= 2, 'the guest gets what the button sends')
        check_equal([event[-2:] for event in one.got('key')], [(SUPER, 1), (SUPER, 0)], 'the keys that the guest got')
        check_equal(two.got('key'), [], 'what the other one got')
