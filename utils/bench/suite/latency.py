"""Latency at equal offered load: a share of what the peer can do at most, open loop."""

from contextlib import ExitStack

from .process import note
from .report import median, print_table

HELP = "p50/p99/p99.9 at equal offered load (70 %% of the peer's maximum at pipeline 1), free of coordinated omission"
FIELDS = ("p50", "p99", "p999", "max")


def add_options(parser):
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.7, help="of the peer's maximum (default 0.7)")
    parser.add_argument("--rate", type=float, default=0, help="requests per second instead of a share")
    parser.add_argument("--mix", default="GET=9,SET=1")
    parser.add_argument("--connections", type=int, default=50)


def run(bench, options):
    common = {"mix": options.mix, "connections": options.connections, "keys": options.keys}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(bench.start(name)) for name in ("ours", "peer")}
        for server in servers.values():
            note(f"filling {server.name}")
            bench.fill(server, options.keys)
        rate = options.rate
        if not rate:
            tries = [bench.load(servers["peer"], seconds=options.seconds, **common) for _ in range(options.rounds)]
            rate = options.share * median(report["rate_per_s"] for report in tries)
        note(f"offering {rate:,.0f} requests/s")
        rounds = {name: [] for name in servers}
        for turn in range(options.rounds):
            for name in list(servers) if turn % 2 == 0 else reversed(servers):
                rounds[name].append(bench.load(servers[name], rate=rate, warmup=min(0.5, options.seconds / 4),
                                               seconds=options.seconds, seed=turn + 1, **common))
    results = {"offered_per_s": rate, "rounds": rounds}
    for name, reports in rounds.items():
        results[name] = {field: median(report["latency_us"][field] for report in reports) for field in FIELDS}
        results[name]["achieved_per_s"] = median(report["rate_per_s"] for report in reports)
    rows = [(name, results[name]["achieved_per_s"], *(results[name][field] for field in FIELDS))
            for name in ("ours", "peer")]
    rows.append(("ratio", "", *(results["ours"][field] / results["peer"][field] for field in FIELDS)))
    if min(results[name]["achieved_per_s"] for name in servers) < 0.98 * rate:
        note("the offered rate was not held: these are waiting times of an overload, or of a busy machine")
    print_table(f"Latency in µs at {rate:,.0f} offered requests/s (medians of {options.rounds} rounds)",
                ("server", "achieved/s", "p50", "p99", "p99.9", "max"), rows)
    return results
