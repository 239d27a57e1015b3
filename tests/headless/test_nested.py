# SPDX-License-Identifier: MIT
"""The session in a window of an X server; the test is the guests' bridge."""

import contextlib
import signal

from fixture import Failure, Session, check, check_equal, eventually, read_text
from test_strip import PANEL, SUPER, Guest
from xclient import XServer

KEY_A, KEY_2 = 30, 3


def in_window(session, display):
    """The same session, in a window of that display."""
    del session.environment['WLR_BACKENDS']
    session.environment['DISPLAY'] = display
    return session


@contextlib.contextmanager
def nested(*names, windows=1):
    with contextlib.ExitStack() as opened:
        session = Session({name: '' for name in names}, size=(1024, 768), bridges=False)
        session.environment['WLR_X11_OUTPUTS'] = str(windows)
        server = opened.enter_context(contextlib.closing(XServer(session.dir, 1400, 1000)))
        opened.enter_context(in_window(session, server.name))
        found = [Guest(session, name, number + 1) for number, name in enumerate(names)]
        for one in found:
            opened.callback(one.client.close)
        session.show_guest(names[0])
        yield session, server, found


def expect_window(session, server, picture, what):
    try:
        eventually(lambda: server.capture(*picture.size) == picture, what)
    except Failure:
        session.keep('window', server.capture(*picture.size))
        raise


def test_guest_in_a_window_of_x11():
    with nested('one', 'two') as (session, server, (one, two)):
        expect_window(session, server, one.picture, "the window shows the guest's picture")
        server.move_to(300, 300)
        server.key(KEY_A, True)
        server.key(KEY_A, False)
        eventually(lambda: len(one.got('key')) >= 2, 'the guest gets a key')
        check_equal([event[-2:] for event in one.got('key')], [(KEY_A, 1), (KEY_A, 0)], 'the keys that the guest got')
        server.key(SUPER, True)
        eventually(lambda: server.capture(1024, 768).pixel(512, 768 - 40) == PANEL, 'the strip is shown in the window')
        server.key(KEY_2, True)
        server.key(KEY_2, False)
        server.key(SUPER, False)
        expect_window(session, server, two.picture, 'the window shows the second guest')
        check_equal(len(one.got('key')) + len(two.got('key')), 2, 'how many key events reached guests')


def test_window_of_x11_is_resized():
    with nested('one') as (session, server, (one,)):
        expect_window(session, server, one.picture, "the window shows the guest's picture")
        server.resize_window(server.windows()[0], 1200, 700)
        eventually(lambda: (session.outputs()[0]['width'], session.outputs()[0]['height']) == (1200, 700), 'the monitor has its size')
        one.paint(5, 1200, 700)
        expect_window(session, server, one.picture, 'the window shows a picture of its new size')


def test_window_of_x11_is_closed():
    with nested('one') as (session, server, (one,)):
        expect_window(session, server, one.picture, "the window shows the guest's picture")
        server.close_window(server.windows()[0])
        check_equal(session.compositor.wait(10), 0, "the compositor's exit status when its window was closed")


def close_under(screen):
    """Closes the window that a screen of the session lies in; in the same turn of its loop the guest draws, and the mouse moves."""
    with nested('one', windows=2) as (session, server, (one,)):
        eventually(lambda: len(session.outputs()) == 2, 'both windows')
        session.call('FocusOutput', output='X11-2')
        session.call('Run', command=[screen])
        server.move_to(300, 300)
        session.client.roundtrip()
        session.compositor.send_signal(signal.SIGSTOP)
        server.close_window(server.windows()[-1])  # the one that was made last
        server.move_to(310, 310)
        one.surface.attach(one.buffer(64, 64, 0xffffff), 0, 0)
        one.surface.damage_buffer(0, 0, 64, 64)
        one.surface.frame()
        one.surface.commit()
        session.compositor.send_signal(signal.SIGCONT)
        eventually(lambda: len(session.outputs()) == 1, 'the window is gone')
        one.client.roundtrip()
        session.screenshot()


def test_window_with_the_overview_is_closed():
    close_under('overview')


def test_window_with_the_strip_is_closed():
    close_under('strip')


def test_x_server_that_dies_is_told():
    with nested('one') as (session, server, (one,)):
        expect_window(session, server, one.picture, "the window shows the guest's picture")
        server.process.send_signal(signal.SIGKILL)
        check_equal(session.compositor.wait(10), 1, "the compositor's exit status without its X server")
        check('screen: lost' in read_text(session.log), 'it does not say why')
        session.compositor.returncode = 0  # which is what it ought to be here


def test_no_x_server_is_told():
    session = in_window(Session({}), ':4711')
    with contextlib.suppress(Failure):
        session.start()
    check_equal(session.compositor.wait(10), 1, 'the exit status')
    lines = [line for line in read_text(session.log).splitlines() if 'start: ' in line]
    check(len(lines) == 1 and 'DISPLAY' in lines[0], f'the one line that says what to do is {lines}')
