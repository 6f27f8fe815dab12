#!/usr/bin/env python3
"""Client libraries, job queues, caches and tools of many languages, at the tasks people give them.

Run against any server:   ecosystem_test.py [--server PATH] [--server-arg ARG]… [--quick] [--modules FOLDER] [TEST]…

The libraries come unmodified from Debian (utils/lib/packages.sh names the packages) and, for Node.js, from npm:
`npm ci` puts the versions that package-lock.json pins into FOLDER (default build/ecosystem), once. --quick leaves out
what takes long or needs npm or a compiler. What is not installed is said and skipped; so is each task that needs a
command which the server does not have, and the end of the output lists those.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from server_under_test import Server, take_flags  # noqa: E402

SERVER = "redis-server"
SERVER_ARGS = []
MODULES = os.path.join(HERE, "..", "..", "build", "ecosystem")
TIMEOUT_S = 180
NPM_TIMEOUT_S = 900
LACKING = set()  # what skipped tasks said they need


def read(path):
    with open(path, "rb") as file:
        return file.read()


def npm_ci():
    """Installs the pinned modules unless they are there. Returns why not, or nothing."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (Debian packages: nodejs npm)"
    stamp = os.path.join(MODULES, "installed")
    lock = read(os.path.join(HERE, "package-lock.json"))
    if os.path.exists(stamp) and read(stamp) == lock:
        return None
    os.makedirs(MODULES, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), MODULES)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=MODULES,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=NPM_TIMEOUT_S, check=False)
    if done.returncode != 0:
        return "npm ci failed: " + done.stdout.decode()[-500:]
    with open(stamp, "wb") as file:
        file.write(lock)
    return None


class WithServer(unittest.TestCase):
    def setUp(self):
        self.server = Server(SERVER, *SERVER_ARGS)
        self.addCleanup(self.server.stop)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server ended during the test")

    def run_tasks(self, command, **environment):
        """Runs a test program of another language; its output is shown when it fails."""
        environment = dict(os.environ, TORC_TEST_PORT=str(self.server.port), **environment)
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=TIMEOUT_S, check=False)
        out = done.stdout.decode(errors="replace")
        self.assertEqual(done.returncode, 0, out)
        LACKING.update(re.findall(r"needs ([A-Z, ]+)", out))
        return out

    def need(self, tool, packages):
        path = shutil.which(tool)
        if path is None:
            self.skipTest(f"{tool} is not installed (Debian packages: {packages})")
        return path


class Node(WithServer):
    @classmethod
    def setUpClass(cls):
        reason = npm_ci()
        if reason:
            raise unittest.SkipTest(reason)

    def run_file(self, name):
        out = self.run_tasks(["node", "--test", "--test-reporter=tap", os.path.join(HERE, name)],
                             NODE_PATH=os.path.join(os.path.abspath(MODULES), "node_modules"))
        self.assertRegex(out, r"(?m)^# fail 0$")
        passed = int(re.search(r"(?m)^# pass (\d+)$", out).group(1))
        self.assertGreater(passed, 3, out)

    def test_session_store(self):
        self.run_file("session_store_test.js")

    def test_ioredis(self):
        self.run_file("ioredis_test.js")

    def test_node_redis(self):
        self.run_file("node_redis_test.js")

    def test_bullmq(self):
        self.run_file("bullmq_test.js")

    def test_socket_io(self):
        self.run_file("socket_io_test.js")

    def test_rate_limiter(self):
        self.run_file("rate_limiter_test.js")

    def test_redlock(self):
        self.run_file("redlock_test.js")


class Python(WithServer):
    def run_file(self, name, module, package):
        # The first Python may be one that does not see Debian's modules.
        for python in (sys.executable, "/usr/bin/python3"):
            if subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                self.run_tasks([python, os.path.join(HERE, name)])
                return
        self.skipTest(f"the Python module {module} is not installed (Debian package: {package})")


class QuickPython(Python):
    def test_redis_py(self):
        self.run_file("redis_py_tasks.py", "redis", "python3-redis")

    def test_django_cache(self):
        self.run_file("django_cache_tasks.py", "django_redis", "python3-django-redis")

    def test_rq(self):
        self.run_file("rq_tasks.py", "rq", "python3-rq")


