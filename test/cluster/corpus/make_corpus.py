#!/usr/bin/env python3
"""Writes the seeds of the gossip and frame fuzzers from src/cluster/FORMAT.md: a second writer of the formats."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def u(width, n):
    return n.to_bytes(width, "little")


def blob(b):
    return varint(len(b)) + b


def member(node, version, state, host=b"10.0.0.1", incarnation=1, accuser=3):
    out = b"\x01" + u(8, node) + u(8, incarnation) + varint(version) + u(1, state) + blob(host)
    out += u(2, 16379) + u(2, 6379) + u(2, 0)
    return out + (u(8, accuser) if state in (1, 2) else b"")


def announcement(partition, term, version, primary):
    return b"\x02" + varint(partition) + varint(term) + varint(version) + u(8, primary)


def epoch(number, holder):
    return b"\x03" + varint(number) + u(8, holder)


PING, ACK, PINGREQ, NACK, NEWS, JOIN, DIGEST, SYNC = range(1, 9)


def message(kind, updates=(), seq=7, target=0, clock=1700000000000, digests=(0,) * 32, wanted=0):
    out = u(1, kind)
    if kind <= NACK:
        out += u(4, seq)
    if kind in (ACK, PINGREQ, NACK):
        out += u(8, target)
    if kind in (PING, ACK):
        out += u(8, clock)
    if kind == DIGEST:
        out += b"".join(u(8, d) for d in digests)
    if kind == SYNC:
        out += u(4, wanted)
    return out + varint(len(updates)) + b"".join(updates)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frame(kind, payload, sender=1, receiver=2, session=9, echo=5, sequence=1, cluster=7):
    out = b"TORB" + bytes([1, 1, kind, 4]) + u(4, len(payload))
    out += b"".join(u(8, n) for n in (cluster, sender, receiver, session, echo, sequence))
    out += payload
    return out + u(4, crc32c(out))


MESSAGES = {
    "ping": message(PING, [member(0x1122, 300, 1), announcement(5, 2, 9, 0x44)]),
    "ack": message(ACK, target=0),
    "relayed_ack": message(ACK, target=3),
    "pingreq": message(PINGREQ, target=3),
    "nack": message(NACK, target=3),
    "news": message(NEWS, [member(2, 1, 0), member(1, 0, 2), epoch(4, 2)]),
    "join": message(JOIN, [member(9, 0, 0, b"node-9.example")]),
    "digest": message(DIGEST, digests=tuple(range(32))),
    "sync": message(SYNC, [member(i, 1, i % 4) for i in range(2, 8)], wanted=0x8000_0001),
}
FRAMES = {
    "hello": b"\x01" + frame(0, bytes([1, 1]) + u(8, 0)),
    "gossip": b"\x01" + frame(1, MESSAGES["news"]),
    "empty": b"\x01" + frame(2, b""),
    "other_session": b"\x01" + frame(1, b"x", echo=4),
    "foreign": b"\x00" + frame(1, b"x", cluster=8),
    "cut": b"\x00" + frame(1, b"abc")[:-3],
}


def step(sender, payload):
    return bytes([sender, min(len(payload), 255)]) + payload[:255]


STEPS = {
    "refute": step(2, message(NEWS, [member(1, 0, 1)])) + step(3, b"") + step(2, MESSAGES["ack"]),
    "probe": step(2, message(PING)) + step(3, message(PINGREQ, target=2)) + step(0, b"z" * 200),
    "join": step(9, MESSAGES["join"]) + step(9, message(SYNC, wanted=0xFFFFFFFF)) + step(4, b"t"),
    "newer_life": step(2, message(NEWS, [member(3, 0, 0, incarnation=2)])),
}


def main():
    for folder, files in (("gossip_codec_fuzz", MESSAGES), ("wire_frame_fuzz", FRAMES),
                          ("gossip_step_fuzz", STEPS)):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
        for name, data in files.items():
            with open(os.path.join(HERE, folder, name + ".bin"), "wb") as out:
                out.write(data)


main()
