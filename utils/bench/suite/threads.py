"""One process with several shards: throughput by `threads`, the price of a borrow, and who feels one hot key."""

import os
import subprocess
import threading

from .process import REDIS_STYLE, Failure, Server, note
from .report import median, print_table

HELP = "throughput at threads 1, 2, 4, 8, what a command over all shards costs, and p99 beside one hot key"
# Keys that lie anywhere: all shards are borrowed for ten of them, nearly always.
BORROWING = "MSET"


def add_options(parser):
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--commands", nargs="+", default=["GET", "SET", BORROWING])
    parser.add_argument("--pipelines", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--probe-rate", type=float, default=500, help="requests/s of who looks beside the hot key")


def run(bench, options):
    cells, borrows, hot = [], [], []
    for threads in options.threads:
        with _server(options, threads) as server:
            bench.fill(server, options.keys)
            for pipeline in options.pipelines:
                for command in options.commands:
                    cells.append(_cell(bench, options, server, threads, command, pipeline))
            borrows.append(_borrow(bench, options, server, threads))
            hot.append(_hot_key(bench, options, server, threads))
        note(f"threads {threads}: done")
    print_table("Requests/s (medians)", ("threads", "command", "pipeline", "requests/s", "to threads 1", "CPU ns"),
                [(c["threads"], c["command"], c["pipeline"], c["rate"], c["rate"] / _first(cells, c)["rate"],
                  c["cpu_ns"]) for c in cells])
    print_table("A command over all shards by one client that waits for each answer, in µs",
                ("threads", "p50", "p99", "GET of one key p50", "GET p99"),
                [(b["threads"], b["all"]["p50"], b["all"]["p99"], b["one"]["p50"], b["one"]["p99"]) for b in borrows])
    print_table("Latency in µs of other keys, alone and beside a load on one key",
                ("threads", "alone p50", "alone p99", "beside p50", "beside p99", "p99 ratio"),
                [(h["threads"], h["alone"]["p50"], h["alone"]["p99"], h["beside"]["p50"], h["beside"]["p99"],
                  h["beside"]["p99"] / h["alone"]["p99"]) for h in hot])
    return {"throughput": cells, "borrow": borrows, "hot_key": hot}


def _server(options, threads):
    return Server("ours", os.path.abspath(options.ours), REDIS_STYLE, f"--threads {threads}",
                  priority=options.priority)


def _first(cells, cell):
    return next(c for c in cells if (c["command"], c["pipeline"]) == (cell["command"], cell["pipeline"]))


def _cell(bench, options, server, threads, command, pipeline):
    reports = [bench.load(server, mix=f"{command}=1", pipeline=pipeline, connections=options.connections,
                          keys=options.keys, seconds=options.seconds, seed=turn + 1)
               for turn in range(options.rounds)]
    return {"threads": threads, "command": command, "pipeline": pipeline,
            "rate": median(report["rate_per_s"] for report in reports),
            "cpu_ns": median(report["server_cpu_ns_per_request"] for report in reports)}


def _borrow(bench, options, server, threads):
    def latency(**what):
        reports = [bench.load(server, connections=1, keys=options.keys, seconds=options.seconds, seed=turn + 1, **what)
                   for turn in range(options.rounds)]
        return {field: median(report["latency_us"][field] for report in reports) for field in ("p50", "p99")}

    # DBSIZE needs all shards and does next to nothing with them.
    return {"threads": threads, "all": latency(command="DBSIZE"), "one": latency(mix="GET=1")}


def _hot_key(bench, options, server, threads):
    def probe():
        reports = [bench.load(server, mix="GET=1", connections=8, keys=options.keys, rate=options.probe_rate,
                              seconds=options.seconds, seed=turn + 1) for turn in range(options.rounds)]
        return {field: median(report["latency_us"][field] for report in reports) for field in ("p50", "p99")}

    alone = probe()
    command = [options.load, "--port", str(server.port), "--command", "GET hot", "--connections", "16",
               "--seconds", str(options.seconds * options.rounds * 2 + 5)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as load:
        stop = threading.Timer(options.limit, load.kill)
        stop.start()
        try:
            beside = probe()
            if load.poll() is not None:
                raise Failure("the load on the hot key ended early")
        finally:
            stop.cancel()
            load.terminate()
    return {"threads": threads, "alone": alone, "beside": beside}
