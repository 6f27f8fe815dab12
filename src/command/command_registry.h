#pragma once

// The registry of commands: built once at start from the rooms' Register… functions, constant
// afterwards and shared by all shards.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "torc/command.h"

namespace torc {

class CommandContext;
class ArgCursor;

using Handler = void (*)(CommandContext& context, ArgCursor args);

// A registered command or subcommand. Never moves.
struct Command {
  CommandSpec spec;
  Handler handler = nullptr;    // null in a pure container
  std::string full_name;        // "config|get", "get": as error texts and statistics name it
  size_t index = 0;             // dense, for per-shard statistics
  uint32_t acl_categories = 0;  // declared and implied
  const Command* container = nullptr;
  std::vector<const Command*> subcommands;

  bool Has(CommandFlag flag) const { return (spec.flags & flag) != 0; }
};

class CommandRegistry {
 public:
  CommandRegistry();

  // Adds a command; of a container without a handler of its own, the handler is null. Names are
  // unique.
  void Add(const CommandSpec& spec, Handler handler);
  // Gives each container without one a HELP subcommand made of its subcommands' specs.
  void AddHelp();

  // Case-insensitive; null if there is none.
  const Command* Find(std::string_view name) const;
  static const Command* FindSub(const Command& container, std::string_view name);
  // "config|get" or "get".
  const Command* FindFull(std::string_view full_name) const;

  const std::deque<Command>& all() const { return commands_; }
  size_t size() const { return commands_.size(); }

 private:
  static size_t Bucket(std::string_view name);
  static constexpr size_t kBuckets = 1024;

  std::deque<Command> commands_;
  std::vector<std::vector<Command*>> buckets_;
};

// Categories that follow from a spec's flags, together with those it declares.
uint32_t AclCategories(const CommandSpec& spec);
// Redis's words, in COMMAND's order: "write", "denyoom", …; "@keyspace", …; "string", "sorted-set",
// ….
std::vector<std::string_view> FlagNames(uint32_t flags);
std::vector<std::string_view> AclCategoryNames(uint32_t categories);
std::string_view GroupName(Group group);

}  // namespace torc
