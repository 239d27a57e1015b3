#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The lab's virtual computer: boots it, has it run jobs, follows their log.

Run in the root, whose QEMU and kernel it uses. A job is a shell script in
tests/lab/jobs, run as root inside the computer; it prints lines "ok NAME",
"not ok NAME: REASON" or "ok NAME # SKIP REASON", and may ask the outer machine
for things (see Requests). Lines "# lab: KEY[=VALUE] …" at its head say what it
needs: "timeout=SECONDS" (default 120), "fresh" (a boot of its own), "icount" (a
clock that counts instructions, and a boot of its own), "outputs=N" (monitors on
virtio-gpu, default 2; a boot of its own).
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from qmp import Qmp, QmpError

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BOOT_LIMIT = 240
MONITOR = 'Lab Monitor'  # what the EDID of each of its virtio-gpu's monitors says
HANG = 100  # s that a processor of the computer may be stuck in its kernel
computers = []  # that were started


def say(text):
    print('lab: ' + text, file=sys.stderr, flush=True)


class Job:
    """A job's script and what its head asks for."""

    def __init__(self, path):
        self.path = os.path.relpath(os.path.abspath(path), SOURCE)
        self.name = os.path.basename(path).removesuffix('.sh')
        self.needs = {}
        with open(path, encoding='utf-8') as script:
            for line in script:
                if not line.startswith('#'):
                    break
                if line.startswith('# lab:'):
                    for word in line.removeprefix('# lab:').split():
                        key, _, value = word.partition('=')
                        self.needs[key] = value
        unknown = set(self.needs) - {'timeout', 'fresh', 'icount', 'outputs'}
        if unknown:
            raise SystemExit(f'{path}: unknown need in "# lab:": {", ".join(sorted(unknown))}')
        self.limit = int(self.needs.get('timeout', '120'))

    @property
    def shares_boot(self):
        return not {'fresh', 'icount', 'outputs'} & set(self.needs)


