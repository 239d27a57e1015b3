# SPDX-License-Identifier: MIT
"""The first screen of a real session."""

import os
import time

from fixture import Session, check, check_equal, eventually, read_text
from test_protocol import LOST, OFF, PAUSED, RUNNING, Bridge

# enum action of phyllome_guest_v1
START, POWERDOWN, RESET, KILL, PAUSE, RESUME = range(6)
KEY_SEMICOLON = 39
BAD = (0xf0, 0x8a, 0x80)


def pretend_qemu(session, script):
    """Puts a script before every QEMU in PATH."""
    folder = f'{session.dir}/bin'
    os.mkdir(folder)
    for machine in ('x86_64', 'aarch64', 'riscv64'):
        with open(f'{folder}/qemu-system-{machine}', 'w', encoding='utf-8') as file:
            file.write(script)
        os.chmod(file.name, 0o700)
    session.environment['PATH'] = f'{folder}:{session.environment["PATH"]}'


def test_start_does_not_wait_for_qemu():
    session = Session()
    pretend_qemu(session, '#!/bin/sh\nsleep 1\nexit 1\n')
    began = time.monotonic()
    with session:
        before = session.screenshot()
        took = time.monotonic() - began
        early = 'does not work' not in read_text(session.log)
        check(early or took > 1, 'the answer of a QEMU that sleeps was known at once')
        eventually(lambda: 'does not work' in read_text(session.log), 'the broken QEMU is told of', 60)
        if early:  # else the machine is so busy that the first picture may show it
            eventually(lambda: session.screenshot() != before, 'the screen says it, too', 60)


def test_silent_qemu_is_given_up():
    session = Session()
    pretend_qemu(session, '#!/bin/sh\nexec sleep 1000\n')
    with session:
        check('does not answer' not in read_text(session.log), 'a QEMU that sleeps is judged before its time')
        eventually(lambda: 'does not answer' in read_text(session.log), 'the silent QEMU is told of')
        check(not session.pids('sleep'), 'the silent QEMU still runs')


def test_end_while_qemu_is_asked():
    session = Session()
    pretend_qemu(session, '#!/bin/sh\nexec sleep 1000\n')
    with session:
        session.stop()
        check(not session.pids('sleep'), 'the silent QEMU outlives the session')


class Guest(Bridge):
    def __init__(self, session, name, state=RUNNING, reason=''):
        super().__init__(session, name)
        self.guest = self.control()
        self.guest.set_state(state, reason)
        self.client.roundtrip()

    def actions(self):
        self.client.roundtrip()
        return [arguments[0] for arguments in self.guest.named('action')]


def press(session, *names):
    """Presses keys one after the other and lets the session draw what they did."""
    for name in names:
        session.hand.press(name)
    time.sleep(0.1)


def test_machines_are_driven_by_keys():
    with Session({'one': '', 'two': ''}, bridges=False) as session:
        one, two = Guest(session, 'one'), Guest(session, 'two')
        press(session, 's')
        check_equal(one.actions(), [POWERDOWN], 'what the first machine was asked')
        press(session, 'down', 'p')
        two.guest.set_state(PAUSED, '')
        two.client.roundtrip()
        press(session, 'p')
        check_equal(two.actions(), [PAUSE, RESUME], 'what the second machine was asked')
        two.guest.set_state(RUNNING, '')
        two.client.roundtrip()
        # What destroys is done only after a yes.
        before = session.screenshot()
        press(session, 'k')
        asked = session.screenshot()
        session.keep('question', asked)
        check(asked != before, 'nothing is asked before the power is cut')
        press(session, 'down', 'p')
        check_equal(session.screenshot(), asked, 'the question while other keys are pressed')
        press(session, 'esc')
        check_equal(session.screenshot(), before, 'the screen after a no')
        check_equal(two.actions(), [PAUSE, RESUME], 'what was asked after a no')
        press(session, 'k', 'enter')
        check_equal(two.actions(), [PAUSE, RESUME, KILL], 'what was asked after a yes')
        press(session, 'r', 'y')
        check_equal(two.actions(), [PAUSE, RESUME, KILL, RESET], 'what was asked at the end')
        check_equal(one.actions(), [POWERDOWN], 'what the other machine was asked')
        two.guest.set_state(OFF, '')
        two.client.roundtrip()
        press(session, 's', 'k', 'r', 'p', 'enter')
        check_equal(two.actions(), [PAUSE, RESUME, KILL, RESET, START], 'what a machine that is off was asked')
        one.client.close()
        two.client.close()


