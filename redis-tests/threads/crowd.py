"""What tests with a crowd of clients share: threads that keep what ended them, workers that take steps until time is over, and
how a crowd is set going and waited for.
"""

import argparse
import collections
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "durability"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from durability import Client  # noqa: E402


class Failure(Exception):
    """What a test looks for has been seen."""


class Task(threading.Thread):
    """Runs `work`; whatever ends it early is its failure."""

    def __init__(self, work=None):
        super().__init__(daemon=True)
        self.work = work or self.work
        self.failure = None

    def run(self):
        try:
            self.work()
        except Exception as failure:  # whatever ends a client ends the test
            self.failure = failure


class Worker(Task):
    """A client that takes one `step` after the other until the deadline."""

    patience = None  # seconds that a reply may take; None: as Client has it

    def __init__(self, port, number, seed, deadline):
        super().__init__()
        self.random = random.Random(seed * 1000 + number)
        self.port = port
        self.number = number
        self.client = self.connect()
        self.deadline = deadline
        self.steps = 0
        self.done = collections.Counter()

    def work(self):
        while time.monotonic() < self.deadline:
            self.step()
            self.steps += 1

    def connect(self):
        client = Client(self.port)
        if self.patience is not None:
            client.socket.settimeout(self.patience)
        return client

    def batch(self, commands):
        self.client.send([[str(word).encode() for word in words] for words in commands])
        return [self.client.reply() for _ in commands]


def parse_arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-arg", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print("seed %d" % options.seed, flush=True)
    return options


def run_crowd(kinds, port, options, patience, name):
    """Workers of all kinds in turn, until the seconds are over and `patience` more. What they were, or None when one of them hangs;
    each failure is printed, one that the test looks for under its name."""
    deadline = time.monotonic() + options.seconds
    workers = [kinds[i % len(kinds)](port, i, options.seed, deadline) for i in range(options.clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(options.seconds + patience)
        if worker.is_alive():
            print("a client got no answer")
            return None
    for failure in failures_of(workers):
        print("%s: %s" % (name, failure) if isinstance(failure, Failure) else "error: %r" % failure)
    return workers


def run_tasks(tasks, patience):
    """All at once; raises what ended one of them, or a Failure when one takes longer than so many seconds."""
    for task in tasks:
        task.start()
    for task in tasks:
        task.join(patience)
        if task.is_alive():
            raise Failure("a client is not answered any more")
        if task.failure:
            raise task.failure


def failures_of(workers):
    return [worker.failure for worker in workers if worker.failure is not None]
