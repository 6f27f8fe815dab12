#pragma once

// Which of a partition's owners is its primary. Changing it moves no data (the group hands
// leadership over), so primaries are balanced after copies, over the owners that are there.
//
// A node's fair share of primaries is its share of copies divided by the number of copies: giving
// each owner an equal part of every partition would do it exactly, so whole-numbered assignments
// within rounding exist, and shifting primaries along shortest chains of co-owners finds one (this
// is maximum flow by augmenting paths). Previous primaries stay where they may; pieces are cut as
// in placement_copies.h.

#include <vector>

#include "cluster/placement_draft.h"
#include "cluster/ring.h"

namespace torc {

class PrimaryBalancer {
 public:
  // `primary` has one node or kVacant for each position; those that are no owners become vacant.
  PrimaryBalancer(const Ring& ring, const std::vector<Ring::Position>& places, int quantum,
                  const PlacementDraft& draft, std::vector<int>* primary);

  // Fills the vacant positions and balances. Above `runs_wanted` runs of one primary, short runs
  // are handed to a neighbour's primary where loads allow.
  void Run(int runs_wanted);

 private:
  struct Segment {
    int first = 0;
    int count = 0;
  };
  using Nodes = std::vector<int>;

  void FillPosition(int position);
  void FillSegment(int first);
  void MergeRuns();
  bool MergeInto(const Segment& run, int node);
  std::vector<Segment> Runs();
  int CapAtTurn(int node, int turn) const;
  void Feed(int node);
  void Relieve(int node);
  // Shifts up to `want` primaries along a shortest chain from one of `donors` to one of
  // `receivers`.
  bool Shift(const Nodes& donors, const Nodes& receivers, int want);
  void FindEdges();
  Nodes FindChain(const Nodes& donors, const Nodes& receivers) const;
  void Hand(const Segment& segment, int count, int to);
  template <typename Predicate>
  Nodes NodesWhere(Predicate predicate) const;
  int& primary(int position) { return primary_[static_cast<size_t>(position)]; }
  int load(int node) const { return load_[static_cast<size_t>(node)]; }
  size_t Edge(int from, int to) const {
    return static_cast<size_t>(from) * load_.size() + static_cast<size_t>(to);
  }

  const Ring& ring_;
  const std::vector<Ring::Position>& places_;
  int quantum_;
  const PlacementDraft& draft_;
  std::vector<int>& primary_;
  std::vector<double> share_;
  std::vector<int> load_;
  std::vector<Segment>
      edges_;  // [from, to]: the best segment led by `from` and owned by `to`; count 0: none
};

}  // namespace torc
