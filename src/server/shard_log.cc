#include "server/shard_log.h"

#include <limits>

namespace torc {

void ShardLog::Attach(LogThread* thread) {
  thread_ = thread;
  channel_ = &thread->channel(shard_);
  encoder_.SetTarget(channel_->open());
  feed_->Add(&encoder_);
}

void ShardLog::Detach() {
  if (thread_ == nullptr) return;
  feed_->Remove(&encoder_);
  encoder_.SetTarget(nullptr);
  base_ = appended();
  thread_ = nullptr;
  channel_ = nullptr;
  holds_ = false;
  horizon_.durable_position = std::numeric_limits<uint64_t>::max();
}

bool ShardLog::BeginTurn(UnixMs now) {
  const uint64_t before = horizon_.durable_position;
  if (thread_ == nullptr) {
    horizon_.durable_position = std::numeric_limits<uint64_t>::max();
    return before != horizon_.durable_position;
  }
  encoder_.SetNow(now);
  const bool always = thread_->policy() == FsyncPolicy::kAlways;
  // On a full disk or a broken one reads go on, although what they see is not durable.
  holds_ = always && thread_->state() == LogState::kWriting;
  horizon_.durable_position = always ? base_ + thread_->durable() : appended();
  return horizon_.durable_position > before;
}

void ShardLog::HandOverBatch() {
  thread_->HandOver(shard_);
  encoder_.SetTarget(channel_->open());
}

}  // namespace torc
