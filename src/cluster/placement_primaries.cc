#include "cluster/placement_primaries.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "cluster/placement_shares.h"

namespace torc {
namespace {

constexpr double kRounding = 1e-6;

int RoundedDown(double share) {
  return static_cast<int>(std::floor(share + kRounding));
}
int RoundedUp(double share) {
  return static_cast<int>(std::ceil(share - kRounding));
}

}  // namespace

PrimaryBalancer::PrimaryBalancer(const Ring& ring, const std::vector<Ring::Position>& places,
                                 int quantum, const PlacementDraft& draft,
                                 std::vector<int>* primary)
    : ring_(ring), places_(places), quantum_(quantum), draft_(draft), primary_(*primary) {
  for (int node = 0; node < draft.node_count(); ++node) {
    share_.push_back(draft.share(node) / draft.copies());
  }
  load_.assign(share_.size(), 0);
  for (int position = 0; position < draft.size(); ++position) {
    int& leader = this->primary(position);
    if (leader != kVacant && !draft.Owns(position, leader)) leader = kVacant;
    if (leader != kVacant) ++load_[static_cast<size_t>(leader)];
  }
}

template <typename Predicate>
PrimaryBalancer::Nodes PrimaryBalancer::NodesWhere(Predicate predicate) const {
  Nodes nodes;
  for (int node = 0; node < draft_.node_count(); ++node) {
    if (predicate(node)) nodes.push_back(node);
  }
  return nodes;
}

int PrimaryBalancer::CapAtTurn(int node, int turn) const {
  const double share = share_[static_cast<size_t>(node)];
  if (turn == 0) return RoundedDown(0.97 * share);
  if (turn == 1) return RoundedUp(share);
  if (turn == 2) return LoadMax(share);
  return draft_.size();
}

void PrimaryBalancer::FillPosition(int position) {
  for (int turn = 0; turn <= 3 && primary(position) == kVacant; ++turn) {
    ring_.Clockwise(places_[static_cast<size_t>(position)], [&](int node) {
      if (load(node) >= CapAtTurn(node, turn) || !draft_.Owns(position, node)) return true;
      primary(position) = node;
      return false;
    });
  }
  TORC_CHECK(primary(position) != kVacant, "every position has owners with tokens");
  ++load_[static_cast<size_t>(primary(position))];
}

// The vacant positions from `first` that share their owners: a neighbour's primary takes them if it
// owns them and has room, else each goes its own way.
void PrimaryBalancer::FillSegment(int first) {
  int end = first + 1;
  while (end < draft_.size() && !draft_.StartsSegment(end) && primary(end) == kVacant) ++end;
  for (const int neighbour : {first - 1, end}) {
    if (neighbour < 0 || neighbour >= draft_.size()) continue;
    const int node = primary(neighbour);
    if (node == kVacant || !draft_.Owns(first, node)) continue;
    if (load(node) + end - first > RoundedUp(share_[static_cast<size_t>(node)])) continue;
    for (int position = first; position < end; ++position) primary(position) = node;
    load_[static_cast<size_t>(node)] += end - first;
    return;
  }
  for (int position = first; position < end; ++position) FillPosition(position);
}

void PrimaryBalancer::Run(int runs_wanted) {
  const bool fresh =
      std::all_of(primary_.begin(), primary_.end(), [](int node) { return node == kVacant; });
  for (int position = 0; position < draft_.size(); ++position) {
    if (primary(position) != kVacant) continue;
    if (fresh) {
      FillPosition(position);
    } else {
      FillSegment(position);
    }
  }
  for (int node = 0; node < draft_.node_count(); ++node) Feed(node);
  for (int node = 0; node < draft_.node_count(); ++node) Relieve(node);
  for (size_t runs = Runs().size(); static_cast<int>(runs) > runs_wanted;) {
    MergeRuns();
    const size_t merged = Runs().size();
    if (merged == runs) return;
    runs = merged;
  }
}

std::vector<PrimaryBalancer::Segment> PrimaryBalancer::Runs() {
  std::vector<Segment> runs;
  for (int first = 0; first < draft_.size();) {
    int end = first + 1;
    while (end < draft_.size() && primary(end) == primary(first)) ++end;
    runs.push_back({first, end - first});
    first = end;
  }
  return runs;
}

// One pass over the runs, short ones first.
void PrimaryBalancer::MergeRuns() {
  std::vector<Segment> runs = Runs();
  std::stable_sort(runs.begin(), runs.end(),
                   [](const Segment& a, const Segment& b) { return a.count < b.count; });
  for (const Segment& run : runs) {
    const int end = run.first + run.count;
    // An earlier merge may have made this run part of a longer one: then it is left for the next
    // pass.
    const int leader = primary(run.first);
    if (run.first > 0 && primary(run.first - 1) == leader) continue;
    if (end < draft_.size() && primary(end) == leader) continue;
    if (primary(end - 1) != leader) continue;
    if (run.first > 0 && MergeInto(run, primary(run.first - 1))) continue;
    if (end < draft_.size()) MergeInto(run, primary(end));
  }
}

bool PrimaryBalancer::MergeInto(const Segment& run, int node) {
  const int leader = primary(run.first);
  if (load(node) + run.count > LoadMax(share_[static_cast<size_t>(node)])) return false;
  if (load(leader) - run.count < RoundedDown(0.9 * share_[static_cast<size_t>(leader)])) {
    return false;
  }
  for (int position = run.first; position < run.first + run.count; ++position) {
    if (!draft_.Owns(position, node)) return false;
  }
  Hand(run, run.count, node);
  return true;
}

void PrimaryBalancer::Feed(int node) {
  const double share = share_[static_cast<size_t>(node)];
  const int goal = RoundedDown(share);
  if (load(node) >= RoundedDown(0.9 * share)) return;
  const auto above_share = [&](int n) {
    return load(n) > RoundedDown(share_[static_cast<size_t>(n)]);
  };
  while (load(node) < goal) {
    if (!Shift(NodesWhere(above_share), {node}, goal - load(node))) return;
  }
}

void PrimaryBalancer::Relieve(int node) {
  const double share = share_[static_cast<size_t>(node)];
  if (load(node) <= LoadMax(share)) return;
  const auto below_share = [&](int n) {
    return load(n) < RoundedUp(share_[static_cast<size_t>(n)]);
  };
  const auto below_max = [&](int n) { return load(n) < LoadMax(share_[static_cast<size_t>(n)]); };
  while (load(node) > RoundedUp(share)) {
    const int want = load(node) - RoundedUp(share);
    if (Shift({node}, NodesWhere(below_share), want)) continue;
    if (load(node) <= LoadMax(share) || !Shift({node}, NodesWhere(below_max), want)) return;
  }
}

bool PrimaryBalancer::Shift(const Nodes& donors, const Nodes& receivers, int want) {
  FindEdges();
  const Nodes chain = FindChain(donors, receivers);
  if (chain.size() < 2) return false;
  const auto share = [&](int node) { return share_[static_cast<size_t>(node)]; };
  // Neither end may pass its share by more than the one primary that must move.
  int count = std::min({want, load(chain.front()) - RoundedDown(share(chain.front())),
                        RoundedUp(share(chain.back())) - load(chain.back())});
  count = std::max(count, 1);
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    count = std::min(count, edges_[Edge(chain[i], chain[i + 1])].count);
  }
  // The segments of one chain are led by different nodes, so handing one over leaves the others as
  // they are.
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    Hand(edges_[Edge(chain[i], chain[i + 1])], count, chain[i + 1]);
  }
  return true;
}

