// ASKING, READONLY, READWRITE: what cluster clients say of a connection. A server that is no
// cluster's node refuses them in Redis's words, by which clients recognise it.

#include "features/cluster/cluster_commands.h"

#include "command/context.h"
#include "resp/errors.h"

namespace torc {
namespace {

void RefuseWithoutCluster(CommandContext& context, ArgCursor args) {
  (void)args;
  context.reply.Error(errors::kClusterDisabled);
}

constexpr CommandSpec ConnectionSpec(std::string_view name, uint32_t flags,
                                     std::string_view summary) {
  return {.name = name,
          .arity = Exactly(1),
          .group = Group::kCluster,
          .since = "3.0.0",
          .flags = flags,
          .acl = kAclConnection,
          .complexity = "O(1)",
          .summary = summary};
}

constexpr CommandSpec kAskingSpec =
    ConnectionSpec("asking", kFast, "Lets the next command follow an ASK redirection.");
constexpr CommandSpec kReadonlySpec = ConnectionSpec(
    "readonly", kFast | kLoading | kStale, "Allows reads from a replica on this connection.");
constexpr CommandSpec kReadwriteSpec =
    ConnectionSpec("readwrite", kFast | kLoading | kStale, "Undoes READONLY on this connection.");

}  // namespace

void RegisterClusterCommands(CommandRegistry& registry) {
  registry.Add(kAskingSpec, RefuseWithoutCluster);
  registry.Add(kReadonlySpec, RefuseWithoutCluster);
  registry.Add(kReadwriteSpec, RefuseWithoutCluster);
}

}  // namespace torc
