"""Ports for the servers of the tests, as test/support/free_port.h gives them to those in C++."""
import fcntl
import os
import random
import socket
import tempfile

FIRST_PORT = 11000
PORT_COUNT = 20000


class _Ports:
    """Closing the file anywhere in the process would give all of its locks back: it stays open."""

    def __init__(self):
        path = os.path.join(tempfile.gettempdir(), f"torc-test-ports-{os.getuid()}")
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.next = random.SystemRandom().randrange(PORT_COUNT)

    def reserve(self):
        for _ in range(PORT_COUNT):
            port = FIRST_PORT + self.next
            self.next = (self.next + 1) % PORT_COUNT
            try:
                fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
        raise RuntimeError("no port is free")


_ports = _Ports()


def free_port():
    """A port of 127.0.0.1 for this process alone until it ends, and never the same one twice."""
    return _ports.reserve()
