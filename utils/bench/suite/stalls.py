"""How long one command keeps others waiting that work on a large list, set, hash, sorted set, stream or string.

Beside a slow stream of PINGs with a probe (one a ms: the server's CPU time from PING to answer) a client of its own
sends the commands, one after the other. What the server does after the answer (freeing, say) is seen as well.
"""

import random
import re
import socket
import threading
import time

from .process import WITHOUT_SPINNING, Failure, note
from .report import print_table

HELP = "worst server CPU time between PING and answer beside each command on a structure of 10 million members"

# How each structure is filled; members are key:000000000000 and so on, scores random.
FILLS = {
    "list": "RPUSH list __key__",
    "set": "SADD set __key__",
    "hash": "HSET hash __key__ __value__",
    "zset": "ZADD zset __number__ __key__",
    "stream": "XADD stream __stream__ f __value__",
    "string": None,
}
# What comes before the commands, each so many times. The string is of 50 bytes for each member there would be.
SETUP = {
    "stream": (("XGROUP CREATE stream big 0", 1), ("XREADGROUP GROUP big one COUNT {hundredth} STREAMS stream >", 30),
               ("XGROUP CREATE stream gone 0", 1), ("XREADGROUP GROUP gone one COUNT {hundredth} STREAMS stream >", 30)),
    "string": (("SETBIT string {last_bit} 1", 1), ("BITOP NOT string string", 1)),
}
# {m}: a random member; {n}: a random index; {half}: the index in the middle; {new}: a number never used before;
# {near}: a member some thousand places behind the first, another one each time (LPOP takes away those before).
SMALL = {
    "list": ("LINDEX list {n}", "LSET list {n} x", "LRANGE list {n} +20", "LPUSH list x", "RPOP list", "LPOP list 100",
             "LMOVE list list LEFT RIGHT", "LINSERT list BEFORE {near} x", "LPOS list {near}", "LREM list 1 {near}",
             "LTRIM list 10 -10"),
    "set": ("SADD set new{new}", "SREM set {m}", "SISMEMBER set {m}", "SPOP set", "SPOP set 1000", "SRANDMEMBER set 1000",
            "SRANDMEMBER set -1000", "SSCAN set 0 COUNT 1000", "SMOVE set other {m}", "SINTERCARD 2 set set LIMIT 100",
            "SINTER set other", "SADD other {m}"),
    "hash": ("HSET hash {m} y", "HSET hash new{new} y", "HGET hash {m}", "HDEL hash {m}", "HINCRBY hash count 1",
             "HRANDFIELD hash 1000 WITHVALUES", "HRANDFIELD hash -1000", "HSCAN hash 0 COUNT 1000", "HSTRLEN hash {m}"),
    "zset": ("ZADD zset {n} {m}", "ZADD zset {n} new{new}", "ZINCRBY zset 1 {m}", "ZRANK zset {m}", "ZREVRANK zset {m}",
             "ZREM zset {m}", "ZCOUNT zset {n} +inf", "ZRANGE zset {half} +20", "ZRANGE zset {n} +inf BYSCORE LIMIT 0 10",
             "ZRANGE zset {n} +inf BYSCORE LIMIT {n} 10", "ZREVRANGE zset {half} +20", "ZPOPMIN zset 100", "ZPOPMAX zset",
             "ZREMRANGEBYRANK zset {half} +100", "ZRANGESTORE small zset {half} +100", "ZSCAN zset 0 COUNT 1000",
             "ZRANDMEMBER zset 1000 WITHSCORES", "ZINTERCARD 2 zset zset LIMIT 100"),
    "stream": ("XADD stream * f v", "XRANGE stream {n} + COUNT 10", "XREVRANGE stream {n} - COUNT 10", "XDEL stream {n}-1",
               "XLEN stream", "XTRIM stream MINID ~ {new}", "XREAD COUNT 10 STREAMS stream {n}", "XINFO STREAM stream",
               "XGROUP CREATE stream g{new} {n}", "XREADGROUP GROUP big two COUNT 10 STREAMS stream >",
               "XAUTOCLAIM stream big two 0 {n} COUNT 100", "XPENDING stream big - + 10", "XINFO GROUPS stream",
               "XADD stream MAXLEN ~ {half} * f v"),
    "string": ("SETBIT string {n} 1", "GETBIT string {n}", "STRLEN string", "SETRANGE string {n} xyz", "GETRANGE string {n} +20",
               "BITFIELD string INCRBY u16 {n} 1", "APPEND string x"),
}
# On every one of them. COPY is followed by a write to both, so that shared nodes are parted.
WHOLE = ("OBJECT ENCODING {t}", "OBJECT FREQ {t}", "MEMORY USAGE {t}", "MEMORY USAGE {t} SAMPLES 0", "EXPIRE {t} 100000",
         "PERSIST {t}", "COPY {t} copy", "RENAME copy copied", "UNLINK copied", "COPY {t} copy", "DEL copy", "TYPE {t}")
