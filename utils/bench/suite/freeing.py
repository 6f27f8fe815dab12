"""Stalls when a value with ten million members, or a database with as many keys, is deleted."""

import threading
import time

from .process import WITHOUT_SPINNING, note
from .report import print_table

HELP = "worst server CPU time between two answers to a 1 ms PING probe while DEL, UNLINK or FLUSHALL drops millions of members"
FILL = {"set": "SADD big __key__", "hash": "HSET big __key__ __value__", "zset": "ZADD big 1 __key__",
        "list": "RPUSH big __value__", "stream": "XADD big * f __value__", "keys": "SET __key__ __value__"}
DELETE = {"DEL": "DEL big", "UNLINK": "UNLINK big", "FLUSHALL": "FLUSHALL", "FLUSHALL ASYNC": "FLUSHALL ASYNC"}


def add_options(parser):
    parser.set_defaults(ours_args=WITHOUT_SPINNING, rounds=1)
    parser.add_argument("--millions", type=float, default=10)
    parser.add_argument("--types", nargs="+", choices=sorted(FILL), default=["set", "hash", "zset", "list", "keys"])
    parser.add_argument("--commands", nargs="+", choices=sorted(DELETE), default=["DEL", "UNLINK", "FLUSHALL"])
    parser.add_argument("--rate", type=float, default=10_000, help="other requests offered per second (default 10000)")
    parser.add_argument("--only", choices=("ours", "peer"))


def run(bench, options):
    results = []
    for kind in options.types:
        for command in options.commands:
            if kind == "keys" and not command.startswith("FLUSHALL"):
                continue
            for name in (options.only,) if options.only else ("ours", "peer"):
                note(f"{command} of {kind}: {name}")
                results.append(_measure(bench, options, name, kind, command))
    print_table("Server CPU time between two answers to the probe, µs",
                ("what", "command", "server", "p50", "worst", "worst before", "ms until answered"),
                [(r["kind"], r["command"], r["server"], r["probe"]["p50"], r["probe"]["max"], r["steady"]["max"],
                  r["answer_ms"]) for r in results])
    return results


def _measure(bench, options, name, kind, command):
    members = int(options.millions * 1_000_000)
    others = {"command": "GET none", "rate": options.rate, "pipeline": 1, "keys": 1}
    with bench.start(name) as server:
        bench.fill(server, members, value_size=16, command=FILL[kind])
        steady = bench.load(server, seconds=2, probe_pid=server.pid, **others)
        answer_ms = []

        def delete():
            time.sleep(1)
            begin = time.monotonic()
            server.command(DELETE[command])
            answer_ms.append((time.monotonic() - begin) * 1000)

        thread = threading.Thread(target=delete)
        thread.start()
        report = bench.load(server, seconds=5, probe_pid=server.pid, **others)
        thread.join()
    return {"server": name, "kind": kind, "command": command, "probe": report["probe_cpu_us"],
            "steady": steady["probe_cpu_us"], "answer_ms": answer_ms[0] if answer_ms else float("inf")}
