#!/usr/bin/env python3
"""One maxmemory for several shards: is it held, and can every client go on while any shard has keys to give?

    memory.py --server build/dev/src/torc-server --server-arg=--threads --server-arg=4

Writers on all shards fill the server to several times its limit, first with keys that lie anywhere, then with keys that lie
all on one shard, then again anywhere; memory must stay near the limit and nobody may hear OOM. Then the same without
eviction: everybody must hear OOM in the end, memory stays near the limit as well, and what is refused is not sent to
another shard before, where it would be held twice. Prints the highest used_memory seen.
"""

import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "durability"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from durability import Client  # noqa: E402
from server_under_test import Server  # noqa: E402

CLIENTS = 8
LIMIT_BYTES = 24 << 20
VALUE = "v" * 1000
BATCH = 100
# Above the limit: what is in flight while others make room, and the allocator's own.
SLACK_BYTES = 4 << 20


def info(client, field):
    for line in client.ask("INFO", "memory").decode().split("\r\n"):
        if line.startswith(field + ":"):
            return int(line.split(":")[1])
    raise AssertionError("INFO has no " + field)


def requests_sent(client):
    """From shard to shard."""
    return sum(map(int, re.findall(rb"hops_out=(\d+)", client.ask("INFO", "stats"))))


def fill(clients, control, name, bytes_total):
    """Each client writes keys of that pattern; the errors heard and the highest used_memory."""
    errors = []
    highest = 0
    rounds = bytes_total // (len(VALUE) * BATCH * CLIENTS)
    for serial in range(rounds):
        for number, client in enumerate(clients):
            client.send([[b"SET", (name % (number, serial, i)).encode(), VALUE.encode()] for i in range(BATCH)])
        for client in clients:
            errors += [reply for reply in (client.reply() for _ in range(BATCH)) if isinstance(reply, RuntimeError)]
        highest = max(highest, info(control, "used_memory"))
    return errors, highest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-arg", action="append", default=[])
    options = parser.parse_args()
    server = Server(options.server, *options.server_arg)
    try:
        control = Client(server.port)
        clients = [Client(server.port) for _ in range(CLIENTS)]
        limit = info(control, "used_memory") + LIMIT_BYTES
        control.ask("CONFIG", "SET", "maxmemory", str(limit))
        control.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        failures = []
        for name in ("a:%d:%d:%d", "{one}:%d:%d:%d", "b:%d:%d:%d"):
            errors, highest = fill(clients, control, name, 3 * LIMIT_BYTES)
            print("%-14s highest used_memory %+.2f MiB of the limit, %d errors" % (
                name, (highest - limit) / 2**20, len(errors)))
            if errors:
                failures.append("with eviction clients hear %s" % errors[0])
            if highest > limit + SLACK_BYTES:
                failures.append("the limit is not held")
        control.ask("FLUSHALL")
        control.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
        errors, highest = fill(clients, control, "c:%d:%d:%d", 2 * LIMIT_BYTES)
        print("%-14s highest used_memory %+.2f MiB of the limit, %d errors" % (
            "no eviction", (highest - limit) / 2**20, len(errors)))
        if not errors or not all("OOM" in str(error) for error in errors):
            failures.append("without eviction there is no OOM")
        if highest > limit + SLACK_BYTES:
            failures.append("the limit is not held without eviction")
        large = [[b"SET", b"large:%d" % i, b"v" * (1 << 20)] for i in range(20)]
        before = requests_sent(control)
        clients[0].send(large)
        refused = sum(isinstance(clients[0].reply(), RuntimeError) for _ in large)
        sent = requests_sent(control) - before
        print("%d of %d large writes refused, %d requests sent to other shards" % (refused, len(large), sent))
        if refused < len(large) or sent > 0:
            failures.append("large writes that nobody has room for are sent from shard to shard")
        for failure in failures:
            print(failure)
        return 1 if failures else 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
