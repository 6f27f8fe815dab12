#pragma once

// The registry of commands: built once at start from the rooms' Register… functions, constant
// afterwards and shared by all shards.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "torc/command.h"
#include "torc/status.h"

namespace torc {

class CommandContext;
class ArgCursor;

using Handler = void (*)(CommandContext& context, ArgCursor args);

struct Services;
// Of commands whose flags depend on their arguments (a script says whether it writes): the flags of
// one call, made of the spec's. Asked on any shard, before the call has what it needs to run.
using FlagsOfCall = uint32_t (*)(const Services& services, uint32_t flags,
                                 std::span<const std::string_view> argv);

// What a command may touch, besides its own session: see command/routing.h.
enum class Reach : uint8_t {
  kProcess,     // anything: it runs alone
  kKeys,        // the keys it names; it may run at their shard, away from its session
  kKeysAtHome,  // the keys it names, and more of its session than goes along: WATCH
  kSession,     // nothing else (EXEC: what was queued)
};

// A registered command or subcommand. Never moves.
struct Command {
  CommandSpec spec;
  Handler handler = nullptr;            // null in a pure container
  FlagsOfCall flags_of_call = nullptr;  // null: its spec's
  std::string full_name;        // "config|get", "get": as error texts and statistics name it
  std::string called;           // what clients call it; empty: it is hidden from them
  size_t index = 0;             // dense, for per-shard statistics
  uint32_t acl_categories = 0;  // declared and implied
  Reach reach = Reach::kProcess;
  bool has_one_key = false;  // always exactly one, its first
  const Command* container = nullptr;
  std::vector<const Command*> subcommands;

  bool Has(CommandFlag flag) const { return (spec.flags & flag) != 0; }
  // Whether a call of so many words, its name included, is one.
  bool ArityFits(size_t argc) const {
    const int arity = spec.arity.value;
    const auto count = static_cast<int>(argc < (1U << 30) ? argc : 1U << 30);
    return arity >= 0 ? count == arity : count >= -arity;
  }
  // Whether clients cannot reach it: it, or its container, has no name for them.
  bool hidden() const { return (container == nullptr ? called : container->called).empty(); }
  // The first word of its requests, whatever clients call it.
  std::string_view own_name() const {
    return container == nullptr ? spec.name : container->spec.name;
  }
  // SUBSCRIBE and its kin: they answer by messages, which no reply mode silences.
  bool SpeaksByPushes() const { return Has(kPubsub) && Has(kNoScript); }
};

class CommandRegistry {
 public:
  CommandRegistry();

  // Adds a command; of a container without a handler of its own, the handler is null. Names are
  // unique.
  void Add(const CommandSpec& spec, Handler handler, FlagsOfCall flags_of_call = nullptr);
  // Gives each container without one a HELP subcommand made of its subcommands' specs.
  void AddHelp();
  // rename-command: clients reach the command that they call `name` as `new_name` from now on, or
  // not at all when that is empty. The reason of a refusal is Redis's text.
  Status Rename(std::string_view name, std::string_view new_name);
  bool has_renamed() const { return has_renamed_; }

  // Case-insensitive; null if there is none. Some 25 instructions for a plain name: it is asked for
  // every request.
  const Command* Find(std::string_view name) const {
    if (name.size() - 1 < kFoldedBytesMax) [[likely]] {
      const FoldedName folded(name);
      for (size_t at = folded.Hash();; ++at) {
        const IndexEntry& entry = index_[at % kIndexSize];
        if (entry.command == nullptr) return nullptr;
        if (entry.name == folded)
          return entry.plain || Same(*entry.command, name) ? entry.command : nullptr;
      }
    }
    return FindSlowly(name);
  }
  // By its own name, whatever clients call it: for what is replayed.
  const Command* FindOwn(std::string_view name) const;
  static const Command* FindSub(const Command& container, std::string_view name);
  // "config|get" or "get".
  const Command* FindFull(std::string_view full_name) const;

  const std::deque<Command>& all() const { return commands_; }
  size_t size() const { return commands_.size(); }

 private:
  static constexpr size_t kFoldedBytesMax = 16;
  static constexpr size_t kIndexSize =
      1024;  // a power of two, some four times the commands there are

  // A name of 1 to 16 bytes in two words with the case bit set in every byte. Letters fold to
  // themselves, so that names of letters alone are equal if and only if their words are.
  struct FoldedName {
    FoldedName() = default;
    explicit FoldedName(std::string_view name);
    bool operator==(const FoldedName&) const = default;
    size_t Hash() const {
      return ((low * 0x9e3779b97f4a7c15ULL) ^ (high * 0xc2b2ae3d27d4eb4fULL) ^ size) >> 50;
    }
    uint64_t low = 0;
    uint64_t high = 0;
    uint64_t size = 0;
  };
  struct IndexEntry {
    FoldedName name;
    const Command* command = nullptr;
    bool plain = false;  // letters only
  };

  static bool Same(const Command& command, std::string_view name);
  const Command* FindSlowly(std::string_view name) const;
  void AddToIndex(const Command& command);

  bool has_renamed_ = false;
  std::deque<Command> commands_;
  std::vector<IndexEntry> index_;  // open addressing, of the commands with short names
};

inline CommandRegistry::FoldedName::FoldedName(std::string_view name) : size(name.size()) {
  constexpr uint64_t kCaseBits = 0x2020202020202020ULL;
  const char* p = name.data();
  if (size >= 8) {
    low = LoadLe<uint64_t>(p);
    high = LoadLe<uint64_t>(p + size - 8) | kCaseBits;
  } else if (size >= 4) {
    low = LoadLe<uint32_t>(p) | uint64_t{LoadLe<uint32_t>(p + size - 4)} << 32;
  } else {
    low = static_cast<uint8_t>(p[0]) | uint64_t{static_cast<uint8_t>(p[size / 2])} << 8 |
          uint64_t{static_cast<uint8_t>(p[size - 1])} << 16;
  }
  low |= kCaseBits;
}

// Categories that follow from a spec's flags, together with those it declares.
uint32_t AclCategories(const CommandSpec& spec);
// Redis's words, in COMMAND's order: "write", "denyoom", …; "@keyspace", …; "string", "sorted-set",
// ….
std::vector<std::string_view> FlagNames(uint32_t flags);
std::vector<std::string_view> AclCategoryNames(uint32_t categories);
std::string_view GroupName(Group group);

}  // namespace torc
