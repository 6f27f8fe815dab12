#pragma once

// Server: the process around the engine. Configuration, log, sockets, signals, the shard's loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "command/command_registry.h"
#include "command/services.h"
#include "engine/shard.h"
#include "engine/snapshots.h"
#include "net/event_loop.h"
#include "net/signal_watcher.h"
#include "net/timer.h"
#include "server/all_clients.h"
#include "server/append_log.h"
#include "server/append_log_options.h"
#include "server/config_accepted.h"
#include "server/config_disk.h"
#include "server/config_file.h"
#include "server/config_renames.h"
#include "server/config_users.h"
#include "server/listeners.h"
#include "server/log_file.h"
#include "server/oom_score.h"
#include "server/server_options.h"
#include "server/shard_loop.h"
#include "server/shard_threads.h"
#include "server/supervision.h"
#include "server/system_disk.h"
#include "server/system_env.h"
#include "server/system_log.h"
#include "server/tls_settings.h"
#include "server/work_thread.h"

namespace torc {

class Server final : public ServerControl {
 public:
  Server();
  ~Server() override;

  // Reads the configuration; the message of an error is for the operator as it is.
  Status Configure(const CommandLine& command_line);
  // Opens log and sockets and serves until it is told to stop. Returns the process's exit code.
  int Run();

  // --- ServerControl ---
  Status Shutdown(const ShutdownRequest& request) override;
  Status RewriteConfig() override;
  void PauseChanged() override;
  void ResetStats() override;
  void Sleep(int64_t duration_us) override;

 private:
  Status Start();
  Status PrepareProcess();
  Status WatchSignals();
  void Accept(Stream stream, Listeners::Kind kind);
  Status StartShards();
  void StartSnapshots();
  // Runs `work` on the first shard's thread with all shards to itself: at once with one shard, else
  // soon. From that thread.
  void RunAlone(std::function<void()> work);
  void OnLoaded(const Status& status);
  void RaiseFileLimit();
  Status LimitClients();
  Status ListenAgain();
  void EverySecond();
  // A script takes long, or a command pauses.
  bool CommandUnderWay() const;
  void RegisterInfo();
  void InfoServer(InfoWriter& out) const;
  void InfoClients(InfoWriter& out);
  void InfoStats(InfoWriter& out);
  void InfoShards(InfoWriter& out);
  void InfoMemory(InfoWriter& out);
  void InfoDebug(InfoWriter& out) const;
  void StartLog();
  void LogStart();
  void LogReady();

  SystemClock clock_;
  SystemEntropy entropy_;
  SystemDisk disk_;
  ServerOptions options_;
  EngineOptions engine_options_;
  SnapshotSettings snapshot_settings_;
  AppendLogOptions append_log_options_;
  ConfigRegistry config_;
  std::unique_ptr<AcceptedConfig> accepted_;
  TlsSettings tls_{config_, [this] { return ListenAgain(); }};
  CommandLine command_line_;
  std::string config_path_;  // absolute; empty without a file
  CommandRegistry commands_;
  CommandRenames renames_{config_, commands_};
  ConfiguredUsers users_{config_,
                         {.users = &engine_options_.access.users,
                          .commands = &commands_,
                          .requirepass = &engine_options_.command.requirepass}};
  TypeTable types_;
  LogFile log_;
  SystemLog system_log_{config_};
  OomScore oom_score_{config_};
  Supervision supervision_{&options_.supervision};
  std::string run_id_;
  int64_t started_ns_ = 0;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<WorkThread> disk_thread_;
  std::unique_ptr<Snapshots> snapshots_;
  std::unique_ptr<ShardLoop> shard_loop_;
  std::unique_ptr<ShardThreads> other_shards_;
  std::vector<ShardLoop*> shard_loops_;  // of all shards, by index
  std::vector<std::unique_ptr<AllClients>> clients_;
  uint64_t last_client_ = 0;
  size_t next_shard_ = 0;
  std::unique_ptr<AppendLog> append_log_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<Timer> every_second_;
  std::vector<SignalWatcher> signals_;
  bool running_ = false;
  std::optional<ShutdownRequest> shutdown_after_command_;  // it came while one was running
  bool failed_ = false;  // something found after the start makes serving impossible
  size_t peak_resident_bytes_ = 0;
};

}  // namespace torc
