#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not: `utils/tidy.py [ROOT]`.

- Rooms: the table in src/README.md says which room lies on which floor; an include goes to a lower floor.
- Packages: who alone may name libuv, jemalloc, Abseil's text functions, Lua.
- Calls that make behaviour depend on the machine (clocks, randomness, files, sockets, threads) stay at the edge.
- Length of files and functions; `#pragma once`; no postponed work in comments.

Prints one line per finding, `path:line: rule: what`, and exits 1 if there was any. An exception is a line in
EXCEPTIONS with its reason; one that is no longer needed is a finding itself, so the list only gets shorter.
"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import cxx_text  # noqa: E402

# (rule, path): the reason why this file may break this rule.
EXCEPTIONS = {}

LINES_MAX_SOURCE = 600
LINES_MAX_HEADER = 350
LINES_MAX_TEST = 800
LINES_MAX_FUNCTION = 70
LINES_MAX_TEST_CASE = 100  # a list of expectations reads straight down

# What an include of it proves, and the rooms that may.
PACKAGE_OWNERS = [
    (re.compile(r"uv(/.*)?\.h"), ("net",)),
    (re.compile(r"jemalloc/.*"), ("base",)),
    (re.compile(r"absl/strings/.*"), ("base",)),
    (re.compile(r"(lua|lauxlib|lualib|luajit)\.h(pp)?|lua5\.1/.*"), ("features/scripting",)),
]

# Calls of the C library, with an optional `::` or `std::` but not as a member or under another namespace.
_FREE = r"(?<![\w.>:~])(?:std::|::)?"
EDGE_ROOMS = ("net", "server")
BANNED_CALLS = [
    ("time(", re.compile(_FREE + r"time\s*\(\s*[^\s)]")),
    ("a system clock", re.compile(r"\bchrono::\w+_clock\b|" + _FREE + r"(?:clock_gettime|gettimeofday)\s*\(")),
    ("rand(", re.compile(_FREE + r"s?rand\s*\(")),
    ("random_device", re.compile(r"\brandom_device\b")),
    ("open(", re.compile(_FREE + r"(?:f?open|openat|creat)\s*\(|\bstd::[io]?fstream\b")),
    ("socket(", re.compile(_FREE + r"socket\s*\(")),
    ("std::thread", re.compile(r"\bstd::j?thread\b|\bpthread_create\b|\bthis_thread::sleep")),
]
# Spelled in two halves, so that this file does not find itself.
POSTPONED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")

CXX = (".cc", ".h", ".c")
TEXT = CXX + (".py", ".sh", ".txt", ".cmake", ".conf", ".lua", ".json", ".md")
SCRIPTS = ("utils/check", "utils/run", ".ci/run")
FOLDERS = ("src", "include", "test", "redis-tests", "utils", "conf", ".ci")


class Rooms:
    """The table of src/README.md."""

    def __init__(self, markdown):
        self.floors = {}  # "base" → 0; for "types/<type>/" the key is "types/*"
        self.never = {}  # room → rooms it must not include although they lie lower
        self.only = {}  # room → the only rooms it may include
        self.kept_for = {}  # room → the one room above it that may include it
        for line in markdown.split("\n"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) == 4 and re.fullmatch(r"\d+", cells[0]):
                self._add(int(cells[0]), cells[1].strip("`"), cells[3])

    def _add(self, floor, pattern, rules):
        room = re.sub(r"<\w+>", "*", pattern.rstrip("/"))
        self.floors[room] = floor
        never = re.search(r"never ((?:`\w+`(?:, )?)+)", rules)
        only = re.search(r"`(\w+)` only", rules)
        kept = re.search(r"only here `(\w+)` meets", rules)
        if never:
            self.never[room] = re.findall(r"`(\w+)`", never.group(1))
        if only:
            self.only[room] = [only.group(1)]
        if kept:
            self.kept_for[kept.group(1)] = room

    def of(self, path):
        """The room of a path below src/, or None."""
        parts = path.split("/")
        if len(parts) == 1:
            return path if path in self.floors else None
        if parts[0] in self.floors:
            return parts[0]
        if parts[0] + "/*" in self.floors and len(parts) > 2:
            return parts[0] + "/" + parts[1]
        return None

    def _kind(self, room):
        return room if room in self.floors else room.split("/")[0] + "/*"

    def objection(self, importer, target_path):
        """Why room `importer` must not include src/<target_path>; None when it may."""
        target = self.of(target_path)
        if target is None:
            return "is in no room of src/README.md"
        if target == importer:
            return None
        kind, target_kind = self._kind(importer), self._kind(target)
        if self._is_value_header(kind, target_path):
            return None
        if self.floors[target_kind] >= self.floors[kind]:
            return f"{importer} is on floor {self.floors[kind]}, {target} on floor {self.floors[target_kind]}"
        if target in self.never.get(kind, []):
            return f"{importer} never includes {target}"
        if kind in self.only and target not in self.only[kind]:
            return f"{importer} includes {self.only[kind][0]} only"
        keeper = self.kept_for.get(target)
        if keeper and self.floors[kind] < self.floors[keeper]:
            return f"only {keeper} includes {target}"
        return None

    @staticmethod
    def _is_value_header(kind, target_path):
        return kind == "types/*" and re.fullmatch(r"types/(\w+)/\1\.h", target_path) is not None