class Computer:
    """One QEMU process, its folder, and what it says."""

    def __init__(self, image, build, outputs=2, icount=None, display='none', extra=(), memory=4096, cpus=2):
        self.folder = tempfile.mkdtemp(prefix='computer-')
        self.share = os.path.join(self.folder, 'share')
        os.makedirs(os.path.join(self.share, 'results'))
        initramfs = os.path.join(self.folder, 'initramfs')
        subprocess.run([os.path.join(HERE, 'initramfs.sh'), initramfs], check=True)
        # A screen has a light, for the jobs that load its driver.
        light = os.path.join(self.folder, 'light')
        subprocess.run(['iasl', '-p', light, os.path.join(HERE, 'light.dsl')], check=True, stdout=subprocess.DEVNULL)
        release = os.listdir('/lib/modules')[0]
        # An emulated CPU runs REP MOVSB and STOSB byte by byte, 20 times slower than what is done without them.
        accel = ['-cpu', 'max,-erms,-fsrm,-fsrs', '-accel', 'tcg,thread=multi,tb-size=1024']
        if icount is not None:
            accel[3:] = ['tcg,thread=single,tb-size=1024', '-icount', f'shift={icount},sleep=off']
        drive = 'format=raw,file.filename=' + image
        self.log_path = os.path.join(self.folder, 'log')
        self.serial_path = os.path.join(self.folder, 'serial')
        command = [
            'qemu-system-x86_64', *accel, '-smp', str(cpus), '-m', str(memory),
            '-machine', 'q35,vmport=off', '-nodefaults', '-no-reboot', '-display', display,
            '-kernel', f'/boot/vmlinuz-{release}', '-initrd', initramfs,
            # A busy host delivers timer interrupts too late for the kernel's check of them, which ends in a panic,
            # and for its check of the processor's clock; each look at another clock is a call of the kernel and 100 µs.
            '-append', 'console=ttyS0 quiet panic=-1 mitigations=off no_timer_check tsc=reliable net.ifnames=0 audit=0 apparmor=0 '
            # Else the light waits for a driver of the screen's that asks for it.
            'acpi_backlight=video '
            'phyllome.role=computer systemd.unit=phyllome-computer.target systemd.show_status=no',
            '-serial', f'file:{self.serial_path}',
            '-drive', f'{drive},if=virtio,snapshot=on',
            # The same image once more, for guests inside the computer.
            '-drive', f'{drive},if=virtio,read-only=on,file.locking=off',
            '-acpitable', f'file={light}.aml',
            '-device', json.dumps({
                'driver': 'virtio-gpu-pci', 'id': 'gpu0', 'addr': '1e', 'max_outputs': outputs, 'xres': 1024, 'yres': 768,
                'outputs': [{'name': MONITOR}] * outputs}),
            '-device', 'virtio-keyboard-pci', '-device', 'virtio-tablet-pci',
            '-device', 'virtio-mouse-pci', '-device', 'virtio-rng-pci',
            '-device', 'virtio-serial-pci',
            '-chardev', f'file,id=log,path={self.log_path}',
            '-device', 'virtserialport,chardev=log,name=lab.log',
            '-chardev', f'socket,id=outer,path={self.folder}/outer,server=on,wait=off',
            '-device', 'virtserialport,chardev=outer,name=lab.outer',
            '-qmp', f'unix:{self.folder}/qmp,server=on,wait=off',
        ]
        for tag, path, mode in (('share', self.share, ''), ('src', SOURCE, ',readonly=on'), ('build', build, ',readonly=on')):
            command += [
                '-fsdev', f'local,id={tag},path={path},security_model=none,multidevs=remap{mode}',
                '-device', f'virtio-9p-pci,fsdev={tag},mount_tag={tag}',
            ]
        open(self.log_path, 'w', encoding='utf-8').close()
        open(self.serial_path, 'w', encoding='utf-8').close()
        self.qemu_log = open(os.path.join(self.folder, 'qemu.log'), 'w+', encoding='utf-8')
        self.process = subprocess.Popen(
            command + list(extra), stdin=subprocess.DEVNULL, stdout=self.qemu_log, stderr=subprocess.STDOUT
        )
        computers.append(self)
        try:
            self.qmp = Qmp(self.folder + '/qmp', timeout=30)
        except QmpError as error:
            self.stop()
            self.qemu_log.seek(0)
            raise SystemExit(f'the computer does not start: {error}\n{self.qemu_log.read()}') from error

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def is_up(self):
        return self.process.poll() is None

    def cpu(self):
        """The seconds of the host's processors that it has taken: on a busy host, what a job costs."""
        try:
            with open(f'/proc/{self.process.pid}/stat', encoding='ascii', errors='replace') as stat:
                fields = stat.read().rpartition(')')[2].split()
        except OSError:
            return 0
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def hangs(self):
        """Whether its own kernel stands still for good: one that is only starved says so of less time."""
        with open(self.serial_path, encoding='utf-8', errors='replace') as serial:
            return any(int(seconds) >= HANG for seconds in re.findall(r'BUG: soft lockup - CPU#\d+ stuck for (\d+)s', serial.read()))

    def serial_tail(self, lines=30):
        with open(self.serial_path, encoding='utf-8', errors='replace') as serial:
            return ''.join(serial.readlines()[-lines:])


class Requests(threading.Thread):
    """Answers what jobs ask of the outer machine, one line each, by one line.

    screendump DEVICE HEAD NAME   what that monitor shows, as /share/results/NAME.png
                                  (NAME.ppm for that form)
    press KEY…                    a chord: pressed in order, released in reverse
    key KEY down|up               one edge
    type TEXT                     as on a US keyboard
    move X Y / move-by DX DY      the pointer: 0…32767 absolute, or relative
    button NAME down|up
    qmp JSON                      any command; the answer is its value in JSON
    """

    def __init__(self, computer):
        super().__init__(daemon=True)
        self.computer = computer
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(computer.folder + '/outer')

    def run(self):
        try:
            for line in self.socket.makefile('r', encoding='utf-8', errors='replace'):
                try:
                    reply = 'ok ' + (self.answer(line.rstrip('\n')) or '')
                except (QmpError, ValueError, TypeError, KeyError) as error:
                    reply = f'error {error}'
                self.socket.sendall(reply.replace('\n', ' ').strip().encode() + b'\n')
        except OSError:
            pass

    def answer(self, line):
        verb, _, rest = line.partition(' ')
        words = rest.split()
        qmp = self.computer.qmp
        if verb == 'screendump':
            device, head, name = words
            form = 'ppm' if name.endswith('.ppm') else 'png'
            name = os.path.basename(name).removesuffix('.' + form) + '.' + form
            qmp.screendump(f'{self.computer.share}/results/{name}', device, int(head), form)
        elif verb == 'press':
            qmp.press(*words)
        elif verb == 'key':
            qmp.key(words[0], {'down': True, 'up': False}[words[1]])
        elif verb == 'type':
            qmp.type_text(rest)
        elif verb == 'move':
            qmp.move(*map(int, words))
        elif verb == 'move-by':
            qmp.move_by(*map(int, words))
        elif verb == 'button':
            qmp.button(words[0], {'down': True, 'up': False}[words[1]])
        elif verb == 'qmp':
            command = json.loads(rest)
            return json.dumps(qmp.call(command['execute'], **command.get('arguments', {})))
        else:
            raise ValueError(f'unknown request {verb!r}')
        return ''