def test_keys_on_a_screen_that_nobody_sees_do_nothing():
    """What is typed there blindly would cut a guest's power: "k" and Enter do."""
    with Session({'one': ''}, bridges=False) as session:
        one = Guest(session, 'one')
        session.hand.switch_outputs(False)
        press(session, 'k', 'enter', 's', 'p')
        check_equal(one.actions(), [], 'what was asked without a monitor')
        session.hand.switch_outputs(True)
        press(session, 's')
        check_equal(one.actions(), [POWERDOWN], 'what was asked on a screen that is seen')
        press(session, 'k')
        session.write_config('idle {\n\tscreen-off 1\n}\n')
        session.call('Reload')
        eventually(lambda: 'idle: screens off' in read_text(session.log), 'the screen is off', 60)
        session.write_config('')
        session.call('Reload')
        press(session, 's')
        check('idle: screens on' in read_text(session.log), 'a key does not switch the screen on')
        press(session, 'enter')
        check_equal(one.actions(), [POWERDOWN], 'what was asked by the key that switched the screen on, and after it')
        session.hand.press('super', 'h')
        press(session, 'p')
        check_equal(one.actions(), [POWERDOWN, PAUSE], 'what was asked when it was on again')
        one.client.close()


def test_question_is_answered_by_the_pointer():
    with Session({'one': ''}, bridges=False) as session:
        one = Guest(session, 'one')
        press(session, 'r')
        asked = session.screenshot()
        line = [x for x in range(1280) for y in (400,) if asked.pixel(x, y) == BAD] or [
            x for y in range(300, 500) for x in range(1280) if asked.pixel(x, y) == BAD]
        y = next(y for y in range(300, 500) if asked.pixel(line[0], y) == BAD)
        session.hand.move_to(line[0] + 20, y + 5, 1280, 720)
        session.hand.click()
        eventually(one.actions, 'the machine is asked')
        check_equal(one.actions(), [RESET], 'what the machine was asked')
        one.client.close()


def test_machine_is_driven_without_a_keyboard():
    """What the keys at the lower edge do can be had by a click on them, and the wheel chooses."""
    with Session({'one': '', 'two': ''}, bridges=False) as session:
        one, two = Guest(session, 'one'), Guest(session, 'two')
        session.hand.move_to(1, 1, 1280, 720)
        session.hand.scroll(1)
        for x in range(200, 1000, 16):
            session.hand.move_to(x, 639, 1280, 720)
            session.hand.click()
            if two.actions():
                break
            if not session.outputs()[0]['cells'][0]['guest']:
                continue
            session.hand.press('super', 'h')  # that was "show"
            session.hand.move_to(1, 1, 1280, 720)
        check_equal((one.actions(), two.actions()), ([], [POWERDOWN]), 'what the machines were asked')
        one.client.close()
        two.client.close()


def test_digit_shows_and_escape_goes_back():
    with Session({'one': '', 'two': ''}, bridges=False) as session:
        bridges = [Guest(session, name) for name in ('one', 'two')]
        for bridge, color in zip(bridges, (0x102030, 0x405060)):
            bridge.head()
            bridge.show(1280, 720, color)
        press(session, '2')
        eventually(lambda: session.screenshot().pixel(9, 9) == (0x40, 0x50, 0x60), 'the guest of that digit')
        session.hand.press('super', 'h')
        eventually(lambda: session.screenshot().pixel(9, 9) != (0x40, 0x50, 0x60), 'the first screen')
        press(session, 'esc')
        eventually(lambda: session.screenshot().pixel(9, 9) == (0x40, 0x50, 0x60), 'the guest that was left')
        for bridge in bridges:
            bridge.client.close()


