#pragma once

// Where a command runs when the process has several shards. A shard is known here by its index in
// the data set; which one owns a partition is the data set's explicit table.
//
// A command that touches one shard runs there: at home, or as one message there and one back.
// Anything else runs at home over shards that home has borrowed: those of its keys, or all of them.
// A command whose class is kProcess also reads or changes what all shards have in common (clients,
// subscriptions, settings); with all shards borrowed it is alone.

#include <cstddef>
#include <cstdint>

#include "command/arg_cursor.h"
#include "command/command_registry.h"

namespace torc {

struct KeyRef;
struct Services;
struct Session;

// A set of shards of one process.
struct ShardSet {
  static constexpr size_t kShardsMax = 64;
  uint64_t bits = 0;

  static constexpr ShardSet One(size_t shard) { return {uint64_t{1} << shard}; }
  static constexpr ShardSet First(size_t count) {
    return {count >= kShardsMax ? ~uint64_t{0} : (uint64_t{1} << count) - 1};
  }
  constexpr bool Contains(ShardSet other) const { return (other.bits & ~bits) == 0; }
  constexpr bool empty() const { return bits == 0; }
  // Only for sets that are not empty.
  size_t front() const { return static_cast<size_t>(__builtin_ctzll(bits)); }
  size_t count() const { return static_cast<size_t>(__builtin_popcountll(bits)); }
  constexpr ShardSet operator|(ShardSet other) const { return {bits | other.bits}; }
  constexpr ShardSet operator-(ShardSet other) const { return {bits & ~other.bits}; }
  constexpr bool operator==(const ShardSet&) const = default;
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (uint64_t left = bits; left != 0; left &= left - 1) {
      visit(static_cast<size_t>(__builtin_ctzll(left)));
    }
  }
};

// The shards that a call touches. With `session` because EXEC touches what was queued and what is
// watched. `hint`: the reference of its first key, if it is there.
ShardSet ShardsOf(const Services& services, const Session& session, const Command& command,
                  Argv argv, const KeyRef& hint);

// Whether somebody waits for one of the call's keys or has one in a cache: then what the command
// does to it concerns sessions of other shards.
bool IsObserved(const Services& services, const Session& session, const Command& command,
                Argv argv);

// Whether the end of this session concerns other shards.
bool IsEntangled(const Session& session);

}  // namespace torc