class Tidy:
    def __init__(self, root, exceptions):
        self.root = root
        self.exceptions = exceptions
        self.used = set()
        self.findings = []
        self.rooms = Rooms(self.read("src/README.md"))

    def read(self, path):
        try:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def report(self, path, line, rule, what):
        if (rule, path) in self.exceptions:
            self.used.add((rule, path))
        else:
            self.findings.append(f"{path}:{line}: {rule}: {what}")

    def run(self):
        paths = tracked_files(self.root)
        for path in paths:
            if path.endswith(TEXT) or path in SCRIPTS:
                self.check_text(path)
            if path.endswith(CXX):
                self.check_cxx(path)
        if not self.rooms.floors:
            self.report("src/README.md", 1, "rooms", "has no table of rooms")
        if not any(path.startswith("src/") and path.endswith(CXX) for path in paths):
            self.report("src", 1, "rooms", "no source file found: nothing was checked")
        for rule, path in sorted(set(self.exceptions) - self.used):
            self.findings.append(f"utils/tidy.py:1: exceptions: {path} no longer needs one from {rule}")
        return self.findings

    def check_text(self, path):
        for number, line in enumerate(self.read(path).split("\n"), 1):
            if POSTPONED.search(line):
                self.report(path, number, "postponed", "do it now, or open an issue and say why not")

    def check_cxx(self, path):
        text = self.read(path)
        code = cxx_text.code_only(text)
        if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.M):
            self.report(path, 1, "pragma-once", "a header begins with #pragma once")
        if not self.is_generated(text):
            self.check_length(path, text, code)
        if path.startswith(("src/", "include/")):
            room = self.rooms.of(path[4:]) if path.startswith("src/") else "include"
            if room is None:
                self.report(path, 1, "rooms", "lies in no room of src/README.md")
            else:
                self.check_includes(path, room, text)
                self.check_calls(path, room, code)

    def is_generated(self, text):
        """Tables that a script of ours wrote: the first lines name it."""
        match = re.search(r"Generated by ([\w./-]+\.py)\b", "\n".join(text.split("\n")[:5]))
        return match is not None and os.path.exists(os.path.join(self.root, match.group(1)))

    def check_length(self, path, text, code):
        is_test = path.startswith(("test/", "redis-tests/"))
        limit = LINES_MAX_HEADER if path.endswith(".h") else LINES_MAX_SOURCE
        limit = LINES_MAX_TEST if is_test else limit
        lines = text.count("\n")
        if lines > limit:
            self.report(path, lines, "file-length", f"{lines} lines, at most {limit}: split it by idea")
        for name, first, last in cxx_text.functions(code):
            length = last - first + 1
            limit = LINES_MAX_TEST_CASE if is_test and name.endswith("TEST_CASE") else LINES_MAX_FUNCTION
            if length > limit:
                self.report(path, first, "function-length", f"{name} has {length} lines, at most {limit}")

    def check_includes(self, path, room, text):
        for line, name, is_angle in cxx_text.includes(text):
            for pattern, owners in PACKAGE_OWNERS:
                if pattern.fullmatch(name) and room not in owners:
                    self.report(path, line, "package", f"<{name}> only in {' and '.join(owners)}/")
            if is_angle or name.startswith("torc/"):
                continue
            if room == "include":
                self.report(path, line, "include", f'"{name}": include/ includes nothing of src/')
            elif not os.path.exists(os.path.join(self.root, "src", name)):
                self.report(path, line, "include", f'"{name}" is not a path below src/')
            else:
                objection = self.rooms.objection(room, name)
                if objection:
                    self.report(path, line, "include", f'"{name}": {objection}')

    def check_calls(self, path, room, code):
        if room in EDGE_ROOMS:
            return
        for number, line in enumerate(code.split("\n"), 1):
            if re.match(r"\s*#\s*include", line):
                continue
            for what, pattern in BANNED_CALLS:
                if any("::" in m.group(0) or not declares_a_name(line[:m.start()])
                       for m in pattern.finditer(line)):
                    self.report(path, number, "banned-call", f"{what} outside {' and '.join(EDGE_ROOMS)}/")


def declares_a_name(before):
    """Whether what stands before `name(` makes it a declaration: `std::vector<int> open(`, `int rand(`."""
    before = before.rstrip()
    word = re.search(r"\w+$", before)
    if word:
        return word.group(0) not in ("return", "co_return", "co_await", "else", "do", "case", "and", "or", "not")
    return re.search(r"[\w>]>$", before) is not None


def tracked_files(root):
    """What git knows, and what it would add in the folders that are ours; without git, all there is in them."""
    env = dict(os.environ, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
    try:
        paths = []
        for what in (["--cached"], ["--others", "--exclude-standard", "--", *FOLDERS]):
            listing = subprocess.run(["git", "ls-files", "-z", *what], cwd=root, env=env, check=True,
                                     capture_output=True).stdout.decode()
            paths += [p for p in listing.split("\0") if p and os.path.isfile(os.path.join(root, p))]
        if paths:
            return sorted(set(paths))
    except (OSError, subprocess.CalledProcessError):
        pass
    walks = (os.walk(os.path.join(root, folder)) for folder in FOLDERS)
    return sorted(os.path.relpath(os.path.join(folder, file), root)
                  for walk in walks for folder, _, files in walk for file in files)


def main(arguments):
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    findings = Tidy(arguments[0] if arguments else here, EXCEPTIONS).run()
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings" if findings else "tidy: clean")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
