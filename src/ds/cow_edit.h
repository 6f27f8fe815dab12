#pragma once

// How a CowTree is written. Each write first owns the path to its leaf: from the root down, a node
// that is shared is replaced by a copy. From then on it works as on any B+-tree. Included by
// ds/cow_tree.h alone.

#include "base/share_count.h"
#include "ds/cow_tree.h"

namespace torc {

template <class Traits>
void CowTree<Traits>::Own(Cursor& at) {
  for (int level = at.height_ - 1; level >= 0; --level) {
    Step& step = at.steps_[level];
    if (ShareCount::IsOne(step.node->refs)) continue;
    step.node = Nodes::Copy(step.node);
    if (level == at.height_ - 1) {
      root_ = step.node;
    } else {
      ChildAt(at.steps_[level + 1]).node = step.node;
    }
  }
}

template <class Traits>
void CowTree<Traits>::OwnChild(Branch* parent, uint32_t index) {
  Node*& child = parent->slots[index].node;
  if (!ShareCount::IsOne(child->refs)) child = Nodes::Copy(child);
}

// The weight of the cursor's leaf changed: by two's complement, when it fell.
template <class Traits>
void CowTree<Traits>::AddWeight(Cursor& at, uint64_t change) {
  weight_ += change;
  for (int level = 1; level < at.height_; ++level) ChildAt(at.steps_[level]).weight += change;
}

// The first item of the cursor's leaf changed.
template <class Traits>
void CowTree<Traits>::RefreshFirst(Cursor& at) {
  const Item first = at.leaf()->slots[0];
  for (int level = 1; level < at.height_; ++level) {
    ChildAt(at.steps_[level]).first = first;
    if (at.steps_[level].index != 0) return;
  }
}

// The slots of the cursor's node at `level` changed: the levels above learn it.
template <class Traits>
void CowTree<Traits>::RefreshAbove(Cursor& at, int level) {
  for (int above = level + 1; above < at.height_; ++above) {
    ChildAt(at.steps_[above]) = Nodes::Describe(at.steps_[above - 1].node);
  }
}

// Whether the node at `level` is the first of its level, or the last.
template <class Traits>
bool CowTree<Traits>::AtEdge(const Cursor& at, int level, Edge edge) const {
  for (int above = level + 1; above < at.height_; ++above) {
    const Step& step = at.steps_[above];
    if (step.index != (edge == Edge::kLast ? step.node->count - 1U : 0U)) return false;
  }
  return true;
}

// How many slots a full node keeps when a slot comes in at `index`: half of them, but all or none
// where the sequence grows at an end.
template <class Traits>
uint32_t CowTree<Traits>::SplitPoint(const Cursor& at, int level, uint32_t index) const {
  const uint32_t count = at.steps_[level].node->count;
  if (index == count && AtEdge(at, level, Edge::kLast)) return count;
  if (index == 0 && AtEdge(at, level, Edge::kFirst)) return 0;
  return count / 2;
}

// Puts a slot into the cursor's node at `level`, splitting it when it is full. The cursor's steps
// from `level` up then lead to the new slot; those below are the caller's.
template <class Traits>
template <class Slot>
void CowTree<Traits>::InsertSlot(Cursor& at, int level, uint32_t index, const Slot& slot) {
  auto* const node = Nodes::template As<Slot>(at.steps_[level].node);
  if (node->count == Nodes::template kSlots<Slot>) {
    SplitAndInsert(at, level, index, slot);
    return;
  }
  Nodes::PutAt(node, index, slot);
  at.steps_[level].index = index;
  RefreshAbove(at, level);
}

template <class Traits>
template <class Slot>
void CowTree<Traits>::SplitAndInsert(Cursor& at, int level, uint32_t index, const Slot& slot) {
  const uint32_t keep = SplitPoint(at, level, index);
  const bool within = keep != 0 && keep != at.steps_[level].node->count;
  // A branch's new slot comes after the cursor's, a leaf's in its place.
  const uint32_t offset = index - at.steps_[level].index;
  if (within && Spill<Slot>(at, level)) {
    InsertSlot(at, level, at.steps_[level].index + offset, slot);
    return;
  }
  auto* const left = Nodes::template As<Slot>(at.steps_[level].node);
  auto* const right = Nodes::template New<Slot>(left->level);
  node_bytes_ += Nodes::template kNodeBytes<Slot>;
  Nodes::Share(left, right, keep);
  // At the very end the new slot starts the right node; else a slot between the two ends the left
  // one.
  const bool goes_right = index > keep || right->count == 0;
  Nodes::PutAt(goes_right ? right : left, goes_right ? index - keep : index, slot);
  if (level == at.height_ - 1) {
    Branch* const root = Nodes::template New<Child>(static_cast<uint16_t>(level + 1));
    node_bytes_ += Nodes::kBranchBytes;
    root->count = 1;
    root_ = root;
    at.steps_[at.height_++] = {root, 0};
  }
  ChildAt(at.steps_[level + 1]) = Nodes::Describe(left);
  InsertSlot(at, level + 1, at.steps_[level + 1].index + 1, Nodes::Describe(right));
  if (goes_right) {
    at.steps_[level] = {right, index - keep};
  } else {
    StepBack(at, level + 1);
    at.steps_[level] = {left, index};
  }
}

template <class Traits>
void CowTree<Traits>::Insert(Cursor& at, const Item& item) {
  const uint64_t weight = Traits::Weight(item);
  TORC_DCHECK(weight > 0, "an item weighs something");
  if (root_ == nullptr) {
    root_ = Nodes::template New<Item>(0);
    node_bytes_ = Nodes::kLeafBytes;
    at.height_ = 1;
    at.steps_[0] = {root_, 0};
  }
  Own(at);
  Leaf* const leaf = Nodes::AsLeaf(at.steps_[0].node);
  if (leaf->count == Nodes::template kSlots<Item>) {
    weight_ += weight;
    SplitAndInsert(at, 0, at.index(), item);
    return;
  }
  Nodes::PutAt(leaf, at.index(), item);
  AddWeight(at, weight);
  if (at.index() == 0) RefreshFirst(at);
}

template <class Traits>
typename CowTree<Traits>::Item CowTree<Traits>::Replace(Cursor& at, const Item& item) {
  Own(at);
  Item& place = Nodes::AsLeaf(at.steps_[0].node)->slots[at.index()];
  const Item old = std::exchange(place, item);
  AddWeight(at, Traits::Weight(item) - Traits::Weight(old));
  if (at.index() == 0) RefreshFirst(at);
  return old;
}

template <class Traits>
typename CowTree<Traits>::Item CowTree<Traits>::Erase(Cursor& at) {
  Own(at);
  Leaf* const leaf = Nodes::AsLeaf(at.steps_[0].node);
  const Item item = leaf->slots[at.index()];
  Nodes::RemoveAt(leaf, at.index());
  AddWeight(at, 0 - Traits::Weight(item));
  if (leaf->count == 0 && at.height_ == 1) {
    Free(leaf);
    root_ = nullptr;
    node_bytes_ = 0;
    at.height_ = 0;
    return item;
  }
  if (at.index() == 0 && leaf->count > 0) RefreshFirst(at);
  if (leaf->count < Nodes::template kSlotsMin<Item>) Underflow<Item>(at, 0);
  if (at.at_end() && at.height_ > 1 && StepForward(at, 1)) DescendFirst(at, 1);
  return item;
}

// Lets two neighbours below the cursor's node at `level + 1` share their slots so that the left one
// has `left_count`; a right one without any is gone then. The cursor is in one of them and stays at
// its slot.
template <class Traits>
template <class Slot>
void CowTree<Traits>::ShareSlots(Cursor& at, int level, uint32_t left_index, uint32_t left_count) {
  Step& here = at.steps_[level];
  Step& above = at.steps_[level + 1];
  Branch* const parent = Nodes::AsBranch(above.node);
  auto* const left = Nodes::template As<Slot>(parent->slots[left_index].node);
  auto* const right = Nodes::template As<Slot>(parent->slots[left_index + 1].node);
  // Where the cursor is, counted from the first slot of both.
  const uint32_t place = here.index + (above.index == left_index ? 0U : left->count);
  Nodes::Share(left, right, left_count);
  const bool in_left = right->count == 0 || place < left->count;
  parent->slots[left_index] = Nodes::Describe(left);
  if (right->count > 0) {
    parent->slots[left_index + 1] = Nodes::Describe(right);
  } else {
    Free(right);
    node_bytes_ -= Nodes::template kNodeBytes<Slot>;
    Nodes::RemoveAt(parent, left_index + 1);
  }
  above.index = left_index + (in_left ? 0 : 1);
  here = in_left ? Step{left, place} : Step{right, place - left->count};
  RefreshAbove(at, level + 1);
}

// The cursor's full node at `level` gives slots to a neighbour that has room for some: true if
// there is one. This is what makes nodes four fifths full where plain splitting leaves two thirds.
template <class Traits>
template <class Slot>
bool CowTree<Traits>::Spill(Cursor& at, int level) {
  if (level == at.height_ - 1) return false;
  const uint32_t index = at.steps_[level + 1].index;
  Branch* const parent = Nodes::AsBranch(at.steps_[level + 1].node);
  for (const uint32_t neighbour : {index - 1, index + 1}) {
    if (neighbour >= parent->count) continue;
    const uint32_t count = parent->slots[neighbour].node->count;
    if (count > Nodes::template kSlots<Slot> * 3 / 4) continue;
    OwnChild(parent, neighbour);
    const uint32_t total = count + Nodes::template kSlots<Slot>;
    ShareSlots<Slot>(at, level, std::min(index, neighbour), total / 2);
    return true;
  }
  return false;
}

// The cursor's node at `level` holds too little: it takes slots from a neighbour, or the two become
// one.
template <class Traits>
template <class Slot>
void CowTree<Traits>::Underflow(Cursor& at, int level) {
  if (level == at.height_ - 1) return;
  // An only child, which there may be at an edge, gets neighbours when its parent is merged.
  if (at.steps_[level + 1].node->count == 1) Underflow<Child>(at, level + 1);
  const uint32_t index = at.steps_[level + 1].index;
  Branch* const parent = Nodes::AsBranch(at.steps_[level + 1].node);
  const uint32_t neighbour = index == 0 ? 1 : index - 1;
  OwnChild(parent, neighbour);
  const uint32_t total = parent->slots[neighbour].node->count + at.steps_[level].node->count;
  const bool merge = total <= Nodes::template kSlots<Slot>;
  ShareSlots<Slot>(at, level, std::min(index, neighbour), merge ? total : total / 2);
  if (!merge) return;
  if (level + 1 == at.height_ - 1) {
    if (parent->count == 1) DropRootLevel(at);
  } else if (parent->count < Nodes::template kSlotsMin<Child>) {
    Underflow<Child>(at, level + 1);
  }
}

// A root with one child makes way for it.
template <class Traits>
void CowTree<Traits>::DropRootLevel(Cursor& at) {
  Branch* const old = Nodes::AsBranch(root_);
  root_ = old->slots[0].node;
  Free(old);
  node_bytes_ -= Nodes::kBranchBytes;
  --at.height_;
}

template <class Traits>
template <class Move>
uint64_t CowTree<Traits>::RelocateNodes(uint64_t position, Move&& move, bool* own) {
  uint64_t begin = 0;
  uint64_t end = weight_;
  Node** link = &root_;
  for (*own = root_ != nullptr; *own;) {
    if (!ShareCount::IsOne((*link)->refs)) {
      *own = false;
      break;
    }
    *link = static_cast<Node*>(move(*link));
    if ((*link)->level == 0) break;
    Branch* const branch = Nodes::AsBranch(*link);
    uint32_t i = 0;
    for (; i + 1 < branch->count && begin + branch->slots[i].weight <= position; ++i) {
      begin += branch->slots[i].weight;
    }
    end = begin + branch->slots[i].weight;
    link = &branch->slots[i].node;
  }
  return end;
}

}  // namespace torc
