# SPDX-License-Identifier: MIT
"""How monitors are set: by session.scfg, by tools, and by what else is plugged in."""

import contextlib
import os

import wire
from fixture import Failure, Session, check, check_equal, eventually, read_text
from run import Skip
from test_protocol import RUNNING, STARTING, Bridge
from test_strip import cover_everything

GUESTS = {'a': 'memory 64M\n'}


def settings(session):
    """{name: (width, height, scale, x)} of the monitors that are on."""
    return {one['name']: (one['width'], one['height'], one['scale'], one['x'])
            for one in session.outputs() if one['enabled']}


def expect_settings(session, what, wanted):
    with contextlib.suppress(Failure):
        eventually(lambda: settings(session) == wanted, what)
    check_equal(settings(session), wanted, what)


ALWAYS = '''
output HEADLESS-1 {
    mode 1000x700
    scale 2
}
'''
DOCKED = '''
layout {
    output HEADLESS-1 {
        mode 900x600
        position 800 0
    }
    output HEADLESS-2 {
        mode 1600x900
        scale 2
        position 0 0
    }
}
'''
ALONE = '''
layout {
    output HEADLESS-1 {
    }
    output HEADLESS-2 {
        off
    }
    show a on HEADLESS-1
}
'''


def test_layout_sets_its_monitors():
    session = Session(GUESTS, bridges=False, outputs=2)
    session.write_config(ALWAYS + DOCKED)
    session.size = (1600, 900)  # of the first one, which the fixture leaves alone then
    with session:
        # The scale stands in the monitor's own block only.
        expect_settings(session, 'at the start', {'HEADLESS-1': (900, 600, 2, 800), 'HEADLESS-2': (1600, 900, 2, 0)})
        session.write_config(ALWAYS + ALONE)
        session.call('Run', command=['reload'])
        expect_settings(session, 'one of them off', {'HEADLESS-1': (1000, 700, 2, 0)})
        eventually(lambda: [cell['guest'] for one in session.outputs() for cell in one['cells']] == ['a'],
                   'who is where is done too')
        session.write_config(DOCKED.replace('HEADLESS-2', 'HEADLESS-3'))
        session.call('Run', command=['reload'])
        eventually(lambda: len(settings(session)) == 2, 'a layout for other monitors does not count, and both are on')
        check('HEADLESS-1' in settings(session) and settings(session)['HEADLESS-1'][:2] != (900, 600), 'it counted')


def set_by_tool(session):
    session.resize(1100, 800, scale=2)
    session.hand.resize_output(640, 480, output=1, scale=1)


def test_what_a_tool_has_set_comes_back():
    session = Session(GUESTS, bridges=False, outputs=2)
    path = f'{session.dir}/.local/state/phyllome/monitors'
    with session:
        set_by_tool(session)
        eventually(lambda: '640x480' in read_text(path), 'its file')
        first, second = session.hand.names
        before = settings(session)
        check_equal(before[first][:3] + before[second][:3], (1100, 800, 2, 640, 480, 1), 'what the tool has set')
        session.stop()
        session.start()
        expect_settings(session, 'as the tool had set it', before)
        session.hand.switch_outputs(True, False)
        session.stop()
        session.start()
        eventually(lambda: list(settings(session)) == [first], 'one of them is off still')
        session.hand.names = [first, second]  # it knows those that were on at the start
        session.hand.switch_outputs(True, True)
        # The file counts more, at the next start and when it is read again.
        session.write_config(ALWAYS.replace('HEADLESS-1', second))
        session.call('Run', command=['reload'])
        eventually(lambda: settings(session).get(second, ())[:3] == (1000, 700, 2), 'session.scfg counts more')
        check_equal(settings(session)[first][:3], (1100, 800, 2), 'the other one')
        # What a tool switches off altogether is not what anybody wants to log in to.
        session.hand.switch_outputs(False, False)
        session.stop()
        session.start()
        eventually(lambda: len(settings(session)) == 2, 'both are on')


def test_broken_memory_of_monitors_is_put_aside():
    session = Session(GUESTS, bridges=False)
    path = f'{session.dir}/.local/state/phyllome/monitors'
    os.makedirs(os.path.dirname(path))
    with open(path, 'w', encoding='utf-8') as file:
        file.write('layout {\n\toutput HEADLESS-1 {\n\t\tscale many\n\t}\n}\n')
    with session:
        check("monitors:3: scale: 'many' is not a number" in read_text(session.log), 'no line about the wrong file')
        check(os.path.exists(path + '.broken'), 'the wrong file is lost')
        session.hand.resize_output(1100, 800)
        eventually(lambda: '1100x800' in read_text(path), 'a new file')


def test_nothing_of_a_monitor_that_is_off_is_left():
    """Neither its home screen, where another monitor is now, nor a program's surface that holds the keyboard."""
    with Session(GUESTS, bridges=False, outputs=2) as session:
        bridge = Bridge(session, 'a')
        control = bridge.control()
        for state in (STARTING, RUNNING):
            control.set_state(state, '')
        bridge.head()
        bridge.show(400, 240, 0x0000ff)
        with contextlib.closing(wire.Display(session.wayland)) as client:
            if 'zwlr_layer_shell_v1' not in client.interfaces:
                raise Skip('no XML of the wlroots protocols')
            layer = cover_everything(client, client.bind('wl_shm'))
            eventually(lambda: session.screenshot().pixel(640, 690) == (0, 255, 0), 'the program covers the first monitor', 60)
            session.hand.switch_outputs(False, True)
            layer.wait('closed')
        session.show_guest('a')
        eventually(lambda: session.guest('a')['focused'], 'the guest has the input')
        shown = session.screenshot(1)
        session.keep('left', shown)
        check_equal(shown.pixel(640, 360), (0, 0, 255), 'the guest')
        width, height = shown.size
        beside = {shown.pixel(x, y) for x in (*range(0, 40, 4), *range(width - 40, width, 4)) for y in range(0, height, 8)}
        check_equal(beside, {(0, 0, 0)}, 'the colours beside a smaller picture')
        session.hand.switch_outputs(True, True)
        eventually(lambda: session.screenshot().pixel(5, 5) != (0, 0, 0), 'the first monitor shows the home screen again')
        bridge.client.close()
