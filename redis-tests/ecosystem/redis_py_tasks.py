#!/usr/bin/env python3
"""Everyday work through redis-py, on the server that listens at TORC_TEST_PORT. Started by ecosystem_test.py."""
import os
import threading
import unittest

import redis

PORT = int(os.environ["TORC_TEST_PORT"])


class Tasks(unittest.TestCase):
    def setUp(self):
        self.redis = redis.Redis(port=PORT)
        self.addCleanup(self.redis.close)
        self.redis.flushall()

    def need(self, *names):
        known = self.redis.execute_command("COMMAND COUNT") and self.redis.command()
        missing = [name for name in names if name not in known]
        if missing:
            self.skipTest("needs " + ", ".join(missing).upper())

    def test_values_and_times(self):
        r = self.redis
        self.assertTrue(r.set("k", b"\x00\xff", ex=100, nx=True))
        self.assertIsNone(r.set("k", "other", nx=True))
        self.assertEqual(r.get("k"), b"\x00\xff")
        self.assertLessEqual(r.ttl("k"), 100)
        self.assertEqual(r.getex("k", persist=True), b"\x00\xff")
        self.assertEqual(r.ttl("k"), -1)
        self.assertEqual(r.incrby("n", 5), 5)
        self.assertEqual(r.incrbyfloat("n", 0.5), 5.5)
        self.assertTrue(r.mset({"a": 1, "b": 2}))
        self.assertEqual(r.mget("a", "b", "c"), [b"1", b"2", None])
        self.assertEqual(r.setbit("bits", 7, 1), 0)
        self.assertEqual(r.bitcount("bits"), 1)
        self.assertEqual(r.getdel("a"), b"1")
        self.assertEqual(r.exists("a", "b"), 1)

    def test_decoded_text(self):
        with redis.Redis(port=PORT, decode_responses=True) as r:
            r.set("k", "wört")
            self.assertEqual(r.get("k"), "wört")

    def test_a_pipeline_with_an_error_in_it(self):
        pipeline = self.redis.pipeline(transaction=False)
        pipeline.set("k", "v").incr("k").get("k")
        replies = pipeline.execute(raise_on_error=False)
        self.assertEqual(replies[0], True)
        self.assertIsInstance(replies[1], redis.ResponseError)
        self.assertEqual(replies[2], b"v")

    def test_scan_iter(self):
        self.redis.mset({f"key:{i}": i for i in range(500)})
        self.assertEqual(len(set(self.redis.scan_iter("key:*", count=40))), 500)

    def test_a_pool_shared_by_threads(self):
        def work():
            for _ in range(200):
                self.redis.incr("n")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.redis.get("n"), b"1600")

    def test_a_killed_connection_is_made_again(self):
        other = redis.Redis(port=PORT, retry_on_error=[redis.ConnectionError])
        identity = other.client_id()
        self.redis.client_kill_filter(_id=identity)
        self.assertTrue(other.ping())
        self.assertNotEqual(other.client_id(), identity)
        other.close()

    def test_what_it_reads_of_the_server(self):
        self.assertGreaterEqual(self.redis.info()["redis_version"], "7.0")
        self.assertEqual(self.redis.config_get("maxmemory-policy"), {"maxmemory-policy": "noeviction"})
        self.redis.client_setname("tasks")
        self.assertIn("tasks", [client["name"] for client in self.redis.client_list()])
        self.assertIn("get", self.redis.command())
        self.assertGreater(len(self.redis.time()), 1)

    def test_transactions(self):
        self.need("multi", "exec", "watch")
        self.assertEqual(self.redis.pipeline().set("k", 1).incr("k").execute(), [True, 2])

    def test_hashes(self):
        self.need("hset", "hgetall")
        self.redis.hset("h", mapping={"a": 1})
        self.assertEqual(self.redis.hgetall("h"), {b"a": b"1"})

    def test_a_lock(self):
        self.need("eval", "evalsha")
        with self.redis.lock("lock", timeout=10):
            self.assertFalse(self.redis.lock("lock").acquire(blocking=False))


if __name__ == "__main__":
    unittest.main(verbosity=2)
