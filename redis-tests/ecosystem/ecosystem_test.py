#!/usr/bin/env python3
"""Client libraries and a web framework's session store, at the tasks people give them.

Run against any server:   ecosystem_test.py [--server PATH] [--modules FOLDER] [unittest's arguments]

The Node.js tests need node and npm; `npm ci` puts the versions that package-lock.json pins into FOLDER (default
build/ecosystem), once. The Python tests need Debian's python3-redis. What is missing is said, and its tests are
skipped; so is each task that needs a command which the server does not have, and the end of the output lists those.
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from server_under_test import Server, take_flags  # noqa: E402

SERVER = "redis-server"
MODULES = os.path.join(HERE, "..", "..", "build", "ecosystem")
TIMEOUT_S = 120
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
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    if done.returncode != 0:
        return "npm ci failed: " + done.stdout.decode()[-500:]
    with open(stamp, "wb") as file:
        file.write(lock)
    return None


class WithServer(unittest.TestCase):
    def setUp(self):
        self.server = Server(SERVER)
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
        self.assertGreater(passed, 4, out)

    def test_session_store(self):
        self.run_file("session_store_test.js")

    def test_ioredis(self):
        self.run_file("ioredis_test.js")

    def test_node_redis(self):
        self.run_file("node_redis_test.js")


class Python(WithServer):
    def test_redis_py(self):
        # The first Python may be one that does not see Debian's modules.
        for python in (sys.executable, "/usr/bin/python3"):
            if subprocess.run([python, "-c", "import redis"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                self.run_tasks([python, os.path.join(HERE, "redis_py_tasks.py")])
                return
        self.skipTest("the Python module redis is not installed (Debian package: python3-redis)")


def main():
    global SERVER, MODULES
    argv = sys.argv[:]
    for server in take_flags(argv, "--server"):
        SERVER = os.path.abspath(server) if os.sep in server else server
    for modules in take_flags(argv, "--modules"):
        MODULES = os.path.abspath(modules)
    done = unittest.main(argv=argv, verbosity=2, exit=False)
    for line in sorted(LACKING):
        print("not tried, the server has no", line)
    sys.exit(not done.result.wasSuccessful())


if __name__ == "__main__":
    main()
