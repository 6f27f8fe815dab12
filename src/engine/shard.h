#pragma once

// Shard: one thread's brain. A keyspace, the dispatcher and their figures, without socket or
// thread. The server gives it batches of requests and sends what the sessions' reply queues then
// hold.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "command/access.h"
#include "command/blocking.h"
#include "command/dispatcher.h"
#include "command/latency_monitor.h"
#include "command/monitors.h"
#include "command/pubsub.h"
#include "command/services.h"
#include "command/session.h"
#include "command/tracking.h"
#include "engine/background_work.h"
#include "engine/defrag.h"
#include "engine/eviction_peers.h"
#include "features/pubsub/keyspace_notifier.h"
#include "features/scripting/scripting.h"
#include "resp/request_parser.h"
#include "store/eviction.h"
#include "store/keyspace.h"
#include "store/memory_budget.h"
#include "torc/env.h"
#include "torc/options.h"

namespace torc {

// Settings of the engine with their CONFIG declarations; one per process, shared by its shards.
struct EngineOptions {
  KeyspaceOptions keyspace;
  EvictionOptions eviction;
  DefragOptions defrag;
  int64_t memory_max = 0;           // maxmemory: bytes, 0 for no limit, or -N for N % of
  size_t machine_memory_bytes = 0;  // what the process may have of the machine; 0: unknown
  CommandOptions command;
  SlowlogOptions slowlog;
  NotificationOptions notifications;
  ScriptingOptions scripting;
  AccessControl access;
  LatencyMonitor latency;
};
// maxmemory in bytes; 0: no limit.
size_t MemoryLimitBytes(const EngineOptions& options);
// Declares them under Redis's names. `options` must outlive the registry.
void DeclareEngineOptions(ConfigRegistry& config, EngineOptions* options);

class Shard {
 public:
  // All must outlive the shard. `first`: the first of the process's shards, null for that one
  // itself; the others share what is the process's with it (see Services) and die before it.
  Shard(EngineOptions* options, const CommandRegistry* commands, const TypeTable* types,
        ConfigRegistry* config, Clock* clock, Shard* first = nullptr);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Completed by the server before the first command.
  Services& services() { return services_; }
  Keyspace& keyspace() { return keyspace_; }
  EffectFeed& feed() { return feed_; }
  InfoSections& info() { return info_; }
  PauseState& pause() { return *services_.pause; }
  CommandGate& gate() { return *services_.gate; }
  size_t index() const { return keyspace_.shard_index(); }
  Outbox& outbox() { return outbox_; }
  Eviction& eviction() { return eviction_; }
  Clock& clock() { return *clock_; }

  // Fills in a new session's fields that depend on the settings.
  void Welcome(Session& session, ClientId id);
  // A session is about to end: whatever it holds in the shard is let go. To be called for every
  // session, before the shard ends.
  void Farewell(Session& session);

  // --- A turn of the loop
  // ----------------------------------------------------------------------------- Time as this turn
  // sees it; once per turn, before Prepare.
  void BeginTurn();
  UnixMs now() const { return now_; }
  // Looks up and prefetches the commands of a session's batch. `prepared` gets one element per
  // command.
  void Prepare(const Session& session, const RequestBatch& batch, size_t first, size_t count,
               std::vector<PreparedCommand>* prepared) const;
  // Second round of prefetching, over everything prepared this turn. Whether a third is wanted.
  bool PrefetchEntries(const Session& session, std::span<const PreparedCommand> prepared) const;
  // Third round: fields and members of values.
  void PrefetchParts(const Session& session, std::span<const PreparedCommand> prepared) const;
  // Before the first Execute of commands that follow each other closely.
  void BeginBatch() { dispatcher_.BeginBatch(); }
  // Runs one prepared command.
  Outcome Execute(Session& session, Argv argv, const PreparedCommand& prepared) {
    return dispatcher_.Execute(session, argv, prepared, now_);
  }
  // Runs a command of a log. Nothing expires meanwhile: that a key did is in the log, where it did.
  void Replay(Session& session, Argv argv, const PreparedCommand& prepared) {
    dispatcher_.Execute(session, argv, prepared, UnixMs(1));
  }
  // The same with a turn of its own.
  Outcome Execute(Session& session, Argv argv) {
    const Outcome outcome = dispatcher_.Execute(session, argv, now_);
    SendBroadcasts();
    return outcome;
  }

