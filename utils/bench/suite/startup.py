"""Time to load an RDB file at start, both servers from the same file."""

import os
import shutil
import tempfile
import time

from .process import note
from .report import median, print_table

HELP = "CPU and wall seconds from start to the end of loading an RDB file of 5 million keys"


def add_options(parser):
    parser.set_defaults(rounds=3)
    parser.add_argument("--millions", type=float, default=5)
    parser.add_argument("--value-size", type=int, default=64)


def run(bench, options):
    keys = int(options.millions * 1_000_000)
    results = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory(prefix="bench-rdb-") as directory:
        path = os.path.join(directory, "dump.rdb")
        note("making the file")
        with bench.start("peer", ready_s=60) as server:
            bench.fill(server, keys, value_size=options.value_size)
            server.command("BGSAVE")
            _wait(server, b"rdb_bgsave_in_progress:0")
            shutil.copy(os.path.join(server.directory, "dump.rdb"), path)
        for turn in range(options.rounds):
            for name in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
                note(f"round {turn + 1} of {options.rounds}: {name}")
                results[name].append(_start(bench, name, directory))
    rows = []
    for name, rounds in results.items():
        cpu_s = median(entry["cpu_s"] for entry in rounds)
        rows.append((name, median(entry["wall_s"] for entry in rounds), cpu_s, keys / cpu_s))
    print_table("Loading at start (medians)", ("server", "wall s", "CPU s", "keys per CPU second"), rows)
    return results


def _start(bench, name, directory):
    begin = time.monotonic()
    # The last --dir counts.
    with bench.start(name, extra=f"--dir {directory}", ready_s=120) as server:
        _wait(server, b"\r\nloading:0")
        return {"wall_s": time.monotonic() - begin, "cpu_s": server.cpu_ns() / 1e9}


def _wait(server, text, timeout_s=120):
    deadline = time.monotonic() + timeout_s
    while text not in server.command("INFO persistence") and time.monotonic() < deadline:
        time.sleep(0.02)
