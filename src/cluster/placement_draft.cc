#include "cluster/placement_draft.h"

#include <algorithm>

#include "base/check.h"

namespace torc {

PlacementDraft::PlacementDraft(std::vector<DraftNode> nodes, int size, int copies,
                               int zone_copies_max)
    : nodes_(std::move(nodes)),
      size_(size),
      copies_(copies),
      zone_copies_max_(zone_copies_max),
      owners_(static_cast<size_t>(size) * static_cast<size_t>(copies), kVacant),
      held_(owners_),
      load_(nodes_.size(), 0) {}

bool PlacementDraft::AllVacant() const {
  return std::all_of(load_.begin(), load_.end(), [](int load) { return load == 0; });
}

bool PlacementDraft::Owns(int position, int node) const {
  const auto row = owners(position);
  return std::find(row.begin(), row.end(), node) != row.end();
}

bool PlacementDraft::Fits(int position, int node, int leaving) const {
  const int zone = nodes_[static_cast<size_t>(node)].zone;
  int in_zone = 0;
  for (const int owner : owners(position)) {
    if (owner == node) return false;
    if (owner == kVacant || owner == leaving) continue;
    if (nodes_[static_cast<size_t>(owner)].zone == zone) ++in_zone;
  }
  return in_zone < zone_copies_max_;
}

void PlacementDraft::Replace(int position, int leaving, int node) {
  const auto begin = owners_.begin() + static_cast<std::ptrdiff_t>(Place(position));
  const auto end = begin + copies_;
  const auto at = std::find(begin, end, leaving);
  TORC_CHECK(at != end, "the one that leaves is an owner");
  *at = node;
  std::sort(begin, end);
  if (leaving != kVacant) --load_[static_cast<size_t>(leaving)];
  if (node != kVacant) ++load_[static_cast<size_t>(node)];
}

void PlacementDraft::MarkHeld() {
  held_ = owners_;
}

bool PlacementDraft::Holds(int position, int node) const {
  const auto row = held(position);
  return std::find(row.begin(), row.end(), node) != row.end();
}

bool PlacementDraft::StartsHeldSegment(int position) const {
  if (position == 0) return true;
  const auto a = held(position);
  return !std::equal(a.begin(), a.end(), held(position - 1).begin());
}

bool PlacementDraft::StartsSegment(int position) const {
  if (position == 0) return true;
  const auto a = owners(position);
  const auto b = owners(position - 1);
  return !std::equal(a.begin(), a.end(), b.begin());
}

bool PlacementDraft::WouldEqual(int position, int leaving, int node, int neighbour) const {
  if (neighbour < 0 || neighbour >= size_) return false;
  // Two rows without repeats are equal when every owner of one is in the other.
  for (const int owner : owners(position)) {
    if (!Owns(neighbour, owner == leaving ? node : owner)) return false;
  }
  return true;
}

}  // namespace torc