class Celery(Python):
    def test_celery(self):
        self.run_file("celery_tasks.py", "celery", "python3-celery")


class QuickPhp(WithServer):
    def run_part(self, part, needed, packages):
        php = self.need("php", "php-cli")
        probe = subprocess.run([php, "-r", needed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if probe.returncode != 0:
            self.skipTest(f"{part} is not installed (Debian packages: {packages})")
        self.assertIn("\ndone\n", self.run_tasks([php, os.path.join(HERE, "php_tasks.php"), part]))

    def test_phpredis(self):
        self.run_part("phpredis", "new Redis();", "php-redis")

    def test_predis(self):
        self.run_part("predis", "new Redis(); require 'Predis/autoload.php';", "php-redis php-predis")

    def test_symfony(self):
        self.run_part("symfony", "new Redis(); require 'Predis/autoload.php'; "
                      "require 'Symfony/Component/Cache/autoload.php';", "php-redis php-predis php-symfony-cache")

    def test_laravel(self):
        self.run_part("laravel", "new Redis(); require 'Predis/autoload.php'; require 'Illuminate/Redis/autoload.php'; "
                      "require 'Illuminate/Cache/autoload.php'; require 'Illuminate/Queue/autoload.php';",
                      "php-redis php-predis php-illuminate-redis php-illuminate-cache php-illuminate-queue")


class QuickExporter(WithServer):
    def test_redis_exporter(self):
        self.need("prometheus-redis-exporter", "prometheus-redis-exporter")
        self.run_tasks([sys.executable, os.path.join(HERE, "exporter_tasks.py")])


class Ruby(WithServer):
    def run_file(self, name, gem):
        ruby = self.need("ruby", "ruby")
        if subprocess.run([ruby, "-e", f"require '{gem}'"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest(f"{gem} is not installed (Debian package: ruby-{gem})")
        self.assertIn("\ndone\n", self.run_tasks([ruby, os.path.join(HERE, name)]))

    def test_redis_rb(self):
        self.run_file("redis_rb_tasks.rb", "redis")

    def test_sidekiq(self):
        self.run_file("sidekiq_tasks.rb", "sidekiq")


class Go(WithServer):
    SOURCES = "/usr/share/gocode"  # where Debian puts the sources of Go's libraries

    def test_redigo(self):
        go = self.need("go", "golang-go")
        if not os.path.isdir(os.path.join(self.SOURCES, "src/github.com/gomodule/redigo")):
            self.skipTest("redigo is not installed (Debian package: golang-github-gomodule-redigo-dev)")
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, GO111MODULE="off", GOPATH=self.SOURCES, GOCACHE=folder, GOTOOLCHAIN="local")
            program = os.path.join(folder, "redigo_tasks")
            done = subprocess.run([go, "build", "-o", program, os.path.join(HERE, "redigo_tasks.go")], env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
            self.assertEqual(done.returncode, 0, done.stdout.decode())
            self.assertIn("\ndone\n", self.run_tasks([program]))


def slow_ones_left_out():
    for case in list(globals().values()):
        if isinstance(case, type) and issubclass(case, WithServer) and not case.__name__.startswith("Quick"):
            for name in [name for name in dir(case) if name.startswith("test_")]:
                setattr(case, name, None)


def main():
    global SERVER, MODULES
    argv = sys.argv[:]
    for server in take_flags(argv, "--server"):
        SERVER = os.path.abspath(server) if os.sep in server else server
    SERVER_ARGS.extend(take_flags(argv, "--server-arg"))
    for modules in take_flags(argv, "--modules"):
        MODULES = os.path.abspath(modules)
    if "--quick" in argv:
        argv.remove("--quick")
        slow_ones_left_out()
    done = unittest.main(argv=argv, verbosity=2, exit=False)
    for line in sorted(LACKING):
        print("not tried, the server has no", line)
    sys.exit(not done.result.wasSuccessful())


if __name__ == "__main__":
    main()
