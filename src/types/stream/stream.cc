#include "types/stream/stream.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {

StreamValue::~StreamValue() {
  if (tail_ != nullptr) ReleaseStreamBlock(tail_);
}

std::unique_ptr<StreamValue> StreamValue::Clone() const {
  auto clone = std::make_unique<StreamValue>();
  clone->closed_ = closed_.Clone();
  clone->closed_block_bytes_ = closed_block_bytes_;
  clone->tail_ = tail_;
  if (tail_ != nullptr) RetainStreamBlock(tail_);
  clone->length_ = length_;
  clone->groups_ = groups_;
  clone->last_id = last_id;
  clone->max_deleted_id = max_deleted_id;
  clone->entries_added = entries_added;
  return clone;
}

StreamId StreamValue::first_id() const {
  const StreamWalk walk(*this, kStreamIdMin, kStreamIdMax);
  return walk.AtEnd() ? StreamId{} : walk.entry().id();
}

StreamId StreamValue::top_id() const {
  const StreamWalk walk(*this, kStreamIdMin, kStreamIdMax, StreamWalk::Direction::kBackward);
  return walk.AtEnd() ? StreamId{} : walk.entry().id();
}

// --- Blocks

StreamValue::BlockPlace StreamValue::SeekBlock(StreamId id) const {
  BlockPlace place;
  if (tail_ != nullptr && tail_->base <= id) {
    place.block = tail_;
    place.in_tail = true;
    return place;
  }
  place.cursor = closed_.LowerBound([id](const StreamBlockItem& item) { return item.base <= id; });
  if (closed_.Prev(place.cursor)) place.block = place.cursor.item().block;
  return place;
}

StreamValue::BlockPlace StreamValue::FirstBlock() const {
  BlockPlace place;
  if (!closed_.empty()) {
    place.cursor = closed_.Begin();
    place.block = place.cursor.item().block;
  } else if (tail_ != nullptr) {
    place.block = tail_;
    place.in_tail = true;
  }
  return place;
}

bool StreamValue::NextBlock(BlockPlace& place) const {
  if (place.in_tail) return false;
  if (closed_.Next(place.cursor)) {
    place.block = place.cursor.item().block;
  } else {
    place.block = tail_;
    place.in_tail = true;
  }
  return true;
}

bool StreamValue::PreviousBlock(BlockPlace& place) const {
  if (place.in_tail) {
    if (closed_.empty()) return false;
    place.cursor = closed_.At(closed_.weight() - 1);
    place.in_tail = false;
  } else if (!closed_.Prev(place.cursor)) {
    return false;
  }
  place.block = place.cursor.item().block;
  return true;
}

// Runs edit(StreamBlock*) on a block that is this stream's own; the place stays valid.
template <class Edit>
void StreamValue::EditBlock(BlockPlace& place, Edit&& edit) {
  if (place.in_tail) {
    tail_ = OwnStreamBlock(tail_);
    edit(tail_);
    place.block = tail_;
    return;
  }
  // Out of the tree while it is written: if the tree's leaf was shared, the block is too.
  StreamBlockItem item = closed_.Replace(place.cursor, {place.block->base, nullptr});
  closed_block_bytes_ -= StreamBlockBytes(*item.block);
  item.block = OwnStreamBlock(item.block);
  edit(item.block);
  closed_block_bytes_ += StreamBlockBytes(*item.block);
  place.block = item.block;
  closed_.Replace(place.cursor, item);
}

// The last block is the tail, so the one before it becomes the tail when that goes.
void StreamValue::RemoveBlock(BlockPlace& place) {
  if (!place.in_tail) return ReleaseStreamBlock(TakeClosed(place.cursor));
  ReleaseStreamBlock(std::exchange(tail_, nullptr));
  if (closed_.empty()) return;
  StreamBlockTree::Cursor last = closed_.At(closed_.weight() - 1);
  tail_ = TakeClosed(last);
}

StreamBlock* StreamValue::TakeClosed(StreamBlockTree::Cursor& at) {
  StreamBlock* const block = closed_.Erase(at).block;
  closed_block_bytes_ -= StreamBlockBytes(*block);
  return block;
}

// The tail is full: it goes to the others.
void StreamValue::CloseTail() {
  StreamBlockTree::Cursor end = closed_.End();
  closed_.Insert(end, {tail_->base, tail_});
  closed_block_bytes_ += StreamBlockBytes(*tail_);
}

