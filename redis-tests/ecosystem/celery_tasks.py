#!/usr/bin/env python3
"""Celery with a real worker: broker and results in the server that listens at TORC_TEST_PORT.

Started by ecosystem_test.py; the worker that it starts in turn imports this file for its tasks.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from celery import Celery, chain, chord, group
from celery.exceptions import TaskRevokedError

PORT = int(os.environ["TORC_TEST_PORT"])
HERE = os.path.dirname(os.path.abspath(__file__))
WAIT_S = 30

app = Celery("tasks", broker=f"redis://127.0.0.1:{PORT}/0", backend=f"redis://127.0.0.1:{PORT}/1")
app.conf.update(
    task_serializer="json", accept_content=["json"], worker_hijack_root_logger=False,
    broker_transport_options={"visibility_timeout": 3600},
    task_routes={"celery_tasks.elsewhere": {"queue": "other"}})


@app.task(name="celery_tasks.add")
def add(a, b):
    return a + b


@app.task(name="celery_tasks.total")
def total(numbers):
    return sum(numbers)


@app.task(name="celery_tasks.fragile", bind=True, max_retries=3)
def fragile(self, failures):
    if self.request.retries < failures:
        raise self.retry(countdown=0.05, exc=ValueError(f"attempt {self.request.retries}"))
    return self.request.retries


@app.task(name="celery_tasks.elsewhere")
def elsewhere():
    return "other"


@app.task(name="celery_tasks.clock")
def clock():
    return time.time()


class Tasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = tempfile.TemporaryFile()
        cls.worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "celery_tasks", "worker", "--concurrency", "2", "--queues",
             "celery,other", "--events", "--loglevel", "WARNING"],
            cwd=HERE, stdout=cls.log, stderr=subprocess.STDOUT, env=dict(os.environ, C_FORCE_ROOT="1"))
        deadline = time.monotonic() + 60
        while not app.control.ping(timeout=0.5):
            if time.monotonic() > deadline or cls.worker.poll() is not None:
                cls.tearDownClass()
                raise RuntimeError("the worker does not come up")

    @classmethod
    def tearDownClass(cls):
        cls.worker.send_signal(signal.SIGTERM)
        try:
            cls.worker.wait(30)
        except subprocess.TimeoutExpired:
            cls.worker.kill()
            cls.worker.wait()
        cls.log.seek(0)
        sys.stderr.write(cls.log.read().decode(errors="replace"))
        cls.log.close()
        if cls.worker.returncode != 0:
            raise RuntimeError(f"the worker ended with {cls.worker.returncode}")

    def test_tasks_give_their_results(self):
        results = [add.delay(i, i) for i in range(100)]
        self.assertEqual([result.get(timeout=WAIT_S) for result in results], [2 * i for i in range(100)])
        self.assertEqual(results[0].state, "SUCCESS")
        results[0].forget()
        self.assertEqual(results[0].state, "PENDING")

    def test_a_failing_task_is_tried_again_and_at_last_reported(self):
        self.assertEqual(fragile.delay(2).get(timeout=WAIT_S), 2)
        with self.assertRaisesRegex(ValueError, "attempt 3"):
            fragile.delay(9).get(timeout=WAIT_S)

    def test_a_queue_of_its_own(self):
        self.assertEqual(elsewhere.delay().get(timeout=WAIT_S), "other")

    def test_a_task_for_later_waits(self):
        start = time.time()
        self.assertGreaterEqual(clock.apply_async(countdown=1).get(timeout=WAIT_S), start + 1)

    def test_chains_groups_and_chords(self):
        self.assertEqual(chain(add.s(1, 2), add.s(3), add.s(4))().get(timeout=WAIT_S), 10)
        self.assertEqual(group(add.s(i, 1) for i in range(20))().get(timeout=WAIT_S), list(range(1, 21)))
        self.assertEqual(chord((add.s(i, i) for i in range(20)), total.s())().get(timeout=WAIT_S), 380)

    def test_a_revoked_task_does_not_run(self):
        result = clock.apply_async(countdown=3600)
        deadline = time.monotonic() + WAIT_S
        while not any(app.control.inspect(timeout=1).scheduled().values()):
            self.assertLess(time.monotonic(), deadline)
        app.control.revoke(result.id)
        app.control.revoke(result.id, terminate=True)
        with self.assertRaises(TaskRevokedError):
            later = clock.apply_async(task_id=result.id)
            later.get(timeout=WAIT_S)

    def test_the_worker_answers_questions(self):
        inspect = app.control.inspect(timeout=2)
        (name, stats), = inspect.stats().items()
        self.assertEqual(stats["broker"]["transport"], "redis")
        self.assertIn("celery_tasks.add", inspect.registered()[name])
        self.assertEqual({queue["name"] for queue in inspect.active_queues()[name]}, {"celery", "other"})


if __name__ == "__main__":
    # The worker knows this file by its name, and so the tasks' names must not be __main__'s.
    unittest.main(module="celery_tasks", verbosity=2)
