#pragma once

// A session's replies on their way out: bytes in the client's order, each reply with the condition
// that releases it (DESIGN §2). Nothing behind a held reply leaves before it. `appendfsync always`,
// WAIT and quorum acknowledgements are all this one mechanism.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "base/buffer.h"

namespace torc {

// What must have happened before a reply may leave.
struct ReleaseCondition {
  enum class Kind : uint8_t { kNone, kLogDurable, kCommitted };
  Kind kind = Kind::kNone;
  uint64_t position = 0;  // log position, or commit index
};

// How far the outside has come: conditions up to these positions are met.
struct ReleaseHorizon {
  uint64_t durable_position = 0;
  uint64_t commit_index = 0;

  bool Meets(const ReleaseCondition& condition) const {
    switch (condition.kind) {
      case ReleaseCondition::Kind::kNone:
        return true;
      case ReleaseCondition::Kind::kLogDurable:
        return durable_position >= condition.position;
      case ReleaseCondition::Kind::kCommitted:
        return commit_index >= condition.position;
    }
    return false;
  }
};

class ReplyQueue {
 public:
  // Where replies are written: append only.
  Buffer& bytes() { return bytes_; }
  const Buffer& bytes() const { return bytes_; }

  // Holds what was appended behind `from`, an offset into bytes(), until the condition is met.
  void Hold(size_t from, ReleaseCondition condition) {
    if (condition.kind == ReleaseCondition::Kind::kNone) return;
    if (holds_ == nullptr) holds_ = std::make_unique<std::deque<HeldReply>>();
    holds_->push_back({sent_ + from, condition});
  }
  // Holds what was appended since the last call.
  void HoldNew(ReleaseCondition condition) {
    const uint64_t end = sent_ + bytes_.size();
    const uint64_t from = std::max(judged_, sent_);
    judged_ = end;
    if (from < end) Hold(static_cast<size_t>(from - sent_), condition);
  }
  // How many bytes at the front may be sent now.
  size_t ReadyBytes(const ReleaseHorizon& horizon) {
    if (holds_ == nullptr) [[likely]]
      return bytes_.size();
    while (!holds_->empty() && horizon.Meets(holds_->front().condition)) holds_->pop_front();
    if (!holds_->empty()) return static_cast<size_t>(holds_->front().offset - sent_);
    holds_.reset();
    return bytes_.size();
  }
  // The first `size_bytes` bytes have been sent.
  void Consume(size_t size_bytes) {
    bytes_.Consume(size_bytes);
    sent_ += size_bytes;
  }
  // The first `size_bytes` bytes as a buffer of their own; they count as sent.
  Buffer Take(size_t size_bytes) {
    Buffer out;
    if (size_bytes == bytes_.size()) {
      out.Swap(bytes_);
      sent_ += size_bytes;
      return out;
    }
    out.Append(bytes_.view().substr(0, size_bytes));
    Consume(size_bytes);
    return out;
  }
  bool empty() const { return bytes_.empty(); }
  bool held() const { return holds_ != nullptr; }

 private:
  struct HeldReply {
    uint64_t offset;  // in the stream of all bytes ever appended
    ReleaseCondition condition;
  };
  Buffer bytes_;
  uint64_t sent_ = 0;
  uint64_t judged_ = 0;                           // up to here HoldNew has come
  std::unique_ptr<std::deque<HeldReply>> holds_;  // null while nothing is held
};

}  // namespace torc
