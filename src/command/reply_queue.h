#pragma once

// A session's replies on their way out: bytes in the client's order, each reply with the condition
// that releases it (DESIGN §2). Nothing behind a held reply leaves before it. `appendfsync always`,
// WAIT and quorum acknowledgements are all this one mechanism.
//
// A reply that another shard will give gets a slot at its place; what is written meanwhile goes
// behind it. So a pipeline that is split over shards is answered in the order it was sent in.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

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
  // What leaves next: the same, unless a slot is open.
  Buffer& front() { return slots_ == nullptr ? bytes_ : slots_->ready; }
  const Buffer& front() const { return slots_ == nullptr ? bytes_ : slots_->ready; }

  // Holds what was appended behind `from`, an offset into front(), until the condition is met.
  void Hold(size_t from, ReleaseCondition condition) {
    if (condition.kind == ReleaseCondition::Kind::kNone) return;
    if (holds_ == nullptr) holds_ = std::make_unique<std::deque<HeldReply>>();
    holds_->push_back({sent_ + from, condition});
  }
  // Holds what was appended since the last call.
  void HoldNew(ReleaseCondition condition) {
    const uint64_t end = sent_ + front().size();
    const uint64_t from = std::max(judged_, sent_);
    judged_ = end;
    if (from < end) Hold(static_cast<size_t>(from - sent_), condition);
    if (slots_ != nullptr) JudgeSlots(condition);
  }
  // How many bytes at the front may be sent now.
  size_t ReadyBytes(const ReleaseHorizon& horizon) {
    if (holds_ == nullptr) [[likely]]
      return front().size();
    while (!holds_->empty() && horizon.Meets(holds_->front().condition)) holds_->pop_front();
    if (!holds_->empty()) return static_cast<size_t>(holds_->front().offset - sent_);
    holds_.reset();
    return front().size();
  }
  // The first `size_bytes` bytes have been sent.
  void Consume(size_t size_bytes) {
    front().Consume(size_bytes);
    sent_ += size_bytes;
  }
  // The first `size_bytes` bytes as a buffer of their own; they count as sent.
  Buffer Take(size_t size_bytes) {
    Buffer out;
    Buffer& bytes = front();
    if (size_bytes == bytes.size()) {
      out.Swap(bytes);
      sent_ += size_bytes;
      return out;
    }
    out.Append(bytes.view().substr(0, size_bytes));
    Consume(size_bytes);
    return out;
  }
  bool empty() const { return bytes_.empty() && slots_ == nullptr; }
  bool held() const { return holds_ != nullptr; }
  // Bytes that have not been sent, held ones and those behind open slots included.
  size_t pending_bytes() const {
    return bytes_.size() + (slots_ == nullptr ? 0 : slots_->ready.size() + slots_->waiting_bytes);
  }

  // --- Slots
  // A reply's place: what is appended from now on comes behind it. Returns its number.
  uint64_t OpenSlot();
  // The slot's reply has come.
  void Fill(uint64_t number, std::string_view reply);
  // Replies that have not come.
  size_t awaited() const { return slots_ == nullptr ? 0 : slots_->awaited; }

 private:
  struct HeldReply {
    uint64_t offset;  // in the stream of all bytes ever appended
    ReleaseCondition condition;
  };
  struct Slot {
    // Where, of all that was appended to bytes_, begins what stands between this slot and the next.
    uint64_t behind_from = 0;
    size_t reply_from = 0;  // in `arrived`, once it is filled
    size_t reply_bytes = 0;
    bool filled = false;
    bool judged = false;  // `condition` is what stands behind it waits for
    ReleaseCondition condition;
  };
  // From the first slot that is not filled on. What was appended behind it is in bytes_.
  struct Slots {
    Buffer ready;    // what comes before the first slot
    Buffer arrived;  // replies that came before one in front of them
    std::vector<Slot> queue;
    size_t first = 0;  // of queue: those before are gone
    size_t awaited = 0;
    size_t waiting_bytes = 0;    // of `arrived`, as far as still wanted
    uint64_t moved_bytes = 0;    // from bytes_ to `ready`
    ReleaseCondition condition;  // what is behind the last slot waits for, as far as it was judged
  };
  void JudgeSlots(ReleaseCondition condition);
  void Settle();
  void TakeBehind(uint64_t size_bytes, ReleaseCondition condition);
  void Close();
  void Compact();

  Buffer bytes_;
  uint64_t sent_ = 0;
  uint64_t judged_ = 0;                           // up to here HoldNew has come
  uint64_t first_slot_ = 0;                       // number of the first of slots_->queue
  std::unique_ptr<std::deque<HeldReply>> holds_;  // null while nothing is held
  std::unique_ptr<Slots> slots_;                  // null while no slot is open
};

}  // namespace torc