# Work for every member by what they are.
LINEAR = {
    "string": ("BITCOUNT string", "BITPOS string 0", "BITOP NOT other string", "BITOP XOR third string other", "COPY string fourth",
               "SETBIT fourth {n} 0", "SETBIT fifth {last_bit} 1", "SETRANGE other {end} x", "APPEND third {kilobyte}",
               "DEL fourth", "SET third x", "UNLINK fifth"),
    "list": ("LPOS list nothing", "LREM list 0 nothing", "LINSERT list BEFORE nothing x", "SORT list ALPHA LIMIT 0 10",
             "LTRIM list 0 {half}"),
    "set": ("SDIFF set set", "SINTERCARD 2 set set", "SINTERSTORE third set set", "SDIFFSTORE third set other",
            "SUNIONSTORE third set other", "SORT set ALPHA LIMIT 0 10"),
    "hash": (),
    "zset": ("ZINTERCARD 2 zset zset", "ZUNIONSTORE third 2 zset zset", "GEOSEARCH zset FROMLONLAT -180 -85.05 BYRADIUS 9 km ASC COUNT 10",
             "ZREMRANGEBYRANK zset 0 {half}", "ZREMRANGEBYSCORE zset -inf {quarter}", "ZRANGESTORE other zset 0 {quarter}"),
    "stream": ("XPENDING stream big IDLE 1000000000 - + 10", "XAUTOCLAIM stream big two 1000000000 0 COUNT {half}",
               "XGROUP DELCONSUMER stream big one", "XGROUP DESTROY stream gone", "XTRIM stream MAXLEN {most}",
               "XADD stream MAXLEN {half} * f v", "XTRIM stream MAXLEN ~ {quarter}"),
}


def add_options(parser):
    parser.set_defaults(ours_args=WITHOUT_SPINNING, rounds=1)
    parser.add_argument("--millions", type=float, default=10)
    parser.add_argument("--types", nargs="+", default=list(FILLS), choices=list(FILLS))
    parser.add_argument("--servers", nargs="+", default=["ours", "peer"], choices=["ours", "peer"])
    parser.add_argument("--times", type=int, default=20, help="that each of the small commands is sent (default 20)")
    parser.add_argument("--linear-seconds", type=float, default=20,
                        help="that the probe looks at each of the commands with work for every member (default 20)")
    parser.add_argument("--value-size", type=int, default=8)


def run(bench, options):
    results = {}
    for name in options.servers:
        results[name] = [row for kind in options.types for row in _structure(bench, options, name, kind)]
    ours = results[options.servers[0]]
    others = {(r["type"], r["command"]): r for r in results[options.servers[-1]]}
    rows = [(r["type"], r["command"], r["what"], r["worst_us"], others[r["type"], r["command"]]["worst_us"]) for r in ours]
    print_table(f"Server CPU µs between PING and answer, the worst, on {options.millions:g} million members",
                ("type", "command", "work", *[options.servers[0], options.servers[-1]]), rows)
    return results


