#!/usr/bin/env python3
"""Feeds utils/tidy.py small trees, each with one rule broken, and expects exactly that finding.

Every bad tree has a good twin (the clean tree all of them start from, or the "fine" cases below), so a checker
that finds nothing fails here, and so does one that finds everything.
"""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "utils"))
sys.path.insert(0, os.path.join(ROOT, "utils", "lib"))
sys.dont_write_bytecode = True
import cxx_text  # noqa: E402
import tidy  # noqa: E402

MAP = """# The map
| floor | room | purpose | special rules |
|---|---|---|---|
| 0 | `base/` | bytes | alone names jemalloc and Abseil text functions |
| 1 | `ds/` | structures | knows no key |
| 1 | `resp/` | protocol | bytes in |
| 1 | `cluster/` | gossip | no I/O, clock or thread; `base` only |
| 1 | `net/` | loop | the only room that includes `<uv.h>` |
| 2 | `store/` | keyspace | never `resp`, `net`, `cluster` |
| 4 | `types/<type>/` | one type | another type only through its value header |
| 4 | `features/<name>/` | commands | types only through `TypeOps` |
| 5 | `engine/` | brain | still no socket, no thread |
| 6 | `server/` | threads | only here `net` meets the rest |
| 7 | `main.cc` | flags | under 100 lines |
"""

CLEAN = {
    "src/README.md": MAP,
    "include/torc/status.h": "#pragma once\n#include <string>\n",
    "src/base/text.h": '#pragma once\n#include "torc/status.h"\n',
    "src/base/text.cc": '#include "base/text.h"\n#include <absl/strings/str_cat.h>\n',
    "src/ds/ring.h": '#pragma once\n#include "base/text.h"\n',
    "src/resp/parser.h": "#pragma once\n",
    "src/cluster/gossip.h": "#pragma once\n",
    "src/net/loop.cc": "#include <uv.h>\nint Now() { return open(1) + socket(2); }\n",
    "src/net/loop.h": "#pragma once\n",
    "src/store/keyspace.h": '#pragma once\n#include "ds/ring.h"\n',
    "src/types/zset/zset.h": "#pragma once\n",
    "src/types/zset/zset_codec.h": "#pragma once\n",
    "src/types/geo/geo.cc": '#include "types/zset/zset.h"\n',
    "src/features/keys/keys.h": "#pragma once\n",
    "src/engine/engine.h": '#pragma once\n#include "types/zset/zset_codec.h"\n',
    "src/server/server.cc": '#include "net/loop.h"\n#include "engine/engine.h"\nstd::thread t;\n',
    "src/main.cc": '#include "net/loop.h"\nint main() {}\n',
    "test/base/text_test.cc": '#include "base/text.h"\nstd::ifstream file;\n',
}


