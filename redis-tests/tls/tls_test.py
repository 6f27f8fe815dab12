#!/usr/bin/env python3
"""TLS from outside: handshakes that are right, wrong, old, half-sent or never come, through Python's ssl,
openssl s_client and redis-cli. Certificates are made for the run.

Run against any server:   tls_test.py [--server PATH] [--without TEST]… [unittest's arguments]
redis-server waits for the rest of a handshake for ever, and takes a key that does not fit: with it, leave out
test_half_a_handshake_ends_after_a_while_and_holds_up_nobody and test_a_key_of_another_certificate_is_refused.
"""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from free_ports import free_port  # noqa: E402
from server_under_test import Server, take_flags  # noqa: E402

SERVER = "redis-server"
TIMEOUT_S = 30


class Certificates:
    """An authority, and what it and another one have signed, in a folder of its own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tls_test_")
        for authority in ("ca", "other"):
            self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", self[authority + ".key"], "-out", self[authority + ".crt"], "-days", "2",
                     "-subj", f"/CN={authority}")
        self.sign("server", "ca", key=("rsa", "-pkeyopt", "rsa_keygen_bits:2048"))
        self.sign("server2", "ca")
        self.sign("client", "ca")
        self.sign("stranger", "other")
        self.sign("expired", "ca", dates=("-days", "-1"))
        self.run("rsa", "-in", self["server.key"], "-aes128", "-passout", "pass:sesame", "-out", self["locked.key"])

    def __getitem__(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def run(*args):
        subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sign(self, name, authority, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), dates=("-days", "2")):
        self.run("req", "-newkey", *key, "-nodes", "-keyout", self[name + ".key"], "-out", self[name + ".csr"],
                 "-subj", f"/CN={name}")
        self.run("x509", "-req", "-in", self[name + ".csr"], "-CA", self[authority + ".crt"],
                 "-CAkey", self[authority + ".key"], "-CAcreateserial", "-out", self[name + ".crt"], *dates)


class TlsTest(unittest.TestCase):
    settings = ()

    @classmethod
    def setUpClass(cls):
        cls.made = Certificates()
        cls.addClassCleanup(shutil.rmtree, cls.made.folder)

    def setUp(self):
        self.tls_port = free_port()
        self.server = Server(SERVER, "--tls-port", str(self.tls_port),
                             "--tls-cert-file", self.made["server.crt"], "--tls-key-file", self.made["server.key"],
                             "--tls-ca-cert-file", self.made["ca.crt"], *self.settings)
        self.addCleanup(self.server.stop)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server ended during the test")

    def context(self, certificate="client", trusted="ca"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(self.made[trusted + ".crt"])
        if certificate:
            context.load_cert_chain(self.made[certificate + ".crt"], self.made[certificate + ".key"])
        return context

    def raw(self):
        connection = socket.create_connection(("127.0.0.1", self.tls_port), timeout=TIMEOUT_S)
        self.addCleanup(connection.close)
        return connection

    def connect(self, context=None):
        connection = (context or self.context()).wrap_socket(self.raw())
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, request, ending=b"\r\n"):
        connection.sendall(request)
        reply = b""
        while not reply.endswith(ending):
            piece = connection.recv(1 << 16)
            self.assertTrue(piece, f"the connection ended behind {reply[:100]}")
            reply += piece
        return reply

    def assert_refused(self, context):
        # With TLS 1.3 the client learns of a refusal when it reads.
        with self.assertRaises((ssl.SSLError, ConnectionError, BrokenPipeError)):
            connection = self.connect(context)
            connection.sendall(b"PING\r\n")
            if connection.recv(100) == b"":
                raise ConnectionError("closed")

    def plain(self, *command):
        done = subprocess.run(["redis-cli", "-p", str(self.server.port), *command], stdout=subprocess.PIPE,
                              timeout=TIMEOUT_S, check=True)
        return done.stdout.decode().strip()

    def assert_lives(self):
        self.assertEqual(self.ask(self.connect(), b"PING\r\n"), b"+PONG\r\n")


class Handshakes(TlsTest):
    def test_a_client_with_a_certificate_is_served(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context()
            context.minimum_version = context.maximum_version = version
            connection = self.connect(context)
            self.assertEqual(self.ask(connection, b"PING\r\n"), b"+PONG\r\n")

    def test_a_client_without_a_certificate_a_strange_or_an_expired_one_is_refused(self):
        for certificate in (None, "stranger", "expired"):
            with self.subTest(certificate):
                self.assert_refused(self.context(certificate))
        self.assert_lives()

    def test_a_server_that_the_client_does_not_trust_is_left(self):
        with self.assertRaises(ssl.SSLError):
            self.connect(self.context(trusted="other"))
        self.assert_lives()

    def test_old_protocols_are_refused(self):
        context = self.context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        self.assert_refused(context)

    def test_nonsense_and_plain_text_instead_of_a_handshake_end_the_connection(self):
        for bytes_sent in (b"PING\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 1000, b"\x00" * 100, os.urandom(300)):
            connection = self.raw()
            connection.sendall(bytes_sent)
            try:
                while connection.recv(1 << 16):
                    pass
            except ConnectionError:
                pass
        self.assert_lives()

    def test_a_handshake_sent_byte_by_byte_succeeds(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self.context().wrap_bio(incoming, outgoing)
        connection = self.raw()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def flush():
            for byte in outgoing.read():
                connection.sendall(bytes([byte]))

        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                flush()
                incoming.write(connection.recv(1 << 16))
        session.write(b"PING\r\n")
        flush()
        reply = b""
        while reply != b"+PONG\r\n":
            try:
                reply += session.read(100)
            except ssl.SSLWantReadError:
                incoming.write(connection.recv(1 << 16))

    def test_half_a_handshake_ends_after_a_while_and_holds_up_nobody(self):
        halves = [self.raw() for _ in range(50)]
        hello = bytes.fromhex("1603010200010001fc0303") + b"\x01" * 100
        for connection in halves:
            connection.sendall(hello)
        self.assert_lives()
        for connection in halves:
            self.assertEqual(connection.recv(100), b"", "closed by the server")
        self.assert_lives()

    def test_a_client_that_goes_away_in_the_middle_leaves_nothing(self):
        for _ in range(20):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            session = self.context().wrap_bio(incoming, outgoing)
            with self.assertRaises(ssl.SSLWantReadError):
                session.do_handshake()
            connection = self.raw()
            connection.sendall(outgoing.read())
            connection.close()
        deadline = time.monotonic() + TIMEOUT_S
        while "connected_clients:1" not in self.plain("INFO", "clients").split():
            self.assertLess(time.monotonic(), deadline)


class Traffic(TlsTest):
    def test_pipelines_and_large_values_arrive_whole(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection, b"SET n 0\r\n"), b"+OK\r\n")
        requests = 20_000
        connection.sendall(b"INCR n\r\n" * requests)
        reply = b""
        while not reply.endswith(b":%d\r\n" % requests):
            reply += connection.recv(1 << 16)
        self.assertEqual(reply, b"".join(b":%d\r\n" % i for i in range(1, requests + 1)))
        value = os.urandom(5_000_000)
        self.assertEqual(self.ask(connection, b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n" % (len(value), value)),
                         b"+OK\r\n")
        reply = b""
        connection.sendall(b"GET k\r\n")
        whole = b"$%d\r\n%s\r\n" % (len(value), value)
        while len(reply) < len(whole):
            reply += connection.recv(1 << 16)
        self.assertEqual(reply, whole)

    def test_replies_to_who_reads_slowly_wait(self):
        connection = self.connect()
        self.ask(connection, b"SETRANGE k 999999 x\r\n")
        connection.sendall(b"GET k\r\n" * 20)
        self.assert_lives()
        whole = b"$1000000\r\n" + b"\0" * 999_999 + b"x\r\n"
        reply = bytearray()
        while len(reply) < 20 * len(whole):
            reply += connection.recv(1 << 16)
        self.assertEqual(reply, whole * 20)

    def test_an_output_limit_holds(self):
        self.plain("CONFIG", "SET", "client-output-buffer-limit", "normal 3000000 0 0")
        connection = self.connect()
        self.ask(connection, b"SETRANGE k 999999 x\r\n")
        connection.sendall(b"GET k\r\n" * 100)
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            total = 0
            while total < 100 * 1_000_000:
                piece = connection.recv(1 << 16)
                if not piece:
                    raise ConnectionError("closed")
                total += len(piece)
        self.assert_lives()

    def test_messages_reach_subscribers(self):
        subscriber = self.connect()
        self.ask(subscriber, b"SUBSCRIBE news\r\n", b":1\r\n")
        self.assertEqual(self.plain("PUBLISH", "news", "hello"), "1")
        self.assertEqual(self.ask(subscriber, b"", b"hello\r\n"), b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n")

    def test_the_server_says_good_bye(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection, b"QUIT\r\n"), b"+OK\r\n")
        self.assertEqual(connection.recv(100), b"")

    def test_a_session_is_resumed(self):
        context = self.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        first = self.connect(context)
        self.ask(first, b"PING\r\n")
        again = context.wrap_socket(self.raw(), session=first.session)
        self.addCleanup(again.close)
        self.assertTrue(again.session_reused)
        self.assertEqual(self.ask(again, b"PING\r\n"), b"+PONG\r\n")

    def test_redis_cli_and_s_client(self):
        files = ["--cacert", self.made["ca.crt"], "--cert", self.made["client.crt"], "--key", self.made["client.key"]]
        done = subprocess.run(["redis-cli", "-p", str(self.tls_port), "--tls", *files, "SET", "k", "v"],
                              stdout=subprocess.PIPE, timeout=TIMEOUT_S, check=True)
        self.assertEqual(done.stdout, b"OK\n")
        done = subprocess.run(["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{self.tls_port}",
                               "-CAfile", self.made["ca.crt"], "-cert", self.made["client.crt"],
                               "-key", self.made["client.key"], "-verify_return_error"],
                              input=b"GET k\r\nQUIT\r\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.stdout, b"$1\r\nv\r\n+OK\r\n", done.stderr)


class Settings(TlsTest):
    settings = ("--tls-auth-clients", "optional")

    def peer(self, connection):
        return connection.getpeercert()["subject"][0][0][1]

    def test_certificates_change_under_open_connections(self):
        before = self.connect()
        self.assertEqual(self.peer(before), "server")
        self.assertEqual(self.plain("CONFIG", "SET", "tls-cert-file", self.made["server2.crt"],
                                    "tls-key-file", self.made["server2.key"]), "OK")
        self.assertEqual(self.peer(self.connect()), "server2")
        self.assertEqual(self.ask(before, b"PING\r\n"), b"+PONG\r\n")

    def test_settings_that_cannot_work_change_nothing(self):
        for setting, value in (("tls-cert-file", "/nowhere"), ("tls-protocols", "TLSv9"),
                               ("tls-ciphers", "nonsense"), ("tls-ca-cert-file", self.made["client.key"])):
            with self.subTest(setting):
                before = self.plain("CONFIG", "GET", setting)
                self.assertIn("ERR", self.plain("CONFIG", "SET", setting, value))
                self.assertEqual(self.plain("CONFIG", "GET", setting), before)
        self.assert_lives()

    def test_a_key_of_another_certificate_is_refused(self):
        self.assertIn("ERR", self.plain("CONFIG", "SET", "tls-key-file", self.made["client.key"]))
        self.assert_lives()

    def test_a_certificate_may_be_optional(self):
        self.assertEqual(self.ask(self.connect(self.context(None)), b"PING\r\n"), b"+PONG\r\n")
        self.assert_refused(self.context("stranger"))
        self.assertEqual(self.plain("CONFIG", "SET", "tls-auth-clients", "yes"), "OK")
        self.assert_refused(self.context(None))
        self.assertEqual(self.plain("CONFIG", "SET", "tls-auth-clients", "no"), "OK")
        self.assertEqual(self.ask(self.connect(self.context(None)), b"PING\r\n"), b"+PONG\r\n")

    def test_protocols_and_ciphers_are_settable(self):
        self.assertEqual(self.plain("CONFIG", "SET", "tls-protocols", "TLSv1.2"), "OK")
        context = self.context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.assert_refused(context)
        self.assertEqual(self.plain("CONFIG", "SET", "tls-ciphers", "ECDHE-RSA-AES256-GCM-SHA384"), "OK")
        self.assertEqual(self.connect().cipher()[0], "ECDHE-RSA-AES256-GCM-SHA384")
        self.assertEqual(self.plain("CONFIG", "SET", "tls-protocols", "TLSv1.3", "tls-ciphersuites",
                                    "TLS_CHACHA20_POLY1305_SHA256"), "OK")
        self.assertEqual(self.connect().cipher()[0], "TLS_CHACHA20_POLY1305_SHA256")

    def test_a_locked_key_opens_with_its_password(self):
        self.assertEqual(self.plain("CONFIG", "SET", "tls-key-file-pass", "sesame", "tls-key-file",
                                    self.made["locked.key"]), "OK")
        self.assert_lives()

    def test_the_port_can_move(self):
        old = self.connect()
        self.tls_port = free_port()
        self.assertEqual(self.plain("CONFIG", "SET", "tls-port", str(self.tls_port)), "OK")
        self.assert_lives()
        self.assertEqual(self.ask(old, b"PING\r\n"), b"+PONG\r\n")


def main():
    global SERVER
    argv = sys.argv[:]
    for server in take_flags(argv, "--server"):
        SERVER = os.path.abspath(server) if os.sep in server else server
    for without in take_flags(argv, "--without"):
        for case in TlsTest.__subclasses__():
            if hasattr(case, without):
                delattr(case, without)
    unittest.main(argv=argv, verbosity=2)


if __name__ == "__main__":
    main()
