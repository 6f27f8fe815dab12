"""A server process for the tests that are written in Python: any binary that takes redis-server's arguments.

It listens on loopback on a port that is free, lives in a directory of its own, and is ended with the test.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from free_ports import free_port


class Server:
    """A server process; ready when it answers PING or asks for a password."""

    def __init__(self, binary, *args):
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="torc-cli-")
        self.log = open(os.path.join(self.directory, "log"), "wb")
        self.process = subprocess.Popen(
            [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", self.directory, *args],
            stdout=self.log, stderr=subprocess.STDOUT, cwd=self.directory)
        deadline = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("the server does not come up")
            time.sleep(0.01)  # one step of a bounded poll

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                client.sendall(b"PING\r\n")
                return client.recv(64)[:5] in (b"+PONG", b"-NOAU")
        except OSError:
            return False

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def take_flags(argv, name):
    """Removes every `name value` from argv; the values."""
    values = []
    while name in argv:
        at = argv.index(name)
        values.append(argv[at + 1])
        del argv[at:at + 2]
    return values
