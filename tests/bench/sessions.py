# SPDX-License-Identifier: MIT
"""In the computer: what is compared: our session, and what people use instead.

Each is a login of alice's on vkms, with guests that are QEMU under qtest, with
the same devices everywhere. A session's Guest is driven as tests/lab/inside.py
says.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, '/src/tests/lab')
import inside  # noqa: E402
from inside import control, list_outputs, wait_for  # noqa: E402

import procs  # noqa: E402

RUN = '/run/bench'
RUNTIME = '/run/user/1000'
LOG = inside.LOG
# What a guest's GPU is, by what its pictures are; gl says whether QEMU has a GL context.
KINDS = {'3d': ('virtio-vga-gl', True), 'blob': ('virtio-vga,blob=on', True), 'memory': ('virtio-vga', False)}
OURS = {'3d': 'device virtio-gl\n\tgl on', 'blob': 'device virtio\n\tgl on', 'memory': 'device virtio\n\tgl off'}
# On one processor llvmpipe would draw in the thread that asks for it, and its time could not be told apart.
DRAWING = {'LP_NUM_THREADS': '1'} if os.cpu_count() == 1 else {}
# llvmpipe's threads draw on after a frame was committed, and no fence makes vkms wait for them, as a GPU's would:
# at the flip the picture is the one before. Where pictures are looked at, the one who commits draws.
DRAWN_FIRST = {'LP_NUM_THREADS': '0'}
MONITORS = 4  # of the computer; all but the first are plugged in by scale only
CREATE = {'3d': 'create-3d', 'blob': 'create-blob', 'memory': 'create-2d'}
# Guest memory that can be looked at from outside, and devices to type and point with.
SHARED = ('-object', 'memory-backend-memfd,id=bench,size=128M,share=on', '-machine', 'memory-backend=bench')
TABLET = ('-device', 'virtio-tablet-pci')


def kind_of(number):
    """The first three guests are one of each; many are to fit into the computer, so those after the eighth have no GL."""
    return dict(enumerate(KINDS, 1)).get(number, 'blob' if number <= 8 else 'memory')


def card():
    with open(f'{RUN}/card', encoding='ascii') as file:
        return file.read().strip()


def render_node():
    """As our bridge finds it: the first that can be opened."""
    return '/dev/dri/' + sorted(name for name in os.listdir('/dev/dri') if name.startswith('renderD'))[0]


def tail(path, lines=3):
    try:
        text = [line.strip() for line in procs.read(path).splitlines() if line.strip()]
    except OSError:
        return ''
    return ' | '.join(text[-lines:])[-400:]


def version(package):
    """Of a Debian package."""
    done = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', package], check=False, capture_output=True, text=True)
    return done.stdout or 'none'


class Drawing:
    """What a guest of any session can be told to draw."""

    kind = 'blob'
    flipped = 1, 2  # its buffers that "flip" shows in turn

    def prepare(self, width, height, buffers=2):
        """Drivers, and buffers of one colour each, of which the first is shown."""
        self.tell('up all')
        # What the guest waits for it sees by itself: QEMU's time is not to be spent on answering it.
        self.tell(f'memory {self.memory_file()}')
        self.draw(width, height, range(1, buffers + 1))

    def draw(self, width, height, numbers):
        """Buffers of that size, of which the first is shown."""
        self.size = width, height
        for number in numbers:
            self.tell(f'{CREATE[self.kind]} {number} b8g8r8x8 {width} {height}')
        for number in numbers:
            # All four bytes alike: that is written at once.
            self.tell(f'fill {number} 0x{self.color(number) * 0x01010101:08x}')
            self.tell(f'transfer {number}')
        self.show_buffer(numbers[0])

    def color(self, number):
        """The shade of grey of a buffer, unlike that of any other of 32 guests."""
        return 0x30 + 3 * (int(self.name.rsplit('-', 1)[1]) % 32) + 0x60 * (number % 2)

    def show_buffer(self, number):
        self.tell(f'scanout 0 {number}')
        self.tell(f'flush {number}')

    def memory_file(self):
        """The file that holds the guest's memory, for those who are root."""
        pid, best = self.qemu(), None
        for number in os.listdir(f'/proc/{pid}/fd'):
            try:
                target = os.readlink(f'/proc/{pid}/fd/{number}')
            except OSError:
                continue
            # The one that is used is the one with memory in it.
            if 'memfd:memory-backend-memfd' in target:
                path = f'/proc/{pid}/fd/{number}'
                blocks = os.stat(path).st_blocks
                if best is None or blocks > best[0]:
                    best = blocks, path
        return best[1]