void PrimaryBalancer::FindEdges() {
  edges_.assign(load_.size() * load_.size(), Segment{});
  for (int first = 0; first < draft_.size();) {
    int end = first + 1;
    while (end < draft_.size() && !draft_.StartsSegment(end) && primary(end) == primary(first)) {
      ++end;
    }
    for (const int owner : draft_.owners(first)) {
      if (owner == primary(first)) continue;
      Segment& edge = edges_[Edge(primary(first), owner)];
      if (end - first > edge.count) edge = {first, end - first};
    }
    first = end;
  }
}

PrimaryBalancer::Nodes PrimaryBalancer::FindChain(const Nodes& donors,
                                                  const Nodes& receivers) const {
  std::vector<int> parent(load_.size(), kVacant);
  std::vector<bool> met(load_.size(), false);
  std::vector<bool> wanted(load_.size(), false);
  for (const int node : receivers) wanted[static_cast<size_t>(node)] = true;
  for (const int node : donors) met[static_cast<size_t>(node)] = true;
  Nodes queue = donors;
  for (size_t head = 0; head < queue.size(); ++head) {
    for (int to = 0; to < draft_.node_count(); ++to) {
      const auto t = static_cast<size_t>(to);
      if (met[t] || edges_[Edge(queue[head], to)].count == 0) continue;
      met[t] = true;
      parent[t] = queue[head];
      queue.push_back(to);
      if (!wanted[t]) continue;
      Nodes chain;
      for (int at = to; at != kVacant; at = parent[static_cast<size_t>(at)]) chain.push_back(at);
      std::reverse(chain.begin(), chain.end());
      return chain;
    }
  }
  return {};
}

// Hands over `count` positions at the end of the segment that needs fewer cuts.
void PrimaryBalancer::Hand(const Segment& segment, int count, int to) {
  const int end = segment.first + segment.count;
  int first = segment.first;
  const bool joins_next = end < draft_.size() && primary(end) == to;
  const bool joins_last = first > 0 && primary(first - 1) == to;
  const bool tail_is_aligned = (end - count) % quantum_ == 0;
  if (!joins_last && (joins_next || tail_is_aligned)) first = end - count;
  const int from = primary(first);
  for (int position = first; position < first + count; ++position) primary(position) = to;
  load_[static_cast<size_t>(from)] -= count;
  load_[static_cast<size_t>(to)] += count;
}

}  // namespace torc