  // Runs a command that a client of another shard sent. `visitor`: a session of the shard's that
  // stands in for that client's.
  void Serve(Session& visitor, const Command& command, Argv argv, const KeyRef& hint) {
    dispatcher_.Serve(visitor, command, argv, hint, now_);
  }

  // --- Long commands: see Dispatcher
  bool MustStandBack(const Session& session, const Command& command, Argv argv) const {
    return keyspace_.keys_are_held() && dispatcher_.MustStandBack(session, command, argv);
  }
  bool IsLong(const Session& session, const Command& command, Argv argv) const {
    return dispatcher_.IsLong(session, command, argv);
  }
  bool pausing() const { return dispatcher_.pausing(); }
  bool has_unserved() const { return dispatcher_.has_unserved(); }
  void ServeUnserved() { dispatcher_.ServeUnserved(); }

  // --- Several shards
  // Deals the partitions to all shards of the process; once, when they are all there. From then on
  // whoever changes what they share says so with SetExclusive.
  void DealPartitions();
  // From now on the process's memory limit is shared with the other shards of the ledger; null: not
  // any more, which the shard's thread says before it ends.
  void ShareMemory(MemoryLedger* ledger);
  // Whether the calling thread has all shards to itself.
  bool exclusive() const { return *services_.exclusive; }
  void SetExclusive(bool exclusive) { *services_.exclusive = exclusive; }
  // The other shard's data is this one's to work on, until GiveBack.
  void Adopt(Shard& other);
  void GiveBack(std::span<Shard* const> others);
  // What concerns sessions of all shards and was kept for lack of exclusiveness.
  bool has_kept_news() const { return tracking_feed_.has_kept(); }
  void TellKeptNews() { tracking_feed_.TellKept(); }

  // Ends the waits of blocked clients whose time is up; cheap when nobody waits.
  void EndDueWaits() {
    if (next_deadline_ns() != BlockingTable::kNoDeadline) dispatcher_.EndDueWaits();
  }
  // Sends what changed keys there are to tell of; once per turn, before replies are sent.
  void SendBroadcasts() { services_.tracking->SendBroadcasts(); }
  // When the first of them is up, on the monotone clock; BlockingTable::kNoDeadline if none is.
  int64_t next_deadline_ns() const { return services_.blocking->next_deadline_ns(); }

  // Bounded background work, `hz` times a second and again at once while it answers true (there is
  // more to do): due keys, flushed databases, the end of a pause.
  bool Tick();
  // The part of it that is the process's: once, with all shards to itself.
  void TickProcess();
  // Tells the latency monitor of work beside commands, if it took long.
  void NoteLatency(const char* event, int64_t duration_ns);
  // Work that goes along with this shard's turns and ticks: it must outlive the shard or be
  // removed.
  void AddBackground(BackgroundWork* work) { background_.push_back(work); }
  void RemoveBackground(BackgroundWork* work) { std::erase(background_, work); }
  bool has_background_step() const {
    return std::any_of(background_.begin(), background_.end(),
                       [](const BackgroundWork* work) { return work->HasStep(); });
  }
  // The part of that which needs no other shard.
  bool StepOwn() {
    const bool evicts = eviction_.Continue();
    return defrag_.Step() || evicts;
  }
  // A slice of each, once per turn; true if there is more to do at once.
  bool StepBackground() {
    bool more = StepOwn();
    for (BackgroundWork* work : background_) more |= work->Step();
    return more;
  }

 private:
  // In the first shard of a process some of these are the process's: data set, shards, gate, pause,
  // information, monitors, waits, tracking. In the others they are of no use.
  EngineOptions* options_;
  Clock* clock_;
  EffectFeed feed_;
  Keyspace keyspace_;
  Dataset dataset_;
  MemoryBudget budget_;
  Eviction eviction_;
  Defrag defrag_;
  ShardEvictionPeers eviction_peers_{&services_};
  std::vector<Services*> shards_;
  bool exclusive_ = true;
  CommandStats stats_;
  Slowlog slowlog_;
  InfoSections info_;
  PauseState pause_;
  CommandGate gate_;
  std::vector<BackgroundWork*> background_;
  Outbox outbox_;
  PubsubRegistry pubsub_{&outbox_};
  Monitors monitors_{&outbox_};
  KeyspaceNotifier notifier_;
  BlockingTable blocking_{&feed_};
  TrackingTable tracking_{&services_};
  TrackingFeed tracking_feed_;
  Services services_;
  Dispatcher dispatcher_;
  std::unique_ptr<Scripting> scripting_;
  UnixMs now_;
};

}  // namespace torc
