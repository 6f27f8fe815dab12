#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "redis-tests/differential/campaign.h"
#include "redis-tests/differential/compare.h"
#include "redis-tests/differential/double_form.h"
#include "redis-tests/differential/grammar.h"
#include "redis-tests/differential/groups/groups.h"
#include "redis-tests/differential/known_differences.h"
#include "redis-tests/differential/minimise.h"
#include "redis-tests/differential/mutate.h"
#include "redis-tests/differential/stream.h"
#include "redis-tests/differential/terms.h"

namespace torc::differential {
namespace {

Command Of(std::vector<std::string> args, Check check = Check::kExact, int64_t tolerance = 0) {
  Command command;
  command.args = std::move(args);
  command.check = check;
  command.tolerance = tolerance;
  return command;
}

std::vector<std::string> Lines(CommandStream* stream, size_t count) {
  std::vector<std::string> lines;
  while (lines.size() < count) {
    for (const Command& command : stream->NextBatch()) {
      lines.push_back(std::to_string(command.client) + " " + CliLine(command.args));
    }
  }
  lines.resize(count);
  return lines;
}

TEST_CASE("a seed names one stream for ever and another seed another") {
  const Grammar grammar(AllGroups());
  CommandStream first(&grammar, 7, 4);
  CommandStream again(&grammar, 7, 4);
  CommandStream other(&grammar, 8, 4);
  const auto lines = Lines(&first, 5000);
  CHECK(lines == Lines(&again, 5000));
  CHECK(lines != Lines(&other, 5000));
}

TEST_CASE("a rule expands to every form it allows and to no other") {
  static constexpr Rule kRules[] = {Unspoiled(1, "GET [A|B] (X Y|Z)+ ; SECOND ;; THIRD")};
  const Grammar grammar({{"test", 1, kRules}});
  Source source(3);
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    std::vector<Command> out;
    grammar.Generate(source, &out);
    REQUIRE(out.size() == 3);
    CHECK(out[1].with_next);
    CHECK_FALSE(out[0].with_next);
    if (out[0].args.size() < 4) seen.insert(CliLine(out[0].args));
  }
  std::set<std::string> upper;
  for (std::string line : seen) {
    std::transform(line.begin(), line.end(), line.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    upper.insert(line);
  }
  CHECK(upper == std::set<std::string>{"GET Z", "GET X Y", "GET Z Z", "GET A Z", "GET B Z"});
  CHECK(seen.size() > upper.size());  // some words came in lower case
}

TEST_CASE("commands that must stay together are never cut apart by a batch") {
  static constexpr Rule kRules[] = {Unspoiled(1, "A ;; B ;; C")};
  const Grammar grammar({{"test", 1, kRules}});
  CommandStream stream(&grammar, 1, 2);
  for (int i = 0; i < 200; ++i) {
    const auto batch = stream.NextBatch();
    CHECK(batch.size() % 3 == 0);
    CHECK(batch.front().starts_batch);
  }
}

TEST_CASE("no spoiled command sets a time that is over on one side and not on the other") {
  Rng rng(1);
  int spoiled = 0;
  for (int i = 0; i < 200'000; ++i) {
    Command command = Of({"SET", "k", "77", i % 2 == 0 ? "PXAT" : "PX", "2210025600001"});
    const auto before = command.args;
    MaybeSpoil(rng, &command);
    if (command.args != before) ++spoiled;
    const auto& args = command.args;
    const bool has_time = args.size() > 4 && (args[3] == "PXAT" || args[3] == "PX");
    const auto time = has_time ? ParseInt64(args[4]) : std::nullopt;
    if (time && *time > 0) CHECK(*time >= kAbsoluteTimesFromSeconds);
  }
  CHECK(spoiled > 5'000);
}

TEST_CASE("every group is found by its name and an unknown one is not") {
  for (const Group& group : AllGroups()) {
    const auto found = GroupsNamed(group.name);
    REQUIRE(found.size() == 1);
    CHECK(found[0].name == group.name);
  }
  CHECK(GroupsNamed("string,generic").size() == 2);
  CHECK(GroupsNamed("string,nonsense").empty());
}

TEST_CASE("exact replies must be the same bytes") {
  CHECK(SameReply(Of({"GET", "k"}), "$1\r\na\r\n", "$1\r\na\r\n"));
  CHECK_FALSE(SameReply(Of({"GET", "k"}), "$1\r\na\r\n", "+a\r\n"));
  CHECK_FALSE(SameReply(Of({"GET", "k"}), "$-1\r\n", "_\r\n"));
}

TEST_CASE("unordered replies compare as multisets, pairs stay pairs") {
  const Command members = Of({"SMEMBERS", "k"}, Check::kUnordered);
  CHECK(SameReply(members, "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"));
  CHECK_FALSE(SameReply(members, "*2\r\n$1\r\na\r\n$1\r\na\r\n", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"));
  CHECK_FALSE(SameReply(members, "~1\r\n$1\r\na\r\n", "*1\r\n$1\r\na\r\n"));
  const Command fields = Of({"HGETALL", "k"}, Check::kUnorderedPairs);
  const char* const ab = "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n";
  CHECK(SameReply(fields, ab, "*4\r\n:3\r\n:4\r\n:1\r\n:2\r\n"));
  CHECK_FALSE(SameReply(fields, ab, "*4\r\n:1\r\n:4\r\n:3\r\n:2\r\n"));
}

TEST_CASE("times may differ a little, their special answers and absolute times may not") {
  const Command ttl = Of({"TTL", "k"}, Check::kNear, 5);
  CHECK(SameReply(ttl, ":100\r\n", ":105\r\n"));
  CHECK_FALSE(SameReply(ttl, ":100\r\n", ":106\r\n"));
  CHECK_FALSE(SameReply(ttl, ":0\r\n", ":-1\r\n"));
  CHECK_FALSE(SameReply(ttl, ":-2\r\n", ":-1\r\n"));
  const Command at = Of({"EXPIRETIME", "k"}, Check::kNear, 5);
  CHECK_FALSE(SameReply(at, ":2208988801\r\n", ":2208988800\r\n"));
}

TEST_CASE("shape ignores content but neither types nor error texts") {
  const Command shape = Of({"CLIENT", "ID"}, Check::kShape);
  CHECK(SameReply(shape, ":1\r\n", ":2\r\n"));
  CHECK_FALSE(SameReply(shape, ":1\r\n", "$1\r\n1\r\n"));
  CHECK_FALSE(SameReply(shape, "-ERR a\r\n", "-ERR b\r\n"));
}

TEST_CASE("HELLO may differ in version and id only") {
  const Command hello = Of({"HELLO"}, Check::kHello);
  CHECK(SameReply(hello, "*4\r\n+version\r\n+7.2\r\n+mode\r\n+a\r\n",
                  "*4\r\n+version\r\n+7.0\r\n+mode\r\n+a\r\n"));
  CHECK_FALSE(SameReply(hello, "*4\r\n+version\r\n+7.2\r\n+mode\r\n+a\r\n",
                        "*4\r\n+version\r\n+7.2\r\n+mode\r\n+b\r\n"));
}

testing::RespValue Bulk(const std::string& text) {
  return *testing::ParseResp("$" + std::to_string(text.size()) + "\r\n" + text + "\r\n");
}

TEST_CASE("a known difference needs the command, both replies and the version") {
  const Command encoding = Of({"object", "encoding", "s1"});
  const auto listpack = Bulk("listpack");
  const auto hashtable = Bulk("hashtable");
  CHECK(FindKnownDifference(encoding, listpack, hashtable, "7.0.15") != nullptr);
  CHECK(FindKnownDifference(encoding, Bulk("intset"), Bulk("raw"), "7.0.15") == nullptr);
  CHECK(FindKnownDifference(encoding, listpack, Bulk("quicklist"), "7.2.4") == nullptr);
  CHECK(FindKnownDifference(Of({"OBJECT", "FREQ", "s1"}), listpack, hashtable, "7.0.15") ==
        nullptr);
}

TEST_CASE("doubles in the form of Redis 7.2 are recognised") {
  for (const char* good : {"0.1",
                           "-0.1",
                           "1e-7",
                           "1.234e-7",
                           "0.000001",
                           "0.000015",
                           "1.234e-5",
                           "1.234e-4",
                           "0.001234",
                           "0.0012345",
                           "0.00123456789",
                           "1.2345678901234567e+4",
                           "123456.789",
                           "1234567890123456.5",
                           "9223372036854776000",
                           "1e+19",
                           "1.2345678e+19",
                           "12345678901234561000",
                           "12345678901234560000000",
                           "1.234567890123456e+23",
                           "1.7976931348623157e+308",
                           "5e-324",
                           "1000000000000000",
                           "0",
                           "4611686018427387904",
                           "4.7e+18"}) {
    INFO(std::string(good));
    CHECK(IsShortDoubleForm(good));
  }
  for (const char* bad :
       {"0.10", "1e-07", "0.0000001", "1e19", "10000000000000000000", "12345.678901234567", "1.0",
        "1e2", "inf", "nan", "", "abc", "4700000000000000000.0"}) {
    INFO(std::string(bad));
    CHECK_FALSE(IsShortDoubleForm(bad));
  }
}

TEST_CASE("only scores may be written in two ways, and only if they are the same number") {
  const Command score = Of({"ZSCORE", "z", "m"});
  CHECK(FindKnownDifference(score, Bulk("0.1"), Bulk("0.10000000000000001"), "7.0.15") != nullptr);
  CHECK(FindKnownDifference(score, Bulk("0.10000000000000001"), Bulk("0.1"), "7.0.15") == nullptr);
  CHECK(FindKnownDifference(score, Bulk("0.2"), Bulk("0.10000000000000001"), "7.0.15") == nullptr);
  CHECK(FindKnownDifference(Of({"GET", "s"}), Bulk("0.1"), Bulk("0.10000000000000001"), "7.0.15") ==
        nullptr);
}

TEST_CASE("7.2 may write a double with more digits than it needs, not another double") {
  const Command add = Of({"ZINCRBY", "z", "-77.481738", "m"});
  CHECK(FindKnownDifference(add, Bulk("-77.481738"), Bulk("-77.48173800000001"), "7.2.6") !=
        nullptr);
  CHECK(FindKnownDifference(add, Bulk("-77.481738"), Bulk("-77.48173900000001"), "7.2.6") ==
        nullptr);
  CHECK(FindKnownDifference(add, Bulk("-77.481738"), Bulk("-77.4817380"), "7.2.6") == nullptr);
}

TEST_CASE("places may change their order where they are equally far away, and nowhere else") {
  const auto reply = [](const char* text) { return *testing::ParseResp(text); };
  const auto known = [&](const char* line, const char* ours, const char* peer) {
    return FindKnownDifference(Of({line, "g", "COUNT", "4"}), reply(ours), reply(peer), "7.0.15") !=
           nullptr;
  };
  CHECK(known("GEOSEARCH", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"));
  CHECK_FALSE(known("GEOSEARCH", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\nb\r\n$1\r\nc\r\n"));
  CHECK_FALSE(known("LRANGE", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"));
  const char* const near_a = "*2\r\n*2\r\n$1\r\na\r\n$1\r\n5\r\n*2\r\n$1\r\nb\r\n$1\r\n5\r\n";
  const char* const near_b = "*2\r\n*2\r\n$1\r\nb\r\n$1\r\n5\r\n*2\r\n$1\r\na\r\n$1\r\n5\r\n";
  const char* const far_b = "*2\r\n*2\r\n$1\r\na\r\n$1\r\n5\r\n*2\r\n$1\r\nb\r\n$1\r\n6\r\n";
  const char* const b_first = "*2\r\n*2\r\n$1\r\nb\r\n$1\r\n6\r\n*2\r\n$1\r\na\r\n$1\r\n5\r\n";
  CHECK(known("GEORADIUS", near_a, near_b));
  CHECK_FALSE(known("GEORADIUS", far_b, b_first));
}

TEST_CASE("minimising finds the few commands and arguments that matter") {
  std::vector<Command> commands;
  for (int i = 0; i < 500; ++i)
    commands.push_back(Of({"SET", "k" + std::to_string(i), "v", "EX", "100"}));
  commands.push_back(Of({"GET", "k17", "more"}));
  int experiments = 0;
  const auto fails = [&](const std::vector<Command>& tried) {
    ++experiments;
    const bool shows = !tried.empty() && tried.back().args[0] == "GET";
    const auto is_cause = [](const Command& c) {
      return c.args[0] == "SET" && c.args.size() > 1 && c.args[1] == "k17";
    };
    return shows && std::any_of(tried.begin(), tried.end(), is_cause);
  };
  const auto smallest = Minimise(commands, fails);
  REQUIRE(smallest.size() == 2);
  CHECK(CliLine(smallest[0].args) == "SET k17");
  CHECK(CliLine(smallest[1].args) == "GET");
  CHECK(experiments < 60);
}

TEST_CASE("minimising stops when its experiments have cost enough") {
  const std::vector<Command> commands(1000, Of({"PING"}));
  int experiments = 0;
  const auto smallest = Minimise(commands,
                                 [&](const std::vector<Command>&) {
                                   ++experiments;
                                   return false;
                                 },
                                 {.commands_max = 5000});
  CHECK(smallest.size() == 1000);
  CHECK(experiments <= 8);
}

TEST_CASE("lines for redis-cli quote what is not a plain word") {
  CHECK(CliLine({"SET", "", "a b", std::string("\0\xff", 2), "it's"}) ==
        "SET \"\" \"a b\" \"\\x00\\xff\" \"it's\"");
}

}  // namespace
}  // namespace torc::differential
