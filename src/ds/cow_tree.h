#pragma once

// A sequence of items as a B+-tree of reference-counted nodes: what large lists, sets, hashes and
// sorted sets are made of.
//
//   tree A ──► root ──► branch ──► leaf leaf leaf
//                  └──► branch ──► leaf leaf
//   tree B ──► root'──► branch'──► leaf'       (B was cloned from A, then wrote one item)
//                  └──► A's second branch, shared; and branch' shares A's other leaves
//
// - Clone is O(1): the trees share their root. Whoever writes copies the shared nodes on the way to
// the item
//   first, at most one per level. So a snapshot, a COPY or a move to another node holds a value
//   still without stopping writers.
// - Each item has a weight, and items are found by the sum of weights before them: with weight 1
// that is the
//   index, and PositionOf is the rank. An item that is a block of several elements weighs as many.
// - Items are found by order too, when the caller keeps them in one: LowerBound takes a predicate.
// - A tree is freed in slices: FreeSome.
//
// Insert, erase and search are O(log n); the next item is O(1). A full node gives slots to a
// neighbour before it splits in halves; at the ends of the sequence it stays full, so that a queue
// or a series of ascending scores leaves no holes. A node below a quarter is merged or evened out
// with its neighbour.
//
// Bytes: leaves of 512 bytes hold 31 items of 16 bytes or 63 of 8. Measured for 16: 17.6 bytes an
// item when appended, 22.5 when inserted anywhere, branches included. Considered and refused: skip
// lists (a node and 1.33 pointers an item, and no sharing), leaves of a byte stream (an item may
// refer to a block of them instead), a persistent tree with one item a node (32 bytes an item and a
// copy of 20 nodes a write).
//
// One thread at a time may use a tree and all its clones: reference counts are plain integers.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "ds/cow_node.h"

namespace torc {

// Traits:
//   using Item = …;                            trivially copyable
//   static uint64_t Weight(const Item&);         at least 1; does not change while the item is in a
//   tree static void Retain(const Item&);             one more leaf holds this item static void
//   Release(const Item&);            one less; the last one frees what it refers to
template <class Traits>
class CowTree {
  using Nodes = CowNodes<Traits>;
  using Node = typename Nodes::Node;
  using Leaf = typename Nodes::Leaf;
  using Branch = typename Nodes::Branch;
  using Child = typename Nodes::Child;

 public:
  using Item = typename Traits::Item;

  // A place in the sequence: an item, or the end. Any write to the tree through another cursor, and
  // cloning followed by a write, ends its life.
  class Cursor {
   public:
    bool at_end() const { return height_ == 0 || index() == leaf()->count; }
    // Not at the end.
    const Item& item() const { return leaf()->slots[index()]; }

   private:
    friend class CowTree;
    struct Step {
      Node* node;
      uint32_t index;
    };
    const Leaf* leaf() const { return Nodes::AsLeaf(steps_[0].node); }
    uint32_t index() const { return steps_[0].index; }
    // steps_[0] is in the leaf, steps_[height_ - 1] in the root.
    static constexpr int kHeightMax = 16;
    Step steps_[kHeightMax];
    int height_ = 0;
  };

  CowTree() = default;
  CowTree(CowTree&& other) noexcept { *this = std::move(other); }
  CowTree& operator=(CowTree&& other) noexcept;
  ~CowTree() {
    if (root_ != nullptr) Nodes::Unref(root_);
  }
  // Another tree with the same items, sharing all nodes.
  CowTree Clone() const;

  bool empty() const { return root_ == nullptr; }
  // The sum of all weights: the number of items when each weighs 1.
  uint64_t weight() const { return weight_; }
  // Memory of the nodes, those shared with clones included.
  size_t size_bytes() const { return node_bytes_; }