class OurGuest(Drawing, inside.Guest):
    def __init__(self, name, kind):
        super().__init__(name, OURS[kind], words=(*SHARED, *TABLET))
        self.kind = kind


class PeerGuest(Drawing, inside.Guest):
    def __init__(self, session, name, kind):
        super().__init__(name, '')
        self.session, self.kind = session, kind
        self.socket = f'{RUN}/{name}.qtest'
        self.process = None

    def command(self):
        device, gl = KINDS[self.kind]
        return ['qemu-system-x86_64', '-name', f'guest={self.name},debug-threads=on', '-no-user-config', '-nodefaults',
                '-machine', 'pc,vmport=off', *SHARED, '-accel', 'qtest', '-cpu', 'qemu64', '-smp', '1', '-m', 'size=128M',
                '-rtc', 'base=utc', *self.session.display(self, gl), '-device', device + ',id=gpu',
                '-device', 'virtio-keyboard-pci', '-device', 'piix3-usb-uhci,id=usb', '-device', 'usb-tablet,bus=usb.0',
                '-device', 'virtio-rng-pci', *TABLET, '-qtest', f'unix:{self.socket},server=on,wait=off', '-qtest-log', 'none']

    def start(self, timeout=120):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = self.session.spawn(self.command(), f'{RUN}/{self.name}.log')
        wait_for(f'{self.name}: QEMU listens', timeout, self.listens)
        self.driver = subprocess.Popen(
            [shutil.which('qtest-guest') or '/build/plain/tests/qtest/qtest-guest', self.socket],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def listens(self):
        if self.process.poll() is not None:
            raise SystemExit(f'{self.name}: QEMU ended: {tail(f"{RUN}/{self.name}.log")}')
        return os.path.exists(self.socket)

    def qemu(self):
        return self.process.pid

    def kill(self):
        if self.driver:
            self.driver.stdin.close()
            self.driver = None
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Session:
    """A login. guests are those that run, in their order."""

    name, package, many, gl = '', '', True, True
    lines = ()
    visible_cost = None  # what idle found

    def __init__(self):
        self.guests, self.environment, self.process = [], {}, None
        self.drawing = DRAWING

    def versions(self):
        return {self.package: version(self.package)}

    def write_start(self):
        os.makedirs(RUN, exist_ok=True)
        os.chmod(RUN, 0o777)
        with open(f'{RUN}/start', 'w', encoding='utf-8') as script:
            script.write('#!/bin/sh\nexport WLR_RENDERER_ALLOW_SOFTWARE=1 WLR_DRM_DEVICES=' + card() + '\n')
            script.writelines(f'export {name}={value}\n' for name, value in self.drawing.items())
            script.writelines(line + '\n' for line in self.lines)
        os.chmod(f'{RUN}/start', 0o755)

    def mask(self):
        """Services that Debian starts in every graphical session."""
        os.makedirs('/etc/systemd/user', exist_ok=True)
        for name in ('foot-server.socket', 'foot-server.service', 'pipewire.socket', 'pipewire.service', 'wireplumber.service'):
            if not os.path.lexists(f'/etc/systemd/user/{name}'):
                os.symlink('/dev/null', f'/etc/systemd/user/{name}')

    def login(self):
        self.mask()
        self.write_start()
        self.guests = []
        with open(LOG, 'w', encoding='utf-8'):
            pass
        self.process = subprocess.Popen(
            ['bash', '-c', f'. /src/tests/lab/job.sh; start_login alice {LOG} {RUN}/start; wait'], stdin=subprocess.DEVNULL)

    def lives(self):
        """True, or the end."""
        if self.process.poll() is not None:
            raise SystemExit(f'{self.name} ended: {tail(LOG) or "without a word"}')
        return True

    def ready(self):
        """Waits until programs can be started in it."""

    def logout(self):
        for guest in self.guests:
            if guest.driver:
                guest.driver.kill()
            guest.driver = None
        subprocess.run(['systemctl', 'stop', 'lab-login.service'], check=False, capture_output=True)
        deadline = time.monotonic() + 10
        while procs.of_alice() and time.monotonic() < deadline:
            time.sleep(1)
        for pids in procs.of_alice().values():
            for pid in pids:
                try:
                    os.kill(pid, 9)
                except OSError:
                    pass
        subprocess.run(['systemctl', 'stop', 'user@1000.service'], check=False, capture_output=True)
        if self.process:
            self.process.wait(30)

    def spawn(self, command, log):
        """A program of hers in the session."""
        environment = {'PATH': '/usr/bin:/bin', 'HOME': pwd.getpwnam('alice').pw_dir, 'LANG': 'C.UTF-8',
                       'XDG_RUNTIME_DIR': RUNTIME, 'DBUS_SESSION_BUS_ADDRESS': f'unix:path={RUNTIME}/bus',
                       'XDG_SESSION_TYPE': 'wayland', 'GDK_BACKEND': 'wayland', 'SDL_VIDEODRIVER': 'wayland',
                       # llvmpipe, not GL on top of Vulkan in software, which Mesa would try first
                       'LIBGL_ALWAYS_SOFTWARE': '1', **self.drawing,
                       'WAYLAND_DISPLAY': self.environment.get('WAYLAND_DISPLAY', 'wayland-0')}
        with open(log, 'w', encoding='utf-8') as output:
            return subprocess.Popen(
                ['setpriv', '--reuid=alice', '--regid=alice', '--init-groups', '--', *command],
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def guest(self, number):
        return PeerGuest(self, f'bench-{number}', kind_of(number))

    def add(self, guest):
        """Starts it, and has it shown."""
        self.guests.append(guest)
        guest.start()

    def display(self, guest, gl):
        return ['-display', f'gtk,gl={"on" if gl else "off"},full-screen=on,show-menubar=off,show-cursor=off']

    def size(self):
        return 1024, 768

    def counters(self):
        """What it has counted of its own frames, if it does."""
        return {}

    def last_words(self, guest):
        """For an error."""
        words = [f'QEMU: {text}' for text in (tail(f'{RUN}/{guest.name}.log', 1),) if text]
        words += [f'session: {text}' for text in (tail(LOG, 1),) if text]
        return '; ' + '; '.join(words) if words else ''


class Ours(Session):
    name = 'phyllome'
    package = 'phyllome'
    lines = ('exec phyllome-session -- --verbose',)

    def versions(self):
        return {'phyllome': 'this checkout', 'libwlroots-0.20': version('libwlroots-0.20')}

    def guest(self, number):
        return OurGuest(f'bench-{number}', kind_of(number))

    def write_guests(self, guests):
        """Before the login: the store is read at its start."""
        shutil.rmtree(f'{pwd.getpwnam("alice").pw_dir}/.local/share/phyllome', ignore_errors=True)
        shutil.rmtree(f'{pwd.getpwnam("alice").pw_dir}/.local/state/phyllome', ignore_errors=True)
        for guest in guests:
            guest.write()

    def ready(self):
        inside.connection = None
        inside.wait_screen()

    def add(self, guest):
        self.guests.append(guest)
        control('ShowGuest', name=guest.name)
        guest.start()

    def show(self, number):
        control('ShowGuest', name=self.guests[number].name)

    def logout(self):
        for guest in self.guests:
            try:
                guest.kill()
            except (SystemExit, Exception):  # noqa: BLE001 the session may be gone
                pass
        super().logout()
        inside.connection = None

    def size(self):
        screen = list_outputs()[0]
        return screen['width'], screen['height']

    def counters(self):
        answer = control('ListOutputs')
        sums = {key: sum(one[key] for one in answer['outputs']) for key in ('frames', 'scanouts', 'composited', 'pictures')}
        return sums | {'copied': answer['copied']}


class Wayland(Session):
    """A compositor whose socket shows that it is there."""

    def ready(self):
        self.environment['WAYLAND_DISPLAY'] = wait_for(f'{self.name}: its socket', 90, lambda: self.lives() and self.find_socket())

    @staticmethod
    def find_socket():
        """The name of the one that somebody listens on; one that was killed leaves its own behind."""
        for name in os.listdir(RUNTIME):
            if re.fullmatch(r'wayland-\d+', name):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                    try:
                        probe.connect(f'{RUNTIME}/{name}')
                        return name
                    except OSError:
                        continue
        return None


class Sway(Wayland):
    name, package = 'sway-gtk', 'sway'
    lines = ('exec sway -c /run/bench/sway.conf',)

    def versions(self):
        return {'sway': version('sway'), 'qemu-system-gui': version('qemu-system-gui')}

    def write_start(self):
        super().write_start()
        with open(f'{RUN}/sway.conf', 'w', encoding='utf-8') as config:
            # QEMU's window takes sway's keys away from it, and no workspace could be asked for
            config.write('default_border none\nfocus_follows_mouse no\nfocus_on_window_activation focus\nxwayland disable\n'
                         'seat * shortcuts_inhibitor disable\n'
                         'for_window [app_id=".*"] fullscreen enable\n')
            config.writelines(f'bindsym Mod4+{number} workspace number {number}\n' for number in range(1, 10))

    def message(self, *words):
        # Named by process; one that was killed leaves its own behind.
        ipc = next((name for name in os.listdir(RUNTIME)
                    if (found := re.fullmatch(r'sway-ipc\.\d+\.(\d+)\.sock', name)) and os.path.exists(f'/proc/{found[1]}')), 'none')
        command = ['setpriv', '--reuid=alice', '--regid=alice', '--clear-groups', 'swaymsg', '-s', f'{RUNTIME}/{ipc}', *words]
        for _ in range(5):  # it gives up after three seconds, in which sway may still be starting
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode == 0:
                return done.stdout
        raise SystemExit(f'swaymsg {" ".join(words)}: {done.stderr.strip() or done.stdout.strip()}')

    def add(self, guest):
        self.show(len(self.guests))
        windows = self.windows()
        super().add(guest)
        wait_for(f'{guest.name}: its window', 120, lambda: self.windows() > windows)

    def windows(self):
        return self.message('-t', 'get_tree').count('"pid"')

    def show(self, number):
        self.message('workspace', 'number', str(number + 1))


class SwaySpice(Sway):
    name = 'sway-spice'
    package = 'virt-viewer'

    def versions(self):
        return {'sway': version('sway'), 'virt-viewer': version('virt-viewer'),
                'qemu-system-modules-spice': version('qemu-system-modules-spice')}

    def display(self, guest, gl):
        more = f',gl=on,rendernode={render_node()}' if gl else ''
        return ['-spice', f'unix=on,addr={RUN}/{guest.name}.spice,disable-ticketing=on{more}']

    def add(self, guest):
        address = f'{RUN}/{guest.name}.spice'
        if os.path.exists(address):
            os.unlink(address)
        self.show(len(self.guests))
        windows = self.windows()
        Session.add(self, guest)
        wait_for(f'{guest.name}: SPICE', 30, lambda: os.path.exists(address))
        self.spawn(['remote-viewer', '--full-screen', f'spice+unix://{address}'], f'{RUN}/{guest.name}.viewer.log')
        wait_for(f'{guest.name}: its viewer\'s window', 120, lambda: self.windows() > windows)


class Cage(Wayland):
    name, package = 'cage-gtk', 'cage'
    lines = ('exec cage -- sleep infinity',)

    def versions(self):
        return {'cage': version('cage'), 'qemu-system-gui': version('qemu-system-gui')}


class Weston(Wayland):
    name, package = 'weston-sdl', 'weston'

    @property
    def lines(self):
        return (f'exec weston --backend=drm --drm-device={os.path.basename(card())} --shell=kiosk --renderer=gl --idle-time=0',)

    def versions(self):
        return {'weston': version('weston'), 'qemu-system-gui': version('qemu-system-gui')}

    def display(self, guest, gl):
        return ['-display', f'sdl,gl={"on" if gl else "off"},full-screen=on']


class Gnome(Wayland):
    """Its programs and Boxes; a guest of Boxes is one of libvirt's, which is started without qtest."""

    name, package, many, gl = 'gnome-boxes', 'gnome-boxes', False, False
    lines = ('export XDG_CURRENT_DESKTOP=GNOME XDG_SESSION_DESKTOP=gnome GSETTINGS_BACKEND=memory',
             'systemctl --user import-environment XDG_CURRENT_DESKTOP WLR_RENDERER_ALLOW_SOFTWARE',
             'exec gnome-shell --wayland --no-x11')

    def versions(self):
        return {'gnome-shell': version('gnome-shell'), 'gnome-boxes': version('gnome-boxes'),
                'libvirt-daemon': version('libvirt-daemon')}

    def add_boxes(self):
        self.spawn(['gnome-boxes'], f'{RUN}/boxes.log')


SESSIONS = {one.name: one for one in (Ours, Sway, Cage, Weston, SwaySpice, Gnome)}
