"""User-space instructions per command, counted by callgrind: a figure that a busy machine does not blur."""

import os
import shutil
import tempfile

from .process import Failure, note
from .report import print_table

HELP = "user-space instructions per GET and SET at pipeline 16 and 1 (callgrind)"
# Periodic work would be charged to the slower run: as little of it as there can be.
QUIET = "--hz 1"


def add_options(parser):
    parser.add_argument("--keys", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=40_000, help="between the two counts (default 40000)")
    parser.add_argument("--commands", nargs="+", default=["GET", "SET"])
    parser.add_argument("--pipelines", nargs="+", type=int, default=[16, 1])
    parser.add_argument("--connections", type=int, default=50)


def run(bench, options):
    if shutil.which("valgrind") is None:
        raise Failure("valgrind is not installed")
    results = []
    for pipeline in options.pipelines:
        for command in options.commands:
            result = {"command": command, "pipeline": pipeline}
            for name in ("ours", "peer"):
                few = _instructions(bench, options, name, command, pipeline, options.requests // 4)
                many = _instructions(bench, options, name, command, pipeline, options.requests // 4 + options.requests)
                result[name] = (many - few) / options.requests
                note(f"{name} {command} at pipeline {pipeline}: {result[name]:,.0f}")
            results.append(result)
    rows = [(r["command"], r["pipeline"], r["ours"], r["peer"], r["ours"] / r["peer"]) for r in results]
    print_table("Instructions per command, user space", ("command", "pipeline", "ours", "peer", "ratio"), rows)
    return results


def _instructions(bench, options, name, command, pipeline, requests):
    """Of a whole life of the server: start, filling, `requests` commands, stop."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        out = os.path.join(directory, "callgrind.out")
        wrapper = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--quiet")
        with bench.start(name, extra=QUIET, wrapper=wrapper, ready_s=120) as server:
            bench.fill(server, options.keys)
            bench.load(server, timeout_s=300, mix=f"{command}=1", pipeline=pipeline, requests=requests,
                       keys=options.keys, connections=options.connections)
        return _total(out)


def _total(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("totals:"):
                    return int(line.split()[1])
    except OSError as error:
        raise Failure(f"callgrind left no result: {error}") from error
    raise Failure(f"no totals in {path}")
