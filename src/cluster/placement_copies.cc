#include "cluster/placement_copies.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "base/check.h"
#include "cluster/placement_detours.h"
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
// The caps that Fill goes through; after the last, anybody who fits.
constexpr int kTurns = 4;

// Below this a node is hungry: it is fed up to its share.
int HungryBelow(double share) {
  return RoundedDown(0.8 * share);
}
}  // namespace

CopyBalancer::CopyBalancer(const Ring& ring, const std::vector<Ring::Position>& places, int quantum,
                           PlacementDraft* draft)
    : ring_(ring), places_(places), quantum_(quantum), draft_(*draft) {}

template <typename Predicate>
CopyBalancer::Nodes CopyBalancer::NodesWhere(Predicate predicate) const {
  Nodes nodes;
  for (int node = 0; node < draft_.node_count(); ++node) {
    if (predicate(node)) nodes.push_back(node);
  }
  return nodes;
}

void CopyBalancer::Fill() {
  const bool fresh = draft_.AllVacant();
  for (int position = 0; position < draft_.size(); ++position) {
    // Vacant places come first in the sorted row.
    while (draft_.owners(position)[0] == kVacant) {
      if (fresh) {
        FillPlace(position);
      } else {
        FillSegment(position);
      }
    }
  }
}

// One vacant place of every position from `first` to the end of its segment, or as many as the node
// chosen has room for. A node that owns a neighbour, best of all one that makes the segment equal
// to it, goes first; among equals the one that is further below its share.
void CopyBalancer::FillSegment(int first) {
  int end = first + 1;
  while (end < draft_.size() && !draft_.StartsSegment(end) && !draft_.StartsHeldSegment(end)) ++end;
  int chosen = kVacant;
  int chosen_room = 0;
  double best = 0;
  for (int node = 0; node < draft_.node_count(); ++node) {
    const double share = draft_.share(node);
    const int room = RoundedUp(share) - draft_.load(node);
    if (room <= 0 || !draft_.Fits(first, node, kVacant)) continue;
    double score = 2.0 * std::min(room, end - first) / (end - first) + 20.0 * room / (share + 1);
    if (first > 0 && draft_.Owns(first - 1, node)) score += 1;
    if (end < draft_.size() && draft_.Owns(end, node)) score += 1;
    if (draft_.WouldEqual(first, kVacant, node, first - 1)) score += 2;
    if (draft_.WouldEqual(end - 1, kVacant, node, end)) score += 2;
    if (chosen != kVacant && score <= best) continue;
    best = score;
    chosen = node;
    chosen_room = room;
  }
  if (chosen == kVacant) return FillPlace(first);
  for (int position = first; position < std::min(end, first + chosen_room); ++position) {
    draft_.Replace(position, kVacant, chosen);
  }
}

int CopyBalancer::LoadMax(int node) const {
  return CopiesMax(draft_.share(node), draft_.copies());
}

int CopyBalancer::CapAtTurn(int node, int turn) const {
  const double share = draft_.share(node);
  if (turn == 0) return RoundedDown(0.97 * share);
  if (turn == 1) return RoundedDown(share);
  if (turn == 2) return RoundedUp(share);
  if (turn == 3) return LoadMax(node);
  return draft_.size();
}

void CopyBalancer::FillPlace(int position) {
  int chosen = kVacant;
  for (int turn = 0; turn <= kTurns && chosen == kVacant; ++turn) {
    ring_.Clockwise(places_[static_cast<size_t>(position)], [&](int node) {
      if (draft_.load(node) >= CapAtTurn(node, turn)) return true;
      if (!draft_.Fits(position, node, kVacant)) return true;
      chosen = node;
      return false;
    });
  }
  TORC_CHECK(chosen != kVacant, "nodes and zones suffice for every copy");
  draft_.Replace(position, kVacant, chosen);
}

// No donor gives more than down to this: room for pieces cut at aligned positions, never more than
// 15 %.
int CopyBalancer::KeepsMin(double share) const {
  const int slack = std::min(quantum_ - 1, RoundedDown(0.15 * share));
  return std::max(0, RoundedDown(share) - slack);
}

