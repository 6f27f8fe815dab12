"""Highest throughput of single commands, closed loop, interleaved with the peer and the bare responder."""

from contextlib import ExitStack

from .process import note
from .report import median, print_table, ratio

HELP = "requests/s and server CPU per request of GET, SET, INCR, MSET(10), EVAL at pipeline 1, 16, 64"
COLUMNS = ("command", "pipeline", "ours/s", "peer/s", "ratio", "bare/s", "ours CPU ns", "peer CPU ns", "CPU ratio",
           "bare CPU ns", "ours busy", "load CPU ns")


def add_options(parser):
    parser.add_argument("--keys", type=int, default=1_000_000, help="keys loaded before (default 1000000)")
    parser.add_argument("--commands", nargs="+", default=["GET", "SET", "INCR", "MSET"])
    parser.add_argument("--pipelines", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--value-size", type=int, default=64)


def run(bench, options):
    with ExitStack() as stack:
        servers = {name: stack.enter_context(bench.start(name)) for name in ("ours", "peer", "bare")}
        for name in ("ours", "peer"):
            note(f"filling {name}")
            bench.fill(servers[name], options.keys, value_size=options.value_size)
            if "INCR" in options.commands:
                bench.fill(servers[name], options.keys, command="INCR __ctr__")
        results = [_cell(bench, options, servers, command, pipeline)
                   for pipeline in options.pipelines for command in options.commands]
    _print(results)
    return results


def _cell(bench, options, servers, command, pipeline):
    rounds = {name: [] for name in servers}
    for turn in range(options.rounds):
        # ABBA: a slow drift of the machine favours nobody.
        for name in list(servers) if turn % 2 == 0 else reversed(servers):
            rounds[name].append(bench.load(
                servers[name], mix=f"{command}=1", pipeline=pipeline, connections=options.connections,
                keys=options.keys, value_size=options.value_size, seconds=options.seconds, seed=turn + 1))
    note(f"{command} at pipeline {pipeline}: done")
    result = {"command": command, "pipeline": pipeline}
    for key, field in (("rate", "rate_per_s"), ("cpu_ns", "server_cpu_ns_per_request")):
        values = {name: [report[field] for report in reports] for name, reports in rounds.items()}
        for name in servers:
            result[f"{name}_{key}"] = median(values[name])
        result[f"{key}_ratio"] = ratio(values["ours"], values["peer"])
    result["ours_busy"] = median(report["server_busy"] for report in rounds["ours"])
    result["load_cpu_ns"] = median(report["load_cpu_ns_per_request"] for report in rounds["ours"])
    result["rounds"] = rounds
    return result


def _print(results):
    rows = [(r["command"], r["pipeline"], r["ours_rate"], r["peer_rate"], r["rate_ratio"], r["bare_rate"],
             r["ours_cpu_ns"], r["peer_cpu_ns"], r["cpu_ns_ratio"], r["bare_cpu_ns"],
             f"{r['ours_busy']:.0%}", r["load_cpu_ns"]) for r in results]
    print_table("Throughput (ratio above 1 and CPU ratio below 1: ours is better)", COLUMNS, rows)
