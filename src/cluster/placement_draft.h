#pragma once

// The working copy of a placement: partitions against node indexes. The balancers turn drafts into
// better drafts; placement.h turns the last one into a table.
//
// The partitions of a draft are a list of positions 0..size-1 in slot order (all partitions of the
// data set, or those of one cell). A *segment* is a maximal run of positions with equal owners;
// keeping segments few is what keeps CLUSTER SLOTS short.

#include <cstdint>
#include <span>
#include <vector>

namespace torc {

inline constexpr int kVacant = -1;

struct DraftNode {
  int zone = 0;      // dense index
  double share = 0;  // copies it should hold
};

class PlacementDraft {
 public:
  // All places vacant.
  PlacementDraft(std::vector<DraftNode> nodes, int size, int copies, int zone_copies_max);

  int size() const { return size_; }
  int copies() const { return copies_; }
  int node_count() const { return static_cast<int>(nodes_.size()); }
  double share(int node) const { return nodes_[static_cast<size_t>(node)].share; }
  int load(int node) const { return load_[static_cast<size_t>(node)]; }
  // A position's owners, sorted by node index; vacant places come first.
  std::span<const int> owners(int position) const {
    return {&owners_[Place(position)], static_cast<size_t>(copies_)};
  }
  bool AllVacant() const;
  bool Owns(int position, int node) const;
  // Whether `node` may take the place of `leaving` (an owner, or kVacant) at `position`: it is not
  // an owner yet and its zone has room without `leaving`.
  bool Fits(int position, int node, int leaving) const;
  // Puts `node` where `leaving` was; loads follow.
  void Replace(int position, int leaving, int node);

  // Remembers the present owners as those that hold the data already: what they keep costs nothing
  // to move.
  void MarkHeld();
  // Whether `node` was an owner of `position` when MarkHeld was called.
  bool Holds(int position, int node) const;

  // Whether position and position - 1 have different owners; true at 0.
  bool StartsSegment(int position) const;
  // The same for the owners remembered by MarkHeld.
  bool StartsHeldSegment(int position) const;
  // Whether the owners of `position`, with `leaving` replaced by `node`, are those of `neighbour`.
  bool WouldEqual(int position, int leaving, int node, int neighbour) const;

 private:
  size_t Place(int position) const {
    return static_cast<size_t>(position) * static_cast<size_t>(copies_);
  }
  std::span<const int> held(int position) const {
    return {&held_[Place(position)], static_cast<size_t>(copies_)};
  }

  std::vector<DraftNode> nodes_;
  int size_;
  int copies_;
  int zone_copies_max_;
  std::vector<int> owners_;
  std::vector<int> held_;
  std::vector<int> load_;
};

}  // namespace torc
