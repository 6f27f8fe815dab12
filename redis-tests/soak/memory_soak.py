#!/usr/bin/env python3
"""Random load on a server with maxmemory: what it has allocated never exceeds the limit by more than it may.

    memory_soak.py [--server PATH] [--seconds 60] [--maxmemory 500mb] [--clients 4] [--threads N] [--seed S]
                   [--policies POLICY …] [--server-arg ARG]…

The time is divided among the policies. Clients send commands of all types with values from 1 byte to 10 MB, sizes
spread evenly over their logarithms; a watcher reads INFO memory between them. Allowed: 1 % above the limit and what is
in flight, for each client its largest command. It ends by itself and talks to loopback only. At the end FLUSHALL must give the memory back to the system, within ten seconds. Exit code 1 and a line that says why if the limit was passed, a reply was no reply, or the server ended.
"""
import argparse
import os
import random
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from server_under_test import Server  # noqa: E402

POLICIES = ["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu",
            "volatile-random", "volatile-ttl"]
OURS = ["allkeys-fifo", "volatile-fifo", "allkeys-s3fifo"]  # a server that does not know one is not asked for it
VALUE_BYTES_MAX = 10_000_000
REPLY_BYTES_MAX = 100_000  # replies wait for their clients, and are not what is looked at here
KEYS = 200_000