def _structure(bench, options, name, kind):
    count = int(options.millions * 1_000_000)
    results = []
    with bench.start(name, ready_s=60) as server:
        note(f"{name}: filling a {kind}")
        if FILLS[kind] is not None:
            _fill(bench, server, kind, count, options.value_size)
        _set_up(server, kind, count)
        small = [(c, options.times, "small") for c in SMALL[kind]]
        whole = [(c.replace("{t}", kind), 1, "whole") for c in WHOLE]
        linear = [(c, 1, "linear") for c in LINEAR[kind]]
        for command, times, what in [*small, *whole, *linear, (f"DEL {kind}", 1, "whole")]:
            seconds = options.linear_seconds if what == "linear" else 2
            worst = _worst_us(bench, server, lambda c=command: _fill_in(c, count), times, seconds)
            results.append({"type": kind, "command": command, "what": what, "worst_us": worst})
    return results


def _fill(bench, server, kind, count, value_size):
    command = FILLS[kind]
    if kind == "stream":  # an id of the entry's own number
        command = command.replace("__stream__", "__number__-1")
        bench.load(server, timeout_s=600, order="sequential", connections=1, pipeline=1000, first_key=1,
                   requests=count - 1, keys=count, value_size=value_size, command=command)
        return
    # Two tokens of a command take two numbers: an odd range has each of them come at each place.
    bench.fill(server, count, total=count + 1 if "__number__" in command else count, value_size=value_size, command=command)


def _set_up(server, kind, count):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        for command, times in SETUP.get(kind, ()):
            for _ in range(times):
                words = _fill_in(command, count)
                _send(link, words)
                _read_reply(link, words)


_new = iter(range(1, 1 << 40))
_near = iter(range(1 << 40))


def _fill_in(command, count):
    place = random.randrange(count)
    words = command.format(m=f"key:{random.randrange(count):012d}", n=place, half=count // 2, quarter=count // 4,
                           most=count * 3 // 4, hundredth=count // 100, last_bit=count * 400 - 1, end=count * 50 + 5_000_000,
                           kilobyte="x" * 1024, new=next(_new), near=f"key:{4000 + next(_near) % 4000:012d}").split()
    # "+20" behind a number: that number and 20.
    for i, word in enumerate(words):
        if word[0] == "+" and word[1:].isdigit():
            words[i] = str(int(words[i - 1]) + int(word[1:]))
    return words


def _worst_us(bench, server, make, times, seconds):
    report = {}
    probing = threading.Thread(target=lambda: report.update(bench.load(
        server, mix="PING=1", rate=200, connections=1, seconds=seconds, probe_pid=server.pid, io="calls")))
    before = _pings(server)
    probing.start()
    while probing.is_alive() and _pings(server) < before + 20:
        time.sleep(0.01)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        for _ in range(times):
            words = make()
            _send(link, words)
            _read_reply(link, words)
            time.sleep(0.002)
        if not probing.is_alive():
            raise Failure(f"{server.name}: the probe ended before {words[0]}")
    probing.join()
    if "probe_inside_cpu_us" not in report:
        raise Failure(f"{server.name}: no figures from the probe")
    return report["probe_inside_cpu_us"]["max"]


def _send(link, words):
    link.sendall(b"".join([b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words]))


def _pings(server):
    found = re.search(rb"cmdstat_ping:calls=(\d+)", server.command("INFO commandstats"))
    return int(found.group(1)) if found else 0


def _read_reply(link, words):
    """Reads until the server falls silent; the size of a reply is not what is measured."""
    first = link.recv(1 << 16)
    if first[:1] == b"-" and b"FREQ" not in first and b"LFU" not in first:
        raise Failure(f"{' '.join(words)}: {first[:100]!r}")
    link.settimeout(0.01)
    try:
        while link.recv(1 << 16):
            pass
    except TimeoutError:
        pass
    link.settimeout(60)
