"""Results as a table on stdout and as a JSON file."""

import json
import os
import platform
import statistics
import time

from .process import note, version_of

median = statistics.median


def ratio(ours, theirs):
    """Median of the ratios of interleaved rounds: what disturbs one round disturbs both sides of it."""
    return median(a / b for a, b in zip(ours, theirs) if b > 0)


def print_table(title, columns, rows):
    """`rows` hold text or numbers; numbers are grouped by thousands or shortened."""
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(columns)] + cells) for i in range(len(columns))]
    print(f"\n{title}")
    for line in [list(columns)] + cells:
        words = [line[0].ljust(widths[0])] + [word.rjust(width) for word, width in zip(line[1:], widths[1:])]
        print("  ".join(words).rstrip())


def _text(value):
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def write_json(options, name, results):
    """The figures with what is needed to judge them: machine, versions, settings."""
    path = options.json or os.path.join("build", "bench", f"{name}.json")
    document = {
        "measurement": name,
        "unix_time": int(time.time()),
        "machine": {"cpu": _cpu_model(), "cores": os.cpu_count(), "kernel": platform.release(),
                    "load_average": os.getloadavg()},
        "ours": version_of(options.ours),
        "peer": version_of(options.peer),
        "settings": {key: value for key, value in vars(options).items() if isinstance(value, (str, int, float, list))},
        "results": results,
    }
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
    note(f"written: {path}")


def _cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()