class Link:
    """A connection that speaks RESP2; replies are read and forgotten but for their first line."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb", buffering=1 << 16)

    def send(self, commands):
        parts = []
        for words in commands:
            parts.append(b"*%d\r\n" % len(words))
            for word in words:
                parts += (b"$%d\r\n" % len(word), word, b"\r\n")
        self.socket.sendall(b"".join(parts))

    def reply(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise OSError("the connection ended")
        kind, rest = line[:1], line[1:-2]
        if kind == b"$" and int(rest) >= 0:
            return self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind not in b"+-:$":
            raise OSError(f"no reply: {line[:40]!r}")
        return line[:-2]

    def ask(self, *words):
        self.send([[word.encode() for word in words]])
        return self.reply()


class Soak:
    def __init__(self, server, options, limit_bytes):
        self.server = server
        self.options = options
        self.limit_bytes = limit_bytes
        self.noise = os.urandom(VALUE_BYTES_MAX)
        self.stop_at = 0
        self.failure = None
        self.in_flight = [0] * options.clients
        self.highest = [0] * options.clients  # in flight since the watcher's last look
        self.figures = {}

    def fail(self, why):
        self.failure = self.failure or why

    def size(self, rng, alone):
        """From 1 byte on; what is sent together with others is small."""
        return int(10 ** rng.uniform(0, 7 if alone else 4))

    def value(self, rng, size):
        at = rng.randrange(VALUE_BYTES_MAX - size + 1)
        return self.noise[at:at + size]

    def command(self, rng, alone):
        """One command, and about how many bytes it and its reply may take."""
        key = b"k%d" % rng.randrange(KEYS)
        size = self.size(rng, alone)
        small = self.value(rng, min(size, 4000))
        kind = rng.randrange(100)
        if kind < 40:
            words = [b"SET", key, self.value(rng, size)]
            if rng.random() < 0.5:
                words += [b"PX", b"%d" % rng.randrange(1, 60_000)]
            return words, size
        if kind < 60:
            return [b"GETRANGE", key, b"0", b"%d" % REPLY_BYTES_MAX], REPLY_BYTES_MAX
        if kind < 64:
            return [b"APPEND", key, small], VALUE_BYTES_MAX * 2  # a long value may have to move
        if kind < 70:
            return [b"HSET", b"h" + key, b"f%d" % rng.randrange(2000), small], len(small)
        if kind < 76:
            return [b"RPUSH", b"l" + key, small, small], 2 * len(small)
        if kind < 80:
            return [b"SADD", b"s" + key] + [b"%d" % rng.getrandbits(40) for _ in range(50)], 2000
        if kind < 84:
            return [b"ZADD", b"z" + key] + [b"%d" % rng.getrandbits(30) for _ in range(100)], 4000
        if kind < 86:
            return [b"XADD", b"x" + key, b"*", b"f", small], len(small)
        if kind < 90:
            return [b"PEXPIRE", key, b"%d" % rng.randrange(1, 20_000)], 0
        if kind < 95:
            return [b"DEL", key, b"h" + key, b"l" + key, b"s" + key, b"z" + key], 0
        return [b"GET", b"none"], 0

    def client(self, number):
        rng = random.Random(f"{self.options.seed}/{self.figures['policy']}/{number}")
        link = Link(self.server.port)
        done = refused = 0
        try:
            while time.monotonic() < self.stop_at and not self.failure:
                count = rng.choice((1, 1, 1, 4, 16))
                batch = [self.command(rng, count == 1) for _ in range(count)]
                # An allocator's blocks are up to a quarter larger than what they hold.
                self.in_flight[number] = sum(size for _, size in batch) * 5 // 4
                self.highest[number] = max(self.highest[number], self.in_flight[number])
                link.send([words for words, _ in batch])
                for _ in batch:
                    refused += link.reply()[:4] == b"-OOM"
                self.in_flight[number] = 0
                done += len(batch)
        except OSError as error:
            self.fail(f"client {number}: {error}")
        self.figures["commands"] = self.figures.get("commands", 0) + done
        self.figures["refused"] = self.figures.get("refused", 0) + refused

    def watch(self):
        link = Link(self.server.port)
        looks = worst = highest = 0
        while time.monotonic() < self.stop_at and not self.failure:
            before = list(self.in_flight)
            self.highest = list(before)
            info = dict(line.split(":", 1) for line in link.ask("INFO", "memory").decode().split("\r\n") if ":" in line)
            flying = sum(map(max, before, self.highest))
            used = int(info["used_memory"]) - int(info["mem_not_counted_for_evict"])
            above = used - self.limit_bytes
            looks += 1
            worst = max(worst, above - flying)
            highest = max(highest, above)
            # What is freed in slices goes several times as slowly under a sanitizer.
            part = 100 if "jemalloc" in info["mem_allocator"] else 50
            if above > self.limit_bytes // part + flying:
                self.fail(f"{above} bytes above the limit with {flying} in flight")
            time.sleep(0.005)
        self.figures["looks"] = looks
        self.figures["worst_above"] = worst
        self.figures["highest"] = highest

    def run(self, policy, seconds):
        link = Link(self.server.port)
        if link.ask("CONFIG", "SET", "maxmemory-policy", policy)[:1] == b"-":
            print(f"{policy}: not known here")
            return
        self.figures = {"policy": policy}
        self.stop_at = time.monotonic() + seconds
        threads = [threading.Thread(target=self.client, args=(i,)) for i in range(self.options.clients)]
        threads.append(threading.Thread(target=self.watch))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stats = dict(line.split(":", 1) for line in link.ask("INFO", "stats").decode().split("\r\n") if ":" in line)
        figures = self.figures
        print(f"{policy}: {figures['commands']} commands, {figures['refused']} refused, {figures['looks']} looks, at most "
              f"{figures['highest'] / 1e6:.1f} MB above the limit, {figures['worst_above'] / self.limit_bytes * 100:.2f} % "
              f"beside what is in flight, "
              f"evicted so far {stats['evicted_keys']}", flush=True)
        if self.server.process.poll() is not None:
            self.fail("the server ended")


def resident_bytes(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))


def flush(server, empty_bytes):
    """Whether nine tenths of what the data took go back to the system. A sanitizer's allocator keeps what was freed."""
    full_bytes = resident_bytes(server)
    Link(server.port).ask("FLUSHALL")
    if b"mem_allocator:jemalloc" not in Link(server.port).ask("INFO", "memory"):
        print("FLUSHALL: not jemalloc, so nothing is known of what goes back")
        return True
    deadline = time.monotonic() + 10
    while resident_bytes(server) > empty_bytes + (full_bytes - empty_bytes) // 10:
        if time.monotonic() > deadline:
            print(f"after FLUSHALL {resident_bytes(server) / 1e6:.0f} of {full_bytes / 1e6:.0f} MB are still resident")
            return False
        time.sleep(0.05)  # one step of a bounded poll
    print(f"FLUSHALL: from {full_bytes / 1e6:.0f} to {resident_bytes(server) / 1e6:.0f} MB resident")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--server", default="redis-server")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--maxmemory", default="500mb")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--threads", type=int, help="shards of the server")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--policies", nargs="+", default=POLICIES + OURS)
    parser.add_argument("--server-arg", action="append", default=[])
    options = parser.parse_args()
    if os.sep in options.server:
        options.server = os.path.abspath(options.server)
    print(f"seed {options.seed}", flush=True)
    extra = ["--threads", str(options.threads)] if options.threads else []
    server = Server(options.server, "--maxmemory", options.maxmemory, *extra, *options.server_arg)
    try:
        limit_bytes = int(Link(server.port).ask("CONFIG", "GET", "maxmemory")[1])
        soak = Soak(server, options, limit_bytes)
        empty_bytes = resident_bytes(server)
        for policy in options.policies:
            soak.run(policy, options.seconds / len(options.policies))
            if soak.failure:
                print(f"{policy}: {soak.failure} (seed {options.seed})")
                return 1
        if not flush(server, empty_bytes):
            return 1
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
