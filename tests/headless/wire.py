# SPDX-License-Identifier: MIT
"""A Wayland client that can say anything, also what libwayland would refuse.

Interfaces are read from the protocols' XML at run time (PH_TEST_XML, a list of
files with ':' between them). A request is a method of its object:

    display = wire.Display('/run/user/1000/wayland-0')
    shm = display.bind('wl_shm')
    pool = shm.create_pool(fd, 4096)

Events are kept in object.events as (name, arguments) until somebody takes
them. An error that the compositor sends is raised as wire.ProtocolError, by
whatever waits next. Nothing here waits without a limit.
"""

import array
import os
import select
import socket
import struct
import time
import xml.etree.ElementTree

TIMEOUT = 10.0 * int(os.environ.get('PH_TEST_TIMEOUT_FACTOR', '1'))


class WireError(Exception):
    """The connection ended, or something did not come in time."""


class ProtocolError(WireError):
    def __init__(self, interface, number, code, message):
        super().__init__(f'{interface}#{number} error {code}: {message}')
        self.interface, self.code, self.message = interface, code, message


class Interface:
    def __init__(self, name, version, requests, events, enums=None):
        self.name, self.version, self.enums = name, version, enums or {}
        self.requests = {request[0]: (opcode, request[1]) for opcode, request in enumerate(requests)}
        self.events = events


# What has no XML in an installed package: each message as name and arguments,
# with the letters of the wire (n: new object, with its interface after it).
EXTRA = {
    'zwp_virtual_keyboard_manager_v1': (1, [('create_virtual_keyboard', ['o', 'n zwp_virtual_keyboard_v1'])], []),
    'zwp_virtual_keyboard_v1': (1, [
        ('keymap', ['u', 'h', 'u']), ('key', ['u', 'u', 'u']), ('modifiers', ['u', 'u', 'u', 'u']), ('destroy', []),
    ], []),
    'zwlr_virtual_pointer_manager_v1': (2, [
        ('create_virtual_pointer', ['o', 'n zwlr_virtual_pointer_v1']), ('destroy', []),
        ('create_virtual_pointer_with_output', ['o', 'o', 'n zwlr_virtual_pointer_v1']),
    ], []),
    'zwlr_virtual_pointer_v1': (2, [
        ('motion', ['u', 'f', 'f']), ('motion_absolute', ['u', 'u', 'u', 'u', 'u']), ('button', ['u', 'u', 'u']),
        ('axis', ['u', 'u', 'f']), ('frame', []), ('axis_source', ['u']), ('axis_stop', ['u', 'u']),
        ('axis_discrete', ['u', 'u', 'f', 'i']), ('destroy', []),
    ], []),
    'zwlr_output_manager_v1': (4, [
        ('create_configuration', ['n zwlr_output_configuration_v1', 'u']), ('stop', []),
    ], [('head', ['n zwlr_output_head_v1']), ('done', ['u']), ('finished', [])]),
    'zwlr_output_head_v1': (4, [('release', [])], [
        ('name', ['s']), ('description', ['s']), ('physical_size', ['i', 'i']), ('mode', ['n zwlr_output_mode_v1']),
        ('enabled', ['i']), ('current_mode', ['o']), ('position', ['i', 'i']), ('transform', ['i']), ('scale', ['f']),
        ('finished', []), ('make', ['s']), ('model', ['s']), ('serial_number', ['s']), ('adaptive_sync', ['u']),
    ]),
    'zwlr_output_mode_v1': (3, [('release', [])], [
        ('size', ['i', 'i']), ('refresh', ['i']), ('preferred', []), ('finished', []),
    ]),
    'zwlr_output_configuration_v1': (4, [
        ('enable_head', ['n zwlr_output_configuration_head_v1', 'o']), ('disable_head', ['o']), ('apply', []),
        ('test', []), ('destroy', []),
    ], [('succeeded', []), ('failed', []), ('cancelled', [])]),
    'zwlr_output_configuration_head_v1': (4, [
        ('set_mode', ['o']), ('set_custom_mode', ['i', 'i', 'i']), ('set_position', ['i', 'i']),
        ('set_transform', ['i']), ('set_scale', ['f']), ('set_adaptive_sync', ['u']),
    ], []),
}
LETTERS = {'int': 'i', 'uint': 'u', 'fixed': 'f', 'string': 's', 'object': 'o', 'new_id': 'n', 'array': 'a', 'fd': 'h'}


