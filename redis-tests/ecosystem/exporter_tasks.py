#!/usr/bin/env python3
"""Prometheus's redis_exporter against the server that listens at TORC_TEST_PORT: its metrics tell what happened.

Started by ecosystem_test.py. Only the standard library is used.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from free_ports import free_port  # noqa: E402

PORT = int(os.environ["TORC_TEST_PORT"])
EXPORTER = shutil.which("prometheus-redis-exporter") or shutil.which("redis_exporter")


def command(*words):
    """One command in a connection of its own; the start of what came back."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as client:
        client.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in
                                                          (word.encode() for word in words)))
        return client.recv(4096)


class Metrics(unittest.TestCase):
    def setUp(self):
        command("FLUSHALL")
        self.port = free_port()
        self.exporter = subprocess.Popen(
            [EXPORTER, "-redis.addr", f"redis://127.0.0.1:{PORT}", "-web.listen-address", f"127.0.0.1:{self.port}",
             "-check-keys", "user:*", "-check-streams", "events", "-include-system-metrics", "-is-tile38=false"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end)

    def end(self):
        self.exporter.terminate()
        self.exporter.wait(10)

    def scrape(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
                    lines = page.read().decode().splitlines()
                break
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline or self.exporter.poll() is not None:
                    raise
        values = {}
        for line in lines:
            found = re.fullmatch(r"(redis_\w+(?:\{.*\})?) (\S+)", line)
            if found:
                values[found.group(1)] = float(found.group(2))
        return values

    def test_what_happened_is_told(self):
        command("CONFIG", "RESETSTAT")
        command("CONFIG", "SET", "slowlog-log-slower-than", "0")
        for i in range(10):
            command("SET", f"user:{i}", "v" * (i + 1))
        command("EXPIRE", "user:1", "1000")
        command("GET", "user:1")
        command("GET", "none")
        command("NONSENSE")
        command("XADD", "events", "*", "f", "v")
        command("XGROUP", "CREATE", "events", "readers", "0")
        command("CONFIG", "SET", "slowlog-log-slower-than", "10000")
        values = self.scrape()
        self.assertEqual(values["redis_up"], 1)
        self.assertEqual(values["redis_exporter_last_scrape_error{err=\"\"}"], 0)
        self.assertEqual(values['redis_db_keys{db="db0"}'], 11)
        self.assertEqual(values['redis_db_keys_expiring{db="db0"}'], 1)
        self.assertEqual(values['redis_commands_total{cmd="set"}'], 10)
        self.assertEqual(values["redis_keyspace_hits_total"] >= 1, True)
        self.assertEqual(values["redis_keyspace_misses_total"] >= 1, True)
        self.assertGreater(values["redis_memory_used_bytes"], 0)
        self.assertGreater(values["redis_slowlog_length"], 10)
        self.assertGreaterEqual(values["redis_connected_clients"], 1)
        self.assertIn("redis_config_maxclients", values)
        self.assertIn("redis_process_id", values)
        info = [name for name in values if name.startswith("redis_instance_info{")]
        self.assertEqual(len(info), 1)
        self.assertIn('redis_mode="standalone"', info[0])
        self.assertIn('role="master"', info[0])
        self.assertEqual(values['redis_key_size{db="db0",key="user:4"}'], 5)
        self.assertEqual(values['redis_stream_length{db="db0",stream="events"}'], 1)
        self.assertEqual(values['redis_stream_groups{db="db0",stream="events"}'], 1)
        self.assertIn('redis_commands_failed_calls_total{cmd="set"}', values)
        self.assertEqual(values['redis_errors_total{err="ERR"}'], 1)

    def test_a_second_look_counts_on(self):
        first = self.scrape()
        command("SET", "k", "v")
        second = self.scrape()
        self.assertGreater(second["redis_commands_processed_total"], first["redis_commands_processed_total"])
        self.assertGreater(second["redis_connections_received_total"], first["redis_connections_received_total"])
        self.assertEqual(set(first) - set(second), set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
