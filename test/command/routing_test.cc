#include "command/routing.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "engine/all_rooms.h"
#include "engine/shard.h"
#include "support/fake_clock.h"

namespace torc {
namespace {

// Several shards in one thread, to ask what a command would touch.
struct Shards {
  explicit Shards(size_t count) : types(AllTypes()) {
    options.keyspace.partition_count = 64;
    RegisterAllCommands(commands);
    DeclareEngineOptions(config, &options);
    for (size_t i = 0; i < count; ++i) {
      shards.push_back(std::make_unique<Shard>(&options, &commands, &types, &config, &clock,
                                               i == 0 ? nullptr : shards[0].get()));
    }
    shards[0]->DealPartitions();
    shards[0]->Welcome(session, ClientId(1));
  }
  ~Shards() {
    shards[0]->Farewell(session);
    while (!shards.empty()) shards.pop_back();
  }

  ShardSet Of(std::vector<std::string_view> argv) {
    const Command* command = commands.Find(argv[0]);
    REQUIRE(command != nullptr);
    return ShardsOf(shards[0]->services(), session, *command, argv, {});
  }
  ShardSet OfKey(std::string_view key) { return Of({"get", key}); }
  // A key that lies on this shard.
  std::string KeyOn(size_t shard) {
    for (int i = 0;; ++i) {
      std::string key = "key" + std::to_string(i);
      if (OfKey(key) == ShardSet::One(shard)) return key;
    }
  }

  FakeClock clock;
  EngineOptions options;
  TypeTable types;
  CommandRegistry commands;
  ConfigRegistry config;
  std::vector<std::unique_ptr<Shard>> shards;
  Session session;
};

TEST_CASE("a command touches the shards of its keys") {
  Shards all(4);
  const std::string zero = all.KeyOn(0);
  const std::string two = all.KeyOn(2);
  CHECK(all.Of({"get", two}) == ShardSet::One(2));
  CHECK(all.Of({"mset", zero, "v", two, "v"}) == (ShardSet::One(0) | ShardSet::One(2)));
  CHECK(all.Of({"rename", two, two}) == ShardSet::One(2));
  CHECK(all.Of({"sinterstore", zero, two, two}) == (ShardSet::One(0) | ShardSet::One(2)));
  CHECK(all.Of({"zunionstore", two, "1", zero}) == (ShardSet::One(0) | ShardSet::One(2)));
  CHECK(all.Of({"watch", zero, two}) == (ShardSet::One(0) | ShardSet::One(2)));
}

TEST_CASE("keys of one tag lie on one shard") {
  Shards all(4);
  CHECK(all.Of({"mget", "{tag}a", "{tag}b", "{tag}c"}).count() == 1);
}

TEST_CASE("whole databases and what all clients share need every shard") {
  Shards all(4);
  const ShardSet every = ShardSet::First(4);
  for (const char* name : {"dbsize", "flushall", "randomkey", "keys", "scan", "subscribe", "info",
                           "monitor", "blpop", "client"}) {
    CAPTURE(name);
    CHECK(all.Of({name, "x", "0"}) == every);
  }
}

TEST_CASE("what concerns only its session needs no shard") {
  Shards all(4);
  for (const char* name : {"ping", "echo", "select", "multi", "exec", "discard", "publish"}) {
    CAPTURE(name);
    CHECK(all.Of({name, "x", "y"}).empty());
  }
}

TEST_CASE("EXEC touches what was queued and what is watched") {
  Shards all(4);
  const std::string one = all.KeyOn(1);
  const std::string three = all.KeyOn(3);
  Keyspace& keyspace = all.shards[3]->keyspace();
  all.session.watches.emplace_back(&keyspace.watches(),
                                   keyspace.watches().Begin(DbIndex(0), three, UnixMs(1)));
  CHECK(all.Of({"exec"}) == ShardSet::One(3));
  CHECK(all.Of({"unwatch"}) == ShardSet::One(3));
  all.session.transaction = std::make_unique<Transaction>();
  const std::vector<std::string_view> set = {"set", one, "v"};
  all.session.transaction->Queue(*all.commands.Find("set"), kWrite, set);
  CHECK(all.Of({"exec"}) == (ShardSet::One(1) | ShardSet::One(3)));
}

TEST_CASE("every partition has an owner, and the shards have equally many") {
  Shards all(4);
  const Dataset& dataset = *all.shards[0]->services().dataset;
  std::vector<int> owned(4);
  for (int i = 0; i < dataset.partition_count(); ++i) {
    ++owned[dataset.Owner(PartitionId(static_cast<uint16_t>(i))).shard_index()];
  }
  for (const int count : owned) CHECK(count == 16);
}

}  // namespace
}  // namespace torc
