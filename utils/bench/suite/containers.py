"""Sets and hashes: throughput at pipeline 16 beside the peer, and resident bytes beyond payload."""

import time
from contextlib import ExitStack

from .process import note
from .report import median, print_table, ratio

HELP = "SADD, SPOP, SISMEMBER, HSET, HGET, HGETALL of 100 fields at pipeline 16; bytes per set, hash and field"
KEY_BYTES = 16

# (name, what is filled before, how many elements, what is measured)
SPEED_CASES = (
    ("SADD to 1M", "SADD set __key__", 1_000_000, "SADD set __key__"),
    ("SISMEMBER of 1M", "SADD set __key__", 1_000_000, "SISMEMBER set __key__"),
    ("SPOP of many", "SADD set __key__", 3_000_000, "SPOP set"),
    ("HSET to 1M", "HSET hash __key__ __value__", 1_000_000, "HSET hash __key__ __value__"),
    ("HGET of 1M", "HSET hash __key__ __value__", 1_000_000, "HGET hash __key__"),
    ("HSET to 10 in 100k", "HSET __key__ f0 v f1 v f2 v f3 v f4 v f5 v f6 v f7 v f8 v f9 v", 100_000,
     "HSET __key__ f7 __value__"),
    ("HGET of 10 in 100k", "HSET __key__ f0 v f1 v f2 v f3 v f4 v f5 v f6 v f7 v f8 v f9 v", 100_000,
     "HGET __key__ f7"),
    ("HGETALL of 100", "HSET hash __key__ __value__", 100, "HGETALL hash"),
)
# (name, what is filled, how many, payload bytes of each)
MEMORY_CASES = (
    ("set of 10 integers", "SADD __key__ 10 20 30 40 50 60 70 80 90 100", 200_000, KEY_BYTES + 10 * 2),
    ("hash of 10 fields", "HSET __key__ f0 v0 f1 v1 f2 v2 f3 v3 f4 v4 f5 v5 f6 v6 f7 v7 f8 v8 f9 v9", 200_000,
     KEY_BYTES + 10 * 4),
    ("field of a hash of 1M", "HSET hash __key__ __value__", 1_000_000, KEY_BYTES + 8),
    ("member of a set of 1M", "SADD set __key__", 1_000_000, KEY_BYTES),
)


def add_options(parser):
    parser.add_argument("--pipeline", type=int, default=16)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--value-size", type=int, default=8)
    parser.add_argument("--parts", choices=("speed", "memory", "both"), default="both")


def run(bench, options):
    results = {}
    if options.parts != "memory":
        results["speed"] = [_speed(bench, options, *case) for case in SPEED_CASES]
        _print_speed(results["speed"])
    if options.parts != "speed":
        results["memory"] = [_memory(bench, options, *case) for case in MEMORY_CASES]
        _print_memory(results["memory"])
    return results


def _speed(bench, options, name, filled, count, measured):
    with ExitStack() as stack:
        servers = {side: stack.enter_context(bench.start(side)) for side in ("ours", "peer")}
        for side in servers:
            bench.fill(servers[side], count, value_size=options.value_size, command=filled)
        rounds = {side: [] for side in servers}
        for turn in range(options.rounds):
            for side in list(servers) if turn % 2 == 0 else reversed(servers):
                rounds[side].append(bench.load(
                    servers[side], command=measured, pipeline=options.pipeline, connections=options.connections,
                    keys=count, value_size=options.value_size, seconds=options.seconds, seed=turn + 1))
                if measured.startswith("SPOP"):
                    bench.fill(servers[side], count, command=filled)
    note(f"{name}: done")
    result = {"case": name, "rounds": rounds}
    for key, field in (("rate", "rate_per_s"), ("cpu_ns", "server_cpu_ns_per_request")):
        values = {side: [report[field] for report in reports] for side, reports in rounds.items()}
        for side in rounds:
            result[f"{side}_{key}"] = median(values[side])
        result[f"{key}_ratio"] = ratio(values["ours"], values["peer"])
    return result


def _memory(bench, options, name, filled, count, payload):
    result = {"case": name}
    for side in ("ours", "peer"):
        with bench.start(side) as server:
            empty = server.rss_bytes()
            bench.fill(server, count, value_size=options.value_size, command=filled)
            time.sleep(1)  # for work that the server does after the last command
            result[side] = (server.rss_bytes() - empty) / count - payload
    note(f"{name}: done")
    return result


def _print_speed(results):
    rows = [(r["case"], r["ours_rate"], r["peer_rate"], r["rate_ratio"], r["ours_cpu_ns"], r["peer_cpu_ns"],
             r["cpu_ns_ratio"]) for r in results]
    print_table("Sets and hashes (ratio above 1 and CPU ratio below 1: ours is better)",
                ("case", "ours/s", "peer/s", "ratio", "ours CPU ns", "peer CPU ns", "CPU ratio"), rows)


def _print_memory(results):
    rows = [(r["case"], r["ours"], r["peer"], r["ours"] / r["peer"]) for r in results]
    print_table("RSS beyond payload and the empty server, bytes each", ("of", "ours", "peer", "ratio"), rows)
