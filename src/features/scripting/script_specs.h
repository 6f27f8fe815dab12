#pragma once

// What the specs of commands around scripts have in common.

#include <string_view>

#include "torc/command.h"

namespace torc {

enum class ScriptAccess : uint8_t { kReadWrite, kReadOnly };

// EVAL, FCALL and their kin.
constexpr CommandSpec ScriptRunSpec(std::string_view name, std::string_view since,
                                    ScriptAccess access, std::string_view syntax,
                                    std::string_view summary) {
  const bool read_only = access == ScriptAccess::kReadOnly;
  CommandSpec spec;
  spec.name = name;
  spec.arity = AtLeast(3);
  spec.group = Group::kScripting;
  spec.since = since;
  spec.flags = kNoScript | kSkipMonitor | kNoMandatoryKeys | kStale |
               (read_only ? kReadonly : kMayReplicate);
  spec.acl = kAclScripting;
  spec.keys = {CountedKeys(
      2, read_only ? kKeyReadOnly | kKeyAccess : kKeyReadWrite | kKeyAccess | kKeyUpdate)};
  spec.syntax = syntax;
  spec.complexity = "That of the script.";
  spec.summary = summary;
  return spec;
}

// SCRIPT's and FUNCTION's subcommands.
constexpr CommandSpec ScriptingSubSpec(std::string_view parent, std::string_view name, Arity arity,
                                       std::string_view since, uint32_t flags) {
  return {.name = name,
          .parent = parent,
          .arity = arity,
          .group = Group::kScripting,
          .since = since,
          .flags = kNoScript | flags,
          .acl = kAclScripting};
}

}  // namespace torc