def read_message(node):
    arguments = []
    for argument in node.findall('arg'):
        letter = LETTERS[argument.get('type')]
        if letter == 'n' and not argument.get('interface'):
            arguments += ['s', 'u', 'n ']  # wl_registry.bind: the client says which
        else:
            arguments.append(f'n {argument.get("interface")}' if letter == 'n' else letter)
    return node.get('name'), arguments


def load_interfaces(paths):
    interfaces = {name: Interface(name, *rest) for name, rest in EXTRA.items()}
    for path in paths:
        for node in xml.etree.ElementTree.parse(path).getroot().findall('interface'):
            enums = {
                f'{enum.get("name")}.{entry.get("name")}': int(entry.get('value'), 0)
                for enum in node.findall('enum') for entry in enum.findall('entry')
            }
            name = node.get('name')
            interfaces[name] = Interface(
                name, int(node.get('version')), [read_message(one) for one in node.findall('request')],
                [read_message(one) for one in node.findall('event')], enums)
    return interfaces


class Object:
    """A protocol object. Its requests are methods; a new object is returned."""

    def __init__(self, display, interface, number, version):
        self.display, self.interface, self.number, self.version = display, interface, number, version
        self.events = []

    def __getattr__(self, name):
        if name.startswith('__') or name not in self.interface.requests:
            raise AttributeError(f'{self.interface.name} has no request {name}')
        opcode, signature = self.interface.requests[name]
        return lambda *arguments: self.display.send(self, opcode, signature, arguments)

    def enum(self, name):
        """The value of 'enum.entry' of the interface."""
        return self.interface.enums[name]

    def named(self, name):
        """Arguments of every event of that name that came, in order."""
        return [arguments for event, arguments in self.events if event == name]

    def last(self, name):
        found = self.named(name)
        return found[-1] if found else None

    def wait(self, name, timeout=TIMEOUT):
        """Waits for an event of that name, takes it out and returns its arguments."""
        self.display.wait_until(lambda: self.named(name), f'{self.interface.name}.{name}', timeout)
        for index, (event, arguments) in enumerate(self.events):
            if event == name:
                del self.events[index]
                return arguments
        raise WireError('the event is gone')


