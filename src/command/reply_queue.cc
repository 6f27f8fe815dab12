#include "command/reply_queue.h"

#include "base/check.h"

namespace torc {
namespace {

// Some replies of a pipeline. The memory is held only while one is awaited.
constexpr size_t kArrivedBytesMin = 1000;

}  // namespace

uint64_t ReplyQueue::OpenSlot() {
  if (slots_ == nullptr) {
    slots_ = std::make_unique<Slots>();
    slots_->ready.Swap(bytes_);
  } else {
    slots_->queue.back().condition = slots_->condition;
    slots_->condition = {};
  }
  slots_->queue.push_back({.behind_from = slots_->moved_bytes + bytes_.size(), .condition = {}});
  ++slots_->awaited;
  return first_slot_ + slots_->queue.size() - 1;
}

void ReplyQueue::Fill(uint64_t number, std::string_view reply) {
  TORC_CHECK(
      slots_ != nullptr && number >= first_slot_ && number - first_slot_ < slots_->queue.size(),
      "a reply has a slot");
  const auto index = static_cast<size_t>(number - first_slot_);
  Slot& slot = slots_->queue[index];
  TORC_CHECK(!slot.filled, "a slot is filled once");
  slot.filled = true;
  --slots_->awaited;
  if (index == slots_->first) {
    slots_->ready.Append(reply);
    return Settle();
  }
  if (slots_->arrived.capacity() == 0) slots_->arrived.Reserve(kArrivedBytesMin);
  slot.reply_from = slots_->arrived.size();
  slot.reply_bytes = reply.size();
  slots_->arrived.Append(reply);
  slots_->waiting_bytes += reply.size();
}

void ReplyQueue::JudgeSlots(ReleaseCondition condition) {
  if (condition.kind == ReleaseCondition::Kind::kNone) return;
  for (size_t i = slots_->first; i + 1 < slots_->queue.size(); ++i) {
    Slot& slot = slots_->queue[i];
    if (slot.judged) continue;
    slot.judged = true;
    slot.condition = condition;
  }
  // Positions only grow: what was judged earlier waits a little longer with the rest.
  if (slots_->moved_bytes + bytes_.size() > slots_->queue.back().behind_from) {
    slots_->condition = condition;
  }
}

// The first bytes of bytes_ become ready.
void ReplyQueue::TakeBehind(uint64_t size_bytes, ReleaseCondition condition) {
  if (size_bytes == 0) return;
  Hold(slots_->ready.size(), condition);
  slots_->ready.Append(bytes_.view().substr(0, static_cast<size_t>(size_bytes)));
  bytes_.Consume(static_cast<size_t>(size_bytes));
  slots_->moved_bytes += size_bytes;
}

// The first slot is filled: it, and what follows up to the next that is not, is ready.
void ReplyQueue::Settle() {
  Slots& slots = *slots_;
  while (true) {
    if (slots.first + 1 == slots.queue.size()) return Close();
    const Slot& slot = slots.queue[slots.first];
    const Slot& next = slots.queue[++slots.first];
    TakeBehind(next.behind_from - slot.behind_from, slot.condition);
    if (!next.filled) break;
    slots.waiting_bytes -= next.reply_bytes;
    slots.ready.Append(slots.arrived.view().substr(next.reply_from, next.reply_bytes));
  }
  judged_ = sent_ + slots.ready.size();
  Compact();
}

// All slots are filled, nothing is open any more. What was judged of the tail stays so.
void ReplyQueue::Close() {
  Slots& slots = *slots_;
  const uint64_t unjudged_from = sent_ + slots.ready.size();
  TakeBehind(bytes_.size(), slots.condition);
  judged_ = slots.condition.kind == ReleaseCondition::Kind::kNone ? unjudged_from
                                                                  : sent_ + slots.ready.size();
  bytes_.Swap(slots.ready);
  first_slot_ += slots.queue.size();
  slots_.reset();
}

// A client may go on and on, so that there is always an open slot: what is done with must not pile
// up behind it.
void ReplyQueue::Compact() {
  constexpr size_t kDoneMax = 256;
  constexpr size_t kArrivedBytesMax = 16384;
  Slots& slots = *slots_;
  if (slots.waiting_bytes == 0) slots.arrived.Clear();
  if (slots.first > kDoneMax && slots.first > slots.queue.size() / 2) {
    slots.queue.erase(slots.queue.begin(),
                      slots.queue.begin() + static_cast<std::ptrdiff_t>(slots.first));
    first_slot_ += slots.first;
    slots.first = 0;
  }
  if (slots.arrived.size() <= kArrivedBytesMax + 2 * slots.waiting_bytes) return;
  Buffer kept;
  for (size_t i = slots.first; i < slots.queue.size(); ++i) {
    Slot& slot = slots.queue[i];
    if (slot.reply_bytes == 0) continue;
    const size_t from = kept.size();
    kept.Append(slots.arrived.view().substr(slot.reply_from, slot.reply_bytes));
    slot.reply_from = from;
  }
  slots.arrived.Swap(kept);
}

}  // namespace torc
