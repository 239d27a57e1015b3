# SPDX-License-Identifier: MIT
"""phyllomectl against a real session, and what shells complete."""

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

from fixture import Failure, Session, check, check_equal, eventually, read_text
from run import Skip
from test_control import GUESTS, focused, number, running, shown
from test_lock import Locker
from test_protocol import PAUSED, RUNNING

CTL = os.environ.get('PH_CTL', '')
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../compositor/ctl')
DONE, REFUSED, USAGE, NO_SESSION = range(4)


def ctl(session, *words, status=DONE):
    """What it prints, with the exit status and a line of error if and only if it fails."""
    done = subprocess.run([CTL, *words], env=session.environment, capture_output=True, text=True, timeout=30)
    check_equal(done.returncode, status, f'the status of phyllomectl {words} ({done.stderr.strip()})')
    if status == DONE:
        check_equal(done.stderr, '', f'the errors of phyllomectl {words}')
        return done.stdout
    check(re.fullmatch(r'phyllomectl: [^\n]+\n', done.stderr), f'not one clear line: {done.stderr!r}')
    check_equal(done.stdout, '', f'what phyllomectl {words} prints')
    return done.stderr


def rows(text):
    """The lines of a table, each as its words."""
    return [line.split() for line in text.splitlines()]


def test_lists_and_commands():
    with Session(GUESTS, bridges=False, outputs=2) as session, running(session, 'one', 0xff0000):
        width, height = session.size
        names = [output['name'] for output in session.outputs()]
        ctl(session, 'show', 'one')
        ctl(session, 'focus', 'right')
        ctl(session, 'show-here', number(session, 'two'))
        check_equal(shown(session), ['one', 'two'], 'what is shown')
        table = ctl(session, 'guests')
        check_equal(sorted(rows(table)[1:]), sorted([
            [number(session, 'one'), 'one', 'running', names[0]], [number(session, 'two'), 'two', 'off', names[1]],
            [number(session, 'Grüße an alle'), *'Grüße an alle'.split(), 'off']]), 'the table of guests')
        columns = {line.index(word) for line in table.splitlines() for word in ('STATE', 'running', 'off') if word in line}
        check_equal(len(columns), 1, 'in how many columns the state is')
        table = rows(ctl(session, 'outputs'))
        check_equal(table[1][:5], [names[0], f'{width}x{height}@0.00', '1', '0,0', 'one'], 'the first output')
        check_equal(table[2][:6], ['*', names[1], f'{width}x{height}@0.00', '1', f'{width},0', 'two'], 'the second output')
        ctl(session, 'move', 'left')
        check_equal((shown(session), focused(session)), (['two', 'one'], (0, 0)), 'after move left')
        ctl(session, 'focus', names[1])
        check_equal(focused(session), (1, 0), 'after focus by name')
        ctl(session, 'split')
        check_equal(rows(ctl(session, 'outputs'))[3][0], '*' if focused(session)[1] else 'home', 'the second half')
        ctl(session, 'split')
        ctl(session, 'home')
        check_equal(shown(session), ['two', '-'], 'after home')
        guests = json.loads(ctl(session, 'guests', '--json'))
        check_equal(guests, session.call('ListGuests')['guests'], 'the guests as JSON')
        outputs = json.loads(ctl(session, '--json', 'outputs'))
        check_equal([output['name'] for output in outputs], names, 'the outputs as JSON')
        listed = [line.split('\t') for line in ctl(session, 'guests', '--names').splitlines()]
        check_equal(sorted(listed), sorted([['one', 'running'], ['two', 'off'], ['Grüße an alle', 'off']]), 'the names')
        ctl(session, 'run', 'touch', f'{session.dir}/made', '--no-create')
        ctl(session, '--version')
        check('phyllomectl(1)' in ctl(session, '--help'), 'the help')


