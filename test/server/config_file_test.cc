#include "server/config_file.h"

#include <doctest/doctest.h>

#include <climits>
#include <string>
#include <vector>

#include "fake_config_files.h"
#include "server/config_values.h"

namespace torc {
namespace {

struct Fixture {
  int timeout_s = 0;
  std::string password;
  std::vector<std::string> bind;
  std::vector<SavePoint> save;
  std::vector<std::string> users;
  ConfigRegistry registry;
  FakeConfigFiles files;

  Fixture() {
    registry.Integer({.name = "timeout", .max = INT_MAX}, &timeout_s);
    registry.Text({.name = "requirepass", .sensitive = true}, &password);
    registry.Words({.name = "bind"}, &bind);
    DeclareSavePoints(registry, &save);
    registry.Directive("user", {.load = [this](ConfigWords words) {
                         users.push_back(words.empty() ? "" : words[0]);
                         return Status::Ok();
                       }});
  }

  // "OK", or what the operator reads.
  std::string Load(const std::vector<std::string>& arguments) {
    const auto line = ParseCommandLine(arguments);
    if (!line.ok()) return line.status().message();
    const Status loaded = LoadConfig(*line, files, registry);
    return loaded.ok() ? "OK" : loaded.message();
  }
  std::string LoadText(const std::string& text) {
    files.files["t.conf"] = text;
    return Load({"t.conf"});
  }
};

std::string Fatal(const std::string& where, const std::string& line, const std::string& reason) {
  return "*** FATAL CONFIG FILE ERROR (Torc 0.1.0) ***\n" + where + "\n>>> '" + line + "'\n" +
         reason;
}
std::string FatalAt(int number, const std::string& line, const std::string& reason) {
  return Fatal("Reading the configuration file, at line " + std::to_string(number) + " of t.conf",
               line, reason);
}

TEST_CASE("a file is lines of a name and words; comments and blank lines mean nothing") {
  Fixture f;
  CHECK(f.LoadText("# a comment\n\n  \t\n\tTIMEOUT\t 7 \r\nrequirepass \"a \\\"b\\x21\"\n"
                   "bind 127.0.0.1 -::1\n  # timeout 9\nuser ann on") == "OK");
  CHECK(f.timeout_s == 7);
  CHECK(f.password == "a \"b!");
  CHECK(f.bind == std::vector<std::string>{"127.0.0.1", "-::1"});
  CHECK(f.users == std::vector<std::string>{"ann"});
  CHECK(f.LoadText("") == "OK");
}

TEST_CASE("a wrong line ends the load with file, line, the line itself and the reason") {
  Fixture f;
  CHECK(f.LoadText("timeout abc") ==
        FatalAt(1, "timeout abc", "argument couldn't be parsed into an integer"));
  CHECK(f.LoadText("\n# x\nfoo 1\ntimeout abc\n") ==
        FatalAt(3, "foo 1", "Bad directive or wrong number of arguments"));
  CHECK(f.LoadText("timeout") == FatalAt(1, "timeout", "wrong number of arguments"));
  CHECK(f.LoadText("timeout 5 # not a comment") ==
        FatalAt(1, "timeout 5 # not a comment", "wrong number of arguments"));
  CHECK(f.LoadText("timeout 4\ntimeout -1\r\n") ==
        FatalAt(2, "timeout -1", "argument must be between 0 and 2147483647 inclusive"));
  CHECK(f.LoadText("requirepass \"a") ==
        FatalAt(1, "requirepass \"a", "Unbalanced quotes in configuration line"));
  CHECK(f.LoadText("requirepass 'a'b") ==
        FatalAt(1, "requirepass 'a'b", "Unbalanced quotes in configuration line"));
  CHECK(f.LoadText("include a b") ==
        FatalAt(1, "include a b", "Bad directive or wrong number of arguments"));
  CHECK(f.LoadText("save 900") == FatalAt(1, "save 900", "Invalid save parameters"));
  CHECK(f.LoadText(std::string("\0\x01\xff 1", 5)).find("Bad directive") != std::string::npos);
}

TEST_CASE("a file that cannot be read is named with the system's reason") {
  Fixture f;
  const std::string reason =
      "Fatal error, can't open config file 'no.conf': No such file or directory";
  CHECK(f.Load({"no.conf"}) == reason);
  CHECK(f.LoadText("include no.conf") == reason);
}

TEST_CASE("an include is read in its place, globs in order of names") {
  Fixture f;
  f.files.files["d/1.conf"] = "timeout 1\n";
  f.files.files["d/2.conf"] = "timeout 2\nuser bob\n";
  CHECK(f.LoadText("timeout 9\ninclude d/*.conf\nuser cid\n") == "OK");
  CHECK(f.timeout_s == 2);
  CHECK(f.users == std::vector<std::string>{"bob", "cid"});
  CHECK(f.LoadText("include \"d/1.conf\"\ntimeout 9") == "OK");
  CHECK(f.timeout_s == 9);
  CHECK(f.LoadText("include nothing/*.conf") == "OK");
  f.files.files["d/2.conf"] = "\ntimeout x\n";
  CHECK(f.LoadText("include d/*.conf") ==
        Fatal("Reading the configuration file, at line 2 of d/2.conf", "timeout x",
              "argument couldn't be parsed into an integer"));
}

TEST_CASE("a file that includes itself ends at the nesting limit, one below it does not") {
  Fixture f;
  CHECK(f.LoadText("include t.conf").find("does a file include itself?") != std::string::npos);
  CHECK(f.files.reads == kConfigIncludeDepthMax + 1);
  for (int depth = 0; depth <= kConfigIncludeDepthMax; ++depth) {
    f.files.files["n" + std::to_string(depth)] = "include n" + std::to_string(depth + 1);
  }
  f.files.files["n" + std::to_string(kConfigIncludeDepthMax)] = "timeout 3";
  CHECK(f.Load({"n0"}) == "OK");
  CHECK(f.timeout_s == 3);
}

TEST_CASE("the command line overrides standard input, which overrides the file") {
  Fixture f;
  f.files.files["t.conf"] = "timeout 1\nrequirepass file\nbind file";
  f.files.standard_input = "timeout 2\nrequirepass stdin\n";
  CHECK(f.Load({"t.conf", "-", "--timeout", "3"}) == "OK");
  CHECK(f.timeout_s == 3);
  CHECK(f.password == "stdin");
  CHECK(f.bind == std::vector<std::string>{"file"});
  f.files.standard_input = "\ntimeout x";
  CHECK(f.Load({"-"}) == Fatal("Reading the configuration file, at line 2 of standard input",
                               "timeout x", "argument couldn't be parsed into an integer"));
}

TEST_CASE("--directive takes the words up to the next one") {
  Fixture f;
  CHECK(f.Load({"--bind", "1.2.3.4", "::1", "--TIMEOUT", "5"}) == "OK");
  CHECK(f.bind == std::vector<std::string>{"1.2.3.4", "::1"});
  CHECK(f.timeout_s == 5);
  CHECK(f.Load({"--timeout 6"}) == "OK");
  CHECK(f.timeout_s == 6);
  CHECK(f.Load({"--requirepass", "--secret", "--timeout", "7"}) == "OK");
  CHECK(f.password == "--secret");
  CHECK(f.timeout_s == 7);
  CHECK(f.Load({"--requirepass", "-", "--timeout", "8"}) == "OK");
  CHECK(f.password == "-");
}

TEST_CASE("--save without a value, or with an empty one, means never") {
  Fixture f;
  for (const auto& arguments : {std::vector<std::string>{"t.conf", "--save", ""},
                                {"t.conf", "--save"},
                                {"t.conf", "--save", "--timeout", "3"}}) {
    f.files.files["t.conf"] = "save 900 1\nsave 300 10\n";
    CHECK(f.Load(arguments) == "OK");
    CHECK(f.save.empty());
  }
  CHECK(f.Load({"--save", "60", "1"}) == "OK");
  CHECK(f.save.size() == 1);
}

TEST_CASE("a wrong command line says so") {
  Fixture f;
  CHECK(f.Load({"--timeout", "abc"}) == Fatal("Reading the command line", "timeout \"abc\"",
                                              "argument couldn't be parsed into an integer"));
  CHECK(f.Load({"--foo"}) ==
        Fatal("Reading the command line", "foo", "Bad directive or wrong number of arguments"));
  CHECK(f.Load({"--timeout", "--bind", "x"}) ==
        Fatal("Reading the command line", "timeout \"--bind\" \"x\"", "wrong number of arguments"));
  CHECK(f.Load({"a.conf", "b.conf"}) ==
        Fatal("Reading the command line", "b.conf", "only one configuration file may be named"));
  CHECK(f.Load({"--'x"}).find("Unbalanced quotes") != std::string::npos);
}

TEST_CASE("switches are no directives, unless they are a directive's value") {
  const std::vector<std::string> arguments = {"--check-config", "x.conf", "--requirepass",
                                              "--help"};
  const auto line = ParseCommandLine(arguments);
  REQUIRE(line.ok());
  CHECK(line->only_checks_config);
  CHECK(line->config_path == "x.conf");
  CHECK_FALSE(line->wants_help);
  const std::vector<std::string> others = {"-v", "--help"};
  const auto asked = ParseCommandLine(others);
  REQUIRE(asked.ok());
  CHECK(asked->wants_version);
  CHECK(asked->wants_help);
}

}  // namespace
}  // namespace torc
