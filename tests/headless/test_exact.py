# SPDX-License-Identifier: MIT
"""Pictures, keys and the pointer, exactly: the test is the guest (tests/qtest).

QEMU is real, and so is everything from its devices to the screen; only the CPU
is missing, so each step is the test's own and takes milliseconds.
"""

import contextlib
import re
import time

from fixture import Session, check, check_equal, eventually
from hand import BUTTONS
from picture import Picture
from run import limit

GUEST = '''
memory 128M
cpus 1
network none
pointer {pointer}
display {{
	device virtio
	heads {heads}
}}
qemu {{
	@qmp@
	arg "-accel" "qtest" "-qtest" "unix:@dir@/{name}.qtest,server=on,wait=off" "-qtest-log" "none"
	arg "-cpu" "qemu64"
{more}
}}
'''
# Codes below 140 that no key of QEMU's has, or that two keys share; and the reserved key.
UNNAMED, SUPER = {84, 112, 118, 120}, {125, 126}
HOST = {113, 114, 115, 116}  # mute, volume and power are this computer's own
TABLET, MOUSE = '\targ "-device" "virtio-tablet-pci"', '\targ "-device" "virtio-mouse-pci"'
EV_SYN, EV_KEY, EV_REL, EV_ABS = 0, 1, 2, 3


def guest(name='one', more=TABLET, heads=1, pointer='absolute'):
    return GUEST.format(name=name, more=more, heads=heads, pointer=pointer)


@contextlib.contextmanager
def running(more=TABLET, heads=1, pointer='absolute', start='gpu', outputs=1, config=''):
    """A session that shows guest one, whose drivers are started; gives session, guest, qmp."""
    session = Session({'one': guest(more=more, heads=heads, pointer=pointer)}, outputs=outputs)
    session.write_config(config)
    with session:
        session.start_guest('one')
        inside = session.qtest('one')
        qmp = session.qmp('one')
        if start:
            inside(f'up {start}')
        yield session, inside, qmp


def memory_picture(session, inside, number, width, height, swap=False):
    """The picture that lies in the guest's memory, read past QEMU's display code."""
    path = f'{session.dir}/memory'
    inside(f'dump {number} {path}')
    with open(path, 'rb') as file:
        data = bytearray(file.read())
    if swap:
        data[0::4], data[2::4] = data[2::4], data[0::4]
    return Picture.from_xrgb(width, height, width * 4, bytes(data))


def present(inside, number, width, height, seed, form='b8g8r8x8', create=True):
    if create:
        inside(f'create-2d {number} {form} {width} {height}')
    inside(f'pattern {number} {seed}')
    inside(f'transfer {number}')
    inside(f'scanout 0 {number}')
    inside(f'flush {number}')


def events(inside, device, wait=200, count=0):
    """What came in, as (type, code, value), without the ends of reports; waits for so many, and for more."""
    found, deadline = [], time.monotonic() + 10
    while True:
        words = inside(f'events {device} {wait}').split()
        found += [event for event in (tuple(int(part) for part in word.split(':')) for word in words) if event[0] != EV_SYN]
        if len(found) >= count or time.monotonic() > deadline:
            break
    if count:
        found += events(inside, device, 40)
    return found


def expect_events(inside, device, wanted, what, only=None):
    """Demands exactly these events, of one type if it is given."""
    found = events(inside, device, count=len(wanted))
    if only is not None:
        found = [event for event in found if event[0] == only]
    check_equal(found, wanted, what)


# --- pictures

def test_picture_of_the_outputs_size():
    with running() as (session, inside, qmp):
        present(inside, 1, 1280, 720, 7)
        wanted = memory_picture(session, inside, 1, 1280, 720)
        session.expect_picture(lambda: wanted, 'the picture')
        session.expect_same_picture('one', qmp)


def test_flips_between_two_pictures():
    with running() as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        present(inside, 2, 1280, 720, 2)
        pictures = {number: memory_picture(session, inside, number, 1280, 720) for number in (1, 2)}
        for turn in range(6):
            number = 1 + turn % 2
            inside(f'scanout 0 {number}')
            inside(f'flush {number}')
            session.expect_picture(lambda: pictures[number], f'turn {turn}')


def test_last_of_many_flips_is_shown():
    with running() as (session, inside, qmp):
        present(inside, 1, 640, 480, 1)
        present(inside, 2, 640, 480, 2)
        inside('flip 0 120 2000 1 2')
        wanted = memory_picture(session, inside, 2, 640, 480)
        check_equal(wanted.pixel(3, 3), (0, 0, 119), 'the number in the last frame')
        session.expect_picture(lambda: wanted, 'the last frame')


