"""Lists, sets, hashes, sorted sets and streams: throughput at pipeline 16 beside the peer, and resident bytes beyond payload."""

import time
from contextlib import ExitStack

from .process import note
from .report import median, print_table, ratio

HELP = "commands of lists, sets, hashes, sorted sets and streams at pipeline 16; bytes per value, field and member"
KEY_BYTES = 16

# (name, what is filled before, how many elements, what is measured)
SPEED_CASES = (
    ("LPUSH", "LPUSH list __value__", 100_000, "LPUSH list __value__"),
    ("LPOP of many", "LPUSH list __value__", 4_000_000, "LPOP list"),
    ("LRANGE 100 of 100k", "RPUSH list __value__", 100_000, "LRANGE list 0 99"),
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
    ("ZADD to 1M", "ZADD zset __number__ __key__", 1_000_000, "ZADD zset __number__ __key__"),
    ("ZRANK of 1M", "ZADD zset __number__ __key__", 1_000_000, "ZRANK zset __key__"),
    ("ZRANGE 10 of 1M", "ZADD zset __number__ __key__", 1_000_000, "ZRANGE zset 500000 500009"),
    ("XADD", "XADD stream * f __value__", 100_000, "XADD stream * f __value__"),
    ("XRANGE 100", "XADD stream * f __value__", 100, "XRANGE stream - +"),
)
# (name, what is filled, how many, payload bytes of each)
MEMORY_CASES = (
    ("set of 10 integers", "SADD __key__ 10 20 30 40 50 60 70 80 90 100", 200_000, KEY_BYTES + 10 * 2),
    ("hash of 10 fields", "HSET __key__ f0 v0 f1 v1 f2 v2 f3 v3 f4 v4 f5 v5 f6 v6 f7 v7 f8 v8 f9 v9", 200_000,
     KEY_BYTES + 10 * 4),
    ("field of a hash of 1M", "HSET hash __key__ __value__", 1_000_000, KEY_BYTES + 8),
    ("member of a set of 1M", "SADD set __key__", 1_000_000, KEY_BYTES),
    ("member of a sorted set of 1M", "ZADD zset __number__ __key__", 1_000_000, KEY_BYTES + 8),
    ("element of a list of 1M", "RPUSH list __value__", 1_000_000, 8),
    ("entry of a stream of 1M", "XADD stream * f __value__", 1_000_000, 8 + 8),
)


def add_options(parser):
    parser.add_argument("--pipeline", type=int, default=16)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--value-size", type=int, default=8)
    parser.add_argument("--cases", default="", help="only those whose name begins so")
    parser.add_argument("--parts", choices=("speed", "memory", "both"), default="both")


def run(bench, options):
    results = {}
    if options.parts != "memory":
        results["speed"] = [_speed(bench, options, *case) for case in SPEED_CASES if case[0].startswith(options.cases)]
        _print_speed(results["speed"])
    if options.parts != "speed":
        results["memory"] = [_memory(bench, options, *case) for case in MEMORY_CASES if case[0].startswith(options.cases)]
        _print_memory(results["memory"])
    return results


def _speed(bench, options, name, filled, count, measured):
    with ExitStack() as stack:
        servers = {side: stack.enter_context(bench.start(side)) for side in ("ours", "peer")}
        for side in servers:
            _fill(bench, servers[side], count, options.value_size, filled)
        rounds = {side: [] for side in servers}
        for turn in range(options.rounds):
            for side in list(servers) if turn % 2 == 0 else reversed(servers):
                rounds[side].append(bench.load(
                    servers[side], command=measured, pipeline=options.pipeline, connections=options.connections,
                    keys=count, value_size=options.value_size, seconds=options.seconds, seed=turn + 1))
                if measured.startswith(("SPOP", "LPOP")):
                    bench.fill(servers[side], count, command=filled)
    note(f"{name}: done")
    result = {"case": name, "rounds": rounds}
    for key, field in (("rate", "rate_per_s"), ("cpu_ns", "server_cpu_ns_per_request")):
        values = {side: [report[field] for report in reports] for side, reports in rounds.items()}
        for side in rounds:
            result[f"{side}_{key}"] = median(values[side])
        result[f"{key}_ratio"] = ratio(values["ours"], values["peer"])
    return result


def _fill(bench, server, count, value_size, command):
    """Two tokens of a command take two numbers: an odd range has each of them come at each place."""
    total = count + 1 if "__number__" in command else count
    bench.fill(server, count, total=total, value_size=value_size, command=command)


def _memory(bench, options, name, filled, count, payload):
    result = {"case": name}
    for side in ("ours", "peer"):
        with bench.start(side) as server:
            empty = server.rss_bytes()
            _fill(bench, server, count, options.value_size, filled)
            time.sleep(1)  # for work that the server does after the last command
            result[side] = (server.rss_bytes() - empty) / count - payload
    note(f"{name}: done")
    return result


def _print_speed(results):
    rows = [(r["case"], r["ours_rate"], r["peer_rate"], r["rate_ratio"], r["ours_cpu_ns"], r["peer_cpu_ns"],
             r["cpu_ns_ratio"]) for r in results]
    print_table("Types (ratio above 1 and CPU ratio below 1: ours is better)",
                ("case", "ours/s", "peer/s", "ratio", "ours CPU ns", "peer CPU ns", "CPU ratio"), rows)


def _print_memory(results):
    rows = [(r["case"], r["ours"], r["peer"], r["ours"] / r["peer"]) for r in results]
    print_table("RSS beyond payload and the empty server, bytes each", ("of", "ours", "peer", "ratio"), rows)