void CopyBalancer::Rebalance() {
  const Nodes hungry =
      NodesWhere([&](int n) { return draft_.load(n) < HungryBelow(draft_.share(n)); });
  int wanted = 0;
  for (const int node : hungry) wanted += RoundedDown(draft_.share(node)) - draft_.load(node);
  SetKeeps(wanted);
  for (const int node : hungry) Feed(node);
  for (int node = 0; node < draft_.node_count(); ++node) Relieve(node);
  std::vector<DetourRemover::Bounds> bounds;
  for (int node = 0; node < draft_.node_count(); ++node) {
    bounds.push_back({HungryBelow(draft_.share(node)), LoadMax(node)});
  }
  for (const int node : hungry) {
    bounds[static_cast<size_t>(node)].least = RoundedDown(draft_.share(node));
  }
  DetourRemover(std::move(bounds), &draft_).Run();
}

// Nodes above their largest load must give anyway: they go down to the common level, relative to
// their shares, that feeds all the hungry. Only when that is not enough may they, as everybody, go
// down to the minimum.
void CopyBalancer::SetKeeps(int wanted) {
  const auto keep_at = [&](int node, double level) {
    const double share = draft_.share(node);
    if (draft_.load(node) <= LoadMax(node)) return KeepsMin(share);
    return std::clamp(RoundedUp(level * share), KeepsMin(share), LoadMax(node));
  };
  const auto given_at = [&](double level) {
    int given = 0;
    for (int node = 0; node < draft_.node_count(); ++node) {
      if (draft_.load(node) <= LoadMax(node)) continue;
      given += std::max(0, draft_.load(node) - keep_at(node, level));
    }
    return given;
  };
  double low = 0.85;
  double high = 2.0;  // above every LoadMax of a share of 1 or more
  constexpr int kHalvings = 20;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (given_at(middle) >= wanted ? low : high) = middle;
  }
  keeps_.clear();
  for (int node = 0; node < draft_.node_count(); ++node) keeps_.push_back(keep_at(node, low));
}

void CopyBalancer::Feed(int node) {
  const auto overloaded = [&](int n) { return draft_.load(n) > LoadMax(n); };
  const auto has_spare = [&](int n) { return draft_.load(n) > keeps_[static_cast<size_t>(n)]; };
  const auto above_share = [&](int n) { return draft_.load(n) > RoundedDown(draft_.share(n)); };
  const int goal = RoundedDown(draft_.share(node));
  while (draft_.load(node) < goal) {
    const int want = goal - draft_.load(node);
    if (MovePiece(NodesWhere(overloaded), {node}, want, Moves::kAny)) continue;
    if (MovePiece(NodesWhere(has_spare), {node}, want, Moves::kAny)) continue;
    if (!MoveAlongChain(NodesWhere(above_share), {node}, want, Moves::kAny)) return;
  }
}

void CopyBalancer::Relieve(int node) {
  const double share = draft_.share(node);
  const auto below_share = [&](int n) { return draft_.load(n) < RoundedUp(draft_.share(n)); };
  const auto below_max = [&](int n) { return draft_.load(n) < LoadMax(n); };
  // Places that were only just given to it can be given to others for nothing.
  while (draft_.load(node) > RoundedUp(share)) {
    const int want = draft_.load(node) - RoundedUp(share);
    if (MovePiece({node}, NodesWhere(below_share), want, Moves::kFreeOnly)) continue;
    if (!MoveAlongChain({node}, NodesWhere(below_share), want, Moves::kFreeOnly)) break;
  }
  while (draft_.load(node) > LoadMax(node)) {
    const int want = draft_.load(node) - LoadMax(node);
    if (MovePiece({node}, NodesWhere(below_share), want, Moves::kAny)) continue;
    if (MoveAlongChain({node}, NodesWhere(below_share), want, Moves::kAny)) continue;
    if (MovePiece({node}, NodesWhere(below_max), want, Moves::kAny)) continue;
    if (!MoveAlongChain({node}, NodesWhere(below_max), want, Moves::kAny)) return;
  }
}

std::vector<int> CopyBalancer::SegmentStarts() const {
  std::vector<int> starts;
  for (int position = 0; position < draft_.size(); ++position) {
    if (draft_.StartsSegment(position) || draft_.StartsHeldSegment(position)) {
      starts.push_back(position);
    }
  }
  starts.push_back(draft_.size());
  return starts;
}

