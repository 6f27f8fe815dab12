"""System calls per command, counted by strace: the kernel entries a server spends on a request."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

from .process import Failure, note
from .report import print_table

HELP = "system calls per command at pipeline 1 and 16, by name (strace -c)"


def add_options(parser):
    parser.add_argument("--mix", default="GET=1,SET=1")
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--pipelines", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--keys", type=int, default=10_000)


def run(bench, options):
    if shutil.which("strace") is None:
        raise Failure("strace is not installed")
    results = []
    for pipeline in options.pipelines:
        for name in ("ours", "peer", "bare"):
            with bench.start(name) as server:
                if name != "bare":
                    bench.fill(server, options.keys)
                calls = _count(bench, options, server, pipeline)
            per_command = {call: count / options.requests for call, count in calls.items()}
            results.append({"server": name, "pipeline": pipeline, "total": sum(per_command.values()),
                            "by_call": per_command})
            note(f"{name} at pipeline {pipeline}: done")
    rows = [(r["server"], r["pipeline"], f"{r['total']:.3f}", _top(r["by_call"])) for r in results]
    print_table(f"System calls per command ({options.connections} connections)",
                ("server", "pipeline", "total", "of them"), rows)
    return results


def _top(by_call):
    largest = sorted(by_call.items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{name} {count:.3f}" for name, count in largest)


def _count(bench, options, server, pipeline):
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        out = os.path.join(directory, "strace.out")
        tracer = subprocess.Popen(["strace", "-c", "-f", "-o", out, "-p", str(server.pid)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            wait_until_traced(server.pid, tracer)
            bench.load(server, timeout_s=300, mix=options.mix, pipeline=pipeline, requests=options.requests,
                       keys=options.keys, connections=options.connections)
        finally:
            if tracer.poll() is None:
                tracer.send_signal(signal.SIGINT)
            try:
                tracer.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                tracer.kill()
                tracer.communicate()
        return _parse(out)


def wait_until_traced(pid, tracer):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and tracer.poll() is None:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            if any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in file):
                return
        time.sleep(0.02)
    raise Failure(f"strace cannot attach to {pid}")


def _parse(path):
    """Lines of: percent, seconds, microseconds per call, calls, [errors,] name."""
    calls = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if len(words) in (5, 6) and words[3].isdigit() and words[-1] != "total":
                calls[words[-1]] = int(words[3])
    if not calls:
        raise Failure("strace counted nothing")
    return calls
