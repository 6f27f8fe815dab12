#!/usr/bin/env python3
"""Checks the tools themselves against redis-server: what they count is what happened. Run by ctest."""

import argparse
import os
import re
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import compare
from suite.growth import recurring_worst
from suite.process import Bench, Failure, Server
from suite.report import ratio

TOOLS = argparse.Namespace(bare="", load="")


def bench(*arguments):
    options = compare.parse(["throughput", "--ours", "redis-server", "--bare", TOOLS.bare, "--load", TOOLS.load,
                             *arguments])
    core = min(os.sched_getaffinity(0))
    options.server_core = options.load_core = core
    return Bench(options)


def calls_of(server, command):
    found = re.search(rb"cmdstat_%s:calls=(\d+)" % command.encode(), server.command("INFO commandstats"))
    return int(found.group(1)) if found else 0


class BareResponder(unittest.TestCase):
    def test_answers_each_command_once_wherever_the_bytes_are_cut(self):
        commands = (b"*1\r\n$4\r\nPING\r\n" + b"PING\r\n" + b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\n*1\r\n-\r\n"
                    + b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n")
        with bench().start("bare") as server:
            for cut in range(len(commands) + 1):
                with socket.create_connection(("127.0.0.1", server.port), timeout=10) as link:
                    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    link.sendall(commands[:cut])
                    link.sendall(commands[cut:])
                    link.shutdown(socket.SHUT_WR)
                    got = b""
                    while piece := link.recv(4096):
                        got += piece
                self.assertEqual(got, b"+OK\r\n" * 4, f"cut at {cut}")


class LoadGenerator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = bench()
        cls.server = cls.bench.start("peer")
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        self.server.command("FLUSHALL")
        self.server.command("CONFIG RESETSTAT")

    def test_a_sequential_fill_sets_every_key_once(self):
        self.bench.fill(self.server, 12_345, value_size=77)
        self.assertEqual(self.server.command("DBSIZE"), b":12345\r\n")
        self.assertEqual(self.server.command("STRLEN key:000000012344"), b":77\r\n")
        self.assertEqual(self.server.command("EXISTS key:000000012345"), b":0\r\n")

    def test_it_sends_and_counts_exactly_the_requests_asked_for_by_either_kind_of_io(self):
        for io in ("calls", "auto"):
            for pipeline in (1, 16, 1000):
                self.server.command("CONFIG RESETSTAT")
                report = self.bench.load(self.server, mix="GET=3,SET=1", requests=40_001, pipeline=pipeline, io=io)
                self.assertEqual(report["requests"], 40_001)
                gets, sets = calls_of(self.server, "get"), calls_of(self.server, "set")
                self.assertEqual(gets + sets, 40_001)
                self.assertAlmostEqual(gets / sets, 3, delta=0.1)

    def test_nested_null_and_empty_replies_count_once(self):
        for line in ("XADD s * f v", "XADD s * f v", "RPUSH l a b c", "HSET h f v"):
            self.server.command(line)
        for line in ("XRANGE s - +", "LRANGE l 0 -1", "LRANGE none 0 -1", "HGETALL h", "GET none", "CONFIG GET max*",
                     "COMMAND INFO get none set"):
            report = self.bench.load(self.server, command=line, requests=5_000, pipeline=7)
            self.assertEqual(report["requests"], 5_000, line)

    def test_random_keys_cover_the_key_space_and_stay_inside(self):
        self.bench.load(self.server, mix="MSET=1", requests=5_000, keys=1_000)
        self.assertEqual(self.server.command("DBSIZE"), b":1000\r\n")
        self.assertEqual(self.server.command("EXISTS key:000000001000"), b":0\r\n")

    def test_an_error_reply_fails_the_run_unless_allowed(self):
        with self.assertRaisesRegex(Failure, "error replies"):
            self.bench.load(self.server, command="NOSUCHCOMMAND", requests=10)

    def test_the_open_loop_offers_the_rate_and_no_more(self):
        report = self.bench.load(self.server, mix="PING=1", rate=1_000, seconds=1)
        self.assertEqual(report["requests"], 1_000)
        self.assertGreaterEqual(report["seconds"], 0.99)

    def test_a_stalled_server_is_charged_for_the_requests_that_fell_due_meanwhile(self):
        self.server.command("CLIENT PAUSE 1500 ALL")
        report = self.bench.load(self.server, mix="PING=1", rate=1_000, seconds=1, connections=1)
        # One request is in flight and a thousand fall due behind it, half of them more than half a second before
        # the pause ends (half of that is left for a slow start of the generator).
        self.assertEqual(report["latency_us"]["count"], 1_000)
        self.assertGreater(report["latency_us"]["p50"], 250_000)

    def test_quantiles_are_in_order(self):
        latency = self.bench.load(self.server, requests=50_000)["latency_us"]
        self.assertEqual(latency["count"], 50_000)
        self.assertLessEqual(latency["p50"], latency["p99"])
        self.assertLessEqual(latency["p99"], latency["p999"])
        self.assertLessEqual(latency["p999"], latency["max"])


class Processes(unittest.TestCase):
    def test_a_server_that_cannot_start_is_a_failure_with_its_output(self):
        with self.assertRaisesRegex(Failure, "no-such-option"):
            Server("peer", "redis-server", "--port {port} --no-such-option 1")

    def test_a_stopped_server_is_gone(self):
        with bench().start("peer") as server:
            pid = server.pid
        self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertFalse(os.path.exists(server.directory))


class Figures(unittest.TestCase):
    def test_ratio_is_the_median_of_the_rounds(self):
        self.assertEqual(ratio([1, 20, 3], [2, 10, 1]), 2)

    def test_only_a_stall_of_every_round_recurs(self):
        self.assertEqual(recurring_worst([[1, 9, 1, 1, 5], [1, 1, 9, 1, 1], [1, 1, 9, 7, 2]]), 9)
        self.assertEqual(recurring_worst([[1, 9, 1, 1, 1], [1, 1, 1, 1, 8]]), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bare", required=True)
    parser.add_argument("--load", required=True)
    TOOLS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
