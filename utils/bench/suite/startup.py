"""Time to load an RDB file or an append-only log at start, both servers from the same files."""

import os
import shutil
import subprocess
import tempfile
import time

from .process import note
from .report import median, print_table

HELP = "CPU and wall seconds from start to the end of loading an RDB file, or a log, of 5 million keys"
LOG = "--appendonly yes --aof-use-rdb-preamble no --auto-aof-rewrite-percentage 0"


def add_options(parser):
    parser.set_defaults(rounds=3)
    parser.add_argument("--millions", type=float, default=5)
    parser.add_argument("--value-size", type=int, default=64)
    parser.add_argument("--log", action="store_true", help="from an append-only log of SETs instead of an RDB file")


def run(bench, options):
    keys = int(options.millions * 1_000_000)
    results = {"ours": [], "peer": []}
    extra = LOG if options.log else ""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as directory:
        kept = os.path.join(directory, "kept")
        note("making the files")
        with bench.start("peer", extra=extra, ready_s=60) as server:
            bench.fill(server, keys, value_size=options.value_size)
            if not options.log:
                server.command("BGSAVE")
                _wait(server, b"rdb_bgsave_in_progress:0")
            name = "appendonlydir" if options.log else "dump.rdb"
            os.mkdir(kept)
            subprocess.run(["cp", "-r", os.path.join(server.directory, name), kept], check=True)
        for turn in range(options.rounds):
            for name in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
                note(f"round {turn + 1} of {options.rounds}: {name}")
                used = os.path.join(directory, "used")
                shutil.copytree(kept, used)
                results[name].append(_start(bench, name, f"{extra} --dir {used}"))
                shutil.rmtree(used)
    rows = []
    for name, rounds in results.items():
        cpu_s = median(entry["cpu_s"] for entry in rounds)
        rows.append((name, median(entry["wall_s"] for entry in rounds), cpu_s, keys / cpu_s))
    print_table("Loading at start (medians)", ("server", "wall s", "CPU s", "keys per CPU second"), rows)
    return results


def _start(bench, name, extra):
    begin = time.monotonic()
    # The last --dir counts.
    with bench.start(name, extra=extra, ready_s=120) as server:
        _wait(server, b"\r\nloading:0")
        return {"wall_s": time.monotonic() - begin, "cpu_s": server.cpu_ns() / 1e9}


def _wait(server, text, timeout_s=120):
    deadline = time.monotonic() + timeout_s
    while text not in server.command("INFO persistence") and time.monotonic() < deadline:
        time.sleep(0.02)
