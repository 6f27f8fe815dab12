// Transactions. The dispatcher queues what comes between MULTI and EXEC; EXEC runs the queue as one
// unit of effects, over the data set that its own context was given: once a transaction touches
// several shards, that is the data set of the shards its coordinator has borrowed.

#include "features/transactions/transaction_commands.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "command/context.h"
#include "command/dispatcher.h"
#include "resp/errors.h"

namespace torc {
namespace {

// What all commands of the group have in common.
constexpr CommandSpec TransactionSpec(std::string_view name, Arity arity, std::string_view since,
                                      std::string_view complexity, std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.arity = arity;
  spec.group = Group::kTransactions;
  spec.since = since;
  spec.flags = kNoScript | kLoading | kStale | kFast | kAllowBusy | kOwnSession;
  spec.acl = kAclTransaction;
  spec.complexity = complexity;
  spec.summary = summary;
  return spec;
}

constexpr CommandSpec AtOnce(CommandSpec spec) {
  spec.flags |= kNeverQueued;
  return spec;
}

void Multi(CommandContext& context, ArgCursor /*args*/) {
  if (context.session.transaction != nullptr) return context.reply.Error(errors::kNestedMulti);
  context.session.transaction = std::make_unique<Transaction>();
  context.reply.Ok();
}

constexpr CommandSpec kMulti = AtOnce(TransactionSpec(
    "multi", Exactly(1), "1.2.0", "O(1)",
    "Begins a transaction: the commands that follow are kept until EXEC runs them."));

bool AnyWatchedKeyChanged(const Session& session, UnixMs now) {
  return std::any_of(session.watches.begin(), session.watches.end(), [now](const auto& watched) {
    return watched.first->Changed(watched.second, now);
  });
}

// The references of the first keys of all queued commands, their buckets prefetched.
std::vector<KeyRef> PrefetchQueue(const CommandContext& context, const Transaction& transaction) {
  std::vector<KeyRef> keys;
  keys.reserve(transaction.size());
  std::vector<std::string_view> argv;
  for (size_t i = 0; i < transaction.size(); ++i) {
    transaction.Args(i, &argv);
    keys.push_back(context.services.dispatcher->Prepare(context.session, argv).key);
  }
  return keys;
}

void RunQueue(CommandContext& context, Transaction& transaction) {
  transaction.executing = true;
  context.services.feed->BeginUnit();
  context.reply.Array(transaction.size());
  const std::vector<KeyRef> keys = PrefetchQueue(context, transaction);
  std::vector<std::string_view> argv;
  for (size_t i = 0; i < transaction.size(); ++i) {
    context.services.dispatcher->RunInside(context, transaction.command(i),
                                           transaction.Args(i, &argv), keys[i]);
  }
  context.services.feed->EndUnit();
}

void Exec(CommandContext& context, ArgCursor /*args*/) {
  Session& session = context.session;
  if (session.transaction == nullptr) return context.reply.Error(errors::kExecWithoutMulti);
  const bool changed = AnyWatchedKeyChanged(session, context.now);
  Unwatch(session);
  if (session.transaction->aborted) {
    context.reply.Error(errors::kExecAbort);
  } else if (changed) {
    context.reply.NullArray();
  } else {
    RunQueue(context, *session.transaction);
  }
  session.transaction.reset();
}

constexpr CommandSpec ExecSpec() {
  CommandSpec spec = AtOnce(TransactionSpec("exec", Exactly(1), "1.2.0",
                                            "That of the commands in the transaction together.",
                                            "Runs the transaction's commands as one."));
  spec.flags &= ~(kFast | kAllowBusy);
  spec.flags |= kSkipSlowlog | kRunsQueue;
  return spec;
}
constexpr CommandSpec kExec = ExecSpec();

void Discard(CommandContext& context, ArgCursor /*args*/) {
  Session& session = context.session;
  if (session.transaction == nullptr) return context.reply.Error(errors::kDiscardWithoutMulti);
  session.transaction.reset();
  Unwatch(session);
  context.reply.Ok();
}

constexpr CommandSpec kDiscard = AtOnce(
    TransactionSpec("discard", Exactly(1), "2.0.0", "O(N) with N the number of queued commands",
                    "Gives a transaction up, and the watched keys with it."));

void Watch(CommandContext& context, ArgCursor args) {
  Session& session = context.session;
  if (session.transaction != nullptr) return context.reply.Error(errors::kWatchInsideMulti);
  for (const std::string_view text : args.Rest()) {
    WatchTable& table = context.Owner(context.Key(text)).watches();
    const bool known =
        std::any_of(session.watches.begin(), session.watches.end(), [&](const auto& watched) {
          return watched.first == &table && table.Watches(watched.second, session.db, text);
        });
    if (known) continue;
    session.watches.emplace_back(&table, table.Begin(session.db, text, context.now));
  }
  context.reply.Ok();
}

constexpr CommandSpec WatchSpec() {
  CommandSpec spec =
      AtOnce(TransactionSpec("watch", AtLeast(2), "2.2.0", "O(1) for each key",
                             "Lets the next transaction run only if these keys do not change."));
  spec.flags &= ~kOwnSession;
  spec.keys = {KeyRange(1, -1, 1, kKeyReadOnly)};
  spec.syntax = "key [key ...]";
  return spec;
}
constexpr CommandSpec kWatch = WatchSpec();

void UnwatchAll(CommandContext& context, ArgCursor /*args*/) {
  Unwatch(context.session);
  context.reply.Ok();
}

constexpr CommandSpec kUnwatch =
    TransactionSpec("unwatch", Exactly(1), "2.2.0", "O(1)", "Forgets all watched keys.");

}  // namespace

void RegisterTransactionCommands(CommandRegistry& registry) {
  registry.Add(kMulti, Multi);
  registry.Add(kExec, Exec);
  registry.Add(kDiscard, Discard);
  registry.Add(kWatch, Watch);
  registry.Add(kUnwatch, UnwatchAll);
}

}  // namespace torc
