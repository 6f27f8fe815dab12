#!/usr/bin/env python3
"""RDB files and DUMP payloads go from one server to the other, both ways, and every key is compared.

interchange_test.py --server PATH [--peer redis-server] [--seed N]   Only the standard library is used.

The types that the server does not have yet are left out; each joins by itself when its commands do.
"""
import argparse
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from free_ports import free_port  # noqa: E402

DATABASES = (0, 1, 9)


class Link:
    """One connection that speaks RESP2."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.socket.sendall(b"".join(parts))

    def read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        return rest

    def ask(self, *words):
        self.send(*words)
        reply = self.read()
        if isinstance(reply, RuntimeError):
            raise reply
        return reply


class Server:
    def __init__(self, binary, rdb=None):
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="torc-interchange-")
        if rdb:
            shutil.copy(rdb, os.path.join(self.directory, "dump.rdb"))
        self.log = open(os.path.join(self.directory, "log"), "w+b")
        self.process = subprocess.Popen(
            [os.path.abspath(binary) if os.sep in binary else binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", self.directory], stdout=self.log, stderr=subprocess.STDOUT, cwd=self.directory)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.link = Link(self.port)
                if b"\nloading:0" in self.link.ask("INFO", "persistence"):
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                sys.exit(f"{binary} does not come up:\n{self.log.read().decode(errors='replace')}")
            time.sleep(0.01)  # one step of a bounded poll

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def rdb(self):
        return os.path.join(self.directory, "dump.rdb")


def word(rng):
    kind = rng.randrange(8)
    if kind == 0:
        return str(rng.choice((0, -1, 127, -129, 32768, -70000, 2**31, -2**40, 2**63 - 1, rng.randrange(10**9))))
    if kind == 1:
        return ("abc" * 3000)[:rng.randrange(1, 9000)]
    if kind == 2:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(1, 200)))
    if kind == 3:
        return ""
    return "w%d" % rng.randrange(10**6)


def count(rng):
    return rng.choice((1, 3, 20, 127, 128, 129, 600, 3000))


def fill(link, rng):
    """Keys of every type the server has; returns the types."""
    makers = {
        "string": lambda key: [("SET", key, word(rng))],
        "list": lambda key: [(rng.choice(("RPUSH", "LPUSH")), key, word(rng)) for _ in range(count(rng))],
        "set": lambda key: [("SADD", key, word(rng)) for _ in range(count(rng))],
        "intset": lambda key: [("SADD", key, rng.randrange(-2**rng.choice((10, 20, 40)), 2**20))
                               for _ in range(count(rng))],
        "hash": lambda key: [("HSET", key, word(rng), word(rng)) for _ in range(count(rng))],
        "zset": lambda key: [("ZADD", key, rng.choice((rng.random() * 1e6, rng.randrange(-99, 99), "inf", "-inf")),
                              word(rng)) for _ in range(count(rng))],
    }
    probes = {"string": "SET", "list": "RPUSH", "set": "SADD", "intset": "SADD", "hash": "HSET", "zset": "ZADD"}
    known = [name for name in makers if link.ask("COMMAND", "INFO", probes[name])[0] is not None]
    for db in DATABASES:
        link.ask("SELECT", db)
        for name in known:
            for number in range(30 if name != "string" else 300):
                key = f"{name}:{number}"
                commands = makers[name](key)
                if rng.randrange(3) == 0:
                    commands.append(("PEXPIRE", key, rng.randrange(10**6, 10**9)))
                for command in commands:
                    link.send(*command)
                for _ in commands:
                    reply = link.read()
                    if isinstance(reply, RuntimeError):
                        raise reply
    return known


def value_of(link, key):
    kind = link.ask("TYPE", key)
    if kind == b"string":
        return kind, link.ask("GET", key)
    if kind == b"list":
        return kind, link.ask("LRANGE", key, 0, -1)
    if kind == b"set":
        return kind, sorted(link.ask("SMEMBERS", key))
    if kind == b"zset":
        # As numbers: 7.0 writes scores with seventeen digits, 7.2 with the fewest that read back the same.
        flat = link.ask("ZRANGE", key, 0, -1, "WITHSCORES")
        return kind, [(member, float(score)) for member, score in zip(flat[::2], flat[1::2])]
    flat = link.ask("HGETALL", key)
    return kind, sorted(zip(flat[::2], flat[1::2]))


def content(link):
    """{(database, key): (type, value, deadline)}"""
    found = {}
    for db in DATABASES:
        link.ask("SELECT", db)
        for key in link.ask("KEYS", "*"):
            found[db, key] = (*value_of(link, key), link.ask("PEXPIRETIME", key))
    return found


def compare(what, left, right):
    missing = left.keys() ^ right.keys()
    if missing:
        sys.exit(f"{what}: {len(missing)} keys are on one side only: {sorted(missing)[:5]}")
    for place, entry in left.items():
        if entry != right[place]:
            sys.exit(f"{what}: {place} differs:\n{entry!r:.600}\n{right[place]!r:.600}")
    print(f"{what}: {len(left)} keys are the same")


def by_file(source, target, rng, common):
    with Server(source) as one:
        fill_common(one.link, rng, common)
        one.link.ask("SAVE")
        with Server(target, one.rdb) as other:
            compare(f"{source} → dump.rdb → {target}", content(one.link), content(other.link))


def by_dump(source, target, rng, common):
    with Server(source) as one, Server(target) as other:
        fill_common(one.link, rng, common)
        for db in DATABASES:
            one.link.ask("SELECT", db)
            other.link.ask("SELECT", db)
            for key in one.link.ask("KEYS", "*"):
                deadline = max(one.link.ask("PEXPIRETIME", key), 0)
                other.link.ask("RESTORE", key, deadline, one.link.ask("DUMP", key), "ABSTTL")
        compare(f"{source} → DUMP, RESTORE → {target}", content(one.link), content(other.link))


def fill_common(link, rng, common):
    fill(link, rng)
    for db in DATABASES:
        link.ask("SELECT", db)
        for key in link.ask("KEYS", "*"):
            if key.split(b":")[0].decode() not in common:
                link.ask("DEL", key)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--server", required=True)
    parser.add_argument("--peer", default="redis-server")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    rng = random.Random(options.seed)
    with Server(options.server) as ours:
        common = fill(ours.link, rng)
    print("types:", ", ".join(common))
    for source, target in ((options.server, options.peer), (options.peer, options.server),
                           (options.server, options.server)):
        by_file(source, target, rng, common)
        by_dump(source, target, rng, common)


if __name__ == "__main__":
    main()
