"""Resident memory that silent connections cost."""

import resource
import socket
import time

from .process import Failure, note
from .report import print_table

HELP = "resident bytes per connection of 10,000 connections, 10 s after they fell silent"


def add_options(parser):
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--silence", type=float, default=10, help="seconds of silence (default 10)")
    parser.add_argument("--talk-bytes", type=int, default=1024, help="value each connection sets and gets first")


def run(bench, options):
    _raise_file_limit(options.connections + 500)
    results = {}
    for name in ("ours", "peer"):
        with bench.start(name, extra=f"--maxclients {options.connections + 100}") as server:
            results[name] = _measure(server, options)
    rows = [(name, r["rss_before"], r["rss_busy"], r["rss_silent"], r["bytes_per_connection"])
            for name, r in results.items()]
    print_table(f"{options.connections:,} idle connections, bytes",
                ("server", "RSS before", "RSS after talk", f"RSS after {options.silence:g} s", "per connection"), rows)
    return results


def _raise_file_limit(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Failure(f"needs {wanted} open files, the hard limit is {hard}")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _measure(server, options):
    note(f"{server.name}: opening {options.connections:,} connections")
    value = b"x" * options.talk_bytes
    talk = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" % (len(value), value)
    answer = b"+OK\r\n$%d\r\n%s\r\n" % (len(value), value)
    before = server.rss_bytes()
    links = []
    try:
        for _ in range(options.connections):
            link = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            links.append(link)
            link.sendall(talk)
            got = b""
            while len(got) < len(answer):
                piece = link.recv(65536)
                if not piece:
                    raise Failure(f"{server.name} closed connection {len(links)}: {got[:100]!r}")
                got += piece
            if got != answer:
                raise Failure(f"{server.name} answered {got[:100]!r}")
        busy = server.rss_bytes()
        time.sleep(options.silence)
        silent = server.rss_bytes()
    finally:
        for link in links:
            link.close()
    return {"rss_before": before, "rss_busy": busy, "rss_silent": silent,
            "bytes_per_connection": (silent - before) / options.connections}
