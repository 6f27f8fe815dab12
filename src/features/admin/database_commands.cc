// DBSIZE, FLUSHDB, FLUSHALL, SWAPDB: commands about whole databases.

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "command/context.h"
#include "command/persistence.h"
#include "command/tracking.h"
#include "features/admin/admin_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kOnAllShards = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:ALL_SUCCEEDED";

void Dbsize(CommandContext& context, ArgCursor /*args*/) {
  size_t count = 0;
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    count += keyspace->KeyCount(context.session.db);
  }
  context.reply.Integer(static_cast<int64_t>(count));
}

constexpr CommandSpec kDbsize = {.name = "dbsize",
                                 .arity = Exactly(1),
                                 .group = Group::kServer,
                                 .since = "1.0.0",
                                 .flags = kReadonly | kFast | kAllPartitions,
                                 .acl = kAclKeyspace,
                                 .complexity = "O(1)",
                                 .summary = "Answers how many keys the database has.",
                                 .tips = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:AGG_SUM"};

// How to free what is flushed, from the one optional argument; replies the error if it is another.
std::optional<Keyspace::FlushMode> ParseFlushMode(CommandContext& context, ArgCursor args) {
  bool lazy = context.services.options->lazyfree_user_flush;
  if (args.remaining() == 1 && args.Take("SYNC")) {
    lazy = false;
  } else if (args.remaining() == 1 && args.Take("ASYNC")) {
    lazy = true;
  }
  if (!args.Done(context.reply)) return std::nullopt;
  return lazy ? Keyspace::FlushMode::kInBackground : Keyspace::FlushMode::kNow;
}

void Flushdb(CommandContext& context, ArgCursor args) {
  const auto mode = ParseFlushMode(context, args);
  if (!mode) return;
  size_t count = 0;
  for (Keyspace* keyspace : context.AllKeyspaces()) {
    count += keyspace->KeyCount(context.session.db);
    keyspace->Flush(context.session.db, *mode);
  }
  if (count > 0) {
    context.ChangedSilently(count);
    context.Replay({"FLUSHDB"});
  }
  context.services.tracking->InvalidateAll();
  context.reply.Ok();
}

constexpr CommandSpec kFlushdb = {.name = "flushdb",
                                  .arity = AtLeast(1),
                                  .group = Group::kServer,
                                  .since = "1.0.0",
                                  .flags = kWrite | kAllPartitions,
                                  .acl = kAclKeyspace | kAclDangerous,
                                  .syntax = "[ASYNC | SYNC]",
                                  .complexity = "O(N) with N the keys of the database",
                                  .summary = "Deletes all keys of the database.",
                                  .tips = kOnAllShards};

void Flushall(CommandContext& context, ArgCursor args) {
  const auto mode = ParseFlushMode(context, args);
  if (!mode) return;
  size_t count = 0;
  for (Keyspace* keyspace : context.AllKeyspaces()) {
    for (const DbIndex db : keyspace->NonEmptyDatabases()) {
      count += keyspace->KeyCount(db);
      keyspace->Flush(db, *mode);
    }
  }
  if (count > 0) {
    context.ChangedSilently(count);
    context.Replay({"FLUSHALL"});
  }
  if (context.services.snapshots != nullptr) context.services.snapshots->DataSetFlushed(count);
  context.services.tracking->InvalidateAll();
  context.reply.Ok();
}

constexpr CommandSpec kFlushall = {.name = "flushall",
                                   .arity = AtLeast(1),
                                   .group = Group::kServer,
                                   .since = "1.0.0",
                                   .flags = kWrite | kAllPartitions,
                                   .acl = kAclKeyspace | kAclDangerous,
                                   .syntax = "[ASYNC | SYNC]",
                                   .complexity = "O(N) with N the keys of all databases",
                                   .summary = "Deletes all keys of all databases.",
                                   .tips = kOnAllShards};

// The number of a database; latches `not_a_number` or the range error.
int64_t DatabaseNumber(ArgCursor& args, int64_t count, std::string_view not_a_number) {
  const int64_t index = args.Integer(not_a_number);
  if (args.ok() && (index < 0 || index >= count)) args.Fail(errors::kDbIndexOutOfRange);
  return index;
}

void Swapdb(CommandContext& context, ArgCursor args) {
  // Both must be numbers before either's range matters.
  const int64_t count = context.services.options->databases;
  ArgCursor again = args;
  constexpr int64_t kIntMin = std::numeric_limits<int32_t>::min();
  constexpr int64_t kIntMax = std::numeric_limits<int32_t>::max();
  again.IntegerIn(kIntMin, kIntMax, "ERR invalid first DB index");
  again.IntegerIn(kIntMin, kIntMax, "ERR invalid second DB index");
  if (!again.Done(context.reply)) return;
  const int64_t first = DatabaseNumber(args, count, errors::kInvalidDbIndex);
  const int64_t second = DatabaseNumber(args, count, errors::kInvalidDbIndex);
  if (!args.Done(context.reply)) return;
  if (first != second) {
    for (Keyspace* keyspace : context.AllKeyspaces()) {
      keyspace->Swap(DbIndex(static_cast<uint32_t>(first)), DbIndex(static_cast<uint32_t>(second)));
    }
    context.ChangedSilently();
  }
  context.reply.Ok();
}

constexpr CommandSpec kSwapdb = {.name = "swapdb",
                                 .arity = Exactly(3),
                                 .group = Group::kServer,
                                 .since = "4.0.0",
                                 .flags = kWrite | kFast | kAllPartitions,
                                 .acl = kAclKeyspace | kAclDangerous,
                                 .syntax = "index1 index2",
                                 .complexity = "O(1)",
                                 .summary = "Exchanges the content of two databases."};

}  // namespace

void RegisterDatabaseCommands(CommandRegistry& registry) {
  registry.Add(kDbsize, Dbsize);
  registry.Add(kFlushdb, Flushdb);
  registry.Add(kFlushall, Flushall);
  registry.Add(kSwapdb, Swapdb);
}

}  // namespace torc
