#pragma once

// The nodes of a CowTree (ds/cow_tree.h): reference-counted arrays of slots, shared by the trees
// that were cloned from one another.
//
//   leaf    | refs | count | item | item | item | …                              512 bytes
//   branch  | refs | count | {first, child, weight} | {first, child, weight} | …   1 KiB
//
// A slot of a branch knows of its child: the first item below it, to search by, and the weight of
// all items below it, to count by. `first` is a copy that owns nothing: the child's leaf holds the
// item.
//
// A node with one reference belongs to one tree and may be written. One with more is read only;
// whoever wants to write copies it, and the copy takes a reference on everything the slots refer
// to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "base/check.h"
#include "base/memory.h"
#include "base/prefetch.h"
#include "base/share_count.h"

namespace torc {

template <class Traits>
struct CowNodes {
  using Item = typename Traits::Item;
  static_assert(std::is_trivially_copyable_v<Item>);

  // What leaves and branches have in common. Level 0 is a leaf.
  struct Node {
    uint32_t refs;
    uint16_t count;
    uint16_t level;
  };
  struct Child {
    Item first;
    Node* node;
    uint64_t weight;
  };
  static constexpr size_t kLeafBytes = 512;
  static constexpr size_t kBranchBytes = 1024;
  template <class Slot>
  static constexpr size_t kNodeBytes = std::is_same_v<Slot, Item> ? kLeafBytes : kBranchBytes;
  template <class Slot>
  static constexpr uint32_t kSlots = static_cast<uint32_t>((kNodeBytes<Slot> - sizeof(Node)) /
                                                           sizeof(Slot));
  // A node that is neither the root nor at an edge of the tree has at least so many.
  template <class Slot>
  static constexpr uint32_t kSlotsMin = kSlots<Slot> / 4;

  template <class Slot>
  struct Array : Node {
    Slot slots[kSlots<Slot>];
  };
  using Leaf = Array<Item>;
  using Branch = Array<Child>;
  static_assert(sizeof(Leaf) <= kLeafBytes);
  static_assert(sizeof(Branch) <= kBranchBytes);
  static_assert(kSlotsMin<Item> >= 2);
  static_assert(kSlotsMin<Child> >= 2);

  static Leaf* AsLeaf(Node* node) { return static_cast<Leaf*>(node); }
  static const Leaf* AsLeaf(const Node* node) { return static_cast<const Leaf*>(node); }
  static Branch* AsBranch(Node* node) { return static_cast<Branch*>(node); }
  static const Branch* AsBranch(const Node* node) { return static_cast<const Branch*>(node); }
  template <class Slot>
  static Array<Slot>* As(Node* node) {
    return static_cast<Array<Slot>*>(node);
  }

  static uint64_t WeightOf(const Item& item) { return Traits::Weight(item); }
  static uint64_t WeightOf(const Child& child) { return child.weight; }
  static const Item& FirstOf(const Item& item) { return item; }
  static const Item& FirstOf(const Child& child) { return child.first; }
  static void Retain(const Item& item) { Traits::Retain(item); }
  static void Retain(const Child& child) { ShareCount::Add(child.node->refs); }
  static void Release(const Item& item) { Traits::Release(item); }
  static void Release(const Child& child) { Unref(child.node); }

  // Asks for the whole node. A binary search in a node that is not cached would wait for one line
  // after another; so it waits about once.
  static void Prefetch(const Node* node, int level) {
    constexpr size_t kLineBytes = 64;
    const auto* const bytes = reinterpret_cast<const char*>(node);
    const size_t size_bytes = level == 0 ? kLeafBytes : kBranchBytes;
    for (size_t at = 0; at < size_bytes; at += kLineBytes) PrefetchLine(bytes + at);
  }

  template <class Slot>
  static Array<Slot>* New(uint16_t level) {
    auto* node = new (Allocate(kNodeBytes<Slot>)) Array<Slot>;
    node->refs = 1;
    node->count = 0;
    node->level = level;
    return node;
  }

  // Drops one reference; the last one frees the node and lets go of all below it.
  static void Unref(Node* node) {
    if (!ShareCount::Drop(node->refs)) return;
    node->level == 0 ? Destroy<Item>(node) : Destroy<Child>(node);
  }
  template <class Slot>
  static void Destroy(Node* node) {
    auto* array = As<Slot>(node);
    for (uint32_t i = 0; i < array->count; ++i) Release(array->slots[i]);
    Free(array);
  }

  // A copy that one tree may write; the caller's reference moves from `node` to it.
  static Node* Copy(Node* node) {
    return node->level == 0 ? CopyAs<Item>(node) : CopyAs<Child>(node);
  }
  template <class Slot>
  static Node* CopyAs(Node* node) {
    const auto* from = As<Slot>(node);
    Array<Slot>* const to = New<Slot>(node->level);
    to->count = from->count;
    std::copy_n(from->slots, from->count, to->slots);
    for (uint32_t i = 0; i < to->count; ++i) Retain(to->slots[i]);
    Unref(node);
    return to;
  }

  // What a parent has to know of a node that is not empty.
  static Child Describe(Node* node) {
    return node->level == 0 ? DescribeAs<Item>(node) : DescribeAs<Child>(node);
  }
  template <class Slot>
  static Child DescribeAs(Node* node) {
    const auto* array = As<Slot>(node);
    uint64_t weight = 0;
    for (uint32_t i = 0; i < array->count; ++i) weight += WeightOf(array->slots[i]);
    return {FirstOf(array->slots[0]), node, weight};
  }

  template <class Slot>
  static void PutAt(Array<Slot>* node, uint32_t index, const Slot& slot) {
    std::copy_backward(node->slots + index, node->slots + node->count,
                       node->slots + node->count + 1);
    node->slots[index] = slot;
    ++node->count;
  }
  template <class Slot>
  static void RemoveAt(Array<Slot>* node, uint32_t index) {
    std::copy(node->slots + index + 1, node->slots + node->count, node->slots + index);
    --node->count;
  }
  // Lets go of the first `count` of a node's slots.
  template <class Slot>
  static void DropFirst(Array<Slot>* node, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) Release(node->slots[i]);
    std::copy(node->slots + count, node->slots + node->count, node->slots);
    node->count = static_cast<uint16_t>(node->count - count);
  }
  // Moves slots between neighbours until `left` has `left_count`.
  template <class Slot>
  static void Share(Array<Slot>* left, Array<Slot>* right, uint32_t left_count) {
    const uint32_t total = uint32_t{left->count} + right->count;
    if (left_count < left->count) {
      const uint32_t moved = left->count - left_count;
      std::copy_backward(right->slots, right->slots + right->count,
                         right->slots + right->count + moved);
      std::copy_n(left->slots + left_count, moved, right->slots);
    } else {
      const uint32_t moved = left_count - left->count;
      std::copy_n(right->slots, moved, left->slots + left->count);
      std::copy(right->slots + moved, right->slots + right->count, right->slots);
    }
    left->count = static_cast<uint16_t>(left_count);
    right->count = static_cast<uint16_t>(total - left_count);
  }
};

}  // namespace torc
