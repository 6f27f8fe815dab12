#pragma once

// What a command may reach besides the keys it names: a shard's parts and, through interfaces, the
// process around it. Filled by engine/ (and server/); handlers get it in their context.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/ids.h"
#include "command/command_registry.h"
#include "command/command_stats.h"
#include "command/info.h"
#include "command/outbox.h"
#include "command/persistence.h"
#include "command/session.h"
#include "command/slowlog.h"
#include "store/eviction.h"
#include "store/keyspace.h"
#include "torc/env.h"
#include "torc/status.h"

namespace torc {

// All clients of the process. The server implements it; an embedder without clients need not.
class ClientDirectory {
 public:
  virtual ~ClientDirectory() = default;
  // Visits each client; the visitor may not disconnect any.
  virtual void ForEach(const std::function<void(Session&, const Transport&)>& visit) = 0;
  // Disconnects a client: itself after its reply, others at once.
  virtual void Disconnect(ClientId id, bool after_reply) = 0;
  virtual Transport TransportOf(const Session& session) = 0;
  // Null if there is no such client.
  virtual Session* SessionOf(ClientId id) = 0;
};

enum class PauseMode : uint8_t { kNone, kWrites, kAll };

struct PauseState {
  PauseMode mode = PauseMode::kNone;
  UnixMs until;
  bool ActiveAt(UnixMs now) const { return mode != PauseMode::kNone && now < until; }
};

struct ShutdownRequest {
  enum class Save : uint8_t { kDefault, kSave, kNoSave };
  Save save = Save::kDefault;
  bool now = false;
  bool force = false;
  bool abort = false;
};

// The process around the engine.
class ServerControl {
 public:
  virtual ~ServerControl() = default;
  // Begins an orderly end (or aborts one in progress); an error says why not.
  virtual Status Shutdown(const ShutdownRequest& request) = 0;
  virtual Status RewriteConfig() = 0;
  // Clients were unpaused, or the pause changed: deferred commands should be tried again.
  virtual void PauseChanged() = 0;
  // Resets the counters that live outside the engine (CONFIG RESETSTAT).
  virtual void ResetStats() = 0;
  // Lets the calling shard's thread stand still for so long (DEBUG SLEEP).
  virtual void Sleep(int64_t duration_us) = 0;
};

// Whoever can serve other clients while one command of this shard takes long.
class BusyHost {
 public:
  virtual ~BusyHost() = default;
  // Serves what has come meanwhile, on the caller's stack. The gate is `busy`: only commands with
  // kAllowBusy run.
  virtual void ServeOthers() = 0;
  // Whether Breathe may be called just now.
  virtual bool may_breathe() const { return false; }
  // Lets others run for one round of the loop, on the caller's stack, while a command pauses whose
  // keys are held.
  virtual void Breathe() {}
  // The process is to end: the command should, too.
  virtual bool stop_requested() const = 0;
};

// The data set as commands see it: which keyspace owns each partition. With several shards a
// command runs either on its own shard or over shards it has borrowed; handlers cannot tell.
class Dataset {
 public:
  explicit Dataset(int partition_count) : owners_(static_cast<size_t>(partition_count)) {}
  void SetOwner(PartitionId partition, Keyspace* owner) { owners_[partition.value()] = owner; }
  void AddShard(Keyspace* shard) { shards_.push_back(shard); }
  Keyspace& Owner(PartitionId partition) const { return *owners_[partition.value()]; }
  const std::vector<Keyspace*>& shards() const { return shards_; }
  int partition_count() const { return static_cast<int>(owners_.size()); }

 private:
  std::vector<Keyspace*> owners_;
  std::vector<Keyspace*> shards_;
};

enum class DebugAccess : uint8_t { kNo, kYes, kLocal };

// Settings that commands read; declared with CONFIG by engine/.
struct CommandOptions {
  int64_t databases = 16;
  std::string requirepass;
  int64_t proto_max_bulk_bytes = 512LL << 20;
  int64_t tracking_table_keys_max = 1000000;  // 0: no limit
  bool lazyfree_user_del = false;
  bool lazyfree_user_flush = false;
  bool latency_tracking = true;
  std::string latency_percentiles = "50 99 99.9";
  DebugAccess debug_access = DebugAccess::kNo;
  bool scripts_may_call_all = false;  // DEBUG SET-DISABLE-DENY-SCRIPTS
  bool active_expiry = true;  // DEBUG SET-ACTIVE-EXPIRE: due keys leave without being looked at
  bool background_paused = false;  // DEBUG PAUSE-CRON: neither that nor freeing by slices
  // So long a command runs before others are served within it; 0: to its end.
  int64_t long_command_slice_us = 500;
  bool verify_payloads = true;  // RESTORE looks at checksums; DEBUG SET-SKIP-CHECKSUM-VALIDATION
};

struct AccessControl;
class AclFile;
// Decides where commands run when there are several shards (command/routing.h).
class Router {
 public:
  virtual ~Router() = default;
  enum class Placement : uint8_t {
    kHere,  // run it now
    kAway,  // it was sent to another shard; its reply's slot is open
    kWait,  // nothing happened: the same command must be tried again, when the router says so
  };
  virtual Placement Place(Session& session, const Command& command, Argv argv,
                          const KeyRef& hint) = 0;
  // Runs `notice` on another shard's thread, soon and between commands.
  virtual void Notify(size_t shard, std::function<void()> notice) = 0;
};

class BlockingTable;
class Dispatcher;
class LatencyMonitor;
class Monitors;
class PubsubRegistry;
class Scripting;
class TrackingTable;

struct Services {
  AccessControl* access = nullptr;  // one for all shards
  AclFile* acl_file = nullptr;      // null: there is none
  Entropy* entropy = nullptr;
  const CommandRegistry* commands = nullptr;
  ConfigRegistry* config = nullptr;
  CommandOptions* options = nullptr;
  Dataset* dataset = nullptr;
  Eviction* eviction = nullptr;
  Keyspace* keyspace = nullptr;               // the shard's own
  std::vector<Keyspace*> borrowed_keyspaces;  // other shards', as long as it has them
  EffectFeed* feed = nullptr;
  CommandStats* stats = nullptr;
  Slowlog* slowlog = nullptr;
  LatencyMonitor* latency = nullptr;  // one for all shards
  Outbox* outbox = nullptr;
  PubsubRegistry* pubsub = nullptr;
  Monitors* monitors = nullptr;
  BlockingTable* blocking = nullptr;
  TrackingTable* tracking = nullptr;
  Dispatcher* dispatcher = nullptr;  // for commands that run others: EXEC, scripts
  Scripting* scripting = nullptr;    // features/scripting
  BusyHost* busy_host = nullptr;     // null: nobody is served while a script runs
  Router* router = nullptr;          // null: there is one shard
  // Whether who runs now has the whole process to itself; always so with one shard. Only then may
  // what is the process's be changed.
  bool* exclusive = nullptr;
  // Those of all shards, by index. What stands above is each shard's own (keyspace, eviction, feed,
  // stats, slowlog, outbox, pubsub, dispatcher, busy_host, router) or the process's (the rest).
  std::vector<Services*>* shards = nullptr;
  InfoSections* info = nullptr;
  PauseState* pause = nullptr;
  CommandGate* gate = nullptr;
  Clock* clock = nullptr;
  const TypeTable* types = nullptr;
  ClientDirectory* clients = nullptr;    // null: no clients but the caller
  ServerControl* server = nullptr;       // null: embedded
  LogControl* log = nullptr;             // null: nothing is logged
  SnapshotControl* snapshots = nullptr;  // null: nothing is kept on disk
};

}  // namespace torc
