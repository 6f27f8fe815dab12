#pragma once

// LogThread: the one thread that writes and syncs the append-only log (DESIGN §5). It takes what
// the shards have handed over, in the order of its numbers, writes it with one call, and syncs as
// the policy says:
//
//   always     after each write: one fsync for all that gathered while the last one ran
//   everysec   once a second
//   no         never: the kernel does, in its own time
//
// Unless the policy is `always`, it rests a moment after each write, so that a busy server does not
// pay for a wake-up and a write per turn.
//
// A full disk is tried again until there is room. A failed fsync ends the log for good.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "persist/log_writer.h"
#include "server/log_channel.h"
#include "torc/env.h"

namespace torc {

enum class FsyncPolicy : int { kNo, kAlways, kEverySecond };

enum class LogState : uint8_t {
  kWriting,
  kFull,    // what was handed over last could not be written yet; it is tried again
  kFailed,  // nothing is written any more
};

class LogThread {
 public:
  // `writer` is open; `wake` is called on this thread when something that a shard's AwaitProgress
  // asked for has come, or, for the first shard, the state has changed. The clock must outlive the
  // thread.
  LogThread(std::unique_ptr<LogWriter> writer, FsyncPolicy policy, Clock* clock, size_t shard_count,
            std::function<void(size_t shard)> wake);
  ~LogThread();
  LogThread(const LogThread&) = delete;
  LogThread& operator=(const LogThread&) = delete;

  // --- A shard's thread, for that shard ---
  LogChannel& channel(size_t shard) { return *channels_[shard]; }
  // Hands the open batch over, unless it is empty.
  void HandOver(size_t shard);
  // The next progress, of whatever kind, calls `wake`.
  void AwaitProgress(size_t shard) { awaited_[shard].store(true); }

  // --- The thread that has all shards to itself ---
  // Writes and syncs what is left and ends the thread; false if something could not be.
  bool Stop();
  // Runs `task` on the log's thread behind everything handed over so far, all of it written.
  void RunInOrder(std::function<void(LogWriter&)> task);
  void SetPolicy(FsyncPolicy policy);
  FsyncPolicy policy() const { return policy_.load(std::memory_order_relaxed); }
  // While set, `everysec` and `no` do not sync (no-appendfsync-on-rewrite).
  void SuspendSync(bool suspended) { sync_suspended_.store(suspended); }
  // The next batch taken calls `wake`.
  void AwaitRoom() { room_awaited_.store(true); }
  // Someone needs what was handed over so far to be durable, whatever the policy.
  void RequestSync();

  // --- Any thread ---
  // Batches that were handed over, by all shards, and how many of them are on disk for good.
  uint64_t handed() const { return numbers_.load(std::memory_order_acquire); }
  uint64_t durable() const { return durable_.load(std::memory_order_acquire); }
  // Bytes that wait for this thread.
  uint64_t waiting_bytes() const { return handed_bytes_.load() - taken_bytes_.load(); }
  LogState state() const { return state_.load(std::memory_order_acquire); }
  // Why the state is what it is, for a person.
  std::string trouble() const;
  struct Figures {
    std::atomic<uint64_t> writes{0};
    std::atomic<uint64_t> write_us{0};
    std::atomic<uint64_t> syncs{0};
    std::atomic<uint64_t> delayed_syncs{0};  // took so long that the next was overdue
    std::atomic<uint64_t> pending_syncs{0};
    std::atomic<uint64_t> file_bytes{0};
    std::atomic<uint64_t> unwritten_bytes{0};
    std::atomic<uint64_t> position{0};
    std::atomic<int64_t> slowest_sync_us{0};
    // Since TakeLongest.
    std::atomic<int64_t> longest_write_us{0};
    std::atomic<int64_t> longest_sync_us{0};
  };
  const Figures& figures() const { return figures_; }
  struct Longest {
    int64_t write_us;
    int64_t sync_us;
  };
  // The longest call of each kind since this was asked last.
  Longest TakeLongest() {
    return {figures_.longest_write_us.exchange(0), figures_.longest_sync_us.exchange(0)};
  }

 private:
  struct Task {
    uint64_t behind;  // runs once so many batches have been taken
    std::function<void(LogWriter&)> run;
  };

  void Main();
  // Takes, writes, syncs. True if there was anything to do.
  bool Turn();
  bool TakeBatches(uint64_t until);
  // The channel whose front is the next in order; null if it is not there yet.
  LogChannel* NextChannel();
  bool Write();
  bool SyncIsDue() const;
  bool Sync();
  bool RunNextTask();
  void Rest(bool worked);
  void Enter(LogState state, const Status& why);
  void Wake();
  void Notify();
  std::optional<uint64_t> NextTaskBehind() const;

  std::unique_ptr<LogWriter> writer_;
  Clock* clock_;
  std::function<void(size_t)> wake_;
  std::vector<std::unique_ptr<LogChannel>> channels_;  // by shard
  std::vector<std::atomic<bool>> awaited_;             // by shard
  std::atomic<uint64_t> numbers_{0};                   // of the next batch handed over
  std::atomic<uint64_t> handed_bytes_{0};
  std::atomic<uint64_t> taken_bytes_{0};
  std::atomic<FsyncPolicy> policy_;
  std::atomic<bool> sync_suspended_{false};
  std::atomic<bool> sync_requested_{false};
  std::atomic<bool> room_awaited_{false};
  std::atomic<bool> sleeping_{false};
  std::atomic<bool> has_tasks_{false};
  std::atomic<uint64_t> durable_{0};
  std::atomic<LogState> state_{LogState::kWriting};
  Figures figures_;

  // The log's thread's own.
  uint64_t taken_ = 0;    // batches
  uint64_t written_ = 0;  // of these
  int64_t last_sync_ns_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;  // guarded by mutex_
  std::string trouble_;     // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  bool notified_ = false;   // guarded by mutex_
  std::thread thread_;
};

}  // namespace torc
