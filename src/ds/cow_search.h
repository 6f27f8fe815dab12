#pragma once

// How a CowTree is read: descents by position and by order, steps, clones. Included by
// ds/cow_tree.h alone.

#include <algorithm>
#include <span>

#include "base/share_count.h"
#include "ds/cow_tree.h"

namespace torc {

template <class Traits>
CowTree<Traits>& CowTree<Traits>::operator=(CowTree&& other) noexcept {
  if (this == &other) return *this;
  if (root_ != nullptr) Nodes::Unref(root_);
  root_ = std::exchange(other.root_, nullptr);
  weight_ = std::exchange(other.weight_, 0);
  node_bytes_ = std::exchange(other.node_bytes_, 0);
  return *this;
}

template <class Traits>
CowTree<Traits> CowTree<Traits>::Clone() const {
  CowTree clone;
  if (root_ != nullptr) ShareCount::Add(root_->refs);
  clone.root_ = root_;
  clone.weight_ = weight_;
  clone.node_bytes_ = node_bytes_;
  return clone;
}

template <class Traits>
void CowTree<Traits>::DescendFirst(Cursor& at, int level) {
  for (int below = level - 1; below >= 0; --below) {
    at.steps_[below] = {ChildAt(at.steps_[below + 1]).node, 0};
  }
}

template <class Traits>
void CowTree<Traits>::DescendLast(Cursor& at, int level) {
  for (int below = level - 1; below >= 0; --below) {
    Node* const node = ChildAt(at.steps_[below + 1]).node;
    at.steps_[below] = {node, node->count - 1U};
  }
}

// To the next slot of a level, through the levels above when the node ends. False, and nothing
// moved, at the last.
template <class Traits>
bool CowTree<Traits>::StepForward(Cursor& at, int level) {
  int above = level;
  while (above < at.height_ && at.steps_[above].index + 1U >= at.steps_[above].node->count) ++above;
  if (above == at.height_) return false;
  ++at.steps_[above].index;
  for (; above > level; --above) {
    at.steps_[above - 1] = {ChildAt(at.steps_[above]).node, 0};
  }
  return true;
}

template <class Traits>
bool CowTree<Traits>::StepBack(Cursor& at, int level) {
  int above = level;
  while (above < at.height_ && at.steps_[above].index == 0) ++above;
  if (above == at.height_) return false;
  --at.steps_[above].index;
  for (; above > level; --above) {
    Node* const node = ChildAt(at.steps_[above]).node;
    at.steps_[above - 1] = {node, node->count - 1U};
  }
  return true;
}

template <class Traits>
bool CowTree<Traits>::Next(Cursor& at) const {
  if (at.at_end()) return false;
  if (StepForward(at, 0)) return true;
  ++at.steps_[0].index;
  return false;
}

template <class Traits>
bool CowTree<Traits>::Prev(Cursor& at) const {
  return at.height_ != 0 && StepBack(at, 0);
}

template <class Traits>
typename CowTree<Traits>::Cursor CowTree<Traits>::At(uint64_t position) const {
  Cursor at;
  if (root_ == nullptr) return at;
  at.height_ = root_->level + 1;
  if (position >= weight_) {
    at.steps_[root_->level] = {root_, root_->count - 1U};
    DescendLast(at, root_->level);
    ++at.steps_[0].index;
    return at;
  }
  Node* node = root_;
  for (int level = root_->level; level > 0; --level) {
    const Child* const children = Nodes::AsBranch(node)->slots;
    uint32_t i = 0;
    for (; position >= children[i].weight; ++i) position -= children[i].weight;
    at.steps_[level] = {node, i};
    node = children[i].node;
    Nodes::Prefetch(node, level - 1);
  }
  const Item* const items = Nodes::AsLeaf(node)->slots;
  uint32_t i = 0;
  for (uint64_t weight; position >= (weight = Traits::Weight(items[i])); ++i) position -= weight;
  at.steps_[0] = {node, i};
  return at;
}

template <class Traits>
template <class Before>
typename CowTree<Traits>::Cursor CowTree<Traits>::LowerBound(Before&& before) const {
  Cursor at;
  if (root_ == nullptr) return at;
  at.height_ = root_->level + 1;
  Node* node = root_;
  for (int level = root_->level; level > 0; --level) {
    // The last child whose first item is before what is searched holds the boundary, or ends at it.
    const Child* const children = Nodes::AsBranch(node)->slots;
    const Child* const found =
        std::partition_point(children + 1, children + node->count,
                             [&](const Child& child) { return before(child.first); }) -
        1;
    at.steps_[level] = {node, static_cast<uint32_t>(found - children)};
    node = found->node;
    Nodes::Prefetch(node, level - 1);
  }
  const Item* const items = Nodes::AsLeaf(node)->slots;
  const Item* const found = std::partition_point(items, items + node->count, before);
  at.steps_[0] = {node, static_cast<uint32_t>(found - items)};
  if (at.at_end() && at.height_ > 1 && StepForward(at, 1)) DescendFirst(at, 1);
  return at;
}

template <class Traits>
uint64_t CowTree<Traits>::PositionOf(const Cursor& at) const {
  uint64_t position = 0;
  for (int level = 0; level < at.height_; ++level) {
    const Step& step = at.steps_[level];
    for (uint32_t i = 0; i < step.index; ++i) {
      position += level == 0 ? Traits::Weight(Nodes::AsLeaf(step.node)->slots[i])
                             : Nodes::AsBranch(step.node)->slots[i].weight;
    }
  }
  return position;
}

template <class Traits>
template <class Fn>
void CowTree<Traits>::ForEach(Fn&& fn) const {
  if (root_ == nullptr) return;
  Cursor at = Begin();
  do {
    fn(at.item());
  } while (Next(at));
}

template <class Traits>
bool CowTree<Traits>::SameBytes(const Item& a, const Item& b) {
  return std::ranges::equal(std::as_bytes(std::span(&a, 1)), std::as_bytes(std::span(&b, 1)));
}

template <class Traits>
template <class Slot>
typename CowTree<Traits>::Child CowTree<Traits>::CheckNode(const Node* node, bool is_root,
                                                           size_t* bytes) const {
  auto* const array = static_cast<const typename Nodes::template Array<Slot>*>(node);
  *bytes += Nodes::template kNodeBytes<Slot>;
  TORC_CHECK(array->refs > 0, "a node in use is referred to");
  TORC_CHECK(array->count > 0, "no node is empty");
  TORC_CHECK(array->count <= Nodes::template kSlots<Slot>, "no node is overfull");
  if constexpr (std::is_same_v<Slot, Child>) {
    TORC_CHECK(!is_root || array->count > 1, "a root branch has two children or more");
    for (uint32_t i = 0; i < array->count; ++i) {
      const Child& noted = array->slots[i];
      TORC_CHECK(noted.node->level + 1 == array->level, "levels follow one another");
      const Child real = noted.node->level == 0 ? CheckNode<Item>(noted.node, false, bytes)
                                                : CheckNode<Child>(noted.node, false, bytes);
      TORC_CHECK(real.weight == noted.weight, "a branch knows the weight below it");
      TORC_CHECK(SameBytes(real.first, noted.first), "a branch knows the first item below it");
    }
  }
  return Nodes::template DescribeAs<Slot>(const_cast<Node*>(node));
}

template <class Traits>
void CowTree<Traits>::CheckInvariants() const {
  size_t bytes = 0;
  uint64_t weight = 0;
  if (root_ != nullptr) {
    weight = (root_->level == 0 ? CheckNode<Item>(root_, true, &bytes)
                                : CheckNode<Child>(root_, true, &bytes))
                 .weight;
  }
  TORC_CHECK(weight == weight_, "the tree knows its weight");
  TORC_CHECK(bytes == node_bytes_, "the tree knows its memory");
}

}  // namespace torc
