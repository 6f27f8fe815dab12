#include "cluster/placement_detours.h"

#include <algorithm>
#include <utility>

namespace torc {

DetourRemover::DetourRemover(std::vector<Bounds> bounds, PlacementDraft* draft)
    : bounds_(std::move(bounds)), draft_(*draft) {
  for (int node = 0; node < NodeCount(); ++node) {
    Bounds& bound = bounds_[static_cast<size_t>(node)];
    bound.least = std::min(bound.least, draft_.load(node));
    bound.most = std::max(bound.most, draft_.load(node));
  }
}

int DetourRemover::Run() {
  int saved = 0;
  for (;;) {
    FindEdges();
    const std::vector<int> circle = FindCircle();
    if (circle.empty()) return saved;
    const int gain = Perform(circle);
    if (gain == 0) return saved;
    saved += gain;
  }
}

void DetourRemover::FindEdges() {
  edges_.assign(static_cast<size_t>(NodeCount()) * static_cast<size_t>(NodeCount()), {});
  for (int first = 0; first < draft_.size();) {
    int end = first + 1;
    while (end < draft_.size() && !draft_.StartsSegment(end) && !draft_.StartsHeldSegment(end)) {
      ++end;
    }
    AddEdges(first, end - first);
    first = end;
  }
}

void DetourRemover::AddEdges(int first, int count) {
  for (const int from : draft_.owners(first)) {
    const int relief = draft_.Holds(first, from) ? 0 : 1;
    for (int to = 0; to < NodeCount(); ++to) {
      const int cost = (draft_.Holds(first, to) ? 0 : 1) - relief;
      Edge& edge = edges_[Index(from, to)];
      const bool is_better = cost < edge.cost || (cost == edge.cost && count > edge.count);
      if (is_better && draft_.Fits(first, to, from)) edge = {cost, first, count};
    }
  }
}

// The exchanges that end at `to`. Beside the nodes there is a store, numbered NodeCount(): a node
// that can spare a copy takes one from it (and passes on one of its own), a node with room puts one
// into it.
template <typename Visit>
void DetourRemover::EdgesInto(int to, Visit visit) const {
  for (int from = 0; from < NodeCount(); ++from) {
    const auto f = static_cast<size_t>(from);
    if (to == NodeCount()) {
      if (draft_.load(from) < bounds_[f].most) visit(from, 0);
    } else if (from != to && edges_[Index(from, to)].count > 0) {
      visit(from, edges_[Index(from, to)].cost);
    }
  }
  if (to < NodeCount() && draft_.load(to) > bounds_[static_cast<size_t>(to)].least) {
    visit(NodeCount(), 0);
  }
}

// A circle of negative cost in the order of giving, the first not repeated at the end; empty if
// there is none. Bellman and Ford: distances that still fall after as many rounds as there are
// nodes fall for ever, and the way back from one of them leads into a circle.
std::vector<int> DetourRemover::FindCircle() const {
  const int size = NodeCount() + 1;
  std::vector<int> distance(static_cast<size_t>(size), 0);
  std::vector<int> parent(static_cast<size_t>(size), kVacant);
  int fallen = kVacant;
  for (int round = 0; round <= size; ++round) {
    fallen = kVacant;
    for (int to = 0; to < size; ++to) {
      EdgesInto(to, [&](int from, int cost) {
        const int through = distance[static_cast<size_t>(from)] + cost;
        if (through >= distance[static_cast<size_t>(to)]) return;
        distance[static_cast<size_t>(to)] = through;
        parent[static_cast<size_t>(to)] = from;
        fallen = to;
      });
    }
    if (fallen == kVacant) return {};
  }
  for (int i = 0; i < size; ++i) fallen = parent[static_cast<size_t>(fallen)];
  std::vector<int> circle = {fallen};
  for (int at = parent[static_cast<size_t>(fallen)]; at != fallen;
       at = parent[static_cast<size_t>(at)]) {
    circle.push_back(at);
  }
  std::reverse(circle.begin(), circle.end());
  return circle;
}

// Goes round as often as each exchange has positions left. Returns what was saved.
int DetourRemover::Perform(const std::vector<int>& circle) {
  int count = draft_.size();
  int cost = 0;
  for (size_t i = 0; i < circle.size(); ++i) {
    const int from = circle[i];
    const int to = circle[(i + 1) % circle.size()];
    if (to == NodeCount()) {
      count = std::min(count, bounds_[static_cast<size_t>(from)].most - draft_.load(from));
    } else if (from == NodeCount()) {
      count = std::min(count, draft_.load(to) - bounds_[static_cast<size_t>(to)].least);
    } else {
      count = std::min(count, edges_[Index(from, to)].count);
      cost += edges_[Index(from, to)].cost;
    }
  }
  int performed = 0;
  while (performed < count && PerformOnce(circle, performed)) ++performed;
  return -cost * performed;
}

// Two exchanges may want the same position, so each is checked again when its turn comes; if one
// fails, those before it are taken back.
bool DetourRemover::PerformOnce(const std::vector<int>& circle, int offset) {
  struct Done {
    int position;
    int from;
    int to;
  };
  std::vector<Done> done;
  for (size_t i = 0; i < circle.size(); ++i) {
    const int from = circle[i];
    const int to = circle[(i + 1) % circle.size()];
    if (from == NodeCount() || to == NodeCount()) continue;
    const int position = edges_[Index(from, to)].first + offset;
    if (!draft_.Owns(position, from) || !draft_.Fits(position, to, from)) {
      for (; !done.empty(); done.pop_back()) {
        draft_.Replace(done.back().position, done.back().to, done.back().from);
      }
      return false;
    }
    draft_.Replace(position, from, to);
    done.push_back({position, from, to});
  }
  return true;
}

}  // namespace torc