def findings_of(changes, exceptions=None):
    """What tidy says of the clean tree with `changes` (path → text) made to it."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **changes}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return tidy.Tidy(root, exceptions or {}).run()


def function_of(lines):
    return "int F() {\n" + "  ++n;\n" * (lines - 2) + "}\n"


class OneBrokenRule(unittest.TestCase):
    def expect(self, rule, path, text, line=None):
        found = findings_of({path: text})
        self.assertEqual(len(found), 1, f"{path}: wanted one {rule}, got {found}")
        where = f"{path}:{line}: " if line else f"{path}:"
        self.assertTrue(found[0].startswith(where) and f" {rule}: " in found[0], found[0])

    def expect_clean(self, path, text):
        self.assertEqual(findings_of({path: text}), [])

    def test_the_clean_tree_is_clean(self):
        self.assertEqual(findings_of({}), [])

    def test_upward_and_sideways_includes(self):
        for path, included in [
            ("src/base/a.cc", "ds/ring.h"),
            ("src/ds/a.cc", "resp/parser.h"),
            ("src/store/a.cc", "engine/engine.h"),
            ("src/store/a.cc", "resp/parser.h"),
            ("src/store/a.cc", "cluster/gossip.h"),
            ("src/cluster/a.cc", "ds/ring.h"),
            ("src/engine/a.cc", "net/loop.h"),
            ("src/types/geo/a.cc", "types/zset/zset_codec.h"),
            ("src/types/geo/a.cc", "features/keys/keys.h"),
            ("src/features/acl/a.cc", "types/zset/zset.h"),
            ("src/features/acl/a.cc", "features/keys/keys.h"),
            ("src/base/a.cc", "text.h"),
            ("include/torc/a.h", "base/text.h"),
        ]:
            with self.subTest(path=path, included=included):
                pragma = "#pragma once\n" if path.endswith(".h") else "\n"
                self.expect("include", path, f'{pragma}#include "{included}"\n', line=2)

    def test_a_file_in_no_room(self):
        self.expect("rooms", "src/attic/a.cc", "int a;\n")
        self.expect("rooms", "src/a.cc", "int a;\n")
        self.expect("rooms", "src/types/a.cc", "int a;\n")

    def test_packages_have_one_owner(self):
        self.expect("package", "src/ds/a.cc", "#include <uv.h>\n", line=1)
        self.expect("package", "src/server/a.cc", "#include <uv.h>\n")
        self.expect("package", "src/ds/a.cc", "#include <jemalloc/jemalloc.h>\n")
        self.expect("package", "src/ds/a.cc", "#include <absl/strings/str_split.h>\n")
        self.expect("package", "src/engine/a.cc", "#include <lua.h>\n")
        self.expect_clean("src/features/scripting/a.cc", "#include <lua.h>\n")

    def test_calls_that_belong_to_the_edge(self):
        for call in ["time(nullptr)", "::time(&t)", "std::time(nullptr)", "rand()", "std::rand()",
                     "srand(7)", "open(path, 0)", "::open(path, 0)", "fopen(path, mode)", "socket(1, 2, 3)",
                     "std::thread(f)", "std::random_device()", "std::chrono::steady_clock::now()",
                     "std::chrono::system_clock::now()", "clock_gettime(id, &t)", "std::ifstream(path)"]:
            with self.subTest(call=call):
                self.expect("banned-call", "src/ds/a.cc", f"\nauto x = {call};\n", line=2)
                self.expect_clean("src/net/a.cc", f"\nauto x = {call};\n")

    def test_calls_within_an_expression(self):
        for code in ["return open(path);", "if (a > open(path)) b();", "F(::open(path));", "a = b and rand();",
                     "{rand();}", "open(path);", "x ? time(&t) : 0;", "!open(p);", "int n(2); rand();", "const std::thread t;",
                     "return std::time(&t);", "static ::open(p);"]:
            with self.subTest(code=code):
                self.expect("banned-call", "src/ds/a.cc", f"{code}\n", line=1)

    def test_words_that_only_look_like_such_calls(self):
        for code in ["file.open(path);", "Store::open(path);", "expire_time(x);", "UnixMs time() const;", "std::vector<int> open(size);", "std::map<A, B<C>> open(n);",
                     "// time(nullptr) is banned", 'Log("open(2) failed");', "/* std::thread\n rand( */",
                     "p->time(x);", 'auto s = R"(socket(1) "quoted")";', "int n = 1'000'000; F('\"');"]:
            with self.subTest(code=code):
                self.expect_clean("src/ds/a.cc", code + "\n")

    def test_length_of_files(self):
        self.expect_clean("src/ds/a.cc", "int a;\n" * 600)
        self.expect("file-length", "src/ds/a.cc", "int a;\n" * 601)
        self.expect_clean("src/ds/a.h", "#pragma once\n" + "int a;\n" * 349)
        self.expect("file-length", "src/ds/a.h", "#pragma once\n" + "int a;\n" * 350)
        self.expect_clean("test/ds/a_test.cc", "int a;\n" * 800)
        self.expect("file-length", "test/ds/a_test.cc", "int a;\n" * 801)

    def test_length_of_functions(self):
        self.expect_clean("src/ds/a.cc", function_of(70))
        self.expect("function-length", "src/ds/a.cc", function_of(71), line=1)
        self.expect("function-length", "src/ds/a.cc", "namespace torc {\nnamespace {\n" + function_of(71) + "}}\n")
        self.expect("function-length", "src/ds/a.h", "#pragma once\nclass A final : public B {\n public:\n"
                    + function_of(71) + "};\n")
        self.expect_clean("src/ds/a.cc", "constexpr int kTable[] = {\n" + "  F(1),\n" * 100 + "};\n")

    def test_length_of_test_cases(self):
        case = function_of(101).replace("int F()", 'TEST_CASE("a sentence")')
        self.expect_clean("test/ds/a_test.cc", case.replace("  ++n;\n", "", 1))
        self.expect("function-length", "test/ds/a_test.cc", case)
        self.expect("function-length", "test/ds/a_test.cc", function_of(71))
        self.expect("function-length", "src/ds/a.cc", case)

    def test_generated_tables_may_be_long_if_their_script_exists(self):
        text = "// Generated by utils/make_table.py\n" + "int a;\n" * 900
        self.expect("file-length", "src/ds/a.cc", text)
        self.assertEqual(findings_of({"src/ds/a.cc": text, "utils/make_table.py": "\n"}), [])

    def test_headers_are_included_once(self):
        self.expect("pragma-once", "src/ds/a.h", "int a;\n")
        self.expect("pragma-once", "test/ds/a.h", "// #pragma once\n")

    def test_postponed_work(self):
        for word in ["TO" + "DO", "FIX" + "ME"]:
            self.expect("postponed", "src/ds/a.cc", f"// {word}: later\n", line=1)
            self.expect("postponed", "utils/a.py", f"# {word}\n")

    def test_folders_that_are_not_ours_are_left_alone(self):
        self.expect_clean("elsewhere/notes.md", "TO" + "DO\n")
        self.expect("postponed", "conf/a.conf", "# TO" + "DO\n")

    def test_an_empty_map_or_tree_is_not_clean(self):
        self.assertTrue(any("no table" in f for f in findings_of({"src/README.md": "# nothing\n"})))
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(len(tidy.Tidy(root, {}).run()), 2)


class Exceptions(unittest.TestCase):
    def test_an_exception_silences_its_rule_only(self):
        bad = {"src/ds/a.cc": function_of(71) + "int a;\n" * 600}
        self.assertEqual(len(findings_of(bad)), 2)
        left = findings_of(bad, {("file-length", "src/ds/a.cc"): "a reason"})
        self.assertEqual(len(left), 1)
        self.assertIn("function-length", left[0])

    def test_an_exception_that_is_not_needed_is_a_finding(self):
        left = findings_of({}, {("file-length", "src/ds/a.cc"): "a reason"})
        self.assertEqual(len(left), 1)
        self.assertIn("no longer needs", left[0])

    def test_every_exception_of_this_repository_has_a_reason(self):
        for key, reason in tidy.EXCEPTIONS.items():
            self.assertGreater(len(reason), 10, key)


class Functions(unittest.TestCase):
    def test_bodies_are_found_with_their_lines(self):
        code = cxx_text.code_only(
            "namespace a {\n"
            "struct S {\n"
            "  S() : x_{1}, y_(2) { G(); }\n"
            "  bool operator==(const S& o) const {\n    return true;\n  }\n"
            "  int x_ = 0;\n};\n"
            "int table[] = {1, 2};\n"
            "auto f = [](int) { return 1; };\n"
            "template <typename T>\nT Max(T a,\n      T b) noexcept {\n"
            "  if (a < b) {\n    return b;\n  }\n  return a;\n}\n}\n")
        found = {name: (first, last) for name, first, last in cxx_text.functions(code)}
        self.assertEqual(found["Max"], (11, 18))
        self.assertIn((4, 6), found.values())
        self.assertNotIn("table", found)

    def test_literals_and_comments_leave_their_lines(self):
        text = 'a /* {\n{ */ b // {\n"{\\"" \'{\' R"x({\n)x" c\n'
        code = cxx_text.code_only(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertNotIn("{", code)
        self.assertTrue(code.split("\n")[3].endswith("c"))


class CommandLine(unittest.TestCase):
    def run_on(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**CLEAN, **changes}.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return subprocess.run([sys.executable, os.path.join(ROOT, "utils", "tidy.py"), root],
                                  capture_output=True, text=True, check=False)

    def test_exit_status_says_what_was_found(self):
        good = self.run_on({})
        self.assertEqual((good.returncode, good.stdout), (0, "tidy: clean\n"))
        bad = self.run_on({"src/ds/a.cc": "#include <uv.h>\n"})
        self.assertEqual(bad.returncode, 1)
        self.assertIn("src/ds/a.cc:1: package: ", bad.stdout)


if __name__ == "__main__":
    unittest.main()
