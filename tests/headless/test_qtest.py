# SPDX-License-Identifier: MIT
"""qtest-guest itself, alone with a QEMU: what other tests take from it is so."""

import contextlib
import os
import shutil
import subprocess

from fixture import QtestGuest, check, check_equal, die_with_parent, eventually
from picture import Picture
from qmp import Qmp
from run import Skip


@contextlib.contextmanager
def machine(*arguments, memory=128):
    folder, program = os.environ['PH_TEST_DIR'], shutil.which('qemu-system-x86_64')
    if not program:
        raise Skip('there is no qemu-system-x86_64: install the package qemu-system-x86')
    process = subprocess.Popen(
        [program, '-accel', 'qtest', '-qtest', f'unix:{folder}/qtest,server=on,wait=off', '-qtest-log', 'none',
         '-m', str(memory), '-nodefaults', '-qmp', f'unix:{folder}/qmp,server=on,wait=off', *arguments],
        preexec_fn=die_with_parent)
    inside = QtestGuest(f'{folder}/qtest', memory)
    qmp = Qmp(f'{folder}/qmp', 10)
    try:
        yield inside, qmp
    finally:
        with contextlib.suppress(OSError):
            inside.close()
        qmp.close()
        process.kill()
        process.wait(10)


def drive(kind):
    """The same on both machines: a picture out, keys and motion in, power off."""
    path = f'{os.environ["PH_TEST_DIR"]}/file'
    with machine('-machine', kind, '-display', 'none', '-device', 'virtio-gpu-pci,id=gpu', '-device', 'virtio-keyboard-pci',
                 '-device', 'virtio-tablet-pci', '-device', 'virtio-mouse-pci') as (inside, qmp):
        names = [word.partition('@')[0] for word in inside('devices').split()]
        check_equal(names, ['gpu', 'keyboard', 'tablet', 'mouse'], 'the devices')
        inside('up all')
        check_equal(inside('display'), '1280x800', 'the monitor')
        inside('create-2d 1 b8g8r8x8 640 480')
        inside('pattern 1 7')
        inside('transfer 1')
        inside('scanout 0 1')
        inside('flush 1')
        inside(f'dump 1 {path}')
        with open(path, 'rb') as file:
            wanted = Picture.from_xrgb(640, 480, 640 * 4, file.read())
        check(wanted.colors() == 1000, 'the pattern has few colors')
        qmp.screendump(path, form='ppm')
        check(Picture.from_ppm(path) == wanted, "QEMU's picture is not what lies in guest memory")
        qmp.key('a', True)
        qmp.move(1000, 32767)
        qmp.move_by(5, -6)
        check_equal(inside('events keyboard 1000'), '1:30:1 0:0:0', 'the key')
        check_equal(inside('events tablet 1000'), '3:0:1000 3:1:32767 0:0:0', 'the position')
        check_equal(inside('events mouse 1000'), '2:0:5 2:1:-6 0:0:0', 'the motion')
        inside('acpi')
        qmp.call('system_powerdown')
        inside('wait-button 1000')
        inside('poweroff')


def test_machine_q35():
    drive('q35')


def test_machine_pc():
    drive('pc')


def test_wrong_requests_are_refused_by_the_device():
    with machine('-display', 'none', '-device', 'virtio-gpu-pci') as (inside, qmp):
        inside('up gpu')
        inside('create-2d 1 b8g8r8x8 64 64')
        for line in ('scanout 5 1', 'scanout 0 1 32 32 64 64', 'flush 1 0 0 100 100', 'create-2d 2 b8g8r8x8 0 0'):
            check(inside.ask(line).startswith('error'), f'{line} was accepted')


def test_3d_resources_are_rendered():
    """virglrenderer draws in software here: what it draws is read back, not shown."""
    with machine('-machine', 'q35', '-display', 'dbus,p2p=yes,gl=on,rendernode=/dev/null', '-device', 'virtio-vga-gl',
                 memory=256) as (inside, qmp):
        inside('up gpu')
        inside('create-3d 1 b8g8r8x8 640 480')
        inside('pattern 1 7')
        before = inside('pixel 1 100 100')
        inside('transfer 1')
        inside('fill 1 0')
        inside('transfer-back 1')
        check_equal(inside('pixel 1 100 100'), before, 'a pixel that went there and back')
        inside('clear-3d 1 1.0 0.5 0.25 1.0')
        inside('transfer-back 1')
        check_equal([inside(f'pixel 1 {at}') for at in ('0 0', '639 479')], ['0xffff8040'] * 2, 'the cleared corners')


def test_screen_size_wish_reaches_the_guest():
    with machine('-display', 'none', '-device', 'virtio-gpu-pci,max_outputs=2') as (inside, qmp):
        inside('up gpu')
        check_equal(inside('display'), '1280x800 0x0-off', 'the monitors')
        check(inside.ask('wait-display 50').startswith('error'), 'a display event came from nowhere')
        edid = bytes.fromhex(inside('edid 0'))
        check_equal(edid[:8], b'\0\xff\xff\xff\xff\xff\xff\0', 'the head of the EDID')
        check_equal(sum(edid[:128]) % 256, 0, 'its sum')


def test_unknown_command_ends_the_guest():
    with machine('-display', 'none') as (inside, qmp):
        inside.process.stdin.write('no-such-thing\n')
        inside.process.stdin.flush()
        eventually(lambda: inside.process.poll() is not None, 'qtest-guest has ended')
        check_equal(inside.process.returncode, 1, 'its exit status')


def test_vga_text():
    """A machine that was not started yet: characters of two colours, one more at a time."""
    path = f'{os.environ["PH_TEST_DIR"]}/file'
    with machine('-display', 'none', '-device', 'virtio-vga,id=gpu') as (inside, qmp):
        def picture():
            qmp.screendump(path, form='ppm')
            return Picture.from_ppm(path)

        def text_picture():
            inside('text-mode')
            return picture()

        for _ in range(2):  # before its driver started, and after it has stopped
            before = text_picture()
            check_equal(before.size, (720, 400), 'the picture')
            check_equal((before.pixel(0, 0), before.colors()), ((0, 0, 168), 2), 'blue, and white on it')
            inside('text 2 1000')
            text, marks = picture().difference(before)
            check(marks is not None, f'two characters more change nothing: {text}')
            inside('up gpu')
            inside('create-2d 1 b8g8r8x8 640 480')
            inside('scanout 0 1')
            inside('flush 1')
            check_equal(picture().size, (640, 480), 'its driver\'s picture')
            inside('down gpu')
