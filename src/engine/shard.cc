#include "engine/shard.h"

#include <limits>

#include "base/memory.h"
#include "engine/all_rooms.h"

namespace torc {

Shard::Shard(EngineOptions* options, const CommandRegistry* commands, const TypeTable* types,
             ConfigRegistry* config, Clock* clock)
    : options_(options),
      clock_(clock),
      keyspace_(&options->keyspace, types, &feed_),
      dataset_(options->keyspace.partition_count),
      eviction_(&options->eviction, &keyspace_, &budget_, clock),
      slowlog_(&options->slowlog),
      notifier_(&options->notifications, &pubsub_, &feed_),
      dispatcher_(&services_) {
  options->keyspace.limits.hash_seed = options->keyspace.hash_seed;
  dataset_.AddShard(&keyspace_);
  for (int i = 0; i < options->keyspace.partition_count; ++i) {
    dataset_.SetOwner(PartitionId(static_cast<uint16_t>(i)), &keyspace_);
  }
  stats_.by_command.resize(commands->size());
  services_.commands = commands;
  services_.config = config;
  services_.options = &options->command;
  services_.access = &options->access;
  services_.dataset = &dataset_;
  services_.eviction = &eviction_;
  services_.feed = &feed_;
  services_.stats = &stats_;
  services_.slowlog = &slowlog_;
  services_.latency = &options->latency;
  services_.info = &info_;
  services_.pause = &pause_;
  services_.gate = &gate_;
  services_.outbox = &outbox_;
  services_.pubsub = &pubsub_;
  services_.monitors = &monitors_;
  services_.blocking = &blocking_;
  services_.tracking = &tracking_;
  services_.dispatcher = &dispatcher_;
  services_.clock = clock;
  services_.types = types;
  scripting_ = std::make_unique<Scripting>(&options->scripting, &services_);
  services_.scripting = scripting_.get();
  budget_.Sync();
  stats_.memory_at_start_bytes = budget_.used_bytes();
  RegisterAllInfo(info_, &services_);
  BeginTurn();
}

void Shard::Welcome(Session& session, ClientId id) {
  session.id = id;
  session.user = &options_->access.users.default_user();
  session.authenticated = options_->access.users.open();
  session.created_unix_ms = now_.value();
  session.last_used_unix_ms = now_.value();
}

void Shard::Farewell(Session& session) {
  Unwatch(session);
  pubsub_.UnsubscribeAll(session);
  blocking_.Remove(session);
  tracking_.Disable(session);
  monitors_.Remove(session);
  outbox_.Forget(session);
}

void Shard::BeginTurn() {
  now_ = UnixMs(clock_->WallMs());
  keyspace_.SetNow(now_, ClockKindOf(options_->eviction.policy));
  budget_.set_limit_bytes(MemoryLimitBytes(*options_));
  if (budget_.limited()) {
    // While the log cannot be written, or is being read, nothing may be evicted.
    eviction_.Suspend(pause_.ActiveAt(now_) || gate_.loading || gate_.writes_wait ||
                      !gate_.log_failure.empty());
  }
  stats_.track_latency = options_->command.latency_tracking;
}

void Shard::Prepare(const Session& session, const RequestBatch& batch, size_t first, size_t count,
                    std::vector<PreparedCommand>* prepared) const {
  for (size_t i = first; i < first + count; ++i) {
    const RequestBatch::Command& command = batch.commands[i];
    prepared->push_back(dispatcher_.Prepare(
        session, Argv(batch.args.data() + command.first_arg, command.arg_count)));
  }
}

void Shard::PrefetchEntries(const Session& session,
                            std::span<const PreparedCommand> prepared) const {
  for (const PreparedCommand& command : prepared) {
    if (command.key.text.data() != nullptr) keyspace_.PrefetchEntry(session.db, command.key);
  }
}

bool Shard::Tick() {
  // Some 100 microseconds each: a turn must not be felt by those who wait for the next.
  constexpr size_t kSweepEntriesMax = 4000;
  constexpr size_t kReclaimEntriesMax = 1000;
  BeginTurn();
  EndDueWaits();
  budget_.Sync();
  stats_.NoteMemory(budget_.used_bytes());
  eviction_.Remind();
  // While the log cannot be written, or is being read, nothing may expire either.
  const bool paused =
      pause_.ActiveAt(now_) || gate_.loading || gate_.writes_wait || !gate_.log_failure.empty();
  const bool active_expiry = !paused && options_->command.active_expiry;
  bool more = false;
  if (!options_->command.background_paused) {
    keyspace_.SuspendExpiry(!active_expiry);
    const int64_t begin_ns = clock_->MonoNs();
    keyspace_.SweepExpired(now_, kSweepEntriesMax);
    options_->latency.Note("expire-cycle", (clock_->MonoNs() - begin_ns) / 1000000,
                           now_.value() / 1000);
    more = active_expiry && keyspace_.SweepLagMs(now_) > 0;
    more |= keyspace_.Reclaim(kReclaimEntriesMax);
  }
  for (BackgroundWork* work : background_) work->EveryTick();
  keyspace_.SuspendExpiry(paused);
  if (!pause_.ActiveAt(now_) && pause_.mode != PauseMode::kNone) {
    pause_ = {};
    if (services_.server != nullptr) services_.server->PauseChanged();
  }
  return more;
}

}  // namespace torc