// Moves the best piece of at most `want` positions from one of `donors` to one of `receivers`.
bool CopyBalancer::MovePiece(const Nodes& donors, const Nodes& receivers, int want, Moves moves) {
  if (donors.empty() || receivers.empty()) return false;
  std::vector<bool> gives(static_cast<size_t>(draft_.node_count()), false);
  for (const int donor : donors) gives[static_cast<size_t>(donor)] = true;
  Best best;
  const std::vector<int> starts = SegmentStarts();
  for (size_t s = 0; s + 1 < starts.size(); ++s) {
    for (const int from : draft_.owners(starts[s])) {
      if (!gives[static_cast<size_t>(from)]) continue;
      if (moves == Moves::kFreeOnly && draft_.Holds(starts[s], from)) continue;
      for (const int to : receivers) {
        if (!draft_.Fits(starts[s], to, from)) continue;
        Consider({from, to, starts[s], starts[s + 1] - starts[s]}, want, &best);
      }
    }
  }
  if (!best.piece) return false;
  Apply(*best.piece);
  return true;
}

void CopyBalancer::Consider(const Piece& segment, int want, Best* best) const {
  const double from_share = draft_.share(segment.from);
  const double to_share = draft_.share(segment.to);
  const int spare =
      std::max(1, draft_.load(segment.from) - keeps_[static_cast<size_t>(segment.from)]);
  const int room = std::max(1, LoadMax(segment.to) - draft_.load(segment.to));
  const Piece piece = Cut(segment, std::min({want, spare, room}));
  // Segments added per quantum moved; then the fuller donor and the emptier receiver; then the
  // ring's wish.
  double score = (SegmentsAdded(piece, segment) + 0.5) * quantum_ / piece.count;
  const double balance = 10.0 + 1600.0 / quantum_;
  score -= balance * draft_.load(segment.from) / (from_share + 1);
  score += balance * draft_.load(segment.to) / (to_share + 1);
  if (best->piece && score - 0.5 >= best->score) return;
  const auto wish = ring_.Preference(places_[static_cast<size_t>(piece.first)], draft_.copies());
  if (std::find(wish.begin(), wish.end(), segment.to) != wish.end()) score -= 0.5;
  if (!best->piece || score < best->score) *best = {piece, score};
}

// The whole segment when it is small enough, else a part of it that begins or ends where the
// segment does and whose other end is aligned.
CopyBalancer::Piece CopyBalancer::Cut(const Piece& segment, int want) const {
  if (segment.count <= want) return segment;
  const int end = segment.first + segment.count;
  const int head = (segment.first + want) / quantum_ * quantum_ - segment.first;
  const int tail = end - (end - want + quantum_ - 1) / quantum_ * quantum_;
  Piece piece = segment;
  if (head <= 0 && tail <= 0) {
    piece.count = want;
  } else if (head >= tail) {
    piece.count = head;
  } else {
    piece.first = end - tail;
    piece.count = tail;
  }
  return piece;
}

int CopyBalancer::SegmentsAdded(const Piece& piece, const Piece& segment) const {
  const int end = piece.first + piece.count;
  const int segment_end = segment.first + segment.count;
  int added = (piece.first > segment.first ? 1 : 0) + (end < segment_end ? 1 : 0);
  if (end < segment_end && end % quantum_ != 0) ++added;
  if (piece.first > segment.first && piece.first % quantum_ != 0) ++added;
  if (draft_.WouldEqual(piece.first, piece.from, piece.to, piece.first - 1)) --added;
  if (draft_.WouldEqual(end - 1, piece.from, piece.to, end)) --added;
  return added;
}

void CopyBalancer::Apply(const Piece& piece) {
  for (int i = 0; i < piece.count; ++i) draft_.Replace(piece.first + i, piece.from, piece.to);
}