class Display:
    def __init__(self, path):
        self.interfaces = load_interfaces(os.environ['PH_TEST_XML'].split(':'))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.data, self.fds, self.error = b'', [], None
        self.next_number, self.objects = 2, {}
        self.display = self.add('wl_display', 1, 1)
        self.registry = self.display.get_registry()
        self.roundtrip()

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.socket.close()

    def add(self, interface, number, version):
        self.objects[number] = Object(self, self.interfaces[interface], number, version)
        return self.objects[number]

    # --- what the compositor offers

    @property
    def globals(self):
        """name -> (number, version) of each interface that is offered now; the first of several."""
        found, gone = {}, {arguments[0] for arguments in self.registry.named('global_remove')}
        for number, interface, version in self.registry.named('global'):
            if number not in gone:
                found.setdefault(interface, (number, version))
        return found

    def bind(self, interface, version=None):
        if interface not in self.globals:
            raise WireError(f'the compositor does not offer {interface}')
        number, offered = self.globals[interface]
        version = version or min(offered, self.interfaces[interface].version)
        return self.registry.bind(number, interface, version)

    # --- sending

    def send(self, target, opcode, signature, arguments):
        """Marshals without judging: numbers may be wrong, objects foreign or dead."""
        body, fds, created, given = b'', [], None, list(arguments)
        for kind in signature:
            if kind[0] == 'n':
                interface = kind[2:] or arguments[1]
                version = target.version if kind[2:] else arguments[2]
                created = self.add(interface, self.next_number, version)
                self.next_number += 1
                body += struct.pack('<I', created.number)
                continue
            value = given.pop(0)
            if kind == 'i':
                body += struct.pack('<i', value)
            elif kind == 'u':
                body += struct.pack('<I', value)
            elif kind == 'f':
                body += struct.pack('<i', round(value * 256))
            elif kind == 'o':
                body += struct.pack('<I', value.number if isinstance(value, Object) else value or 0)
            elif kind in 'sa':
                raw = value.encode() + b'\0' if kind == 's' and isinstance(value, str) else bytes(value)
                body += struct.pack('<I', len(raw)) + raw + b'\0' * (-len(raw) % 4)
            elif kind == 'h':
                fds.append(value)
        self.send_raw(target.number, opcode, body, fds)
        return created

    def send_raw(self, number, opcode, body, fds=()):
        message = struct.pack('<II', number, (8 + len(body)) << 16 | opcode) + body
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))] if fds else []
        try:
            sent = self.socket.sendmsg([message], ancillary)
            self.socket.sendall(message[sent:])
        except OSError as problem:
            self.read_rest()
            raise self.error or WireError(f'the compositor closed the connection: {problem}') from problem

    # --- receiving

    def read_rest(self):
        """The connection broke: the reason may still lie in the socket."""
        try:
            while self.receive(0):
                pass
        except WireError:
            pass

    def receive(self, timeout):
        """Reads and dispatches what is there; False if nothing came in time."""
        if not select.select([self.socket], [], [], timeout)[0]:
            return False
        try:
            data, ancillary, _, _ = self.socket.recvmsg(65536, 4096)
        except OSError as problem:
            raise self.error or WireError(f'the compositor closed the connection: {problem}') from problem
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array.array('i')
                received.frombytes(payload[:len(payload) - len(payload) % received.itemsize])
                self.fds += received
        if not data:
            raise self.error or WireError('the compositor closed the connection')
        self.data += data
        self.dispatch()
        if self.error:
            raise self.error
        return True

    def dispatch(self):
        while len(self.data) >= 8:
            number, word = struct.unpack('<II', self.data[:8])
            size = word >> 16
            if size < 8:
                raise WireError(f'the compositor sent a message of {size} bytes')
            if len(self.data) < size:
                return
            body, self.data = self.data[8:size], self.data[size:]
            target = self.objects.get(number)
            if not target:
                raise WireError(f'the compositor sent an event to unknown object {number}')
            name, signature = target.interface.events[word & 0xffff]
            self.handle(target, name, self.unpack(target, signature, body))

    def unpack(self, target, signature, body):
        arguments, at = [], 0
        for kind in signature:
            if kind == 'h':
                arguments.append(self.fds.pop(0))
                continue
            value = struct.unpack_from('<i' if kind in 'if' else '<I', body, at)[0]
            at += 4
            if kind[0] == 'n':
                value = self.add(kind[2:], value, target.version)
            elif kind == 'f':
                value /= 256
            elif kind == 'o':
                value = self.objects.get(value)
            elif kind in 'sa':
                raw, at = body[at:at + value], at + value + -value % 4
                value = raw[:-1].decode() if kind == 's' else raw
            arguments.append(value)
        return tuple(arguments)

    def handle(self, target, name, arguments):
        if target is self.objects[1] and name == 'error':
            culprit = arguments[0]
            self.error = ProtocolError(
                culprit.interface.name if culprit else '(unknown)', culprit.number if culprit else 0, *arguments[1:])
        elif target is self.objects[1] and name == 'delete_id':
            pass  # numbers are never used again, so late events cannot hit the wrong object
        else:
            target.events.append((name, arguments))

    def wait_until(self, condition, what, timeout=TIMEOUT):
        """Dispatches until condition() is true, and returns its value."""
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            left = deadline - time.monotonic()
            if left <= 0:
                raise WireError(f'{what} did not come within {timeout} s')
            self.receive(left)
        return value

    def roundtrip(self, timeout=TIMEOUT):
        callback = self.display.sync()
        self.wait_until(lambda: callback.events, 'the answer to wl_display.sync', timeout)

    def expect_error(self, wanted, action=lambda: None):
        """Runs action and demands that one of these (interface, code) follows."""
        try:
            action()
            self.roundtrip()
        except ProtocolError as error:
            if (error.interface, error.code) not in wanted:
                raise WireError(f'expected one of {wanted}, got: {error}') from error
            return
        raise WireError(f'expected one of {wanted}, got no error')
