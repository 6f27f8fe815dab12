// The request parser against what redis-server was seen to accept and to answer.
#include "resp/request_parser.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "resp/parser_support.h"

namespace torc {
namespace {

using Words = std::vector<std::string>;
using Result = RequestParser::Result;

std::string ErrorOf(std::string_view input, const ParseLimits& limits = {}) {
  const ParseOutcome outcome = ParseWhole(input, limits);
  CHECK(outcome.commands.empty());
  const std::string prefix = "ERR Protocol error: ";
  return outcome.error.substr(0, prefix.size()) == prefix ? outcome.error.substr(prefix.size())
                                                          : outcome.error;
}

Words OneCommand(std::string_view input) {
  const ParseOutcome outcome = ParseWhole(input);
  CHECK(outcome.error.empty());
  CHECK(outcome.left_bytes == 0);
  REQUIRE(outcome.commands.size() == 1);
  return outcome.commands[0];
}

std::string Bulks(const Words& words) {
  std::string wire = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) {
    wire += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return wire;
}

TEST_CASE("a pipeline of arrays becomes commands with their sizes on the wire") {
  const std::string first = Bulks({"SET", "key", std::string("v\r\n\0x", 5)});
  const std::string second = Bulks({"GET", ""});
  const ParseOutcome outcome = ParseWhole(first + second + "*1\r\n$4\r\nPI");
  REQUIRE(outcome.commands.size() == 2);
  CHECK(outcome.commands[0] == Words{"SET", "key", std::string("v\r\n\0x", 5)});
  CHECK(outcome.commands[1] == Words{"GET", ""});
  CHECK(outcome.wire_bytes == std::vector<uint64_t>{first.size(), second.size()});
  CHECK(outcome.left_bytes == 10);
}

TEST_CASE("no more requests are taken than asked for") {
  const std::string input = Bulks({"PING"}) + "PING\r\n" + Bulks({"ECHO", "a"}) + Bulks({"PING"});
  RequestParser parser;
  RequestBatch batch;
  size_t consumed = 0;
  CHECK(parser.Take(input, 0, {}, &batch, &consumed) == Result::kComplete);
  CHECK(consumed == 0);
  CHECK(parser.Take(input, 3, {}, &batch, &consumed) == Result::kComplete);
  CHECK(batch.commands.size() == 3);
  CHECK(input.substr(consumed) == Bulks({"PING"}));
  const std::string rest = input.substr(consumed);
  CHECK(parser.Take(rest, 3, {}, &batch, &consumed) == Result::kNeedMore);
  CHECK(batch.commands.size() == 4);
  CHECK(consumed == rest.size());
}

TEST_CASE("arguments of a whole request are views into the input") {
  const std::string input = Bulks({"GET", "some key"});
  RequestParser parser;
  RequestBatch batch;
  size_t consumed = 0;
  REQUIRE(parser.Next(input, {}, &batch, &consumed) == Result::kComplete);
  CHECK(batch.args[1].data() == input.data() + input.find("some key"));
  CHECK(batch.scratch.empty());
  CHECK(consumed == input.size());
  CHECK(parser.idle());
}

TEST_CASE("empty requests are skipped") {
  CHECK(OneCommand("*0\r\n*-1\r\n*-5\r\n\r\n\n  \t \r\nPING\r\n") == Words{"PING"});
  const ParseOutcome nothing = ParseWhole("*0\r\n\r\n*-9\r\n");
  CHECK(nothing.commands.empty());
  CHECK(nothing.left_bytes == 0);
}

TEST_CASE("line ends are taken as loosely as Redis takes them") {
  CHECK(OneCommand("*1\rX$4\r\nPINGxx") == Words{"PING"});
  CHECK(OneCommand("PING\n") == Words{"PING"});
  CHECK(OneCommand("PING\rX\r\n") == Words{"PING", "X"});
}

TEST_CASE("wrong lengths get Redis's texts") {
  for (const char* wire : {"*\r\n", "*a\r\n", "*1a\r\n", "* 1\r\n", "*+1\r\n", "*01\r\n", "*-0\r\n",
                           "*2147483648\r\n", "*99999999999999999999\r\n", "*1\nX$4\r\nPING\r\n"}) {
    CAPTURE(wire);
    CHECK(ErrorOf(wire) == "invalid multibulk length");
  }
  for (const char* wire : {"$\r\n", "$-1\r\n", "$a\r\n", "$+4\r\n", "$04\r\n", "$-0\r\n",
                           "$536870913\r\n", "$99999999999999999999\r\n"}) {
    CAPTURE(wire);
    CHECK(ErrorOf(std::string("*1\r\n") + wire) == "invalid bulk length");
  }
  CHECK(ParseWhole("*2147483647\r\n").error.empty());
  CHECK(ParseWhole("*1\r\n$536870912\r\n").error.empty());
}

TEST_CASE("requests of very many arguments are read whole and in pieces") {
  for (const size_t count : {63U, 64U, 65U, 3000U}) {
    const std::string input = Bulks(Words(count, "abc"));
    CHECK(OneCommand(input).size() == count);
    const ParseOutcome halves =
        ParseInPieces(Words{input.substr(0, input.size() / 2), input.substr(input.size() / 2)}, {});
    REQUIRE(halves.commands.size() == 1);
    CHECK(halves.commands[0] == Words(count, "abc"));
  }
}

TEST_CASE("something else than a bulk in an array is named in the error") {
  CHECK(ErrorOf("*1\r\nx4\r\n") == "expected '$', got 'x'");
  CHECK(ErrorOf("*1\r\n:\r\n") == "expected '$', got ':'");
  CHECK(ErrorOf("*1\r\n\x01\r\n") == "expected '$', got '\x01'");
  CHECK(ErrorOf("*1\r\n\r\n") == "expected '$', got '\r'");
  CHECK(ErrorOf("*1\r\n\xff\r\n") == "expected '$', got '\xff'");
}

TEST_CASE("endless lines are refused at the limit and not before") {
  const std::string many(65537, '1');
  CHECK(ErrorOf("*" + many.substr(1)) == "too big mbulk count string");
  CHECK(ErrorOf("*1\r\n$" + many.substr(1)) == "too big bulk count string");
  CHECK(ErrorOf("*1\r\nx" + many.substr(1)) == "too big bulk count string");
  CHECK(ErrorOf(many) == "too big inline request");
  CHECK(ParseWhole(many.substr(1)).error.empty());
  CHECK(ParseWhole("*" + many.substr(2)).error.empty());
  CHECK(OneCommand(many.substr(2) + "\r\n")[0].size() == 65535);
  CHECK(ErrorOf(many + "\r\n") == "too big inline request");
}

TEST_CASE("before authentication only small requests pass") {
  const ParseLimits strict{.authenticated = false};
  CHECK(ErrorOf("*11\r\n", strict) == "unauthenticated multibulk length");
  CHECK(ErrorOf("*2\r\n$3\r\nGET\r\n$16385\r\n", strict) == "unauthenticated bulk length");
  CHECK(ParseWhole("*10\r\n", strict).error.empty());
  CHECK(ParseWhole("*2\r\n$3\r\nGET\r\n$16384\r\n", strict).error.empty());
}

TEST_CASE("limits may be tighter than the defaults and are met exactly") {
  const ParseLimits limits{.args_max = 3, .bulk_bytes_max = 5};
  CHECK(ErrorOf("*4\r\n", limits) == "invalid multibulk length");
  CHECK(ErrorOf("*1\r\n$6\r\n", limits) == "invalid bulk length");
  CHECK(ParseWhole("*3\r\n$5\r\nabcde\r\n", limits).error.empty());
}

TEST_CASE("inline words are split and unquoted") {
  CHECK(OneCommand("set  key\tvalue \r\n") == Words{"set", "key", "value"});
  CHECK(OneCommand("echo \"a\\x41\\n\\t\\\"q\"\r\n") == Words{"echo", "aA\n\t\"q"});
  CHECK(OneCommand("echo 'a\\x41\\n\\'q'\r\n") == Words{"echo", "a\\x41\\n'q"});
  CHECK(OneCommand("echo a\\x41\"b\\n\"\r\n") == Words{"echo", "a\\x41b\n"});
  CHECK(OneCommand("echo \"\" ''\r\n") == Words{"echo", "", ""});
  CHECK(OneCommand("echo \"\\xzz\\q\\b\\a\\r\"\r\n") == Words{"echo", "xzzq\b\a\r"});
  CHECK(OneCommand("echo \vx\fy\r\n") == Words{"echo", "x\fy"});
  CHECK(OneCommand("-5\r\n") == Words{"-5"});
  CHECK(OneCommand(std::string("a\0b c\r\n", 7)) == Words{std::string("a\0b", 3), "c"});
}

TEST_CASE("unbalanced quotes are refused") {
  for (const char* line :
       {"set \"a\r\n", "set 'a\r\n", "set \"a\"b c\r\n", "set 'a'b\r\n", "echo \"a\\\r\n"}) {
    CAPTURE(line);
    CHECK(ErrorOf(line) == "unbalanced quotes in request");
  }
}

TEST_CASE("commands before an error are kept, and the error stays") {
  RequestParser parser;
  RequestBatch batch;
  size_t consumed = 0;
  const std::string input = "PING\r\n*2\r\n$1\r\na\r\n?";
  REQUIRE(parser.Next(input, {}, &batch, &consumed) == Result::kComplete);
  const std::string rest = input.substr(consumed) + "\r\n";
  CHECK(parser.Next(rest, {}, &batch, &consumed) == Result::kError);
  CHECK(consumed == 0);
  CHECK(batch.commands.size() == 1);
  CHECK(batch.args.size() == 1);
  CHECK(parser.Next("PING\r\n", {}, &batch, &consumed) == Result::kError);
  CHECK(parser.error() == "ERR Protocol error: expected '$', got '?'");
  parser.Reset();
  CHECK(parser.error().empty());
  CHECK(parser.Next("PING\r\n", {}, &batch, &consumed) == Result::kComplete);
}

TEST_CASE("within a bulk the parser says how many bytes it misses") {
  RequestParser parser;
  RequestBatch batch;
  size_t consumed = 0;
  const std::string input = "*2\r\n$3\r\nSET\r\n$1000\r\nabc";
  CHECK(parser.Next(input.substr(0, 17), {}, &batch, &consumed) == Result::kNeedMore);
  CHECK(parser.wanted_bytes() == 0);
  CHECK(parser.Next(input, {}, &batch, &consumed) == Result::kNeedMore);
  CHECK(parser.wanted_bytes() == 1000 - 3 + 2);
  CHECK_FALSE(parser.idle());
  CHECK(batch.args.empty());
  CHECK(parser.Next(input + std::string(999, 'x'), {}, &batch, &consumed) == Result::kComplete);
  CHECK(parser.wanted_bytes() == 0);
  CHECK(batch.args[1].size() == 1000);
}

TEST_CASE("a limit that tightens within a request does not undo what was accepted") {
  RequestParser parser;
  RequestBatch batch;
  size_t consumed = 0;
  const std::string input = Bulks({"SET", "k", "abcdefgh"});
  CHECK(parser.Next(input.substr(0, input.size() - 4), {}, &batch, &consumed) == Result::kNeedMore);
  CHECK(parser.Next(input, {.bulk_bytes_max = 1}, &batch, &consumed) == Result::kComplete);
  CHECK(batch.args.size() == 3);
}

// Feeds `input`, one request, byte by byte, with all but the newest bytes turned into line feeds,
// which are wrong in a header and the end of an inline command; only the last call sees the request
// as it is.
void FeedForgetful(const std::string& input, size_t arg_count) {
  constexpr size_t kRemembered = 8;  // one header line
  RequestParser parser;
  RequestBatch batch;
  size_t consumed = 0;
  std::string shown(1, input[0]);
  for (size_t end = 1; end < input.size(); ++end) {
    REQUIRE(parser.Next(shown, {}, &batch, &consumed) == Result::kNeedMore);
    shown += input[end];
    if (end > kRemembered) shown[end - kRemembered] = '\n';
  }
  REQUIRE(parser.Next(input, {}, &batch, &consumed) == Result::kComplete);
  CHECK(consumed == input.size());
  CHECK(batch.args.size() == arg_count);
}

TEST_CASE("input byte by byte is not looked at twice until the request is whole") {
  FeedForgetful(Bulks(Words(20000, "abc")), 20000);
  FeedForgetful(Bulks({"SET", "k", std::string(50000, 'v')}), 3);
  FeedForgetful(std::string(60000, 'x') + " y\r\n", 2);
}

TEST_CASE("random streams parse alike whole, byte by byte and in random pieces") {
  constexpr uint64_t kSeed = 20;
  CAPTURE(kSeed);
  Rng rng(kSeed);
  const std::vector<std::string> parts = {
      "*1\r\n",      "$4\r\nPING\r\n",   "PING\r\n", "*0\r\n",   "\r\n",
      "*2\r\n",      "$0\r\n\r\n",       "$-1\r\n",  "*x",       "set \"a b\" c\r\n",
      "$12\r\n",     "0123456789ab\r\n", "\"",       "*3\r\n",   "'q'\r\n",
      "$1\r\n*\r\n", "*20\r\n",          "\r",       "$100\r\n", "\n"};
  const ParseLimits limits{.args_max = 15, .bulk_bytes_max = 50, .inline_bytes_max = 40};
  for (int round = 0; round < 4000; ++round) {
    std::string input;
    if (rng.Chance(0.5)) input = Bulks(Words(1 + rng.Below(5), std::string(rng.Below(30), 'v')));
    for (uint64_t i = 1 + rng.Below(8); i > 0; --i) input += parts[rng.Below(parts.size())];
    const ParseOutcome whole = ParseWhole(input, limits);
    std::vector<std::string> bytes, pieces;
    for (const char c : input) bytes.emplace_back(1, c);
    for (size_t at = 0; at < input.size();) {
      pieces.push_back(input.substr(at, 1 + rng.Below(12)));
      at += pieces.back().size();
    }
    CAPTURE(input);
    REQUIRE(ParseInPieces(bytes, limits) == whole);
    REQUIRE(ParseInPieces(pieces, limits) == whole);
  }
}

}  // namespace
}  // namespace torc