def test_machines_are_asked():
    with Session(GUESTS, bridges=False) as session, running(session, 'one', 0xff0000) as bridge:
        control = bridge.guest
        for verb, code in (('shutdown', 1), ('reset', 2), ('kill', 3), ('pause', 4), ('resume', 5)):
            control.events.clear()
            if verb == 'resume':
                check('one is not paused' in ctl(session, verb, 'one', status=REFUSED), 'why it cannot go on')
                control.set_state(PAUSED, '')
                bridge.client.roundtrip()
            ctl(session, verb, 'one' if code % 2 else number(session, 'one'))
            bridge.client.roundtrip()
            check_equal(control.named('action'), [(code,)], f'what {verb} asks of the machine')
        check('let it go on' in ctl(session, 'start', 'one', status=REFUSED), 'why a paused guest is not started')
        control.set_state(RUNNING, '')
        bridge.client.roundtrip()
        check('one runs already' in ctl(session, 'start', 'one', status=REFUSED), 'why a running guest is not started')
        for verb in ('shutdown', 'reset', 'kill', 'pause', 'resume'):
            check('two is off' in ctl(session, verb, 'two', status=REFUSED), f'why {verb} is not for a guest that is off')
        ctl(session, 'show', 'one')
        control.events.clear()
        ctl(session, 'pause')
        bridge.client.roundtrip()
        check_equal(control.named('action'), [(4,)], 'what pause without a name asks of the focused machine')


def test_what_fails_is_told_in_one_line():
    session = Session(GUESTS, bridges=False, outputs=2)
    line = ctl(session, 'guests', status=NO_SESSION)
    check('no session runs' in line and session.runtime in line, line)
    session.environment.pop('XDG_RUNTIME_DIR')
    check('XDG_RUNTIME_DIR is not set' in ctl(session, 'home', status=NO_SESSION), 'no line on XDG_RUNTIME_DIR')
    session.environment['XDG_RUNTIME_DIR'] = session.runtime
    with session:
        for words, part in ((('show', 'ne'), "no guest 'ne'"), (('show', 'tow'), 'did you mean two?'),
                            (('show', 'grüße'), 'did you mean Grüße an alle?'), (('kill', 'oen'), 'did you mean one?'),
                            (('show-here', 'nothing at all'), 'phyllomectl guests lists them'), (('start', '77'), 'number 77'),
                            (('focus', 'HEADLESS-9'), 'did you mean HEADLESS-')):
            line = ctl(session, *words, status=REFUSED)
            check(part in line, f'{words}: {line}')
        for words in (('shwo', '1'), ('show',), ('focus',), ('home', 'now'), ('send', 'Nokey'), ('--nonsense',), ()):
            ctl(session, *words, status=USAGE)
        check('no session runs' in ctl(session, '--socket', f'{session.dir}/other', 'home', status=NO_SESSION), 'another socket')
        ctl(session, '--socket', f'{session.runtime}/phyllome/control', 'home')
        locker = Locker(session)
        locker.locked()
        for words in (('show', 'two'), ('home',), ('focus', 'right'), ('focus', session.outputs()[1]['name'])):
            check('the session is locked' in ctl(session, *words, status=REFUSED), f'{words} while it is locked')
        ctl(session, 'guests')
        locker.unlock()
        locker.close()
        os.kill(session.compositor.pid, signal.SIGSTOP)
        try:
            check('does not answer' in ctl(session, 'home', status=NO_SESSION), 'a session that does not answer')
        finally:
            os.kill(session.compositor.pid, signal.SIGCONT)
    ctl(session, 'home', status=NO_SESSION)


