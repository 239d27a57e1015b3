#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In the computer, as alice: the screen by the portal for screen casts, as a browser's meeting gets it.

usage: cast.py FILE   tells the portal that the whole screen is wanted, and writes each picture
                      that comes through PipeWire to FILE-NUMBER.raw, four bytes a pixel (BGRx);
                      prints "streaming WIDTH HEIGHT". Ends by SIGTERM.
"""

import signal
import subprocess
import sys

from gi.repository import Gio, GLib

PORTAL, DESKTOP = 'org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop'
CAST = 'org.freedesktop.portal.ScreenCast'
MONITOR = 1
PATIENCE = 120  # s

bus = Gio.bus_get_sync(Gio.BusType.SESSION)
count = 0


def call(method, kind, *arguments):
    return bus.call_sync(PORTAL, DESKTOP, CAST, method, GLib.Variant(kind, arguments), None, 0, PATIENCE * 1000).unpack()


def ask(method, kind, *arguments, **options):
    """A method whose answer comes by a signal of an object that is named by us."""
    global count
    count += 1
    loop, answer = GLib.MainLoop(), []
    path = f'/org/freedesktop/portal/desktop/request/{bus.get_unique_name()[1:].replace(".", "_")}/lab{count}'

    def handle_response(*words):
        answer.extend(words[5].unpack())
        loop.quit()
    bus.signal_subscribe(PORTAL, 'org.freedesktop.portal.Request', 'Response', path, None, 0, handle_response)
    options = {name: GLib.Variant(*value) for name, value in options.items()} | {'handle_token': GLib.Variant('s', f'lab{count}')}
    call(method, f'({kind}a{{sv}})', *arguments, options)
    GLib.timeout_add_seconds(PATIENCE, loop.quit)
    loop.run()
    if not answer or answer[0] != 0:
        raise SystemExit(f'{method}: {answer or "no answer"}')
    return answer[1]


session = ask('CreateSession', '', session_handle_token=('s', 'lab'))['session_handle']
ask('SelectSources', 'o', session, types=('u', MONITOR))
(node, about), = ask('Start', 'os', session, '')['streams']
_, fds = bus.call_with_unix_fd_list_sync(PORTAL, DESKTOP, CAST, 'OpenPipeWireRemote', GLib.Variant('(oa{sv})', (session, {})),
                                         None, 0, PATIENCE * 1000, None)
fd = fds.get(0)
process = subprocess.Popen(
    ['gst-launch-1.0', '-q', 'pipewiresrc', f'fd={fd}', f'path={node}', '!', 'videoconvert', '!', 'video/x-raw,format=BGRx', '!',
     'multifilesink', f'location={sys.argv[1]}-%d.raw', 'max-files=3'], pass_fds=[fd], stdin=subprocess.DEVNULL)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    print('streaming', *about['size'], flush=True)
    process.wait()
finally:
    process.terminate()