def test_only_what_changes_is_copied():
    """A guest in shared memory costs the pixels that it flushes, whatever the size of the screen; the session counts them."""
    def counted():
        answer = session.call('ListOutputs')
        one = answer['outputs'][0]
        return {'copied': answer['copied'], 'pictures': one['pictures'], 'frames': one['frames']}

    def rest():
        eventually(lambda: counted() == (time.sleep(0.3), counted())[1], 'the session rests', 60)
        return counted()

    with running() as (session, inside, qmp):
        session.call('Run', command=['split'])  # alone, its picture would be shown as it is
        present(inside, 1, 640, 720, 1)
        eventually(lambda: session.outputs()[0]['path'] == 'composited', 'it is composited', 60)
        whole, size, turns = 640 * 720 * 4, 64 * 64 * 4, 20
        inside('patch 1 4 50000 64 64')  # each of the screen's buffers has all
        before = rest()
        inside(f'patch 1 {turns} 50000 64 64')
        eventually(lambda: counted()['pictures'] > before['pictures'], 'a picture is shown', 60)
        after = rest()
        spent = {key: after[key] - before[key] for key in after}
        check(0 < spent['pictures'] <= min(turns, spent['frames']), f'{spent} for {turns} changes')
        check(size * spent['pictures'] <= spent['copied'] <= size * spent['frames'], f'{spent}, {size} bytes each')
        present(inside, 1, 640, 720, 2, create=False)
        whole_after = rest()
        check(whole_after['copied'] - after['copied'] >= whole, f'a whole picture is {whole} bytes: {whole_after}, {after}')


def test_part_of_a_picture_changes():
    with running() as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        before = memory_picture(session, inside, 1, 1280, 720)
        session.expect_picture(lambda: before, 'the first picture')
        for x, y, width, height in ((0, 0, 1, 1), (1279, 719, 1, 1), (333, 222, 57, 91), (0, 700, 1280, 20)):
            inside(f'fill 1 0xff00ff {x} {y} {width} {height}')
            inside(f'transfer 1 {x} {y} {width} {height}')
            inside(f'flush 1 {x} {y} {width} {height}')
            session.expect_picture(lambda: memory_picture(session, inside, 1, 1280, 720), f'after {x},{y}')


@limit(180)
def test_sizes():
    """Larger, smaller, odd: enlarged by whole factors, or shrunk; never anything else."""
    with running() as (session, inside, qmp):
        sizes = [(1280, 720), (640, 480), (720, 400), (320, 200), (639, 359), (64, 64), (1279, 719), (16, 16)]
        for number, (width, height) in enumerate(sizes, 1):
            present(inside, number, width, height, number)
            wanted = memory_picture(session, inside, number, width, height)
            session.expect_picture(lambda: wanted, f'{width} x {height}')


def test_picture_larger_than_the_output_is_shrunk():
    with running() as (session, inside, qmp):
        inside('create-2d 1 b8g8r8x8 1920 1080')
        inside('fill 1 0x3366cc')
        inside('transfer 1')
        inside('scanout 0 1')
        inside('flush 1')
        shown = eventually(lambda: (shot := session.screenshot()).pixel(640, 360) == (0x33, 0x66, 0xcc) and shot,
                           'the large picture')
        check_equal([shown.pixel(*at) for at in ((0, 0), (1279, 0), (0, 719), (1279, 719))], [(0x33, 0x66, 0xcc)] * 4,
                    'the corners')


@limit(120)
def test_formats():
    """Each format that virtio-gpu has: the same colors, whatever the order in memory."""
    orders = {'b8g8r8x8': 0x112233, 'b8g8r8a8': 0xff112233, 'x8r8g8b8': 0x33221100, 'a8r8g8b8': 0x332211ff,
              'r8g8b8a8': 0xff332211, 'r8g8b8x8': 0x332211, 'x8b8g8r8': 0x11223300, 'a8b8g8r8': 0x112233ff}
    with running() as (session, inside, qmp):
        for number, (form, pixel) in enumerate(orders.items(), 1):
            inside(f'create-2d {number} {form} 640 480')
            inside(f'fill {number} {pixel:#x}')
            inside(f'transfer {number}')
            inside(f'scanout 0 {number}')
            inside(f'flush {number}')
            session.expect_same_picture('one', qmp)
            check_equal(session.screenshot().pixel(640, 360), (0x11, 0x22, 0x33), f'the color in {form}')
            inside(f'fill {number} 0')
            inside(f'transfer {number}')
            inside(f'flush {number}')
            eventually(lambda: session.screenshot().pixel(640, 360) == (0, 0, 0), f'{form} turns black')


