"""GET over TLS beside the peer, driven by redis-benchmark, which speaks TLS. Certificates are made for the run."""

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack

from .process import Failure, free_port, note
from .report import median, print_table, ratio

HELP = "GET over TLS at pipeline 1 (and 16) by redis-benchmark --tls: requests a second, server CPU time of each"


def add_options(parser):
    parser.add_argument("--pipelines", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--requests", type=int, default=100_000, help="per server and round")
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--value-size", type=int, default=64)


def run(bench, options):
    for tool in ("openssl", "redis-benchmark"):
        if shutil.which(tool) is None:
            raise Failure(f"{tool} is not installed")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        certificate, key = _make_certificate(folder)
        servers = {}
        for side in ("ours", "peer"):
            port = free_port()
            server = stack.enter_context(bench.start(side, f"--tls-port {port} --tls-cert-file {certificate} "
                                                           f"--tls-key-file {key} --tls-auth-clients no"))
            servers[side] = (server, port)
            _benchmark(options, port, certificate, "SET", pipeline=16, requests=options.keys * 4)
        results = [_measure(options, servers, certificate, pipeline) for pipeline in options.pipelines]
    rows = [(f"GET, pipeline {r['pipeline']}", median(r["rate"]["ours"]), median(r["rate"]["peer"]), r["ratio"],
             median(r["cpu_ns"]["ours"]), median(r["cpu_ns"]["peer"])) for r in results]
    print_table(f"TLS ({options.connections} connections)",
                ("case", "ours/s", "peer/s", "ratio", "ours ns CPU", "peer ns CPU"), rows)
    return results


def _measure(options, servers, certificate, pipeline):
    rate = {side: [] for side in servers}
    cpu_ns = {side: [] for side in servers}
    requests = options.requests * min(pipeline, 5)
    for turn in range(options.rounds):
        for side in list(servers) if turn % 2 == 0 else reversed(servers):
            server, port = servers[side]
            before = server.cpu_ns()
            rate[side].append(_benchmark(options, port, certificate, "GET", pipeline, requests))
            cpu_ns[side].append((server.cpu_ns() - before) / requests)
    note(f"pipeline {pipeline}: done")
    return {"pipeline": pipeline, "rate": rate, "cpu_ns": cpu_ns, "ratio": ratio(rate["ours"], rate["peer"])}


def _make_certificate(folder):
    certificate, key = os.path.join(folder, "crt"), os.path.join(folder, "key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    return certificate, key


def _benchmark(options, port, certificate, test, pipeline, requests):
    command = ["redis-benchmark", "--tls", "--cacert", certificate, "-p", str(port), "-t", test.lower(), "-n",
               str(requests), "-c", str(options.connections), "-P", str(pipeline), "-r", str(options.keys), "-d",
               str(options.value_size), "--csv"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                          preexec_fn=lambda: os.sched_setaffinity(0, {options.load_core}))
    for line in done.stdout.splitlines():
        if line.startswith(f'"{test}"'):
            return float(line.split(",")[1].strip('"'))
    raise Failure(f"redis-benchmark gave no figure: {done.stdout} {done.stderr}")
