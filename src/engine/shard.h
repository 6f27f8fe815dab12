#pragma once

// Shard: one thread's brain. A keyspace, the dispatcher and their figures, without socket or
// thread. The server gives it batches of requests and sends what the sessions' reply queues then
// hold.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "command/dispatcher.h"
#include "command/services.h"
#include "command/session.h"
#include "engine/background_work.h"
#include "resp/request_parser.h"
#include "store/keyspace.h"
#include "torc/env.h"
#include "torc/options.h"

namespace torc {

// Settings of the engine with their CONFIG declarations; one per process, shared by its shards.
struct EngineOptions {
  KeyspaceOptions keyspace;
  CommandOptions command;
  SlowlogOptions slowlog;
};
// Declares them under Redis's names. `options` must outlive the registry.
void DeclareEngineOptions(ConfigRegistry& config, EngineOptions* options);

class Shard {
 public:
  // All must outlive the shard.
  Shard(EngineOptions* options, const CommandRegistry* commands, const TypeTable* types,
        ConfigRegistry* config, Clock* clock);

  // Completed by the server before the first command.
  Services& services() { return services_; }
  Keyspace& keyspace() { return keyspace_; }
  EffectFeed& feed() { return feed_; }
  InfoSections& info() { return info_; }
  PauseState& pause() { return pause_; }
  CommandGate& gate() { return gate_; }
  Clock& clock() { return *clock_; }

  // Fills in a new session's fields that depend on the settings.
  void Welcome(Session& session, ClientId id);

  // --- A turn of the loop
  // ----------------------------------------------------------------------------- Time as this turn
  // sees it; once per turn, before Prepare.
  void BeginTurn();
  UnixMs now() const { return now_; }
  // Looks up and prefetches the commands of a session's batch. `prepared` gets one element per
  // command.
  void Prepare(const Session& session, const RequestBatch& batch, size_t first, size_t count,
               std::vector<PreparedCommand>* prepared) const;
  // Second round of prefetching, over everything prepared this turn.
  void PrefetchEntries(const Session& session, std::span<const PreparedCommand> prepared) const;
  // Before the first Execute of commands that follow each other closely.
  void BeginBatch() { dispatcher_.BeginBatch(); }
  // Runs one prepared command.
  Outcome Execute(Session& session, Argv argv, const PreparedCommand& prepared) {
    return dispatcher_.Execute(session, argv, prepared, now_);
  }
  Outcome Execute(Session& session, Argv argv) { return dispatcher_.Execute(session, argv, now_); }

  // Bounded background work, `hz` times a second and again at once while it answers true (there is
  // more to do): due keys, flushed databases, the end of a pause.
  bool Tick();
  // Work that goes along with this shard's turns and ticks: it must outlive the shard or be
  // removed.
  void AddBackground(BackgroundWork* work) { background_.push_back(work); }
  void RemoveBackground(BackgroundWork* work) { std::erase(background_, work); }
  // A slice of each, once per turn; true if there is more to do at once.
  bool StepBackground() {
    bool more = false;
    for (BackgroundWork* work : background_) more |= work->Step();
    return more;
  }

 private:
  EngineOptions* options_;
  Clock* clock_;
  EffectFeed feed_;
  Keyspace keyspace_;
  Dataset dataset_;
  CommandStats stats_;
  Slowlog slowlog_;
  InfoSections info_;
  PauseState pause_;
  CommandGate gate_;
  std::vector<BackgroundWork*> background_;
  Services services_;
  Dispatcher dispatcher_;
  UnixMs now_;
};

}  // namespace torc
