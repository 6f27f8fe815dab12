#pragma once

// The consistent-hash ring that proposes where copies go.
//
// Every member owns tokens, points on a circle of 2^64 positions, in proportion to its weight;
// token j of a member is a hash of (salt, id, j), so a member's tokens never depend on who else is
// there. A position is owned by the tokens that follow it clockwise: walking on from a position
// meets the members in the order in which they are proposed.
//
// Partitions do not hash to random positions: partition p of P sits at p/P of the circle, so
// partitions that are neighbours by slot sit between the same two tokens and get the same proposal.
// That is what keeps runs of slots together; the number of tokens bounds the number of runs. A ring
// alone is badly balanced (the longest arc of T random tokens is ln T times the mean), so
// placement.h puts a load cap on top of it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"

namespace torc {

struct RingMember {
  NodeId id;
  uint32_t weight = 0;  // 0: no tokens
};

class Ring {
 public:
  // A position on the circle.
  using Position = uint64_t;

  // `token_budget` tokens are dealt by weight, at least one to each member that has any. O(T log
  // T).
  Ring(std::span<const RingMember> members, int token_budget, uint64_t salt);

  // Where item `index` of `count` sits: index / count of the circle.
  static Position PositionOf(int index, int count) {
    return UINT64_MAX / static_cast<uint64_t>(count) * static_cast<uint64_t>(index);
  }

  // Calls visit(member index) for the owner of each token clockwise from `position`, until it
  // returns false or the circle is complete. A member is visited once per token.
  template <typename Visit>
  void Clockwise(Position position, Visit visit) const {
    const size_t start = FirstToken(position);
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const size_t at = start + i < tokens_.size() ? start + i : start + i - tokens_.size();
      if (!visit(tokens_[at].member)) return;
    }
  }

  // The first `limit` distinct members clockwise from `position`: the unbounded preference list.
  std::vector<int> Preference(Position position, int limit) const;

  size_t token_count() const { return tokens_.size(); }

 private:
  struct Token {
    Position position;
    int member;
  };
  // Index of the first token at or after `position`; 0 when it wraps.
  size_t FirstToken(Position position) const;

  std::vector<Token> tokens_;  // sorted by position, then member
};

}  // namespace torc
