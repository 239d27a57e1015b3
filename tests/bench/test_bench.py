#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the bench's pure parts: ratios, tables, the page, how frames are judged."""

import contextlib
import io
import math
import sys
import os
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402
from judge import judge_frames, judge_rate, judge_way, match_edges, name_pictures, pair_flips, percentile, read_numbers  # noqa: E402


def figure(session, value, name='CPU', measure='frame', **more):
    return {'measure': measure, 'session': session, 'case': '3d', 'figure': name, 'value': value, 'unit': 'µs', **more}


RECORDS = [
    {'session': 'phyllome', 'versions': {'a': '1'}}, {'session': '', 'versions': {'linux': '7'}},
    figure('other', 400), figure('phyllome', 100), figure('third', 200),
    figure('phyllome', 300, 'frames shown'), figure('other', 10, 'frames shown'),
    figure('phyllome', 0, 'wakes'), figure('other', 0, 'wakes'),
    {'measure': 'frame', 'session': 'third', 'case': 'memory', 'error': 'it <ended>'},
]


class Report(unittest.TestCase):
    def test_sessions(self):
        self.assertEqual(report.sessions(RECORDS), ['phyllome', 'other', 'third'])

    def test_ratio_is_to_the_best_of_the_others(self):
        row = report.rows(RECORDS)[0]
        self.assertEqual((row['best'], row['ratio']), ('third', 0.5))

    def test_counts_and_zero_have_no_ratio(self):
        ratios = {row['figure']: row['ratio'] for row in report.rows(RECORDS)}
        self.assertIsNone(ratios['frames shown'])
        self.assertIsNone(ratios['wakes'])

    def test_what_never_came(self):
        records = [figure('phyllome', None, above=100), figure('other', None, above=None), figure('third', 5)]
        row = report.rows(records)[0]
        self.assertEqual((row['values'], row['best'], row['ratio']), ({'third': 5}, None, None))
        line = report.table(records).splitlines()[1]
        self.assertIn('>100', line)
        self.assertIn('never', line)
        self.assertIn('5.00', line)
        # Ours came, of the others one.
        row = report.rows([figure('phyllome', 2), *records[1:]])[0]
        self.assertEqual((row['best'], row['ratio']), ('third', 0.4))

    def test_ours_alone_has_no_ratio(self):
        self.assertIsNone(report.rows([figure('phyllome', 1)])[0]['ratio'])
        self.assertIsNone(report.rows([figure('other', 1)])[0]['ratio'])

    def test_numbers(self):
        for value, text in ((None, '-'), (0, '0'), (0.123, '0.12'), (12.34, '12.3'), (1234.5, '1234')):
            self.assertEqual(report.number(value), text)

    def test_table(self):
        text = report.table(RECORDS)
        self.assertIn('0.50', text.splitlines()[1])
        self.assertIn('not measured: frame memory of third: it <ended>', text)

    def test_markdown_has_as_many_cells_in_each_line(self):
        lines = report.markdown(RECORDS).splitlines()
        self.assertEqual({line.count('|') for line in lines}, {lines[0].count('|')})

    def test_versions(self):
        self.assertEqual(report.versions(RECORDS), {'a': '1', 'linux': '7'})


