"""Hit ratio of a read-through cache in a fixed memory, by policy: GET, and SET after a miss."""

import bisect
import itertools
import random
import socket
import time

from .process import note
from .report import print_table

HELP = "hit ratio in 32 MiB: a million keys, Zipf 0.99, 64-byte values; with a scan; loop; shift; one-hit"
KEYS = 1_000_000
BATCH = 200
VALUE = b"v" * 64
STREAMS = ("zipf", "scan", "loop", "shift", "one-hit")


def add_options(parser):
    parser.add_argument("--memory", default="32mb")
    parser.add_argument("--requests", type=int, default=8_000_000, help="the first half only warms up (8000000, as simulated in hitratio/)")
    parser.add_argument("--policies", nargs="+", default=["allkeys-lru", "allkeys-lfu", "allkeys-s3fifo"],
                        help="the peer gets those it knows")
    parser.add_argument("--streams", nargs="+", choices=STREAMS, default=list(STREAMS))


def run(bench, options):
    results = []
    for stream in options.streams:
        for policy in options.policies:
            for name in ("ours", "peer"):
                if name == "peer" and policy.split("-")[1] not in ("lru", "lfu", "random"):
                    continue
                results.append(_measure(bench, options, name, policy, stream))
                note("{stream} {policy} {server}: {percent:.2f} % of {counted}, {keys} keys".format(**results[-1]))
    rows = [(r["stream"], r["policy"], r["server"], r["percent"], r["keys"], r["seconds"]) for r in results]
    print_table(f"hit ratio in {options.memory}", ("stream", "policy", "server", "hits %", "keys", "s"), rows)
    return results


class Ranks:
    """Zipf 0.99 over KEYS ranks, in a random order of keys."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.cumulated = list(itertools.accumulate(rank ** -0.99 for rank in range(1, KEYS + 1)))
        self.order = list(range(KEYS))
        self.random.shuffle(self.order)

    def draw(self):
        rank = bisect.bisect(self.cumulated, self.random.random() * self.cumulated[-1])
        return min(rank, KEYS - 1)


def requests_of(stream, count, ranks, loop_keys):
    """(key, whether its hit counts), `count` of them. The streams are those of hitratio/streams.h."""
    once = itertools.count(KEYS)
    for i in range(count):
        if stream == "loop":
            yield i % loop_keys, i >= count // 2
        elif stream == "scan" and i >= count // 2 and i % 3 == 0:
            yield next(once), False
        elif stream == "one-hit" and i % 4 == 0:
            yield next(once), i >= count // 2
        else:
            shift = i // 500_000 * (KEYS // 20) if stream == "shift" else 0
            yield ranks.order[(ranks.draw() + shift) % KEYS], i >= count // 2


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.replies = self.socket.makefile("rb", buffering=1 << 20)

    def get(self, keys):
        """Whether each was there."""
        self.socket.sendall(b"".join(b"*2\r\n$3\r\nGET\r\n$16\r\nkey:%012d\r\n" % key for key in keys))
        return [self._read() for _ in keys]

    def set(self, keys):
        if not keys:
            return
        line = b"*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$64\r\n" + VALUE + b"\r\n"
        self.socket.sendall(b"".join(line % key for key in keys))
        for _ in keys:
            self._read()

    def _read(self):
        head = self.replies.readline()
        if head.startswith(b"$") and head != b"$-1\r\n":
            self.replies.read(int(head[1:]) + 2)
            return True
        return False


def _measure(bench, options, name, policy, stream):
    ranks = Ranks(42)
    extra = f"--maxmemory {options.memory} --maxmemory-policy {policy}"
    with bench.start(name, extra=extra) as server:
        client = Client(server.port)
        hits = counted = 0
        begin = time.monotonic()
        pending = requests_of(stream, options.requests, ranks, 400_000)
        while batch := list(itertools.islice(pending, BATCH)):
            # A key asked for twice in a batch is there the second time.
            unique = dict.fromkeys(key for key, _ in batch)
            found = dict(zip(unique, client.get(unique)))
            client.set([key for key, there in found.items() if not there])
            for key, counts in batch:
                hits += counts and found[key]
                counted += counts
                found[key] = True
        keys = int(server.command("DBSIZE").split()[-1].lstrip(b":"))
    return {"stream": stream, "policy": policy, "server": name, "percent": 100 * hits / counted, "counted": counted,
            "keys": keys, "seconds": time.monotonic() - begin}
