#pragma once

// One shard with everything it needs around it: settings, registry, types. What a test runs
// commands on.

#include <cstdint>
#include <memory>

#include "base/config.h"
#include "command/command_registry.h"
#include "engine/all_rooms.h"
#include "engine/shard.h"
#include "torc/env.h"

namespace torc {

class TestShard {
 public:
  struct Settings {
    int partition_count = 16;
    uint64_t hash_seed = 1;
  };
  // The clock must outlive the shard.
  TestShard(const Settings& settings, Clock* clock) : types_(AllTypes()) {
    options_.keyspace.partition_count = settings.partition_count;
    options_.keyspace.hash_seed = settings.hash_seed;
    RegisterAllCommands(commands_);
    DeclareEngineOptions(config_, &options_);
    shard_ = std::make_unique<Shard>(&options_, &commands_, &types_, &config_, clock);
  }

  Shard& shard() { return *shard_; }
  EngineOptions& options() { return options_; }
  const CommandRegistry& commands() const { return commands_; }
  CommandRegistry& commands() { return commands_; }
  ConfigRegistry& config() { return config_; }

 private:
  EngineOptions options_;
  TypeTable types_;
  CommandRegistry commands_;
  ConfigRegistry config_;
  std::unique_ptr<Shard> shard_;
};

}  // namespace torc