class Page(unittest.TestCase):
    RESULT = {'date': '2026-01-01', 'computer': {'cpus': 2, 'memory': 1, 'shift': 0},
              'records': RECORDS + [figure('phyllome', 1, 'median', 'pacing', samples=[float(n % 7) for n in range(100)])]}

    def test_it_stands_alone_and_escapes(self):
        text = page.render(self.RESULT)
        self.assertIn('it &lt;ended&gt;', text)
        for word in ('http://', 'https://', '<script', 'src='):
            self.assertNotIn(word, text)

    def test_it_names_the_clock(self):
        self.assertIn('each instruction takes 4 ns', page.render(self.RESULT | {'computer': {'cpus': 2, 'memory': 1, 'shift': 2}}))
        self.assertIn('clock of the machine', page.render(self.RESULT | {'computer': {'cpus': 2, 'memory': 1, 'shift': None}}))

    def test_a_value_that_never_came_has_no_bar(self):
        text = page.render(self.RESULT | {'records': [figure('phyllome', None, above=100), figure('phyllome', None, 'p99', above=None)]})
        self.assertIn('>100'.replace('>', '&gt;'), text)
        self.assertIn('never', text)
        self.assertNotIn('<rect', text)

    def test_plots_are_well_formed(self):
        for shape in (page.bars('a<b', 'µs', {'phyllome': 1, 'other': 0}, ['phyllome', 'other']),
                      page.histogram('t', 'µs', {'phyllome': [1, 2, 3]}, ['phyllome']),
                      page.lines('t', 'µs', {'phyllome': [1, 2, 3]}, ['phyllome'])):
            xml.etree.ElementTree.fromstring(shape)

    def test_nothing_is_no_plot(self):
        self.assertEqual(page.histogram('t', '', {'phyllome': []}, ['phyllome']), '')
        self.assertEqual(page.lines('t', '', {}, []), '')

    def test_bars_of_zeros(self):
        self.assertIn('width="0.0"', page.bars('t', '', {'phyllome': 0}, ['phyllome']))


class Arguments(unittest.TestCase):
    def read(self, line):
        return bench.read_arguments(['--image', 'i', *line.split()])

    def test_a_measure_may_follow_an_option(self):
        for line in ('--against sway-gtk frame', 'frame --against sway-gtk', '--against sway-gtk -- frame'):
            arguments = self.read(line)
            self.assertEqual((arguments.against, arguments.names), (['sway-gtk'], ['frame']), line)
        arguments = self.read('--guests 1 8 switch pacing --against cage-gtk,sway-gtk')
        self.assertEqual((arguments.guests, arguments.names, arguments.against), ([1, 8], ['switch', 'pacing'], ['cage-gtk', 'sway-gtk']))
        self.assertEqual(self.read('--against cage-gtk --against sway-gtk').against, ['cage-gtk', 'sway-gtk'])
        self.assertEqual(self.read('--against none').against, ['none'])

    def test_usual(self):
        arguments = self.read('')
        self.assertEqual((arguments.against, arguments.guests, arguments.names), (list(bench.SESSIONS[1:]), [], []))

    def test_what_it_does_not_know(self):
        for line in ('--against nobody', '--against frame', '--guests eight', '--guests frame', 'nothing'):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                self.read(line)


