#!/usr/bin/env python3
"""A script that takes too long: does every client hear BUSY, and can any of them stop it?

    busy.py --server build/dev/src/torc-server --server-arg=--threads --server-arg=4

Any server that takes redis-server's arguments will do. Clients are as many that each shard has some; each in turn runs an
endless script, the others ask for one key and for several, a new one comes, and another ends it. At last SHUTDOWN NOSAVE
ends the server from within a script.
"""

import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "durability"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from durability import Client  # noqa: E402
from server_under_test import Server  # noqa: E402

CLIENTS = 9
ENDLESS = ["EVAL", "redis.call('GET', 'k') while true do end", "0"]


def send(client, *words):
    client.send([[word.encode() for word in words]])


def expect_busy(reply, who):
    if not (isinstance(reply, RuntimeError) and str(reply).startswith("BUSY")):
        raise AssertionError("client %d hears %r" % (who, reply))


def check_round(server, clients, runner):
    send(clients[runner], *ENDLESS)
    others = [(i, client) for i, client in enumerate(clients) if i != runner]
    # One of them may have been faster than the script; then it asks again.
    for i, client in others:
        while not isinstance(reply := client.ask("GET", "key:%d" % i), RuntimeError):
            pass
        expect_busy(reply, i)
    for i, client in others:
        send(client, "MGET", "a", "b", "c", "d", "e")
        send(client, "MULTI")
        send(client, "PING")
    for i, client in others:
        expect_busy(client.reply(), i)
        client.reply()
        expect_busy(client.reply(), i)
        client.ask("DISCARD")
    expect_busy(Client(server.port).ask("PING"), -1)
    stopper = clients[(runner + 1) % CLIENTS]
    if stopper.ask("SCRIPT", "KILL") != b"OK":
        raise AssertionError("SCRIPT KILL is refused")
    killed = clients[runner].reply()
    if "killed" not in str(killed):
        raise AssertionError("the script's client hears %r" % killed)
    for client in clients:
        if client.ask("GET", "k") != b"v":
            raise AssertionError("not served afterwards")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-arg", action="append", default=[])
    options = parser.parse_args()
    server = Server(options.server, "--busy-reply-threshold", "100", *options.server_arg)
    try:
        clients = [Client(server.port) for _ in range(CLIENTS)]
        clients[0].ask("SET", "k", "v")
        for runner in range(5):
            check_round(server, clients, runner)
        send(clients[0], *ENDLESS)
        while not isinstance(clients[1].ask("PING"), RuntimeError):
            pass
        send(clients[2], "SHUTDOWN", "NOSAVE")
        try:
            server.process.wait(20)
        except subprocess.TimeoutExpired:
            raise AssertionError("SHUTDOWN NOSAVE does not end a busy server") from None
        return 0
    except AssertionError as failure:
        print(failure)
        return 1
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
