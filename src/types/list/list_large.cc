// How a large list is written: blocks found by index in a tree, filled, split and merged.

#include "types/list/list.h"

#include "base/share_count.h"

namespace torc {

List::Place List::Locate(uint64_t index) {
  ListTree::Cursor cursor = tree().At(index);
  ListBlock* const block = cursor.item().block;
  return {cursor, block, static_cast<uint32_t>(index - tree().PositionOf(cursor))};
}

// The block at the cursor, made this list's own. What shares it is known only once the path to it
// is this tree's own, which replacing it by itself brings about.
ListBlock* List::OwnAt(ListTree::Cursor& cursor) {
  const ListItem item = cursor.item();
  tree().Replace(cursor, item);
  ListBlock* own = item.block;
  if (ShareCount::IsOne(own->refs)) return own;
  OwnBlock(&own);
  Update(cursor, own);
  return own;
}

// An owned block was written, and perhaps moved: the tree learns it.
void List::Update(ListTree::Cursor& cursor, ListBlock* block) {
  const ListItem now = ItemOf(block);
  const ListItem before = tree().Replace(cursor, now);
  large().block_bytes += size_t{now.bytes} - before.bytes;
}

// Puts a block with its elements before the cursor.
void List::AddBlock(ListTree::Cursor& cursor, ListBlock* block) {
  const ListItem item = ItemOf(block);
  tree().Insert(cursor, item);
  ++large().block_count;
  large().block_bytes += item.bytes;
}

// Removes the block at the cursor; returns how many elements it had.
uint64_t List::EraseBlock(ListTree::Cursor& cursor) {
  const ListItem gone = tree().Erase(cursor);
  UnrefBlock(gone.block);
  --large().block_count;
  large().block_bytes -= gone.bytes;
  return gone.count;
}

bool List::BlockTakes(const ListBlock& block, size_t text_bytes) const {
  // What an element may need besides its text, and the block's header beyond a listpack's frame.
  constexpr size_t kOverheadBytes = 16;
  return !limit_.Exceeded(block.listpack_bytes() + text_bytes + kOverheadBytes, block.count + 1);
}

void List::PushLarge(ListEnd end, std::string_view text) {
  const bool at_head = end == ListEnd::kHead;
  const PackedForm form(text);
  if (!tree().empty()) {
    ListTree::Cursor at = tree().At(at_head ? 0 : tree().weight() - 1);
    const bool takes = BlockTakes(*at.item().block, text.size());
    ListBlock* own = OwnAt(at);
    if (takes) {
      InsertInBlock(&own, at_head ? 0 : own->used_bytes(), form);
    } else {
      TrimBlock(&own);
    }
    Update(at, own);
    if (takes) return;
  }
  ListBlock* fresh = NewBlock(form.size_bytes());
  InsertInBlock(&fresh, 0, form);
  ListTree::Cursor at = at_head ? tree().Begin() : tree().End();
  AddBlock(at, fresh);
}

void List::DropLarge(ListEnd end, uint64_t count, Pace& pace) {
  constexpr uint64_t kUnitsPerBlock = 20;
  const bool at_head = end == ListEnd::kHead;
  while (count > 0 && !tree().empty()) {
    ListTree::Cursor at = tree().At(at_head ? 0 : tree().weight() - 1);
    if (at.item().count <= count) {
      count -= EraseBlock(at);
      pace.Step(kUnitsPerBlock);
      continue;
    }
    ListBlock* own = OwnAt(at);
    const auto dropped = static_cast<uint32_t>(count);
    const size_t offset = OffsetInBlock(*own, at_head ? dropped : own->count - dropped);
    EraseInBlock(&own, at_head ? 0 : offset, at_head ? offset : own->used_bytes() - offset,
                 dropped);
    return Update(at, own);
  }
}

void List::InsertLarge(uint64_t index, Side side, std::string_view text) {
  Place place = Locate(index);
  if (BlockTakes(*place.block, text.size())) {
    ListBlock* own = OwnAt(place.cursor);
    const uint32_t at = place.index + (side == Side::kAfter ? 1 : 0);
    InsertInBlock(&own, OffsetInBlock(*own, at), PackedForm(text));
    return Update(place.cursor, own);
  }
  const bool at_edge =
      side == Side::kAfter ? place.index + 1 == place.block->count : place.index == 0;
  if (!at_edge) return SplitAndInsert(place, side, text);
  if (InsertInNeighbour(place, side, text)) return;
  const PackedForm form(text);
  ListBlock* fresh = NewBlock(form.size_bytes());
  InsertInBlock(&fresh, 0, form);
  if (side == Side::kAfter) tree().Next(place.cursor);
  AddBlock(place.cursor, fresh);
}

// At the edge of a full block: into the block beside it, if that has room.
bool List::InsertInNeighbour(const Place& place, Side side, std::string_view text) {
  ListTree::Cursor beside = place.cursor;
  if (side == Side::kAfter ? !tree().Next(beside) : !tree().Prev(beside)) return false;
  if (!BlockTakes(*beside.item().block, text.size())) return false;
  ListBlock* own = OwnAt(beside);
  InsertInBlock(&own, side == Side::kAfter ? 0 : own->used_bytes(), PackedForm(text));
  Update(beside, own);
  return true;
}

// In the middle of a full block: it becomes two, and whichever neighbours then fit together become
// one.
void List::SplitAndInsert(Place& place, Side side, std::string_view text) {
  const PackedForm form(text);
  const uint32_t cut = place.index + (side == Side::kAfter ? 1 : 0);
  ListTree::Cursor& at = place.cursor;
  const uint64_t first = tree().PositionOf(at);
  ListBlock* left = OwnAt(at);
  ListBlock* right = SplitBlock(&left, cut);
  const bool to_right = side == Side::kAfter;
  if (to_right) {
    InsertInBlock(&right, 0, form);
  } else {
    InsertInBlock(&left, left->used_bytes(), form);
  }
  Update(at, left);
  const uint64_t left_count = left->count;
  tree().Next(at);
  AddBlock(at, right);
  // Redis's order: the pair before, the pair behind, then the halves with what is beside them. The
  // half that kept its place in Redis is the one without the new element.
  const uint64_t kept = to_right ? first : first + left_count;
  ListTree::Cursor center = tree().At(kept);
  ListTree::Cursor before = center;
  if (tree().Prev(before) && tree().Prev(before)) MergeWithNext(before);
  ListTree::Cursor behind = tree().At(kept);
  if (tree().Next(behind)) MergeWithNext(behind);
  before = tree().At(kept);
  if (tree().Prev(before)) MergeWithNext(before);
  center = tree().At(kept);
  MergeWithNext(center);
}

// Joins the block at the cursor and the one after it, if one block may hold both.
bool List::MergeWithNext(ListTree::Cursor& left) {
  constexpr size_t kSharedFrameBytes = 11;
  ListTree::Cursor right = left;
  if (!tree().Next(right)) return false;
  const ListBlock& a = *left.item().block;
  const ListBlock& b = *right.item().block;
  const uint64_t count = uint64_t{a.count} + b.count;
  if (limit_.Exceeded(a.listpack_bytes() + b.listpack_bytes() - kSharedFrameBytes, count)) {
    return false;
  }
  ListBlock* own = OwnAt(left);
  right = left;
  tree().Next(right);
  ListBlock* const gone = right.item().block;
  AppendBlock(&own, *gone);
  Update(left, own);
  right = left;
  tree().Next(right);
  EraseBlock(right);
  return true;
}

}  // namespace torc