class Judge(unittest.TestCase):
    def test_percentile(self):
        self.assertEqual(percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(percentile(range(1, 101), 0.99), 99)
        self.assertEqual(percentile([5], 0.99), 5)

    def test_percentile_of_all_that_were_sent(self):
        self.assertEqual(percentile(range(1, 100), 0.99, missing=1), 99)
        self.assertEqual(percentile(range(1, 99), 0.99, missing=2), math.inf)
        self.assertEqual(percentile([3, 1], 0.5, missing=2), 3)
        self.assertEqual(percentile([], 0.5, missing=1), math.inf)

    def test_frames(self):
        # Drawn at 0, 10, 20, 30; the third is never shown, the second twice, then something else.
        seen = [(5, 0), (15, 1), (25, 1), (35, 3), (45, None), (50, 9)]
        self.assertEqual(judge_frames([0, 10, 20, 30], seen, 5), ([1, 1, 1], 1, 1, 2))

    def test_what_a_commit_has_is_on_the_screen_at_the_next_flip(self):
        # A commit just after each flip, read soon, and once more at the flip; the last one has no flip yet.
        events = [(1000, None, 1300, 'a'), (17000, 1, 17200, 'a'), (18000, None, 18300, 'b'), (34000, 2, 34200, 'b'), (35000, None, 35200, 'c')]
        self.assertEqual(pair_flips(events), [(17000, 1, ['a', 'a']), (34000, 2, ['b', 'b'])])

    def test_what_was_read_when_the_next_commit_may_be_there_is_left_out(self):
        # At the flip it was read when the next commit was about to be taken over.
        events = [(1000, None, 1300, 'a'), (17000, 1, 17600, 'b'), (18000, None, 18300, 'b'), (34000, 2, 35000, 'b')]
        self.assertEqual(pair_flips(events), [(17000, 1, ['a']), (34000, 2, ['b', 'b'])])
        # What changed while it was read says nothing.
        self.assertEqual(pair_flips([(1000, None, 1300, None), (17000, 1, 17600, 'a')]), [(17000, 1, ['a'])])

    def test_a_flip_without_a_commit_is_none(self):
        self.assertEqual(pair_flips([(100, 1, 200, 'a'), (1000, None, 1300, 'b'), (2000, 2, 2100, 'b'), (3000, 3, 3100, 'b')]),
                         [(2000, 2, ['b', 'b', 'b'])])

    def test_numbers_and_torn_frames(self):
        def look(first, last, fb=7):
            return [(fb, (first, last)), (8, (0x303030, 0x303030))]
        flips = [(1, 1, [look(0, 0)]), (2, 2, [look(1, 0)]), (3, 3, [look(2, 2), look(2, 4)]),
                 (4, 4, [look(5, 5), look(6, 6, 9)]), (5, 5, [look(0x303030, 0x303030)]), (6, 6, [])]
        # The second has two numbers, the third is drawn over; the fourth gave way to another buffer.
        self.assertEqual(read_numbers(flips), ([(1, 0), (2, None), (3, None), (4, 5), (5, None), (6, None)], 2))

    def test_rate(self):
        flips = [(0, 10, []), (20, 12, []), (30, 13, []), (40, 14, [])]
        self.assertEqual(judge_rate(flips, [(0, 0), (20, 1), (30, 1), (40, 2)]), (10, 4, 2))
        self.assertEqual(judge_rate([], []), (None, 0, 0))

    def test_a_number_before_its_frame_is_of_an_earlier_run(self):
        self.assertEqual(judge_frames([100], [(50, 0), (105, 0)], 5), ([1], 0, 0, 1))

    def test_edges(self):
        self.assertEqual(match_edges([(10, 1), (20, 0)], [(5, 0), (12, 1), (27, 0)]), [2, 7])
        self.assertEqual(match_edges([(10, 1), (20, 0), (30, 1)], [(12, 1), (33, 1)]), [2, 3])

    def test_the_first_flip_with_the_picture_counts(self):
        flips = [(when, number, [[(7, (pixel,))] for pixel in pixels])
                 for number, (when, pixels) in enumerate([(12, [1]), (14, []), (17, [2]), (22, [1, 2]), (25, [9]), (28, [3, 3])])]
        seen = name_pictures(flips, {1: 'a', 2: 'b', 3: 'a'})
        self.assertEqual(seen, [(12, 'a'), (14, None), (17, 'b'), (22, None), (25, None), (28, 'a')])
        self.assertEqual(match_edges([(10, 'b'), (20, 'a'), (30, 'b')], seen), [7, 8])

    def test_way(self):
        # On one processor a (before and in the span), b, nobody, a again; on the other c all the time.
        switches = [(0, 0, 'a'), (0, 1, 'c'), (12, 0, 'b'), (15, 0, None), (17, 0, 'a')]
        self.assertEqual(judge_way(switches, [(10, 20)]), {'a': (5, 1), 'b': (3, 1), 'c': (10, 0)})
        self.assertEqual(judge_way(switches, [(10, 20), (12, 15), (13, 14)])['a'], (0, 0))
        self.assertEqual(judge_way([], [(0, 1)]), {})


if __name__ == '__main__':
    unittest.main()
