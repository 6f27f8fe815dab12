#pragma once

// Which nodes hold a copy of each partition: the ring proposes, load caps decide, and what has to
// move between nodes moves in whole segments or in pieces cut at aligned positions.
//
//   Fill       gives each vacant place to the first node clockwise that fits and is below a cap;
//   the cap rises
//              from just under the share to the largest load, so that the last places find room.
//   Rebalance  feeds nodes that are far below their share (they have just joined) and relieves
//   those above
//              their largest load, one piece at a time. Donors may give until they are 15 % below
//              their share, so a joining node takes few, large pieces from few donors and not a
//              crumb from everybody. When no donor and receiver suit each other directly (zones),
//              one position moves along a chain.
//
// Each move is data that somebody must fetch, so there are as few as the caps allow. Deterministic.

#include <optional>
#include <vector>

#include "cluster/placement_draft.h"
#include "cluster/ring.h"

namespace torc {

class CopyBalancer {
 public:
  // `places` gives each position of the draft its point on the ring; pieces are cut at positions
  // that are multiples of `quantum` where possible. All outlive the balancer.
  CopyBalancer(const Ring& ring, const std::vector<Ring::Position>& places, int quantum,
               PlacementDraft* draft);

  // Fills every vacant place. Needs a draft whose nodes and zones suffice.
  void Fill();
  void Rebalance();

 private:
  // `count` positions from `first`, all owned by `from` and fit for `to`.
  struct Piece {
    int from = 0;
    int to = 0;
    int first = 0;
    int count = 0;
  };
  // An edge of the graph of possible moves: a segment, and whether the giver holds its data.
  struct Edge {
    int first = 0;
    int count = 0;  // 0: no edge
    bool moves_data = true;
  };
  // What a search for the best piece has found so far; a lower score is better.
  struct Best {
    std::optional<Piece> piece;
    double score = 0;
  };
  using Nodes = std::vector<int>;
  // Whether data may move, or only places that their present owner was given in this plan.
  enum class Moves { kAny, kFreeOnly };

  void FillPlace(int position);
  void FillSegment(int first);
  int LoadMax(int node) const;
  int KeepsMin(double share) const;
  int CapAtTurn(int node, int turn) const;
  void Feed(int node);
  void Relieve(int node);
  bool MovePiece(const Nodes& donors, const Nodes& receivers, int want, Moves moves);
  void Consider(const Piece& segment, int want, Best* best) const;
  Piece Cut(const Piece& segment, int want) const;
  int SegmentsAdded(const Piece& piece, const Piece& segment) const;
  bool MoveAlongChain(const Nodes& donors, const Nodes& receivers, int want, Moves moves);
  std::vector<Edge> FindEdges() const;
  Nodes FindChain(const std::vector<Edge>& edges, const Nodes& donors, const Nodes& receivers,
                  Moves moves) const;
  size_t EdgeIndex(int from, int to) const {
    return static_cast<size_t>(from) * static_cast<size_t>(draft_.node_count()) +
           static_cast<size_t>(to);
  }
  bool ApplyChain(const std::vector<Edge>& edges, const Nodes& chain, int offset);
  std::vector<int> SegmentStarts() const;
  void SetKeeps(int wanted);
  void Apply(const Piece& piece);
  template <typename Predicate>
  Nodes NodesWhere(Predicate predicate) const;

  const Ring& ring_;
  const std::vector<Ring::Position>& places_;
  int quantum_;
  PlacementDraft& draft_;
  std::vector<int> keeps_;  // a donor gives until it would be below this
};

}  // namespace torc