void StreamValue::StartBlock(StreamId id, StreamPairs pairs) {
  if (tail_ != nullptr) {
    if (ShareCount::IsOne(tail_->refs)) tail_ = ShrinkStreamBlock(tail_);
    CloseTail();
  }
  tail_ = NewStreamBlock(id, pairs);
}

void StreamValue::AdoptBlock(StreamBlock* block) {
  if (tail_ != nullptr) CloseTail();
  tail_ = block;
  length_ += block->live;
}

// --- Entries

std::optional<StreamId> StreamValue::NextId(int64_t now_ms) const {
  const auto ms = static_cast<uint64_t>(now_ms);
  if (ms > last_id.ms) return StreamId{ms, 0};
  return NextStreamId(last_id);
}

std::optional<StreamId> StreamValue::CompleteId(const RequestedStreamId& requested) const {
  if (requested.seq_given || requested.id.ms != last_id.ms) return requested.id;
  if (last_id.seq == UINT64_MAX) return std::nullopt;
  return StreamId{last_id.ms, last_id.seq + 1};
}

void StreamValue::Append(StreamId id, StreamPairs pairs, const ValueLimits& limits) {
  TORC_DCHECK(id > last_id, "ids grow");
  size_t bytes = 0;
  for (const std::string_view text : pairs) bytes += text.size();
  if (tail_ == nullptr || StreamBlockIsFull(*tail_, bytes, limits)) {
    StartBlock(id, pairs);
  } else {
    tail_ = OwnStreamBlock(tail_);
  }
  tail_ = AppendToStreamBlock(tail_, id, pairs);
  last_id = id;
  ++length_;
  ++entries_added;
}

bool StreamValue::Contains(StreamId id) const {
  const StreamWalk walk(*this, id, id);
  return !walk.AtEnd();
}

bool StreamValue::Remove(StreamId id) {
  BlockPlace place = SeekBlock(id);
  if (place.block == nullptr) return false;
  const char* const at = SeekInStreamBlock(*place.block, id);
  if (at == place.block->end() || StreamEntry(*place.block, at).id() != id) return false;
  const ptrdiff_t offset = at - place.block->bytes();
  --length_;
  if (place.block->live == 1) {
    RemoveBlock(place);
    return true;
  }
  EditBlock(place, [offset](StreamBlock* block) {
    EraseFromStreamBlock(block, StreamEntry(*block, block->bytes() + offset));
  });
  return true;
}

// Removes what of the first block must go when not all of it does.
uint64_t StreamValue::TrimFront(BlockPlace& place, const StreamTrim& trim) {
  uint64_t count = 0;
  const char* at = place.block->begin();
  while (at != place.block->end()) {
    const StreamEntry entry(*place.block, at);
    const bool stays = trim.by == StreamTrim::By::kLength ? length_ - count <= trim.length_max
                                                          : entry.id() >= trim.id_min;
    if (stays) break;
    ++count;
    at = entry.end();
  }
  if (count == 0) return 0;
  const ptrdiff_t offset = at - place.block->bytes();
  EditBlock(place, [&](StreamBlock* block) {
    EraseFrontOfStreamBlock(block, block->bytes() + offset, static_cast<uint32_t>(count));
  });
  length_ -= count;
  return count;
}

uint64_t StreamValue::Trim(const StreamTrim& trim, Pace& pace) {
  constexpr uint64_t kUnitsPerBlock = 20;
  if (trim.by == StreamTrim::By::kNothing) return 0;
  const bool by_length = trim.by == StreamTrim::By::kLength;
  uint64_t removed = 0;
  for (BlockPlace place = FirstBlock(); place.block != nullptr; place = FirstBlock()) {
    if (by_length && length_ <= trim.length_max) break;
    const uint64_t live = place.block->live;
    if (trim.limit != 0 && removed + live > trim.limit) break;
    const bool whole =
        by_length ? length_ - live >= trim.length_max : place.block->last < trim.id_min;
    if (!whole) {
      if (!trim.approximate) removed += TrimFront(place, trim);
      break;
    }
    length_ -= live;
    removed += live;
    RemoveBlock(place);
    pace.Step(kUnitsPerBlock);
  }
  return removed;
}

