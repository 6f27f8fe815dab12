#include "engine/shard.h"

#include <limits>

#include "base/memory.h"
#include "command/process_totals.h"
#include "engine/all_rooms.h"

namespace torc {

Shard::Shard(EngineOptions* options, const CommandRegistry* commands, const TypeTable* types,
             ConfigRegistry* config, Clock* clock, Shard* first)
    : options_(options),
      clock_(clock),
      keyspace_(&options->keyspace, types, &feed_),
      dataset_(options->keyspace.partition_count),
      eviction_(&options->eviction, &keyspace_, &budget_, clock),
      defrag_(&options->defrag, &keyspace_, clock),
      slowlog_(&options->slowlog),
      notifier_(&options->notifications, &services_, &feed_),
      tracking_feed_(first == nullptr ? &tracking_ : &first->tracking_, &feed_,
                     first == nullptr ? &exclusive_ : &first->exclusive_),
      dispatcher_(&services_) {
  options->keyspace.limits.hash_seed = options->keyspace.hash_seed;
  Shard& of_process = first == nullptr ? *this : *first;
  stats_.by_command.resize(commands->size());
  services_.commands = commands;
  services_.config = config;
  services_.options = &options->command;
  services_.access = &options->access;
  services_.eviction = &eviction_;
  services_.latency = &options->latency;
  services_.dataset = &of_process.dataset_;
  services_.keyspace = &keyspace_;
  services_.feed = &feed_;
  services_.stats = &stats_;
  services_.slowlog = &slowlog_;
  services_.info = &of_process.info_;
  services_.pause = &of_process.pause_;
  services_.gate = &of_process.gate_;
  services_.outbox = &outbox_;
  services_.pubsub = &pubsub_;
  services_.monitors = &of_process.monitors_;
  services_.blocking = &of_process.blocking_;
  services_.tracking = &of_process.tracking_;
  services_.dispatcher = &dispatcher_;
  feed_.set_new_keys(&dispatcher_);
  services_.clock = clock;
  services_.types = types;
  services_.exclusive = &of_process.exclusive_;
  services_.shards = &of_process.shards_;
  budget_.Sync();
  stats_.memory_at_start_bytes = budget_.used_bytes();
  keyspace_.set_shard_index(of_process.shards_.size());
  of_process.shards_.push_back(&services_);
  of_process.dataset_.AddShard(&keyspace_);
  of_process.tracking_.AddFeed(&tracking_feed_);
  if (first == nullptr) {
    scripting_ = std::make_unique<Scripting>(&options->scripting, &services_);
    DealPartitions();
  } else {
    of_process.blocking_.AddFeed(&feed_);
  }
  services_.scripting = of_process.scripting_.get();
  if (first == nullptr) RegisterAllInfo(info_, &services_);
  BeginTurn();
}

Shard::~Shard() {
  services_.tracking->RemoveFeed(&tracking_feed_);
  if (services_.blocking != &blocking_) services_.blocking->RemoveFeed(&feed_);
  std::erase(*services_.shards, &services_);
}

void Shard::DealPartitions() {
  const std::vector<Keyspace*>& shards = services_.dataset->shards();
  for (int i = 0; i < services_.dataset->partition_count(); ++i) {
    services_.dataset->SetOwner(PartitionId(static_cast<uint16_t>(i)),
                                shards[static_cast<size_t>(i) % shards.size()]);
  }
}

void Shard::ShareMemory(MemoryLedger* ledger) {
  budget_.Share(ledger);
  eviction_.set_peers(ledger == nullptr ? nullptr : &eviction_peers_);
}

void Shard::Adopt(Shard& other) {
  other.keyspace_.SetNow(now_, ClockKindOf(options_->eviction.policy));
  other.keyspace_.set_feed(&feed_);
  // The other has slept through a change.
  other.budget_.set_limit_bytes(MemoryLimitBytes(*options_));
  if (other.keyspace_.holds_keys()) keyspace_.NoteBorrowedHolds(true);
  feed_.AddGuest(&other.feed_);
  services_.borrowed_keyspaces.push_back(&other.keyspace_);
}

void Shard::GiveBack(std::span<Shard* const> others) {
  feed_.RemoveGuests();
  keyspace_.NoteBorrowedHolds(false);
  services_.borrowed_keyspaces.clear();
  for (Shard* other : others) {
    other->keyspace_.set_feed(&other->feed_);
    other->keyspace_.EndWrites();
  }
}

void Shard::Welcome(Session& session, ClientId id) {
  session.id = id;
  session.user = &options_->access.users.default_user();
  session.authenticated = options_->access.users.open();
  session.outbox = &outbox_;
  session.created_unix_ms = now_.value();
  session.last_used_unix_ms = now_.value();
}

void Shard::Farewell(Session& session) {
  Unwatch(session);
  pubsub_.UnsubscribeAll(session);
  services_.blocking->Remove(session);
  services_.tracking->Disable(session);
  services_.monitors->Remove(session);
  outbox_.Forget(session);
}

void Shard::BeginTurn() {
  now_ = UnixMs(clock_->WallMs());
  keyspace_.SetNow(now_, ClockKindOf(options_->eviction.policy));
  budget_.set_limit_bytes(MemoryLimitBytes(*options_));
  // While the log cannot be written, or is being read, nothing may be evicted or expire.
  const CommandGate& gate = *services_.gate;
  const bool paused = services_.pause->ActiveAt(now_) || gate.loading || gate.writes_wait ||
                      !gate.log_failure.empty();
  keyspace_.SuspendExpiry(paused);
  if (budget_.limited()) eviction_.Suspend(paused);
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

bool Shard::PrefetchEntries(const Session& session,
                            std::span<const PreparedCommand> prepared) const {
  bool parts = false;
  for (const PreparedCommand& command : prepared) {
    if (command.key.text.data() != nullptr) keyspace_.PrefetchEntry(session.db, command.key);
    parts |= command.part.data() != nullptr;
  }
  return parts;
}

void Shard::PrefetchParts(const Session& session, std::span<const PreparedCommand> prepared) const {
  // Those who work on one large value name it again and again.
  const PreparedCommand* found = nullptr;
  const Entry* entry = nullptr;
  for (const PreparedCommand& command : prepared) {
    if (command.part.data() == nullptr) continue;
    if (found == nullptr || found->key.hash != command.key.hash) {
      entry = keyspace_.Peek(session.db, command.key).entry;
      found = &command;
    }
    if (entry != nullptr) keyspace_.PrefetchPart(*entry, command.part);
  }
}

bool Shard::Tick() {
  // Some 100 microseconds each: a turn must not be felt by those who wait for the next.
  constexpr size_t kSweepEntriesMax = 1000;
  constexpr size_t kReclaimEntriesMax = 1000;
  BeginTurn();
  if (services_.router == nullptr) EndDueWaits();
  budget_.Sync();
  stats_.NoteMemory(budget_.used_bytes());
  eviction_.Remind();
  NoteLatency("eviction-cycle", std::exchange(eviction_.stats().longest_slice_ns, 0));
  eviction_peers_.Forget();
  // While the log cannot be written, or is being read, nothing may expire either.
  const CommandGate& gate = *services_.gate;
  const bool paused = services_.pause->ActiveAt(now_) || gate.loading || gate.writes_wait ||
                      !gate.log_failure.empty();
  const bool active_expiry = !paused && options_->command.active_expiry;
  bool more = false;
  if (!options_->command.background_paused) {
    keyspace_.SuspendExpiry(!active_expiry);
    const int64_t begin_ns = clock_->MonoNs();
    keyspace_.SweepExpired(now_, kSweepEntriesMax);
    NoteLatency("expire-cycle", clock_->MonoNs() - begin_ns);
    more = active_expiry && keyspace_.SweepLagMs(now_) > 0;
    more |= keyspace_.Reclaim(kReclaimEntriesMax);
    defrag_.EveryTick();
  }
  keyspace_.SuspendExpiry(paused);
  if (services_.router == nullptr) TickProcess();
  return more;
}

void Shard::NoteLatency(const char* event, int64_t duration_ns) {
  constexpr int64_t kNsPerMs = 1000000;
  if (duration_ns < kNsPerMs) [[likely]]
    return;
  OnFirstShard(services_, [latency = &options_->latency, event, ms = duration_ns / kNsPerMs,
                           at_s = now_.value() / 1000] { latency->Note(event, ms, at_s); });
}

void Shard::TickProcess() {
  budget_.Recount();
  for (BackgroundWork* work : background_) work->EveryTick();
  PauseState& pause = *services_.pause;
  if (pause.ActiveAt(now_) || pause.mode == PauseMode::kNone) return;
  pause = {};
  if (services_.server != nullptr) services_.server->PauseChanged();
}

}  // namespace torc