def test_part_of_a_resource_as_scanout():
    with running() as (session, inside, qmp):
        inside('create-2d 1 b8g8r8x8 1280 720')
        inside('pattern 1 5')
        inside('transfer 1')
        inside('scanout 0 1 100 50 640 480')
        inside('flush 1')
        wanted = memory_picture(session, inside, 1, 1280, 720).crop(100, 50, 640, 480)
        session.expect_picture(lambda: wanted, 'the part')


def test_scanout_off_and_on_again():
    with running() as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        wanted = memory_picture(session, inside, 1, 1280, 720)
        session.expect_picture(lambda: wanted, 'the picture')
        inside('scanout 0 0')
        session.expect_same_picture('one', qmp)
        inside('scanout 0 1')
        inside('flush 1')
        session.expect_picture(lambda: wanted, 'the picture again')


def test_hidden_guest_is_up_to_date_when_shown():
    with running() as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        session.call('ShowHome')
        home = session.screenshot()
        inside('pattern 1 99')
        inside('transfer 1')
        inside('flush 1')
        time.sleep(0.3)
        check(session.screenshot() == home, 'the hidden guest is seen')
        session.show_guest('one')
        session.expect_picture(lambda: memory_picture(session, inside, 1, 1280, 720), 'the newest picture')


# --- the monitor as the guest sees it

def test_resolution_follows_the_output():
    with running() as (session, inside, qmp):
        eventually(lambda: inside('display').split()[0] == '1280x720', "the guest's monitor has the output's size")
        inside.ask('wait-display 300')  # of a size that came before the driver, if so: takes it away
        present(inside, 1, 1280, 720, 1)
        for number, (width, height) in enumerate(((1024, 768), (1920, 1080), (801, 601)), 2):
            session.resize(width, height)
            said = inside('wait-display 5000')
            check_equal(said, 'events=1 interrupt=config', 'what the device says after a resize')
            check_equal(inside('display').split()[0], f'{width}x{height}', "the guest's monitor")
            edid = bytes.fromhex(inside('edid 0'))
            timing = (edid[56] | (edid[58] & 0xf0) << 4, edid[59] | (edid[61] & 0xf0) << 4)
            check_equal(timing, (width, height), 'the preferred mode in the EDID')
            present(inside, number, width, height, number)
            wanted = memory_picture(session, inside, number, width, height)
            session.expect_picture(lambda: wanted, f'{width} x {height}')


def test_second_head_without_an_output_is_unplugged():
    with running(heads=2) as (session, inside, qmp):
        eventually(lambda: re.fullmatch(r'1280x720 \d+x\d+-off', inside('display')), 'one monitor is on, one off')


def test_two_heads_on_two_outputs():
    with running(heads=2, outputs=2) as (session, inside, qmp):
        eventually(lambda: inside('display') == '1280x720 1280x720', 'both monitors are on')
        for head in (0, 1):
            number = head + 1
            inside(f'create-2d {number} b8g8r8x8 1280 720')
            inside(f'pattern {number} {number}')
            inside(f'transfer {number}')
            inside(f'scanout {head} {number}')
            inside(f'flush {number}')
        pictures = [memory_picture(session, inside, number, 1280, 720) for number in (1, 2)]
        for head in (0, 1):
            session.expect_picture(lambda: pictures[head], f'head {head}', output=head)
        session.resize(1024, 768, output=1)
        eventually(lambda: inside('display') == '1280x720 1024x768', 'the second monitor has another size')
        session.expect_picture(lambda: pictures[0], 'head 0 after the other changed', output=0)


# --- the cursor

def test_cursor_image_and_hotspot():
    with running(start='all') as (session, inside, qmp):
        inside('create-2d 1 b8g8r8x8 1280 720')
        inside('fill 1 0x204060')
        inside('transfer 1')
        inside('scanout 0 1')
        inside('flush 1')
        inside('create-2d 2 b8g8r8a8 64 64')
        inside('fill 2 0xffff0000 0 0 10 10')
        inside('transfer 2')
        inside('cursor 0 2 3 4 100 100')
        session.hand.move_to(500, 300, 1280, 720)

        def shown():
            shot = session.screenshot(cursor=True)
            red = [(x, y) for y in range(280, 340) for x in range(480, 540) if shot.pixel(x, y) == (255, 0, 0)]
            return red and (red[0], red[-1])
        wanted = ((497, 296), (506, 305))
        eventually(lambda: shown() == wanted, f'a red cursor from {wanted[0]} to {wanted[1]}')
        session.hand.move_to(700, 300, 1280, 720)
        eventually(lambda: not shown(), 'the cursor has left its old place')
        session.hand.move_to(500, 300, 1280, 720)
        inside('cursor 0 0 0 0 0 0')
        eventually(lambda: not shown(), 'the guest has hidden its cursor')
        check_equal(session.screenshot(cursor=True).pixel(500, 300), (0x20, 0x40, 0x60), 'the pixel where it was')


