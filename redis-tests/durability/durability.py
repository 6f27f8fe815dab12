#!/usr/bin/env python3
"""Kills a server at random moments under a mixed write load, and looks what is there after the restart.

    durability.py --server build/dev/src/torc-server --rounds 500                     # appendfsync always
    durability.py --server build/dev/src/torc-server --rounds 20 --fsync everysec
    durability.py --server build/dev/src/torc-server --peer redis-server --interchange

Each of several clients writes to keys of its own, pipelined, and remembers what was acknowledged. After kill -9 and a
restart on the same directory a key must hold what the last acknowledged command left, or what one of those sent after it
would leave: those were not promised, but may have happened. With `everysec`, commands acknowledged in the last second
before the kill may be missing too. Some commands give several keys one value: all of these keys have it, or none, whatever
the number of threads is (--threads 1,4: another one at each start). Now and then the log is being rewritten meanwhile. Prints the seed; exits with 1 and the key at the first loss.
"""

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from free_ports import free_port  # noqa: E402

LOSS_ALLOWED_S = {"always": 0.0, "everysec": 1.0}


class Client:
    """A connection that speaks as much RESP as is needed here."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.socket.makefile("rb")

    def send(self, commands):
        out = []
        for words in commands:
            out.append(b"*%d\r\n" % len(words))
            out.extend(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        self.socket.sendall(b"".join(out))

    def reply(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server is gone")
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        return rest if kind == b"+" else int(rest) if kind == b":" else RuntimeError(rest.decode())

    def ask(self, *words):
        self.send([[word.encode() if isinstance(word, str) else word for word in words]])
        return self.reply()


class Server:
    def __init__(self, binary, directory, arguments=()):
        self.port = free_port()
        self.log_path = os.path.join(directory, "server.log")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary, "--port", str(self.port), "--dir", directory, "--save", "", "--appendonly", "yes", *arguments],
                stdout=log, stderr=subprocess.STDOUT, cwd=directory)

    def wait_ready(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if Client(self.port).ask("PING") == b"PONG":
                    return
            except OSError:
                time.sleep(0.005)
        self.kill()
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            raise SystemExit("the server did not become ready:\n" + "".join(log.readlines()[-20:]))

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class Writer(threading.Thread):
    """Writes until the server dies. `states[key]` are the values that a key has gone through since the last one that is
    certain, which is the first of them."""

    def __init__(self, port, number, seed, loss_allowed_s):
        super().__init__(daemon=True)
        self.port, self.number, self.random = port, number, random.Random(seed)
        self.loss_allowed_s = loss_allowed_s
        self.history = {}  # key -> [(value, time of acknowledgement or None)]
        self.acknowledged = 0

    def unit_keys(self):
        return [b"u%d:%d" % (self.number, i) for i in range(5)]

    def next_command(self):
        if self.random.randrange(8) == 0:
            value = b"%d" % self.random.randrange(10**9)
            return [b"MSET"] + [word for key in self.unit_keys() for word in (key, value)]
        key = b"w%d:%d" % (self.number, self.random.randrange(40))
        past = self.history.setdefault(key, [(None, 0.0)])
        value = past[-1][0]
        kind = self.random.randrange(6)
        if kind == 0:
            after, words = None, [b"DEL", key]
        elif kind == 1:
            more = b"%d;" % self.random.randrange(1000)
            after, words = (value or b"") + more, [b"APPEND", key, more]
        elif kind == 2:
            after = b"%d" % self.random.randrange(10**9)
            words = [b"MSET", key, after, b"x" + key, after]
            self.history.setdefault(b"x" + key, [(None, 0.0)]).append((after, None))
        else:
            after = b"v" * self.random.randrange(200) + b"%d" % self.random.randrange(10**9)
            words = [b"SET", key, after]
        past.append((after, None))
        return words

    def acknowledge(self, words):
        self.acknowledged += 1
        if words[1].startswith(b"u"):
            return
        now = time.monotonic()
        for key in ([words[1], words[3]] if words[0] == b"MSET" else [words[1]]):
            past = self.history[key]
            at = next(i for i, (_, when) in enumerate(past) if when is None)
            past[at] = (past[at][0], now)

    def run(self):
        try:
            client = Client(self.port)
            while True:
                batch = [self.next_command() for _ in range(self.random.choice((1, 1, 1, 4, 20)))]
                client.send(batch)
                for words in batch:
                    answer = client.reply()
                    if isinstance(answer, Exception):
                        raise SystemExit(f"refused: {answer}")
                    self.acknowledge(words)
        except OSError:
            pass

    def check(self, client, killed_at):
        unit = client.ask("MGET", *self.unit_keys())
        if len(set(unit)) != 1:
            return f"half of a unit: {unit!r}"
        for key, past in self.history.items():
            certain = max(i for i, (_, when) in enumerate(past)
                          if when is not None and when <= killed_at - self.loss_allowed_s)
            allowed = {value for value, _ in past[certain:]}
            found = client.ask("GET", key)
            if found not in allowed:
                return f"{key!r} holds {found!r}, acknowledged was {past[certain][0]!r}"
        return None

    def settle(self, client):
        """What is there now is certain."""
        self.history = {key: [(client.ask("GET", key), 0.0)] for key in self.history}


def kill_rounds(options):
    directory = tempfile.mkdtemp(prefix="torc-durability-")
    chooser = random.Random(options.seed)
    acknowledged = 0
    thread_counts = options.threads.split(",")

    def start():
        threads = chooser.choice(thread_counts) if options.threads else ""
        more = ["--threads", threads] if threads else []
        return Server(options.server, directory, ["--appendfsync", options.fsync, *more])

    histories = [{} for _ in range(options.clients)]
    server = start()
    try:
        server.wait_ready()
        for number in range(options.rounds):
            writers = []
            for i in range(options.clients):
                writer = Writer(server.port, i, chooser.random(), LOSS_ALLOWED_S[options.fsync])
                writer.history = histories[i]
                writers.append(writer)
            for writer in writers:
                writer.start()
            time.sleep(chooser.uniform(0.01, options.seconds / 2))
            if chooser.random() < 0.3:
                Client(server.port).ask("BGREWRITEAOF")
            time.sleep(chooser.uniform(0.0, options.seconds / 2))
            server.kill()
            killed_at = time.monotonic()
            for writer in writers:
                writer.join()
            server = start()
            server.wait_ready()
            client = Client(server.port)
            for writer in writers:
                loss = writer.check(client, killed_at)
                if loss:
                    print(f"LOST in round {number}, seed {options.seed}: {loss}; directory {directory}")
                    server.kill()
                    return 1
                writer.settle(client)
                acknowledged += writer.acknowledged
            histories = [writer.history for writer in writers]
        server.kill()
        print(f"{options.rounds} kills, appendfsync {options.fsync}: {acknowledged} acknowledged commands, none lost "
              f"(seed {options.seed})")
        shutil.rmtree(directory)
        return 0
    finally:
        if server.process.poll() is None:
            server.kill()


def digest(port):
    """Every key with its type, content and deadline, in all databases that have any."""
    client = Client(port)
    content = {}
    for line in client.ask("INFO", "keyspace").decode().split("\r\n"):
        if not line.startswith("db"):
            continue
        number = line[2:line.index(":")]
        client.ask("SELECT", number)
        for key in sorted(client.ask("KEYS", "*")):
            deadline = client.ask("PEXPIRETIME", key)
            content[number, key] = (client.ask("TYPE", key), client.ask("GET", key), deadline)
    return content


def interchange(options):
    """Each server goes on with what the other left, three times."""
    directory = tempfile.mkdtemp(prefix="torc-durability-")
    chooser = random.Random(options.seed)
    before = {}
    server = None
    try:
        for turn, binary in enumerate([options.server, options.peer] * 3):
            server = Server(binary, directory)
            server.wait_ready()
            found = digest(server.port)
            if found != before:
                different = [key for key in found.keys() | before.keys() if found.get(key) != before.get(key)]
                print(f"turn {turn}, {binary}: different keys {different[:5]}, seed {options.seed}, in {directory}")
                server.kill()
                return 1
            client = Client(server.port)
            for _ in range(2000):
                client.ask("SELECT", str(chooser.randrange(3)))
                key = f"k{chooser.randrange(500)}"
                command = chooser.choice([["SET", key, "v" * chooser.randrange(300)], ["DEL", key],
                                          ["SET", key, str(chooser.randrange(99)), "EX", "100000"],
                                          ["APPEND", key, "\r\n#TORC:D 1 2 3\r\n"], ["PEXPIRE", key, "99999999"],
                                          ["SETRANGE", key, "10", "x"], ["PERSIST", key]])
                client.ask(*command)
            before = digest(server.port)
            if turn % 2 == 0:
                server.kill()
            else:
                server.stop()
        print(f"{len(before)} keys went to and fro (seed {options.seed})")
        shutil.rmtree(directory)
        return 0
    finally:
        if server is not None and server.process.poll() is None:
            server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--peer", default="redis-server")
    parser.add_argument("--interchange", action="store_true", help="take turns with the peer on one directory")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.4, help="longest time between start and kill")
    parser.add_argument("--fsync", choices=sorted(LOSS_ALLOWED_S), default="always")
    parser.add_argument("--threads", default="", help="numbers of threads to choose from, by commas")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    for name in ("server", "peer"):  # servers run in a directory of their own
        setattr(options, name, shutil.which(getattr(options, name)) or os.path.abspath(getattr(options, name)))
        setattr(options, name, os.path.abspath(getattr(options, name)))
    print(f"seed {options.seed}", flush=True)
    return interchange(options) if options.interchange else kill_rounds(options)


if __name__ == "__main__":
    sys.exit(main())
