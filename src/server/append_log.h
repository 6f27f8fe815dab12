#pragma once

// AppendLog: the append-only log of the process, on the shard's thread: loads it at start, switches
// it on and off, tells commands how it is, and rewrites it. The files are LogDirectory's, which the
// log's thread works on while there is one.
//
// A rewrite goes on in a new increment and takes a snapshot at the same instant; when the snapshot
// is durable it becomes the base, and everything older is deleted. Nothing waits for it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "command/persistence.h"
#include "engine/background_work.h"
#include "engine/snapshots.h"
#include "net/event_loop.h"
#include "persist/log_directory.h"
#include "persist/snapshot_job.h"
#include "persist/work_queue.h"
#include "server/append_log_options.h"
#include "server/log_loader.h"
#include "server/log_thread.h"
#include "server/shard_loop.h"
#include "torc/env.h"

namespace torc {

class AppendLog final : public LogControl, public BackgroundWork {
 public:
  struct Parts {
    const AppendLogOptions* options;
    Disk* disk;
    Clock* clock;
    Entropy* entropy;
    EventLoop* loop;
    Shard* shard;
    const std::vector<ShardLoop*>* shard_loops;  // of all shards, by index
    Snapshots* snapshots;
    WorkQueue* queue;
    // Runs what came back from another thread between commands, with all shards to itself.
    std::function<void(std::function<void()>)> run_alone;
    // Called from a turn when what BeginLoad began has come to its end.
    std::function<void(const Status&)> loaded;
  };
  // All parts must outlive it.
  explicit AppendLog(Parts parts);
  ~AppendLog() override;
  AppendLog(const AppendLog&) = delete;
  AppendLog& operator=(const AppendLog&) = delete;

  // At start, if the log is switched on: takes the directory and begins to load.
  Status BeginLoad();
  bool loading() const { return loader_ != nullptr; }
  // CONFIG SET appendonly, appendfsync.
  Status Switch();
  Status ApplyPolicy();
  // Writes and syncs what is left; nothing is logged any more.
  void Close();
  // So long the log's thread has been writing.
  uint64_t write_us() const { return thread_ == nullptr ? 0 : thread_->figures().write_us.load(); }

  // --- BackgroundWork ---
  bool Step() override;
  bool HasStep() const override;
  void EveryTick() override;

  // --- LogControl ---
  bool enabled() const override { return thread_ != nullptr; }
  void WriteInfo(InfoWriter& out) const override;
  StatusOr<std::string> Rewrite(BackgroundStart start) override;
  uint64_t Appended() override;
  uint64_t Durable() override;
  void RequestSync() override;
  Status ReloadNow() override;

 private:
  // A rewrite under way. What the log's thread has found out comes back by a posted call.
  struct Rewriting {
    std::unique_ptr<SnapshotJob> job;
    uint64_t first_kept = 0;  // increment that goes on behind the snapshot
    bool rotated = false;
    bool adopting = false;
    Status failure;
    int64_t began_ms = 0;
    uint64_t number = 0;  // tells a late answer to an earlier one apart
  };

  bool LoadSlice();
  void Look();
  // Tells the latency monitor of the log's thread: its slow writes, and with `always` its syncs,
  // hold replies back. Redis's events that this log cannot have: aof-write-pending-fsync (a sync
  // does not stop who writes), aof-fstat, aof-rename.
  void NoteLatency();
  bool LookIsDue() const;
  void SetTrouble(LogState state);
  Status OpenDirectory();
  // Goes on in the last increment, or in a first one.
  Status BeginWriting();
  Status StartThread(std::unique_ptr<File> file, LogFileState state);
  void FinishLoading(const Status& status);

  // --- Rewriting (append_log_rewrite.cc) ---
  Status BeginRewrite();
  void RotateIncrement();
  bool StepRewrite();
  void AdoptBase();
  void FinishRewrite(const Status& status);
  void CancelRewrite();
  void DeleteHistory(std::vector<std::string> paths);
  bool RewriteIsDue() const;
  // Runs `work` where the directory is worked on, and `then` on this thread with what it answers.
  void OnLogThread(std::function<Status(LogDirectory&, LogWriter*)> work,
                   std::function<void(const Status&)> then);
  uint64_t CurrentBytes() const;
  void WriteLoadInfo(InfoWriter& out) const;

  ShardLog& FirstLog() const { return parts_.shard_loops->front()->log(); }
  // All that has changed so far is before what comes.
  void HandOverAll();
  void ReleaseOrDrop(bool complete);
  void RetryDeferred();

  Parts parts_;
  std::unique_ptr<LogDirectory> directory_;
  std::unique_ptr<LogLoader> loader_;
  std::unique_ptr<LogThread> thread_;
  std::unique_ptr<Rewriting> rewriting_;
  std::string trouble_;  // the error that writes get; the gate views it
  LogState told_state_ = LogState::kWriting;
  bool load_failed_ = false;  // the last one
  bool needs_base_ = false;   // switched on: what is logged stands on nothing yet
  bool scheduled_ = false;    // a rewrite, behind the snapshot under way
  bool last_rewrite_ok_ = true;
  int64_t last_rewrite_s_ = -1;
  int64_t last_try_ms_ = 0;
  uint64_t rewrites_ = 0;
  uint64_t rewrites_begun_ = 0;
  uint64_t failures_in_row_ = 0;
  uint64_t base_bytes_ = 0;        // of the last base
  uint64_t earlier_bytes_ = 0;     // of base and increments, but for the one being written
  uint64_t bytes_at_rewrite_ = 0;  // CurrentBytes after the last one, or at start
};

}  // namespace torc
