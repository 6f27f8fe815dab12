#pragma once

// A stream: entries in the order of their ids, and its consumer groups. No key look-up, no reply.
//
//   closed:  CowTree of {base id, block} ─► block block block …
//   tail:    the block that entries are appended to; it joins the tree when it is full
//   groups:  null while there are none
//
// The tail is outside the tree so that appending touches one block and nothing else, and so that a
// small stream is a record and a block. A clone shares tree, tail and groups: O(1). Blocks are cut
// where Redis cuts its nodes (stream-node-max-bytes, stream-node-max-entries), because approximate
// trimming removes whole ones.
//
// A block is empty only if all its entries were trimmed by an id that is not above the block's
// `last`, which counts entries removed earlier: Redis keeps such a node, and so XINFO counts it.

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/pace.h"
#include "ds/cow_tree.h"
#include "store/value_limits.h"
#include "types/stream/stream_block.h"
#include "types/stream/stream_group.h"
#include "types/stream/stream_id.h"

namespace torc {

struct StreamBlockItem {
  StreamId base;
  StreamBlock* block;
};
struct StreamBlockTraits {
  using Item = StreamBlockItem;
  static uint64_t Weight(const Item& /*item*/) { return 1; }
  static void Retain(const Item& item) { RetainStreamBlock(item.block); }
  static void Release(const Item& item) { ReleaseStreamBlock(item.block); }
};
using StreamBlockTree = CowTree<StreamBlockTraits>;

// What to remove from a stream's front.
struct StreamTrim {
  enum class By : uint8_t { kNothing, kLength, kId };
  By by = By::kNothing;
  bool approximate = false;  // whole blocks only
  uint64_t length_max = 0;   // kLength
  StreamId id_min = {};      // kId
  uint64_t limit = 0;        // at most so many entries; 0: no limit
};

class StreamValue {
 public:
  StreamValue() = default;
  ~StreamValue();
  StreamValue(const StreamValue&) = delete;
  StreamValue& operator=(const StreamValue&) = delete;
  // Another stream with the same content, sharing all of it.
  std::unique_ptr<StreamValue> Clone() const;

  // --- Figures
  uint64_t length() const { return length_; }
  // The id of the first entry; 0-0 if there is none.
  StreamId first_id() const;
  // The id of the last entry that is there; 0-0 if there is none.
  StreamId top_id() const;
  uint64_t block_count() const { return closed_.weight() + (tail_ == nullptr ? 0 : 1); }
  StreamId last_id;         // the greatest id ever given, or set
  StreamId max_deleted_id;  // the greatest ever deleted other than by trimming
  uint64_t entries_added = 0;

  // --- Entries
  // The next id: made from the time, and after all others. Nothing if there is none left.
  std::optional<StreamId> NextId(int64_t now_ms) const;
  // The id to give for one with an open sequence number.
  std::optional<StreamId> CompleteId(const RequestedStreamId& requested) const;
  // The id is greater than last_id, which it becomes.
  void Append(StreamId id, StreamPairs pairs, const ValueLimits& limits);
  bool Contains(StreamId id) const;
  // Removes an entry; false if it is not there. Leaves max_deleted_id alone.
  bool Remove(StreamId id);
  // Returns how many were removed.
  uint64_t Trim(const StreamTrim& trim, Pace& pace);
  // About how many entries that would be: O(log N).
  uint64_t TrimEstimate(const StreamTrim& trim) const;
  uint64_t Trim(const StreamTrim& trim) {
    SteadyPace pace;
    return Trim(trim, pace);
  }

  // --- Groups
  const ConsumerGroups* groups() const { return groups_ ? &*groups_ : nullptr; }
  size_t group_count() const { return groups_ ? groups_->size() : 0; }
  const ConsumerGroup* FindGroup(std::string_view name) const;
  // Null if there is none.
  ConsumerGroup* WriteGroup(std::string_view name);
  bool AddGroup(std::string_view name, StreamId last_id, int64_t entries_read);
  bool RemoveGroup(std::string_view name);

