#include "types/list/list.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {
namespace {

struct Limits {
  size_t listpack_bytes_max = SIZE_MAX;
  uint64_t count_max = UINT64_MAX;
};

Limits LimitsOf(int64_t fill) {
  constexpr size_t kClassBytes[] = {4096, 8192, 16384, 32768, 65536};
  constexpr uint64_t kClasses = std::size(kClassBytes);
  if (fill >= 0) return {.count_max = std::max<uint64_t>(static_cast<uint64_t>(fill), 1)};
  const uint64_t size_class = std::min(0 - static_cast<uint64_t>(fill), kClasses);
  return {.listpack_bytes_max = kClassBytes[size_class - 1]};
}

}  // namespace

bool ListLimit::Exceeded(size_t listpack_bytes, uint64_t element_count) const {
  // Beyond this no count of elements makes a listpack small.
  constexpr size_t kSafeBytes = 8192;
  const Limits limits = LimitsOf(fill);
  if (limits.listpack_bytes_max != SIZE_MAX) return listpack_bytes > limits.listpack_bytes_max;
  return listpack_bytes > kSafeBytes || element_count > limits.count_max;
}

bool ListLimit::FarBelow(size_t listpack_bytes, uint64_t element_count) const {
  const Limits limits = LimitsOf(fill);
  return listpack_bytes <= limits.listpack_bytes_max / 2 && element_count <= limits.count_max / 2;
}

uint64_t ListView::size() const {
  return small() ? block()->count : tree().weight();
}

size_t ListView::outside_bytes() const {
  static const size_t kBoxBytes = AllocationSize(sizeof(LargeList));
  if (small()) return BlockBytes(*block());
  return kBoxBytes + tree().size_bytes() + large().block_bytes;
}

void ListView::CheckInvariants() const {
  if (small()) return;
  tree().CheckInvariants();
  uint64_t block_count = 0;
  size_t block_bytes = 0;
  tree().ForEach([&](const ListItem& item) {
    TORC_CHECK(item.count == item.block->count, "the tree knows how many elements a block has");
    TORC_CHECK(item.bytes == BlockBytes(*item.block), "the tree knows what a block takes");
    ++block_count;
    block_bytes += item.bytes;
  });
  TORC_CHECK(block_count == large().block_count, "the blocks are counted");
  TORC_CHECK(block_bytes == large().block_bytes, "the bytes of all blocks are counted");
}

ListWalk::ListWalk(const ListView& list, uint64_t index, Direction direction)
    : direction_(direction) {
  const uint64_t size = list.size();
  if (index >= size) return;
  uint64_t within = index;
  if (list.small()) {
    block_ = list.block();
  } else {
    tree_ = &list.tree();
    cursor_ = tree_->At(index);
    block_ = cursor_.item().block;
    // The last element is asked for most: it needs no sum.
    within = index == size - 1 ? block_->count - 1 : index - tree_->PositionOf(cursor_);
  }
  at_ = block_->first() + OffsetInBlock(*block_, static_cast<uint32_t>(within));
}

void ListWalk::Next() {
  if (direction_ == Direction::kForward) {
    at_ = NextPacked(at_);
    if (at_ != block_->last_end()) return;
    const bool more = tree_ != nullptr && tree_->Next(cursor_);
    block_ = more ? cursor_.item().block : nullptr;
    if (more) at_ = block_->first();
    return;
  }
  if (at_ == block_->first()) {
    const bool more = tree_ != nullptr && tree_->Prev(cursor_);
    block_ = more ? cursor_.item().block : nullptr;
    if (!more) return;
    at_ = block_->last_end();
  }
  at_ = PrevPacked(at_);
}

ListBlock* List::OwnSmall() {
  ListBlock* own = block();
  OwnBlock(&own);
  SetSmall(own);
  return own;
}

void List::Push(ListEnd end, std::string_view text) {
  if (!small()) return PushLarge(end, text);
  ListBlock* own = OwnSmall();
  InsertInBlock(&own, end == ListEnd::kHead ? 0 : own->used_bytes(), PackedForm(text));
  SetSmall(own);
}

void List::Drop(ListEnd end, uint64_t count, Pace& pace) {
  if (!small()) return DropLarge(end, count, pace);
  ListBlock* own = OwnSmall();
  const auto dropped = static_cast<uint32_t>(std::min<uint64_t>(count, own->count));
  const bool from_head = end == ListEnd::kHead;
  const size_t offset = OffsetInBlock(*own, from_head ? dropped : own->count - dropped);
  EraseInBlock(&own, from_head ? 0 : offset, from_head ? offset : own->used_bytes() - offset,
               dropped);
  SetSmall(own);
}

void List::Set(uint64_t index, std::string_view text) {
  Place place = small() ? Place{{}, OwnSmall(), static_cast<uint32_t>(index)} : Locate(index);
  ListBlock* own = small() ? place.block : OwnAt(place.cursor);
  const size_t offset = OffsetInBlock(*own, place.index);
  const char* const at = own->first() + offset;
  EraseInBlock(&own, offset, static_cast<size_t>(NextPacked(at) - at), 1);
  InsertInBlock(&own, offset, PackedForm(text));
  if (small()) {
    SetSmall(own);
  } else {
    Update(place.cursor, own);
  }
}

