#pragma once

// ShardLog: a shard's side of the append-only log: gathers its effects, hands each turn's over, and
// says which replies have to wait for the disk. Costs a branch per turn while there is no log.

#include <cstdint>

#include "command/reply_queue.h"
#include "persist/log_encoder.h"
#include "server/log_thread.h"
#include "store/effects.h"

namespace torc {

class ShardLog {
 public:
  // The feed must outlive this. `shard`: its index.
  ShardLog(EffectFeed* feed, size_t shard) : feed_(feed), shard_(shard) {}

  // From now on effects go to this thread, until Detach. Not within a unit.
  void Attach(LogThread* thread);
  void Detach();
  bool attached() const { return thread_ != nullptr; }

  // At the beginning of a turn. True if replies that were held may leave now.
  bool BeginTurn(UnixMs now);
  // Hands over what the turn has changed so far.
  void HandOver() {
    if (thread_ == nullptr) return;
    if (!channel_->open()->empty()) HandOverBatch();
  }
  const ReleaseHorizon& horizon() const { return horizon_; }

  // What the replies of commands that just ran wait for. Under `always` also those of reads: what
  // they saw may not be durable yet.
  ReleaseCondition Condition(bool touched_keys) {
    if (!holds_) return {};
    const uint64_t position = appended();
    if (position <= horizon_.durable_position || !touched_keys) return {};
    return {ReleaseCondition::Kind::kLogDurable, position};
  }
  // Replies are held: the loop wants to be woken for them.
  void AwaitRelease() {
    if (thread_ != nullptr) thread_->AwaitProgress(shard_);
  }
  // Position, in batches of all shards, of all that has changed so far, and how much of it is
  // durable.
  uint64_t appended() {
    if (thread_ == nullptr) return base_;
    return base_ + thread_->handed() + (channel_->open()->empty() ? 0 : 1);
  }
  // Bytes of all shards that wait for the log's thread.
  uint64_t waiting_bytes() const { return thread_ == nullptr ? 0 : thread_->waiting_bytes(); }
  uint64_t durable() const { return thread_ == nullptr ? base_ : base_ + thread_->durable(); }

 private:
  void HandOverBatch();

  EffectFeed* feed_;
  const size_t shard_;
  LogThread* thread_ = nullptr;
  LogChannel* channel_ = nullptr;  // of the thread
  LogEncoder encoder_;
  ReleaseHorizon horizon_;
  uint64_t base_ = 0;   // batches of the threads before this one
  bool holds_ = false;  // replies wait for the disk
};

}  // namespace torc
