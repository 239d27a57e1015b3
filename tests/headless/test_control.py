# SPDX-License-Identifier: MIT
"""The control socket: what it tells, what can be asked of it, and who listens."""

import contextlib
import json
import socket
import threading
import time

from fixture import Failure, Session, check, check_equal, eventually, read_text
from test_lock import Locker
from test_protocol import RUNNING, Bridge

GUESTS = {'one': 'memory 64M\n', 'two': 'memory 64M\n', 'Grüße an alle': 'memory 64M\n'}
INTERFACE = 'org.phyllome.Session'


class Link:
    """A connection to the control socket."""

    def __init__(self, session):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(f'{session.runtime}/phyllome/control')
        self.rest = b''

    def send(self, method, more=False, **parameters):
        message = {'method': f'{INTERFACE}.{method}', 'parameters': parameters, **({'more': True} if more else {})}
        self.socket.sendall(json.dumps(message).encode() + b'\0')

    def receive(self, timeout=10):
        """The next answer; None: there is none in time."""
        self.socket.settimeout(timeout)
        while b'\0' not in self.rest:
            try:
                part = self.socket.recv(65536)
            except TimeoutError:
                return None
            if not part:
                raise EOFError
            self.rest += part
        line, _, self.rest = self.rest.partition(b'\0')
        return json.loads(line)

    def close(self):
        self.socket.close()


def ask(session, method, **parameters):
    """The whole answer, errors too."""
    with contextlib.closing(Link(session)) as link:
        link.send(method, **parameters)
        return link.receive()


def expect_error(session, error, method, **parameters):
    answer = ask(session, method, **parameters)
    check_equal(answer.get('error'), error if '.' in error else f'{INTERFACE}.{error}', f'{method} {parameters}')
    return answer.get('parameters', {})


def run(session, *words):
    return session.call('Run', command=list(words))


def shown(session):
    """Which guest is in which cell, as 'one', or 'one two' for a split output."""
    return [' '.join(cell['guest'] or '-' for cell in output['cells']) for output in session.outputs()]


def focused(session):
    """Index of the focused output, and of its cell."""
    found = [(index, part) for index, output in enumerate(session.outputs())
             for part, cell in enumerate(output['cells']) if cell['focused']]
    check_equal(len(found), 1, 'how many cells have the focus')
    check(session.outputs()[found[0][0]]['focused'], 'the output with the focused cell is not focused')
    return found[0]


def number(session, name):
    return str(session.guest(name)['number'])


def head(session, name, console=0):
    return [head for head in session.guest(name)['heads'] if head['console'] == console][0]


@contextlib.contextmanager
def running(session, name, color):
    """A guest with a picture on what its head is told to be."""
    bridge = Bridge(session, name)
    bridge.guest = bridge.control()
    bridge.guest.set_state(RUNNING, '')
    bridge.head()
    bridge.show(*session.size, color)
    try:
        yield bridge
    finally:
        bridge.client.close()


def test_lists_follow_what_is_asked():
    with Session(GUESTS, bridges=False, outputs=2) as session, running(session, 'one', 0xff0000):
        width, height = session.size
        first, second = session.outputs()
        check_equal((first['x'], first['y'], first['transform'], first['enabled']), (0, 0, 'normal', True), 'the first output')
        check_equal(second['x'], width, 'where the second output is')
        check(first['identity'] != second['identity'] and first['identity'], 'the outputs have no identities')
        check_equal(shown(session), ['-', '-'], 'what is shown at first')
        run(session, 'show', number(session, 'one'))
        check_equal(shown(session), ['one', '-'], 'after show one')
        check_equal(head(session, 'one'), {'console': 0, 'output': first['name'], 'belongs': first['name'],
                    'width': width, 'height': height, 'visible': True}, 'the head of one')
        cell = session.outputs()[0]['cells'][0]
        check_equal((cell['console'], cell['pictureWidth'], cell['width'], cell['height'], cell['focused']),
                    (0, width, width, height, True), 'the cell of one')
        run(session, 'focus', 'right')
        check_equal(focused(session), (1, 0), 'the focus after focus right')
        run(session, 'show-here', 'Grüße an alle')
        check_equal(shown(session), ['one', 'Grüße an alle'], 'after show-here by name')
        run(session, 'move', 'left')
        check_equal((shown(session), focused(session)), (['Grüße an alle', 'one'], (0, 0)), 'after move left')
        check_equal(head(session, 'one')['output'], session.outputs()[1]['name'], 'where the head of one is')
        colours = [session.guest(name)['colour'] for name in GUESTS]
        check(all(len(c) == 7 and c[0] == '#' for c in colours) and len(set(colours)) == 3, f'the colours {colours}')
        check_equal([session.guest(name)['recent'] for name in GUESTS], [1, -1, 0], 'the order of use')