def follow(computer, limit):
    """Yields the lines of the log as they come, until the computer is off."""
    deadline, look = time.monotonic() + limit, 0
    with open(computer.log_path, encoding='utf-8', errors='replace') as log:
        rest = ''
        while True:
            running = computer.is_up()
            chunk = log.read()
            rest += chunk
            *lines, rest = rest.split('\n')
            yield from lines
            if chunk:
                continue
            if not running:
                if rest:
                    yield rest
                return
            if time.monotonic() > look:
                look = time.monotonic() + 5
                if computer.hangs():
                    deadline = 0
            if time.monotonic() > deadline:
                computer.stop()
                return
            time.sleep(0.05)


def read_points(job, lines):
    """The results that a job's lines name, as records of a testlog."""
    for line in lines:
        match = re.match(r'(not )?ok\b[ \d-]*(.*)', line)
        if not match:
            continue
        name, _, directive = match[2].partition(' # ')
        result = 'FAIL' if match[1] else 'SKIP' if directive.startswith('SKIP') else 'OK'
        text = '\n'.join(lines[-60:]) if result == 'FAIL' else line
        yield {'name': f'{job.name}: {name}', 'result': result, 'stdout': text}


def finish_job(job, lines, status):
    records = list(read_points(job, lines))
    if status != 0:
        reason = f'still not done after {job.limit} s' if status == 124 else f'ended with status {status}'
        records.append({'name': f'{job.name}: {reason}', 'result': 'FAIL', 'stdout': '\n'.join(lines[-80:])})
    elif not records:
        records.append({'name': f'{job.name}: names no result', 'result': 'FAIL', 'stdout': '\n'.join(lines[-80:])})
    return records


def run_boot(arguments, jobs, again=True):
    """One boot with these jobs. Returns their records. again: if its kernel hangs, what is left is run in another one."""
    needs = jobs[0].needs
    icount = int(needs['icount'] or 3) if 'icount' in needs else None
    computer = Computer(arguments.image, arguments.build, int(needs.get('outputs', 2)), icount)
    waiting = {job.path: job for job in jobs}
    records, current, lines = [], None, []
    began = time.monotonic()
    try:
        with open(computer.share + '/jobs', 'w', encoding='utf-8') as target:
            target.writelines(f'{job.path} {job.limit}\n' for job in jobs)
        Requests(computer).start()
        slower = 1 if icount is None else 5
        limit = BOOT_LIMIT + slower * sum(job.limit + 15 for job in jobs)
        for line in follow(computer, limit):
            if line.startswith('@begin '):
                current, lines, started, cpu = waiting.pop(line.split()[1]), [], time.monotonic(), computer.cpu()
                say(f'job {current.name}')
            elif line.startswith('@end '):
                records += finish_job(current, lines, int(line.split()[2]))
                say(f'job {current.name}: {time.monotonic() - started:.0f} s, {computer.cpu() - cpu:.0f} s of the processors')
                current = None
            elif line.startswith('@up '):
                say(f'the computer is up after {time.monotonic() - began:.0f} s, {computer.cpu():.0f} s of the processors '
                    f'(its clock: {line.split()[1]} s)')
            elif current is not None:
                lines.append(line)
                if arguments.verbose or line.startswith('not ok'):
                    print(f'{current.name}: {line}', flush=True)
            elif arguments.verbose:
                print(line, flush=True)
        left = ([current] if current else []) + list(waiting.values())
        if left and again and computer.hangs():
            # No program can make a kernel spin with its interrupts off: that is vkms' or the emulator's.
            say(f'the kernel of the computer hangs: {left[0].name} and what comes after it are run in another one')
            return records + run_boot(arguments, left, again=False)
        if current is not None:
            records.append({
                'name': f'{current.name}: the computer ended in the middle of it', 'result': 'FAIL',
                'stdout': '\n'.join(lines[-60:]) + '\n--- console\n' + computer.serial_tail(),
            })
        for job in waiting.values():
            records.append({
                'name': f'{job.name}: the computer ended before it', 'result': 'FAIL',
                'stdout': computer.serial_tail(),
            })
    finally:
        computer.stop()
        if arguments.keep:
            subprocess.run(['cp', '-r', computer.share + '/results/.', arguments.keep], check=False)
            subprocess.run(['cp', computer.serial_path, f'{arguments.keep}/serial-{jobs[0].name}.log'], check=False)
        subprocess.run(['rm', '-rf', computer.folder], check=False)
    return records


