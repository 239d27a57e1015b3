#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the plots of scale."""

import os
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page  # noqa: E402


def figure(case, value, name='CPU without QEMU', measure='scale'):
    return {'measure': measure, 'session': 'phyllome', 'case': case, 'figure': name, 'value': value, 'unit': 'µs/frame'}


class Curves(unittest.TestCase):
    RECORDS = [figure('1 guest on 1 monitor', 100), figure('2 guests on 1 monitor', 150), figure('4 guests on 2 monitors', 200),
               figure('3d alone on monitor 1', 90), figure('4 guests on 2 monitors', 240, 'frames shown'),
               figure('4 guests on 2 monitors', 7, measure='frame'),
               {'measure': 'scale', 'session': 'phyllome', 'case': '4 guests on 4 monitors', 'error': 'none'}]

    def test_a_line_for_each_number_of_monitors(self):
        found = page.curves(self.RECORDS)
        self.assertEqual(len(found), 1)
        shape = xml.etree.ElementTree.fromstring(found[0])
        self.assertEqual(len(shape.findall('.//polyline')), 2)
        self.assertEqual([(one.get('cx'), one.get('cy')) for one in shape.iter('circle')],
                         [('175.0', '102.5'), ('350.0', '53.8'), ('700.0', '5.0')])
        self.assertIn('1 monitor', found[0])
        self.assertIn('2 monitors', found[0])

    def test_they_are_on_the_page(self):
        text = page.render({'date': '2026-01-01', 'computer': {'cpus': 1, 'memory': 1, 'shift': 0}, 'records': self.RECORDS})
        self.assertIn(page.curves(self.RECORDS)[0], text)

    def test_nothing_is_no_curve(self):
        self.assertEqual(page.curves([]), [])
        self.assertEqual(page.curve('t', '', {}), '')


if __name__ == '__main__':
    unittest.main()
