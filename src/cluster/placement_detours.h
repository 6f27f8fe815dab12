#pragma once

// Takes back moves that a plan can do without. The balancers of placement_copies.h go one piece at
// a time, so where zones and caps are tight a copy may change nodes only to make room for another
// one.
//
// Think of a draft as a flow of copies to nodes that costs one for each copy on a node that did not
// hold it. A circle of exchanges (a gives a position to b, b another one to c, … back to a) leaves
// all loads as they are; it may also begin at a node that can spare a copy and end at one that has
// room. A circle that brings more copies home than it carries away makes the draft cheaper, and
// when there is none left, no draft within the same bounds of load is cheaper (Klein 1967, for
// minimum cost flows). So what a plan moves after this is the least that caps and zones allow.
//
// Each circle costs a search over node pairs, O(nodes^3) at worst, and saves at least one copy:
// there are as many as there were detours.

#include <vector>

#include "cluster/placement_draft.h"

namespace torc {

class DetourRemover {
 public:
  // What a node's load may become. Present loads need not be within it, but get no worse.
  struct Bounds {
    int least = 0;
    int most = 0;
  };
  DetourRemover(std::vector<Bounds> bounds, PlacementDraft* draft);

  // Returns how many copies fewer the draft moves than before.
  int Run();

 private:
  // The best row of positions that one node can give another: the cost is what the draft's rises by
  // for each of them.
  struct Edge {
    int cost = 2;  // above all real costs: no edge
    int first = 0;
    int count = 0;
  };

  int NodeCount() const { return draft_.node_count(); }
  size_t Index(int from, int to) const {
    return static_cast<size_t>(from) * static_cast<size_t>(NodeCount()) + static_cast<size_t>(to);
  }
  void FindEdges();
  void AddEdges(int first, int count);
  std::vector<int> FindCircle() const;
  template <typename Visit>
  void EdgesInto(int to, Visit visit) const;
  int Perform(const std::vector<int>& circle);
  bool PerformOnce(const std::vector<int>& circle, int offset);

  std::vector<Bounds> bounds_;
  PlacementDraft& draft_;
  std::vector<Edge> edges_;
};

}  // namespace torc
