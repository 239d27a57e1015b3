# SPDX-License-Identifier: MIT
"""What samples say. Pure: no file, no clock."""

import math


def percentile(values, part, missing=0):
    """The least value that is not below so many of them.

    missing: how many more were sent and never came, which are infinitely late: where
    one of these is the answer, it is infinite.
    """
    at = max(0, math.ceil((len(values) + missing) * part) - 1)
    return sorted(values)[at] if at < len(values) else math.inf


def match_edges(sent, came):
    """Both [(µs, value)], each value unlike the one sent before. How long each took that came before the next was sent."""
    waits, at = [], 0
    for number, (when, value) in enumerate(sent):
        end = sent[number + 1][0] if number + 1 < len(sent) else math.inf
        while at < len(came) and came[at][0] < when:
            at += 1
        found = at
        while found < len(came) and came[found][0] < end and came[found][1] != value:
            found += 1
        if found < len(came) and came[found][0] < end:
            waits.append(came[found][0] - when)
            at = found + 1
    return waits


def match_first(sent, came):
    """Both in µs, in their order: from each that was sent to the first that came after it."""
    waits, at = [], 0
    for when in sent:
        while at < len(came) and came[at] < when:
            at += 1
        if at < len(came):
            waits.append(came[at] - when)
    return waits


MARGIN = 500  # µs before vkms takes a commit over, in which the kernel names it already


def pair_flips(events):
    """Of one CRTC: events are [(µs, number of the refresh or None for a commit, µs when it was read, what)], as Look has them.

    [(µs of a flip, number of its refresh, what was read of its picture in turn)]. What
    was read when the next commit may have been there is left out.
    """
    flips, waiting, current = [], None, None
    for number, (when, seq, done, what) in enumerate(events):
        if seq is None:
            waiting = current = []
        elif waiting is not None:
            flips.append((when, seq, waiting))
            waiting = None
        if current is None or what is None:
            continue
        later = next((one[0] for one in events[number + 1:number + 4] if one[1] is None), math.inf)
        if done < later - MARGIN:
            current.append(what)
    return flips


def read_numbers(flips, known=0x10000):
    """From pair_flips, where points are in a frame's first rows and last: ([(µs, its number or None)], torn flips).

    A frame is torn where its rows have different numbers, or where it is drawn over while it is shown.
    """
    seen, torn = [], 0
    for when, _, looks in flips:
        rows, first = set(), None
        for look in looks:
            # As long as it is the same framebuffer, nobody else may draw in it.
            for fb, pixels in look:
                if all(pixel < known for pixel in pixels) and first in (None, fb):
                    first = fb
                    rows |= set(pixels)
        torn += len(rows) > 1
        seen.append((when, rows.pop() if len(rows) == 1 else None))
    return seen, torn


def name_pictures(flips, names):
    """From pair_flips, with one point of each picture: [(µs, whose it is or None)]. names: {colour: name}; None also where it is not one's alone."""
    seen = []
    for when, _, looks in flips:
        shown = {names[pixel] for look in looks for _, pixels in look for pixel in pixels if pixel in names}
        seen.append((when, shown.pop() if len(shown) == 1 else None))
    return seen


def judge_rate(flips, seen):
    """Both of the same flips: (µs from refresh to refresh, refreshes from the first to the last with a new frame, how many were new)."""
    span = flips[-1][1] - flips[0][1] if flips else 0
    refresh = (flips[-1][0] - flips[0][0]) / span if span else None
    new, before = [], set()
    for (_, seq, _), (_, number) in zip(flips, seen):
        if number is not None and number not in before:
            before.add(number)
            new.append(seq)
    return refresh, new[-1] - new[0] if new else 0, max(len(new) - 1, 0)


def judge_frames(times, seen, refresh):
    """times: when each frame was drawn, in µs; seen: (µs, frame or None) at each flip.

    (refreshes from drawing to the flip of each frame that was seen, frames that
    never were, flips that showed one again, flips that showed none of them)
    """
    first, again, unknown = {}, 0, 0
    for when, number in seen:
        if number is None or number >= len(times) or when < times[number]:
            unknown += 1
        elif number in first:
            again += 1
        else:
            first[number] = when
    waits = [(when - times[number]) / refresh for number, when in sorted(first.items())]
    return waits, len(times) - len(first), again, unknown


def judge_way(switches, spans):
    """Who ran meanwhile: switches are [(µs, processor, task that runs from then on)], spans [(begin, end)] in µs.

    {task: (median µs that it ran in a span, median times that it was put on a processor)}
    """
    ran = [{} for _ in spans]
    last = {}
    for when, processor, task in [*switches, *[(math.inf, number, None) for number in {switch[1] for switch in switches}]]:
        since, before = last.get(processor, (when, None))
        last[processor] = when, task
        if before is None:
            continue
        for number, (begin, end) in enumerate(spans):
            inside = min(when, end) - max(since, begin)
            if inside > 0:
                took, times = ran[number].get(before, (0, 0))
                ran[number][before] = took + inside, times + (since >= begin)
    tasks = {task for one in ran for task in one}
    return {task: tuple(percentile([one.get(task, (0, 0))[part] for one in ran], 0.5) for part in (0, 1)) for task in tasks}
