"""Servers under measurement and the load generator: started on free ports, pinned, ended by pid."""

import ctypes
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../redis-tests/support"))
from free_ports import free_port  # noqa: E402

REDIS_STYLE = "--port {port} --bind 127.0.0.1 --dir {dir} --save '' --appendonly no {extra}"
# For our server where stalls are measured: a loop that spins instead of sleeping spends CPU time in a late answer too,
# whoever made it late.
WITHOUT_SPINNING = REDIS_STYLE + " --busy-poll-us 0"
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """The measurement cannot be made; the message says why."""


def _prepare_child(core, priority):
    """For preexec_fn: pins the child and ends it should this script die without a chance to clean up."""
    libc = ctypes.CDLL(None)

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if core is not None:
            os.sched_setaffinity(0, {core})
        if priority:
            # Linux weighs sessions first (autogroup), processes within them second.
            os.setsid()
            os.setpriority(os.PRIO_PROCESS, 0, priority)
            if os.path.exists("/proc/self/autogroup"):
                with open("/proc/self/autogroup", "w", encoding="ascii") as file:
                    file.write(str(priority))

    return prepare


class Server:
    """One server process; a context manager. In `arguments` {port}, {dir} and {extra} are filled in; `wrapper` is a
    command line put before it (valgrind)."""

    def __init__(self, name, binary, arguments, extra="", core=None, priority=0, wrapper=(), ready_s=30):
        self.name = name
        self.port = free_port()
        self._directory = tempfile.TemporaryDirectory(prefix="bench-")
        self.directory = self._directory.name
        self._log = open(os.path.join(self.directory, "server.log"), "w+", encoding="utf-8", errors="replace")
        command = list(wrapper) + [binary]
        command += shlex.split(arguments.format(port=self.port, dir=self.directory, extra=extra))
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
                cwd=self.directory, preexec_fn=_prepare_child(core, priority))
        except OSError as error:
            raise Failure(f"cannot start {name}: {error}") from error
        self.pid = self._process.pid
        try:
            self._wait_until_ready(ready_s)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_until_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Failure(f"{self.name} ended with {self._process.returncode}:\n{self._log_tail()}")
            try:
                if self.command("PING")[:1] == b"+":
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise Failure(f"{self.name} did not answer PING within {seconds} s:\n{self._log_tail()}")

    def _log_tail(self):
        self._log.seek(0)
        return self._log.read()[-2000:]

    def command(self, line):
        """The first bytes of the reply to an inline command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
            link.sendall(line.encode() + b"\r\n")
            return link.recv(65536)

    def stop(self):
        """SIGTERM, then SIGKILL after half a minute. Safe to call twice."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if not self._log.closed:
            self._log.close()
            self._directory.cleanup()

    def cpu_ns(self):
        """CPU time of all its threads. Exact while the server rests (see probe.h)."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise Failure(f"{self.name} has no VmRSS")


class Bench:
    """What all measurements need from the command line: which servers, which cores, which generator."""

    def __init__(self, options):
        self.options = options
        for tool in (options.ours, options.load, options.bare):
            if os.sep in tool and not os.access(tool, os.X_OK):
                raise Failure(f"{tool} is not there: build it first (README.md)")
        cores = os.sched_getaffinity(0)
        for core in (options.server_core, options.load_core):
            if core not in cores:
                raise Failure(f"core {core} is not one of {sorted(cores)}")

    def start(self, name, extra="", wrapper=(), ready_s=30):
        """`name` is ours, peer or bare; `extra` are arguments that the measurement needs, in Redis's style."""
        options = self.options
        binary, arguments = {
            "ours": (options.ours, options.ours_args),
            "peer": (options.peer, options.peer_args),
            "bare": (options.bare, "--port {port}"),
        }[name]
        return Server(name, os.path.abspath(binary) if os.sep in binary else binary, arguments,
                      extra, options.server_core, options.priority, wrapper, ready_s)

    def load(self, server, timeout_s=120, **settings):
        """One run of the generator; its report with `server_cpu_ns_per_request` and `server_busy` added."""
        command = [self.options.load, "--port", str(server.port)]
        for name, value in settings.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        cpu_before = server.cpu_ns()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False,
                                  preexec_fn=_prepare_child(self.options.load_core, self.options.priority))
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{server.name}: load took more than {timeout_s} s: {shlex.join(command)}") from error
        if done.returncode != 0:
            raise Failure(f"{server.name}: {shlex.join(command)}: {done.stderr.strip()}")
        cpu_ns = server.cpu_ns() - cpu_before
        report = json.loads(done.stdout)
        report["server_cpu_ns_per_request"] = cpu_ns / max(report["requests"], 1)
        report["server_busy"] = cpu_ns / 1e9 / max(report["seconds"], 1e-9)
        return report

    def fill(self, server, keys, first=0, total=None, value_size=64, command=None):
        """Keys first … keys - 1 in order, through deep pipelines."""
        kind = {"command": command} if command else {"mix": "SET=1"}
        return self.load(server, timeout_s=600, order="sequential", pipeline=64, requests=keys - first,
                         first_key=first, keys=total or keys, value_size=value_size, **kind)


def version_of(binary):
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return (done.stdout or done.stderr).strip().split("\n")[0]


def note(text):
    """Progress, apart from the result on stdout."""
    print(text, file=sys.stderr, flush=True)
