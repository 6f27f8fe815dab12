#!/usr/bin/env python3
"""Commands over large values while others work: are those served meanwhile, and does anybody see half of a command?

    long_commands.py --server build/dev/src/torc-server --seconds 20 --server-arg=--threads --server-arg=4

Writers change large lists, sets and sorted sets by one command each, which lets others run in its middle
(long-command-slice-us); readers look at the same values, and every answer must be of before or after. Then a command that
looks at each of a million elements runs again and again, while clients on all shards ask for other keys: between its
beginning and its end each of them must hear several answers. Needs a server that serves others within a command.
"""

import argparse
import sys
import time

from crowd import Failure, Task, run_tasks
from durability import Client
from server_under_test import Server

COUNT = 3000  # of members, a multiple of KINDS
KINDS = 10    # of values in a list
CUT = 100     # members that are removed
GROUPS = 3
PROBES = 5


def fill(client, group):
    for begin in range(0, COUNT, 500):
        numbers = [str(i) for i in range(begin, begin + 500)]
        client.ask("SADD", f"all:{group}", *numbers)
        client.ask("SADD", f"even:{group}", *numbers[::2])
        client.ask("ZADD", f"scores:{group}", *[word for i in numbers for word in (i, i)])
        client.ask("RPUSH", f"source:{group}", *[f"v{int(i) % KINDS}" for i in numbers])


def write(port, group, deadline):
    client = Client(port)
    steps = [
        (("SORT", f"source:{group}", "ALPHA", "STORE", f"list:{group}"), COUNT),
        (("LREM", f"list:{group}", "0", "v3"), COUNT // KINDS),
        (("ZRANGESTORE", f"zset:{group}", f"scores:{group}", "0", "-1"), COUNT),
        (("ZREMRANGEBYRANK", f"zset:{group}", "0", str(CUT - 1)), CUT),
        (("SUNIONSTORE", f"set:{group}", f"all:{group}", f"even:{group}"), COUNT),
        (("ZUNIONSTORE", f"sum:{group}", "2", f"scores:{group}", f"even:{group}"), COUNT),
        (("SDIFFSTORE", f"set:{group}", f"all:{group}", f"even:{group}"), COUNT // 2),
        (("ZINTERSTORE", f"sum:{group}", "2", f"scores:{group}", f"even:{group}"), COUNT // 2),
        (("LTRIM", f"list:{group}", "0", str(CUT - 1)), b"OK"),
    ]
    while time.monotonic() < deadline:
        for words, expected in steps:
            answer = client.ask(*words)
            if answer != expected:
                raise Failure(f"{' '.join(words)}: {answer!r}, not {expected!r}")


# What a reader may find, as (length, first element or whether a member is there).
LISTS = {(0, None), (COUNT, COUNT // KINDS * 3), (COUNT - COUNT // KINDS, None), (CUT, None)}
ZSETS = {(0, None), (COUNT, b"0"), (COUNT - CUT, str(CUT).encode())}
SETS = {(0, 0), (COUNT, 1), (COUNT // 2, 0)}
SUMS = {0, COUNT, COUNT // 2}


def look(client, *commands):
    client.send([[word.encode() for word in words] for words in (("MULTI",), *commands, ("EXEC",))])
    for _ in range(1 + len(commands)):
        client.reply()
    return client.reply()


def read(port, group, deadline):
    client = Client(port)
    while time.monotonic() < deadline:
        length, place = look(client, ("LLEN", f"list:{group}"), ("LPOS", f"list:{group}", "v3"))
        if (length, place) not in LISTS:
            raise Failure(f"a list of {length} elements with v3 at {place}")
        length, first = look(client, ("ZCARD", f"zset:{group}"), ("ZRANGE", f"zset:{group}", "0", "0"))
        if (length, first[0] if first else None) not in ZSETS:
            raise Failure(f"a sorted set of {length} members that begins with {first}")
        length, there = look(client, ("SCARD", f"set:{group}"), ("SISMEMBER", f"set:{group}", "0"))
        if (length, there) not in SETS:
            raise Failure(f"a set of {length} members, the first of them there: {there}")
        if (length := client.ask("ZCARD", f"sum:{group}")) not in SUMS:
            raise Failure(f"a sorted set of {length} members")


def check_halves(server, seconds):
    client = Client(server.port)
    deadline = time.monotonic() + seconds
    for group in range(GROUPS):
        fill(client, group)
    workers = [Task(lambda w=work, g=group: w(server.port, g, deadline))
               for group in range(GROUPS) for work in (write, read, read)]
    run_tasks(workers, seconds + 60)


def check_service(server):
    """Each of some clients, on whatever shard, hears answers while another's command runs."""
    client = Client(server.port)
    for _ in range(100):
        client.ask("RPUSH", "long", *["x"] * 10000)
    probes = [Client(server.port) for _ in range(PROBES)]
    for number, probe in enumerate(probes):
        probe.ask("SET", f"other:{number}", "v")
    for number, probe in enumerate(probes):
        best = 0
        for _ in range(5):
            heard = []
            running = Task(lambda: heard.append(client.ask("LPOS", "long", "nothing")))
            running.start()
            answers = 0
            while running.is_alive():
                if probe.ask("GET", f"other:{number}") != b"v" or probe.ask("LLEN", "long") != 1000000:
                    raise Failure("a wrong answer")
                answers += 1
            if heard != [None]:
                raise Failure(f"LPOS: {heard} {running.failure}")
            best = max(best, answers)
        if best < 3:
            raise Failure(f"client {number} heard {best} answers while a long command ran")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-arg", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    try:
        for slice_us in ("1", "50"):
            server = Server(options.server, "--long-command-slice-us", slice_us, *options.server_arg)
            try:
                check_halves(server, options.seconds / 2)
            finally:
                server.stop()
        server = Server(options.server, *options.server_arg)
        try:
            check_service(server)
        finally:
            server.stop()
        return 0
    except Failure as failure:
        print(failure)
        return 1


if __name__ == "__main__":
    sys.exit(main())