std::vector<CopyBalancer::Edge> CopyBalancer::FindEdges() const {
  const auto node_count = static_cast<size_t>(draft_.node_count());
  std::vector<Edge> edges(node_count * node_count);
  const std::vector<int> starts = SegmentStarts();
  for (size_t s = 0; s + 1 < starts.size(); ++s) {
    for (const int from : draft_.owners(starts[s])) {
      const bool moves_data = draft_.Holds(starts[s], from);
      for (int to = 0; to < draft_.node_count(); ++to) {
        Edge& edge = edges[EdgeIndex(from, to)];
        const int count = starts[s + 1] - starts[s];
        const bool better = edge.count == 0 || (edge.moves_data && !moves_data) ||
                            (edge.moves_data == moves_data && count > edge.count);
        if (better && draft_.Fits(starts[s], to, from)) edge = {starts[s], count, moves_data};
      }
    }
  }
  return edges;
}

// The chain from a donor to a receiver, in the order receiver to donor, over "a segment of u's fits
// v" that moves least data, and of those the shortest one found: edges that move none are followed
// first (0-1 breadth first search). Empty when there is none.
CopyBalancer::Nodes CopyBalancer::FindChain(const std::vector<Edge>& edges, const Nodes& donors,
                                            const Nodes& receivers, Moves moves) const {
  const auto node_count = static_cast<size_t>(draft_.node_count());
  std::vector<int> parent(node_count, kVacant);
  std::vector<int> cost(node_count, draft_.size());
  std::deque<std::pair<int, int>> queue;  // node, cost when it was queued
  for (const int donor : donors) {
    cost[static_cast<size_t>(donor)] = 0;
    queue.emplace_back(donor, 0);
  }
  while (!queue.empty()) {
    const auto [from, from_cost] = queue.front();
    queue.pop_front();
    if (from_cost > cost[static_cast<size_t>(from)]) continue;
    if (std::find(receivers.begin(), receivers.end(), from) != receivers.end()) {
      Nodes chain;
      for (int at = from; at != kVacant; at = parent[static_cast<size_t>(at)]) chain.push_back(at);
      return chain;
    }
    for (int to = 0; to < draft_.node_count(); ++to) {
      const Edge& edge = edges[EdgeIndex(from, to)];
      if (edge.count == 0) continue;
      if (moves == Moves::kFreeOnly && edge.moves_data) continue;
      const int to_cost = from_cost + (edge.moves_data ? 1 : 0);
      if (to_cost >= cost[static_cast<size_t>(to)]) continue;
      cost[static_cast<size_t>(to)] = to_cost;
      parent[static_cast<size_t>(to)] = from;
      if (edge.moves_data) {
        queue.emplace_back(to, to_cost);
      } else {
        queue.emplace_front(to, to_cost);
      }
    }
  }
  return {};
}

// Moves up to `want` positions along each edge of the best chain, but neither end past its share by
// more than the one that must move.
bool CopyBalancer::MoveAlongChain(const Nodes& donors, const Nodes& receivers, int want,
                                  Moves moves) {
  const std::vector<Edge> edges = FindEdges();
  const Nodes chain = FindChain(edges, donors, receivers, moves);
  if (chain.size() < 2) return false;
  const int receiver = chain.front();
  const int donor = chain.back();
  int count = std::min({want, RoundedUp(draft_.share(receiver)) - draft_.load(receiver),
                        draft_.load(donor) - RoundedDown(draft_.share(donor))});
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    count = std::min(count, edges[EdgeIndex(chain[i + 1], chain[i])].count);
  }
  int moved = 0;
  while (moved < std::max(count, 1) && ApplyChain(edges, chain, moved)) ++moved;
  return moved > 0;
}

// `chain` runs from receiver to donor. Two edges may want the same position, so each is checked
// again when its turn comes; if one fails, those before it are taken back.
bool CopyBalancer::ApplyChain(const std::vector<Edge>& edges, const Nodes& chain, int offset) {
  std::vector<Piece> done;
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    const int to = chain[i];
    const int from = chain[i + 1];
    const int position = edges[EdgeIndex(from, to)].first + offset;
    if (!draft_.Owns(position, from) || !draft_.Fits(position, to, from)) {
      for (; !done.empty(); done.pop_back()) {
        draft_.Replace(done.back().first, done.back().to, done.back().from);
      }
      return false;
    }
    draft_.Replace(position, from, to);
    done.push_back({from, to, position, 1});
  }
  return !done.empty();
}

}  // namespace torc
