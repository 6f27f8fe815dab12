#!/usr/bin/env python3
"""Many clients change several keys at once, others look: does anybody ever see half of a change?

    atomicity.py --server build/dev/src/torc-server --seconds 20 --server-arg=--threads --server-arg=4

Keys come in groups; the keys of a group lie anywhere. Writers give a group one value by MSET, MSETNX behind a DEL, a
transaction, a script, or a RENAME and COPY between its keys; readers look with MGET, EXISTS, a transaction or a script, and
every answer must show one value in all keys, or none. A third kind moves a token between keys by RENAME: it is always in exactly one. Prints
the seed; exits with 1 and what was seen at the first torn read.
"""

import argparse
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "durability"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from durability import Client  # noqa: E402
from server_under_test import Server  # noqa: E402

GROUPS = 6
KEYS_PER_GROUP = 5
TOKENS = 8


def group_keys(group):
    return ["g%d:%d" % (group, i) for i in range(KEYS_PER_GROUP)]


def token_keys(token):
    return ["t%d:%d" % (token, i) for i in range(4)]


class Failure(Exception):
    pass


class Worker(threading.Thread):
    def __init__(self, port, number, seed, deadline):
        super().__init__(daemon=True)
        self.random = random.Random(seed * 1000 + number)
        self.client = Client(port)
        self.number = number
        self.deadline = deadline
        self.failure = None
        self.steps = 0
        self.serial = 0

    def run(self):
        try:
            while time.monotonic() < self.deadline:
                self.step()
                self.steps += 1
        except (Failure, ConnectionError, OSError, RuntimeError) as failure:
            self.failure = failure

    def batch(self, commands):
        self.client.send([[word.encode() for word in words] for words in commands])
        return [self.client.reply() for _ in commands]


class Writer(Worker):
    def step(self):
        self.serial += 1
        group = self.random.randrange(GROUPS)
        keys = group_keys(group)
        value = "%d-%d" % (self.number, self.serial)
        pairs = [word for key in keys for word in (key, value)]
        how = self.random.randrange(6)
        if how == 0:
            self.batch([["MSET", *pairs]])
        elif how == 1:
            self.batch([["DEL", *keys], ["MSETNX", *pairs]])
        elif how == 2:
            self.batch([["MULTI"], *[["SET", key, value] for key in keys], ["EXEC"]])
        elif how == 3:
            # All equal stays all equal whatever moves between them, within a transaction.
            self.batch([["MULTI"], ["COPY", keys[0], keys[1], "REPLACE"], ["MSET", *pairs], ["EXEC"]])
        elif how == 4:
            self.batch([["EVAL", "for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[1]) end", str(len(keys)),
                         *keys, value]])
        else:
            self.batch([["MSET", *pairs]] * 3)


class Reader(Worker):
    def step(self):
        keys = group_keys(self.random.randrange(GROUPS))
        how = self.random.randrange(4)
        if how == 0:
            (values,) = self.batch([["MGET", *keys]])
        elif how == 1:
            values = self.batch([["MULTI"], *[["GET", key] for key in keys], ["EXEC"]])[-1]
        elif how == 2:
            (values,) = self.batch([["EVAL_RO", "return redis.call('MGET', unpack(KEYS))", str(len(keys)), *keys]])
        else:
            (count,) = self.batch([["EXISTS", *keys]])
            if count not in (0, len(keys)):
                raise Failure("EXISTS %r: %r" % (keys, count))
            return
        if len(set(values)) != 1:
            raise Failure("%r: %r" % (keys, values))


class Mover(Worker):
    """A token goes from key to key."""

    def step(self):
        keys = token_keys(self.random.randrange(TOKENS))
        if self.random.random() < 0.5:
            source, target = self.random.sample(keys, 2)
            self.batch([["RENAMENX", source, target]])
            return
        (count,) = self.batch([["EXISTS", *keys]])
        if count != 1:
            raise Failure("a token is in %r of %r" % (count, keys))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-arg", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print("seed %d" % options.seed)
    server = Server(options.server, *options.server_arg)
    try:
        setup = Client(server.port)
        for token in range(TOKENS):
            setup.ask("SET", token_keys(token)[0], "token")
        deadline = time.monotonic() + options.seconds
        kinds = [Writer, Reader, Mover]
        workers = [kinds[i % 3](server.port, i, options.seed, deadline) for i in range(options.clients)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(options.seconds + 60)
            if worker.is_alive():
                print("a client got no answer")
                return 1
        failures = [worker.failure for worker in workers if worker.failure is not None]
        for failure in failures:
            print("TORN: %s" % failure if isinstance(failure, Failure) else "error: %r" % failure)
        print("%d steps" % sum(worker.steps for worker in workers))
        return 1 if failures else 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