# --- keys

@limit(120)
def test_every_key_arrives_with_its_code():
    """All keys that QEMU has a name for, as evdev codes at both ends."""
    with running(start='all', config='host-keys {\n volume guest\n}\n') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        events(inside, 'keyboard', 200)
        codes = [code for code in range(1, 140) if code not in UNNAMED | SUPER | HOST]
        wrong = {}
        for code in codes:
            session.hand.press(code, hold=0.002)
            got = events(inside, 'keyboard', count=2)
            if got != [(EV_KEY, code, 1), (EV_KEY, code, 0)]:
                wrong[code] = got
        check(not wrong, f'keys that arrived otherwise: {wrong}')


def test_chords_arrive_in_order():
    with running(start='all') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        events(inside, 'keyboard', 200)
        session.hand.press('ctrl', 'alt', 'del')
        expect_events(inside, 'keyboard', [(1, 29, 1), (1, 56, 1), (1, 111, 1), (1, 111, 0), (1, 56, 0), (1, 29, 0)], 'Ctrl+Alt+Del')


def test_reserved_key_never_leaks():
    with running(start='all') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        events(inside, 'keyboard', 200)
        session.hand.press('super', 'h')
        eventually(lambda: not session.guest('one')['shown'], 'Super+H shows the home screen')
        session.hand.press('super', '1')
        eventually(lambda: session.guest('one')['focused'], 'Super+1 shows the guest again')
        check_equal(events(inside, 'keyboard', 300), [], 'what the guest got of it')
        session.hand.press('super')
        expect_events(inside, 'keyboard', [(1, 125, 1), (1, 125, 0)], 'a tap of Super')


def test_held_keys_are_released_when_the_focus_goes():
    with running(start='all') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        events(inside, 'keyboard', 200)
        session.hand.key(30, True)
        session.hand.key(42, True)
        session.client.roundtrip()
        expect_events(inside, 'keyboard', [(1, 30, 1), (1, 42, 1)], 'two keys held')
        session.call('ShowHome')
        check_equal(sorted(events(inside, 'keyboard', count=2)), [(1, 30, 0), (1, 42, 0)], 'what leaving releases')
        session.hand.key(30, False)
        session.hand.key(42, False)
        session.show_guest('one')
        session.client.roundtrip()
        check_equal(events(inside, 'keyboard', 300), [], 'what coming back sends')


# --- the pointer

def read_position(inside, before=(None, None), wait=200):
    """The last value of both axes, after what came in until now."""
    values = list(before)
    for kind, code, value in events(inside, 'tablet', wait):
        if kind == EV_ABS and code < 2:
            values[code] = value
    return tuple(values)


def is_pixel(value, pixel, size):
    """QEMU scales a pixel to 0..32767, rounding down: one unit is allowed, a pixel is not."""
    return value is not None and pixel * 32767 / size - 1 <= value < (pixel + 1) * 32767 / size


def expect_position(inside, x, y, width, height, before):
    """Demands that the pointer comes to rest on that pixel of a screen of that size."""
    found, deadline = read_position(inside, before, 60), time.monotonic() + 5
    while not (is_pixel(found[0], x, width) and is_pixel(found[1], y, height)):
        check(time.monotonic() < deadline, f'the pointer is at {found} of 32767, which is not pixel {x},{y} of {width} x {height}')
        found = read_position(inside, found)
    return found


def corners(width, height):
    return [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1), (width // 2, height // 2), (1, 1),
            (width - 2, height - 2)]


def test_pointer_in_all_corners():
    with running(start='all') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        session.hand.move_to(600, 300, 1280, 720)
        last = read_position(inside)
        for x, y in corners(1280, 720):
            session.hand.move_to(x, y, 1280, 720)
            last = expect_position(inside, x, y, 1280, 720, last)


