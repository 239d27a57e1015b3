# SPDX-License-Identifier: MIT
"""Machines that are not Linux: firmware and boot programs, driven by the keyboard.

What the session shows is read as text, and compared with what QEMU itself says
that the machine shows, pixel by pixel, while the machine is stopped.
"""

import os

from fixture import Session, check, eventually
from run import Skip, limit

SETTINGS = '''
memory 256M
cpus 1
accel tcg
network none
display {{
	device {device}
}}
qemu {{
	@qmp@
}}
{more}
'''
VGA_TEXT, VGA_MODE_12 = (9, 16), (8, 16)
EFI_TEXT = (8, 19, 0, 1)  # 42 lines of 19 pixels in the middle of 800
ODD_TEXT = 'zxzzyxxzy'  # a pattern that nothing else on a screen has


def machine(more='', device='virtio'):
    return SETTINGS.format(more=more, device=device)


def needed(path, package):
    if not os.path.exists(path):
        raise Skip(f'{path} is missing: install the package {package}')
    return path


class Machine:
    """A running machine called one, that the session shows."""

    def __init__(self, session):
        self.session = session
        session.start_guest('one')
        self.qmp = session.qmp('one')
        self.hand = session.hand

    def picture(self):
        """The part of the screenshot that is the machine's picture."""
        output = self.session.outputs()[0]
        width, height = output['pictureWidth'], output['pictureHeight']
        shot = self.session.screenshot()
        if not width or width > shot.width or height > shot.height:
            return shot
        factor = min(shot.width // width, shot.height // height)
        check(factor == 1, f'a test of texts needs a picture that is not enlarged, this is {width} x {height}')
        return shot.crop((shot.width - width) // 2, (shot.height - height) // 2, width, height)

    def wait_text(self, text, *fonts, timeout=60, column=None):
        def look():
            picture = self.picture()
            return any(picture.find_text(text, *font, column=column) for font in fonts)
        try:
            eventually(look, f'the text "{text}" on the screen', timeout, 0.2)
        except BaseException:
            self.session.keep('session', self.session.screenshot())
            raise

    def type_slowly(self, text):
        """Types as firmware needs it, which drops keys that come faster than it looks: waits for each."""
        for character in text:
            before = self.picture()
            self.hand.type(character)
            eventually(lambda: self.picture() != before, f'the key {character!r} does something', 20)

    def compare(self):
        """Stops the machine, so that its picture stands still; and lets it go on."""
        self.qmp.call('stop')
        self.session.expect_same_picture('one', self.qmp)
        self.qmp.call('cont')


def test_seabios_without_a_disk():
    with Session({'one': machine()}) as session:
        one = Machine(session)
        one.wait_text('No bootable device.', VGA_TEXT)
        one.compare()


def test_seabios_on_plain_vga():
    with Session({'one': machine(device='vga')}) as session:
        one = Machine(session)
        one.wait_text('No bootable device.', VGA_TEXT)
        one.compare()


def test_seabios_on_cirrus():
    with Session({'one': machine('machine pc', device='cirrus')}) as session:
        one = Machine(session)
        one.wait_text('No bootable device.', VGA_TEXT)
        one.compare()


def drive_memtest(session, *fonts):
    one = Machine(session)
    one.wait_text('Configuration  <Space> Scroll Lock', *fonts)
    one.compare()
    one.hand.press('f1')
    one.wait_text('<F1>  Test selection', *fonts)
    one.compare()
    one.hand.press('f10')
    eventually(lambda: not any(one.picture().find_text('<F1>  Test selection', *font) for font in fonts),
               'the menu is gone after F10', 30, 0.2)
    one.compare()


@limit(180)
def test_memtest_bios():
    image = needed('/usr/lib/memtest86+/memtest86+x64.iso', 'memtest86+')
    with Session({'one': machine(f'iso {image}')}) as session:
        drive_memtest(session, VGA_TEXT, VGA_MODE_12)


@limit(240)
def test_memtest_efi():
    image = needed('/usr/lib/memtest86+/memtest86+x64.iso', 'memtest86+')
    with Session({'one': machine(f'iso {image}\nfirmware efi')}) as session:
        drive_memtest(session, VGA_MODE_12, (8, 16, 0, 8))


@limit(180)
def test_grub_rescue():
    image = needed('/usr/lib/grub-rescue/grub-rescue-cdrom.iso', 'grub-rescue-pc')
    with Session({'one': machine(f'iso {image}')}) as session:
        one = Machine(session)
        one.wait_text("Press enter to boot the selected OS", VGA_TEXT)
        one.compare()
        one.hand.press('c')
        one.wait_text('Minimal BASH-like line editing is supported', VGA_TEXT)
        one.type_slowly(f'echo {ODD_TEXT}\n')
        one.wait_text(f'grub> echo {ODD_TEXT}', VGA_TEXT, column=0)
        one.wait_text(ODD_TEXT, VGA_TEXT, column=0)
        one.compare()


@limit(240)
def test_efi_shell():
    shell = needed('/usr/share/efi-shell-x64/shellx64.efi', 'efi-shell-x64')
    with Session({'one': machine(f'kernel {shell}\nfirmware efi')}, size=(1280, 800)) as session:
        one = Machine(session)
        one.wait_text('or any other key to continue', EFI_TEXT, timeout=120)
        one.hand.press('esc')
        one.wait_text('Shell>', EFI_TEXT, column=0)
        one.type_slowly(f'echo {ODD_TEXT}\n')
        one.wait_text(f'echo {ODD_TEXT}', EFI_TEXT, column=7)
        one.wait_text(ODD_TEXT, EFI_TEXT, column=0)
        one.compare()