def test_who_is_shown_from_outside_is_seen():
    """Nothing of ours stays over it, and it has the focus."""
    with Session(GUESTS, bridges=False, outputs=2) as session, running(session, 'one', 0xff0000):
        for method, more, there in (('ShowGuest', {'name': 'one'}, True), ('ShowHome', {}, False),
                                    ('FocusOutput', {'output': session.outputs()[0]['name']}, True)):
            run(session, 'show', 'one')
            before = session.screenshot()
            run(session, 'overview')
            eventually(lambda: session.screenshot() != before, 'the overview')
            session.call(method, **more)
            eventually(lambda: (session.screenshot() == before) == there, f'what is seen after {method}')
        # The pointer goes along, else its next move would take the focus back.
        run(session, 'show', 'one')
        session.call('FocusOutput', output=session.outputs()[1]['name'])
        session.call('ShowGuest', name='one')
        session.hand.move_by(1, 1)
        check_equal(focused(session), (0, 0), 'the focus after the pointer moved')


def test_what_makes_no_sense_now_is_refused():
    with Session(GUESTS, bridges=False, outputs=2) as session, running(session, 'one', 0xff0000) as bridge:
        def refused(*words):
            return expect_error(session, 'NotNow', 'Run', command=list(words))['message']
        for words, part in ((('last',), 'No other guest was shown'), (('recent',), 'No other guest was shown'),
                            (('focus', 'left'), 'no monitor on the left'), (('move', 'up'), 'no monitor above'),
                            (('scale',), 'No guest is shown here'), (('pause',), 'No guest is shown here'),
                            (('grab',), 'No guest has the keys'), (('send', 'a'), 'No guest has the keys'),
                            (('vt', '2'), 'no virtual terminals'), (('brightness', 'up'), 'no backlight'),
                            (('suspend',), 'cannot be put to sleep'), (('run', '/no/such/program'), '/no/such/program')):
            check(part in refused(*words), f'{words}: {refused(*words)}')
        run(session, 'next')
        check_equal((shown(session), focused(session)), (['one', '-'], (0, 0)), 'after next: the guest that runs')
        check('No other guest runs' in refused('next'), 'next without another guest')
        run(session, 'show', 'two')
        check('two is off' in refused('pause'), 'a guest that is off is not paused')
        run(session, 'previous')
        check_equal(shown(session), ['one', '-'], 'after previous')
        before = session.screenshot()
        session.hand.press('super', 'left')
        eventually(lambda: session.screenshot() != before, 'a key that leads nowhere shows a notice')
        message = expect_error(session, 'NotNow', 'ActOnGuest', name='one', action='resume')['message']
        check('one is not paused' in message, message)
        expect_error(session, 'org.varlink.service.InvalidParameter', 'ActOnGuest', name='one', action='stop')
        check_equal(bridge.guest.named('action'), [], 'what the machine was asked')


def test_a_head_is_placed_from_outside():
    with Session(GUESTS, bridges=False, outputs=2) as session, running(session, 'one', 0xff0000):
        first, second = (output['name'] for output in session.outputs())
        run(session, 'show', 'one')
        run(session, 'place', 'two', second)
        check_equal((shown(session), focused(session)), (['one', 'two'], (0, 0)), 'two is there, the focus is not')
        run(session, 'place', number(session, 'one'), second)
        check_equal((shown(session), focused(session)), (['-', 'one'], (1, 0)), 'the focus goes with what it was on')
        check_equal(head(session, 'one')['output'], second, 'where the head is')
        run(session, 'place', 'one', session.outputs()[0]['identity'], '1')
        check_equal(shown(session), ['one', '-'], 'by identity')
        check_equal(expect_error(session, 'NoSuchGuest', 'Run', command=['place', 'noone', first]), {'name': 'noone'}, 'guest')
        check_equal(expect_error(session, 'NoSuchOutput', 'Run', command=['place', 'one', 'DP-9']), {'name': 'DP-9'}, 'output')
        message = expect_error(session, 'NotNow', 'Run', command=['place', 'one', first, '2'])['message']
        check('one has 1 monitor' in message, message)
        check_equal(shown(session), ['one', '-'], 'after what was refused')


