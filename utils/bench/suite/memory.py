"""Resident memory per key beyond the bytes of key and value, at sizes around the steps of growing tables."""

import time

from .process import note
from .report import print_table

HELP = "RSS beyond payload per key at 1 … 7 million keys, values of 8 and 64 bytes, with and without TTL"
KEY_BYTES = 16


def add_options(parser):
    parser.add_argument("--millions", nargs="+", type=float, default=[1, 1.5, 2, 3, 5, 7])
    parser.add_argument("--value-sizes", nargs="+", type=int, default=[8, 64])
    parser.add_argument("--ttl", choices=("both", "with", "without"), default="both")


def run(bench, options):
    results = []
    ttls = {"both": (False, True), "with": (True,), "without": (False,)}[options.ttl]
    for value_size in options.value_sizes:
        for ttl in ttls:
            for name in ("ours", "peer"):
                note(f"{name}: values of {value_size} bytes, {'with' if ttl else 'without'} TTL")
                results += _grow(bench, options, name, value_size, ttl)
    _print(results)
    return results


def _grow(bench, options, name, value_size, ttl):
    counts = sorted(int(millions * 1_000_000) for millions in options.millions)
    line = "SET __key__ __value__" + (" EX 86400" if ttl else "")
    found = []
    with bench.start(name) as server:
        empty = server.rss_bytes()
        filled = 0
        for count in counts:
            bench.fill(server, count, first=filled, total=counts[-1], value_size=value_size, command=line)
            filled = count
            time.sleep(1)  # for work that the server does after the last command
            rss = server.rss_bytes()
            payload = count * (KEY_BYTES + value_size)
            found.append({"server": name, "keys": count, "value_size": value_size, "ttl": ttl, "rss": rss,
                          "rss_empty": empty, "beyond_payload": (rss - payload) / count,
                          "beyond_payload_and_empty": (rss - empty - payload) / count})
    return found


def _print(results):
    by_case = {}
    for result in results:
        case = (result["value_size"], result["ttl"], result["keys"])
        by_case.setdefault(case, {})[result["server"]] = result
    rows = []
    for (value_size, ttl, keys), pair in by_case.items():
        ours, peer = pair["ours"], pair["peer"]
        rows.append((f"{value_size} B{', TTL' if ttl else ''}", keys, ours["beyond_payload"], peer["beyond_payload"],
                     ours["beyond_payload"] / peer["beyond_payload"], ours["beyond_payload_and_empty"],
                     peer["beyond_payload_and_empty"],
                     ours["beyond_payload_and_empty"] / peer["beyond_payload_and_empty"]))
    print_table("RSS beyond payload, bytes per key (16-byte keys)",
                ("value", "keys", "ours", "peer", "ratio", "ours - empty", "peer - empty", "ratio"), rows)
