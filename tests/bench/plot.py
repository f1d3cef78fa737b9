# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Plots as SVG, written by hand: bars, and curves on logarithmic axes."""

import math
from xml.sax.saxutils import escape

COLOURS = {'tartan': '#1b6e3c', 'gnumach': '#b03a2e', 'linux': '#2e5fb0'}


def text(x, y, words, anchor='start', size=12):
    return ('<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" '
            'font-family="sans-serif">%s</text>' % (x, y, anchor, size,
                                                    escape(words)))


def write(path, width, height, parts):
    with open(path, 'w', encoding='utf-8') as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" '
                'height="%d">\n<rect width="100%%" height="100%%" '
                'fill="white"/>\n' % (width, height))
        f.write('\n'.join(parts))
        f.write('\n</svg>\n')


def bars(path, title, rows):
    """One horizontal bar for each (name, value)."""
    if not rows:
        return
    width, left, step = 860, 270, 20
    most = max(value for _, value in rows) or 1
    scale = (width - left - 80) / most
    parts = [text(10, 22, title, size=16)]
    for i, (name, value) in enumerate(rows):
        y = 40 + i * step
        parts.append(text(left - 8, y + 13, name, 'end'))
        parts.append('<rect x="%d" y="%d" width="%.1f" height="%d" '
                     'fill="%s"/>' % (left, y, max(value * scale, 1),
                                      step - 5, COLOURS['tartan']))
        parts.append(text(left + value * scale + 6, y + 13,
                          '%.2f' % value))
    if most > 1 and 'relative' in title:
        parts.append('<line x1="%.1f" y1="34" x2="%.1f" y2="%d" '
                     'stroke="#b03a2e" stroke-dasharray="4 3"/>' % (
                         left + scale, left + scale, 40 + len(rows) * step))
    write(path, width, 50 + len(rows) * step, parts)


def curves(path, title, label, lines):
    """Curves {system: [(x, y)]}; x is logarithmic, y starts at 0."""
    width, height, left, bottom = 640, 400, 70, 50
    points = [p for line in lines.values() for p in line]
    low = math.log10(min(x for x, _ in points))
    high = max(math.log10(max(x for x, _ in points)), low + 1)
    most = max(y for _, y in points) * 1.1 or 1

    def place(x, y):
        return (left + (math.log10(x) - low) / (high - low) *
                (width - left - 120),
                height - bottom - y / most * (height - bottom - 40))

    parts = [text(10, 22, title, size=16),
             text((width - 60) / 2, height - 10, label, 'middle')]
    for n in range(math.ceil(low), math.floor(high) + 1):
        x, y = place(10 ** n, 0)
        parts.append(text(x, y + 18, '%d' % 10 ** n, 'middle', 11))
    for n in range(5):
        x, y = place(10 ** low, most * n / 4)
        parts.append(text(x - 6, y + 4, '%d' % (most * n / 4), 'end', 11))
        parts.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" '
                     'stroke="#ddd"/>' % (x, y, width - 120, y))
    for system, line in lines.items():
        where = [place(x, y) for x, y in sorted(line)]
        colour = COLOURS.get(system, 'black')
        parts.append('<polyline fill="none" stroke="%s" stroke-width="2" '
                     'points="%s"/>' % (colour, ' '.join(
                         '%.1f,%.1f' % p for p in where)))
        parts.append(text(where[-1][0] + 8, where[-1][1] + 4, system))
    write(path, width, height, parts)
