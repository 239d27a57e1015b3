# SPDX-License-Identifier: MIT
"""A client of QEMU's machine protocol: the person's eyes and hands.

A screenshot of a head is what its monitor would show; input events become real
evdev devices in the machine.
"""

import json
import socket
import time

# Characters of a US keyboard that are not simply their own key name.
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', '`1234567890-=[]\\;\',./'))
NAMED = {
    ' ': 'spc', '\n': 'ret', '\t': 'tab', '-': 'minus', '=': 'equal', '[': 'bracket_left',
    ']': 'bracket_right', '\\': 'backslash', ';': 'semicolon', "'": 'apostrophe',
    '`': 'grave_accent', ',': 'comma', '.': 'dot', '/': 'slash',
}


class QmpError(Exception):
    """QEMU refused a command, or its socket ended."""


class Qmp:
    """One connection. Every call waits for its answer, at most `timeout` s."""

    def __init__(self, path, timeout=60.0):
        deadline = time.monotonic() + timeout
        while True:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.socket.connect(path)
                break
            except OSError as error:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise QmpError(f'no QMP socket at {path}: {error}') from error
                time.sleep(0.1)
        self.socket.settimeout(timeout)
        self.file = self.socket.makefile('r', encoding='utf-8')
        self.read()
        self.call('qmp_capabilities')

    def close(self):
        self.file.close()
        self.socket.close()

    def read(self):
        try:
            line = self.file.readline()
        except OSError as error:
            raise QmpError(f'no answer from QEMU: {error}') from error
        if not line:
            raise QmpError('QEMU closed its QMP socket')
        return json.loads(line)

    def call(self, command, **arguments):
        """Returns the answer's value. Events that arrive meanwhile are dropped."""
        message = {'execute': command}
        if arguments:
            message['arguments'] = arguments
        try:
            self.socket.sendall(json.dumps(message).encode() + b'\n')
        except OSError as error:
            raise QmpError(f'QEMU does not take commands: {error}') from error
        while True:
            answer = self.read()
            if 'return' in answer:
                return answer['return']
            if 'error' in answer:
                raise QmpError(f'{command}: {answer["error"]["desc"]}')

    def screendump(self, path, device=None, head=0, form='png'):
        """Writes what a head shows. `path` is as QEMU sees it."""
        arguments = {'filename': path, 'format': form}
        if device:
            arguments.update(device=device, head=head)
        self.call('screendump', **arguments)

    def send(self, *events, device=None, head=0):
        arguments = {'events': list(events)}
        if device:
            arguments.update(device=device, head=head)
        self.call('input-send-event', **arguments)

    def key(self, code, down):
        """`code` is QEMU's name of a key, or "#" and a number of its numbering."""
        if code.startswith('#'):
            value = {'type': 'number', 'data': int(code[1:])}
        else:
            value = {'type': 'qcode', 'data': code}
        self.send({'type': 'key', 'data': {'down': down, 'key': value}})

    def press(self, *codes, hold=0.02):
        """Presses keys in order and releases them in reverse: a chord."""
        for code in codes:
            self.key(code, True)
            time.sleep(hold)
        for code in reversed(codes):
            self.key(code, False)
            time.sleep(hold)

    def type_text(self, text):
        for character in text:
            codes = []
            if character in SHIFTED or character.isupper():
                codes.append('shift')
                character = SHIFTED.get(character, character.lower())
            self.press(*codes, NAMED.get(character, character))

    def move(self, x, y):
        """Absolute position, 0 to 32767 on both axes, of all screens together."""
        self.send(
            {'type': 'abs', 'data': {'axis': 'x', 'value': int(x)}},
            {'type': 'abs', 'data': {'axis': 'y', 'value': int(y)}},
        )

    def move_by(self, dx, dy):
        self.send(
            {'type': 'rel', 'data': {'axis': 'x', 'value': int(dx)}},
            {'type': 'rel', 'data': {'axis': 'y', 'value': int(dy)}},
        )

    def button(self, name, down):
        """left, middle, right, wheel-up, wheel-down, side, extra."""
        self.send({'type': 'btn', 'data': {'down': down, 'button': name}})