void List::InsertBeside(uint64_t index, Side side, std::string_view text) {
  if (!small()) return InsertLarge(index, side, text);
  ListBlock* own = OwnSmall();
  const auto at = static_cast<uint32_t>(index + (side == Side::kAfter ? 1 : 0));
  InsertInBlock(&own, OffsetInBlock(*own, at), PackedForm(text));
  SetSmall(own);
}

uint64_t List::RemoveEqual(ListEnd from, uint64_t count, std::string_view text, Pace& pace) {
  const PackedForm form(text);
  return small() ? RemoveEqualSmall(from, count, form) : RemoveEqualLarge(from, count, form, pace);
}

namespace {

// Removes up to `count` equal elements of an owned block, in one pass over what stays.
uint64_t RemoveEqualInBlock(ListBlock** block, ListEnd from, uint64_t count,
                            const PackedForm& form) {
  uint64_t removed = 0;
  const size_t size = form.size_bytes();
  size_t offset = from == ListEnd::kHead ? 0 : (*block)->used_bytes();
  while (removed < count) {
    const char* const first = (*block)->first();
    if (from == ListEnd::kHead ? offset == (*block)->used_bytes() : offset == 0) break;
    const char* const at = from == ListEnd::kHead ? first + offset : PrevPacked(first + offset);
    const auto here = static_cast<size_t>(at - first);
    if (form.IsAt(at, (*block)->last_end())) {
      EraseInBlock(block, here, size, 1);
      ++removed;
      offset = here;
    } else {
      offset = from == ListEnd::kHead ? static_cast<size_t>(NextPacked(at) - first) : here;
    }
  }
  return removed;
}

bool HasEqual(const ListBlock& block, const PackedForm& form) {
  for (const char* at = block.first(); at != block.last_end(); at = NextPacked(at)) {
    if (form.IsAt(at, block.last_end())) return true;
  }
  return false;
}

}  // namespace

uint64_t List::RemoveEqualSmall(ListEnd from, uint64_t count, const PackedForm& form) {
  if (!HasEqual(*block(), form)) return 0;
  ListBlock* own = OwnSmall();
  const uint64_t removed = RemoveEqualInBlock(&own, from, count, form);
  SetSmall(own);
  return removed;
}

uint64_t List::RemoveEqualLarge(ListEnd from, uint64_t count, const PackedForm& form, Pace& pace) {
  uint64_t removed = 0;
  const bool forward = from == ListEnd::kHead;
  ListTree::Cursor at = forward ? tree().Begin() : tree().At(tree().weight() - 1);
  for (bool more = true; more && removed < count;) {
    pace.Step(at.item().count);
    if (HasEqual(*at.item().block, form)) {
      ListBlock* own = OwnAt(at);
      removed += RemoveEqualInBlock(&own, from, count - removed, form);
      if (own->count == 0) {
        ListItem emptied = at.item();
        emptied.block = own;  // it may have moved
        tree().Replace(at, emptied);
        EraseBlock(at);
        if (tree().empty()) break;
        more = forward ? !at.at_end() : tree().Prev(at);
        continue;
      }
      Update(at, own);
    }
    more = forward ? tree().Next(at) : tree().Prev(at);
  }
  return removed;
}

void List::MakeRoomFor(size_t added_bytes, uint64_t added_count) {
  if (!small()) return;
  ListBlock* const first = block();
  if (!limit_.Exceeded(first->listpack_bytes() + added_bytes, first->count + added_count)) return;
  entry_->set_encoding(static_cast<uint8_t>(ListEncoding::kQuicklist));
  entry_->set_value_box(new (Allocate(sizeof(LargeList))) LargeList);
  if (first->count == 0) return UnrefBlock(first);
  ListTree::Cursor at = tree().End();
  AddBlock(at, first);
}

void List::ShrinkIfSmall() {
  if (small() || large().block_count != 1) return;
  const ListItem only = tree().Begin().item();
  if (!limit_.FarBelow(only.block->listpack_bytes(), only.count)) return;
  ShareCount::Add(only.block->refs);
  DeleteLargeList(&large());
  entry_->set_encoding(static_cast<uint8_t>(ListEncoding::kListpack));
  SetSmall(only.block);
}

void DeleteLargeList(LargeList* list) {
  list->~LargeList();
  Free(list);
}

Entry* NewList(Keyspace& keyspace, DbIndex db, const KeyRef& key) {
  Entry* entry = keyspace.Put(db, key, {},
                              {.type = ValueType::kList,
                               .encoding = static_cast<uint8_t>(ListEncoding::kListpack),
                               .boxed = true,
                               .inline_bytes = sizeof(void*),
                               .clock = keyspace.access_clock().Fresh()});
  entry->set_value_box(NewBlock(0));
  return entry;
}

}  // namespace torc