def test_pointer_selects_what_it_is_over():
    with Session({'one': '', 'two': ''}, bridges=False) as session:
        one, two = Guest(session, 'one'), Guest(session, 'two')
        # From the bottom up: the first row that reacts is the second guest's.
        before = session.screenshot()
        for y in range(600, 100, -10):
            session.hand.move_to(640, y, 1280, 720)
            time.sleep(0.02)
            if session.screenshot() != before:
                break
        press(session, 's')
        check_equal((one.actions(), two.actions()), ([], [POWERDOWN]), 'what the machines were asked')
        one.client.close()
        two.client.close()


def test_asking_for_a_guest_starts_it_and_going_past_it_does_not():
    with Session({'one': '', 'two': ''}, bridges=False, outputs=2) as session:
        one, two = Guest(session, 'one'), Guest(session, 'two')
        for guest in (one, two):
            guest.head()
            guest.show(1280, 720, 0x102030)
        session.hand.press('super', '1')
        session.hand.press('super', '2')
        check_equal((one.actions(), two.actions()), ([], []), 'what machines that run were asked')
        for guest in (one, two):  # shut down from inside; their bridges stay
            guest.guest.set_state(OFF, '')
            guest.client.roundtrip()
        session.hand.press('super', 'tab')
        session.hand.press('super', 'grave')
        eventually(lambda: session.guest('two')['shown'], 'the guest before it')
        check_equal((one.actions(), two.actions()), ([], []), 'what machines were asked that somebody went past')
        session.hand.press('super', '2')
        check_equal((one.actions(), two.actions()), ([], [START]), 'after Super+2')
        session.call('ShowGuest', name='one')
        check_equal(one.actions(), [START], 'after ShowGuest')
        session.call('Run', command=['place', 'two', session.outputs()[1]['name']])
        check_equal(two.actions(), [START, START], 'after place')
        two.guest.set_state(LOST, 'no such disk')
        two.client.roundtrip()
        session.hand.press('super', '2')
        check_equal(two.actions(), [START, START], 'a lost one, whose reason is to be read first')
        one.client.close()
        two.client.close()


def test_letters_are_found_on_any_layout():
    with Session({'one': ''}, bridges=False) as session:
        one = Guest(session, 'one')
        # "s" is the letter of a layout that has it, wherever that stands, or else the place of a US keyboard's.
        for number, (layout, key) in enumerate((('ru,us', 's'), ('ru', 's'), ('us,de', 's'), ('us dvorak', KEY_SEMICOLON)), 1):
            name, _, variant = layout.partition(' ')
            variant = variant and f'\tvariant {variant}\n'
            session.write_config(f'input keyboard {{\n\tlayout "{name}"\n{variant}}}\n')
            session.call('Reload')
            press(session, key)
            check_equal(one.actions(), [POWERDOWN] * number, f'what the machine was asked with layout {layout}')
        one.client.close()


def test_lost_guest_says_why():
    with Session({'one': '', 'two': ''}, bridges=False) as session:
        one = Guest(session, 'one', LOST, 'QEMU ended with status 1: cannot open the disk system.qcow2: no such file')
        two = Guest(session, 'two')

        def card(picture):
            """Whether there is the mark of a problem's card beside the list."""
            return any(picture.pixel(x, y) == BAD for y in range(80, 600) for x in range(780, 1000))

        eventually(lambda: card(session.screenshot()), 'the card with the reason')
        shown = session.screenshot()
        session.keep('lost', shown)
        one.guest.set_state(LOST, 'the bridge ended with status 4')
        one.client.roundtrip()
        eventually(lambda: session.screenshot() != shown and card(session.screenshot()), 'the card with another reason')
        press(session, 'down')
        check(not card(session.screenshot()), 'the card is there with another guest selected')
        one.client.close()
        two.client.close()
