"""Memory and stalls while a data set is saved in the background under writes."""

import os
import threading
import time

from .growth import coarse, recurring_worst
from .process import WITHOUT_SPINNING, Failure, note
from .report import print_table

HELP = "peak RSS and server CPU time from a PING to its answer (one a ms) during BGSAVE under writes"

# What begins it, and what INFO says when it is over.
SAVE = ("BGSAVE", b"rdb_bgsave_in_progress:0")
REWRITE = ("BGREWRITEAOF", b"aof_rewrite_in_progress:0")
WRITES_BEFORE_S = 2
PARTS = 20  # of a save, that those of several rounds are compared by

# How one value of each type is filled, and what then writes to it without making it grow.
ONE_VALUE = {
    "hash": ("HSET one __key__ __value__", "HSET one __key__ __value__"),
    "set": ("SADD one __key__", "SADD one __key__"),
    "zset": ("ZADD one __number__ __key__", "ZADD one __number__ __key__"),
    "list": ("RPUSH one __value__", "LMOVE one one LEFT RIGHT"),
    "stream": ("XADD one * f __value__", "XADD one MAXLEN ~ {keys} * f __value__"),
}


def add_options(parser):
    parser.set_defaults(ours_args=WITHOUT_SPINNING, rounds=1)
    parser.add_argument("--millions", type=float, default=5)
    parser.add_argument("--rewrite", action="store_true", help="of the append-only log, instead of BGSAVE")
    parser.add_argument("--one-value", choices=ONE_VALUE, metavar="TYPE",
                        help="instead of keys one value of as many members, which takes the writes: " + ", ".join(ONE_VALUE))
    parser.add_argument("--load-seconds", type=float, default=25,
                        help="of writes that go on before, beside and after BGSAVE, which begins after two")
    parser.add_argument("--rate", type=float, default=40_000, help="SETs offered per second (default 40000)")
    parser.add_argument("--pipeline", type=int, default=16)
    parser.add_argument("--value-size", type=int, default=64)


def run(bench, options):
    rounds = {"ours": [], "peer": []}
    for turn in range(options.rounds):
        for name in ("ours", "peer"):
            note(f"round {turn + 1} of {options.rounds}: {name}")
            rounds[name].append(_round(bench, options, name))
    rows = []
    for name, results in rounds.items():
        for result in results:
            rows.append((name, result["save_s"], result["rss_before"] / 1e6, result["rss_ratio"],
                         result["probe"]["p50"], result["rate_per_s"], result["saving"]["worst"], result["saving"]["p99"],
                         result["beside"]["worst"], result["beside"]["p99"]))
        for result in results:
            note(f"{name}, worst by thread: " + ", ".join(f"{thread} {us:.0f}" for thread, us in result["worst"] if us > 1))
        if len(results) > 1:
            note(f"{name}: what comes again at the same place of each save: at most "
                 f"{recurring_worst([result['saving']['parts'] for result in results]):.0f} µs")
    what = "BGREWRITEAOF" if options.rewrite else "BGSAVE"
    print_table(f"{what} under writes (probe: µs of the server's CPU; peak: with children, private pages; "
                "p99 of the worst of each thousandth of the load)",
                ("server", "seconds", "MB before", "peak ratio", "p50", "SET/s", "worst while saving", "p99",
                 "worst before and after", "p99"), rows)
    return rounds


def _round(bench, options, name):
    keys = int(options.millions * 1_000_000)
    fill, write = _commands(options.one_value, keys)
    common = {"keys": keys, "rate": options.rate, "pipeline": options.pipeline, "value_size": options.value_size, **write}
    extra = "--appendonly yes --auto-aof-rewrite-percentage 0" if options.rewrite else ""
    with bench.start(name, extra=extra, ready_s=60) as server:
        # Two tokens of a command take two numbers: an odd range has each of them come at each place.
        total = keys + 1 if options.one_value == "zset" else keys
        bench.fill(server, keys, total=total, value_size=options.value_size, command=fill)
        bench.load(server, seconds=2, **common)
        before = _memory(server)
        watch = _Watch(server, *(REWRITE if options.rewrite else SAVE))
        report = bench.load(server, seconds=options.load_seconds, probe_pid=server.pid, **common)
        watch.finish()
        if watch.save_s is None:
            raise Failure(f"{name}: it did not end within the load's time: --load-seconds")
    saving, beside = _parts(report, watch)
    return {"rss_before": before, "peak": watch.peak, "rss_ratio": watch.peak / before, "save_s": watch.save_s,
            "probe": report["probe_inside_cpu_us"], "between": report["probe_cpu_us"], "saving": saving, "beside": beside,
            "worst": report["probe_worst_us_by_thread"], "rate_per_s": report["rate_per_s"]}


def _parts(report, watch):
    """The probe while the save went on, and in the same load before and after it: the longer one looks, the worse is
    the worst that the machine causes."""
    slices = report["probe_worst_inside_us_by_slice"]
    slice_s = report["seconds"] / len(slices)
    saving, beside = [], []
    for number, worst in enumerate(slices):
        begin = report["begin_monotonic_s"] + number * slice_s
        (saving if begin + slice_s >= watch.begin and begin <= watch.end else beside).append(worst)
    return _worst(saving), _worst(beside)


def _worst(slices):
    ordered = sorted(slices) or [0]
    return {"worst": ordered[-1], "p99": ordered[int(0.99 * (len(ordered) - 1))], "parts": coarse(slices, PARTS)}


def _commands(kind, keys):
    """What fills (None: the usual SETs), and what then writes."""
    if kind is None:
        return None, {"mix": "SET=1"}
    fill, write = ONE_VALUE[kind]
    return fill, {"command": write.format(keys=keys)}


def _private_bytes(pid):
    """Pages that no other process shares, and for a parent and its fork together each page once."""
    total = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    total = int(line.split()[1]) * 1024
    except OSError:
        pass
    return total


def _children(pid):
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                if file.read().rpartition(")")[2].split()[1] == str(pid):
                    yield name
        except OSError:
            pass


def _memory(server):
    return sum(_private_bytes(pid) for pid in [server.pid, *_children(server.pid)])


class _Watch:
    """Begins the save, and notes when it ended and the most memory; on a thread of its own."""

    def __init__(self, server, command, over):
        self.server = server
        self.command = command
        self.over = over  # what INFO says when it is done
        self.peak = 0
        self.save_s = None
        self.begin = self.end = None
        self._stop = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        # Looking costs some milliseconds, which the load must not lack.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 1)
        time.sleep(WRITES_BEFORE_S)
        self.begin = time.monotonic()
        self.server.command(self.command)
        while not self._stop:
            self.peak = max(self.peak, _memory(self.server))
            if self.save_s is None and time.monotonic() - self.begin > 0.5:
                if self.over in self.server.command("INFO persistence"):
                    self.end = time.monotonic()
                    self.save_s = self.end - self.begin
            time.sleep(0.25)

    def finish(self):
        self._stop = True
        self._thread.join()
