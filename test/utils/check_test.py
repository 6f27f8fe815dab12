#!/usr/bin/env python3
"""Tests of utils/check's parts, with the system's programs replaced by small fakes that write down their calls."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Sandbox(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bin = os.path.join(self.folder.name, "bin")
        os.mkdir(self.bin)

    def fake(self, name, script):
        """A program called `name` that notes its arguments in `calls` and then does `script`."""
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/bash\necho "{name} $*" >>"{self.folder.name}/calls"\n{script}\n')
        os.chmod(path, 0o755)

    def calls(self):
        try:
            with open(os.path.join(self.folder.name, "calls"), encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def bash(self, script, path=None):
        env = dict(os.environ, PATH=path or self.bin + ":" + os.environ["PATH"], CI="true",
                   policy_file=os.path.join(self.folder.name, "policy-rc.d"))
        return subprocess.run(["/bin/bash", "-uo", "pipefail", "-c", script], cwd=self.folder.name, env=env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


class Packages(Sandbox):
    # Installed is what has a file of its name in the folder `installed`; installing makes one.
    DPKG = 'name="${@: -1}"; [[ -e installed/$name ]] && echo installed || exit 1'
    APT = """[[ $* == *" update"* ]] && touch lists
    [[ $* == *" install "* ]] || exit 0
    [[ -e lists ]] || exit 100
    ls "$policy_file" >/dev/null && echo services-held
    for name; do [[ $name == p-* ]] && touch "installed/$name"; done; exit 0"""

    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.folder.name, "installed"))
        self.fake("dpkg-query", self.DPKG)
        self.fake("apt-get", self.APT)

    def install(self, before="is_root() { true; }", path=None):
        return self.bash(f"source {ROOT}/utils/lib/packages.sh; {before}; install_packages p-a p-b", path)

    def touch(self, name):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8"):
            pass

    def apt_calls(self):
        return [call for call in self.calls() if call.startswith("apt-get")]

    def test_nothing_is_asked_of_apt_when_all_is_there(self):
        self.touch("installed/p-a")
        self.touch("installed/p-b")
        done = self.install(before="is_root() { false; }; can_sudo() { false; }")
        self.assertEqual((done.returncode, done.stdout, self.apt_calls()), (0, "", []))

    def test_only_what_is_missing_is_installed_and_services_stay_off(self):
        self.touch("installed/p-a")
        self.touch("lists")
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(self.apt_calls()), 1)
        self.assertTrue(self.apt_calls()[0].endswith("--no-install-recommends p-b"))
        self.assertIn("services-held", done.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "policy-rc.d")))

    def test_package_lists_are_fetched_when_installing_fails_without_them(self):
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual([("update" in call, "install" in call) for call in self.apt_calls()],
                         [(False, True), (True, False), (False, True)])

    def test_without_permission_it_says_what_to_run(self):
        done = self.install(before="is_root() { false; }; can_sudo() { false; }")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs root", done.stdout)
        self.assertIn("apt-get install -y --no-install-recommends p-a p-b", done.stdout)
        self.assertEqual(self.apt_calls(), [])

    def test_what_apt_cannot_install_is_named(self):
        self.fake("apt-get", "echo 'no network' >&2; exit 100")
        done = self.install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("no network", done.stdout)
        self.assertIn("could not install: p-a p-b", done.stdout)

    def test_a_checkout_that_is_not_ones_own_is_said_to_be(self):
        done = self.bash(f"source {ROOT}/utils/lib/packages.sh; touch build; use_build_folder")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written to", done.stdout)
        done = self.bash(f"rm build; source {ROOT}/utils/lib/packages.sh; use_build_folder")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_another_system_is_told_what_to_install_itself(self):
        done = self.install(path=os.path.join(self.folder.name, "none") + ":/nowhere", before="true")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Debian 12", done.stdout)


class Steps(Sandbox):
    def steps(self, script):
        os.makedirs(os.path.join(self.folder.name, "build"), exist_ok=True)
        return self.bash(f'root="{self.folder.name}"; jobs=2; source {ROOT}/utils/lib/steps.sh; {script}')

    def ctest(self, summary, status):
        self.fake("ctest", f"printf '%b' '{summary}'; exit {status}")

    def test_the_last_line_counts_steps_and_tests(self):
        self.ctest("100% tests passed, 0 tests failed out of 12\\n", 0)
        done = self.steps("step good true; run_tests asan; finish")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "13 passed, 0 failed"))

    def test_failures_are_counted_named_and_in_the_status(self):
        self.ctest("80% tests passed, 1 tests failed out of 5\\n\\nThe following tests FAILED:\\n"
                   "\\t  3 - store (Failed)\\nErrors while running CTest\\n", 8)
        done = self.steps("step good true; step bad false; run_tests asan; finish")
        lines = done.stdout.splitlines()
        self.assertEqual((done.returncode, lines[-1]), (1, "5 passed, 2 failed"))
        self.assertIn("failed: bad", lines)
        self.assertIn("failed: tests (asan): store", lines)

    def test_a_ctest_that_dies_without_a_summary_is_a_failure(self):
        self.ctest("Segmentation fault\\n", 139)
        done = self.steps("run_tests asan; finish")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (1, "0 passed, 1 failed"))

    def test_changed_files_are_those_since_the_last_commit_and_headers_stand_for_their_source(self):
        done = self.steps("""
            export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
            git init -q . && mkdir -p src/ds && touch src/ds/{old,b,c}.cc src/ds/c.h && git add . && git commit -qm 1
            echo 1 >src/ds/b.cc && git commit -qam 2
            echo 1 >src/ds/c.h && touch src/ds/new.cc README.md && rm -f src/ds/none.cc
            changed_files""")
        self.assertEqual(done.stdout.split(), ["src/ds/b.cc", "src/ds/c.cc", "src/ds/new.cc"])

    def test_format_looks_at_every_file_and_fails_if_one_is_off(self):
        self.fake("clang-format-14", '[[ $* != *bad.cc* ]]')
        make = "git init -q . && mkdir src && touch good.cc good.h && git add . && "
        self.assertEqual(self.steps(make + "mkdir ours && touch ours/bad.cc && check_format").returncode, 0)
        done = self.steps("touch src/bad.cc; check_format")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--fix", done.stdout)


class Arguments(unittest.TestCase):
    def test_an_unknown_mode_is_refused_before_anything_is_done(self):
        done = subprocess.run([os.path.join(ROOT, "utils", "check"), "nonsense"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown argument 'nonsense'", done.stderr)


if __name__ == "__main__":
    unittest.main()
