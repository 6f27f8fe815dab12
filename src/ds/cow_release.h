#pragma once

// How a CowTree is let go of in slices, read on the way or not. Included by ds/cow_tree.h alone.

#include <algorithm>

#include "base/share_count.h"
#include "ds/cow_tree.h"

namespace torc {

template <class Traits>
bool CowTree<Traits>::AnyLeft() {
  if (root_ != nullptr) return true;
  weight_ = 0;
  node_bytes_ = 0;
  return false;
}

template <class Traits>
bool CowTree<Traits>::FreeSome(size_t budget) {
  while (root_ != nullptr && budget > 0) {
    // The path along the last children, as far as it is ours alone.
    Branch* parent = nullptr;
    Node* node = root_;
    while (ShareCount::IsOne(node->refs) && node->level > 0 && node->count > 0) {
      parent = Nodes::AsBranch(node);
      node = parent->slots[parent->count - 1].node;
    }
    if (ShareCount::IsOne(node->refs) && node->level == 0 && node->count > 0) {
      Leaf* const leaf = Nodes::AsLeaf(node);
      for (; leaf->count > 0 && budget > 0; --budget) Traits::Release(leaf->slots[--leaf->count]);
      continue;
    }
    // It is shared, or nothing is left in it.
    Nodes::Unref(node);
    --budget;
    if (parent != nullptr) {
      --parent->count;
    } else {
      root_ = nullptr;
    }
  }
  return AnyLeft();
}

template <class Traits>
template <class Fn>
bool CowTree<Traits>::DrainSome(size_t budget, Fn&& fn) {
  while (root_ != nullptr && budget > 0) {
    // The path along the first children; its branches are made ours, so that each child can go
    // alone.
    Branch* parent = nullptr;
    Node** link = &root_;
    while ((*link)->level > 0 && (*link)->count > 0) {
      if (!ShareCount::IsOne((*link)->refs)) *link = Nodes::Copy(*link);
      parent = Nodes::AsBranch(*link);
      link = &parent->slots[0].node;
    }
    Node* const node = *link;
    if (node->level == 0) {
      const Leaf* const leaf = Nodes::AsLeaf(node);
      const auto count = static_cast<uint32_t>(std::min<size_t>(budget, leaf->count));
      for (uint32_t i = 0; i < count; ++i) fn(leaf->slots[i]);
      budget -= count;
      if (count < leaf->count) {
        if (!ShareCount::IsOne(node->refs)) *link = Nodes::Copy(node);
        Nodes::DropFirst(Nodes::AsLeaf(*link), count);
        return true;
      }
    }
    Nodes::Unref(node);
    if (parent != nullptr) {
      Nodes::RemoveAt(parent, 0);
    } else {
      root_ = nullptr;
    }
  }
  return AnyLeft();
}

}  // namespace torc
