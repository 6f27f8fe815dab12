#!/usr/bin/env python3
"""RQ, a job queue, with real workers, on the server that listens at TORC_TEST_PORT. Started by ecosystem_test.py."""
import datetime
import os
import subprocess
import sys
import unittest

import redis
from rq import Queue, Retry
from rq.job import Dependency, JobStatus
from rq.registry import FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry
from rq.worker import Worker

PORT = int(os.environ["TORC_TEST_PORT"])
HERE = os.path.dirname(os.path.abspath(__file__))


def double(n):
    return 2 * n


def fail():
    raise ValueError("as it should")


def count(name):
    """Fails twice, then succeeds."""
    runs = redis.Redis(port=PORT).incr(name)
    if runs < 3:
        raise ValueError(f"run {runs}")
    return runs


class Tasks(unittest.TestCase):
    def setUp(self):
        self.redis = redis.Redis(port=PORT)
        self.addCleanup(self.redis.close)
        self.redis.flushall()
        self.queue = Queue(connection=self.redis)

    def work(self, *queues, workers=1):
        """Lets workers, real processes, do all that waits."""
        command = [sys.executable, "-m", "rq.cli", "worker", "--burst", "--quiet", "--path", HERE,
                   "--url", f"redis://127.0.0.1:{PORT}", *(queues or ("default",))]
        running = [subprocess.Popen(command, cwd=HERE, stderr=subprocess.DEVNULL) for _ in range(workers)]
        for process in running:
            self.assertEqual(process.wait(60), 0)

    def test_jobs_are_done_by_two_workers(self):
        jobs = [self.queue.enqueue("rq_tasks.double", i) for i in range(20)]
        self.assertEqual(len(self.queue), 20)
        self.work(workers=2)
        self.assertEqual([job.result for job in jobs], [2 * i for i in range(20)])
        self.assertEqual(FinishedJobRegistry(queue=self.queue).count, 20)
        self.assertEqual(Worker.all(connection=self.redis), [])

    def test_failures_are_kept_and_put_back(self):
        job = self.queue.enqueue("rq_tasks.fail")
        self.work()
        self.assertEqual(job.get_status(), JobStatus.FAILED)
        registry = FailedJobRegistry(queue=self.queue)
        self.assertEqual(registry.get_job_ids(), [job.id])
        registry.requeue(job.id)
        self.assertEqual(self.queue.job_ids, [job.id])

    def test_a_job_is_tried_again(self):
        job = self.queue.enqueue("rq_tasks.count", "runs", retry=Retry(max=3))
        self.work()
        self.assertEqual(job.get_status(), JobStatus.FINISHED)
        self.assertEqual(self.redis.get("runs"), b"3")

    def test_dependent_jobs_wait_for_others(self):
        first = self.queue.enqueue("rq_tasks.double", 1)
        failing = self.queue.enqueue("rq_tasks.fail")
        second = self.queue.enqueue("rq_tasks.double", 2, depends_on=first)
        third = self.queue.enqueue("rq_tasks.double", 3, depends_on=Dependency([failing], allow_failure=True))
        self.assertEqual(second.get_status(), JobStatus.DEFERRED)
        self.work()
        self.assertEqual((second.result, third.result), (4, 6))

    def test_queues_in_order_of_importance(self):
        low = Queue("low", connection=self.redis)
        high = Queue("high", connection=self.redis)
        late = low.enqueue("rq_tasks.double", 1)
        early = high.enqueue("rq_tasks.double", 2)
        self.work("high", "low")
        late.refresh(), early.refresh()
        self.assertLess(early.ended_at, late.started_at)

    def test_scheduled_jobs_wait_for_their_time(self):
        job = self.queue.enqueue_in(datetime.timedelta(hours=1), "rq_tasks.double", 1)
        registry = ScheduledJobRegistry(queue=self.queue)
        self.assertIn(job.id, registry)
        self.work()
        self.assertEqual(job.get_status(), JobStatus.SCHEDULED)
        registry.remove(job)
        self.assertEqual(len(registry), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
