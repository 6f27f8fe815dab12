#!/usr/bin/env python3
"""Django's cache and sessions in the server that listens at TORC_TEST_PORT, through django-redis (the Django of
Debian 12 has no Redis cache of its own). Started by ecosystem_test.py.
"""
import os
import threading
import time
import unittest

import django
from django.conf import settings

PORT = int(os.environ["TORC_TEST_PORT"])
BACKENDS = {"default": "django_redis.cache.RedisCache"}
if django.VERSION >= (4, 0):
    BACKENDS["own"] = "django.core.cache.backends.redis.RedisCache"
settings.configure(
    CACHES={name: {"BACKEND": backend, "LOCATION": f"redis://127.0.0.1:{PORT}/{db}", "KEY_PREFIX": "site"}
            for db, (name, backend) in enumerate(BACKENDS.items())},
    SESSION_ENGINE="django.contrib.sessions.backends.cache", SECRET_KEY="a secret", USE_TZ=True,
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"])
django.setup()

from django.contrib.sessions.backends.cache import SessionStore  # noqa: E402
from django.core.cache import cache, caches  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.cache import cache_page  # noqa: E402

renderings = []


@cache_page(60)
def page(request):
    renderings.append(request.path)
    return HttpResponse(f"rendered {len(renderings)} times")


def visits(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(str(request.session["visits"]))


urlpatterns = [path("page", page), path("visits", visits)]


class Tasks(unittest.TestCase):
    def setUp(self):
        for name in BACKENDS:
            caches[name].clear()

    def test_values_of_all_kinds_and_their_times(self):
        for name in BACKENDS:
            one = caches[name]
            value = {"list": [1, 2.5, None], "text": "wört", "bytes": b"\x00\xff"}
            one.set("k", value, timeout=100)
            self.assertEqual(one.get("k"), value)
            self.assertFalse(one.add("k", 1))
            self.assertTrue(one.touch("k", 1000))
            self.assertEqual(one.get_or_set("computed", lambda: 42), 42)
            one.set_many({f"m{i}": i for i in range(50)}, timeout=None)
            self.assertEqual(one.get_many([f"m{i}" for i in range(50)] + ["none"]), {f"m{i}": i for i in range(50)})
            one.delete_many([f"m{i}" for i in range(49)])
            self.assertTrue(one.has_key("m49"))
            self.assertEqual(one.incr("m49", 3), 52)
            self.assertEqual(one.decr("m49"), 51)
            with self.assertRaises(ValueError):
                one.incr("none")
            one.set("gone", 1, timeout=0)
            self.assertIsNone(one.get("gone"))

    def test_a_value_is_gone_in_time(self):
        cache.set("short", 1, timeout=1)
        self.assertLessEqual(cache.ttl("short"), 1)
        deadline = time.monotonic() + 10
        while cache.get("short") is not None:
            self.assertLess(time.monotonic(), deadline)

    def test_versions_and_patterns(self):
        cache.set("k", "one", version=1)
        cache.set("k", "two", version=2)
        self.assertEqual((cache.get("k", version=1), cache.get("k", version=2)), ("one", "two"))
        cache.set_many({f"user:{i}": i for i in range(300)})
        self.assertEqual(len(cache.keys("user:*")), 300)
        self.assertEqual(len(set(cache.iter_keys("user:*"))), 300)
        self.assertEqual(cache.delete_pattern("user:*"), 300)
        self.assertTrue(cache.persist("k", version=1))
        self.assertTrue(cache.expire("k", timeout=5, version=2))

    def test_a_lock_lets_one_in_at_a_time(self):
        cache.set("n", 0)

        def work():
            for _ in range(10):
                with cache.lock("a lock", timeout=10, sleep=0.001):
                    cache.set("n", cache.get("n") + 1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(cache.get("n"), 40)

    def test_a_page_is_rendered_once(self):
        renderings.clear()
        browser = Client()
        bodies = {browser.get("/page").content for _ in range(5)}
        self.assertEqual(bodies, {b"rendered 1 times"})

    def test_sessions(self):
        browsers = [Client() for _ in range(3)]
        for expected in range(1, 6):
            for browser in browsers:
                self.assertEqual(browser.get("/visits").content, str(expected).encode())
        key = browsers[0].cookies["sessionid"].value
        self.assertEqual(SessionStore(key)["visits"], 5)
        SessionStore(key).flush()
        self.assertEqual(browsers[0].get("/visits").content, b"1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