class Watch:
    """phyllomectl watch."""

    def __init__(self, session, *options):
        self.process = subprocess.Popen([CTL, 'watch', *options], env=session.environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest = b''

    def lines(self, quiet=0.5):
        while select.select([self.process.stdout], [], [], quiet)[0]:
            part = self.process.stdout.read()
            if not part:
                break
            self.rest += part
        *lines, self.rest = self.rest.split(b'\n')
        return [line.decode() for line in lines]

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()


def test_watch_prints_what_changes():
    with Session(GUESTS, bridges=False, outputs=2) as session:
        names = [output['name'] for output in session.outputs()]
        plain, documents = Watch(session), Watch(session, '--json')
        check_equal(plain.lines(), [f'guest {guest["name"]}: off' for guest in session.call('ListGuests')['guests']] +
                    [f'output {name}: home screen' for name in names] +
                    [f'focus: {names[0]}: home screen', 'session: unlocked'], 'what watch begins with')
        check_equal([json.loads(line)['locked'] for line in documents.lines()], [False], 'the first document')
        ctl(session, 'show', 'two')
        check_equal(plain.lines(), [f'output {names[0]}: two', f'focus: {names[0]}: two'], 'what watch prints of show')
        told = documents.lines()
        check_equal([json.loads(line)['focused']['guest'] for line in told], ['two'], 'the documents of show')
        ctl(session, 'show', 'two')
        check_equal((plain.lines(), documents.lines()), ([], []), 'what watch prints of nothing')
        documents.end()
        ctl(session, 'focus', 'right')
        check_equal(plain.lines(), [f'focus: {names[1]}: home screen'], 'what watch prints of focus')
        session.stop()
        check_equal(plain.process.wait(10), NO_SESSION, 'the status of watch after the session')
        check(b'has ended' in plain.process.stderr.read(), 'watch does not say why it ends')
        plain.end()


def test_watch_that_is_not_read_says_why_it_ends():
    with Session({**GUESTS, **{f'guest-{i}': 'memory 64M\n' for i in range(150)}}, bridges=False, outputs=2) as session:
        watch = Watch(session)
        watch.lines()
        watch.process.send_signal(signal.SIGSTOP)
        deadline, count = time.monotonic() + 30, 0
        while 'reads nothing and is dropped' not in read_text(session.log):
            check(time.monotonic() < deadline, f'the session keeps it after {count} changes')
            session.call('Run', command=['focus', 'left' if count % 2 else 'right'])
            count += 1
            time.sleep(0.02)
        watch.process.send_signal(signal.SIGCONT)
        eventually(lambda: watch.lines(0.1) is not None and watch.process.poll() is not None, 'watch ends')
        check_equal(watch.process.returncode, NO_SESSION, 'the status of watch')
        said = watch.process.stderr.read().decode()
        check('has closed the connection: what it said was not read' in said and 'has ended' not in said, said)
        watch.end()


# --- completions

COMPLETE = r'''
. "$1"/phyllomectl.bash
shift
PATH=$1:$PATH
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_phyllomectl
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
'''


def complete(session, *words):
    """What bash offers for the last word."""
    done = subprocess.run(['bash', '--norc', '-uec', COMPLETE, 'bash', SOURCES, os.path.dirname(CTL), 'phyllomectl', *words],
                          env=session.environment, capture_output=True, text=True, timeout=30)
    check_equal((done.returncode, done.stderr), (0, ''), f'how the completion of {words} ends')
    return done.stdout.splitlines()


def test_bash_completes():
    session = Session(GUESTS, bridges=False, outputs=2)
    check('show' in complete(session, ''), 'commands without a session')
    check_equal(complete(session, 'show', ''), [], 'guests without a session')
    with session:
        names = [output['name'] for output in session.outputs()]
        verbs = [line.split('\t')[0] for line in ctl(session, 'commands', '--names').splitlines()]
        check_equal(complete(session, ''), verbs, 'the commands')
        check_equal(complete(session, 'show'), ['show', 'show-here'], 'commands that go on')
        check_equal(complete(session, '--js'), ['--json'], 'an option')
        for verb in ('show', 'show-here', 'start', 'shutdown', 'reset', 'kill', 'pause', 'resume'):
            check_equal(sorted(complete(session, verb, '')), sorted(['one', 'two', r'Grüße\ an\ alle']), f'{verb}: the guests')
        check_equal(complete(session, '--json', 'show', 't'), ['two'], 'behind an option')
        check_equal(complete(session, 'show', r'Grüße\ a'), [r'Grüße\ an\ alle'], 'a word with a backslash')
        check_equal(complete(session, 'show', '"Grüße a'), ['Grüße an alle'], 'a word in quotes')
        check_equal(complete(session, 'focus', ''), ['left', 'right', 'up', 'down', *names], 'where to go')
        check_equal(complete(session, 'move', 'l'), ['left'], 'where to move')
        check_equal(complete(session, 'place', 't'), ['two'], 'whom to place')
        check_equal(complete(session, 'place', 'two', ''), names, 'where to place it')
        check_equal(complete(session, 'show', 'one', ''), [], 'behind the last word')
        check_equal(complete(session, '--socket', '/nowhere', 'show', ''), [], 'guests of another session')
        check('touch' in complete(session, 'run', 'touc'), 'programs')


@contextlib.contextmanager
def shell(session, argv):
    """A shell at a terminal, as a person has it: type, and get what it writes."""
    pid, fd = pty.fork()
    if pid == 0:
        environment = {**session.environment, 'TERM': 'dumb', 'PS1': '> '}
        environment['PATH'] = f'{os.path.dirname(CTL)}:{environment["PATH"]}'
        os.execvpe(argv[0], argv, environment)

    def type_in(text, until, timeout=10):
        os.write(fd, text.encode())
        seen, deadline = b'', time.monotonic() + timeout
        while until.encode() not in seen:
            if not select.select([fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure(f'{argv[0]}: typed {text!r}, and it writes {seen.decode(errors="replace")!r}, not {until!r}')
            seen += os.read(fd, 65536)
        return seen.decode(errors='replace')

    try:
        yield type_in
    finally:
        os.close(fd)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_bash_at_a_terminal():
    with Session(GUESTS, bridges=False) as session, shell(session, ['bash', '--norc', '--noprofile', '-i']) as type_in:
        type_in(f". '{SOURCES}/phyllomectl.bash'; bind 'set bell-style none'; echo re''ady\n", 'ready')
        type_in('phyllomectl sho\t', 'phyllomectl show')
        type_in(' Gr\t', r'Grüße\ an\ alle')
        type_in('\n', '> ')
        eventually(lambda: shown(session) == ['Grüße an alle'], 'the completed line is carried out')
        type_in('phyllomectl show "Gr\t', 'Grüße an alle"')


def have(program):
    if not shutil.which(program):
        raise Skip(f'there is no {program} here')


def test_zsh_and_fish_accept_their_files():
    found = False
    for program, name in (('zsh', '_phyllomectl'), ('fish', 'phyllomectl.fish')):
        if shutil.which(program):
            found = True
            done = subprocess.run([program, '-n', f'{SOURCES}/{name}'], capture_output=True, text=True, timeout=30)
            check_equal((done.returncode, done.stderr), (0, ''), f'what {program} says of {name}')
    if not found:
        raise Skip('there is neither zsh nor fish here')


def test_fish_completes():
    have('fish')
    with Session(GUESTS, bridges=False, outputs=2) as session:
        def offered(line):
            script = f'set -x PATH {os.path.dirname(CTL)} $PATH; source {SOURCES}/phyllomectl.fish; complete -C {line!r}'
            done = subprocess.run(['fish', '--no-config', '-c', script], env=session.environment, capture_output=True,
                                  text=True, timeout=30)
            check_equal((done.returncode, done.stderr), (0, ''), f'how the completion of {line} ends')
            return sorted(text.split('\t')[0] for text in done.stdout.splitlines())
        verbs = [line.split('\t')[0] for line in ctl(session, 'commands', '--names').splitlines()]
        check_equal(offered('phyllomectl '), sorted(verbs), 'the commands')
        check_equal(offered('phyllomectl --json show '), sorted(GUESTS), 'the guests')
        check_equal(offered('phyllomectl show two '), [], 'behind the last word')
        check_equal(offered('phyllomectl move '), ['down', 'left', 'right', 'up'], 'where to move')


def test_zsh_completes():
    have('zsh')
    with Session(GUESTS, bridges=False) as session, shell(session, ['zsh', '-f', '-i']) as type_in:
        type_in(f"PS1='> '; fpath=('{SOURCES}' $fpath); autoload -Uz compinit; compinit -u -D; echo re''ady\n", 'ready')
        type_in('phyllomectl sho\t', 'phyllomectl show')
        type_in(' Gr\t', r'Grüße\ an\ alle')
        type_in('\n', '> ')
        eventually(lambda: shown(session) == ['Grüße an alle'], 'the completed line is carried out')


def test_logout_is_answered():
    with Session(GUESTS, bridges=False) as session:
        watch = Watch(session)
        watch.lines()
        ctl(session, 'logout')
        check_equal(session.compositor.wait(10), 0, 'the status of the compositor')
        check_equal(watch.process.wait(10), NO_SESSION, 'the status of watch')
        watch.end()


def test_varlinkctl_speaks_to_it():
    have('varlinkctl')
    with Session(GUESTS, bridges=False) as session:
        def varlinkctl(*words):
            done = subprocess.run(['varlinkctl', *words], env=session.environment, capture_output=True, text=True, timeout=30)
            check_equal(done.returncode, 0, f'the status of varlinkctl {words} ({done.stderr.strip()})')
            return done.stdout
        socket = f'{session.runtime}/phyllome/control'
        text = varlinkctl('introspect', socket, 'org.phyllome.Session')
        for method in ('Run', 'Reload', 'Subscribe', 'FocusOutput', 'ListGuests', 'ShowGuest', 'ActOnGuest'):
            check(f'method {method}' in text, f'varlinkctl introspect does not tell of {method}')
        varlinkctl('call', socket, 'org.phyllome.Session.Run', '{"command":["show","two"]}')
        check_equal(shown(session), ['two'], 'what varlinkctl has shown')
        with open(f'{session.dir}/interface', 'w', encoding='utf-8') as file:
            file.write(text)
        varlinkctl('validate-idl', f'{session.dir}/interface')
