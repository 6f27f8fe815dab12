// What a user may not reach stays out of reach, whatever command it tries: over every command of
// the registry, by calls made from their syntax.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "command/key_extraction.h"
#include "features/acl/random_call.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

constexpr uint64_t kSeed = 20240607;

bool HasKeys(const Command& command) {
  return command.handler != nullptr && command.spec.keys[0].begin != KeySpec::Begin::kNone &&
         (command.spec.keys[0].use & kKeyNotKey) == 0;
}

TEST_CASE("whatever the syntax calls a key is among the keys that are checked") {
  MESSAGE("seed " << kSeed);
  EngineHarness engine;
  CallGenerator calls(kSeed, {"k1", "k2", "STORE", "streams"});
  size_t keys_seen = 0;
  for (const Command& command : engine.commands().all()) {
    for (int round = 0; round < 100; ++round) {
      const RandomCall call = calls.Next(command);
      if (call.keys.empty()) continue;
      const auto argv = call.argv();
      const auto checked = KeysOf(command, argv);
      INFO(command.full_name, ", call ", round);
      REQUIRE(checked.has_value());
      for (const size_t position : call.keys) {
        INFO("argument ", position, " of ", argv.size(), ": ", argv[position]);
        CHECK(std::any_of(checked->begin(), checked->end(),
                          [position](const KeyArgument& key) { return key.position == position; }));
      }
      keys_seen += call.keys.size();
    }
  }
  CHECK(keys_seen > 10000);
}

// Commands without key specs that reach data all the same: permission to run one is permission to
// see, or to lose, all of it. (Those of the connection, of settings and of figures reach none.)
constexpr std::string_view kOverAllData[] = {
    "dbsize", "keys", "scan",   "randomkey",    "flushall", "flushdb",      "swapdb", "debug",
    "save",   "exec", "bgsave", "bgrewriteaof", "info",     "memory|stats", "monitor"};

TEST_CASE("commands without keys are known by name") {
  EngineHarness engine;
  const std::set<Group> harmless = {Group::kConnection,   Group::kServer,  Group::kPubsub,
                                    Group::kTransactions, Group::kCluster, Group::kScripting};
  for (const Command& command : engine.commands().all()) {
    if (command.handler == nullptr || HasKeys(command)) continue;
    const bool named = std::find(std::begin(kOverAllData), std::end(kOverAllData),
                                 command.full_name) != std::end(kOverAllData);
    const bool help = command.spec.name == "help";
    const bool tests_itself = command.spec.name == "pfselftest";
    const bool waits_for_all = command.spec.name == "wait" || command.spec.name == "waitaof";
    CHECK_MESSAGE(
        (named || help || waits_for_all || tests_itself || harmless.contains(command.spec.group)),
        command.full_name << " has neither keys nor a reason");
  }
}

// A value of every type under each of two names, for the admin to make.
void Fill(EngineHarness& engine, std::string_view prefix) {
  const std::string p(prefix);
  engine.Run("SET " + p + "string 1");
  engine.Run("RPUSH " + p + "list a b 1");
  engine.Run("SADD " + p + "set a b 1");
  engine.Run("HSET " + p + "hash a 1 b 2");
  engine.Run("ZADD " + p + "zset 1 a 2 b");
  engine.Run("XADD " + p + "stream 0-1 a b");
  engine.Run("XGROUP CREATE " + p + "stream a 0");
}

constexpr const char* kNames[] = {"string", "list", "set", "hash", "zset", "stream", "none"};

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys = {"STORE", "streams"};
  for (const char* prefix : {"ok:", "ok:", "no:"}) {
    for (const char* name : kNames) keys.push_back(std::string(prefix) + name);
  }
  return keys;
}

std::string Dumps(EngineHarness& engine) {
  std::string all;
  for (const char* name : kNames) all += engine.client().Wire("DUMP no:" + std::string(name));
  return all;
}

enum class Through : uint8_t { kClient, kScript };

// The call as it is, or as one that a script makes.
std::vector<std::string_view> CallThrough(Through way, const RandomCall& call) {
  std::vector<std::string_view> argv;
  if (way == Through::kScript) argv = {"EVAL", "return redis.pcall(unpack(ARGV))", "0"};
  for (const std::string& word : call.words) argv.push_back(word);
  return argv;
}

// Two engines that differ only in what the user must not reach: its replies must be the same in
// both, and what it must not reach must stay as it is.
void CheckThatNothingLeaks(Through way, uint64_t seed, int rounds) {
  MESSAGE("seed " << seed);
  EngineHarness with;
  EngineHarness without;
  CallGenerator calls(seed, AllKeys());
  Fill(with, "no:");
  const std::string hidden = Dumps(with);
  const std::string nothing = Dumps(without);
  for (EngineHarness* engine : {&with, &without}) {
    REQUIRE(engine->Run("ACL SETUSER u on nopass ~ok:* ~STORE ~streams +@all") == "OK");
    Fill(*engine, "ok:");
  }
  size_t refused = 0;
  size_t allowed = 0;
  for (const Command& command : with.commands().all()) {
    if (!HasKeys(command)) continue;
    TestClient* one = &with.NewClient();
    TestClient* other = &without.NewClient();
    REQUIRE(one->Run("AUTH u x") == "OK");
    REQUIRE(other->Run("AUTH u x") == "OK");
    for (int round = 0; round < rounds && one->connected(); ++round) {
      const RandomCall call = calls.Next(command);
      const auto argv = CallThrough(way, call);
      const std::string reply = one->RunArgs(argv);
      INFO(command.full_name, ", call ", round);
      const std::string same = other->RunArgs(argv);
      REQUIRE(reply == same);
      (reply.starts_with("(error) NOPERM") ? refused : allowed) += 1;
      if (reply != "(blocked)") continue;
      one->Disconnect();
      other->Disconnect();
    }
    one->Disconnect();
    other->Disconnect();
    INFO(command.full_name);
    CHECK(Dumps(with) == hidden);
    CHECK(Dumps(without) == nothing);
    Fill(with, "ok:");
    Fill(without, "ok:");
  }
  CHECK(refused > 1000);
  CHECK(allowed > 1000);
}

TEST_CASE("no reply depends on a key that the user may not use, and no call changes one") {
  CheckThatNothingLeaks(Through::kClient, kSeed + 1, 60);
}

TEST_CASE("nor does any that a script passes on") {
  CheckThatNothingLeaks(Through::kScript, kSeed + 2, 40);
}

}  // namespace
}  // namespace torc
