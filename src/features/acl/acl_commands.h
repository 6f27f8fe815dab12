#pragma once

// ACL: users and what they may do. The rules themselves, and the checks, are in command/ (acl_user,
// access); here are the commands that show and change them.

#include "command/command_registry.h"

namespace torc {

void RegisterAclCommands(CommandRegistry& registry);

// Its parts.
void RegisterAclUserCommands(CommandRegistry& registry);
void RegisterAclCheckCommands(CommandRegistry& registry);
void RegisterAclFileCommands(CommandRegistry& registry);

// What the subcommands have in common.
constexpr CommandSpec AclSpec(std::string_view name, Arity arity, uint32_t flags,
                              std::string_view syntax, std::string_view complexity,
                              std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.parent = "acl";
  spec.arity = arity;
  spec.group = Group::kServer;
  spec.since = "6.0.0";
  spec.flags = flags | kNoScript | kLoading | kStale;
  spec.syntax = syntax;
  spec.complexity = complexity;
  spec.summary = summary;
  return spec;
}

// One that changes the users, of which all shards know: it runs while none of them does anything.
constexpr CommandSpec ChangesUsers(CommandSpec spec) {
  spec.flags |= kAllPartitions;
  spec.tips = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED";
  return spec;
}

}  // namespace torc
