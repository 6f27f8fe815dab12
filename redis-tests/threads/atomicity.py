#!/usr/bin/env python3
"""Many clients change several keys at once, others look: does anybody ever see half of a change?

    atomicity.py --server build/dev/src/torc-server --seconds 20 --server-arg=--threads --server-arg=4

Keys come in groups; the keys of a group lie anywhere. Writers give a group one value by MSET, MSETNX behind a DEL, a
transaction, a script, or a RENAME and COPY between its keys; readers look with MGET, EXISTS, a transaction or a script, and
every answer must show one value in all keys, or none. A third kind moves a token between keys by RENAME: it is always in exactly one. Prints
the seed; exits with 1 and what was seen at the first torn read.
"""

import sys

from crowd import Failure, Worker, failures_of, parse_arguments, run_crowd
from durability import Client
from server_under_test import Server

GROUPS = 6
KEYS_PER_GROUP = 5
TOKENS = 8


def group_keys(group):
    return ["g%d:%d" % (group, i) for i in range(KEYS_PER_GROUP)]


def token_keys(token):
    return ["t%d:%d" % (token, i) for i in range(4)]


class Writer(Worker):
    serial = 0

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
    options = parse_arguments(__doc__)
    server = Server(options.server, *options.server_arg)
    try:
        setup = Client(server.port)
        for token in range(TOKENS):
            setup.ask("SET", token_keys(token)[0], "token")
        workers = run_crowd([Writer, Reader, Mover], server.port, options, 60, "TORN")
        if workers is None:
            return 1
        print("%d steps" % sum(worker.steps for worker in workers))
        return 1 if failures_of(workers) else 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