uint64_t StreamValue::TrimEstimate(const StreamTrim& trim) const {
  uint64_t count = 0;
  if (trim.by == StreamTrim::By::kLength) {
    count = length_ - std::min(length_, trim.length_max);
  } else if (trim.by == StreamTrim::By::kId) {
    const uint64_t blocks_before = closed_.PositionOf(
        closed_.LowerBound([&](const StreamBlockItem& item) { return item.base < trim.id_min; }));
    count = length_ / (closed_.weight() + 1) * blocks_before;
  }
  return trim.limit == 0 ? count : std::min(count, trim.limit);
}

size_t StreamValue::size_bytes() const {
  static const size_t kBoxBytes = AllocationSize(sizeof(StreamValue));
  size_t total = kBoxBytes + closed_.size_bytes() + closed_block_bytes_;
  if (tail_ != nullptr) total += StreamBlockBytes(*tail_);
  if (!groups_) return total;
  if (group_bytes_ == 0) {
    group_bytes_ = AllocationSize(Shared<ConsumerGroups>::kBytes) + groups_->size_bytes();
  }
  return total + group_bytes_;
}

bool StreamValue::FreeSome(size_t budget) {
  constexpr size_t kEntriesABlock = 16;
  if (closed_.FreeSome(budget / kEntriesABlock + 1)) return true;
  if (groups_ && groups_.Write().FreeSome(budget)) return true;
  groups_ = {};
  return false;
}

void StreamValue::CheckInvariants() const {
  closed_.CheckInvariants();
  TORC_CHECK(tail_ != nullptr || closed_.empty(), "the last block is the tail");
  uint64_t live = 0;
  std::optional<StreamId> before;
  ForEachBlock([&](const StreamBlock& block) {
    uint32_t count = 0;
    for (const char* at = block.begin(); at != block.end(); ++count) {
      const StreamEntry entry(block, at);
      TORC_CHECK(entry.id() >= block.base && entry.id() <= block.last, "an entry is in its block");
      TORC_CHECK(!before || *before < entry.id(), "ids grow");
      before = entry.id();
      at = entry.end();
    }
    TORC_CHECK(count == block.live, "a block knows how many entries it has");
    live += count;
  });
  TORC_CHECK(live == length_, "a stream knows its length");
  TORC_CHECK(!before || *before <= last_id, "no id is greater than the last");
  size_t closed_bytes = 0;
  closed_.ForEach(
      [&](const StreamBlockItem& item) { closed_bytes += StreamBlockBytes(*item.block); });
  TORC_CHECK(closed_bytes == closed_block_bytes_, "the bytes of all blocks are counted");
  for (size_t i = 0; i < group_count(); ++i) (*groups_)[i].CheckInvariants();
  if (group_bytes_ != 0) {
    TORC_CHECK(
        group_bytes_ == AllocationSize(Shared<ConsumerGroups>::kBytes) + groups_->size_bytes(),
        "the bytes of all groups are known, or that they are not");
  }
}

// --- Walks

StreamWalk::StreamWalk(const StreamValue& stream, StreamId low, StreamId high, Direction direction)
    : stream_(&stream), low_(low), high_(high), direction_(direction) {
  if (low > high) return;
  if (direction == Direction::kForward) {
    place_ = stream.SeekBlock(low);
    if (place_.block == nullptr) place_ = stream.FirstBlock();
    if (place_.block == nullptr) return;
    at_ = SeekInStreamBlock(*place_.block, low);
  } else {
    place_ = stream.SeekBlock(high);
    if (place_.block == nullptr) return;
    EnterBackward();
  }
  Settle();
}

void StreamWalk::EnterBackward() {
  PlacesInStreamBlock(*place_.block, &places_);
  while (!places_.empty() && StreamEntry(*place_.block, places_.back()).id() > high_) {
    places_.pop_back();
  }
}

// Finds the entry that comes next, through blocks that have none, and whether it is in the range.
void StreamWalk::Settle() {
  found_ = false;
  if (direction_ == Direction::kForward) {
    while (at_ == place_.block->end()) {
      if (!stream_->NextBlock(place_)) return;
      at_ = place_.block->begin();
    }
    entry_ = StreamEntry(*place_.block, at_);
    found_ = entry_.id() <= high_;
    return;
  }
  while (places_.empty()) {
    if (!stream_->PreviousBlock(place_)) return;
    EnterBackward();
  }
  entry_ = StreamEntry(*place_.block, places_.back());
  found_ = entry_.id() >= low_;
}

void StreamWalk::Next() {
  if (direction_ == Direction::kForward) {
    at_ = entry_.end();
  } else {
    places_.pop_back();
  }
  Settle();
}

}  // namespace torc
