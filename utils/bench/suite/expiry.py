"""Stalls and memory when millions of keys fall due in the same second, under other traffic."""

import threading
import time

from .growth import coarse, recurring_worst
from .process import WITHOUT_SPINNING, Failure, note
from .report import print_table

HELP = "5 million keys due in the same second under 100,000 other requests/s: worst stall, seconds until keys and memory are gone"
PARTS = 50  # of a run, that those of several rounds are compared by
GONE_PART = 0.9  # of what the doomed keys took


def add_options(parser):
    parser.set_defaults(ours_args=WITHOUT_SPINNING, rounds=1)
    parser.add_argument("--millions", type=float, default=5)
    parser.add_argument("--others", type=int, default=500_000, help="keys that stay (default 500000)")
    parser.add_argument("--rate", type=float, default=100_000, help="requests offered per second (default 100000)")
    parser.add_argument("--pipeline", type=int, default=16)
    parser.add_argument("--value-size", type=int, default=64)
    parser.add_argument("--due-in", type=float, default=40, help="seconds for filling, before the keys fall due")
    parser.add_argument("--only", choices=("ours", "peer"))


def run(bench, options):
    rounds = {name: [] for name in ((options.only,) if options.only else ("ours", "peer"))}
    for turn in range(options.rounds):
        for name, results in rounds.items():
            note(f"round {turn + 1} of {options.rounds}: {name}")
            results.append(_round(bench, options, name))
    rows = [(name, result["rate_per_s"], result["keys_gone_s"], result["memory_back_s"], result["probe"]["p50"],
             result["probe"]["p999"], result["probe"]["max"], result["steady"]["max"], result["inside"]["max"])
            for name, results in rounds.items() for result in results]
    print_table(f"{options.millions:g} million keys due at once (probe: µs of server CPU between two answers)",
                ("server", "req/s", "keys gone after s", "memory back after s", "p50", "p99.9", "worst",
                 "worst before", "worst from PING to answer"), rows)
    for name, results in rounds.items():
        if len(results) > 1:
            again = recurring_worst([coarse(result["inside_by_slice"], PARTS) for result in results])
            note(f"{name}: what comes again at the same time of each round: at most {again:.0f} µs")
    return rounds


def _round(bench, options, name):
    doomed = int(options.millions * 1_000_000)
    # Key numbers from 0 on: a mix draws from all of them.
    others = {"keys": options.others, "value_size": options.value_size, "mix": "GET=9,SET=1", "rate": options.rate, "pipeline": options.pipeline}
    with bench.start(name) as server:
        bench.fill(server, options.others, value_size=options.value_size)
        rss_without = server.rss_bytes()
        due = time.time() + options.due_in
        bench.fill(server, options.others + doomed, first=options.others, value_size=options.value_size,
                   command=f"SET __key__ __value__ PXAT {int(due * 1000)}")
        if time.time() > due - 4:
            raise Failure(f"{name}: filling took too long: --due-in")
        rss_with = server.rss_bytes()
        steady = bench.load(server, seconds=2, probe_pid=server.pid, **others)
        time.sleep(max(due - time.time() - 1, 0))
        watch = _Watch(server, due, options.others, rss_without + (rss_with - rss_without) * (1 - GONE_PART))
        report = bench.load(server, seconds=14, probe_pid=server.pid, **others)
        watch.finish()
    return {"rate_per_s": report["rate_per_s"], "probe": report["probe_cpu_us"],
            "inside": report["probe_inside_cpu_us"], "steady": steady["probe_cpu_us"],
            "keys_gone_s": watch.keys_gone_s, "memory_back_s": watch.memory_back_s, "rss_with": rss_with,
            "rss_without": rss_without, "inside_by_slice": report["probe_worst_inside_us_by_slice"]}


class _Watch:
    """When the keys had gone and when the memory was back, seconds after they were due; infinite if they never did."""

    def __init__(self, server, due, keys_left, rss_left):
        self.keys_gone_s = float("inf")
        self.memory_back_s = float("inf")
        self._stop = False
        self._arguments = (server, due, keys_left, rss_left)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        server, due, keys_left, rss_left = self._arguments
        while not self._stop:
            time.sleep(0.1)
            passed_s = time.time() - due
            if passed_s < 0:
                continue
            if self.keys_gone_s == float("inf"):
                if int(server.command("DBSIZE")[1:].strip()) <= keys_left:
                    self.keys_gone_s = passed_s
            elif server.rss_bytes() <= rss_left:
                self.memory_back_s = passed_s
                return

    def finish(self):
        self._stop = True
        self._thread.join()
