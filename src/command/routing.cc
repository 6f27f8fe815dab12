#include "command/routing.h"

#include <algorithm>

#include "command/blocking.h"
#include "command/key_extraction.h"
#include "command/monitors.h"
#include "command/services.h"
#include "command/tracking.h"

namespace torc {
namespace {

ShardSet OwnerOf(const Dataset& dataset, PartitionId partition) {
  return ShardSet::One(dataset.Owner(partition).shard_index());
}

ShardSet OwnersOfKeys(const Dataset& dataset, const Command& command, Argv argv) {
  ShardSet out;
  const auto keys = KeysOf(command, argv);
  if (!keys) return out;  // it will answer an error
  for (const KeyArgument& key : *keys) {
    out = out | OwnerOf(dataset, dataset.shards()[0]->Ref(argv[key.position]).partition);
  }
  return out;
}

ShardSet OwnersOfWatches(const Session& session) {
  ShardSet out;
  for (const auto* watches : {&session.watches, &session.dropped_watches}) {
    for (const auto& [table, watch] : *watches) {
      out = out | ShardSet::One(table->keyspace().shard_index());
    }
  }
  return out;
}

ShardSet OwnersOfQueue(const Services& services, const Session& session) {
  ShardSet out;
  std::vector<std::string_view> argv;
  for (size_t i = 0; i < session.transaction->size(); ++i) {
    out = out | ShardsOf(services, session, session.transaction->command(i),
                         session.transaction->Args(i, &argv), {});
  }
  return out;
}

}  // namespace

ShardSet ShardsOf(const Services& services, const Session& session, const Command& command,
                  Argv argv, const KeyRef& hint) {
  const Dataset& dataset = *services.dataset;
  switch (command.reach) {
    case Reach::kKeys:
    case Reach::kKeysAtHome:
      if (command.has_one_key && hint.text.data() != nullptr) {
        return OwnerOf(dataset, hint.partition);
      }
      return OwnersOfKeys(dataset, command, argv);
    case Reach::kSession: {
      if (command.spec.group != Group::kTransactions) return {};
      ShardSet out = OwnersOfWatches(session);
      if (command.Has(kRunsQueue) && session.transaction != nullptr) {
        out = out | OwnersOfQueue(services, session);
      }
      return out;
    }
    case Reach::kProcess:
      break;
  }
  return ShardSet::First(dataset.shards().size());
}

bool IsObserved(const Services& services, const Session& session, const Command& command,
                Argv argv) {
  if (services.monitors->any()) return true;
  const BlockingTable& blocking = *services.blocking;
  const TrackingTable& tracking = *services.tracking;
  if (blocking.session_count() == 0 && tracking.client_count() == 0) return false;
  if (command.Has(kRunsQueue) && session.transaction != nullptr) return true;
  if (session.tracking != nullptr && command.Has(kReadonly)) return true;
  if (!command.Has(kWrite)) return false;
  const auto keys = KeysOf(command, argv);
  if (!keys) return false;
  return std::any_of(keys->begin(), keys->end(), [&](const KeyArgument& key) {
    const std::string_view text = argv[key.position];
    return blocking.Waits(session.db, text) || tracking.Observes(text);
  });
}

bool IsEntangled(const Session& session) {
  return !session.watches.empty() || !session.dropped_watches.empty() ||
         session.subscriptions != nullptr || session.blocked != nullptr ||
         session.tracking != nullptr || session.monitor;
}

}  // namespace torc
