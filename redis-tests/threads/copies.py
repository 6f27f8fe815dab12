#!/usr/bin/env python3
"""Copies of one large value under keys of all shards share its nodes; clients write to all at once. Does each stay itself?

    copies.py --server build/dev/src/torc-server --seconds 60 --server-arg=--threads --server-arg=4

Each round copies a sorted set, a hash, a set, a list, a stream and a string of many nodes to keys on several shards. Then one
client for each of them changes elements at random and keeps account; at the end every copy must be what its client made of it,
and what was copied must be as it was. Prints the seed.
"""

import argparse
import random
import sys
import time

from crowd import Failure, Task, run_tasks
from durability import Client
from server_under_test import Server

COUNT = 3000
COPIES = 4
STRING_BYTES = 300_000  # as long as strings must be to share their bytes


class SortedSet:
    source, model = "zset", {b"m%d" % i: b"%d" % i for i in range(COUNT)}

    def fill(self, client, key, some):
        client.ask("ZADD", key, *[word for i in some for word in (str(i), f"m{i}")])

    def change(self, key, rng, model):
        member, score = b"m%d" % rng.randrange(COUNT), b"%d" % rng.randrange(10 ** 6)
        model[member] = score
        return ["ZADD", key, score, member]

    def read(self, client, key):
        words = client.ask("ZRANGE", key, "0", "-1", "WITHSCORES")
        return dict(zip(words[::2], words[1::2]))


class Hash(SortedSet):
    source = "hash"

    def fill(self, client, key, some):
        client.ask("HSET", key, *[word for i in some for word in (f"m{i}", str(i))])

    def change(self, key, rng, model):
        _, _, value, field = super().change(key, rng, model)
        return ["HSET", key, field, value]

    def read(self, client, key):
        words = client.ask("HGETALL", key)
        return dict(zip(words[::2], words[1::2]))


class Set:
    source, model = "set", {b"m%d" % i for i in range(COUNT)}

    def fill(self, client, key, some):
        client.ask("SADD", key, *[f"m{i}" for i in some])

    def change(self, key, rng, model):
        member = b"m%d" % rng.randrange(COUNT)
        if member in model:
            model.remove(member)
            return ["SREM", key, member]
        model.add(member)
        return ["SADD", key, member]

    def read(self, client, key):
        return set(client.ask("SMEMBERS", key))


class List:
    source, model = "list", [b"m%d" % i for i in range(COUNT)]

    def fill(self, client, key, some):
        client.ask("RPUSH", key, *[f"m{i}" for i in some])

    def change(self, key, rng, model):
        index, element = rng.randrange(COUNT), b"x%d" % rng.randrange(10 ** 6)
        model[index] = element
        return ["LSET", key, str(index), element]

    def read(self, client, key):
        return client.ask("LRANGE", key, "0", "-1")


class Stream:
    source, model = "stream", {b"%d-1" % (i + 1) for i in range(COUNT)}

    def fill(self, client, key, some):
        for i in some:
            client.ask("XADD", key, f"{i + 1}-1", "f", str(i))

    def change(self, key, rng, model):
        entry = b"%d-1" % (rng.randrange(COUNT) + 1)
        model.discard(entry)
        return ["XDEL", key, entry]

    def read(self, client, key):
        return {entry[0] for entry in client.ask("XRANGE", key, "-", "+")}


class String:
    source, model = "string", bytearray(b"." * STRING_BYTES)

    def fill(self, client, key, some):
        client.ask("APPEND", key, b"." * (STRING_BYTES * len(some) // COUNT))

    def change(self, key, rng, model):
        at = rng.randrange(STRING_BYTES)
        model[at:at + 1] = b"x"
        return ["SETRANGE", key, str(at), "x"]

    def read(self, client, key):
        return bytearray(client.ask("GET", key))


KINDS = (SortedSet(), Hash(), Set(), List(), Stream(), String())


def write(server, kind, key, seed, deadline, model):
    client = Client(server.port)
    rng = random.Random(seed)
    while time.monotonic() < deadline:
        batch = [kind.change(key, rng, model) for _ in range(50)]
        client.send([[word if isinstance(word, bytes) else word.encode() for word in words] for words in batch])
        for _ in batch:
            client.reply()


def check_round(server, client, seed, seconds):
    deadline = time.monotonic() + seconds
    writers, models = [], {}
    for kind in KINDS:
        for number in range(COPIES):
            key = f"{kind.source}:{number}"
            client.ask("COPY", kind.source, key, "REPLACE")
            models[key] = kind, type(kind.model)(kind.model)
    for number, (key, (kind, model)) in enumerate(models.items()):
        writers.append(Task(lambda k=kind, y=key, n=number, m=model: write(server, k, y, seed * 100 + n, deadline, m)))
    run_tasks(writers, seconds + 60)
    for key, (kind, model) in [*models.items(), *((kind.source, (kind, kind.model)) for kind in KINDS)]:
        if kind.read(client, key) != model:
            raise Failure(f"{key} is not what its client made of it")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-arg", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 30)
    print(f"seed {seed}")
    server = Server(options.server, *options.server_arg)
    try:
        client = Client(server.port)
        for kind in KINDS:
            for begin in range(0, COUNT, 500):
                kind.fill(client, kind.source, range(begin, begin + 500))
        end = time.monotonic() + options.seconds
        rounds = 0
        while time.monotonic() < end:
            check_round(server, client, seed + rounds, 1)
            rounds += 1
        print(f"{rounds} rounds")
        return 0
    except Failure as failure:
        print(failure)
        return 1
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
