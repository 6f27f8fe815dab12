#!/usr/bin/env python3
"""Measures a server of ours beside a peer on the same machine, interleaved. See README.md.

Every measurement starts its own servers on free ports, ends them by pid, and stops by itself after --limit seconds.
"""

import argparse
import os
import signal
import sys

from suite import (append_log, bgsave, containers, expiry, freeing, growth, hitratio, idle, instructions, latency, memory,
                   stalls, startup, syscalls, threads, throughput, tls)
from suite.process import REDIS_STYLE, Bench, Failure
from suite.report import write_json

MEASUREMENTS = {
    "throughput": throughput,
    "latency": latency,
    "memory": memory,
    "containers": containers,
    "growth": growth,
    "hitratio": hitratio,
    "bgsave": bgsave,
    "expiry": expiry,
    "freeing": freeing,
    "stalls": stalls,
    "startup": startup,
    "log": append_log,
    "idle": idle,
    "instructions": instructions,
    "syscalls": syscalls,
    "tls": tls,
    "threads": threads,
}
TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "bench", "utils", "bench")
OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "src", "torc-server")


def common_options():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--ours", default=os.path.normpath(OURS), help="server under test")
    parser.add_argument("--peer", default="redis-server", help="server to compare with (default redis-server)")
    parser.add_argument("--ours-args", default=REDIS_STYLE, help="its arguments; {port}, {dir} and {extra} are filled in")
    parser.add_argument("--peer-args", default=REDIS_STYLE, help="the same for the peer")
    parser.add_argument("--bare", default=os.path.join(os.path.normpath(TOOLS), "bare_responder"))
    parser.add_argument("--load", default=os.path.join(os.path.normpath(TOOLS), "load"))
    parser.add_argument("--server-core", type=int, default=1)
    parser.add_argument("--load-core", type=int, default=0)
    parser.add_argument("--priority", type=int, default=0, help="nice value of servers and generator")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="per server and round (default 2)")
    parser.add_argument("--limit", type=int, default=1800, help="the whole run ends after so many seconds")
    parser.add_argument("--json", help="result file (default build/bench/<measurement>.json)")
    return parser


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="measurement", required=True, metavar="MEASUREMENT")
    common = common_options()
    for name, module in MEASUREMENTS.items():
        module.add_options(commands.add_parser(name, parents=[common], help=module.HELP,
                                               description=module.HELP.replace("%%", "%")))
    return parser.parse_args(arguments)


def _give_up(number, _frame):
    # An exception, so that every server is stopped on the way out.
    raise Failure("the time limit is over" if number == signal.SIGALRM else f"signal {number}")


def main(arguments):
    options = parse(arguments)
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _give_up)
    signal.alarm(options.limit)
    try:
        results = MEASUREMENTS[options.measurement].run(Bench(options), options)
        write_json(options, options.measurement, results)
    except Failure as failure:
        print(f"{options.measurement}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
