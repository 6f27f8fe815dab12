#include "command/reply_queue.h"

#include "base/check.h"

namespace torc {

uint64_t ReplyQueue::OpenSlot() {
  if (slots_ == nullptr) {
    slots_ = std::make_unique<Slots>();
    slots_->ready.Swap(bytes_);
  } else {
    Slot& last = slots_->queue.back();
    slots_->waiting_bytes += bytes_.size();
    last.behind.Swap(bytes_);
    last.condition = slots_->condition;
    slots_->condition = {};
  }
  slots_->queue.emplace_back();
  ++slots_->awaited;
  return first_slot_ + slots_->queue.size() - 1;
}

void ReplyQueue::Fill(uint64_t number, std::string_view reply) {
  TORC_CHECK(
      slots_ != nullptr && number >= first_slot_ && number - first_slot_ < slots_->queue.size(),
      "a reply has a slot");
  Slot& slot = slots_->queue[static_cast<size_t>(number - first_slot_)];
  TORC_CHECK(!slot.filled, "a slot is filled once");
  slot.filled = true;
  --slots_->awaited;
  if (static_cast<size_t>(number - first_slot_) == slots_->first) {
    slots_->ready.Append(reply);
    return Settle();
  }
  slot.reply.Append(reply);
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
  if (!bytes_.empty()) slots_->condition = condition;
}

// The first slot is filled: it, and what follows up to the next that is not, is ready.
void ReplyQueue::Settle() {
  Slots& slots = *slots_;
  const auto append = [this, &slots](const Buffer& bytes, ReleaseCondition condition) {
    if (bytes.empty()) return;
    Hold(slots.ready.size(), condition);
    slots.ready.Append(bytes.view());
  };
  while (true) {
    const Slot& slot = slots.queue[slots.first];
    if (slots.first + 1 == slots.queue.size()) {
      // The last: nothing is open any more. What was judged of its tail stays so.
      const uint64_t unjudged_from = sent_ + slots.ready.size();
      append(bytes_, slots.condition);
      judged_ = slots.condition.kind == ReleaseCondition::Kind::kNone ? unjudged_from
                                                                      : sent_ + slots.ready.size();
      bytes_.Swap(slots.ready);
      first_slot_ += slots.queue.size();
      slots_.reset();
      return;
    }
    slots.waiting_bytes -= slot.behind.size();
    append(slot.behind, slot.condition);
    ++slots.first;
    Slot& next = slots.queue[slots.first];
    if (!next.filled) break;
    slots.waiting_bytes -= next.reply.size();
    slots.ready.Append(next.reply.view());
    next.reply.Release();
  }
  judged_ = sent_ + slots.ready.size();
}

}  // namespace torc