def test_pointer_in_an_enlarged_picture():
    """320 x 200 on 1280 x 720: three times as large, with bars of 160 and 60 pixels."""
    with running(start='all') as (session, inside, qmp):
        present(inside, 1, 320, 200, 1)
        session.expect_picture(lambda: memory_picture(session, inside, 1, 320, 200), 'the small picture')
        session.hand.move_to(600, 300, 1280, 720)
        last = read_position(inside)
        for x, y in corners(320, 200):
            for within in (0, 2):  # the first and the last of the block's pixels
                session.hand.move_to(160 + 3 * x + within, 60 + 3 * y + within, 1280, 720)
                last = expect_position(inside, x, y, 320, 200, last)
        session.hand.move_to(0, 0, 1280, 720)  # on the bars: the nearest pixel of the picture
        expect_position(inside, 0, 0, 320, 200, last)


def test_buttons_and_wheel():
    with running(start='all') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        session.hand.move_to(600, 300, 1280, 720)
        events(inside, 'tablet', 1000)
        for name in ('left', 'right', 'middle', 'side', 'extra'):
            session.hand.click(name)
            expect_events(inside, 'tablet', [(1, BUTTONS[name], 1), (1, BUTTONS[name], 0)], f'button {name}')
        session.hand.scroll(2)
        expect_events(inside, 'tablet', [(2, 8, -1)] * 2, 'two detents down', EV_REL)
        session.hand.scroll(-1)
        expect_events(inside, 'tablet', [(2, 8, 1)], 'one detent up', EV_REL)


def test_relative_mouse():
    with running(more=MOUSE, pointer='relative', start='all') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        events(inside, 'mouse', 200)
        session.hand.move_by(7, -3)
        check_equal(sorted(events(inside, 'mouse', count=2)), [(2, 0, 7), (2, 1, -3)], 'the motion')
        for _ in range(4):
            session.hand.move_by(0.25, 0)
        moved = [event for event in events(inside, 'mouse', count=2) if event[2] != 0]  # QEMU always sends both axes
        check_equal(moved, [(2, 0, 1)], 'four quarters of a pixel')


def test_pointer_mode_follows_the_guests_driver():
    with running(more=TABLET + '\n' + MOUSE, start='gpu mouse') as (session, inside, qmp):
        present(inside, 1, 1280, 720, 1)
        session.expect_same_picture('one', qmp)
        session.hand.move_by(5, 5)
        check_equal(sorted(events(inside, 'mouse', count=2)), [(2, 0, 5), (2, 1, 5)], 'motion while only the mouse has a driver')
        inside('up tablet')
        time.sleep(0.5)
        session.hand.move_to(640, 360, 1280, 720)
        expect_position(inside, 640, 360, 1280, 720, (None, None))
        check_equal(events(inside, 'mouse', 200), [], 'what the mouse got meanwhile')


# --- the end

def test_power_button_and_power_off():
    with running() as (session, inside, qmp):
        inside('acpi')
        session.call('ActOnGuest', name='one', action='powerdown')
        inside('wait-button 5000')
        inside('poweroff')
        session.wait_state('one', 'off')
        check_equal(session.guest('one')['reason'], '', 'the reason')
        eventually(lambda: not session.pids('qemu-system'), 'QEMU is gone')
        check(session.pids('phyllome-bridge'), 'the bridge stays')


def test_guest_can_be_started_again():
    with running() as (session, inside, qmp):
        inside('acpi')
        inside('poweroff')
        session.wait_state('one', 'off')
        session.start_guest('one')
        again = session.qtest('one')
        again('up gpu')
        present(again, 1, 1280, 720, 3)
        wanted = memory_picture(session, again, 1, 1280, 720)
        session.expect_picture(lambda: wanted, 'the picture after a second start')


def test_two_guests():
    with Session({'one': guest('one'), 'two': guest('two')}) as session:
        inner, pictures = {}, {}
        for seed, name in enumerate(('one', 'two')):
            session.start_guest(name)
            inner[name] = session.qtest(name)
            inner[name]('up gpu keyboard tablet')
            present(inner[name], 1, 1280, 720, seed)
            pictures[name] = memory_picture(session, inner[name], 1, 1280, 720)
        for key, name in (('1', 'one'), ('2', 'two'), ('1', 'one')):
            session.hand.press('super', key)
            session.expect_picture(lambda: pictures[name], f'Super+{key}')
            session.hand.press('q')
            other = 'two' if name == 'one' else 'one'
            expect_events(inner[name], 'keyboard', [(1, 16, 1), (1, 16, 0)], f'the keys of {name}')
            check_equal(events(inner[other], 'keyboard', 100), [], f'the keys of {other}')
