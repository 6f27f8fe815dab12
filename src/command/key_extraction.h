#pragma once

// Which arguments of a call are keys, by the command's key specs; and from them the call's plan:
// the partitions it touches. COMMAND GETKEYS, routing, prefetching and access checks all ask here.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "command/arg_cursor.h"
#include "command/command_registry.h"

namespace torc {

struct KeyArgument {
  uint32_t position;  // in argv
  uint16_t use;       // KeyUse bits
};

// The keys of a call, in spec order; nothing if the arguments do not fit the specs (a key count
// that is not a number or exceeds the arguments).
std::optional<std::vector<KeyArgument>> KeysOf(const Command& command, Argv argv);

// The position of the first key if it can be told at once from a plain spec, else 0. Allocates
// nothing.
inline uint32_t FirstKeyPosition(const Command& command, size_t argc) {
  const KeySpec& spec = command.spec.keys[0];
  if (spec.begin != KeySpec::Begin::kIndex || spec.find != KeySpec::Find::kRange) return 0;
  const auto index = static_cast<uint32_t>(spec.index);
  return index < argc ? index : 0;
}

// What a call touches, known before it runs.
struct CommandPlan {
  enum class Scope : uint8_t {
    kNoKeys,         // session or server state only
    kPartitions,     // the listed ones
    kAllPartitions,  // the whole data set
  };
  Scope scope = Scope::kNoKeys;
  std::vector<PartitionId> partitions;  // sorted, without repeats
};
CommandPlan PlanOf(const Command& command, Argv argv, int partition_count);

}  // namespace torc
