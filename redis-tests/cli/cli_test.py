#!/usr/bin/env python3
"""Black-box tests through Redis's own tools: redis-cli in its modes, and redis-benchmark.

Run against any server:   cli_test.py [--server PATH] [--without TEST]… [unittest's arguments]
Only the standard library is used. Every test has a server of its own.
"""
import json
import os
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from free_ports import free_port  # noqa: E402
from server_under_test import Server, take_flags  # noqa: E402

SERVER = "redis-server"
TIMEOUT_S = 60


class ToolTest(unittest.TestCase):
    server_args = ()

    def setUp(self):
        self.server = Server(SERVER, *self.server_args)
        self.addCleanup(self.server.stop)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server ended during the test")

    def tool(self, program, *args, stdin=b""):
        environment = {k: v for k, v in os.environ.items() if k != "REDISCLI_AUTH"}
        return subprocess.run([program, "-p", str(self.server.port), *args], input=stdin, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)

    def cli(self, *args, stdin=b""):
        return self.tool("redis-cli", *args, stdin=stdin)

    def says(self, *args, stdin=b""):
        """redis-cli's standard output, which must come with exit code 0."""
        done = self.cli(*args, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def knows(self, *command):
        """Whether the server has this command: what it lacks, these tests leave out."""
        return "unknown" not in self.says(*command)


class Modes(ToolTest):
    def test_one_command_prints_its_reply_raw(self):
        self.assertEqual(self.says("SET", "k", "a value"), "OK\n")
        self.assertEqual(self.says("GET", "k"), "a value\n")
        self.assertEqual(self.says("GET", "nothing"), "\n")
        self.assertEqual(self.says("INCR", "n"), "1\n")
        self.assertEqual(self.says("MGET", "k", "n"), "a value\n1\n")

    def test_no_raw_prints_types(self):
        self.says("SET", "k", "v")
        self.assertEqual(self.says("--no-raw", "GET", "k"), '"v"\n')
        self.assertEqual(self.says("--no-raw", "GET", "nothing"), "(nil)\n")
        self.assertEqual(self.says("--no-raw", "INCR", "n"), "(integer) 1\n")
        self.assertEqual(self.says("--no-raw", "MGET", "k", "nothing"), '1) "v"\n2) (nil)\n')
        self.assertEqual(self.says("--no-raw", "NONSENSE"),
                         "(error) ERR unknown command 'NONSENSE', with args beginning with: \n")

    def test_resp3_prints_maps(self):
        out = self.says("-3", "--no-raw", "CONFIG", "GET", "maxmemory")
        self.assertEqual(out, '1# "maxmemory" => "0"\n')

    def test_commands_from_standard_input_run_in_order(self):
        out = self.says(stdin=b'SET k "with \\"quotes\\""\nGET k\n\nINCR n\n')
        self.assertEqual(out.splitlines(), ["OK", 'with "quotes"', "1"])

    def test_an_error_reply_is_exit_code_zero_unless_asked_otherwise(self):
        self.assertEqual(self.cli("NONSENSE").returncode, 0)
        self.assertEqual(self.cli("-e", "NONSENSE").returncode, 1)
        self.assertEqual(self.cli("-e", "PING").returncode, 0)

    def test_last_argument_from_standard_input(self):
        value = bytes(range(256)) * 40
        self.assertEqual(self.says("-x", "SET", "k", stdin=value), "OK\n")
        self.assertEqual(self.cli("GET", "k").stdout, value + b"\n")
        self.assertEqual(self.says("-X", "tag", "SET", "tag", "v", stdin=b"from stdin"), "OK\n")
        self.assertEqual(self.says("GET", "from stdin"), "v\n")

    def test_csv(self):
        self.says("MSET", "a", 'x"y', "b", "2")
        self.assertEqual(self.says("--csv", "MGET", "a", "b", "nothing"), '"x\\"y","2",NULL\n')

    def test_json(self):
        self.says("MSET", "a", 'x"y', "b", "2")
        self.assertEqual(json.loads(self.says("--json", "MGET", "a", "b", "nothing")), ['x"y', "2", None])
        self.assertEqual(json.loads(self.says("--json", "CONFIG", "GET", "maxmemory")), {"maxmemory": "0"})
        self.assertEqual(json.loads(self.says("--quoted-json", "INCR", "n")), 1)

    def test_repeat_and_database(self):
        self.assertEqual(self.says("-r", "3", "-i", "0.01", "INCR", "n"), "1\n2\n3\n")
        self.assertEqual(self.says("-n", "5", "SET", "k", "v"), "OK\n")
        self.assertEqual(self.says("-n", "5", "DBSIZE"), "1\n")
        self.assertEqual(self.says("-u", f"redis://127.0.0.1:{self.server.port}/5", "GET", "k"), "v\n")

    def test_pipe_loads_a_hundred_thousand_keys(self):
        commands = bytearray()
        for i in range(100_000):
            key = b"key:%d" % i
            commands += b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$5\r\nvalue\r\n" % (len(key), key)
        out = self.says("--pipe", stdin=bytes(commands))
        self.assertIn("errors: 0, replies: 100000", out)
        self.assertEqual(self.says("DBSIZE"), "100000\n")

    def test_pipe_counts_errors(self):
        done = self.cli("--pipe", stdin=b"SET k v\r\nINCR k\r\nNONSENSE\r\n")
        self.assertIn("errors: 2, replies: 3", done.stdout.decode())
        self.assertEqual(done.returncode, 1)

    def script(self, text):
        path = os.path.join(self.server.directory, "script.lua")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def test_eval_runs_a_script_from_a_file(self):
        path = self.script("return {KEYS[1], ARGV[1], redis.call('INCRBY', KEYS[1], ARGV[1])}")
        self.assertEqual(self.says("--eval", path, "n", ",", "5"), "n\n5\n5\n")
        self.assertIn("ERR", self.says("--eval", self.script("return redis.call('NONSENSE')")))

    def test_the_debugger_works_or_is_refused(self):
        path = self.script("return redis.call('INCR', KEYS[1])")
        refusal = self.says("SCRIPT", "DEBUG", "YES")
        out = self.says("--ldb", "--eval", path, "n")
        if refusal == "OK\n":
            self.assertIn("Stopped at 1", out)
        else:
            # redis-cli does not look at the refusal; the script then runs as any other.
            self.assertIn("no script debugger", refusal)
            self.assertEqual(out.split()[-1], "1")
        self.assertEqual(self.says("SCRIPT", "DEBUG", "NO"), "OK\n")

    def test_a_snapshot_is_fetched_where_the_server_replicates(self):
        self.says("SET", "k", "v")
        path = os.path.join(self.server.directory, "fetched.rdb")
        for mode in ("--rdb", "--functions-rdb"):
            done = self.cli(mode, path)
            if "unknown command 'REPLCONF'" in done.stderr.decode():
                self.assertEqual(done.returncode, 1)
                continue
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            with open(path, "rb") as file:
                self.assertEqual(file.read(5), b"REDIS")

    def test_cluster_mode_hears_that_there_is_no_cluster(self):
        done = self.tool("redis-cli", "--cluster", "info", f"127.0.0.1:{self.server.port}")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"is not configured as a cluster node", done.stdout + done.stderr)

    def test_help_and_hints_come_from_command_docs(self):
        self.assertIn("SET", self.says("--no-raw", "COMMAND", "DOCS", "set").upper())

    def test_a_dead_server_is_exit_code_one(self):
        done = subprocess.run(["redis-cli", "-p", str(free_port()), "PING"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Could not connect", done.stderr)


class Looking(ToolTest):
    """Modes that look at a whole data set or at the server over a while."""

    def fill(self, count=500):
        lines = [b"SET key:%d %s\r\n" % (i, b"v" * (1 + i % 50)) for i in range(count)]
        lines.append(b"SET big " + b"v" * 50_000 + b"\r\n")
        self.cli("--pipe", stdin=b"".join(lines))

    def test_scan_lists_every_key_once(self):
        self.fill()
        keys = self.says("--scan").split()
        self.assertEqual(len(keys), 501)
        self.assertEqual(len(set(keys)), 501)
        self.assertEqual(sorted(self.says("--scan", "--pattern", "key:1?").split()),
                         [f"key:1{i}" for i in range(10)])

    def test_bigkeys_finds_the_biggest(self):
        self.fill()
        out = self.says("--bigkeys")
        self.assertIn("Sampled 501 keys in the keyspace!", out)
        self.assertRegex(out, r'Biggest string found [^\n]*"big"[^\n]* has 50000 bytes')

    def test_memkeys_finds_the_heaviest(self):
        self.fill()
        out = self.says("--memkeys")
        self.assertIn("Sampled 501 keys in the keyspace!", out)
        self.assertRegex(out, r'Biggest string found [^\n]*"big"[^\n]* has 5\d{4} bytes')

    def test_hotkeys_needs_a_policy_that_counts(self):
        self.fill(50)
        out = self.cli("--hotkeys")
        self.assertIn("An LFU maxmemory policy is not selected", (out.stdout + out.stderr).decode())
        self.says("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
        self.assertIn("Sampled 51 keys in the keyspace!", self.says("--hotkeys"))

    def test_stat_prints_rolling_lines(self):
        self.fill(10)
        process = subprocess.Popen(["redis-cli", "-p", str(self.server.port), "--stat", "-i", "0.05"],
                                   stdout=subprocess.PIPE)
        try:
            lines = [process.stdout.readline().decode() for _ in range(6)]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        self.assertIn("keys", lines[1])
        self.assertRegex(lines[2], r"^11 +\S+ +\d+ ")

    def test_latency_samples_for_a_moment(self):
        out = self.says("--latency", "--raw", "-i", "0.2")
        self.assertRegex(out.strip(), r"^\d+ \d+ \d+\.\d+ \d+$")


    def test_latency_history_and_distribution(self):
        for mode, wanted in (("--latency-history", rb"\d+ \d+ \d+\.\d+ \d+"), ("--latency-dist", rb"From 0 to 100%")):
            process = subprocess.Popen(["redis-cli", "-p", str(self.server.port), mode, "-i", "0.1", "--raw"],
                                       stdout=subprocess.PIPE)
            try:
                out = b""
                while not re.search(wanted, out):
                    chunk = os.read(process.stdout.fileno(), 4096)
                    self.assertNotEqual(chunk, b"")
                    out += chunk
            finally:
                process.kill()
                process.wait()
                process.stdout.close()

    def test_intrinsic_latency_needs_no_server(self):
        self.assertIn("total runs", self.says("--intrinsic-latency", "1"))


class HealthCheck(ToolTest):
    def test_ping_without_a_password(self):
        self.assertEqual(self.says("ping"), "PONG\n")

    def test_inline_ping_as_a_load_balancer_sends_it(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as client:
            client.sendall(b"PING\r\nQUIT\r\n")
            data = b""
            while chunk := client.recv(100):
                data += chunk
        self.assertEqual(data, b"+PONG\r\n+OK\r\n")


class HealthCheckWithPassword(ToolTest):
    server_args = ("--requirepass", "secret")

    def test_ping_says_what_is_missing_and_exits_well(self):
        self.assertEqual(self.says("ping"), "NOAUTH Authentication required.\n\n")
        self.assertEqual(self.cli("-e", "ping").returncode, 1)

    def test_ping_with_the_password_in_each_way(self):
        done = self.cli("-a", "secret", "ping")
        self.assertEqual(done.stdout, b"PONG\n")
        self.assertEqual(self.says("--no-auth-warning", "-a", "secret", "ping"), "PONG\n")
        self.assertEqual(self.says("--user", "default", "--pass", "secret", "--no-auth-warning", "ping"), "PONG\n")
        self.assertEqual(self.says("-u", f"redis://default:secret@127.0.0.1:{self.server.port}", "--no-auth-warning", "ping"),
                         "PONG\n")
        environment = dict(os.environ, REDISCLI_AUTH="secret")
        done = subprocess.run(["redis-cli", "-p", str(self.server.port), "ping"], env=environment,
                              stdout=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.stdout, b"PONG\n")

    def test_a_wrong_password_is_said(self):
        done = self.cli("-a", "wrong", "ping")
        self.assertIn(b"WRONGPASS", done.stdout + done.stderr)


class Benchmark(ToolTest):
    # A redis-benchmark test is run when the server has the commands it sends.
    TESTS = {
        "ping_inline": ("PING",), "ping_mbulk": ("PING",), "set": ("SET", "k", "v"), "get": ("GET", "k"),
        "incr": ("INCR", "n"), "lpush": ("LLEN", "l"), "rpush": ("LLEN", "l"), "lpop": ("LLEN", "l"),
        "rpop": ("LLEN", "l"), "sadd": ("SCARD", "s"), "hset": ("HLEN", "h"), "spop": ("SCARD", "s"),
        "zadd": ("ZCARD", "z"), "zpopmin": ("ZCARD", "z"), "lrange": ("LLEN", "l"), "mset": ("MSET", "k", "v"),
    }

    def supported(self):
        return [name for name, command in self.TESTS.items() if self.knows(*command)]

    def run_benchmark(self, *args, requests=5000):
        done = self.tool("redis-benchmark", "-n", str(requests), "-r", "1000", *args)
        out = (done.stdout + done.stderr).decode()
        self.assertEqual(done.returncode, 0, out)
        self.assertNotIn("Error", out)
        return out

    def check_quiet(self, *args, requests=5000, tests=None):
        tests = tests or self.supported()
        self.assertIn("set", tests)
        out = self.run_benchmark("-q", "-t", ",".join(tests), *args, requests=requests).replace("\r", "\n")
        summaries = re.findall(r"^(.*): ([\d.]+) requests per second", out, re.M)
        self.assertGreaterEqual(len(summaries), len(tests), out)
        for name, rate in summaries:
            self.assertGreater(float(rate), 0, name)

    def test_the_usual_tests(self):
        self.check_quiet()

    def test_with_pipelines(self):
        self.check_quiet("-P", "16", requests=20_000)

    def test_with_threads(self):
        # A few tests only: with threads, redis-benchmark itself sometimes never ends on a busy machine.
        self.check_quiet("--threads", "2", "-P", "16", requests=20_000, tests=["ping_mbulk", "set", "get"])

    def test_with_resp3(self):
        self.check_quiet("-3")

    def test_csv(self):
        out = self.run_benchmark("--csv", "-t", "set,get")
        rows = [line for line in out.splitlines() if line.startswith('"')]
        self.assertEqual(len(rows), 3, out)
        self.assertIn('"rps"', rows[0])

    def test_a_command_of_ones_own(self):
        out = self.run_benchmark("-q", "SET", "key:__rand_int__", "v")
        self.assertIn("requests per second", out)
        self.assertGreater(int(self.says("DBSIZE")), 500)


def main():
    global SERVER
    argv = sys.argv[:]
    for server in take_flags(argv, "--server"):
        SERVER = os.path.abspath(server) if os.sep in server else server
    for without in take_flags(argv, "--without"):
        for case in ToolTest.__subclasses__():
            if hasattr(case, without):
                delattr(case, without)
    unittest.main(argv=argv, verbosity=2)


if __name__ == "__main__":
    main()