def test_home_screen_tells_where_guests_are():
    with Session(GUESTS, bridges=False, outputs=3) as session, running(session, 'one', 0xff0000):
        second = session.outputs()[1]['name']
        run(session, 'show', 'one')
        session.call('FocusOutput', output=session.outputs()[2]['name'])
        pictures = []
        # What is wrong with the computer comes when it is known.
        for place in (second, session.outputs()[0]['name']) * 2:
            pictures.append(session.screenshot(2))
            run(session, 'place', 'one', place)
            eventually(lambda: session.screenshot(2) != pictures[-1], 'the home screen says where the guest is now')
        run(session, 'place', 'one', second)
        eventually(lambda: session.screenshot(2) == pictures[-1], 'and says the same of the same place')


def test_split_has_two_cells():
    with Session(GUESTS, bridges=False) as session, running(session, 'one', 0xff0000):
        width, height = session.size
        run(session, 'show', 'two')
        run(session, 'show', 'one')
        run(session, 'split')
        check_equal(shown(session), ['one two'], 'after split')
        boxes = [(cell['x'], cell['y'], cell['width'], cell['height']) for cell in session.outputs()[0]['cells']]
        check_equal(boxes, [(0, 0, width // 2, height), (width // 2, 0, width // 2, height)], 'the halves')
        check_equal(head(session, 'one')['width'], width // 2, 'the width that one is told')
        session.call('FocusOutput', output=session.outputs()[0]['name'], cell=1)
        check_equal(focused(session), (0, 1), 'the focus')
        run(session, 'split')
        check_equal(shown(session), ['two'], 'after split again')
        kept = head(session, 'one')
        check_equal((kept['output'], kept['visible']), ('', False), 'the hidden head of one')
        run(session, 'last')
        check_equal(shown(session), ['one'], 'after last')
        run(session, 'home')
        check_equal(shown(session), ['-'], 'after home')


def test_what_is_wrong_is_told():
    with Session(GUESTS, bridges=False, outputs=2) as session:
        before = shown(session)
        for words, part in ((['nonsense'], "'nonsense' is no command"), ([], 'a command is missing'),
                            (['focus', 'there'], 'left|right|up|down'), (['show'], 'show'), (['home', 'now'], 'home')):
            message = expect_error(session, 'WrongCommand', 'Run', command=words)['message']
            check(part in message, f'Run {words}: {message}')
        for name in ('nobody', '99', '99999999999999999999', '0', ''):
            check_equal(expect_error(session, 'NoSuchGuest', 'Run', command=['show', name]), {'name': name}, 'the error')
        expect_error(session, 'NoSuchGuest', 'ShowGuest', name='nobody')
        expect_error(session, 'NoSuchGuest', 'ActOnGuest', name='nobody', action='start')
        expect_error(session, 'NoSuchOutput', 'FocusOutput', output='DP-9')
        for parameters in ({}, {'command': 'home'}, {'command': [1]}, {'command': ['x'] * 300}):
            expect_error(session, 'org.varlink.service.InvalidParameter', 'Run', **parameters)
        expect_error(session, 'org.varlink.service.InvalidParameter', 'FocusOutput', output=session.outputs()[0]['name'], cell=7)
        expect_error(session, 'org.varlink.service.InvalidParameter', 'ActOnGuest', name='one', action='dance')
        expect_error(session, 'org.varlink.service.ExpectedMore', 'Subscribe')
        check_equal(shown(session), before, 'what is shown after all these errors')


def test_reload_tells_whether_it_worked():
    session = Session(GUESTS, bridges=False)
    path = f'{session.dir}/session.scfg'
    session.command += ['--config', path]
    with open(path, 'w', encoding='utf-8') as file:
        file.write('')
    with session:
        session.call('Reload')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('nonsense 1\n')
        message = expect_error(session, 'WrongConfiguration', 'Reload')['message']
        check(f'{path}:1' in message, f'the error does not name file and line: {message}')
        # A file in Latin-1, and a character that is cut in two where the error quotes it.
        for text in (b'th\xe9me dark\n', b'theme {\n\tscheme ' + b'x' * 63 + '\u00e9'.encode() + b'\n}\n'):
            with open(path, 'wb') as file:
                file.write(text)
            message = expect_error(session, 'WrongConfiguration', 'Reload')['message']
            check(f'{path}:' in message, f'the error does not name the file: {message}')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('')
        # Callers that wait together, and one that does not wait at all.
        links = [Link(session) for _ in range(5)]
        for link in links:
            link.send('Reload')
        links[2].close()
        for link in links[:2] + links[3:]:
            check('error' not in link.receive(), 'a reload of many failed')
            link.close()


def test_locked_session_shows_nothing_new():
    with Session(GUESTS, bridges=False, outputs=2) as session, running(session, 'one', 0xff0000):
        run(session, 'show', 'one')
        locker = Locker(session)
        locker.locked()
        for words in (['show', 'two'], ['show-here', '1'], ['home'], ['recent'], ['recent-back'], ['last'], ['overview'],
                      ['focus', 'right'], ['move', 'right'], ['split'], ['grab'], ['send', 'a'], ['scale'], ['run', 'true']):
            expect_error(session, 'Locked', 'Run', command=words)
        expect_error(session, 'Locked', 'ShowGuest', name='two')
        expect_error(session, 'Locked', 'ShowHome')
        expect_error(session, 'Locked', 'FocusOutput', output=session.outputs()[1]['name'])
        check_equal((shown(session), focused(session)), (['one', '-'], (0, 0)), 'what is kept behind the lock')
        check(not head(session, 'one')['visible'], 'the guest is told that it can be seen')
        run(session, 'reload')
        locker.unlock()
        locker.close()
        run(session, 'show', 'two')
        check_equal(shown(session)[0], 'two', 'after the lock')


def subscribe(session):
    link = Link(session)
    link.send('Subscribe', more=True)
    first = link.receive()
    check(first.get('continues'), f'the first answer is the last: {first}')
    return link, first['parameters']


def states(link, quiet=0.3):
    """All that is told until it is quiet."""
    found = []
    while answer := link.receive(quiet):
        check(answer.get('continues'), 'a subscription ends by itself')
        found.append(answer['parameters'])
    return found


def test_subscriber_is_told_of_each_change_once():
    with Session(GUESTS, bridges=False, outputs=2) as session:
        link, first = subscribe(session)
        names = [output['name'] for output in first['outputs']]
        check_equal((len(first['guests']), first['locked'], first['focused']),
                    (3, False, {'output': names[0], 'cell': 0, 'guest': ''}), 'the first state')
        check('frames' not in first['outputs'][0], 'counters are told, and make every frame a change')
        with running(session, 'one', 0xff0000) as bridge:
            told = states(link)
            check(1 <= len(told) <= 6, f'a bridge that comes is told {len(told)} times')
            check_equal(told[-1]['guests'][[g['name'] for g in told[-1]['guests']].index('one')]['state'], 'running', 'the state')
            for words, focus in ((['show', 'one'], 'one'), (['show', 'two'], 'two'), (['last'], 'one')):
                run(session, *words)
                told = states(link)
                check_equal([state['focused']['guest'] for state in told], [focus], f'what is told of {words}')
            run(session, 'show', 'one')
            check_equal(states(link), [], 'what is told of nothing')
            for color in range(20):
                bridge.show(*session.size, color)
            check_equal(states(link), [], "what is told of the guest's pictures")
            locker = Locker(session)
            locker.locked()
            check_equal([state['locked'] for state in states(link)][-1:], [True], 'what is told of the lock')
            locker.unlock()
            locker.close()
            check_equal([state['locked'] for state in states(link)][-1:], [False], 'what is told of the end of the lock')
        eventually(lambda: session.guest('one')['state'] == 'lost', 'the bridge is known to be dead', timeout=60)
        check_equal([[g['state'] for g in state['guests'] if g['name'] == 'one'] for state in states(link)][-1:],
                    [['lost']], 'what is told of the dead bridge')
        other, state = subscribe(session)
        check_equal(state['focused']['guest'], 'one', 'what a second subscriber is told')
        link.close()
        run(session, 'home')
        check_equal(len(states(other)), 1, 'how often the one that is left is told')
        other.close()
        run(session, 'show', 'two')


def test_many_subscribers_come_and_go():
    with Session(GUESTS, bridges=False) as session:
        links = [subscribe(session)[0] for _ in range(64)]
        expect = Link(session)
        expect.send('Subscribe', more=True)
        check_equal(expect.receive().get('error'), f'{INTERFACE}.TooManySubscribers', 'one too many')
        expect.close()
        run(session, 'show', 'two')
        for link in links[::2]:
            link.close()
        run(session, 'home')
        for link in links[1::2]:
            told = states(link, 0.05)
            # The guest, the home screen, and on a busy machine what the screen then made of each.
            check(1 <= len(told) <= 4 and told[-1]['focused']['guest'] == '', f'of 32 that are left one is told {told}')
            check(all(one != other for one, other in zip(told, told[1:])), f'one is told the same twice: {told}')
            link.close()
        eventually(lambda: subscribe(session)[0].close() is None, 'another one')


def resident(session):
    """The compositor's memory in KiB."""
    line = [line for line in read_text(f'/proc/{session.compositor.pid}/status').splitlines() if 'VmRSS' in line][0]
    return int(line.split()[1])


@contextlib.contextmanager
def flood(session, *calls):
    """Somebody sends these calls over and over, and waits for no answer. Gives the count of answers."""
    def send():
        with contextlib.suppress(OSError):
            while True:
                link.socket.sendall(message)

    def receive():
        with contextlib.suppress(OSError):
            while part := link.socket.recv(1 << 16):
                answers.append(part.count(b'\0'))
    message = b''.join(json.dumps({'method': f'{INTERFACE}.{method}', 'parameters': parameters}).encode() + b'\0'
                       for method, parameters in calls) * 100
    answers, link = [], Link(session)
    link.socket.settimeout(None)
    threads = [threading.Thread(target=one) for one in (send, receive)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(answers)
    finally:
        link.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        link.close()


def test_calls_without_an_end_freeze_nothing():
    with Session(GUESTS, bridges=False) as session:
        watcher, _ = subscribe(session)
        for what, calls in (('ListGuests', [('ListGuests', {})]), ('Reload', [('Reload', {})]),
                            ('Run', [('Run', {'command': ['show', name]}) for name in ('one', 'two')])):
            with flood(session, *calls) as answers:
                eventually(lambda: answers() > 10, f'answers to {what}')
                for _ in range(10):
                    session.hand.move_by(1, 1)
                    session.screenshot()
                    states(watcher, 0.01)
                before = answers()
                eventually(lambda: answers() > before, f'answers to {what} later')
                check(ask(session, 'ListOutputs').get('parameters'), f'another client during {what}')


def test_dead_subscriber_costs_nothing_and_is_dropped():
    # So many guests that the states that nobody reads would be seen in the memory.
    session = Session({**GUESTS, **{f'guest-{i}': 'memory 64M\n' for i in range(150)}}, bridges=False, outputs=2)
    # What is freed is to be free: the sanitizer keeps it for long otherwise.
    options = session.environment.get('ASAN_OPTIONS', '')
    session.environment['ASAN_OPTIONS'] = f'{options}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64'.lstrip(':')
    with session:
        dead, first = subscribe(session)
        live, _ = subscribe(session)
        size = len(json.dumps(first)) // 1024

        def change(count):
            run(session, 'focus', 'left' if count % 2 else 'right')
            check(live.receive(), 'the live one is told nothing')
        for count in range(40):
            change(count)
        before, deadline, count = resident(session), time.monotonic() + 11, 0
        while time.monotonic() < deadline or count * size < 16384:
            change(count)
            count += 1
        more = resident(session) - before
        check(more < 6144, f'{more} KiB more after {count} changes of {size} KiB each')
        eventually(lambda: 'reads nothing and is dropped' in read_text(session.log), 'the dead one is dropped')
        told = []
        with contextlib.suppress(EOFError):
            told = states(dead)
            raise Failure(f'the connection of the dead one is open, after {len(told)} states')
        run(session, 'show', 'two')
        check_equal([state['focused']['guest'] for state in states(live)][-1:], ['two'], 'what the other one is told')
        # Both are open when the session ends, with others that ask for nothing and too much.
        idle, greedy = Link(session), Link(session)
        for _ in range(200):
            greedy.send('ListGuests')
        states(idle, 0.1)