def run_boots(arguments, boots):
    """Yields the records of each, in their order."""
    pool = concurrent.futures.ThreadPoolExecutor(arguments.at_once)
    try:
        yield from pool.map(lambda boot: run_boot(arguments, boot), boots)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for computer in computers:
            computer.stop()


def free_display():
    """The number of the first VNC display whose port nobody has."""
    for number in range(100):
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', 5900 + number))
            except OSError:
                continue
            return number
    raise SystemExit('no free port from 5900 to 5999 for VNC')


def show(arguments, job):
    """Boots for a person: prints what the job prints, until it ends."""
    display = 'none'
    if arguments.vnc:
        number = free_display()
        display = f'vnc=127.0.0.1:{number}'
    computer = Computer(arguments.image, arguments.build, 1, display=display)
    picture = computer.share + '/results/session.png'
    status = 1
    try:
        with open(computer.share + '/jobs', 'w', encoding='utf-8') as target:
            target.write(f'{job.path} 0\n')
        if arguments.vnc:
            open(computer.share + '/stay', 'w', encoding='utf-8').close()
            say(f'look and type with any VNC viewer: vncviewer 127.0.0.1:{5900 + number} (Ctrl-C here ends it all)')
        Requests(computer).start()
        for line in follow(computer, float('inf')):
            if os.path.exists(picture):
                shutil.copy(picture, arguments.show)
            if line.startswith('@end '):
                status = int(line.split()[2])
            elif line and not line.startswith('@'):
                say(line)
    finally:
        computer.stop()
        subprocess.run(['rm', '-rf', computer.folder], check=False)
    return status


def main():
    parser = argparse.ArgumentParser(description='Runs jobs in the virtual computer.')
    parser.add_argument('--image', required=True, help='disk image, from ensure_image')
    parser.add_argument('--build', default='/build', help='shown to the computer as /build')
    parser.add_argument('--results', help='append the results here, as lines of JSON')
    parser.add_argument('--keep', help='folder for screenshots and other files of the jobs')
    parser.add_argument('--at-once', type=int, default=1, help='so many boots side by side (default: 1)')
    parser.add_argument('--verbose', action='store_true', help='print all that the jobs print')
    parser.add_argument('--show', metavar='FILE', help='run one job without a limit, for a person; its picture "session" goes to FILE')
    parser.add_argument('--vnc', action='store_true', help='with --show: let the person look and type by VNC')
    parser.add_argument('jobs', nargs='+')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    jobs = [Job(path) for path in arguments.jobs]
    if arguments.show:
        return show(arguments, jobs[0])
    boots = [[job] for job in jobs if not job.shares_boot]
    shared = [job for job in jobs if job.shares_boot]
    if shared:
        boots.insert(0, shared)
    if arguments.keep:
        os.makedirs(arguments.keep, exist_ok=True)
    failed = 0
    for records in run_boots(arguments, boots):
        failed += sum(record['result'] == 'FAIL' for record in records)
        if arguments.results:
            with open(arguments.results, 'a', encoding='utf-8') as target:
                target.writelines(json.dumps(record) + '\n' for record in records)
        else:
            for record in records:
                print(f'{record["result"]:4} {record["name"]}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