  Cursor Begin() const { return At(0); }
  Cursor End() const { return At(weight_); }
  // The item that covers a position: the sum of weights before it is at most `position`, the sum
  // with it is more. At weight() and beyond: the end.
  Cursor At(uint64_t position) const;
  // The first item for which before(item) is false; the end if there is none. All items for which
  // it is true must come before all others.
  template <class Before>
  Cursor LowerBound(Before&& before) const;
  // The sum of weights before the cursor.
  uint64_t PositionOf(const Cursor& at) const;
  // To the item after or before this one. Next arrives at the end after the last item and then
  // returns false; Prev returns false at the first, and stays.
  bool Next(Cursor& at) const;
  bool Prev(Cursor& at) const;
  // fn(const Item&) for all in order.
  template <class Fn>
  void ForEach(Fn&& fn) const;

  // Puts an item before the cursor, which then is at the new item. Takes over the caller's
  // reference to it.
  void Insert(Cursor& at, const Item& item);
  // Removes the item and returns it with its reference; the cursor moves to the item after it.
  Item Erase(Cursor& at);
  // Puts another item in the place of this one, which is returned with its reference. Weights may
  // differ; the order must hold.
  Item Replace(Cursor& at, const Item& item);

  // Lets go of up to about `budget` items, from the end, and returns whether any are left. What
  // clones share is left to them at once. When it returns false the tree is as new; in between only
  // this and the destructor may be called.
  bool FreeSome(size_t budget);
  // fn(const Item&) for the next `budget` items in order; lets go of each behind it, and returns
  // whether any are left. What a clone shares with the tree
  // it was made of thus becomes that tree's own again as the clone is read. In between only this,
  // FreeSome and the destructor may be called.
  template <class Fn>
  bool DrainSome(size_t budget, Fn&& fn);

  // Offers the nodes on the way to this position to move(void*), which answers where they lie then
  // (BlockMover). `own`: whether they are this tree's alone; nodes that clones share stay. Returns
  // the position behind the leaf, or behind all that lies below a shared node. Cursors end.
  template <class Move>
  uint64_t RelocateNodes(uint64_t position, Move&& move, bool* own);

  // Walks the whole tree and crashes on a broken invariant.
  void CheckInvariants() const;

 private:
  using Step = typename Cursor::Step;
  static Child& ChildAt(const Step& step) { return Nodes::AsBranch(step.node)->slots[step.index]; }
  // Continues a path from steps_[level] down to the first or last item below.
  static void DescendFirst(Cursor& at, int level);
  static void DescendLast(Cursor& at, int level);
  static bool StepForward(Cursor& at, int level);
  static bool StepBack(Cursor& at, int level);

  // Whether a slice of letting go has left anything; the tree is as new if not.
  bool AnyLeft();
  void Own(Cursor& at);
  void OwnChild(Branch* parent, uint32_t index);
  void AddWeight(Cursor& at, uint64_t change);
  void RefreshFirst(Cursor& at);
  void RefreshAbove(Cursor& at, int level);
  enum class Edge { kFirst, kLast };
  bool AtEdge(const Cursor& at, int level, Edge edge) const;
  uint32_t SplitPoint(const Cursor& at, int level, uint32_t index) const;
  template <class Slot>
  void InsertSlot(Cursor& at, int level, uint32_t index, const Slot& slot);
  template <class Slot>
  void SplitAndInsert(Cursor& at, int level, uint32_t index, const Slot& slot);
  template <class Slot>
  void ShareSlots(Cursor& at, int level, uint32_t left_index, uint32_t left_count);
  template <class Slot>
  bool Spill(Cursor& at, int level);
  template <class Slot>
  void Underflow(Cursor& at, int level);
  void DropRootLevel(Cursor& at);
  static bool SameBytes(const Item& a, const Item& b);
  template <class Slot>
  Child CheckNode(const Node* node, bool is_root, size_t* bytes) const;

  Node* root_ = nullptr;
  uint64_t weight_ = 0;
  size_t node_bytes_ = 0;
};

}  // namespace torc

#include "ds/cow_edit.h"
#include "ds/cow_release.h"
#include "ds/cow_search.h"
