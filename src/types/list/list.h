#pragma once

// List values: how an entry holds one, and all that is done to one. No key look-up, no reply.
//
//   kListpack   the entry's box is one ListBlock
//   kQuicklist  the box is a LargeList: a CowTree of ListBlocks of a few KiB
//   (list-max-listpack-size), each weighing
//               as many as it has elements
//
// Both are shared between a list and its copies until one of them is written: copying is O(1). The
// names and the sizes at which one becomes the other are Redis's: OBJECT ENCODING shows them. So
// are the sizes of blocks and how they split and merge, as a large list becomes small again only
// when a single block is left.
//
// list-compress-depth is taken and does nothing: blocks are not compressed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/pace.h"
#include "base/share_count.h"
#include "ds/cow_tree.h"
#include "ds/listpack.h"
#include "store/entry.h"
#include "store/keyspace.h"
#include "types/list/list_block.h"

namespace torc {

enum class ListEncoding : uint8_t { kListpack, kQuicklist };
enum class ListEnd : uint8_t { kHead, kTail };

// list-max-listpack-size: elements in a block, or if negative a class of bytes (-1 is 4 KiB, -2 is
// 8 KiB, …, -5 is 64 KiB).
struct ListLimit {
  int64_t fill = -2;

  // Whether a listpack of so many bytes and elements is too large.
  bool Exceeded(size_t listpack_bytes, uint64_t element_count) const;
  // Whether it is small enough for a large list to become one again after it shrank.
  bool FarBelow(size_t listpack_bytes, uint64_t element_count) const;
};

// Elements beyond this size are refused by the commands.
inline constexpr size_t kListElementBytesMax = size_t{1} << 30;

// An item of a large list's tree.
struct ListItem {
  ListBlock* block;
  uint32_t count;  // block->count, which must not change behind the tree's back
  uint32_t bytes;  // what the block takes
};
inline ListItem ItemOf(ListBlock* block) {
  return {block, block->count, static_cast<uint32_t>(BlockBytes(*block))};
}
struct ListTreeTraits {
  using Item = ListItem;
  static uint64_t Weight(const Item& item) { return item.count; }
  static void Retain(const Item& item) { ShareCount::Add(item.block->refs); }
  static void Release(const Item& item) { UnrefBlock(item.block); }
};
using ListTree = CowTree<ListTreeTraits>;

// The box of a large list.
struct LargeList {
  ListTree tree;
  uint64_t block_count = 0;
  size_t block_bytes = 0;  // of all blocks
};

// A list to read. Valid while its entry is neither moved nor written.
class ListView {
 public:
  explicit ListView(const Entry& entry) : entry_(&entry) {}

  uint64_t size() const;
  bool small() const { return entry_->encoding() == static_cast<uint8_t>(ListEncoding::kListpack); }
  // Bytes outside the entry.
  size_t outside_bytes() const;
  void CheckInvariants() const;

 protected:
  friend class ListWalk;
  ListBlock* block() const { return static_cast<ListBlock*>(entry_->value_box()); }
  LargeList& large() const { return *static_cast<LargeList*>(entry_->value_box()); }
  ListTree& tree() const { return large().tree; }

 private:
  const Entry* entry_;
};

// Walks over the elements of a list from one end towards the other. O(1) a step.
class ListWalk {
 public:
  // At the element at `index`, counted from the head; at the end if there is none.
  enum class Direction : uint8_t { kForward, kBackward };
  ListWalk(const ListView& list, uint64_t index, Direction direction);

  bool AtEnd() const { return block_ == nullptr; }
  PackedElement element() const { return ReadPacked(at_); }
  bool Is(const PackedForm& form) const { return form.IsAt(at_, block_->last_end()); }
  // At the end after the last one.
  void Next();

 private:
  const ListTree* tree_ = nullptr;  // null: a small list
  ListTree::Cursor cursor_;
  const ListBlock* block_ = nullptr;  // null: at the end
  const char* at_ = nullptr;
  Direction direction_;
};

// A list to write.
class List : public ListView {
 public:
  List(Entry* entry, ListLimit limit) : ListView(*entry), entry_(entry), limit_(limit) {}

  ListLimit limit() const { return limit_; }

  void Push(ListEnd end, std::string_view text);
  // Removes up to `count` elements from an end.
  void Drop(ListEnd end, uint64_t count, Pace& pace);
  void Drop(ListEnd end, uint64_t count) {
    SteadyPace pace;
    Drop(end, count, pace);
  }
  // Index is below size() in all of these.
  void Set(uint64_t index, std::string_view text);
  enum class Side : uint8_t { kBefore, kAfter };
  void InsertBeside(uint64_t index, Side side, std::string_view text);
  // Removes elements equal to `text`, at most `count`, beginning at an end; returns how many.
  uint64_t RemoveEqual(ListEnd from, uint64_t count, std::string_view text, Pace& pace);

  // Makes a small list large if it would be too large with so much more; before a write.
  void MakeRoomFor(size_t added_bytes, uint64_t added_count);
  // Makes a large list small if it now fits well; after a write that removed.
  void ShrinkIfSmall();

 private:
  struct Place {
    ListTree::Cursor cursor;
    ListBlock* block;
    uint32_t index;  // within the block
  };
  Place Locate(uint64_t index);
  ListBlock* OwnSmall();
  void SetSmall(ListBlock* block) { entry_->set_value_box(block); }
  ListBlock* OwnAt(ListTree::Cursor& cursor);
  void Update(ListTree::Cursor& cursor, ListBlock* block);
  void AddBlock(ListTree::Cursor& cursor, ListBlock* block);
  uint64_t EraseBlock(ListTree::Cursor& cursor);
  bool BlockTakes(const ListBlock& block, size_t text_bytes) const;
  void PushLarge(ListEnd end, std::string_view text);
  void InsertLarge(uint64_t index, Side side, std::string_view text);
  bool InsertInNeighbour(const Place& place, Side side, std::string_view text);
  void SplitAndInsert(Place& place, Side side, std::string_view text);
  bool MergeWithNext(ListTree::Cursor& left);
  void DropLarge(ListEnd end, uint64_t count, Pace& pace);
  uint64_t RemoveEqualSmall(ListEnd from, uint64_t count, const PackedForm& form);
  uint64_t RemoveEqualLarge(ListEnd from, uint64_t count, const PackedForm& form, Pace& pace);

  Entry* entry_;
  ListLimit limit_;
};

void DeleteLargeList(LargeList* list);

// Gives an absent key an empty small list; an element must follow before the command ends.
Entry* NewList(Keyspace& keyspace, DbIndex db, const KeyRef& key);

// --- On disk (list_codec.cc)
uint8_t ListRdbType(const Entry& entry);
void SaveList(const Entry& entry, RdbWriter& writer);
LoadedValue LoadList(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
std::unique_ptr<HeldValue> HoldList(const Entry& entry);
void RebuildList(const Entry& entry, const CommandSink& emit);

extern const TypeOps kListType;

}  // namespace torc
