"""The longest stretch of CPU time between two answers to a probe while the table grows.

What belongs to the server (a rehash, a big allocation) comes again at the same number of keys in every round; what the
machine did to it (interrupts and softirqs that are charged to whoever runs) does not. So the run is cut into a
thousand slices, and the recurring worst is the largest over all slices of the least over all rounds.

How much of the plain worst is the machine's own is seen beside it: the same load for as long over keys that are there,
and to a responder that stores nothing.
"""

from .process import WITHOUT_SPINNING, note
from .report import median, print_table

HELP = "worst and p99.9 server CPU time between two answers to a 1 ms PING probe while 0 → 10 million keys arrive"
FIELDS = ("p50", "p99", "p999", "max")


def add_options(parser):
    parser.set_defaults(ours_args=WITHOUT_SPINNING, rounds=3)
    parser.add_argument("--millions", type=float, default=10)
    parser.add_argument("--rate", type=float, default=100_000, help="SETs offered per second (default 100000)")
    parser.add_argument("--pipeline", type=int, default=16)
    parser.add_argument("--value-size", type=int, default=64)


def run(bench, options):
    rounds = {"ours": [], "peer": [], "bare": []}
    for turn in range(options.rounds):
        for name in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
            note(f"round {turn + 1} of {options.rounds}: {name}")
            rounds[name].append(_round(bench, options, name))
        note(f"round {turn + 1} of {options.rounds}: bare")
        rounds["bare"].append(_bare_round(bench, options))
    results = {"rounds": rounds}
    rows = []
    for phase in ("growing", "steady"):
        for name in ("ours", "peer"):
            summary = _summary([both[phase] for both in rounds[name]])
            results[f"{name}_{phase}"] = summary
            rows.append((f"{name}, {phase}", summary["rate_per_s"], *(summary[field] for field in FIELDS),
                         summary["recurring_worst"]))
    floor = results["bare"] = _summary([both["steady"] for both in rounds["bare"]])
    rows.append(("bare responder", floor["rate_per_s"], *(floor[field] for field in FIELDS), floor["recurring_worst"]))
    print_table("Server CPU time between two answers to the probe, µs (medians of the rounds)",
                ("server, keys", "SET/s", "p50", "p99", "p99.9", "worst", "recurring worst"), rows)
    return results


def _round(bench, options, name):
    keys = int(options.millions * 1_000_000)
    with bench.start(name) as server:
        growing = bench.load(server, timeout_s=60 + 4 * keys / options.rate, order="sequential", requests=keys,
                             **_settings(options, server))
        return {"growing": growing, "steady": _steady(bench, options, server)}


def _bare_round(bench, options):
    with bench.start("bare") as server:
        return {"steady": _steady(bench, options, server)}


def _steady(bench, options, server):
    """The same load for as long, when nothing grows: the longer one looks, the worse is the worst."""
    seconds = options.millions * 1_000_000 / options.rate
    return bench.load(server, timeout_s=60 + 4 * seconds, seconds=seconds, **_settings(options, server))


def _settings(options, server):
    return {"mix": "SET=1", "keys": int(options.millions * 1_000_000), "rate": options.rate,
            "pipeline": options.pipeline, "value_size": options.value_size, "probe_pid": server.pid}


def _summary(reports):
    summary = {field: median(report["probe_cpu_us"][field] for report in reports) for field in FIELDS}
    summary["rate_per_s"] = median(report["rate_per_s"] for report in reports)
    summary["recurring_worst"] = recurring_worst([report["probe_worst_cpu_us_by_slice"] for report in reports])
    return summary


def coarse(slices, parts):
    """The worst of each of so many parts of a run."""
    return [max(slices[len(slices) * part // parts:len(slices) * (part + 1) // parts] or [0]) for part in range(parts)]


def recurring_worst(rounds):
    """A stall near the edge of a slice may fall into its neighbour next time: a slice counts with both neighbours."""
    widened = [[max(slices[max(i - 1, 0):i + 2]) for i in range(len(slices))] for slices in rounds]
    return max(min(column) for column in zip(*widened))
