"""What the append-only log costs: CPU per SET with everysec, and how group commit does with always."""

import os
import re
import signal
import subprocess
import tempfile

from .process import note
from .report import median, print_table
from .syscalls import wait_until_traced

HELP = "CPU per SET with and without appendfsync everysec; throughput and commands per fsync with always"
LOG = "--appendonly yes --auto-aof-rewrite-percentage 0 --appendfsync "


def add_options(parser):
    parser.add_argument("--value-size", type=int, default=64)
    parser.add_argument("--keys", type=int, default=1_000_000)


def run(bench, options):
    everysec = _everysec(bench, options)
    always = _always(bench, options)
    print_table("appendfsync everysec: server CPU ns per SET at pipeline 16 (medians)",
                ("server", "no log", "everysec", "costs"),
                [(name, r["no"], r["everysec"], f"{r['everysec'] / r['no'] - 1:+.0%}") for name, r in everysec.items()])
    print_table("appendfsync always, SET at pipeline 1 (medians)",
                ("server", "connections", "SET/s", "SETs per fsync"),
                [(r["name"], r["connections"], r["rate_per_s"], f"{r['per_fsync']:.1f}") for r in always])
    return {"everysec": everysec, "always": always}


def _everysec(bench, options):
    cost = {name: {"no": [], "everysec": []} for name in ("ours", "peer")}
    for turn in range(options.rounds):
        for name in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
            for policy in ("no", "everysec"):
                note(f"round {turn + 1} of {options.rounds}: {name}, {policy}")
                extra = LOG + policy if policy == "everysec" else ""
                with bench.start(name, extra=extra) as server:
                    bench.fill(server, options.keys, value_size=options.value_size)
                    report = bench.load(server, mix="SET=1", keys=options.keys, value_size=options.value_size,
                                        pipeline=16, seconds=options.seconds)
                cost[name][policy].append(report["server_cpu_ns_per_request"])
    return {name: {policy: median(values) for policy, values in by_policy.items()}
            for name, by_policy in cost.items()}


def _always(bench, options):
    rows = []
    for connections in (50, 500):
        rates = {"ours": [], "peer": []}
        common = {"mix": "SET=1", "keys": 100_000, "value_size": options.value_size, "connections": connections}
        for turn in range(options.rounds):
            for name in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
                note(f"always, {connections} connections, round {turn + 1} of {options.rounds}: {name}")
                with bench.start(name, extra=LOG + "always") as server:
                    rates[name].append(bench.load(server, seconds=options.seconds, **common)["rate_per_s"])
        for name, values in rates.items():
            with bench.start(name, extra=LOG + "always") as server:
                per_fsync = _commands_per_fsync(bench, server, common, options.seconds)
            rows.append({"name": name, "connections": connections, "rate_per_s": median(values),
                         "per_fsync": per_fsync})
    return rows


def _commands_per_fsync(bench, server, common, seconds):
    """A run of its own: strace stops the server at its fsyncs, and nowhere else."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        out = os.path.join(directory, "strace.out")
        tracer = subprocess.Popen(["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", out, "-p", str(server.pid)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            wait_until_traced(server.pid, tracer)
            report = bench.load(server, seconds=seconds, **common)
        finally:
            if tracer.poll() is None:
                tracer.send_signal(signal.SIGINT)
            tracer.communicate(timeout=30)
        with open(out, encoding="utf-8", errors="replace") as file:
            syncs = len(re.findall(r"f(?:data)?sync\(", file.read()))
    return report["requests"] / max(syncs, 1)
