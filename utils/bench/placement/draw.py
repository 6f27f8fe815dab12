#!/usr/bin/env python3
"""Draws the plots of this folder from placement_report's output (stdin): draw.py FOLDER < report.tsv"""
import math
import os
import sys

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 70
COLOURS = ["#c0392b", "#2471a3", "#1e8449", "#b9770e", "#6c3483", "#566573"]
PLOTS = {
    "load": ("Fullest node, relative to its fair share (16384 partitions, 3 copies)", None, 1.05),
    "movement": ("Copies moved, relative to the minimum (3 zones, 3 copies)", 1.6, 1.1),
    "slots": ("CLUSTER SLOTS in KB (masters only, or replicas listed too)", None, 256),
    "pairs": ("Pairs of failing nodes that take a quorum, in % (3 copies)", 100, 2),
}


def read(lines):
    plots = {}
    for line in lines:
        plot, series, x, y = line.rstrip("\n").split("\t")
        plots.setdefault(plot, {}).setdefault(series, []).append((float(x), float(y)))
    return plots


def ticks(top):
    step = 10 ** math.floor(math.log10(top / 4))
    step = next(step * m for m in (1, 2, 5, 10) if top / (step * m) <= 6)
    return [i * step for i in range(int(top / step) + 1)]


def draw(name, series):
    title, top, goal = PLOTS[name]
    points = [p for line in series.values() for p in line]
    low, high = math.log(min(x for x, _ in points)), math.log(max(x for x, _ in points))
    top = top or max(max(y for _, y in points), goal) * 1.05
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def at(x, y):
        return (LEFT + (math.log(x) - low) / (high - low) * (right - LEFT),
                bottom - min(y, top) / top * (bottom - TOP))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           'font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="18" font-size="13">{title}</text>']
    for tick in ticks(top):
        y = at(math.exp(low), tick)[1]
        out.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in (3, 5, 10, 20, 50, 100, 200):
        if not low <= math.log(tick) <= high:
            continue
        x = at(tick, 0)[0]
        out.append(f'<text x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{tick}</text>')
    y = at(math.exp(low), goal)[1]
    out.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#888" stroke-dasharray="5 3"/>'
               f'<text x="{right}" y="{y - 3:.1f}" text-anchor="end" fill="#888">goal</text>')
    for i, (label, line) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (at(*p) for p in line))
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        x, y = LEFT + i % 2 * 290, bottom + 32 + i // 2 * 14
        out.append(f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{x + 23}" y="{y}">{label}</text>')
    out.append(f'<text x="{right}" y="{bottom + 14}" text-anchor="end" dy="12">nodes</text></svg>\n')
    return "\n".join(out)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, series in read(sys.stdin).items():
        with open(os.path.join(folder, name + ".svg"), "w", encoding="ascii") as out:
            out.write(draw(name, series))


main()