  // --- How far a group has read
  // Whether an entry from this id on may have been deleted.
  bool HasHolesFrom(StreamId id) const;
  // How many entries were added up to this id, it included, if that is known.
  std::optional<uint64_t> CountUpTo(StreamId id) const;
  // How many entries a group has yet to be given, if that is known.
  std::optional<int64_t> LagOf(const ConsumerGroup& group) const;
  // The group is given this entry, which is after all that it had.
  void AdvanceGroup(ConsumerGroup* group, StreamId id) const;

  // --- Memory and persistence
  size_t size_bytes() const;
  // Lets go of about `budget` entries or pending ones; returns whether any are left. Then only this
  // and the destructor may be called.
  bool FreeSome(size_t budget);
  // Takes over a block that was read from a file and comes after all others.
  void AdoptBlock(StreamBlock* block);
  ConsumerGroups& WriteGroups();
  // fn(const StreamBlock&) for all blocks in order.
  template <class Fn>
  void ForEachBlock(Fn&& fn) const {
    closed_.ForEach([&](const StreamBlockItem& item) { fn(*item.block); });
    if (tail_ != nullptr) fn(*tail_);
  }
  // fn(StreamId) for the base of each block in order, without a look at the blocks.
  template <class Fn>
  void ForEachBase(Fn&& fn) const {
    closed_.ForEach([&](const StreamBlockItem& item) { fn(item.base); });
    if (tail_ != nullptr) fn(tail_->base);
  }
  // ForEachBlock in slices, each block let go of behind it (CowTree::DrainSome): whether any are
  // left.
  template <class Fn>
  bool DrainBlocks(size_t blocks_max, Fn&& fn) {
    if (closed_.DrainSome(blocks_max, [&](const StreamBlockItem& item) { fn(*item.block); })) {
      return true;
    }
    if (tail_ != nullptr) {
      fn(*tail_);
      ReleaseStreamBlock(std::exchange(tail_, nullptr));
    }
    return false;
  }
  void CheckInvariants() const;

 private:
  friend class StreamWalk;
  // A block: in the tree, or the tail; or none.
  struct BlockPlace {
    StreamBlockTree::Cursor cursor;
    const StreamBlock* block = nullptr;
    bool in_tail = false;
  };
  // The last block whose base is not after this id.
  BlockPlace SeekBlock(StreamId id) const;
  BlockPlace FirstBlock() const;
  bool NextBlock(BlockPlace& place) const;
  bool PreviousBlock(BlockPlace& place) const;
  template <class Edit>
  void EditBlock(BlockPlace& place, Edit&& edit);
  void RemoveBlock(BlockPlace& place);
  StreamBlock* TakeClosed(StreamBlockTree::Cursor& at);
  void CloseTail();
  void StartBlock(StreamId id, StreamPairs pairs);
  uint64_t TrimFront(BlockPlace& place, const StreamTrim& trim);

  StreamBlockTree closed_;
  size_t closed_block_bytes_ = 0;  // of the blocks there
  StreamBlock* tail_ = nullptr;
  uint64_t length_ = 0;
  Shared<ConsumerGroups> groups_;
  mutable size_t group_bytes_ = 0;  // what the groups took when they were asked; 0: written since
};

// Walks over entries from one end of a range of ids towards the other. O(1) a step. Dies with the
// next write to the stream's entries.
class StreamWalk {
 public:
  enum class Direction : uint8_t { kForward, kBackward };
  // Both bounds belong to the range.
  StreamWalk(const StreamValue& stream, StreamId low, StreamId high,
             Direction direction = Direction::kForward);

  bool AtEnd() const { return !found_; }
  const StreamEntry& entry() const { return entry_; }
  void Next();

 private:
  void Settle();
  void EnterBackward();

  const StreamValue* stream_;
  StreamId low_;
  StreamId high_;
  Direction direction_;
  bool found_ = false;
  StreamValue::BlockPlace place_;
  const char* at_ = nullptr;         // forward: where the next entry begins
  std::vector<const char*> places_;  // backward: of this block's entries not visited yet
  StreamEntry entry_;
};

}  // namespace torc
