"""Just enough understanding of C++ text for utils/tidy.py.

`code_only` blanks comments and literals but keeps every line where it was, so that a rule about code never
fires on a word in a sentence. `functions` finds function bodies by matching braces: it does not parse C++, it
asks of each opening brace at namespace or class level whether the words before it look like a function's head.
"""

import re

_TOKEN = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | \b(?:u8|u|U|L)?R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"
    | "(?:[^"\\\n]|\\.)*"
    | (?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)*'
    """,
    re.DOTALL | re.VERBOSE,
)


def code_only(text):
    """The text with comments gone and literals emptied; line numbers stay."""

    def blank(match):
        token = match.group(0)
        lines = "\n" * token.count("\n")
        if token.startswith("/"):
            return " " + lines
        quote = "'" if token.endswith("'") else '"'
        return quote + quote + lines

    return _TOKEN.sub(blank, text)


def includes(text):
    """(line, name, is_angle) of each #include."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*(<([^>]+)>|"([^"]+)")', line)
        if match:
            found.append((number, match.group(2) or match.group(3), match.group(2) is not None))
    return found


def _without_preprocessor(code):
    code = re.sub(r"\\\n", lambda _: "\x00", code)  # a macro is one line, whatever its length
    code = re.sub(r"^[ \t]*#[^\n]*", lambda m: "\x00" * m.group(0).count("\x00"), code, flags=re.M)
    return code.replace("\x00", "\n")


def _is_function_head(head):
    if "(" not in head:
        return False
    before = head.split("(", 1)[0]
    if re.search(r"=\s*$|=[^=]*$", re.sub(r"\boperator\s*\S*", "", before)):
        return False  # an initialiser: `auto x = f(…) {`
    return not re.search(r"\b(class|struct|union|enum|namespace)\s+\w*\s*$", before)


def functions(code):
    """(name, first line, last line) of each function body in `code` (made by code_only).

    Lines count from the head's first word to the closing brace. Lambdas and local classes belong to the
    function that holds them.
    """
    code = _without_preprocessor(code)
    found = []
    line, head, head_line = 1, "", 1
    scopes = []  # "open" (namespace, class), or (name, first line) of a function, or "other"
    depth_inside = 0  # braces below a function or an initialiser: not looked at
    for char in code:
        if char == "\n":
            line += 1
        if depth_inside:
            depth_inside += (char == "{") - (char == "}")
            if depth_inside == 0:
                scope = scopes.pop()
                if isinstance(scope, tuple):
                    found.append((scope[0], scope[1], line))
                head = ""
            continue
        if char == "{":
            if _is_function_head(head):
                name = re.findall(r"[\w:~]+", head.split("(", 1)[0] or "?")
                scopes.append((name[-1] if name else "?", head_line))
                depth_inside = 1
            elif re.search(r"\b(namespace|class|struct|union)\b|extern\s*\"\"", head):
                scopes.append("open")
            else:
                scopes.append("other")
                depth_inside = 1
            head = ""
        elif char == "}":
            if scopes:
                scopes.pop()
            head = ""
        elif char == ";":
            head = ""
        else:
            if not head.strip() and not char.isspace():
                head, head_line = "", line
            head += char
    return found
